#include "lib/correlate/all.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "lib/correlate/aggregate.h"
#include "lib/correlate/event_time.h"
#include "lib/correlate/keyed_operator.h"
#include "lib/correlate/rearm.h"
#include "lib/correlate/representatives.h"
#include "lib/correlate/window_records.h"

namespace vedette::inline v0 {
namespace {

// The whole window, for rules that ask for aggregates of it.
struct Window {
  explicit Window(const AggregatePlan* plan) : aggregates(plan) {}
  WindowRecords records;
  AggregateSet aggregates;
  bool degraded = false;
};

struct AllState {
  RearmState rearm;
  EventTime timer = kNoEventTime;  // deadline of the timer that counts; others are stale
  Ring<RecordPtr> candidates;      // the last of them is the key's last record
  std::unique_ptr<Window> window;
};

// A field is that of the chosen record of its source; aggregates are over the window.
class AllBindings : public Bindings {
 public:
  explicit AllBindings(const AllState* state) : state_(state) {}
  Value Aggregate(uint32_t aggregate, ValueArena* arena) override {
    if (state_->window == nullptr) return Value::Null();
    return state_->window->aggregates.Result(aggregate, arena);
  }
  const StoredRecord* LastOf(uint32_t source) override {
    return state_->candidates[(*chosen)[source]].get();
  }
  const std::vector<uint32_t>* chosen = nullptr;

 private:
  const AllState* state_;
};

class AllOperator : public KeyedOperator<AllState> {
 public:
  explicit AllOperator(const OperatorContext& context)
      : KeyedOperator(context),
        unlimited_(spec_.shape == ProgramCorrelation::Shape::kSample),
        span_(std::max<int64_t>(spec_.span_ns, 0)),
        plan_(spec_, false),
        limits_(plan_.counts_only(), spec_.sources.size(), context.host->max_evidence()),
        representatives_(spec_.sources.size()) {}

  void OnRecord(const RecordPtr& record) override;
  void OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) override;
  void SaveKey(uint32_t slot, SnapshotWriter* out) const override;
  absl::Status LoadKey(std::string_view key, SnapshotReader* in) override;

 protected:
  size_t OwnedBytes(const AllState& state) const override {
    size_t bytes = state.candidates.heap_bytes();
    if (state.window != nullptr) {
      bytes += sizeof(Window) - sizeof(AggregateSet) + state.window->records.heap_bytes() +
               state.window->aggregates.bytes();
    }
    return bytes;
  }
  std::string DescribeState(const AllState& state, EventTime now) const override;

 private:
  bool WantsWindow() const { return !spec_.aggregates.empty(); }
  void Expire(AllState* state, EventTime t);
  void Append(AllState* state, const RecordPtr& record);
  void Fire(uint32_t slot, EventTime t);
  void Schedule(uint32_t slot);
  EventTime NeededTimer(const AllState& state) const;
  bool IsDone(const AllState& state) const {
    return spec_.rearm == ProgramCorrelation::Rearm::kNever && state.rearm.fired;
  }

  const bool unlimited_;  // a sample: no record is too old
  const int64_t span_;
  const AggregatePlan plan_;
  const WindowLimits limits_;
  Representatives representatives_;
  std::vector<RecordPtr> evidence_;
};

void AllOperator::Expire(AllState* state, EventTime t) {
  if (unlimited_) return;
  Ring<RecordPtr>& candidates = state->candidates;
  while (!candidates.empty() && IsPast(candidates.front()->time(), span_, t)) {
    candidates.pop_front();
  }
  if (candidates.empty()) {
    state->window.reset();
    return;
  }
  if (state->window == nullptr) return;
  WindowRecords& records = state->window->records;
  while (!records.empty() && IsPast(records.first_time(), span_, t)) {
    records.PopFront(limits_, &state->window->aggregates);
  }
}

void AllOperator::Append(AllState* state, const RecordPtr& record) {
  representatives_.Add(record, &state->candidates);
  if (!WantsWindow()) return;
  if (state->window == nullptr) state->window = std::make_unique<Window>(&plan_);
  Window& window = *state->window;
  window.records.Add(limits_, record);
  window.aggregates.Add(record);
  if (window.records.size() <= kMaxWindowRecords) return;
  window.records.PopFront(limits_, &window.aggregates);
  window.degraded = true;
  context_.host->CountOverflow(1);
}

void AllOperator::OnRecord(const RecordPtr& record) {
  const uint32_t slot = SlotFor(record->key());
  if (slot == kNoSlot) return;
  AllState& state = table_[slot];
  if (IsDone(state)) return;
  const EventTime t = record->time();
  const size_t before = OwnedBytes(state);
  Expire(&state, t);
  if (state.candidates.empty()) state.rearm.Renew();
  Append(&state, record);
  const size_t after = OwnedBytes(state);
  Charge(before, after);
  const bool holds = representatives_.Exist(state.candidates);
  if (state.rearm.Judge(spec_, holds, t)) {
    Fire(slot, t);
    if (spec_.rearm == ProgramCorrelation::Rearm::kReset) return RemoveKey(slot);
    if (IsDone(state)) {
      state.candidates.clear();
      state.window.reset();
      Charge(after, OwnedBytes(state));
    }
  }
  Schedule(slot);
}

void AllOperator::Fire(uint32_t slot, EventTime t) {
  const AllState& state = table_[slot];
  const std::vector<uint32_t>& chosen = representatives_.Choose();
  AllBindings bindings(&state);
  bindings.chosen = &chosen;
  std::vector<uint32_t> places = chosen;
  std::sort(places.begin(), places.end());
  for (const uint32_t place : places) evidence_.push_back(state.candidates[place]);
  Firing firing;
  firing.key = table_.key(slot);
  firing.time = t;
  firing.first = evidence_.front()->time();
  firing.last = evidence_.back()->time();
  firing.window_start = unlimited_ ? firing.first : TimeBefore(t, span_);
  firing.window_end = t;
  firing.bindings = &bindings;
  firing.records = evidence_;
  firing.total_records = evidence_.size();
  firing.degraded = degraded_ || (state.window != nullptr && state.window->degraded);
  context_.host->Fire(firing);
  evidence_.clear();
}

EventTime AllOperator::NeededTimer(const AllState& state) const {
  if (IsDone(state) || (unlimited_ && !state.candidates.empty())) return kNoEventTime;
  if (!state.candidates.empty()) return TimeAfter(state.candidates.back()->time(), span_);
  if (spec_.rearm != ProgramCorrelation::Rearm::kAfter || !state.rearm.fired) return kNoEventTime;
  return TimeAfter(state.rearm.last, spec_.rearm_ns - 1);
}

// A timer that is there already and comes no later will do: it looks again when it fires.
void AllOperator::Schedule(uint32_t slot) {
  AllState& state = table_[slot];
  const EventTime needed = NeededTimer(state);
  if (needed == kNoEventTime) {
    state.timer = kNoEventTime;
  } else if (state.timer == kNoEventTime || needed < state.timer) {
    state.timer = needed;
    AddTimer(needed, slot);
  }
}

void AllOperator::OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) {
  if (!table_.IsLive(slot, generation) || table_[slot].timer != deadline) return;
  AllState& state = table_[slot];
  state.timer = kNoEventTime;
  if (NeededTimer(state) > deadline) return Schedule(slot);
  const size_t before = OwnedBytes(state);
  state.candidates.clear();
  state.window.reset();
  Charge(before, OwnedBytes(state));
  if (deadline < kLastTime && state.rearm.Matters(spec_, deadline + 1)) {
    Schedule(slot);
  } else {
    RemoveKey(slot);
  }
}

std::string AllOperator::DescribeState(const AllState& state, EventTime now) const {
  std::vector<EventTime> latest(spec_.sources.size(), kNoEventTime);
  for (uint32_t i = 0; i < state.candidates.size(); ++i) {
    latest[state.candidates[i]->source()] = state.candidates[i]->time();
  }
  size_t seen = 0;
  EventTime since = kLastTime;
  std::string missing;
  for (uint32_t s = 0; s < latest.size(); ++s) {
    if (latest[s] == kNoEventTime) {
      missing += (missing.empty() ? "" : ", ") + SourceText(spec_, s);
      continue;
    }
    ++seen;
    since = std::min(since, latest[s]);
  }
  std::string text = std::to_string(seen) + " of " + std::to_string(latest.size()) + " seen";
  if (!missing.empty()) text += ", missing " + missing;
  if (seen > 0) {
    text += SinceText(since);
    if (!unlimited_) text += LeftText(now, TimeAfter(since, span_));
  }
  if (state.rearm.fired && (!state.rearm.armed || IsDone(state))) text += ", detected";
  return text;
}

void AllOperator::SaveKey(uint32_t slot, SnapshotWriter* out) const {
  const AllState& state = table_[slot];
  state.rearm.Save(out);
  out->Unsigned(state.candidates.size());
  for (uint32_t i = 0; i < state.candidates.size(); ++i) out->Record(state.candidates[i]);
  if (state.window == nullptr) return;
  out->Bool(state.window->degraded);
  state.window->records.Save(limits_, out);
}

absl::Status AllOperator::LoadKey(std::string_view key, SnapshotReader* in) {
  AllState state;
  state.rearm.Load(in);
  EventTime last = kNoEventTime;
  for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
    RecordPtr record = in->Record();
    if (!record || record->time() < last) {
      in->Fail();
      break;
    }
    last = record->time();
    state.candidates.push_back(std::move(record));
  }
  const bool marked = state.rearm.fired && (spec_.rearm == ProgramCorrelation::Rearm::kNever ||
                                            spec_.rearm == ProgramCorrelation::Rearm::kAfter);
  if (state.candidates.empty() ? !marked : IsDone(state)) in->Fail();
  if (in->ok() && WantsWindow() && !state.candidates.empty()) {
    state.window = std::make_unique<Window>(&plan_);
    state.window->degraded = in->Bool();
    state.window->records.Load(limits_, in);
    state.window->records.FillSet(limits_, &state.window->aggregates);
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

std::unique_ptr<Operator> NewAllOperator(const OperatorContext& context) {
  return std::make_unique<AllOperator>(context);
}

}  // namespace vedette::inline v0
