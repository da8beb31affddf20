#include "lib/correlate/suppression.h"

#include <algorithm>

#include "lib/correlate/event_time.h"

namespace vedette::inline v0 {
namespace {

// |a - b|, whatever the times.
uint64_t Distance(EventTime a, EventTime b) {
  return a > b ? TimeBetween(b, a) : TimeBetween(a, b);
}

// Keys of one time in their own order: a table has one form.
void SortByTime(std::vector<std::pair<std::string, EventTime>>* entries) {
  std::sort(entries->begin(), entries->end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second < b.second : a.first < b.first;
  });
}

}  // namespace

bool SuppressionTable::Suppressed(std::string_view key, EventTime t) {
  const uint32_t slot = table_.Find(key);
  if (slot != kNoSlot && Distance(t, table_[slot]) < suppress_ns_) {
    return true;
  }
  Put(key, t);
  return false;
}

std::vector<std::pair<std::string, EventTime>> SuppressionTable::Entries() const {
  std::vector<std::pair<std::string, EventTime>> entries;
  table_.ForEach([&](uint32_t slot) { entries.emplace_back(table_.key(slot), table_[slot]); });
  SortByTime(&entries);
  return entries;
}

void SuppressionTable::Load(std::vector<std::pair<std::string, EventTime>> entries) {
  SortByTime(&entries);
  for (const auto& [key, t] : entries) {
    uint32_t slot = table_.Find(key);
    if (slot == kNoSlot) {
      if (table_.size() >= kMaxKeys) table_.Remove(table_.oldest());
      slot = table_.Add(key);
    } else {
      table_.Touch(slot);
    }
    table_[slot] = t;
  }
}

void SuppressionTable::Put(std::string_view key, EventTime t) {
  uint32_t slot = table_.Find(key);
  if (slot == kNoSlot) {
    // Two old ones go for each new one, if they no longer suppress: the table shrinks by itself.
    for (int i = 0; i < 2 && table_.oldest() != kNoSlot; ++i) {
      const EventTime last = table_[table_.oldest()];
      const bool is_far = Distance(t, last) >= kept_ns_;
      const bool over = is_far && last < t;
      if (!over && table_.size() < kMaxKeys) {
        if (!is_far) break;
        // A forged time, which must not keep the others from being forgotten.
        table_.Touch(table_.oldest());
        continue;
      }
      if (!over) ++forgotten_;
      table_.Remove(table_.oldest());
    }
    slot = table_.Add(key);
    table_[slot] = t;
    return;
  }
  table_.Touch(slot);
  table_[slot] = t > table_[slot] ? t : table_[slot];
}

}  // namespace vedette::inline v0
