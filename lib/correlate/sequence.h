// Sequences: docs/correlator.md, section 4.
#ifndef VEDETTE_LIB_CORRELATE_SEQUENCE_H_
#define VEDETTE_LIB_CORRELATE_SEQUENCE_H_

#include <string>
#include <string_view>
#include <vector>

#include "lib/correlate/keyed_operator.h"
#include "lib/correlate/match_expr.h"
#include "lib/correlate/sequence_plan.h"
#include "lib/correlate/sequence_state.h"

namespace vedette::inline v0 {

// A key has one list of partials in order of creation: for plain sequences at most two of each
// level (the one that may be extended, and its successor while concurrent records may still come).
// A key is kept while something of it can still matter, and has one timer that is due no later
// than its first deadline.
class SequenceOperator final : public KeyedOperator<SequenceState> {
 public:
  explicit SequenceOperator(const OperatorContext& context)
      : KeyedOperator(context),
        plan_(*context.spec),
        aggregates_(*context.spec),
        exprs_(*context.spec, context.indicator_sets) {}

  void OnRecord(const RecordPtr& record) override;
  void OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) override;
  void SaveKey(uint32_t slot, SnapshotWriter* out) const override;
  absl::Status LoadKey(std::string_view key, SnapshotReader* in) override;

 protected:
  size_t OwnedBytes(const SequenceState& state) const override { return state.owned_bytes(); }
  std::string DescribeState(const SequenceState& state, EventTime now) const override;

 private:
  using State = SequenceState;
  using Stage = SequencePlan::Stage;

  // Stages and negations of one record. False: the state was cleared.
  bool Try(uint32_t slot, const SequencePlan::Source& source, const RecordPtr& record);
  bool TryStage(uint32_t slot, uint32_t stage, const RecordPtr& record);
  bool TryGroups(uint32_t slot, uint32_t stage, const RecordPtr& record);
  void TryNegation(uint32_t slot, const SequencePlan::Source& source, const RecordPtr& record);
  // Indices of the partials that a record of the stage extends, in order of creation.
  void PickCandidates(uint32_t slot, uint32_t stage, const RecordPtr& record);
  // Takes what was picked out of the list, in order of creation.
  std::vector<Partial> TakePicked(State* state, uint32_t stage);
  bool ExtendAndPlace(uint32_t slot, Partial partial, const RecordPtr& record);
  void DropGapped(State* state, uint32_t stage, const StoredRecord& record);
  // Keeps a partial at its level, or completes it. False: the state was cleared.
  bool Place(uint32_t slot, Partial partial);
  bool Complete(uint32_t slot, Partial match);
  bool Judge(uint32_t slot, const Partial& match, DetectionCause cause, EventTime time);
  bool Fire(uint32_t slot, const Partial& match, DetectionCause cause, EventTime time);

  // What is left over from an earlier ordinal takes place: one partial for each plain level, then
  // negations.
  void Settle(State* state, uint32_t slot);
  void SettleIfLater(State* state, uint32_t slot, const Ordinal& ordinal);
  void Kill(State* state, const RecordPtr& record);
  void Expire(State* state, EventTime t);
  bool JoinHolds(const StoredRecord& record, const Partial* partial, std::string_view key);
  void Forget(uint64_t n);

  // Whether a match that holds gives no detection, for want of a false one (`rearm when false`).
  bool IsDisarmed(const State& state) const {
    return spec_.rearm == ProgramCorrelation::Rearm::kWhenFalse && state.rare_part != nullptr &&
           !state.rare_part->rearm.armed;
  }
  EventTime NextDeadline(const State& state, EventTime now) const;
  bool IsDone(const State& state, EventTime t) const;
  void EnsureTimer(State* state, uint32_t slot, EventTime deadline);
  // Removes the key if nothing is left, else sees that it has a timer. `t`: now.
  void Finish(uint32_t slot, EventTime t);
  void TimerPassed(State* state, uint32_t slot, EventTime deadline);

  void SavePartial(const Partial& partial, SnapshotWriter* out) const;
  bool LoadPartial(uint32_t max_level, SnapshotReader* in, Partial* out) const;
  bool LoadRare(SnapshotReader* in, State* state) const;
  bool IsSound(const State& state) const;

  const SequencePlan plan_;
  const AggregatePlan aggregates_;
  MatchExprRunner exprs_;
  std::vector<size_t> picked_;
  std::vector<uint32_t> seen_;  // scratch of Settle: per level
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_SEQUENCE_H_
