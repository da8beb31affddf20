#include "lib/correlate/snapshot_io.h"

#include <bit>

#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

enum class Tag : uint8_t { kNull, kFalse, kTrue, kInt, kUint, kDouble, kText, kList };

void SaveValue(const Value& v, std::string* out) {
  const auto tag = [out](Tag t) { out->push_back(static_cast<char>(t)); };
  switch (v.kind()) {
    case ValueKind::kBool:
      return tag(v.boolean() ? Tag::kTrue : Tag::kFalse);
    case ValueKind::kInt:
      tag(Tag::kInt);
      return AppendZigzag(v.integer(), out);
    case ValueKind::kUint:
      tag(Tag::kUint);
      return AppendVarint(v.unsigned_integer(), out);
    case ValueKind::kDouble:
      tag(Tag::kDouble);
      return AppendFixed(std::bit_cast<uint64_t>(v.number()), 8, out);
    case ValueKind::kString:
      tag(Tag::kText);
      return AppendText(v.string(), out);
    case ValueKind::kList:
      tag(Tag::kList);
      AppendVarint(v.list().size(), out);
      for (const Value& item : v.list()) SaveValue(item, out);  // one level: see RecordPool::Make
      return;
    default:
      return tag(Tag::kNull);
  }
}

}  // namespace

void SnapshotWriter::Unsigned(uint64_t n) { AppendVarint(n, out_); }
void SnapshotWriter::Signed(int64_t n) { AppendZigzag(n, out_); }
void SnapshotWriter::Double(double d) { AppendFixed(std::bit_cast<uint64_t>(d), 8, out_); }
void SnapshotWriter::Bytes(std::string_view bytes) { AppendText(bytes, out_); }

// 0: none; 1: a new one, with its contents; n + 2: the n-th of this key.
void SnapshotWriter::Record(const RecordPtr& record) {
  if (!record) return Unsigned(0);
  const auto [it, is_new] = numbers_.try_emplace(record.get(), numbers_.size());
  if (!is_new) return Unsigned(it->second + 2);
  Unsigned(1);
  Signed(record->ordinal().time);
  Unsigned(record->ordinal().depth);
  Unsigned(record->ordinal().tiebreak);
  if (record->ordinal().depth > 0) Bytes(record->origin());
  Unsigned(record->arrival());
  Unsigned(record->source());
  Bytes(record->key());
  Bytes(pool_.StreamName(record->stream()));
  Unsigned(record->line());
  for (const Value& v : record->values()) SaveValue(v, out_);
}

bool SnapshotReader::Bool() {
  const uint64_t n = Unsigned();
  if (n > 1) Fail();
  return n == 1;
}

double SnapshotReader::Double() { return std::bit_cast<double>(reader_.Fixed(8)); }

Value SnapshotReader::ReadValue(bool in_list, ValueArena* arena) {
  switch (reader_.Enum(Tag::kList, "a value")) {
    case Tag::kNull:
      return Value::Null();
    case Tag::kFalse:
      return Value::Bool(false);
    case Tag::kTrue:
      return Value::Bool(true);
    case Tag::kInt:
      return Value::Int(reader_.Zigzag());
    case Tag::kUint:
      return Value::Uint(reader_.Varint());
    case Tag::kDouble:
      return Value::Double(Double());
    case Tag::kText:
      return Value::String(reader_.Text());
    case Tag::kList: {
      if (in_list) {
        Fail();
        return Value::Null();
      }
      const std::span<Value> items = arena->NewValues(reader_.Count(1));
      for (Value& item : items) item = ReadValue(true, arena);
      return Value::List(items);
    }
  }
  return Value::Null();
}

RecordPtr SnapshotReader::Record() {
  const uint64_t n = Unsigned();
  if (n == 0 || !ok()) return {};
  if (n > 1) {
    if (n - 2 < records_.size()) return records_[static_cast<size_t>(n - 2)];
    Fail();
    return {};
  }
  MatchRecord r;
  r.correlation = correlation_;
  r.time = Signed();
  r.depth = reader_.Index(UINT32_MAX, "a depth");
  r.tiebreak = Unsigned();
  if (r.depth > 0) r.origin = Bytes();
  const uint64_t arrival = Unsigned();
  r.source = reader_.Index(columns_->size(), "a source");
  r.key = Bytes();
  r.ref.source = Bytes();
  r.ref.line = Unsigned();
  if (!ok()) return {};
  arena_.Reset();
  const std::span<Value> values = arena_.NewValues((*columns_)[r.source]);
  for (Value& v : values) v = ReadValue(false, &arena_);
  if (!ok()) return {};
  r.values = values;
  records_.push_back(pool_->Make(r, arrival, SIZE_MAX));
  return records_.back();
}

}  // namespace vedette::inline v0
