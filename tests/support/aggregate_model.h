// Aggregates over records, computed anew and as plainly as possible: what lib/correlate/aggregate*
// must agree with.
#ifndef VEDETTE_TESTS_SUPPORT_AGGREGATE_MODEL_H_
#define VEDETTE_TESTS_SUPPORT_AGGREGATE_MODEL_H_

#include <span>
#include <vector>

#include "lib/correlate/operator.h"

namespace vedette {

// `records`: the window, in order; those of other sources are skipped.
Value ModelAggregate(const ProgramCorrelation& spec, const CorrelationAggregate& aggregate,
                     std::span<const RecordPtr> records, ValueArena* arena);

// The nearest double of the exact sum.
double ModelSum(const std::vector<double>& numbers);

class ModelBindings : public Bindings {
 public:
  ModelBindings(const ProgramCorrelation& spec, std::span<const RecordPtr> records)
      : spec_(spec), records_(records) {}
  Value Aggregate(uint32_t aggregate, ValueArena* arena) override {
    return ModelAggregate(spec_, spec_.aggregates[aggregate], records_, arena);
  }
  const StoredRecord* LastOf(uint32_t source) override;

 private:
  const ProgramCorrelation& spec_;
  std::span<const RecordPtr> records_;
};

}  // namespace vedette

#endif  // VEDETTE_TESTS_SUPPORT_AGGREGATE_MODEL_H_
