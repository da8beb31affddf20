#include <zlib.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "lib/io/common/decoded_source.h"
#include "lib/io/evtx/binxml.h"
#include "lib/io/evtx/binxml_value.h"
#include "vedette/io/evtx.h"

namespace vedette::inline v0 {
namespace {

constexpr std::string_view kFileMagic{"ElfFile\0", 8};
constexpr std::string_view kChunkMagic{"ElfChnk\0", 8};
constexpr std::string_view kRecordMagic{"**\0\0", 4};
constexpr size_t kFileHeader = 128;
constexpr size_t kUsualHeaderBlock = 4096;
constexpr size_t kChunkSize = size_t{64} << 10;
constexpr size_t kChunkHeader = 512;
constexpr size_t kRecordHeader = 24;
constexpr size_t kRecordFrame = kRecordHeader + 4;  // the size stands behind it again
constexpr uint32_t kDirty = 1;

uint32_t Crc(std::string_view a, std::string_view b = {}) {
  const auto bytes = [](std::string_view s) { return reinterpret_cast<const Bytef*>(s.data()); };
  const uLong first = crc32(0, bytes(a), static_cast<uInt>(a.size()));
  return static_cast<uint32_t>(b.empty() ? first
                                         : crc32(first, bytes(b), static_cast<uInt>(b.size())));
}

class EvtxReader final : public EventReader {
 public:
  EvtxReader(std::string name, ByteSource bytes, EvtxOptions options)
      : name_(std::move(name)),
        bytes_(DecodedSource(std::move(bytes))),
        options_(std::move(options)),
        xml_({options_.max_values, options_.max_bytes}) {}

  absl::StatusOr<bool> Next(Event* event) override {
    if (part_ != Part::kChunks) {
      if (absl::Status status = ReadFileHeader(); !status.ok()) return status;
    }
    while (true) {
      size_t at = 0;
      while (FindRecord(&at)) {
        if (ReadRecord(at, event)) return true;
      }
      if (!NextChunk()) break;
    }
    if (!status_.ok()) return status_;
    if (!at_end_) {
      at_end_ = true;
      if (!dirty_ && chunks_ < expected_chunks_) {
        Damaged(chunks_ + 1, "the file ends before its last chunk");
      }
    }
    return false;
  }

  const ReadStats& stats() const override { return stats_; }

 private:
  // Fills `buffer_` with `size` bytes, or what is left of the stream. False if the stream has
  // nothing more for now: the next call goes on.
  bool Fill(size_t size) {
    size_t got = std::exchange(got_, 0);
    buffer_.resize(size);
    if (absl::IsUnavailable(status_)) status_ = absl::OkStatus();
    while (got < size && status_.ok()) {
      const auto n = bytes_(buffer_.data() + got, size - got);
      if (!n.ok()) status_ = n.status();
      if (!n.ok() || *n == 0) break;
      got += *n;
    }
    if (absl::IsUnavailable(status_)) {
      got_ = got;
      return false;
    }
    buffer_.resize(got);
    stats_.bytes += got;
    return true;
  }

  absl::Status ReadFileHeader() {
    if (part_ == Part::kHeader) {
      if (!Fill(kFileHeader)) return status_;
      part_ = Part::kChunks;
      if (absl::Status status = CheckFileHeader(); !status.ok()) return status;
    }
    if (part_ == Part::kRestOfHeader) {
      if (!Fill(header_block_ - kFileHeader)) return status_;
      part_ = Part::kChunks;
    }
    buffer_.clear();
    return absl::OkStatus();
  }

  absl::Status CheckFileHeader() {
    if (!buffer_.starts_with(kFileMagic)) {
      if (!status_.ok()) return status_;
      return absl::InvalidArgumentError("no Windows event log (EVTX): it begins with other bytes");
    }
    if (buffer_.size() < kFileHeader) {
      Damaged(1, "the file ends within its header");
      return absl::OkStatus();
    }
    const std::string_view header = buffer_;
    const size_t block = ReadLittle<uint16_t>(header.substr(40));
    const bool whole = Crc(header.substr(0, 120)) == ReadLittle<uint32_t>(header.substr(124));
    if (!whole) Damaged(1, "the checksum of the file's header is wrong");
    if (whole) {
      dirty_ = (ReadLittle<uint32_t>(header.substr(120)) & kDirty) != 0;
      expected_chunks_ = ReadLittle<uint16_t>(header.substr(42));
    }
    header_block_ = !whole || block < kFileHeader ? kUsualHeaderBlock : block;
    part_ = Part::kRestOfHeader;
    return absl::OkStatus();
  }

  // Reads on to a chunk with something in it; false at the end.
  bool NextChunk() {
    at_ = limit_ = 0;
    known_limit_ = false;
    while (status_.ok() || absl::IsUnavailable(status_)) {
      if (!Fill(kChunkSize)) return false;
      if (buffer_.empty()) return false;
      ++chunks_;
      if (buffer_.find_first_not_of('\0') == std::string::npos) continue;  // not used yet
      if (StartChunk()) return true;
    }
    buffer_.clear();
    at_ = limit_ = 0;
    return false;
  }

  bool StartChunk() {
    const std::string_view chunk = buffer_;
    if (chunk.size() < kChunkHeader &&
        chunk.starts_with(kChunkMagic.substr(0, std::min(chunk.size(), kChunkMagic.size())))) {
      Damaged(chunks_, "a chunk that is cut off");
      return false;
    }
    if (!chunk.starts_with(kChunkMagic)) {
      ++stats_.broken;
      Report(chunks_, "a chunk without its header; its records are lost");
      return false;
    }
    xml_.SetChunk(chunk);
    at_ = kChunkHeader;
    limit_ = chunk.size();
    known_limit_ = false;
    last_record_ = 0;
    const uint32_t free = ReadLittle<uint32_t>(chunk.substr(48));
    if (Crc(chunk.substr(0, 120), chunk.substr(128, 384)) !=
        ReadLittle<uint32_t>(chunk.substr(124))) {
      Damaged(chunks_, "the checksum of a chunk's header is wrong");
    } else if (free >= kChunkHeader && free <= chunk.size()) {
      known_limit_ = true;
      limit_ = free;
      const std::string_view records = chunk.substr(kChunkHeader, free - kChunkHeader);
      if (!records.empty() && Crc(records) != ReadLittle<uint32_t>(chunk.substr(52))) {
        Damaged(chunks_, "the checksum of a chunk's records is wrong");
      }
    }
    if (chunk.size() < kChunkSize) Damaged(chunks_, "a chunk that is cut off");
    return true;
  }

  // Whether a whole record stands at `at`.
  bool IsRecord(size_t at) const {
    const std::string_view rest = std::string_view(buffer_).substr(at);
    if (rest.size() < kRecordFrame || !rest.starts_with(kRecordMagic)) return false;
    const size_t size = ReadLittle<uint32_t>(rest.substr(4));
    return size >= kRecordFrame && size <= rest.size() &&
           ReadLittle<uint32_t>(rest.substr(size - 4)) == size;
  }

  // Of the record at `at`.
  uint64_t NumberAt(size_t at) const {
    return ReadLittle<uint64_t>(std::string_view(buffer_).substr(at + 8));
  }

  // Where the next record of the chunk begins, after passing over what is none.
  bool FindRecord(size_t* at) {
    if (buffer_.size() < kChunkHeader) return false;
    if (at_ < limit_) {
      const size_t begin = at_;
      while (at_ < limit_ && !IsRecord(at_)) {
        const size_t next = std::string_view(buffer_).find(kRecordMagic, at_ + 1);
        at_ = std::min(next, limit_);
      }
      // Without a header nobody knows where records end: what is not used is zero.
      const std::string_view gap = std::string_view(buffer_).substr(begin, at_ - begin);
      if (known_limit_ || at_ < limit_ || gap.starts_with(kRecordMagic)) {
        if (!gap.empty()) {
          ++stats_.broken;
          Report(last_record_ + 1, "records that are cut off or overwritten");
        }
      }
      if (at_ >= limit_) return FindUncounted(at);
      // Without a header those of an earlier use of the chunk are told by their numbers only.
      if (!known_limit_ && last_record_ != 0 && NumberAt(at_) <= last_record_) {
        limit_ = at_;
        return false;
      }
      *at = at_;
      return true;
    }
    return FindUncounted(at);
  }

  // A log that was not closed has records behind the end that the header knows; older ones of an
  // earlier use of the chunk stand there, too, but do not go on with the numbers.
  bool FindUncounted(size_t* at) {
    if (!known_limit_ || last_record_ == 0 || !IsRecord(at_)) return false;
    if (NumberAt(at_) != last_record_ + 1) return false;
    *at = at_;
    return true;
  }

  bool ReadRecord(size_t at, Event* event) {
    const std::string_view record = std::string_view(buffer_).substr(at);
    const size_t size = ReadLittle<uint32_t>(record.substr(4));
    const uint64_t number = ReadLittle<uint64_t>(record.substr(8));
    const EventTime written = FromFileTime(ReadLittle<uint64_t>(record.substr(16)));
    at_ = at + size;
    last_record_ = number;
    event->Clear();
    Value root;
    if (!xml_.Read(at + kRecordHeader, at + size - 4, &event->arena(), &root)) {
      ++(xml_.oversized() ? stats_.oversized : stats_.broken);
      Report(number, xml_.reason());
      return false;
    }
    if (xml_.incomplete()) {
      ++stats_.incomplete;
      Report(number, "values that the template asks for are missing");
    }
    event->set_root(root);
    event->set_shape(options_.shape.value_or(EventShape::kWindowsEvtx));
    if (options_.shape.has_value()) event->set_time(FindEventTime(root, *options_.shape));
    if (event->time() == kNoEventTime) event->set_time(written);
    // Numbers begin with 1; 0 would be "unknown".
    event->set_ref(name_, number);
    ++stats_.events;
    return true;
  }

  void Damaged(uint64_t number, std::string_view reason) {
    ++stats_.damaged;
    Report(number, reason);
  }
  void Report(uint64_t number, std::string_view reason) const {
    if (options_.on_broken) options_.on_broken(number, reason);
  }

  std::string name_;
  ByteSource bytes_;
  EvtxOptions options_;
  BinXmlReader xml_;
  std::string buffer_;  // the chunk
  size_t at_ = 0;       // where in it the next record is looked for
  size_t limit_ = 0;    // where its records end
  bool known_limit_ = false;
  uint64_t last_record_ = 0;
  uint64_t chunks_ = 0;
  uint64_t expected_chunks_ = 0;
  bool dirty_ = false;
  // What is read next.
  enum class Part : uint8_t { kHeader, kRestOfHeader, kChunks };
  Part part_ = Part::kHeader;
  size_t header_block_ = 0;  // bytes of the header with what follows it
  size_t got_ = 0;           // bytes of `buffer_` that have come while the stream is waited for
  bool at_end_ = false;
  absl::Status status_;
  ReadStats stats_;
};

}  // namespace

std::unique_ptr<EventReader> NewEvtxReader(std::string name, ByteSource bytes,
                                           EvtxOptions options) {
  return std::make_unique<EvtxReader>(std::move(name), std::move(bytes), std::move(options));
}

}  // namespace vedette::inline v0
