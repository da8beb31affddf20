// How long a sequence operator keeps a key, and how it is written down.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/correlate/sequence.h"

namespace vedette::inline v0 {
namespace {

using Rearm = ProgramCorrelation::Rearm;

bool IsEarlier(EventTime t, EventTime than) {
  return t != kNoEventTime && (than == kNoEventTime || t < than);
}

}  // namespace

// The first time at which something of the key is over; kNoEventTime if there is none. Records
// before `now` were seen.
EventTime SequenceOperator::NextDeadline(const State& state, EventTime now) const {
  EventTime next = kNoEventTime;
  const auto consider = [&next](EventTime t) {
    if (IsEarlier(t, next)) next = t;
  };
  if (spec_.span_ns > 0) {
    for (const Partial& p : state.partials) consider(TimeAfter(p.first(), spec_.span_ns));
  }
  if (state.rare_part == nullptr) return next;
  const SequenceState::Rare& rare = *state.rare_part;
  if (rare.lead != kNoEventTime && spec_.span_ns > 0) {
    consider(TimeAfter(rare.lead, spec_.span_ns));
  }
  for (const WaitingMatch& waiting : rare.waiting) consider(waiting.deadline);
  if (state.partials.empty() && !rare.kills.empty()) consider(rare.kills.front()->time());
  if (state.partials.empty() && IsDisarmed(state) && rare.tried.time >= now) {
    consider(rare.tried.time);
  }
  if (next == kNoEventTime && spec_.rearm == Rearm::kAfter && rare.rearm.fired) {
    consider(TimeAfter(rare.rearm.last, spec_.rearm_ns));
  }
  return next;
}

bool SequenceOperator::IsDone(const State& state, EventTime t) const {
  if (!state.partials.empty()) return false;
  if (state.rare_part == nullptr) return true;
  const SequenceState::Rare& rare = *state.rare_part;
  const bool lead_matters = rare.lead != kNoEventTime && spec_.span_ns > 0 &&
                            Elapsed(rare.lead, t) <= static_cast<uint64_t>(spec_.span_ns);
  // A concurrent record may still come: for it, something was open before.
  const bool disarmed = IsDisarmed(state) && rare.tried.time >= t;
  return rare.waiting.empty() && rare.kills.empty() && !lead_matters && !disarmed &&
         !rare.rearm.Matters(spec_, t);
}

void SequenceOperator::EnsureTimer(State* state, uint32_t slot, EventTime deadline) {
  if (!IsEarlier(deadline, state->timer)) return;
  // Only that of a mark of `rearm after` can be later than what comes after it: there are two at
  // most, and the later one is used again.
  if (state->timer != kNoEventTime) state->rare().later_timer = state->timer;
  state->timer = deadline;
  AddTimer(deadline, slot);
}

void SequenceOperator::Finish(uint32_t slot, EventTime t) {
  State& state = table_[slot];
  if (IsDone(state, t)) return RemoveKey(slot);
  if (state.timer != kNoEventTime) return;
  // What ends in the past is from a time that does not end.
  const EventTime next = NextDeadline(state, t);
  if (next != kNoEventTime && next >= t) EnsureTimer(&state, slot, next);
}

void SequenceOperator::OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) {
  if (!table_.IsLive(slot, generation)) return;
  State& state = table_[slot];
  if (deadline != state.timer) {
    if (state.rare_part != nullptr && state.rare_part->later_timer == deadline) {
      state.rare_part->later_timer = kNoEventTime;
    }
    return;
  }
  const size_t before = OwnedBytes(state);
  TimerPassed(&state, slot, deadline);
  Charge(before, OwnedBytes(state));
  if (IsDone(state, deadline == kEndOfTime ? deadline : deadline + 1)) RemoveKey(slot);
}

// All records up to the deadline were seen.
void SequenceOperator::TimerPassed(State* state, uint32_t slot, EventTime deadline) {
  state->timer = kNoEventTime;
  Settle(state, slot);
  if (state->HasWaiting()) {
    std::vector<WaitingMatch>& waiting = state->rare().waiting;
    const auto is_later = [deadline](const WaitingMatch& w) { return w.deadline > deadline; };
    const auto due = std::stable_partition(waiting.begin(), waiting.end(), is_later);
    std::vector<WaitingMatch> over(std::make_move_iterator(due),
                                   std::make_move_iterator(waiting.end()));
    waiting.erase(due, waiting.end());
    for (const WaitingMatch& w : over) {
      if (!Judge(slot, w.match, DetectionCause::kTimer, w.deadline)) break;
    }
  }
  if (deadline < kEndOfTime) Expire(state, deadline + 1);
  if (state->rare_part != nullptr && state->rare_part->lead != kNoEventTime &&
      TimeAfter(state->rare_part->lead, spec_.span_ns) <= deadline) {
    state->rare_part->lead = kNoEventTime;
  }
  const EventTime next = NextDeadline(*state, TimeAfter(deadline, 1));
  const EventTime later =
      state->rare_part == nullptr ? kNoEventTime : state->rare_part->later_timer;
  if (later != kNoEventTime && (next == kNoEventTime || next >= later)) {
    state->timer = std::exchange(state->rare_part->later_timer, kNoEventTime);
  } else if (next != kNoEventTime && next > deadline) {
    state->timer = next;
    AddTimer(next, slot);
  }
}

std::string SequenceOperator::DescribeState(const State& state, EventTime now) const {
  const Partial* farthest = nullptr;
  for (const Partial& p : state.partials) {
    if (farthest == nullptr || p.level() >= farthest->level()) farthest = &p;
  }
  std::string text;
  if (farthest != nullptr) {
    const SequencePlan::Stage& last = plan_.stages[farthest->level() - 1];
    text = absl::StrCat(farthest->level(), " of ", plan_.levels(), " stages");
    if (last.quantified) {
      absl::StrAppend(&text, ", ", farthest->group().size(), " of ", last.input->min_count, " of ",
                      SourceText(spec_, last.source));
    }
    EventTime deadline =
        spec_.span_ns > 0 ? TimeAfter(farthest->first(), spec_.span_ns) : kEndOfTime;
    if (farthest->level() < plan_.levels() && (!last.quantified || farthest->IsReady(plan_))) {
      const SequencePlan::Stage& next = plan_.stages[farthest->level()];
      absl::StrAppend(&text, ", waits for ", SourceText(spec_, next.source));
      if (next.input->within_previous_ns > 0) {
        deadline =
            std::min(deadline, TimeAfter(farthest->last().time(), next.input->within_previous_ns));
      }
    }
    text += SinceText(farthest->first());
    if (deadline != kEndOfTime) text += LeftText(now, deadline);
  }
  if (state.HasWaiting()) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", state.rare_part->waiting.size(),
                    " complete, detected unless what must not happen comes");
    text += LeftText(now, state.rare_part->waiting.front().deadline);
  }
  if (!text.empty()) return text;
  return state.rare_part != nullptr && state.rare_part->rearm.fired ? "fired" : "nothing open";
}

void SequenceOperator::SavePartial(const Partial& partial, SnapshotWriter* out) const {
  out->Unsigned(partial.level());
  for (uint32_t i = 0; i < partial.level(); ++i) {
    const std::span<const RecordPtr> records = partial.stage(i);
    if (plan_.stages[i].quantified) out->Unsigned(records.size());
    for (const RecordPtr& record : records) out->Record(record);
  }
  if (!plan_.has_leading) return;
  for (const EventTime lead : partial.leads()) out->Signed(lead);
}

bool SequenceOperator::LoadPartial(uint32_t max_level, SnapshotReader* in, Partial* out) const {
  const uint64_t level = in->Unsigned();
  if (level == 0 || level > max_level) return false;
  std::vector<RecordPtr> records;
  std::vector<uint32_t> sizes;
  for (uint32_t i = 0; i < level; ++i) {
    const SequencePlan::Stage& stage = plan_.stages[i];
    const size_t n = stage.quantified ? in->Count() : 1;
    if (n == 0 || n > kMaxGroupRecords) return false;
    for (size_t j = 0; j < n; ++j) {
      RecordPtr record = in->Record();
      if (!record || record->source() != stage.source) return false;
      if (!records.empty() && records.back()->ordinal() >= record->ordinal()) return false;
      records.push_back(std::move(record));
    }
    sizes.push_back(static_cast<uint32_t>(n));
  }
  std::vector<EventTime> leads;
  if (plan_.has_leading) leads.resize(level == 1 ? sizes[0] : 1);
  for (EventTime& lead : leads) lead = in->Signed();
  if (!in->ok()) return false;
  *out = Partial(plan_, std::move(records), sizes, std::move(leads));
  return true;
}

void SequenceOperator::SaveKey(uint32_t slot, SnapshotWriter* out) const {
  const State& state = table_[slot];
  out->Bool(state.unsettled);
  out->Signed(state.timer);
  out->Unsigned(state.partials.size());
  for (const Partial& partial : state.partials) SavePartial(partial, out);
  out->Bool(state.rare_part != nullptr);
  if (state.rare_part == nullptr) return;
  const SequenceState::Rare& rare = *state.rare_part;
  rare.rearm.Save(out);
  out->Signed(rare.lead);
  out->Signed(rare.later_timer);
  out->Signed(rare.tried.time);
  out->Unsigned(rare.tried.depth);
  out->Unsigned(rare.tried.tiebreak);
  out->Unsigned(rare.kills.size());
  for (const RecordPtr& kill : rare.kills) out->Record(kill);
  out->Unsigned(rare.waiting.size());
  for (const WaitingMatch& waiting : rare.waiting) {
    SavePartial(waiting.match, out);
    out->Signed(waiting.deadline);
  }
}

bool SequenceOperator::LoadRare(SnapshotReader* in, State* state) const {
  SequenceState::Rare& rare = state->rare();
  rare.rearm.Load(in);
  rare.lead = in->Signed();
  rare.later_timer = in->Signed();
  rare.tried.time = in->Signed();
  const uint64_t depth = in->Unsigned();
  if (depth > UINT32_MAX) return false;
  rare.tried.depth = static_cast<uint32_t>(depth);
  rare.tried.tiebreak = in->Unsigned();
  for (size_t n = in->Count(); n > 0; --n) {
    RecordPtr kill = in->Record();
    if (!kill || rare.kills.size() >= kMaxConcurrentKills) return false;
    const SequencePlan::Source& source = plan_.sources[kill->source()];
    if (source.role == CorrelationInput::Role::kStage || plan_.IsTrailing(source)) return false;
    if (!rare.kills.empty() && rare.kills[0]->ordinal() != kill->ordinal()) return false;
    rare.kills.push_back(std::move(kill));
  }
  for (size_t n = in->Count(); n > 0; --n) {
    WaitingMatch waiting;
    if (!plan_.has_trailing || rare.waiting.size() >= kMaxWaitingMatches) return false;
    if (!LoadPartial(plan_.levels(), in, &waiting.match)) return false;
    if (waiting.match.level() != plan_.levels()) return false;
    waiting.deadline = in->Signed();
    rare.waiting.push_back(std::move(waiting));
  }
  return in->ok();
}

// Whether the operator could have made such a state.
bool SequenceOperator::IsSound(const State& state) const {
  if (state.unsettled && state.partials.empty()) return false;
  std::vector<size_t> here(plan_.levels() + 1, 0);
  for (const Partial& p : state.partials) {
    const SequencePlan::Stage& stage = plan_.stages[p.level() - 1];
    const size_t most = stage.wide ? kMaxWidePartials : state.unsettled ? 2 : 1;
    if (++here[p.level()] > most) return false;
    if (p.level() == plan_.levels() && !stage.quantified) return false;
  }
  if (state.rare_part == nullptr) return !state.partials.empty();
  const SequenceState::Rare& rare = *state.rare_part;
  if (state.unsettled && !rare.kills.empty() &&
      rare.kills[0]->ordinal() != state.partials.back().last().ordinal()) {
    return false;
  }
  return !state.partials.empty() || !rare.waiting.empty() || !rare.kills.empty() ||
         rare.lead != kNoEventTime || rare.rearm.fired;
}

absl::Status SequenceOperator::LoadKey(std::string_view key, SnapshotReader* in) {
  State state;
  state.unsettled = in->Bool();
  state.timer = in->Signed();
  bool good = true;
  for (size_t n = in->Count(); good && n > 0; --n) {
    Partial partial;
    good = LoadPartial(plan_.levels(), in, &partial);
    if (good) state.partials.push_back(std::move(partial));
  }
  if (good && in->Bool()) good = LoadRare(in, &state);
  if (!good || !in->ok() || !IsSound(state) || table_.Find(key) != kNoSlot) {
    return absl::DataLossError("the state of a sequence makes no sense");
  }
  const uint32_t slot = table_.Add(key);
  table_[slot] = std::move(state);
  State& added = table_[slot];
  Charge(0, OwnedBytes(added));
  if (added.timer != kNoEventTime) AddTimer(added.timer, slot);
  if (added.rare_part != nullptr && added.rare_part->later_timer != kNoEventTime) {
    AddTimer(added.rare_part->later_timer, slot);
  }
  return absl::OkStatus();
}

std::unique_ptr<Operator> NewSequenceOperator(const OperatorContext& context) {
  return std::make_unique<SequenceOperator>(context);
}

}  // namespace vedette::inline v0
