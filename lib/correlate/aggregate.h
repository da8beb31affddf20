// The aggregates of a rule over a window or group of records, kept up to date record by record.
#ifndef VEDETTE_LIB_CORRELATE_AGGREGATE_H_
#define VEDETTE_LIB_CORRELATE_AGGREGATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/correlate/record.h"
#include "lib/program/correlation_layout.h"

namespace vedette::inline v0 {

// One thing that is kept over the records of one source; it may serve several aggregates. Records
// must outlive their stay. Meaning: docs/correlator.md, section 3.
class Accumulator {
 public:
  virtual ~Accumulator() = default;
  virtual void Add(const RecordPtr& record) = 0;
  // Takes out the record that was added first of those that are left.
  virtual void RemoveOldest(const StoredRecord* record) = 0;
  virtual void Clear() = 0;
  // Texts live as long as the records; lists are made in `arena`.
  virtual Value Result(const CorrelationAggregate& aggregate, ValueArena* arena) const = 0;
  virtual size_t bytes() const = 0;  // with its own size
};

// Which accumulators the aggregates and fields of a rule need. Must not outlive the correlation.
class AggregatePlan {
 public:
  enum class Kind : uint8_t {
    kCount,     // count, seen, rate
    kLastOf,    // the last record, for fields
    kDistinct,  // the rest are those of aggregate_*.cc
    kSum,       // sum, avg
    kDeviation,
    kMin,
    kMax,
    kPercentile,
    kFirst,
    kLast,
    kValues,
    kHost,
  };
  struct Part {
    Kind kind = Kind::kCount;
    uint32_t source = 0;
    std::vector<uint32_t> columns;
    int64_t span_ns = 0;                  // for rate
    const HostAggregate* host = nullptr;  // kHost
  };

  // `last_records`: fields are those of the last record of their source.
  explicit AggregatePlan(const ProgramCorrelation& spec, bool last_records = true);

  const ProgramCorrelation& spec() const { return *spec_; }
  const std::vector<Part>& parts() const { return parts_; }
  const std::vector<uint32_t>& parts_of_source(uint32_t source) const { return of_source_[source]; }
  uint32_t part_of_aggregate(uint32_t aggregate) const { return of_aggregate_[aggregate]; }
  // UINT32_MAX if no expression looks at a field of the source's last record.
  uint32_t last_of(uint32_t source) const { return last_of_[source]; }
  // Aggregates need only know that a record was there, not its values.
  bool counts_only() const { return counts_only_; }

 private:
  uint32_t Need(Part part);

  const ProgramCorrelation* spec_;
  std::vector<Part> parts_;
  std::vector<std::vector<uint32_t>> of_source_;
  std::vector<uint32_t> of_aggregate_;
  std::vector<uint32_t> last_of_;
  bool counts_only_ = true;
};

// All accumulators of a plan. Thread-compatible.
class AggregateSet {
 public:
  explicit AggregateSet(const AggregatePlan* plan);

  void Add(const RecordPtr& record) {
    for (const uint32_t part : plan_->parts_of_source(record->source())) parts_[part]->Add(record);
  }
  // The oldest record of the set.
  void RemoveOldest(const StoredRecord& record) {
    for (const uint32_t part : plan_->parts_of_source(record.source())) {
      parts_[part]->RemoveOldest(&record);
    }
  }
  // For plans that only count: a record of which no more than the source is known.
  void AddUnknown(uint32_t source) {
    for (const uint32_t part : plan_->parts_of_source(source)) parts_[part]->Add(RecordPtr());
  }
  void RemoveUnknown(uint32_t source) {
    for (const uint32_t part : plan_->parts_of_source(source)) parts_[part]->RemoveOldest(nullptr);
  }
  void Clear();
  Value Result(uint32_t aggregate, ValueArena* arena) const;
  // The last record of a source, if the plan keeps it; null if there is none.
  const RecordPtr& LastOf(uint32_t source) const;
  void SetLastOf(uint32_t source, RecordPtr record);
  bool KeepsLastOf(uint32_t source) const { return plan_->last_of(source) != UINT32_MAX; }
  size_t bytes() const;  // with its own size

 private:
  const AggregatePlan* plan_;
  std::vector<std::unique_ptr<Accumulator>> parts_;
};

// Calls `f` for each value that counts: the value, or the elements of a list.
template <typename F>
void ForEachElement(const Value& value, F f) {
  if (value.is_scalar()) f(value);
  if (!value.is_list()) return;
  for (const Value& item : value.list()) {
    if (item.is_scalar()) f(item);
  }
}

// What sum, avg, min, max, stddev and percentile take: a finite number, or a text that is one.
std::optional<Value> CountedNumber(const Value& value);

std::unique_ptr<Accumulator> NewDistinct(const std::vector<uint32_t>& columns);
std::unique_ptr<Accumulator> NewSum(uint32_t column, bool squares);
std::unique_ptr<Accumulator> NewExtreme(uint32_t column, bool largest);
std::unique_ptr<Accumulator> NewPercentile(uint32_t column);
std::unique_ptr<Accumulator> NewFirst(uint32_t column);
std::unique_ptr<Accumulator> NewLast(uint32_t column);
std::unique_ptr<Accumulator> NewValues(uint32_t column);
// `host` and `columns` must outlive it.
std::unique_ptr<Accumulator> NewHost(const HostAggregate* host,
                                     const std::vector<uint32_t>& columns);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_AGGREGATE_H_
