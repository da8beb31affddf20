#include "lib/correlate/suppression.h"

#include "lib/correlate/event_time.h"

namespace vedette::inline v0 {
namespace {

// |a - b|, whatever the times.
uint64_t Distance(EventTime a, EventTime b) {
  return a > b ? TimeBetween(b, a) : TimeBetween(a, b);
}

}  // namespace

bool SuppressionTable::Suppressed(std::string_view key, EventTime t) {
  const uint32_t slot = table_.Find(key);
  if (slot != kNoSlot && Distance(t, table_[slot]) < static_cast<uint64_t>(suppress_ns_)) {
    return true;
  }
  Put(key, t);
  return false;
}

void SuppressionTable::Put(std::string_view key, EventTime t) {
  uint32_t slot = table_.Find(key);
  if (slot == kNoSlot) {
    // Two old ones go for each new one, if they no longer suppress: the table shrinks by itself.
    for (int i = 0; i < 2 && table_.oldest() != kNoSlot; ++i) {
      const EventTime last = table_[table_.oldest()];
      const bool over = last < t && Distance(t, last) >= static_cast<uint64_t>(suppress_ns_);
      if (!over && table_.size() < kMaxKeys) break;
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
