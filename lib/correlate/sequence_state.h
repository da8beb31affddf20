// What a sequence operator keeps of one key.
#ifndef VEDETTE_LIB_CORRELATE_SEQUENCE_STATE_H_
#define VEDETTE_LIB_CORRELATE_SEQUENCE_STATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "lib/correlate/aggregate.h"
#include "lib/correlate/operator.h"
#include "lib/correlate/rearm.h"
#include "lib/correlate/sequence_plan.h"

namespace vedette::inline v0 {

// The different values of one column in a group that grows at its end and shrinks anywhere.
class DistinctValues {
 public:
  void Add(const Value& value) { Change(value, true); }
  void Remove(const Value& value) { Change(value, false); }
  size_t size() const { return counts_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  void Change(const Value& value, bool add);

  absl::flat_hash_map<std::string, uint32_t> counts_;
  std::string scratch_;
  size_t bytes_ = 0;
};

// A chain of records that fills the first stages of a rule. Those of a quantified stage are a
// group; every other stage has one record.
class Partial {
 public:
  Partial() = default;
  // Of level 1. `lead`: the time of the last leading negation before the record, if any.
  Partial(const SequencePlan& plan, const RecordPtr& record, EventTime lead);
  // As loaded: `group_sizes` has one for each stage that is filled; `leads` are parallel to the
  // records of an open first group, else there is one.
  Partial(const SequencePlan& plan, std::vector<RecordPtr> records,
          const std::vector<uint32_t>& group_sizes, std::vector<EventTime> leads);

  uint32_t level() const { return level_; }
  std::span<const RecordPtr> records() const {
    return std::span(records_).subspan(extra_ == nullptr ? 0 : extra_->begin);
  }
  // Of one filled stage.
  std::span<const RecordPtr> stage(uint32_t stage) const;
  std::span<const RecordPtr> group() const { return stage(level_ - 1); }  // the last stage
  EventTime first() const { return records().front()->time(); }
  const StoredRecord& last() const { return *records_.back(); }
  // Of the last leading negation before the first record; kNoEventTime if there is none.
  EventTime lead() const;
  std::span<const EventTime> leads() const;
  // Whether the group is complete, if the last stage has one.
  bool IsReady(const SequencePlan& plan) const;

  // The next stage is filled with the record.
  void Extend(const SequencePlan& plan, const RecordPtr& record);
  // One more record of the last stage. Gives how many were forgotten for it.
  size_t AddToGroup(const SequencePlan& plan, const RecordPtr& record, EventTime lead);
  // Takes records of a group at level 1 out that are more than `span` before `t`.
  void DropBefore(const SequencePlan& plan, EventTime t, int64_t span);
  // Takes records of the group out that are in `consumed` (in order, too).
  void DropFromGroup(const SequencePlan& plan, std::span<const RecordPtr> consumed);
  bool IsEmpty() const { return records().empty(); }

  size_t owned_bytes() const;

 private:
  struct Extra {
    std::vector<uint32_t> ends;    // of the groups before the last one; only if there are groups
    std::vector<EventTime> leads;  // one, or parallel to all records of a first group
    uint32_t begin = 0;            // records before it were dropped
    DistinctValues distinct;       // of the last group
  };
  void Count(const SequencePlan::Stage& stage, const StoredRecord& record, bool add);
  void Compact();

  absl::InlinedVector<RecordPtr, 2> records_;
  std::unique_ptr<Extra> extra_;  // only if the rule has groups or a leading negation
  uint32_t level_ = 0;
};

// A match that waits for the end of its span.
struct WaitingMatch {
  Partial match;
  EventTime deadline = 0;
};

struct SequenceState {
  // What few keys have.
  struct Rare {
    RearmState rearm;
    EventTime lead = kNoEventTime;  // of the last leading negation that is settled
    // Of the current ordinal: negations and `until`, which come after all that is concurrent.
    std::vector<RecordPtr> kills;
    std::vector<WaitingMatch> waiting;  // in order of completion
    EventTime later_timer = kNoEventTime;
    // `rearm when false`, while disarmed: the ordinal of the last record. Records of one ordinal
    // are judged by what was open before all of them.
    Ordinal tried;
  };

  Rare& rare() {
    if (rare_part == nullptr) rare_part = std::make_unique<Rare>();
    return *rare_part;
  }
  bool HasWaiting() const { return rare_part != nullptr && !rare_part->waiting.empty(); }
  bool HasKills() const { return rare_part != nullptr && !rare_part->kills.empty(); }
  size_t owned_bytes() const;

  absl::InlinedVector<Partial, 2> partials;  // in order of creation
  std::unique_ptr<Rare> rare_part;
  EventTime timer = kNoEventTime;  // the one that counts; Rare::later_timer is out, too
  // The last partial has the current ordinal, and older ones stand beside it.
  bool unsettled = false;
};

// Answers for a partial or match and, in conditions of stages, a record that is tried on it.
class PartialBindings : public Bindings {
 public:
  // `partial` may be null: nothing is filled yet.
  PartialBindings(const SequencePlan& plan, const AggregatePlan& aggregates, const Partial* partial,
                  const StoredRecord* tried = nullptr)
      : plan_(plan), aggregates_(aggregates), partial_(partial), tried_(tried) {}

  Value Aggregate(uint32_t aggregate, ValueArena* arena) override;
  const StoredRecord* LastOf(uint32_t source) override;

 private:
  const SequencePlan& plan_;
  const AggregatePlan& aggregates_;
  const Partial* partial_;
  const StoredRecord* tried_;
  std::unique_ptr<AggregateSet> set_;  // when the first aggregate is asked for
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_SEQUENCE_STATE_H_
