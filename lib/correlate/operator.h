// The seam between the correlator (order, time, memory, output) and what a shape means.
#ifndef VEDETTE_LIB_CORRELATE_OPERATOR_H_
#define VEDETTE_LIB_CORRELATE_OPERATOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/correlate/record.h"
#include "lib/correlate/snapshot_io.h"
#include "lib/correlate/timers.h"
#include "lib/program/correlation_layout.h"
#include "vedette/detection.h"
#include "vedette/indicator_set.h"

namespace vedette::inline v0 {

// What the expressions of a rule refer to in one match: the windows and sequences answer.
class Bindings {
 public:
  virtual ~Bindings() = default;
  // The aggregate, by its number in the correlation. Lists and texts live until the next call or
  // in `arena`.
  virtual Value Aggregate(uint32_t aggregate, ValueArena* arena) = 0;
  // The last record of a source in the match; null if there is none.
  virtual const StoredRecord* LastOf(uint32_t source) = 0;
};

// One judged match, borrowed for the call. The receiver computes outcomes and suppression.
struct Firing {
  std::string_view key;
  EventTime time = 0;
  DetectionCause cause = DetectionCause::kRecord;
  EventTime window_start = 0;
  EventTime window_end = 0;
  EventTime first = 0;  // of the match's records
  EventTime last = 0;
  Bindings* bindings = nullptr;
  // In order; more than the output will show is fine, but at most `max_evidence` first and last
  // ones are needed.
  std::span<const RecordPtr> records;
  uint64_t total_records = 0;
  bool degraded = false;
};

// Where operators report to. Not for keeping what is passed.
class OperatorHost {
 public:
  virtual ~OperatorHost() = default;
  virtual void Fire(const Firing& firing) = 0;
  // Whether a new key may be added to the state now (kReject at the budget: no; it is counted).
  virtual bool MayAddKey() = 0;
  // Something was forgotten within a key (a full candidate list, a sketch): counted.
  virtual void CountOverflow(uint64_t n) = 0;
  virtual size_t max_evidence() const = 0;
};

struct OperatorContext {
  const ProgramCorrelation* spec = nullptr;
  uint32_t correlation = 0;
  Timers* timers = nullptr;  // of the correlation's depth
  OperatorHost* host = nullptr;
  RecordPool* pool = nullptr;
  const IndicatorSets* indicator_sets = nullptr;  // of the host; may be null
};

// Runs one correlation. Records come in the order of docs/correlator.md, section 1, each after all
// timers with an earlier deadline. Thread-compatible.
class Operator {
 public:
  virtual ~Operator() = default;
  virtual void OnRecord(const RecordPtr& record) = 0;
  // A timer added for `slot`; stale ones (another generation, or no longer meant) are ignored.
  virtual void OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) = 0;
  virtual std::string_view KeyOfSlot(uint32_t slot) const = 0;
  // Whether a timer of this slot and generation can still mean something.
  virtual bool IsLive(uint32_t slot, uint32_t generation) const = 0;
  // What is open at `now` for the keys used last, one line each: "host=\"h1\": 4 of 5 within 3m12s,
  // ..". Those whose text has `wanted` in it only. kNoEventTime: it is not known what is left.
  virtual std::vector<std::string> Describe(size_t max_keys, EventTime now,
                                            std::string_view wanted) const = 0;

  virtual size_t key_count() const = 0;
  // Of tables and per-key state, without the records (the pool counts those).
  virtual size_t bytes() const = 0;
  // Forgets the key that was touched least recently; false if there is no key.
  virtual bool EvictOldest() = 0;

  // Every key with its slot, in no particular order.
  virtual void ListKeys(std::vector<std::pair<std::string_view, uint32_t>>* out) const = 0;
  virtual void SaveKey(uint32_t slot, SnapshotWriter* out) const = 0;
  // Adds a key that SaveKey wrote, with its timers. Bytes that make no sense: DataLoss, and the
  // state is as before.
  virtual absl::Status LoadKey(std::string_view key, SnapshotReader* in) = 0;
};

std::unique_ptr<Operator> NewWindowOperator(const OperatorContext& context);  // and all, sample
std::unique_ptr<Operator> NewSequenceOperator(const OperatorContext& context);
std::unique_ptr<Operator> NewAbsenceOperator(const OperatorContext& context);
std::unique_ptr<Operator> NewNewValueOperator(const OperatorContext& context);
std::unique_ptr<Operator> NewLineageOperator(const OperatorContext& context);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_OPERATOR_H_
