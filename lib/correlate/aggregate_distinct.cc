// distinct: how often each value, or combination of values, occurs in the window.
#include <algorithm>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "lib/correlate/aggregate.h"

namespace vedette::inline v0 {
namespace {

// Of one record; the rest does not count.
constexpr size_t kMaxCombinations = 4096;

size_t ElementCount(const Value& v) { return v.is_list() ? v.list().size() : 1; }

// Always exact: an entry points at the last record that has the value, which is in the window as
// long as its count is not zero, and has no copy of it.
class Distinct : public Accumulator {
 public:
  explicit Distinct(const std::vector<uint32_t>& columns)
      : columns_(columns), entries_(0, Hash{this}, Equal{this}) {}

  void Add(const RecordPtr& record) override {
    const size_t n = Combinations(*record);
    for (uint32_t i = 0; i < n; ++i) {
      if (!KeyOf(*record, i, &key_)) continue;
      const auto it = entries_.find(std::string_view(key_));
      if (it == entries_.end()) {
        entries_.insert(Entry{record.get(), i, 1});
        continue;
      }
      it->record = record.get();
      it->combination = i;
      ++it->count;
    }
  }
  void RemoveOldest(const StoredRecord* record) override {
    const size_t n = Combinations(*record);
    for (uint32_t i = 0; i < n; ++i) {
      if (!KeyOf(*record, i, &key_)) continue;
      const auto it = entries_.find(std::string_view(key_));
      if (it != entries_.end() && --it->count == 0) entries_.erase(it);
    }
    if (entries_.capacity() > 64 && entries_.size() < entries_.capacity() / 8) entries_.rehash(0);
  }
  void Clear() override { entries_.clear(); }
  Value Result(const CorrelationAggregate& /*aggregate*/, ValueArena* /*arena*/) const override {
    return Value::Int(static_cast<int64_t>(entries_.size()));
  }
  size_t bytes() const override {
    return sizeof(*this) + entries_.capacity() * (sizeof(Entry) + 1) +
           columns_.capacity() * sizeof(uint32_t);
  }

 private:
  struct Entry {
    mutable const StoredRecord* record;
    mutable uint32_t combination;
    mutable uint32_t count;
  };
  struct Hash {
    using is_transparent = void;
    const Distinct* owner;
    size_t operator()(std::string_view key) const { return absl::HashOf(key); }
    size_t operator()(const Entry& e) const { return absl::HashOf(owner->KeyOfEntry(e)); }
  };
  struct Equal {
    using is_transparent = void;
    const Distinct* owner;
    bool operator()(const Entry& a, const Entry& b) const {
      return a.record == b.record && a.combination == b.combination;
    }
    bool operator()(const Entry& a, std::string_view b) const { return owner->KeyOfEntry(a) == b; }
    bool operator()(std::string_view a, const Entry& b) const { return owner->KeyOfEntry(b) == a; }
  };

  size_t Combinations(const StoredRecord& record) const {
    size_t n = 1;
    for (const uint32_t column : columns_) {
      n = std::min(n * ElementCount(record.values()[column]), kMaxCombinations);
    }
    return n;
  }
  // The key of the i-th choice of elements; false if one of them is missing.
  bool KeyOf(const StoredRecord& record, uint32_t i, std::string* key) const {
    key->clear();
    for (const uint32_t column : columns_) {
      Value v = record.values()[column];
      if (v.is_list()) {
        const size_t n = v.list().size();
        v = v.list()[i % n];
        i = static_cast<uint32_t>(i / n);
      }
      if (!v.is_scalar()) return false;
      AppendKeyPart(v, key);
    }
    return true;
  }
  std::string_view KeyOfEntry(const Entry& e) const {
    KeyOf(*e.record, e.combination, &entry_key_);
    return entry_key_;
  }

  std::vector<uint32_t> columns_;
  absl::flat_hash_set<Entry, Hash, Equal> entries_;
  std::string key_;
  mutable std::string entry_key_;
};

}  // namespace

std::unique_ptr<Accumulator> NewDistinct(const std::vector<uint32_t>& columns) {
  return std::make_unique<Distinct>(columns);
}

}  // namespace vedette::inline v0
