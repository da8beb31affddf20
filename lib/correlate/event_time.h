// Arithmetic of event times that stays within them.
#ifndef VEDETTE_LIB_CORRELATE_EVENT_TIME_H_
#define VEDETTE_LIB_CORRELATE_EVENT_TIME_H_

#include <cstdint>

#include "vedette/event.h"

namespace vedette::inline v0 {

// The last time that a record may have; a deadline beyond it comes at the end of the stream.
inline constexpr EventTime kLastTime = INT64_MAX - 1;

// t + d and t - d, d >= 0, or the last and first time there is.
inline EventTime TimeAfter(EventTime t, int64_t d) {
  EventTime sum = 0;
  return __builtin_add_overflow(t, d, &sum) || sum > kLastTime ? kLastTime : sum;
}
inline EventTime TimeBefore(EventTime t, int64_t d) {
  EventTime difference = 0;
  const bool overflow = __builtin_sub_overflow(t, d, &difference);
  return overflow || difference == kNoEventTime ? kNoEventTime + 1 : difference;
}
// later - earlier, which may be more than an int64_t holds.
inline uint64_t TimeBetween(EventTime earlier, EventTime later) {
  return static_cast<uint64_t>(later) - static_cast<uint64_t>(earlier);
}
// Whether `later` is more than `d` after `earlier`.
inline bool IsPast(EventTime earlier, int64_t d, EventTime later) {
  return TimeBetween(earlier, later) > static_cast<uint64_t>(d);
}
// The start of the tumbling window of `t`.
inline EventTime WindowStart(EventTime t, int64_t d) {
  const int64_t into = t % d;
  return TimeBefore(t, into < 0 ? into + d : into);
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_EVENT_TIME_H_
