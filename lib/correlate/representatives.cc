#include "lib/correlate/representatives.h"

#include <utility>

namespace vedette::inline v0 {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

// Erases the candidates of `source` before place `end`, all but the last `keep` of them.
void EraseOlder(uint32_t source, uint32_t end, size_t keep, Ring<RecordPtr>* candidates) {
  for (uint32_t i = end; i-- > 0;) {
    if ((*candidates)[i]->source() != source) continue;
    if (keep > 0) {
      --keep;
    } else {
      candidates->erase(i);
    }
  }
}

}  // namespace

void Representatives::Add(const RecordPtr& record, Ring<RecordPtr>* candidates) {
  Ring<RecordPtr>& all = *candidates;
  if (!all.empty() && all.back()->ordinal() != record->ordinal()) {
    // The last event is complete now. If it has one source, nothing can take it away from that
    // source, so that earlier ones are not needed.
    const uint32_t last = all.size() - 1;
    if (last == 0 || all[last - 1]->ordinal() != all[last]->ordinal()) {
      EraseOlder(all[last]->source(), last, 0, candidates);
    }
  }
  for (uint32_t i = all.size(); i-- > 0 && all[i]->ordinal() == record->ordinal();) {
    if (all[i]->source() == record->source()) all.erase(i);
  }
  all.push_back(record);
  EraseOlder(record->source(), all.size(), sources_, candidates);
}

bool Representatives::Exist(const Ring<RecordPtr>& candidates) {
  if (candidates.size() < sources_) return false;
  for (auto& list : of_source_) list.clear();
  shared_ = false;
  events_ = 0;
  for (uint32_t i = candidates.size(); i-- > 0;) {
    const bool same =
        i + 1 < candidates.size() && candidates[i + 1]->ordinal() == candidates[i]->ordinal();
    if (!same) ++events_;
    shared_ |= same;
    of_source_[candidates[i]->source()].push_back({i, static_cast<uint32_t>(events_ - 1)});
  }
  for (const auto& list : of_source_) {
    if (list.empty()) return false;
  }
  if (!shared_) return true;
  event_of_.assign(sources_, kNone);
  owner_of_.assign(events_, kNone);
  fixed_.assign(sources_, 0);
  for (uint32_t source = 0; source < sources_; ++source) {
    if (!Assign(source)) return false;
  }
  return true;
}

// Breadth first along alternating paths, from the source to an event without an owner.
bool Representatives::Assign(uint32_t source) {
  reached_from_.assign(events_, kNone);
  queue_.assign(1, source);
  for (size_t i = 0; i < queue_.size(); ++i) {
    const uint32_t from = queue_[i];
    for (const Candidate& c : of_source_[from]) {
      if (reached_from_[c.event] != kNone) continue;
      const uint32_t owner = owner_of_[c.event];
      if (owner != kNone && fixed_[owner] != 0) continue;
      reached_from_[c.event] = from;
      if (owner != kNone) {
        queue_.push_back(owner);
        continue;
      }
      uint32_t event = c.event;
      while (event != kNone) {
        const uint32_t to = reached_from_[event];
        owner_of_[event] = to;
        event = std::exchange(event_of_[to], event);
        if (to == source) break;
      }
      return true;
    }
  }
  return false;
}

const Representatives::Candidate* Representatives::CandidateOf(uint32_t source,
                                                               uint32_t event) const {
  for (const Candidate& c : of_source_[source]) {
    if (c.event == event) return &c;
  }
  return nullptr;
}

const std::vector<uint32_t>& Representatives::Choose() {
  chosen_.clear();
  if (!shared_) {
    for (const auto& list : of_source_) chosen_.push_back(list.front().place);
    return chosen_;
  }
  for (uint32_t source = 0; source < sources_; ++source) {
    for (const Candidate& c : of_source_[source]) {
      if (event_of_[source] == c.event) break;
      const uint32_t owner = owner_of_[c.event];
      if (owner != kNone && fixed_[owner] != 0) continue;
      // Take it, and see whether its owner finds another.
      const std::vector<uint32_t> events = event_of_;
      const std::vector<uint32_t> owners = owner_of_;
      owner_of_[event_of_[source]] = kNone;
      event_of_[source] = c.event;
      owner_of_[c.event] = source;
      if (owner == kNone) break;
      event_of_[owner] = kNone;
      fixed_[source] = 1;
      if (Assign(owner)) break;
      fixed_[source] = 0;
      event_of_ = events;
      owner_of_ = owners;
    }
    fixed_[source] = 1;
    chosen_.push_back(CandidateOf(source, event_of_[source])->place);
  }
  return chosen_;
}

}  // namespace vedette::inline v0
