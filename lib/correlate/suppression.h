// Which detections of one rule are left out because another of the same key came shortly before.
#ifndef VEDETTE_LIB_CORRELATE_SUPPRESSION_H_
#define VEDETTE_LIB_CORRELATE_SUPPRESSION_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/correlate/key_table.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// The time of the last emitted detection of each suppression key. Entries that no longer suppress
// are forgotten as time goes on; beyond a million keys the oldest are, too. Thread-compatible.
class SuppressionTable {
 public:
  // `lateness_ns`: how far times may go backwards.
  explicit SuppressionTable(int64_t suppress_ns, int64_t lateness_ns = 0)
      : suppress_ns_(static_cast<uint64_t>(suppress_ns)),
        kept_ns_(suppress_ns_ + static_cast<uint64_t>(std::max<int64_t>(lateness_ns, 0))) {}

  // Whether a detection at `t` is to be left out; if not, it is the last emitted one from now on.
  // Times may go backwards (single-event rules): less than `suppress_ns` before the last one is
  // suppressed as well.
  bool Suppressed(std::string_view key, EventTime t);
  // The key and time of the last emitted detection of each key, the oldest first.
  std::vector<std::pair<std::string, EventTime>> Entries() const;
  // Adds what Entries gave. Whatever the order, the oldest are forgotten first.
  void Load(std::vector<std::pair<std::string, EventTime>> entries);
  size_t size() const { return table_.size(); }
  size_t bytes() const { return table_.size() == 0 ? 0 : table_.bytes(); }
  uint64_t forgotten() const { return forgotten_; }

 private:
  static constexpr size_t kMaxKeys = 1'000'000;

  // As if a detection had been emitted.
  void Put(std::string_view key, EventTime t);

  uint64_t suppress_ns_;
  uint64_t kept_ns_;           // an entry may still suppress what comes late
  KeyTable<EventTime> table_;  // oldest first by the order of emission
  uint64_t forgotten_ = 0;     // for want of room
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_SUPPRESSION_H_
