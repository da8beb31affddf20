#include "tests/support/evtx_writer.h"

#include "tests/support/evtx_checksums.h"

namespace vedette::test {

std::string Utf16(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    out += '\0';
  }
  return out;
}

std::string Little(uint64_t value, size_t size) {
  std::string out(size, '\0');
  PutLittle(value, size, 0, &out);
  return out;
}

void XmlWriter::Put(std::string_view bytes) { chunk_->data_ += bytes; }

void XmlWriter::Name(std::string_view name) {
  const auto it = chunk_->names_.find(name);
  if (it != chunk_->names_.end()) return Put(Little(it->second, 4));
  const size_t at = chunk_->data_.size() + 4;
  chunk_->names_.emplace(name, at);
  Put(Little(at, 4));
  Put(Little(0, 4) + Little(0xABCD, 2) + Little(name.size(), 2) + Utf16(name) + Little(0, 2));
}

XmlWriter& XmlWriter::Fragment() {
  Put(std::string_view("\x0F\x01\x01\x00", 4));
  return *this;
}

XmlWriter& XmlWriter::Open(std::string_view name, bool attributes) {
  Put(attributes ? "\x41" : "\x01");
  if (dependencies_) Put("\xFF\xFF");
  sizes_.push_back(chunk_->data_.size());
  Put(Little(0, 4));
  Name(name);
  attributes_.push_back(attributes ? chunk_->data_.size() : 0);
  if (attributes) Put(Little(0, 4));
  return *this;
}

XmlWriter& XmlWriter::Attribute(std::string_view name) {
  Put("\x06");
  Name(name);
  return *this;
}

XmlWriter& XmlWriter::Close() {
  if (attributes_.back() != 0) {
    const size_t size = chunk_->data_.size() - attributes_.back() - 4;
    PutLittle(size, 4, attributes_.back(), &chunk_->data_);
  }
  Put("\x02");
  return *this;
}

XmlWriter& XmlWriter::Empty() {
  Put("\x03");
  PutLittle(chunk_->data_.size() - sizes_.back() - 4, 4, sizes_.back(), &chunk_->data_);
  sizes_.pop_back();
  attributes_.pop_back();
  return *this;
}

XmlWriter& XmlWriter::End() {
  Put("\x04");
  PutLittle(chunk_->data_.size() - sizes_.back() - 4, 4, sizes_.back(), &chunk_->data_);
  sizes_.pop_back();
  attributes_.pop_back();
  return *this;
}

XmlWriter& XmlWriter::Text(std::string_view text) {
  Put("\x05\x01" + Little(text.size(), 2) + Utf16(text));
  return *this;
}

XmlWriter& XmlWriter::Cdata(std::string_view text) {
  Put("\x07" + Little(text.size(), 2) + Utf16(text));
  return *this;
}

XmlWriter& XmlWriter::CharRef(uint16_t code) {
  Put("\x08" + Little(code, 2));
  return *this;
}

XmlWriter& XmlWriter::Entity(std::string_view name) {
  Put("\x09");
  Name(name);
  return *this;
}

XmlWriter& XmlWriter::Instruction(std::string_view target, std::string_view data) {
  Put("\x0A");
  Name(target);
  Put("\x0B" + Little(data.size(), 2) + Utf16(data));
  return *this;
}

XmlWriter& XmlWriter::Value(int index, uint8_t type, bool optional) {
  Put((optional ? "\x0E" : "\x0D") + Little(static_cast<uint64_t>(index), 2) + Little(type, 1));
  return *this;
}

XmlWriter& XmlWriter::Eof() {
  Put(std::string_view("\0", 1));
  return *this;
}

XmlWriter& XmlWriter::Template(uint32_t id, const std::function<void(XmlWriter&)>& define,
                               const std::vector<EvtxValue>& values) {
  std::string& data = chunk_->data_;
  Put("\x0C\x01" + Little(id, 4));
  const auto known = chunk_->templates_.find(id);
  if (known != chunk_->templates_.end()) {
    Put(Little(known->second, 4));
  } else {
    const size_t at = data.size() + 4;
    chunk_->templates_[id] = at;
    Put(Little(at, 4) + Little(0, 4) + Little(id, 4) + std::string(12, 'g') + Little(0, 4));
    const size_t begin = data.size();
    XmlWriter inner(chunk_, true);
    define(inner);
    PutLittle(data.size() - begin, 4, begin - 4, &data);
  }
  Put(Little(values.size(), 4));
  size_t descriptor = data.size();
  for (const EvtxValue& value : values) {
    Put(Little(value.bytes.size(), 2) + Little(value.type, 2));
  }
  for (const EvtxValue& value : values) {
    const size_t begin = data.size();
    if (value.write) {
      XmlWriter inner(chunk_, value.dependencies);
      value.write(inner);
      PutLittle(data.size() - begin, 2, descriptor, &data);
    } else {
      Put(value.bytes);
    }
    descriptor += 4;
  }
  return *this;
}

void EvtxChunk::Record(const Write& write, uint64_t filetime) {
  last_record_at_ = data_.size();
  data_ += std::string("**\0\0", 4) + Little(0, 4) + Little(next_++, 8) + Little(filetime, 8);
  XmlWriter xml(this, true);
  write(xml);
  while (data_.size() % 8 != 4) data_ += '\0';
  const size_t size = data_.size() + 4 - last_record_at_;
  PutLittle(size, 4, last_record_at_ + 4, &data_);
  data_ += Little(size, 4);
}

std::string EvtxChunk::Bytes() const {
  std::string out = data_;
  out.resize(65536);
  out.replace(0, 8, std::string("ElfChnk\0", 8));
  PutLittle(first_, 8, 8, &out);
  PutLittle(next_ - 1, 8, 16, &out);
  PutLittle(first_, 8, 24, &out);
  PutLittle(next_ - 1, 8, 32, &out);
  PutLittle(128, 4, 40, &out);
  PutLittle(last_record_at_, 4, 44, &out);
  PutLittle(data_.size(), 4, 48, &out);
  // The tables of names and templates are hints for writers; readers do without.
  const std::string file = WithChecksums(std::string(4096, '\0') + out);
  return file.substr(4096);
}

std::string EvtxFile(const std::vector<std::string>& chunks, uint32_t flags) {
  std::string out(4096, '\0');
  out.replace(0, 8, std::string("ElfFile\0", 8));
  PutLittle(chunks.empty() ? 0 : chunks.size() - 1, 8, 16, &out);
  PutLittle(128, 4, 32, &out);
  PutLittle(1, 2, 36, &out);
  PutLittle(3, 2, 38, &out);
  PutLittle(4096, 2, 40, &out);
  PutLittle(chunks.size(), 2, 42, &out);
  PutLittle(flags, 4, 120, &out);
  PutLittle(Crc32(std::string_view(out).substr(0, 120)), 4, 124, &out);
  for (const std::string& chunk : chunks) out += chunk;
  return out;
}

}  // namespace vedette::test
