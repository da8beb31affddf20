#include "tests/support/host_aggregates.h"

#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "lib/event/decimal.h"
#include "vedette/match_record.h"

namespace vedette::testing {
namespace {

class EntropyState : public AggregateState {
 public:
  void Add(std::span<const Value> values) override {
    ++counts_[std::string(values[0].string())];
    ++total_;
  }
  bool Remove(std::span<const Value> values) override {
    const auto it = counts_.find(std::string(values[0].string()));
    if (it == counts_.end()) return false;
    if (--it->second == 0) counts_.erase(it);
    --total_;
    return true;
  }
  Value Result(ValueArena* /*arena*/) const override {
    if (total_ == 0) return Value::Null();
    double sum = 0;
    for (const auto& [text, count] : counts_) {
      const double share = static_cast<double>(count) / static_cast<double>(total_);
      sum -= share * std::log2(share);
    }
    return Value::Double(sum + 0.0);
  }
  size_t bytes() const override { return sizeof(*this) + counts_.size() * 96; }

 private:
  std::map<std::string, uint64_t> counts_;
  uint64_t total_ = 0;
};

class PeakState : public AggregateState {
 public:
  void Add(std::span<const Value> values) override {
    if (peak_.is_null() || CompareNumbers(values[0], peak_) >= 0) peak_ = values[0];
  }
  bool Remove(std::span<const Value> values) override {
    return CompareNumbers(values[0], peak_) != 0;
  }
  Value Result(ValueArena* /*arena*/) const override { return peak_; }
  size_t bytes() const override { return sizeof(*this); }

 private:
  Value peak_ = Value::Null();
};

class ChangesState : public AggregateState {
 public:
  void Add(std::span<const Value> values) override {
    std::string key;
    AppendKeyPart(values[0], &key);
    if (!last_.empty() && last_ != key) ++changes_;
    last_ = std::move(key);
  }
  Value Result(ValueArena* /*arena*/) const override { return Value::Int(changes_); }
  size_t bytes() const override { return sizeof(*this) + last_.capacity(); }

 private:
  std::string last_;
  int64_t changes_ = 0;
};

class TrailState : public AggregateState {
 public:
  void Add(std::span<const Value> values) override {
    if (trail_.size() >= 60) return;
    trail_ += std::string(values[0].string()) + ":" + values[1].ToJson() + " ";
    if (trail_.size() > 60) trail_.resize(60);
  }
  Value Result(ValueArena* arena) const override {
    return Value::String(arena->CopyString(trail_));
  }
  size_t bytes() const override { return sizeof(*this) + trail_.capacity(); }

 private:
  std::string trail_;
};

template <typename State>
HostAggregate AggregateOf(std::string name, std::vector<ValueType> arguments, ValueType result,
                          bool rising) {
  return {std::move(name), std::move(arguments), result, [] { return std::make_unique<State>(); },
          rising};
}

}  // namespace

const FunctionRegistry& TestFunctions() {
  static const FunctionRegistry* const functions = [] {
    auto* const f = new FunctionRegistry();
    using T = ValueType;
    const absl::Status added[] = {
        f->AddAggregate(AggregateOf<EntropyState>("entropy", {T::kString}, T::kNumber, true)),
        f->AddAggregate(AggregateOf<PeakState>("peak", {T::kNumber}, T::kNumber, true)),
        f->AddAggregate(AggregateOf<ChangesState>("changes", {T::kAny}, T::kNumber, true)),
        f->AddAggregate(
            AggregateOf<TrailState>("trail", {T::kString, T::kNumber}, T::kString, false)),
    };
    for (const absl::Status& status : added) {
      if (!status.ok()) std::abort();
    }
    return f;
  }();
  return *functions;
}

}  // namespace vedette::testing
