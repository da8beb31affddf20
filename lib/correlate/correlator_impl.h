// What a Correlator holds; shared by correlator.cc, emit.cc and snapshot.cc.
#ifndef VEDETTE_LIB_CORRELATE_CORRELATOR_IMPL_H_
#define VEDETTE_LIB_CORRELATE_CORRELATOR_IMPL_H_

#include <memory>
#include <string>
#include <vector>

#include "lib/correlate/match_expr.h"
#include "lib/correlate/operator.h"
#include "lib/correlate/partition.h"
#include "lib/correlate/record.h"
#include "lib/correlate/snapshot_format.h"
#include "lib/correlate/suppression.h"
#include "lib/correlate/timers.h"
#include "lib/program/program_layout.h"
#include "vedette/correlator.h"

namespace vedette::inline v0 {

// A detection that waits until all of its round are known, to go out in order.
struct PendingDetection {
  Detection detection;
  uint32_t depth = 0;
  std::string key;
};

// One correlation: its operator, and what happens to its firings.
class CorrelationRunner : public OperatorHost {
 public:
  CorrelationRunner(Correlator::Impl* owner, uint32_t index);

  void Fire(const Firing& firing) override;
  bool MayAddKey() override;
  void CountOverflow(uint64_t n) override { stats.overflows += n; }
  size_t max_evidence() const override;

  const ProgramCorrelation& spec() const { return spec_; }
  // Operator, suppression and records.
  size_t bytes() const;

  CorrelationStats stats;
  std::unique_ptr<Operator> op;
  size_t counted_bytes = 0;  // what the owner's total has of `op` and `suppression`
  size_t counted_keys = 0;   // what the depth's total has
  SuppressionTable suppression;
  bool degraded = false;  // state was evicted

 private:
  bool IsSuppressed(const Firing& firing);
  void Emit(const Firing& firing, std::span<const Value> outcomes);
  void Feed(const Firing& firing, std::span<const Value> outcomes);
  void FeedOne(const CorrelationFeed& feed, const Firing& firing, std::span<const Value> fields);
  std::shared_ptr<const Evidence> MakeEvidence(const Firing& firing);

  Correlator::Impl* owner_;
  uint32_t index_;
  const ProgramCorrelation& spec_;
  MatchExprRunner exprs_;
  std::vector<Value> stack_;
  std::string suppression_key_;
  std::string origin_;  // of the records that are made now
};

// Whether `key` is a group key of the correlation.
bool IsKey(const ProgramCorrelation& spec, std::string_view key);

struct Correlator::Impl {
  // Records of one depth that wait for the watermark, and the timers of its operators.
  struct Depth {
    explicit Depth(Timers::KeyOf key_of) : timers(std::move(key_of)) {}
    std::vector<RecordPtr> waiting;  // a heap, the first in order on top
    Timers timers;
    EventTime decided = kNoEventTime;  // everything before it is
    size_t keys = 0;                   // of its operators
  };

  Impl(std::shared_ptr<const Program> p, DetectionSink* s, CorrelatorOptions o);

  absl::Status CheckRecord(const MatchRecord& record) const;
  // Takes a record for this partition that is not late.
  void Push(const MatchRecord& record);
  void Enqueue(Depth* depth, RecordPtr record);
  // Later in the order of docs/correlator.md, section 1: for a heap with the first on top.
  bool IsAfter(const RecordPtr& a, const RecordPtr& b) const;
  // Decides records of a depth before `limit` (at it, too, if `inclusive`) and fires its timers
  // with deadlines before it.
  void Run(Depth* depth, EventTime limit, bool inclusive);
  void RunAll(EventTime limit, bool inclusive);
  void Deliver(const RecordPtr& record);
  void Fired(const Timer& timer);
  // Hands out what was found, in order.
  absl::Status Emit();
  void AddRecordOf(const MatchRecord& record);  // of a detection
  void Account(CorrelationRunner* runner);
  void StayInBudget();
  void DropStaleTimers(Depth* depth);
  size_t bytes() const;
  bool IsMine(const MatchRecord& record) const;
  // Into a new Impl; after an error it is worthless.
  absl::Status Load(const SavedState& state, RestoreReport* report);
  absl::Status LoadOne(const SavedCorrelation& saved, uint32_t index);

  std::shared_ptr<const Program> program;
  const ProgramLayout& layout;
  DetectionSink* sink;
  CorrelatorOptions options;
  RecordPool pool;
  std::vector<std::unique_ptr<CorrelationRunner>> runners;
  std::vector<Depth> depths;  // [0] is depth 1
  std::vector<PendingDetection> found;
  absl::Status record_status;  // the record sink's first error
  uint64_t arrivals = 0;
  uint64_t tiebreak = 0;     // of the record that is decided now; at a timer the last of all
  size_t runner_bytes = 0;   // of operators and suppression tables
  size_t waiting_bytes = 0;  // of waiting records
  CorrelatorStats stats;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_CORRELATOR_IMPL_H_
