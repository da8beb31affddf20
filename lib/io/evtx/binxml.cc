#include "lib/io/evtx/binxml.h"

#include <algorithm>
#include <span>
#include <string>

#include "lib/base/utf8.h"

namespace vedette::inline v0 {
namespace {

enum Token : uint8_t {
  kEnd = 0x00,
  kOpenStart = 0x01,
  kCloseStart = 0x02,
  kCloseEmpty = 0x03,
  kEndElement = 0x04,
  kValue = 0x05,
  kAttribute = 0x06,
  kCdata = 0x07,
  kCharRef = 0x08,
  kEntityRef = 0x09,
  kPiTarget = 0x0A,
  kPiData = 0x0B,
  kTemplate = 0x0C,
  kSubstitution = 0x0D,
  kOptional = 0x0E,
  kFragment = 0x0F,
};
constexpr uint8_t kMore = 0x40;  // attributes, or more text, follow

// Windows' own events are a few levels deep; each level of ours may be several frames.
constexpr int kMaxDepth = 64;
// What all records of a chunk together may be made into; it has 64 KiB.
constexpr size_t kMaxChunkBytes = size_t{16} << 20;
constexpr size_t kMaxChunkValues = 400000;
constexpr size_t kTemplateHeader = 24;  // next template, GUID, size
constexpr size_t kNameHeader = 8;       // next name, hash, length

std::string_view Entity(std::string_view name) {
  if (name == "lt") return "<";
  if (name == "gt") return ">";
  if (name == "amp") return "&";
  if (name == "quot") return "\"";
  if (name == "apos") return "'";
  return "";
}

}  // namespace

void BinXmlReader::SetChunk(std::string_view bytes) {
  chunk_ = bytes;
  chunk_bytes_ = chunk_values_ = 0;
}

bool BinXmlReader::Spend(size_t bytes) {
  bytes_ += bytes;
  chunk_bytes_ += bytes;
  ++values_;
  ++chunk_values_;
  if (values_ <= limits_.values && bytes_ <= limits_.bytes && chunk_bytes_ <= kMaxChunkBytes &&
      chunk_values_ <= kMaxChunkValues) {
    return true;
  }
  oversized_ = true;
  return Fail("more values or text than the limit");
}

bool BinXmlReader::Read(size_t begin, size_t end, ValueArena* arena, Value* out) {
  arena_ = arena;
  reason_ = "";
  oversized_ = incomplete_ = false;
  values_ = bytes_ = 0;
  substitutions_.clear();
  attributes_.clear();
  children_.clear();
  texts_.clear();
  open_.clear();
  Cursor c{begin, end};
  if (!Fragment(&c, Context())) return false;
  if (children_.empty()) return Fail("the record has no element");
  *out = TakeMembers(0);
  return true;
}

bool BinXmlReader::Fragment(Cursor* c, const Context& context) {
  if (context.depth > kMaxDepth) return Fail("elements or templates are nested too deep");
  while (Has(*c, 1)) {
    if (!Spend(0)) return false;
    switch (Byte(*c)) {
      case kEnd:
        ++c->at;
        return true;
      case kFragment:
        if (!Has(*c, 4)) return Fail("the record is cut off");
        c->at += 4;
        break;
      case kTemplate:
        if (!TemplateInstance(c, context)) return false;
        break;
      case kOpenStart:
      case kOpenStart | kMore:
        if (!Element(c, context)) return false;
        break;
      case kPiTarget:
      case kPiData: {
        bool found = false;
        if (!Text(c, context, false, &found)) return false;
        break;
      }
      default:
        return Fail("an unknown token");
    }
  }
  return true;
}

// The values of an event, and which template they belong into. The template stands where it was
// used first in the chunk.
bool BinXmlReader::TemplateInstance(Cursor* c, const Context& context) {
  uint8_t unknown = 0;
  uint32_t id = 0;
  uint32_t offset = 0;
  ++c->at;
  if (!Take(c, &unknown) || !Take(c, &id) || !Take(c, &offset)) return false;
  if (offset > chunk_.size() || chunk_.size() - offset < kTemplateHeader) {
    return Fail("a template beyond the chunk");
  }
  const size_t size = ReadLittle<uint32_t>(chunk_.substr(offset + kTemplateHeader - 4));
  const size_t begin = offset + kTemplateHeader;
  if (size > chunk_.size() - begin) return Fail("a template beyond the chunk");
  if (offset == c->at) {
    if (begin + size > c->end) return Fail("the record is cut off");
    c->at = begin + size;
  }
  uint32_t count = 0;
  if (!Take(c, &count)) return false;
  if (count > (c->end - c->at) / 4) return Fail("the record is cut off");
  Context inner;
  inner.first = substitutions_.size();
  inner.count = count;
  inner.depth = context.depth + 1;
  size_t at = c->at + size_t{count} * 4;
  for (uint32_t i = 0; i < count; ++i) {
    if (!Spend(0)) return false;
    const size_t value_size = ReadLittle<uint16_t>(chunk_.substr(c->at));
    const uint8_t type = static_cast<uint8_t>(chunk_[c->at + 2]);
    c->at += 4;
    if (value_size > c->end - at) return Fail("the record is cut off");
    substitutions_.push_back({type, at, value_size});
    at += value_size;
  }
  c->at = at;
  Cursor definition{begin, begin + size};
  const bool read = Fragment(&definition, inner);
  substitutions_.resize(inner.first);
  return read;
}

// Whether an element's size and name stand behind `skipped` bytes.
bool BinXmlReader::LooksLikeElement(const Cursor& c, size_t skipped) const {
  if (!Has(c, skipped + 8)) return false;
  const size_t name = ReadLittle<uint32_t>(chunk_.substr(c.at + skipped + 4));
  if (name > chunk_.size() || chunk_.size() - name < kNameHeader) return false;
  const size_t length = ReadLittle<uint16_t>(chunk_.substr(name + 6));
  if (length == 0 || chunk_.size() - name - kNameHeader < 2 * length) return false;
  return ReadLittle<uint32_t>(chunk_.substr(c.at + skipped)) <= chunk_.size();
}

bool BinXmlReader::ElementStart(Cursor* c, const Context& context, std::string_view* name) {
  ++c->at;
  // XML that was given as a value has no dependency numbers, as a rule.
  const size_t usual = context.dependencies ? 2 : 0;
  const size_t other = context.dependencies ? 0 : 2;
  const size_t skipped =
      !LooksLikeElement(*c, usual) && LooksLikeElement(*c, other) ? other : usual;
  if (!Has(*c, skipped + 4)) return Fail("the record is cut off");
  c->at += skipped + 4;
  return Name(c, name);
}

bool BinXmlReader::Name(Cursor* c, std::string_view* name) {
  uint32_t offset = 0;
  if (!Take(c, &offset)) return false;
  if (offset > chunk_.size() || chunk_.size() - offset < kNameHeader) {
    return Fail("a name beyond the chunk");
  }
  const size_t length = 2 * size_t{ReadLittle<uint16_t>(chunk_.substr(offset + 6))};
  if (chunk_.size() - offset - kNameHeader < length) return Fail("a name beyond the chunk");
  if (offset == c->at) {
    // It stands here, with a NUL behind it.
    if (!Has(*c, kNameHeader + length + 2)) return Fail("the record is cut off");
    c->at += kNameHeader + length + 2;
  }
  if (!Spend(length)) return false;
  *name = FromUtf16(chunk_.substr(offset + kNameHeader, length), arena_);
  return true;
}

bool BinXmlReader::Element(Cursor* c, const Context& context) {
  if (context.depth >= kMaxDepth) return Fail("elements or templates are nested too deep");
  const bool has_attributes = (Byte(*c) & kMore) != 0;
  std::string_view name;
  if (!ElementStart(c, context, &name)) return false;
  const size_t attributes = attributes_.size();
  const size_t children = children_.size();
  const size_t texts = texts_.size();
  Context inner = context;
  ++inner.depth;
  open_.push_back(name);
  if (has_attributes) {
    uint32_t size = 0;
    if (!Take(c, &size) || !Attributes(c, inner)) return false;
  }
  uint8_t token = 0;
  if (!Take(c, &token)) return false;
  if (token == kCloseStart) {
    if (!Content(c, inner)) return false;
  } else if (token != kCloseEmpty) {
    return Fail("an element without its end");
  }
  open_.pop_back();
  return Close(name, attributes, children, texts);
}

bool BinXmlReader::Attributes(Cursor* c, const Context& context) {
  while (Has(*c, 1) && (Byte(*c) & ~kMore) == kAttribute) {
    ++c->at;
    std::string_view name;
    if (!Name(c, &name)) return false;
    const size_t first = texts_.size();
    for (bool found = true; found;) {
      if (!Text(c, context, false, &found)) return false;
    }
    // An attribute without a value is left out, as by Windows; namespaces are no data.
    if (texts_.size() > first && name != "xmlns") {
      const Value value = TakeTexts(first);
      attributes_.push_back({name, value});
    }
    texts_.resize(first);
  }
  return true;
}

bool BinXmlReader::Content(Cursor* c, const Context& context) {
  while (true) {
    if (!Has(*c, 1)) return Fail("the record is cut off");
    if (!Spend(0)) return false;
    const uint8_t token = Byte(*c);
    if (token == kEndElement) {
      ++c->at;
      return true;
    }
    if ((token & ~kMore) == kOpenStart) {
      if (!Element(c, context)) return false;
      continue;
    }
    if (token == kTemplate) {
      if (!TemplateInstance(c, context)) return false;
      continue;
    }
    bool found = false;
    if (!Text(c, context, true, &found)) return false;
    if (!found) return Fail("an unknown token");
  }
}

bool BinXmlReader::Units(Cursor* c, std::string_view* bytes) {
  uint16_t units = 0;
  if (!Take(c, &units)) return false;
  const size_t size = 2 * size_t{units};
  if (!Has(*c, size)) return Fail("the record is cut off");
  *bytes = chunk_.substr(c->at, size);
  c->at += size;
  return Spend(size);
}

bool BinXmlReader::Text(Cursor* c, const Context& context, bool in_element, bool* found) {
  *found = false;
  if (!Has(*c, 1)) return true;
  const uint8_t token = Byte(*c);
  const size_t start = c->at++;
  *found = true;
  std::string_view bytes;
  switch (token & ~kMore) {
    case kValue: {
      uint8_t type = 0;
      if (!Take(c, &type)) return false;
      if (type != static_cast<uint8_t>(BinXmlType::kString)) return Fail("a text of another type");
      if (!Units(c, &bytes)) return false;
      texts_.push_back(Value::String(FromUtf16(bytes, arena_)));
      return true;
    }
    case kCdata:
      if (!Units(c, &bytes)) return false;
      texts_.push_back(Value::String(FromUtf16(bytes, arena_)));
      return true;
    case kCharRef: {
      uint16_t code = 0;
      if (!Take(c, &code)) return false;
      char text[4];
      texts_.push_back(Value::String(arena_->CopyString({text, EncodeUtf8(code, text)})));
      return Spend(4);
    }
    case kEntityRef: {
      std::string_view name;
      if (!Name(c, &name)) return false;
      texts_.push_back(Value::String(Entity(name)));
      return true;
    }
    case kPiTarget: {
      std::string_view name;
      return Name(c, &name);
    }
    case kPiData:
      return Units(c, &bytes);
    case kSubstitution:
    case kOptional:
      return Substitute(c, context, token == kOptional, in_element);
    default:
      c->at = start;
      *found = false;
      return true;
  }
}

bool BinXmlReader::Substitute(Cursor* c, const Context& context, bool optional, bool in_element) {
  uint16_t index = 0;
  uint8_t type = 0;
  if (!Take(c, &index) || !Take(c, &type)) return false;
  if (index >= context.count) {
    incomplete_ = true;
    return true;
  }
  const Substitution value = substitutions_[context.first + index];
  if (value.type == static_cast<uint8_t>(BinXmlType::kNull)) {
    if (!optional) texts_.push_back(Value::Null());
    return true;
  }
  if (value.type == static_cast<uint8_t>(BinXmlType::kBinXml)) {
    if (!in_element) return Fail("XML as the value of an attribute");
    Context inner;
    inner.dependencies = false;
    inner.depth = context.depth + 1;
    Cursor nested{value.begin, value.begin + value.size};
    return Fragment(&nested, inner);
  }
  Value read;
  if (!Spend(value.size + 16)) return false;
  if (!ReadBinXmlValue(value.type, chunk_.substr(value.begin, value.size), arena_, &read)) {
    return Fail("a value of an unknown type or size");
  }
  texts_.push_back(read);
  return true;
}

// The texts from `first` on: one keeps its type, several become one string.
Value BinXmlReader::TakeTexts(size_t first) {
  if (texts_.size() == first) return Value::Null();
  Value value = texts_[first];
  if (texts_.size() > first + 1) {
    std::string& text = arena_->Scratch();
    for (size_t i = first; i < texts_.size(); ++i) {
      if (texts_[i].is_list()) {
        for (const Value& item : texts_[i].list()) item.AppendText(&text);
      } else {
        texts_[i].AppendText(&text);
      }
    }
    value = Value::String(arena_->CopyString(text));
  }
  texts_.resize(first);
  return value;
}

Value BinXmlReader::TakeMembers(size_t first) {
  const std::span<Member> all(children_.data() + first, children_.size() - first);
  order_.resize(all.size());
  for (size_t i = 0; i < order_.size(); ++i) order_[i] = i;
  uint64_t bits = 0;
  bool distinct = true;
  for (const Member& member : all) {
    const uint64_t bit = KeyBit(member.name);
    distinct = distinct && (bits & bit) == 0;
    bits |= bit;
  }
  size_t count = all.size();
  if (!distinct) {
    std::ranges::sort(order_, [all](size_t a, size_t b) {
      return all[a].name != all[b].name ? all[a].name < all[b].name : a < b;
    });
    count = 0;
    for (size_t begin = 0; begin < order_.size();) {
      size_t end = begin + 1;
      while (end < order_.size() && all[order_[end]].name == all[order_[begin]].name) ++end;
      if (end > begin + 1) {
        const std::span<Value> list = arena_->NewValues(end - begin);
        for (size_t i = begin; i < end; ++i) list[i - begin] = all[order_[i]].value;
        all[order_[begin]].value = Value::List(list);
      }
      order_[count++] = order_[begin];
      begin = end;
    }
    order_.resize(count);
    std::ranges::sort(order_);  // each at the place of its first
  }
  const std::span<Member> members = arena_->NewMembers(count);
  bool spaced = false;
  for (size_t i = 0; i < count; ++i) {
    members[i] = all[order_[i]];
    spaced = spaced || members[i].name.find(' ') != std::string_view::npos;
  }
  children_.resize(first);
  return Value::Object(members, spaced);
}

// Makes the element's value of what was gathered, as a member of the element around it.
bool BinXmlReader::Close(std::string_view name, size_t attributes, size_t children, size_t texts) {
  const bool in_data = open_.size() == 2 && open_[1] == "EventData";
  const auto named =
      std::find_if(attributes_.begin() + static_cast<ptrdiff_t>(attributes), attributes_.end(),
                   [](const Member& m) { return m.name == "Name" && m.value.is_string(); });
  if (in_data && named != attributes_.end() && !named->value.string().empty()) {
    // <Data Name="Image">x</Data>
    name = named->value.string();
    attributes_.resize(attributes);
  }
  if (children_.size() == children && attributes_.size() == attributes) {
    const Value value = TakeTexts(texts);
    children_.push_back({name, value});
    return true;
  }
  if (texts_.size() > texts) {
    const Value value = TakeTexts(texts);
    children_.push_back({"#text", value});
  }
  if (attributes_.size() > attributes) {
    const size_t count = attributes_.size() - attributes;
    const std::span<Member> members = arena_->NewMembers(count);
    std::copy(attributes_.begin() + static_cast<ptrdiff_t>(attributes), attributes_.end(),
              members.begin());
    attributes_.resize(attributes);
    children_.push_back({"#attributes", Value::Object(members)});
  }
  const Value object = TakeMembers(children);
  children_.push_back({name, object});
  return true;
}

}  // namespace vedette::inline v0
