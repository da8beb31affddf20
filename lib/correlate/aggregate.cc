// The plan, the set, and what needs no values: count, seen, rate and the last record.
#include "lib/correlate/aggregate.h"

#include <cmath>
#include <utility>

#include "lib/event/decimal.h"

namespace vedette::inline v0 {
namespace {

using Kind = AggregatePlan::Kind;

Kind KindOf(Function function) {
  switch (function) {
    case Function::kDistinct:
      return Kind::kDistinct;
    case Function::kSum:
    case Function::kAvg:
      return Kind::kSum;
    case Function::kStddev:
      return Kind::kDeviation;
    case Function::kMin:
      return Kind::kMin;
    case Function::kMax:
      return Kind::kMax;
    case Function::kPercentile:
      return Kind::kPercentile;
    case Function::kFirst:
      return Kind::kFirst;
    case Function::kLast:
      return Kind::kLast;
    case Function::kValues:
      return Kind::kValues;
    case Function::kHostAggregate:
      return Kind::kHost;
    default:
      return Kind::kCount;
  }
}

class Count : public Accumulator {
 public:
  explicit Count(int64_t span_ns) : span_ns_(span_ns) {}
  void Add(const RecordPtr& /*record*/) override { ++count_; }
  void RemoveOldest(const StoredRecord* /*record*/) override { --count_; }
  void Clear() override { count_ = 0; }
  Value Result(const CorrelationAggregate& aggregate, ValueArena* /*arena*/) const override {
    if (aggregate.function == Function::kSeen) return Value::Bool(count_ > 0);
    if (aggregate.function != Function::kRate) return Value::Int(count_);
    if (span_ns_ <= 0) return Value::Null();
    return Value::Double(static_cast<double>(count_) / (static_cast<double>(span_ns_) / 1e9));
  }
  size_t bytes() const override { return sizeof(*this); }

 private:
  int64_t span_ns_;
  int64_t count_ = 0;
};

class LastRecord : public Accumulator {
 public:
  void Add(const RecordPtr& record) override {
    ++count_;
    last_ = record;
  }
  void RemoveOldest(const StoredRecord* /*record*/) override {
    if (--count_ == 0) last_ = RecordPtr();
  }
  void Clear() override {
    count_ = 0;
    last_ = RecordPtr();
  }
  Value Result(const CorrelationAggregate& /*aggregate*/, ValueArena* /*arena*/) const override {
    return Value::Null();
  }
  size_t bytes() const override { return sizeof(*this); }
  RecordPtr& last() { return last_; }

 private:
  uint64_t count_ = 0;
  RecordPtr last_;
};

std::unique_ptr<Accumulator> NewAccumulator(const AggregatePlan::Part& part) {
  switch (part.kind) {
    case Kind::kCount:
      return std::make_unique<Count>(part.span_ns);
    case Kind::kLastOf:
      return std::make_unique<LastRecord>();
    case Kind::kDistinct:
      return NewDistinct(part.columns);
    case Kind::kSum:
    case Kind::kDeviation:
      return NewSum(part.columns[0], part.kind == Kind::kDeviation);
    case Kind::kMin:
    case Kind::kMax:
      return NewExtreme(part.columns[0], part.kind == Kind::kMax);
    case Kind::kPercentile:
      return NewPercentile(part.columns[0]);
    case Kind::kFirst:
      return NewFirst(part.columns[0]);
    case Kind::kLast:
      return NewLast(part.columns[0]);
    case Kind::kValues:
      return NewValues(part.columns[0]);
    case Kind::kHost:
      return NewHost(part.host, part.columns);
  }
  return nullptr;
}

}  // namespace

std::optional<Value> CountedNumber(const Value& value) {
  std::optional<Value> number = NumberOf(value);
  const bool finite = number.has_value() &&
                      (number->kind() != ValueKind::kDouble || std::isfinite(number->number()));
  return finite ? number : std::nullopt;
}

AggregatePlan::AggregatePlan(const ProgramCorrelation& spec, bool last_records)
    : spec_(&spec), of_source_(spec.sources.size()), last_of_(spec.sources.size(), UINT32_MAX) {
  for (const CorrelationAggregate& a : spec.aggregates) {
    Part part{KindOf(a.function), a.source, {}, 0, a.host.get()};
    if (part.kind == Kind::kCount || a.columns.empty()) {
      part.kind = Kind::kCount;
      part.span_ns = spec.span_ns;
    } else {
      part.columns = a.columns;
      counts_only_ = false;
    }
    of_aggregate_.push_back(Need(std::move(part)));
  }
  for (const CorrelationSlot& slot : spec.slots) {
    if (slot.kind != CorrelationSlot::Kind::kColumn || !last_records) continue;
    last_of_[slot.source] = Need({Kind::kLastOf, slot.source, {}, 0, nullptr});
  }
}

uint32_t AggregatePlan::Need(Part part) {
  for (uint32_t i = 0; i < parts_.size(); ++i) {
    const Part& p = parts_[i];
    const bool same = p.kind == part.kind && p.source == part.source && p.host == part.host &&
                      p.columns == part.columns;
    if (same) return i;
  }
  const auto number = static_cast<uint32_t>(parts_.size());
  of_source_[part.source].push_back(number);
  parts_.push_back(std::move(part));
  return number;
}

AggregateSet::AggregateSet(const AggregatePlan* plan) : plan_(plan) {
  parts_.reserve(plan->parts().size());
  for (const AggregatePlan::Part& part : plan->parts()) parts_.push_back(NewAccumulator(part));
}

void AggregateSet::Clear() {
  for (const auto& part : parts_) part->Clear();
}

Value AggregateSet::Result(uint32_t aggregate, ValueArena* arena) const {
  const CorrelationAggregate& a = plan_->spec().aggregates[aggregate];
  return parts_[plan_->part_of_aggregate(aggregate)]->Result(a, arena);
}

const RecordPtr& AggregateSet::LastOf(uint32_t source) const {
  static const RecordPtr kNone;
  const uint32_t part = plan_->last_of(source);
  return part == UINT32_MAX ? kNone : static_cast<LastRecord*>(parts_[part].get())->last();
}

void AggregateSet::SetLastOf(uint32_t source, RecordPtr record) {
  const uint32_t part = plan_->last_of(source);
  if (part != UINT32_MAX) static_cast<LastRecord*>(parts_[part].get())->last() = std::move(record);
}

size_t AggregateSet::bytes() const {
  size_t total = sizeof(*this) + parts_.capacity() * sizeof(parts_[0]);
  for (const auto& part : parts_) total += part->bytes();
  return total;
}

}  // namespace vedette::inline v0
