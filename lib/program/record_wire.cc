// The protobuf wire form of records, by hand: the core links no protobuf.
// include/vedette/proto/match_record.proto is its description.
#include <bit>

#include "lib/program/program_layout.h"
#include "lib/program/saved_format.h"
#include "vedette/match_record.h"

namespace vedette::inline v0 {
namespace {

enum class Wire : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void AppendTag(uint32_t field, Wire wire, std::string* out) {
  AppendVarint(field << 3 | static_cast<uint32_t>(wire), out);
}

void AppendNumber(uint32_t field, uint64_t n, std::string* out) {
  if (n == 0) return;
  AppendTag(field, Wire::kVarint, out);
  AppendVarint(n, out);
}

void AppendBytes(uint32_t field, std::string_view bytes, std::string* out) {
  AppendTag(field, Wire::kBytes, out);
  AppendText(bytes, out);
}

std::string EncodeValue(const Value& v) {
  std::string out;
  switch (v.kind()) {
    case ValueKind::kBool:
      AppendTag(1, Wire::kVarint, &out);
      AppendVarint(v.boolean() ? 1 : 0, &out);
      break;
    case ValueKind::kInt:
      AppendTag(2, Wire::kVarint, &out);
      AppendZigzag(v.integer(), &out);
      break;
    case ValueKind::kUint:
      AppendTag(3, Wire::kVarint, &out);
      AppendVarint(v.unsigned_integer(), &out);
      break;
    case ValueKind::kDouble:
      AppendTag(4, Wire::kFixed64, &out);
      AppendFixed(std::bit_cast<uint64_t>(v.number()), 8, &out);
      break;
    case ValueKind::kString:
      AppendBytes(5, v.string(), &out);
      break;
    case ValueKind::kList: {
      std::string items;
      for (const Value& item : v.list()) {
        AppendBytes(1, EncodeValue(item.is_list() ? Value::Null() : item), &items);
      }
      AppendBytes(6, items, &out);
      break;
    }
    default:
      break;
  }
  return out;
}

// One field at a time; numbers of any spelling, as protobuf takes them.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  // The next field; false at the end or for what is broken.
  bool Next() {
    if (rest_.empty()) return false;
    const uint64_t tag = Varint();
    field_ = tag >> 3;
    if (field_ == 0) return Fail();
    switch (static_cast<Wire>(tag & 7)) {
      case Wire::kVarint:
        number_ = Varint();
        return ok_;
      case Wire::kFixed64:
        number_ = Fixed(8);
        return ok_;
      case Wire::kFixed32:
        number_ = Fixed(4);
        return ok_;
      case Wire::kBytes:
        bytes_ = Take(Varint());
        return ok_;
    }
    return Fail();
  }
  uint64_t field() const { return field_; }
  uint64_t number() const { return number_; }
  int64_t zigzag() const { return static_cast<int64_t>(number_ >> 1 ^ (~(number_ & 1) + 1)); }
  std::string_view bytes() const { return bytes_; }
  bool ok() const { return ok_; }

 private:
  bool Fail() {
    ok_ = false;
    rest_ = {};
    return false;
  }
  std::string_view Take(uint64_t n) {
    if (n > rest_.size()) {
      Fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  uint64_t Fixed(size_t n) {
    const std::string_view b = Take(n);
    uint64_t x = 0;
    for (size_t i = b.size(); i-- > 0;) x = x << 8 | static_cast<unsigned char>(b[i]);
    return x;
  }
  uint64_t Varint() {
    uint64_t x = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      const std::string_view b = Take(1);
      if (b.empty()) return 0;
      const auto byte = static_cast<unsigned char>(b[0]);
      if (shift < 64) x |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return x;
    }
    Fail();
    return 0;
  }

  std::string_view rest_;
  uint64_t field_ = 0;
  uint64_t number_ = 0;
  std::string_view bytes_;
  bool ok_ = true;
};

bool DecodeValue(std::string_view bytes, bool in_list, ValueArena* arena, Value* out) {
  *out = Value::Null();
  WireReader in(bytes);
  while (in.Next()) {
    switch (in.field()) {
      case 1:
        *out = Value::Bool(in.number() != 0);
        break;
      case 2:
        *out = Value::Int(in.zigzag());
        break;
      case 3:
        *out = Value::Uint(in.number());
        break;
      case 4:
        *out = Value::Double(std::bit_cast<double>(in.number()));
        break;
      case 5:
        *out = Value::String(in.bytes());
        break;
      case 6: {
        if (in_list) return false;
        size_t count = 0;
        for (WireReader items(in.bytes()); items.Next();) count += items.field() == 1 ? 1 : 0;
        const std::span<Value> list = arena->NewValues(count);
        WireReader items(in.bytes());
        for (size_t i = 0; items.Next();) {
          if (items.field() != 1) continue;
          if (!DecodeValue(items.bytes(), true, arena, &list[i++])) return false;
        }
        if (!items.ok()) return false;
        *out = Value::List(list);
        break;
      }
      default:
        break;  // of a newer version
    }
  }
  return in.ok();
}

// The correlation with the fingerprint; `index` if that is one.
int FindCorrelation(const ProgramLayout& layout, uint64_t fingerprint, uint64_t index) {
  const auto& all = layout.correlations;
  if (index < all.size() && all[index].fingerprint == fingerprint) return static_cast<int>(index);
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].fingerprint == fingerprint) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

void EncodeMatchRecord(const Program& program, const MatchRecord& record, std::string* out) {
  AppendTag(1, Wire::kFixed64, out);
  AppendFixed(program.layout().correlations[record.correlation].fingerprint, 8, out);
  AppendNumber(2, record.correlation, out);
  AppendNumber(3, record.source, out);
  AppendNumber(4, record.depth, out);
  AppendTag(5, Wire::kFixed64, out);
  AppendFixed(static_cast<uint64_t>(record.time), 8, out);
  AppendNumber(6, record.tiebreak, out);
  if (!record.key.empty()) AppendBytes(7, record.key, out);
  for (const Value& v : record.values) AppendBytes(8, EncodeValue(v), out);
  if (!record.ref.source.empty()) AppendBytes(9, record.ref.source, out);
  AppendNumber(10, record.ref.line, out);
  if (!record.origin.empty()) AppendBytes(11, record.origin, out);
}

absl::Status DecodeMatchRecord(const Program& program, std::string_view bytes, ValueArena* arena,
                               MatchRecord* record) {
  *record = MatchRecord();
  record->time = 0;
  uint64_t fingerprint = 0;
  uint64_t index = 0;
  size_t count = 0;
  WireReader in(bytes);
  while (in.Next()) {
    switch (in.field()) {
      case 1:
        fingerprint = in.number();
        break;
      case 2:
        index = in.number();
        break;
      case 3:
        record->source = static_cast<uint32_t>(in.number());
        break;
      case 4:
        record->depth = static_cast<uint32_t>(in.number());
        break;
      case 5:
        record->time = static_cast<EventTime>(in.number());
        break;
      case 6:
        record->tiebreak = in.number();
        break;
      case 7:
        record->key = in.bytes();
        break;
      case 8:
        ++count;
        break;
      case 9:
        record->ref.source = in.bytes();
        break;
      case 10:
        record->ref.line = in.number();
        break;
      case 11:
        record->origin = in.bytes();
        break;
      default:
        break;
    }
  }
  if (!in.ok()) return absl::DataLossError("the record is damaged");
  const int correlation = FindCorrelation(program.layout(), fingerprint, index);
  if (correlation < 0) return absl::NotFoundError("a record of a rule that is not in the program");
  record->correlation = static_cast<uint32_t>(correlation);
  const std::span<Value> values = arena->NewValues(count);
  size_t i = 0;
  for (WireReader again(bytes); again.Next();) {
    if (again.field() != 8) continue;
    if (!DecodeValue(again.bytes(), false, arena, &values[i++])) {
      return absl::DataLossError("a value of the record is damaged");
    }
  }
  record->values = values;
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
