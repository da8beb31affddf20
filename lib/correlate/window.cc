// Windows: sliding, tumbling and session, judged at each record or when they close.
#include <algorithm>
#include <memory>
#include <utility>

#include "lib/correlate/aggregate.h"
#include "lib/correlate/all.h"
#include "lib/correlate/event_time.h"
#include "lib/correlate/keyed_operator.h"
#include "lib/correlate/match_expr.h"
#include "lib/correlate/rearm.h"
#include "lib/correlate/window_records.h"

namespace vedette::inline v0 {
namespace {

// Windows of so few records have no accumulators: most keys stay that small, and adding them up
// anew costs less than the memory.
constexpr uint32_t kFew = 4;
constexpr size_t kMaxScratchBytes = size_t{1} << 20;

struct Kept {
  explicit Kept(const AggregatePlan* plan) : aggregates(plan) {}
  AggregateSet aggregates;
  bool degraded = false;  // records of this window were dropped
};

// Of each key, so every byte counts.
struct WindowState {
  RearmState rearm;
  EventTime timer = kNoEventTime;  // deadline of the timer that counts; others are stale
  EventTime start = 0;             // of a tumbling window; the first record of others
  WindowRecords records;
  std::unique_ptr<Kept> kept;  // null while there is no need for it
};

class WindowBindings : public Bindings {
 public:
  explicit WindowBindings(const AggregateSet* set) : set_(set) {}
  Value Aggregate(uint32_t aggregate, ValueArena* arena) override {
    return set_->Result(aggregate, arena);
  }
  const StoredRecord* LastOf(uint32_t source) override { return set_->LastOf(source).get(); }

 private:
  const AggregateSet* set_;
};

class WindowOperator : public KeyedOperator<WindowState> {
 public:
  explicit WindowOperator(const OperatorContext& context)
      : KeyedOperator(context),
        unlimited_(spec_.shape == ProgramCorrelation::Shape::kSample),
        kind_(spec_.shape == ProgramCorrelation::Shape::kWindow
                  ? spec_.window
                  : ProgramCorrelation::Window::kSliding),
        span_(std::max<int64_t>(spec_.span_ns, kind_ == Kind::kTumbling ? 1 : 0)),
        gap_(std::max<int64_t>(spec_.gap_ns, 0)),
        plan_(spec_),
        limits_(plan_.counts_only(), spec_.sources.size(), context.host->max_evidence()),
        scratch_(std::make_unique<AggregateSet>(&plan_)),
        runner_(spec_, context.indicator_sets) {}

  void OnRecord(const RecordPtr& record) override;
  void OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) override;
  void SaveKey(uint32_t slot, SnapshotWriter* out) const override;
  absl::Status LoadKey(std::string_view key, SnapshotReader* in) override;

 protected:
  size_t OwnedBytes(const WindowState& state) const override {
    size_t bytes = state.records.heap_bytes();
    if (state.kept != nullptr)
      bytes += sizeof(Kept) - sizeof(AggregateSet) + state.kept->aggregates.bytes();
    return bytes;
  }
  std::string DescribeState(const WindowState& state, EventTime now) const override;
  // How far the window is from what the rule asks for: "4 of 5", "2 of 3 distinct(s.u)".
  std::string Progress(const WindowState& state) const;

 private:
  using Kind = ProgramCorrelation::Window;

  // When the window closes, or has nothing left if no further record comes.
  EventTime Deadline(const WindowState& state) const;
  // Whether a record at `t` falls into the window that is open.
  bool Belongs(const WindowState& state, EventTime t) const;
  void Expire(WindowState* state, EventTime t);
  void Append(WindowState* state, const RecordPtr& record);
  void ClearWindow(WindowState* state);
  void KeepAggregates(WindowState* state);
  AggregateSet* SetOf(WindowState* state) const {
    return state->kept == nullptr ? nullptr : &state->kept->aggregates;
  }
  // Judges the window, and detects; the key may be gone afterwards.
  void Judge(uint32_t slot, EventTime t, DetectionCause cause);
  void Fire(uint32_t slot, EventTime t, DetectionCause cause, Bindings* bindings);
  // Sees to it that a timer comes when the key next needs one.
  void Schedule(uint32_t slot);
  EventTime NeededTimer(const WindowState& state) const;
  bool IsDone(const WindowState& state) const {
    return spec_.rearm == ProgramCorrelation::Rearm::kNever && state.rearm.fired;
  }

  const bool unlimited_;  // a sample: no record is too old
  const Kind kind_;
  const int64_t span_;
  const int64_t gap_;
  const AggregatePlan plan_;
  const WindowLimits limits_;
  std::unique_ptr<AggregateSet> scratch_;  // of windows without accumulators; empty between calls
  MatchExprRunner runner_;
  std::vector<RecordPtr> evidence_;
};

EventTime WindowOperator::Deadline(const WindowState& state) const {
  switch (kind_) {
    case Kind::kTumbling:
      return TimeAfter(state.start, span_ - 1);
    case Kind::kSession:
      return std::min(TimeAfter(state.records.last_time(), gap_), TimeAfter(state.start, span_));
    case Kind::kSliding:
      break;
  }
  return TimeAfter(spec_.at_close ? state.start : state.records.last_time(), span_);
}

bool WindowOperator::Belongs(const WindowState& state, EventTime t) const {
  if (unlimited_) return true;
  if (kind_ == Kind::kTumbling) return WindowStart(t, span_) == state.start;
  if (kind_ == Kind::kSession) {
    return !IsPast(state.records.last_time(), gap_, t) && !IsPast(state.start, span_, t);
  }
  return !IsPast(spec_.at_close ? state.start : state.records.last_time(), span_, t);
}

void WindowOperator::Expire(WindowState* state, EventTime t) {
  if (unlimited_ || spec_.at_close || kind_ != Kind::kSliding) return;
  while (!state->records.empty() && IsPast(state->records.first_time(), span_, t)) {
    state->records.PopFront(limits_, SetOf(state));
  }
}

void WindowOperator::ClearWindow(WindowState* state) {
  state->records.Clear();
  state->kept.reset();
  state->start = 0;
}

void WindowOperator::KeepAggregates(WindowState* state) {
  state->kept = std::make_unique<Kept>(&plan_);
  state->records.FillSet(limits_, &state->kept->aggregates);
}

void WindowOperator::Append(WindowState* state, const RecordPtr& record) {
  WindowRecords& records = state->records;
  // A set is made before its records may become thin, or are dropped.
  const bool full = records.size() >= (spec_.at_close ? kMaxWindowRecords : kFew);
  const bool thins = limits_.may_thin && records.size() >= limits_.whole_old + limits_.whole_new;
  if (state->kept == nullptr && (full || thins)) KeepAggregates(state);
  records.Add(limits_, record);
  if (state->kept != nullptr) state->kept->aggregates.Add(record);
  if (records.size() <= kMaxWindowRecords) return;
  records.PopFront(limits_, SetOf(state));
  state->kept->degraded = true;
  context_.host->CountOverflow(1);
}

void WindowOperator::OnRecord(const RecordPtr& record) {
  const uint32_t slot = SlotFor(record->key());
  if (slot == kNoSlot) return;
  WindowState& state = table_[slot];
  if (IsDone(state)) return;
  const EventTime t = record->time();
  const size_t before = OwnedBytes(state);
  // A window that its timer closed is empty already.
  if (!state.records.empty() && !Belongs(state, t)) ClearWindow(&state);
  Expire(&state, t);
  if (state.records.empty()) {
    state.rearm.Renew();
    state.start = kind_ == Kind::kTumbling ? WindowStart(t, span_) : t;
  }
  Append(&state, record);
  Charge(before, OwnedBytes(state));
  const uint32_t generation = table_.generation(slot);
  if (!spec_.at_close) Judge(slot, t, DetectionCause::kRecord);
  if (table_.IsLive(slot, generation)) Schedule(slot);
}

void WindowOperator::Judge(uint32_t slot, EventTime t, DetectionCause cause) {
  WindowState& state = table_[slot];
  const bool own = state.kept != nullptr;
  if (!own) state.records.FillSet(limits_, scratch_.get());
  WindowBindings bindings(own ? SetOf(&state) : scratch_.get());
  bool holds = true;
  if (spec_.has_having) {
    runner_.Begin(t);
    holds = runner_.Holds(spec_.having, table_.key(slot), &bindings);
  }
  const bool fires = state.rearm.Judge(spec_, holds, t);
  if (fires) Fire(slot, t, cause, &bindings);
  if (!own) {
    scratch_->Clear();
    if (state.records.size() > kFew && scratch_->bytes() > kMaxScratchBytes) {
      scratch_ = std::make_unique<AggregateSet>(&plan_);
    }
  }
  if (!fires) return;
  if (spec_.rearm == ProgramCorrelation::Rearm::kReset) {
    RemoveKey(slot);
  } else if (IsDone(state)) {
    const size_t before = OwnedBytes(state);
    ClearWindow(&state);
    Charge(before, OwnedBytes(state));
  }
}

void WindowOperator::Fire(uint32_t slot, EventTime t, DetectionCause cause, Bindings* bindings) {
  const WindowState& state = table_[slot];
  Firing firing;
  firing.key = table_.key(slot);
  firing.time = t;
  firing.cause = cause;
  firing.first = state.records.first_time();
  firing.last = state.records.last_time();
  firing.window_start = state.start;
  firing.window_end = Deadline(state);
  if (kind_ == Kind::kTumbling) {
    firing.window_end = TimeAfter(state.start, span_);
  } else if (unlimited_) {
    firing.window_start = firing.first;
    firing.window_end = t;
  } else if (kind_ == Kind::kSliding && !spec_.at_close) {
    firing.window_start = TimeBefore(t, span_);
    firing.window_end = t;
  }
  firing.bindings = bindings;
  state.records.CopyEvidence(context_.host->max_evidence(), &evidence_);
  firing.records = evidence_;
  firing.total_records = state.records.size();
  firing.degraded = degraded_ || (state.kept != nullptr && state.kept->degraded);
  context_.host->Fire(firing);
  evidence_.clear();
}

EventTime WindowOperator::NeededTimer(const WindowState& state) const {
  if (IsDone(state)) return kNoEventTime;
  if (!state.records.empty()) return unlimited_ ? kNoEventTime : Deadline(state);
  if (spec_.rearm != ProgramCorrelation::Rearm::kAfter || !state.rearm.fired) return kNoEventTime;
  // Nothing but the mark is left: gone when the first time that it lets through comes.
  return TimeAfter(state.rearm.last, spec_.rearm_ns - 1);
}

// A timer that is there already and comes no later will do: it looks again when it fires.
void WindowOperator::Schedule(uint32_t slot) {
  WindowState& state = table_[slot];
  const EventTime needed = NeededTimer(state);
  if (needed == kNoEventTime) {
    state.timer = kNoEventTime;
  } else if (state.timer == kNoEventTime || needed < state.timer) {
    state.timer = needed;
    AddTimer(needed, slot);
  }
}

void WindowOperator::OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) {
  if (!table_.IsLive(slot, generation) || table_[slot].timer != deadline) return;
  WindowState& state = table_[slot];
  state.timer = kNoEventTime;
  if (NeededTimer(state) > deadline) return Schedule(slot);
  if (spec_.at_close && !state.records.empty()) {
    state.rearm.Renew();
    Judge(slot, deadline, DetectionCause::kClose);
    if (!table_.IsLive(slot, generation)) return;
  }
  const size_t before = OwnedBytes(state);
  ClearWindow(&state);
  Charge(before, OwnedBytes(state));
  // Whatever comes later is at least one nanosecond later.
  if (deadline < kLastTime && state.rearm.Matters(spec_, deadline + 1)) {
    Schedule(slot);
  } else {
    RemoveKey(slot);
  }
}

std::string WindowOperator::Progress(const WindowState& state) const {
  const uint32_t n = state.records.size();
  const std::string events = std::to_string(n) + (n == 1 ? " event" : " events");
  const std::vector<Threshold> thresholds =
      spec_.has_having ? ThresholdsOf(spec_, spec_.having) : std::vector<Threshold>();
  if (thresholds.empty()) return events;
  AggregateSet filled(&plan_);
  if (state.kept == nullptr) state.records.FillSet(limits_, &filled);
  const AggregateSet& set = state.kept == nullptr ? filled : state.kept->aggregates;
  ValueArena arena;
  std::string text;
  bool counts_events = false;
  for (const Threshold& t : thresholds) {
    const CorrelationAggregate& a = spec_.aggregates[t.aggregate];
    const Value value = set.Result(t.aggregate, &arena);
    const std::string is = value.is_null() ? "none" : value.ToJson();
    const bool counts = a.function == Function::kCount && a.columns.empty();
    counts_events |= counts;
    if (!text.empty()) text += ", ";
    switch (t.compare) {
      case Function::kGreaterEqual:
        text += is + " of " + t.number.ToJson();
        break;
      case Function::kGreater:
        text += is + " of more than " + t.number.ToJson();
        break;
      case Function::kLess:
        text += is + " of less than " + t.number.ToJson();
        break;
      case Function::kLessEqual:
        text += is + " of at most " + t.number.ToJson();
        break;
      default:
        text += is + " of exactly " + t.number.ToJson();
    }
    if (!counts || spec_.sources.size() > 1) text += " " + a.text;
  }
  return counts_events ? text : text + ", " + events;
}

std::string WindowOperator::DescribeState(const WindowState& state, EventTime now) const {
  if (state.records.empty()) return "detected";
  const EventTime first = state.records.first_time();
  std::string text = Progress(state);
  if (state.records.size() > 1) {
    text += " within " + DurationText(TimeBetween(first, state.records.last_time()));
  }
  text += SinceText(first);
  if (!unlimited_) {
    const bool slides = kind_ == Kind::kSliding && !spec_.at_close;
    // A sliding window loses its oldest record; the others close as a whole.
    text += slides ? LeftText(now, TimeAfter(first, span_))
                   : LeftText(now, Deadline(state), "until it closes");
  }
  if (state.rearm.fired && !state.rearm.armed && !spec_.at_close) text += ", detected";
  return text;
}

void WindowOperator::SaveKey(uint32_t slot, SnapshotWriter* out) const {
  const WindowState& state = table_[slot];
  state.rearm.Save(out);
  out->Signed(state.start);
  out->Bool(state.kept != nullptr && state.kept->degraded);
  state.records.Save(limits_, out);
  if (!state.records.thin()) return;
  for (uint32_t s = 0; s < spec_.sources.size(); ++s) out->Record(state.kept->aggregates.LastOf(s));
}

absl::Status WindowOperator::LoadKey(std::string_view key, SnapshotReader* in) {
  WindowState state;
  state.rearm.Load(in);
  state.start = in->Signed();
  const bool degraded = in->Bool();
  state.records.Load(limits_, in);
  const bool marked = state.rearm.fired && (spec_.rearm == ProgramCorrelation::Rearm::kNever ||
                                            spec_.rearm == ProgramCorrelation::Rearm::kAfter);
  if (state.records.empty() ? !marked : IsDone(state)) in->Fail();
  if (!in->ok()) return absl::DataLossError(in->error());
  if (state.records.thin() || degraded || (!spec_.at_close && state.records.size() > kFew)) {
    KeepAggregates(&state);
    state.kept->degraded = degraded;
  }
  for (uint32_t s = 0; state.records.thin() && s < spec_.sources.size(); ++s) {
    RecordPtr last = in->Record();
    if (plan_.last_of(s) == UINT32_MAX || !last) continue;
    if (last->source() != s) in->Fail();
    state.kept->aggregates.SetLastOf(s, std::move(last));
  }
  if (table_.Find(key) != kNoSlot) in->Fail("a key occurs twice");
  if (!in->ok()) return absl::DataLossError(in->error());
  const uint32_t slot = table_.Add(key);
  table_[slot] = std::move(state);
  Charge(0, OwnedBytes(table_[slot]));
  Schedule(slot);
  return absl::OkStatus();
}

}  // namespace

std::unique_ptr<Operator> NewWindowOperator(const OperatorContext& context) {
  using Shape = ProgramCorrelation::Shape;
  const bool each_once =
      context.spec->shape == Shape::kAll || context.spec->shape == Shape::kSample;
  if (each_once && !context.spec->has_having) return NewAllOperator(context);
  return std::make_unique<WindowOperator>(context);
}

}  // namespace vedette::inline v0
