// first, last and values: what the records say, in their order.
#include <algorithm>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "lib/correlate/aggregate.h"
#include "lib/correlate/ring.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxValues = 100;
constexpr uint64_t kNone = UINT64_MAX;

// The first value of each record that has one.
class First : public Accumulator {
 public:
  explicit First(uint32_t column) : column_(column) {}

  void Add(const RecordPtr& record) override {
    const uint64_t number_of_record = end_++;
    bool found = false;
    ForEachElement(record->values()[column_], [&](const Value& v) {
      if (!found) firsts_.push_back({v, number_of_record});
      found = true;
    });
  }
  void RemoveOldest(const StoredRecord* /*record*/) override {
    const uint64_t number_of_record = begin_++;
    if (!firsts_.empty() && firsts_.front().record == number_of_record) firsts_.pop_front();
  }
  void Clear() override {
    firsts_.clear();
    begin_ = end_ = 0;
  }
  Value Result(const CorrelationAggregate& /*aggregate*/, ValueArena* /*arena*/) const override {
    return firsts_.empty() ? Value::Null() : firsts_.front().value;
  }
  size_t bytes() const override { return sizeof(*this) + firsts_.heap_bytes(); }

 private:
  struct Item {
    Value value;
    uint64_t record = 0;
  };
  uint32_t column_;
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  Ring<Item> firsts_;
};

// The last value of the last record that has one.
class Last : public Accumulator {
 public:
  explicit Last(uint32_t column) : column_(column) {}

  void Add(const RecordPtr& record) override {
    const uint64_t number_of_record = end_++;
    ForEachElement(record->values()[column_], [&](const Value& v) {
      value_ = v;
      record_ = number_of_record;
    });
  }
  void RemoveOldest(const StoredRecord* /*record*/) override {
    if (begin_++ == record_) value_ = Value::Null();
  }
  void Clear() override {
    value_ = Value::Null();
    record_ = kNone;
    begin_ = end_ = 0;
  }
  Value Result(const CorrelationAggregate& /*aggregate*/, ValueArena* /*arena*/) const override {
    return value_;
  }
  size_t bytes() const override { return sizeof(*this); }

 private:
  uint32_t column_;
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  Value value_ = Value::Null();
  uint64_t record_ = kNone;
};

// Occurrences of one value are a chain, so that the next one takes over when the first leaves.
class Values : public Accumulator {
 public:
  explicit Values(uint32_t column) : column_(column) {}

  void Add(const RecordPtr& record) override {
    const uint64_t number_of_record = end_++;
    ForEachElement(record->values()[column_], [&](const Value& v) {
      const uint64_t at = base_ + occurrences_.size();
      occurrences_.push_back({v, number_of_record, kNone});
      const auto [it, is_new] = last_.try_emplace(KeyOf(v), at);
      if (is_new) {
        firsts_.insert(at);
        key_bytes_ += HeapBytes(it->first);
        return;
      }
      occurrences_[static_cast<uint32_t>(it->second - base_)].next = at;
      it->second = at;
    });
  }
  void RemoveOldest(const StoredRecord* /*record*/) override {
    const uint64_t number_of_record = begin_++;
    while (!occurrences_.empty() && occurrences_.front().record == number_of_record) {
      firsts_.erase(base_);
      if (const uint64_t next = occurrences_.front().next; next != kNone) {
        firsts_.insert(next);
      } else if (const auto it = last_.find(KeyOf(occurrences_.front().value)); it != last_.end()) {
        key_bytes_ -= HeapBytes(it->first);
        last_.erase(it);
      }
      occurrences_.pop_front();
      ++base_;
    }
    if (last_.capacity() > 64 && last_.size() < last_.capacity() / 8) last_.rehash(0);
  }
  void Clear() override {
    occurrences_.clear();
    last_.clear();
    firsts_.clear();
    base_ = begin_ = end_ = 0;
    key_bytes_ = 0;
  }
  Value Result(const CorrelationAggregate& /*aggregate*/, ValueArena* arena) const override {
    const std::span<Value> list = arena->NewValues(std::min(firsts_.size(), kMaxValues));
    auto first = firsts_.begin();
    for (Value& v : list) v = occurrences_[static_cast<uint32_t>(*first++ - base_)].value;
    return list.empty() ? Value::Null() : Value::List(list);
  }
  size_t bytes() const override {
    constexpr size_t kTreeNode = 48;
    return sizeof(*this) + occurrences_.heap_bytes() + firsts_.size() * kTreeNode + key_bytes_ +
           last_.capacity() * (sizeof(std::pair<std::string, uint64_t>) + 1);
  }

 private:
  struct Occurrence {
    Value value;
    uint64_t record = 0;
    uint64_t next = kNone;  // of the same value
  };
  static size_t HeapBytes(const std::string& s) { return s.size() > 15 ? s.size() + 1 : 0; }
  const std::string& KeyOf(const Value& v) {
    key_.clear();
    AppendKeyPart(v, &key_);
    return key_;
  }

  uint32_t column_;
  uint64_t base_ = 0;  // the number of the first occurrence
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  Ring<Occurrence> occurrences_;
  absl::flat_hash_map<std::string, uint64_t> last_;
  std::set<uint64_t> firsts_;  // the first occurrence of each value
  size_t key_bytes_ = 0;
  std::string key_;
};

}  // namespace

std::unique_ptr<Accumulator> NewFirst(uint32_t column) { return std::make_unique<First>(column); }
std::unique_ptr<Accumulator> NewLast(uint32_t column) { return std::make_unique<Last>(column); }
std::unique_ptr<Accumulator> NewValues(uint32_t column) { return std::make_unique<Values>(column); }

}  // namespace vedette::inline v0
