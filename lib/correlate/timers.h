// Event-time timers of all operators of one depth.
#ifndef VEDETTE_LIB_CORRELATE_TIMERS_H_
#define VEDETTE_LIB_CORRELATE_TIMERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "vedette/event.h"

namespace vedette::inline v0 {

struct Timer {
  EventTime deadline = 0;
  uint32_t correlation = 0;
  uint32_t slot = 0;        // the operator's key
  uint32_t generation = 0;  // tells a later key in the same slot
};

// Hands timers out by (deadline, correlation, key). Timers are never taken back: whoever gets a
// stale one ignores it. Thread-compatible.
class Timers {
 public:
  // Whose key a slot is, to order timers of one deadline; null or no key: by slot.
  using KeyOf = std::function<std::string_view(uint32_t correlation, uint32_t slot)>;
  explicit Timers(KeyOf key_of) : key_of_(std::move(key_of)) {}

  void Add(const Timer& timer);
  // The first timer with a deadline before `bound`; false if there is none.
  bool Pop(EventTime bound, Timer* out);
  // Forgets those for which `is_stale` gives true.
  void Purge(const std::function<bool(const Timer&)>& is_stale);
  size_t size() const { return size_; }
  size_t bytes() const;

 private:
  KeyOf key_of_;
  std::vector<Timer> heap_;
  std::vector<Timer> due_;  // of one deadline, last first
  size_t size_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_TIMERS_H_
