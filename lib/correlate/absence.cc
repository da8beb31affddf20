#include <memory>
#include <string>
#include <utility>

#include "lib/correlate/key_timer.h"
#include "lib/correlate/keyed_operator.h"
#include "lib/correlate/rearm.h"
#include "lib/correlate/record_bindings.h"

namespace vedette::inline v0 {
namespace {

using Rearm = ProgramCorrelation::Rearm;

struct AbsenceState {
  RearmState rearm;
  KeyTimer timer;
  RecordPtr start;       // of the wait; null: none is running
  uint64_t further = 0;  // records of `after` since
};

// A key is there while it waits, and while its last detection still forbids another.
class AbsenceOperator final : public KeyedOperator<AbsenceState> {
 public:
  explicit AbsenceOperator(const OperatorContext& context)
      : KeyedOperator(context), plan_(spec_), starter_(spec_.sources.size() > 1 ? 1 : 0) {}

  void OnRecord(const RecordPtr& record) override {
    if (record->source() != starter_) return EndWait(*record);
    const uint32_t slot = SlotFor(record->key());
    if (slot == kNoSlot) return;
    AbsenceState& state = table_[slot];
    if (spec_.rearm == Rearm::kNever && state.rearm.fired) return;
    DropWaitInQuiet(record->time(), &state);
    if (starter_ == 1 && state.start) {
      ++state.further;
      return;
    }
    state.start = record;
    LinkTimer(LookAt(state), slot);
  }

  void OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) override {
    if (!table_.IsLive(slot, generation)) return;
    AbsenceState& state = table_[slot];
    if (!state.timer.Take(deadline)) return;
    const EventTime look_at = LookAt(state);
    if (look_at > deadline) return LinkTimer(look_at, slot);
    if (!state.start || InQuiet(state, DueOf(state))) return RemoveKey(slot);
    RunOut(look_at, slot);
  }

  void SaveKey(uint32_t slot, SnapshotWriter* out) const override {
    const AbsenceState& state = table_[slot];
    state.rearm.Save(out);
    state.timer.Save(out);
    out->Record(state.start);
    out->Unsigned(state.further);
  }

  absl::Status LoadKey(std::string_view key, SnapshotReader* in) override {
    AbsenceState state;
    state.rearm.Load(in);
    state.timer.Load(in);
    state.start = in->Record();
    state.further = in->Unsigned();
    if (in->ok() && (!MakesSense(state, key) || table_.Find(key) != kNoSlot)) in->Fail();
    if (!in->ok()) return absl::DataLossError(in->error());
    const uint32_t slot = table_.Add(key);
    table_[slot] = std::move(state);
    if (table_[slot].timer.is_linked()) AddTimer(table_[slot].timer.linked, slot);
    return absl::OkStatus();
  }

 protected:
  size_t OwnedBytes(const AbsenceState& /*state*/) const override { return 0; }
  std::string DescribeState(const AbsenceState& state, EventTime now) const override {
    if (!state.start) return "detected at " + FormatEventTime(state.rearm.last);
    return "waits for " + SourceText(spec_, 0) + SinceText(state.start->time()) +
           LeftText(now, DueOf(state));
  }

 private:
  EventTime DueOf(const AbsenceState& state) const {
    return TimeAfter(state.start->time(), spec_.span_ns);
  }
  // Whether `rearm after` forbids a detection at `t`.
  bool InQuiet(const AbsenceState& state, EventTime t) const {
    return spec_.rearm == Rearm::kAfter && state.rearm.Matters(spec_, t);
  }
  // When something may happen to the key next. A wait that runs out in the quiet after a detection
  // needs no timer: a storm of short waits would leave a timer for each.
  EventTime LookAt(const AbsenceState& state) const {
    if (state.start && !InQuiet(state, DueOf(state))) return DueOf(state);
    return TimeAfter(state.rearm.last, spec_.rearm_ns);
  }
  // Forgets the wait if it ran out before `now`, unnoticed.
  void DropWaitInQuiet(EventTime now, AbsenceState* state) {
    if (!state->start || DueOf(*state) >= now) return;
    state->start = RecordPtr();
    state->further = 0;
  }
  void LinkTimer(EventTime deadline, uint32_t slot) {
    if (table_[slot].timer.Link(deadline)) AddTimer(deadline, slot);
  }

  void EndWait(const StoredRecord& record) {
    const uint32_t slot = table_.Find(record.key());
    if (slot == kNoSlot) return;
    DropWaitInQuiet(record.time(), &table_[slot]);
    if (!table_[slot].start) return;
    table_.Touch(slot);
    Rest(record.time(), slot);
  }

  // No wait is running any more.
  void Rest(EventTime now, uint32_t slot) {
    AbsenceState& state = table_[slot];
    if (!state.rearm.Matters(spec_, now)) return RemoveKey(slot);
    state.start = RecordPtr();
    state.further = 0;
    if (spec_.rearm == Rearm::kAfter) LinkTimer(LookAt(state), slot);
  }

  void RunOut(EventTime due, uint32_t slot) {
    AbsenceState& state = table_[slot];
    state.rearm.Renew();
    if (state.rearm.Judge(spec_, true, due)) {
      RecordBindings bindings(plan_, {&state.start, 1});
      bindings.CountMore(starter_, state.further);
      Firing firing;
      firing.key = table_.key(slot);
      firing.time = due;
      firing.cause = DetectionCause::kTimer;
      firing.window_start = firing.first = firing.last = state.start->time();
      firing.window_end = due;
      firing.bindings = &bindings;
      firing.records = {&state.start, 1};
      firing.total_records = 1 + state.further;
      firing.degraded = degraded_;
      context_.host->Fire(firing);
    }
    Rest(due, slot);
  }

  bool MakesSense(const AbsenceState& state, std::string_view key) const {
    const bool may_rest = spec_.rearm == Rearm::kAfter || spec_.rearm == Rearm::kNever;
    if (!state.start) {
      if (state.further != 0 || !may_rest || !state.rearm.fired) return false;
      if (spec_.rearm == Rearm::kNever) return !state.timer.is_linked();
    } else {
      const StoredRecord& start = *state.start;
      if (start.source() != starter_ || start.key() != key || start.time() == kNoEventTime) {
        return false;
      }
      if (starter_ == 0 && state.further != 0) return false;
    }
    return state.timer.linked <= LookAt(state);
  }

  AggregatePlan plan_;
  uint32_t starter_;  // the source that starts waits
};

}  // namespace

std::unique_ptr<Operator> NewAbsenceOperator(const OperatorContext& context) {
  return std::make_unique<AbsenceOperator>(context);
}

}  // namespace vedette::inline v0
