#include "lib/correlate/sequence.h"

#include <algorithm>
#include <utility>

namespace vedette::inline v0 {
namespace {

using Rearm = ProgramCorrelation::Rearm;
using Select = ProgramCorrelation::Select;

// Calls `f` once for each, in order; it may change them, and move those away that it removes.
template <typename List, typename F>
void RemoveIf(List* list, F f) {
  size_t kept = 0;
  for (size_t i = 0; i < list->size(); ++i) {
    if (f((*list)[i])) continue;
    if (kept != i) (*list)[kept] = std::move((*list)[i]);
    ++kept;
  }
  list->erase(list->begin() + static_cast<std::ptrdiff_t>(kept), list->end());
}

bool IsBefore(const StoredRecord& a, const StoredRecord& b) { return a.ordinal() < b.ordinal(); }

}  // namespace

void SequenceOperator::OnRecord(const RecordPtr& record) {
  const SequencePlan::Source& source = plan_.sources[record->source()];
  uint32_t slot = table_.Find(record->key());
  if (slot != kNoSlot) {
    table_.Touch(slot);
  } else {
    if (!plan_.OpensKey(source)) return;
    slot = SlotFor(record->key());
    if (slot == kNoSlot) return;
  }
  State& state = table_[slot];
  const size_t before = OwnedBytes(state);
  SettleIfLater(&state, slot, record->ordinal());
  if (plan_.must_expire) Expire(&state, record->time());
  const bool over =
      spec_.rearm == Rearm::kNever && state.rare_part != nullptr && state.rare_part->rearm.fired;
  if (!over) {
    if (IsDisarmed(state) && state.rare_part->tried != record->ordinal() &&
        state.partials.empty() && !state.HasWaiting()) {
      state.rare_part->rearm.Renew();
    }
    Try(slot, source, record);
    if (IsDisarmed(state)) state.rare_part->tried = record->ordinal();
  }
  Charge(before, OwnedBytes(state));
  Finish(slot, record->time());
}

bool SequenceOperator::Try(uint32_t slot, const SequencePlan::Source& source,
                           const RecordPtr& record) {
  State& state = table_[slot];
  switch (source.role) {
    case CorrelationInput::Role::kStage:
      for (uint32_t i = source.stages; i > 0; --i) {
        if (!TryStage(slot, source.first + i - 1, record)) return false;
      }
      break;
    case CorrelationInput::Role::kUntil:
      if (state.HasWaiting()) {
        RemoveIf(&state.rare().waiting, [&](const WaitingMatch& waiting) {
          return IsBefore(waiting.match.last(), *record);
        });
      }
      Kill(&state, record);
      break;
    default:
      TryNegation(slot, source, record);
  }
  return true;
}

void SequenceOperator::TryNegation(uint32_t slot, const SequencePlan::Source& source,
                                   const RecordPtr& record) {
  State& state = table_[slot];
  const std::string_view key = table_.key(slot);
  if (plan_.IsTrailing(source)) {
    if (!state.HasWaiting()) return;
    RemoveIf(&state.rare().waiting, [&](const WaitingMatch& waiting) {
      return IsBefore(waiting.match.last(), *record) && record->time() <= waiting.deadline &&
             JoinHolds(*record, &waiting.match, key);
    });
    return;
  }
  // There is nothing before a leading one that its condition could be about.
  if (source.first == 0 && !JoinHolds(*record, nullptr, key)) return;
  if (source.first > 0 && state.partials.empty()) return;
  Kill(&state, record);
}

// Remembers a record that takes effect when all records of its ordinal were seen.
void SequenceOperator::Kill(State* state, const RecordPtr& record) {
  std::vector<RecordPtr>& kills = state->rare().kills;
  const SequencePlan::Source& source = plan_.sources[record->source()];
  const bool conditional = source.role == CorrelationInput::Role::kNegated && source.first > 0 &&
                           spec_.sources[record->source()].has_join;
  if (!conditional) {
    const auto same = [&](const RecordPtr& k) { return k->source() == record->source(); };
    if (std::any_of(kills.begin(), kills.end(), same)) return;
  }
  if (kills.size() >= kMaxConcurrentKills) return Forget(1);
  kills.push_back(record);
}

void SequenceOperator::SettleIfLater(State* state, uint32_t slot, const Ordinal& ordinal) {
  if (state->unsettled && !state->partials.empty()) {
    if (state->partials.back().last().ordinal() < ordinal) Settle(state, slot);
  } else if (state->HasKills() && state->rare_part->kills.front()->ordinal() < ordinal) {
    Settle(state, slot);
  }
}

void SequenceOperator::Settle(State* state, uint32_t slot) {
  if (state->unsettled) {
    state->unsettled = false;
    const bool keep_first = spec_.select == Select::kFirst;
    auto& partials = state->partials;
    seen_.assign(plan_.levels() + 1, 0);
    for (const Partial& partial : partials) ++seen_[partial.level()];
    // Of two, one stays: what comes first in order of creation, or what comes last.
    RemoveIf(&partials, [&](const Partial& partial) {
      if (plan_.stages[partial.level() - 1].wide) return false;
      uint32_t& left = seen_[partial.level()];
      if (keep_first) return std::exchange(left, 0) == 0;
      return left-- > 1;
    });
  }
  if (!state->HasKills()) return;
  const std::string_view key = table_.key(slot);
  std::vector<RecordPtr> kills = std::exchange(state->rare().kills, {});
  for (const RecordPtr& kill : kills) {
    const SequencePlan::Source& source = plan_.sources[kill->source()];
    if (source.role == CorrelationInput::Role::kUntil) {
      state->partials.clear();
    } else if (source.first == 0) {
      state->rare().lead = kill->time();
    } else {
      RemoveIf(&state->partials, [&](const Partial& partial) {
        return partial.level() == source.first && IsBefore(partial.last(), *kill) &&
               JoinHolds(*kill, &partial, key);
      });
    }
  }
}

void SequenceOperator::Expire(State* state, EventTime t) {
  if (spec_.span_ns <= 0) return;
  RemoveIf(&state->partials, [&](Partial& partial) {
    if (partial.level() == 1 && plan_.stages[0].quantified) {
      partial.DropBefore(plan_, t, spec_.span_ns);
      return partial.IsEmpty();
    }
    return Elapsed(partial.first(), t) > static_cast<uint64_t>(spec_.span_ns);
  });
}

bool SequenceOperator::JoinHolds(const StoredRecord& record, const Partial* partial,
                                 std::string_view key) {
  const CorrelationInput& input = spec_.sources[record.source()];
  if (!input.has_join) return true;
  PartialBindings bindings(plan_, aggregates_, partial, &record);
  exprs_.Begin(record.time());
  return exprs_.Holds(input.join, key, &bindings);
}

void SequenceOperator::Forget(uint64_t n) {
  degraded_ = true;
  context_.host->CountOverflow(n);
}

void SequenceOperator::DropGapped(State* state, uint32_t stage, const StoredRecord& record) {
  const int64_t gap = plan_.stages[stage].input->within_previous_ns;
  if (gap <= 0 || plan_.stages[stage - 1].quantified) return;
  RemoveIf(&state->partials, [&](const Partial& partial) {
    return partial.level() == stage &&
           Elapsed(partial.last().time(), record.time()) > static_cast<uint64_t>(gap);
  });
}

void SequenceOperator::PickCandidates(uint32_t slot, uint32_t stage, const RecordPtr& record) {
  const State& state = table_[slot];
  picked_.clear();
  const CorrelationInput& input = *plan_.stages[stage].input;
  const bool oldest_first = spec_.select == Select::kFirst;
  const size_t n = state.partials.size();
  for (size_t i = 0; i < n && picked_.size() < plan_.picks; ++i) {
    const size_t at = oldest_first ? i : n - 1 - i;
    const Partial& partial = state.partials[at];
    if (partial.level() != stage || !IsBefore(partial.last(), *record)) continue;
    const uint64_t gap = Elapsed(partial.last().time(), record->time());
    if (input.after_previous_ns > 0 && gap < static_cast<uint64_t>(input.after_previous_ns)) {
      continue;
    }
    if (input.within_previous_ns > 0 && gap > static_cast<uint64_t>(input.within_previous_ns)) {
      continue;
    }
    if (!partial.IsReady(plan_)) continue;
    if (!JoinHolds(*record, &partial, table_.key(slot))) continue;
    picked_.push_back(at);
  }
  if (!oldest_first) std::reverse(picked_.begin(), picked_.end());
}

bool SequenceOperator::TryStage(uint32_t slot, uint32_t stage, const RecordPtr& record) {
  State& state = table_[slot];
  const Stage& what = plan_.stages[stage];
  const auto is_first = [](const Partial& partial) { return partial.level() == 1; };
  const bool has_group = what.quantified && stage == 0 &&
                         std::any_of(state.partials.begin(), state.partials.end(), is_first);
  if (what.quantified && !TryGroups(slot, stage, record)) return false;
  if (stage == 0) {
    if (has_group) return true;
    if (!JoinHolds(*record, nullptr, table_.key(slot))) return true;
    const EventTime lead = state.rare_part == nullptr ? kNoEventTime : state.rare_part->lead;
    return Place(slot, Partial(plan_, record, lead));
  }
  if (state.partials.empty()) return true;
  DropGapped(&state, stage, *record);
  PickCandidates(slot, stage, record);
  if (picked_.empty()) return true;
  if (picked_.size() == 1 && !plan_.stages[stage - 1].quantified) {
    const auto it = state.partials.begin() + static_cast<std::ptrdiff_t>(picked_[0]);
    Partial partial = std::move(*it);
    state.partials.erase(it);
    return ExtendAndPlace(slot, std::move(partial), record);
  }
  for (Partial& partial : TakePicked(&state, stage)) {
    if (!ExtendAndPlace(slot, std::move(partial), record)) return false;
  }
  return true;
}

std::vector<Partial> SequenceOperator::TakePicked(State* state, uint32_t stage) {
  std::vector<Partial> taken;
  taken.reserve(picked_.size());
  for (const size_t at : picked_) taken.push_back(std::move(state->partials[at]));
  for (size_t i = picked_.size(); i-- > 0;) {
    state->partials.erase(state->partials.begin() + static_cast<std::ptrdiff_t>(picked_[i]));
  }
  if (!plan_.stages[stage - 1].quantified) return taken;
  // What is consumed no longer counts for others.
  for (const Partial& partial : taken) {
    RemoveIf(&state->partials, [&](Partial& other) {
      if (other.level() != stage) return false;
      other.DropFromGroup(plan_, partial.group());
      return other.group().empty();
    });
  }
  return taken;
}

bool SequenceOperator::ExtendAndPlace(uint32_t slot, Partial partial, const RecordPtr& record) {
  // Most plans leave expired partials where they are until they are met.
  if (!plan_.must_expire && spec_.span_ns > 0 &&
      Elapsed(partial.first(), record->time()) > static_cast<uint64_t>(spec_.span_ns)) {
    return true;
  }
  partial.Extend(plan_, record);
  return Place(slot, std::move(partial));
}

bool SequenceOperator::TryGroups(uint32_t slot, uint32_t stage, const RecordPtr& record) {
  State& state = table_[slot];
  const uint32_t level = stage + 1;
  const bool is_last = level == plan_.levels();
  const EventTime lead = state.rare_part == nullptr ? kNoEventTime : state.rare_part->lead;
  std::vector<Partial> complete;
  RemoveIf(&state.partials, [&](Partial& partial) {
    if (partial.level() != level || !IsBefore(partial.last(), *record) ||
        !JoinHolds(*record, &partial, table_.key(slot))) {
      return false;
    }
    if (const size_t forgotten = partial.AddToGroup(plan_, record, lead); forgotten > 0) {
      Forget(forgotten);
    }
    if (!is_last || !partial.IsReady(plan_)) return false;
    complete.push_back(std::move(partial));
    return true;
  });
  for (Partial& match : complete) {
    if (!Complete(slot, std::move(match))) return false;
  }
  return true;
}

bool SequenceOperator::Place(uint32_t slot, Partial partial) {
  const uint32_t level = partial.level();
  if (level == plan_.levels() && partial.IsReady(plan_)) {
    return Complete(slot, std::move(partial));
  }
  State& state = table_[slot];
  auto& partials = state.partials;
  const auto is_here = [level](const Partial& p) { return p.level() == level; };
  if (plan_.stages[level - 1].wide) {
    const auto here = std::count_if(partials.begin(), partials.end(), is_here);
    if (static_cast<size_t>(here) >= kMaxWidePartials) {
      Forget(1);
      if (spec_.select == Select::kFirst) return true;
      partials.erase(std::find_if(partials.begin(), partials.end(), is_here));
    }
  } else if (state.unsettled) {
    // Of concurrent ones, only one will stay.
    const auto it = std::find_if(partials.begin(), partials.end(), [&](const Partial& p) {
      return p.level() == level && !IsBefore(p.last(), partial.last());
    });
    if (it != partials.end()) {
      if (spec_.select == Select::kFirst) return true;
      partials.erase(it);
    }
  }
  if (level == 1 && spec_.span_ns > 0) {
    EnsureTimer(&state, slot, TimeAfter(partial.first(), spec_.span_ns));
  }
  partials.push_back(std::move(partial));
  state.unsettled = true;
  return true;
}

bool SequenceOperator::Complete(uint32_t slot, Partial match) {
  const EventTime lead = match.lead();
  if (lead != kNoEventTime && spec_.span_ns > 0 &&
      Elapsed(lead, match.last().time()) <= static_cast<uint64_t>(spec_.span_ns)) {
    return true;
  }
  if (!plan_.has_trailing || spec_.span_ns <= 0) {
    return Judge(slot, match, DetectionCause::kRecord, match.last().time());
  }
  State& state = table_[slot];
  std::vector<WaitingMatch>& waiting = state.rare().waiting;
  if (waiting.size() >= kMaxWaitingMatches) {
    Forget(1);
    return true;
  }
  const EventTime deadline = TimeAfter(match.first(), spec_.span_ns);
  waiting.push_back({std::move(match), deadline});
  EnsureTimer(&state, slot, deadline);
  return true;
}

bool SequenceOperator::Judge(uint32_t slot, const Partial& match, DetectionCause cause,
                             EventTime time) {
  bool holds = true;
  if (spec_.has_having) {
    PartialBindings bindings(plan_, aggregates_, &match);
    exprs_.Begin(time);
    holds = exprs_.Holds(spec_.having, table_.key(slot), &bindings);
  }
  const bool stateless = spec_.rearm == Rearm::kImmediately || spec_.rearm == Rearm::kReset;
  if (stateless ? !holds : !table_[slot].rare().rearm.Judge(spec_, holds, time)) return true;
  return Fire(slot, match, cause, time);
}

bool SequenceOperator::Fire(uint32_t slot, const Partial& match, DetectionCause cause,
                            EventTime time) {
  PartialBindings bindings(plan_, aggregates_, &match);
  Firing firing;
  firing.key = table_.key(slot);
  firing.time = time;
  firing.cause = cause;
  firing.window_start = firing.first = match.first();
  firing.last = match.last().time();
  firing.window_end = time;
  firing.bindings = &bindings;
  firing.records = match.records();
  firing.total_records = firing.records.size();
  firing.degraded = degraded_;
  context_.host->Fire(firing);
  if (spec_.rearm != Rearm::kReset && spec_.rearm != Rearm::kNever) return true;
  State& state = table_[slot];
  state.partials.clear();
  state.unsettled = false;
  if (state.rare_part != nullptr) {
    SequenceState::Rare& rare = *state.rare_part;
    rare.waiting.clear();
    rare.lead = kNoEventTime;
    // Negations and `until` of this ordinal come after all that is concurrent.
    if (spec_.rearm == Rearm::kNever) rare.kills.clear();
  }
  return false;
}

}  // namespace vedette::inline v0
