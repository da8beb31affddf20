// Aggregates of the host: their states, and what they are given.
#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/correlate/aggregate.h"
#include "lib/correlate/ring.h"

namespace vedette::inline v0 {
namespace {

// Of one record; the rest does not count.
constexpr size_t kMaxCombinations = 4096;
// No state is larger, whatever it says.
constexpr size_t kMaxStateBytes = size_t{1} << 40;

// A value as one of `type`; null if it is none.
Value AsType(const Value& v, ValueType type, ValueArena* arena) {
  switch (type) {
    case ValueType::kAny:
      return v.is_scalar() ? v : Value::Null();
    case ValueType::kNumber:
      return CountedNumber(v).value_or(Value::Null());
    case ValueType::kBoolean:
      if (v.kind() == ValueKind::kBool) return v;
      if (v.is_string() && v.string() == "true") return Value::Bool(true);
      return v.is_string() && v.string() == "false" ? Value::Bool(false) : Value::Null();
    case ValueType::kString:
      if (v.is_string() || !v.is_scalar()) return v.is_scalar() ? v : Value::Null();
      return CallFunction(Function::kString, false, std::span(&v, 1), arena);
  }
  return Value::Null();
}

// What a result may be: the host's word is not taken for it.
bool IsResult(const Value& v, ValueType type) {
  if (!v.is_scalar()) return false;
  if (v.kind() == ValueKind::kDouble && !std::isfinite(v.number())) return false;
  switch (type) {
    case ValueType::kAny:
      return true;
    case ValueType::kNumber:
      return v.is_number();
    case ValueType::kBoolean:
      return v.kind() == ValueKind::kBool;
    case ValueType::kString:
      return v.is_string();
  }
  return false;
}

// There is no state before the first result is wanted, and after one that could not take a record
// out, or has none left: the next is made of the records that are there.
class HostAccumulator : public Accumulator {
 public:
  HostAccumulator(const HostAggregate* host, const std::vector<uint32_t>& columns)
      : host_(host), columns_(columns) {}

  void Add(const RecordPtr& record) override {
    records_.push_back(record.get());
    if (state_ != nullptr) Feed(*record);
    Measure();
  }
  void RemoveOldest(const StoredRecord* record) override {
    records_.pop_front();
    if (state_ != nullptr && (records_.empty() || !Take(*record))) state_.reset();
    Measure();
  }
  void Clear() override {
    records_.clear();
    state_.reset();
    Measure();
  }
  Value Result(const CorrelationAggregate& /*aggregate*/, ValueArena* arena) const override {
    if (state_ == nullptr) {
      state_ = host_->make();
      if (state_ == nullptr) return Value::Null();
      for (uint32_t i = 0; i < records_.size(); ++i) Feed(*records_[i]);
    }
    const Value result = state_->Result(arena);
    return IsResult(result, host_->result) ? result : Value::Null();
  }
  // As of the last change: what is charged for a key may not move while nothing happens to it.
  size_t bytes() const override { return sizeof(*this) + records_.heap_bytes() + state_bytes_; }

 private:
  void Measure() {
    state_bytes_ = state_ == nullptr ? 0 : std::min(state_->bytes(), kMaxStateBytes);
  }
  void Feed(const StoredRecord& record) const {
    ForEachCombination(record, [this](std::span<const Value> values) {
      state_->Add(values);
      return true;
    });
  }
  bool Take(const StoredRecord& record) const {
    return ForEachCombination(
        record, [this](std::span<const Value> values) { return state_->Remove(values); });
  }

  // Ends with false when `f` says so.
  template <typename F>
  bool ForEachCombination(const StoredRecord& record, F f) const {
    ValueArena texts;
    std::vector<std::vector<Value>> choices(columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      ForEachElement(record.values()[columns_[i]], [&](const Value& v) {
        const Value typed = AsType(v, host_->arguments[i], &texts);
        if (typed.is_scalar()) choices[i].push_back(typed);
      });
      if (choices[i].empty()) return true;
    }
    std::vector<size_t> at(columns_.size());
    std::vector<Value> values(columns_.size());
    for (size_t n = 0; n < kMaxCombinations; ++n) {
      for (size_t i = 0; i < at.size(); ++i) values[i] = choices[i][at[i]];
      if (!f(values)) return false;
      size_t i = at.size();
      while (i > 0 && ++at[i - 1] == choices[i - 1].size()) at[--i] = 0;
      if (i == 0) return true;
    }
    return true;
  }

  const HostAggregate* host_;
  const std::vector<uint32_t>& columns_;
  Ring<const StoredRecord*> records_;
  mutable std::unique_ptr<AggregateState> state_;
  size_t state_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Accumulator> NewHost(const HostAggregate* host,
                                     const std::vector<uint32_t>& columns) {
  return std::make_unique<HostAccumulator>(host, columns);
}

}  // namespace vedette::inline v0
