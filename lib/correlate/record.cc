#include "lib/correlate/record.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "lib/base/xxh64.h"

namespace vedette::inline v0 {
namespace {

static_assert(alignof(StoredRecord) >= alignof(Value) &&
              sizeof(StoredRecord) % alignof(Value) == 0);

bool IsText(const Value& v) { return v.is_string() && !v.string().empty(); }

// "#", the hash in hexadecimal, "#" and the length.
std::string LongTextMark(std::string_view text) {
  constexpr uint64_t kOtherSeed = 0x9E3779B97F4A7C15;
  char mark[64];
  const int n = std::snprintf(mark, sizeof(mark), "#%016" PRIx64 "%016" PRIx64 "#%zu", Xxh64(text),
                              Xxh64(text, kOtherSeed), text.size());
  return std::string(mark, static_cast<size_t>(n));
}

size_t KeptBytes(std::string_view text, size_t max_text) {
  if (text.size() <= max_text) return text.size();
  return std::max(max_text, LongTextMark(text).size());
}

// Room for the elements and texts of a value behind the block's values.
void Measure(const Value& v, size_t max_text, size_t* values, size_t* chars) {
  if (IsText(v)) *chars += KeptBytes(v.string(), max_text);
  if (!v.is_list()) return;
  *values += v.list().size();
  for (const Value& item : v.list()) {
    if (IsText(item)) *chars += KeptBytes(item.string(), max_text);
  }
}

Value CopyScalar(const Value& v, size_t max_text, char** at) {
  if (v.is_list() || v.is_object() || v.absent()) return Value::Null();
  if (!IsText(v)) return v;
  const std::string_view text = v.string();
  size_t n = text.size();
  if (n == 0) return Value::String({});
  if (n <= max_text) {
    std::memcpy(*at, text.data(), n);
  } else {
    const std::string mark = LongTextMark(text);
    n = std::max(max_text, mark.size());
    std::memcpy(*at, text.data(), n - mark.size());
    std::memcpy(*at + n - mark.size(), mark.data(), mark.size());
  }
  const Value copy = Value::String({*at, n});
  *at += n;
  return copy;
}

}  // namespace

RecordPool::~RecordPool() {
  for (std::vector<void*>& blocks : free_) {
    for (void* block : blocks) ::operator delete(block);
  }
}

uint32_t RecordPool::InternStream(std::string_view name) {
  if (last_stream_ < streams_.size() && streams_[last_stream_] == name) return last_stream_;
  const auto it = std::find(streams_.begin(), streams_.end(), name);
  last_stream_ = static_cast<uint32_t>(it - streams_.begin());
  if (it == streams_.end()) streams_.emplace_back(name);
  return last_stream_;
}

RecordPtr RecordPool::Make(const MatchRecord& record, uint64_t arrival, size_t max_value_bytes) {
  size_t values = record.values.size();
  const std::string_view origin = record.depth == 0 ? std::string_view() : record.origin;
  size_t chars = record.key.size() + origin.size();
  for (const Value& v : record.values) Measure(v, max_value_bytes, &values, &chars);
  const size_t wanted = sizeof(StoredRecord) + values * sizeof(Value) + chars;
  const size_t size_class = (wanted + kClassBytes - 1) / kClassBytes;
  const size_t bytes = size_class * kClassBytes;
  void* block;
  if (size_class < kClasses && !free_[size_class].empty()) {
    block = free_[size_class].back();
    free_[size_class].pop_back();
  } else {
    block = ::operator new(bytes);
  }
  auto* stored = new (block) StoredRecord();
  auto* own = reinterpret_cast<Value*>(stored + 1);
  // Elements of lists lie behind the record's own values, then come key, origin and texts.
  Value* item = own + record.values.size();
  char* text = reinterpret_cast<char*>(own + values);
  stored->key_offset_ = static_cast<uint32_t>(text - reinterpret_cast<char*>(stored));
  if (!record.key.empty()) std::memcpy(text, record.key.data(), record.key.size());
  text += record.key.size();
  if (!origin.empty()) std::memcpy(text, origin.data(), origin.size());
  text += origin.size();
  for (size_t i = 0; i < record.values.size(); ++i) {
    const Value& v = record.values[i];
    if (!v.is_list()) {
      std::construct_at(own + i, CopyScalar(v, max_value_bytes, &text));
      continue;
    }
    Value* const begin = item;
    for (const Value& e : v.list()) {
      std::construct_at(item++, CopyScalar(e, max_value_bytes, &text));
    }
    std::construct_at(own + i, Value::List({begin, v.list().size()}));
  }
  stored->ordinal_ = {record.time, record.depth, record.tiebreak};
  stored->arrival_ = arrival;
  stored->line_or_origin_size_ = record.depth == 0 ? record.ref.line : origin.size();
  stored->pool_ = this;
  stored->stream_ = InternStream(record.ref.source);
  stored->correlation_ = record.correlation;
  stored->source_ = record.source;
  stored->value_count_ = static_cast<uint32_t>(record.values.size());
  stored->key_size_ = static_cast<uint32_t>(record.key.size());
  stored->bytes_ = static_cast<uint32_t>(bytes);
  bytes_ += bytes;
  bytes_of_[record.correlation] += bytes;
  return RecordPtr(stored);
}

void RecordPool::Free(StoredRecord* record) {
  const size_t bytes = record->bytes_;
  bytes_ -= bytes;
  bytes_of_[record->correlation_] -= bytes;
  record->~StoredRecord();
  const size_t size_class = bytes / kClassBytes;
  // Kept blocks are memory, too: a flood's worth of them goes back.
  constexpr size_t kMaxKept = 4096;
  if (size_class < kClasses && free_[size_class].size() < kMaxKept) {
    free_[size_class].push_back(record);
  } else {
    ::operator delete(record);
  }
}

}  // namespace vedette::inline v0
