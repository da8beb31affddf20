// Which detections of one rule are left out because another of the same key came shortly before.
#ifndef VEDETTE_LIB_CORRELATE_SUPPRESSION_H_
#define VEDETTE_LIB_CORRELATE_SUPPRESSION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/correlate/key_table.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// The time of the last emitted detection of each suppression key. Entries that no longer suppress
// are forgotten as time goes on; beyond a million keys the oldest are, too. Thread-compatible.
class SuppressionTable {
 public:
  explicit SuppressionTable(int64_t suppress_ns) : suppress_ns_(suppress_ns) {}

  // Whether a detection at `t` is to be left out; if not, it is the last emitted one from now on.
  // Times may go backwards (single-event rules): less than `suppress_ns` before the last one is
  // suppressed as well.
  bool Suppressed(std::string_view key, EventTime t);
  // As if a detection had been emitted.
  void Put(std::string_view key, EventTime t);
  // f(key, time of the last emitted detection), in no particular order.
  template <typename F>
  void ForEach(F f) const {
    table_.ForEach([&](uint32_t slot) { f(table_.key(slot), table_[slot]); });
  }
  size_t size() const { return table_.size(); }
  size_t bytes() const { return table_.size() == 0 ? 0 : table_.bytes(); }
  uint64_t forgotten() const { return forgotten_; }

 private:
  static constexpr size_t kMaxKeys = 1'000'000;

  int64_t suppress_ns_;
  KeyTable<EventTime> table_;  // oldest first by the order of emission
  uint64_t forgotten_ = 0;     // for want of room
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_SUPPRESSION_H_
