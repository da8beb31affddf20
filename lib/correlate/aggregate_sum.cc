// sum, avg and stddev: exact sums, from which what leaves the window is taken off again.
#include <cmath>

#include "lib/correlate/aggregate.h"
#include "lib/correlate/exact_sum.h"

namespace vedette::inline v0 {
namespace {

Int128 WholeOf(const Value& number) {
  return number.kind() == ValueKind::kInt ? Int128{number.integer()}
                                          : Int128{number.unsigned_integer()};
}

// There is no number beyond the doubles.
Value Finite(double d) { return std::isfinite(d) ? Value::Double(d) : Value::Null(); }

class Sum : public Accumulator {
 public:
  Sum(uint32_t column, bool squares) : column_(column), wants_squares_(squares) {}

  void Add(const RecordPtr& record) override {
    ++records_;
    Account(*record, false);
  }
  void RemoveOldest(const StoredRecord* record) override {
    --records_;
    Account(*record, true);
  }
  void Clear() override {
    records_ = values_ = reals_ = 0;
    whole_ = 0;
    real_.Clear();
    squares_.Clear();
  }
  Value Result(const CorrelationAggregate& aggregate, ValueArena* /*arena*/) const override {
    switch (aggregate.function) {
      case Function::kSum:
        if (values_ == 0) return records_ > 0 ? Value::Int(0) : Value::Null();
        return reals_ > 0 ? Finite(Total().Rounded()) : WholeSum();
      case Function::kAvg:
        if (values_ == 0) return Value::Null();
        return Finite((reals_ > 0 ? Total().Rounded() : static_cast<double>(whole_)) /
                      static_cast<double>(values_));
      default:
        if (values_ < 2) return Value::Null();
        return Finite(ExactSum::StandardDeviation(values_, Total(), squares_));
    }
  }
  size_t bytes() const override {
    return sizeof(*this) + real_.heap_bytes() + squares_.heap_bytes();
  }

 private:
  void Account(const StoredRecord& record, bool take_off) {
    ForEachElement(record.values()[column_], [&](const Value& v) {
      const std::optional<Value> number = CountedNumber(v);
      if (!number.has_value()) return;
      const uint64_t one = take_off ? ~uint64_t{0} : 1;
      values_ += one;
      if (number->kind() == ValueKind::kDouble) {
        reals_ += one;
        real_.AddDouble(number->number(), take_off);
        if (wants_squares_) squares_.AddSquare(number->number(), take_off);
        return;
      }
      const Int128 n = WholeOf(*number);
      whole_ += take_off ? -n : n;
      if (wants_squares_) {
        const auto size = static_cast<Uint128>(n < 0 ? -n : n);
        squares_.Add(size * size, 0, take_off);
      }
    });
    if (reals_ == 0) real_.Clear();
    if (values_ == 0) squares_.Clear();
  }
  ExactSum Total() const {
    ExactSum total = real_;
    total.AddInteger(whole_);
    return total;
  }
  Value WholeSum() const {
    if (whole_ >= INT64_MIN && whole_ <= INT64_MAX) {
      return Value::Int(static_cast<int64_t>(whole_));
    }
    if (whole_ > 0 && whole_ <= UINT64_MAX) return Value::Uint(static_cast<uint64_t>(whole_));
    return Value::Double(static_cast<double>(whole_));
  }

  uint32_t column_;
  bool wants_squares_;
  uint64_t records_ = 0;
  uint64_t values_ = 0;
  uint64_t reals_ = 0;  // values that are no integers
  Int128 whole_ = 0;    // of 64-bit integers: no window holds enough of them to overflow
  ExactSum real_;
  ExactSum squares_;
};

}  // namespace

std::unique_ptr<Accumulator> NewSum(uint32_t column, bool squares) {
  return std::make_unique<Sum>(column, squares);
}

}  // namespace vedette::inline v0
