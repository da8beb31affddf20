#include "lib/correlate/sequence_state.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "vedette/match_record.h"

namespace vedette::inline v0 {

void DistinctValues::Change(const Value& value, bool add) {
  if (value.is_list()) {
    for (const Value& item : value.list()) {
      if (!item.is_list()) Change(item, add);
    }
    return;
  }
  if (!value.is_scalar()) return;
  scratch_.clear();
  AppendKeyPart(value, &scratch_);
  constexpr size_t kPerValue = sizeof(std::string) + 24;
  const auto it = counts_.find(scratch_);
  if (add && it != counts_.end()) {
    ++it->second;
  } else if (add) {
    counts_.emplace(scratch_, 1);
    bytes_ += kPerValue + scratch_.size();
  } else if (it != counts_.end() && --it->second == 0) {
    counts_.erase(it);
    bytes_ -= kPerValue + scratch_.size();
  }
}

Partial::Partial(const SequencePlan& plan, const RecordPtr& record, EventTime lead) {
  if (plan.has_groups || plan.has_leading) {
    extra_ = std::make_unique<Extra>();
    if (plan.has_leading) extra_->leads.push_back(lead);
  }
  records_.push_back(record);
  level_ = 1;
  Count(plan.stages[0], *record, true);
}

Partial::Partial(const SequencePlan& plan, std::vector<RecordPtr> records,
                 const std::vector<uint32_t>& group_sizes, std::vector<EventTime> leads)
    : records_(std::make_move_iterator(records.begin()), std::make_move_iterator(records.end())),
      level_(static_cast<uint32_t>(group_sizes.size())) {
  if (!plan.has_groups && !plan.has_leading) return;
  extra_ = std::make_unique<Extra>();
  extra_->leads = std::move(leads);
  uint32_t end = 0;
  for (size_t i = 0; plan.has_groups && i + 1 < group_sizes.size(); ++i) {
    extra_->ends.push_back(end += group_sizes[i]);
  }
  for (const RecordPtr& record : group()) Count(plan.stages[level_ - 1], *record, true);
}

std::span<const RecordPtr> Partial::stage(uint32_t stage) const {
  const std::span<const RecordPtr> all(records_);
  if (extra_ == nullptr || (extra_->ends.empty() && level_ > 1)) return all.subspan(stage, 1);
  const size_t begin = stage == 0 ? extra_->begin : extra_->ends[stage - 1];
  const size_t end = stage < extra_->ends.size() ? extra_->ends[stage] : all.size();
  return all.subspan(begin, end - begin);
}

EventTime Partial::lead() const {
  return extra_ == nullptr || extra_->leads.empty() ? kNoEventTime : leads().front();
}

std::span<const EventTime> Partial::leads() const {
  if (extra_ == nullptr) return {};
  return std::span<const EventTime>(extra_->leads).subspan(level_ == 1 ? extra_->begin : 0);
}

bool Partial::IsReady(const SequencePlan& plan) const {
  const SequencePlan::Stage& last = plan.stages[level_ - 1];
  if (!last.quantified) return true;
  const size_t n = group().size();
  const CorrelationInput& input = *last.input;
  return n >= input.min_count && (input.max_count == 0 || n <= input.max_count) &&
         (input.min_distinct == 0 || extra_->distinct.size() >= input.min_distinct);
}

void Partial::Count(const SequencePlan::Stage& stage, const StoredRecord& record, bool add) {
  if (!stage.quantified || stage.input->min_distinct == 0) return;
  if (stage.input->distinct_column >= record.values().size()) return;
  const Value& value = record.values()[stage.input->distinct_column];
  add ? extra_->distinct.Add(value) : extra_->distinct.Remove(value);
}

void Partial::Compact() {
  if (extra_ == nullptr || extra_->begin == 0) return;
  records_.erase(records_.begin(), records_.begin() + extra_->begin);
  if (!extra_->leads.empty()) {
    extra_->leads.erase(extra_->leads.begin(), extra_->leads.begin() + extra_->begin);
  }
  extra_->begin = 0;
}

void Partial::Extend(const SequencePlan& plan, const RecordPtr& record) {
  if (extra_ != nullptr) {
    Compact();
    if (extra_->leads.size() > 1) extra_->leads.resize(1);
    if (plan.has_groups) extra_->ends.push_back(static_cast<uint32_t>(records_.size()));
    extra_->distinct = DistinctValues();
  }
  records_.push_back(record);
  ++level_;
  Count(plan.stages[level_ - 1], *record, true);
}

size_t Partial::AddToGroup(const SequencePlan& plan, const RecordPtr& record, EventTime lead) {
  size_t forgotten = 0;
  if (const std::span<const RecordPtr> now = group(); now.size() >= kMaxGroupRecords) {
    // Some at a time, as they may be in the middle.
    forgotten = std::min<size_t>(now.size() - 1, 1024);
    std::vector<RecordPtr> oldest(now.begin(),
                                  now.begin() + static_cast<std::ptrdiff_t>(forgotten));
    DropFromGroup(plan, oldest);
  }
  if (level_ == 1 && !extra_->leads.empty()) extra_->leads.push_back(lead);
  records_.push_back(record);
  Count(plan.stages[level_ - 1], *record, true);
  return forgotten;
}

void Partial::DropBefore(const SequencePlan& plan, EventTime t, int64_t span) {
  uint32_t& begin = extra_->begin;
  while (begin < records_.size() &&
         Elapsed(records_[begin]->time(), t) > static_cast<uint64_t>(span)) {
    Count(plan.stages[0], *records_[begin], false);
    records_[begin++] = RecordPtr();
  }
  if (begin < records_.size() && begin >= 32 && begin > records_.size() / 2) Compact();
}

void Partial::DropFromGroup(const SequencePlan& plan, std::span<const RecordPtr> consumed) {
  Compact();
  const size_t from = records_.size() - group().size();
  size_t kept = from;
  size_t at = 0;
  // No two records of a group are concurrent.
  for (size_t i = from; i < records_.size(); ++i) {
    while (at < consumed.size() && consumed[at]->ordinal() < records_[i]->ordinal()) ++at;
    if (at < consumed.size() && consumed[at].get() == records_[i].get()) {
      Count(plan.stages[level_ - 1], *records_[i], false);
      continue;
    }
    if (level_ == 1 && !extra_->leads.empty()) extra_->leads[kept] = extra_->leads[i];
    if (kept != i) records_[kept] = std::move(records_[i]);
    ++kept;
  }
  records_.resize(kept);
  if (level_ == 1 && !extra_->leads.empty()) extra_->leads.resize(kept);
}

size_t Partial::owned_bytes() const {
  size_t bytes = records_.capacity() > 2 ? records_.capacity() * sizeof(RecordPtr) : 0;
  if (extra_ != nullptr) {
    bytes += sizeof(Extra) + extra_->ends.capacity() * sizeof(uint32_t) +
             extra_->leads.capacity() * sizeof(EventTime) + extra_->distinct.bytes();
  }
  return bytes;
}

size_t SequenceState::owned_bytes() const {
  size_t bytes = partials.capacity() > 2 ? partials.capacity() * sizeof(Partial) : 0;
  for (const Partial& partial : partials) bytes += partial.owned_bytes();
  if (rare_part != nullptr) {
    bytes += sizeof(Rare) + rare_part->kills.capacity() * sizeof(RecordPtr) +
             rare_part->waiting.capacity() * sizeof(WaitingMatch);
    for (const WaitingMatch& waiting : rare_part->waiting) bytes += waiting.match.owned_bytes();
  }
  return bytes;
}

Value PartialBindings::Aggregate(uint32_t aggregate, ValueArena* arena) {
  if (set_ == nullptr) {
    set_ = std::make_unique<AggregateSet>(&aggregates_);
    if (partial_ != nullptr) {
      for (const RecordPtr& record : partial_->records()) set_->Add(record);
    }
  }
  return set_->Result(aggregate, arena);
}

const StoredRecord* PartialBindings::LastOf(uint32_t source) {
  if (tried_ != nullptr && tried_->source() == source) return tried_;
  const SequencePlan::Source& of = plan_.sources[source];
  const uint32_t level = partial_ == nullptr ? 0 : partial_->level();
  const uint32_t end = std::min(of.first + of.stages, level);
  return of.first < end ? partial_->stage(end - 1).back().get() : nullptr;
}

}  // namespace vedette::inline v0
