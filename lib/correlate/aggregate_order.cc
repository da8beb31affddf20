// min, max and percentile: numbers by size.
#include <algorithm>
#include <cmath>

#include "lib/correlate/aggregate.h"
#include "lib/correlate/ring.h"
#include "lib/correlate/sorted_numbers.h"
#include "lib/event/decimal.h"

namespace vedette::inline v0 {
namespace {

// Holds the numbers that no later one beats: the first of them is the answer.
class Extreme : public Accumulator {
 public:
  Extreme(uint32_t column, bool largest) : column_(column), beaten_(largest ? -1 : 1) {}

  void Add(const RecordPtr& record) override {
    const uint64_t number_of_record = end_++;
    ForEachElement(record->values()[column_], [&](const Value& v) {
      const std::optional<Value> number = CountedNumber(v);
      if (!number.has_value()) return;
      while (!best_.empty()) {
        const int order = CompareNumbers(best_.back().value, *number);
        if (order != beaten_ && order != 0) break;
        best_.pop_back();
      }
      best_.push_back({*number, number_of_record});
    });
  }
  void RemoveOldest(const StoredRecord* /*record*/) override {
    const uint64_t number_of_record = begin_++;
    while (!best_.empty() && best_.front().record == number_of_record) best_.pop_front();
  }
  void Clear() override {
    best_.clear();
    begin_ = end_ = 0;
  }
  Value Result(const CorrelationAggregate& /*aggregate*/, ValueArena* /*arena*/) const override {
    return best_.empty() ? Value::Null() : best_.front().value;
  }
  size_t bytes() const override { return sizeof(*this) + best_.heap_bytes(); }

 private:
  struct Item {
    Value value;
    uint64_t record = 0;
  };
  uint32_t column_;
  int beaten_;  // how an item compares to what beats it
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  Ring<Item> best_;
};

class Percentile : public Accumulator {
 public:
  explicit Percentile(uint32_t column) : column_(column) {}

  void Add(const RecordPtr& record) override {
    ForEachNumber(*record, [this](double d) { numbers_.Insert(d); });
  }
  void RemoveOldest(const StoredRecord* record) override {
    ForEachNumber(*record, [this](double d) { numbers_.Erase(d); });
  }
  void Clear() override { numbers_.Clear(); }
  Value Result(const CorrelationAggregate& aggregate, ValueArena* /*arena*/) const override {
    const size_t n = numbers_.size();
    if (n == 0) return Value::Null();
    const double rank = std::clamp(aggregate.percent / 100, 0.0, 1.0) * static_cast<double>(n - 1);
    const double below = std::floor(rank);
    const double low = numbers_.Select(static_cast<size_t>(below));
    if (rank == below) return Value::Double(low);
    const double high = numbers_.Select(static_cast<size_t>(below) + 1);
    // The difference of two doubles may be beyond the doubles; what lies between them is not.
    const double part = rank - below;
    const double between =
        std::isfinite(high - low) ? low + (high - low) * part : low * (1 - part) + high * part;
    return Value::Double(between);
  }
  size_t bytes() const override { return sizeof(*this) + numbers_.heap_bytes(); }

 private:
  template <typename F>
  void ForEachNumber(const StoredRecord& record, F f) {
    ForEachElement(record.values()[column_], [&](const Value& v) {
      const std::optional<Value> number = CountedNumber(v);
      if (number.has_value()) f(number->AsDouble() + 0.0);  // -0.0 would be another bit pattern
    });
  }

  uint32_t column_;
  SortedNumbers numbers_;
};

}  // namespace

std::unique_ptr<Accumulator> NewExtreme(uint32_t column, bool largest) {
  return std::make_unique<Extreme>(column, largest);
}
std::unique_ptr<Accumulator> NewPercentile(uint32_t column) {
  return std::make_unique<Percentile>(column);
}

}  // namespace vedette::inline v0
