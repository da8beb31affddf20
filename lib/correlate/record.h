// Records that the correlator keeps: one block each, counted, shared by whatever refers to them.
#ifndef VEDETTE_LIB_CORRELATE_RECORD_H_
#define VEDETTE_LIB_CORRELATE_RECORD_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/match_record.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// Records of one ordinal are concurrent (docs/correlator.md, section 1).
struct Ordinal {
  EventTime time = 0;
  uint32_t depth = 0;
  uint64_t tiebreak = 0;

  friend auto operator<=>(const Ordinal&, const Ordinal&) = default;
};

class RecordPool;

// Immutable once made. Values, key and texts lie behind it in the same block.
class StoredRecord {
 public:
  EventTime time() const { return ordinal_.time; }
  const Ordinal& ordinal() const { return ordinal_; }
  uint64_t arrival() const { return arrival_; }  // see ArrivesBefore
  uint32_t correlation() const { return correlation_; }
  uint32_t source() const { return source_; }
  std::string_view key() const {
    return {reinterpret_cast<const char*>(this) + key_offset_, key_size_};
  }
  std::span<const Value> values() const { return {values_begin(), value_count_}; }
  uint64_t line() const { return ordinal_.depth == 0 ? line_or_origin_size_ : 0; }
  // Of a detection's record: MatchRecord::origin.
  std::string_view origin() const {
    return {reinterpret_cast<const char*>(this) + key_offset_ + key_size_,
            ordinal_.depth == 0 ? 0 : static_cast<size_t>(line_or_origin_size_)};
  }
  uint32_t stream() const { return stream_; }  // RecordPool::StreamName
  size_t bytes() const { return bytes_; }

 private:
  friend class RecordPool;
  friend class RecordPtr;
  const Value* values_begin() const { return reinterpret_cast<const Value*>(this + 1); }

  Ordinal ordinal_;
  uint64_t arrival_ = 0;
  uint64_t line_or_origin_size_ = 0;  // events have a line, detections an origin
  RecordPool* pool_ = nullptr;
  uint32_t stream_ = 0;
  uint32_t correlation_ = 0;
  uint32_t source_ = 0;
  uint32_t value_count_ = 0;
  uint32_t key_offset_ = 0;
  uint32_t key_size_ = 0;
  uint32_t bytes_ = 0;
  uint32_t refs_ = 0;
};

// The order of records of one ordinal. That of detections does not depend on where they were made.
inline bool ArrivesBefore(const StoredRecord& a, const StoredRecord& b) {
  const int by_origin = a.origin().compare(b.origin());
  return by_origin != 0 ? by_origin < 0 : a.arrival() < b.arrival();
}

// A counted reference. Not thread-safe: a correlator belongs to one thread at a time.
class RecordPtr {
 public:
  RecordPtr() = default;
  explicit RecordPtr(StoredRecord* record) : record_(record) { Retain(); }
  RecordPtr(const RecordPtr& other) : record_(other.record_) { Retain(); }
  RecordPtr(RecordPtr&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
  RecordPtr& operator=(RecordPtr other) noexcept {
    std::swap(record_, other.record_);
    return *this;
  }
  ~RecordPtr() { Release(); }

  const StoredRecord* operator->() const { return record_; }
  const StoredRecord& operator*() const { return *record_; }
  const StoredRecord* get() const { return record_; }
  explicit operator bool() const { return record_ != nullptr; }

 private:
  void Retain() {
    if (record_ != nullptr) ++record_->refs_;
  }
  inline void Release();

  StoredRecord* record_ = nullptr;
};

// Makes records and counts their bytes, in all and for each correlation. It must outlive them.
class RecordPool {
 public:
  explicit RecordPool(size_t correlations) : bytes_of_(correlations, 0) {}
  ~RecordPool();
  RecordPool(const RecordPool&) = delete;
  RecordPool& operator=(const RecordPool&) = delete;

  // A copy of `record` with everything it points at. Lists nest one level; what is deeper becomes
  // null. A text longer than `max_value_bytes` is kept as its beginning, 128 bits of hash and its
  // length, so that different texts stay different; the key is kept whole.
  RecordPtr Make(const MatchRecord& record, uint64_t arrival, size_t max_value_bytes);
  size_t bytes() const { return bytes_; }
  size_t bytes_of(uint32_t correlation) const { return bytes_of_[correlation]; }
  const std::string& StreamName(uint32_t stream) const { return streams_[stream]; }

 private:
  friend class RecordPtr;
  void Free(StoredRecord* record);
  uint32_t InternStream(std::string_view name);

  static constexpr size_t kClassBytes = 16;
  static constexpr size_t kClasses = 64;  // blocks of up to 1 KiB are kept for the next record
  std::vector<void*> free_[kClasses];
  size_t bytes_ = 0;
  std::vector<size_t> bytes_of_;
  std::vector<std::string> streams_;
  uint32_t last_stream_ = 0;
};

inline void RecordPtr::Release() {
  if (record_ != nullptr && --record_->refs_ == 0) record_->pool_->Free(record_);
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_RECORD_H_
