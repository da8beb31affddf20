// What expressions see of a match that is a few records.
#ifndef VEDETTE_LIB_CORRELATE_RECORD_BINDINGS_H_
#define VEDETTE_LIB_CORRELATE_RECORD_BINDINGS_H_

#include <memory>
#include <span>

#include "lib/correlate/aggregate.h"
#include "lib/correlate/operator.h"

namespace vedette::inline v0 {

// Over records that outlive it, in order. Aggregates are made when the first is asked for.
class RecordBindings : public Bindings {
 public:
  RecordBindings(const AggregatePlan& plan, std::span<const RecordPtr> records)
      : plan_(plan), records_(records) {}

  // So many more records of `source`, of which all are, are counted, but not there.
  void CountMore(uint32_t source, uint64_t n) {
    more_source_ = source;
    more_ = n;
  }
  Value Aggregate(uint32_t aggregate, ValueArena* arena) override {
    const CorrelationAggregate& wanted = plan_.spec().aggregates[aggregate];
    if (set_ == nullptr) {
      set_ = std::make_unique<AggregateSet>(&plan_);
      for (const RecordPtr& record : records_) set_->Add(record);
    }
    const Value value = set_->Result(aggregate, arena);
    if (more_ == 0 || wanted.source != more_source_) return value;
    if (wanted.function == Function::kCount) {
      return Value::Uint(more_ + static_cast<uint64_t>(value.integer()));
    }
    if (wanted.function != Function::kRate || value.is_null()) return value;
    const uint64_t count = more_ + records_.size();
    return Value::Double(static_cast<double>(count) /
                         (static_cast<double>(plan_.spec().span_ns) / 1e9));
  }
  const StoredRecord* LastOf(uint32_t source) override {
    for (size_t i = records_.size(); i-- > 0;) {
      if (records_[i]->source() == source) return records_[i].get();
    }
    return nullptr;
  }

 private:
  const AggregatePlan& plan_;
  std::span<const RecordPtr> records_;
  std::unique_ptr<AggregateSet> set_;
  uint32_t more_source_ = 0;
  uint64_t more_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_RECORD_BINDINGS_H_
