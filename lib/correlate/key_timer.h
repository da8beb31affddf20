// The one timer that a key has in Timers: linked lazily, looked at again when it comes.
#ifndef VEDETTE_LIB_CORRELATE_KEY_TIMER_H_
#define VEDETTE_LIB_CORRELATE_KEY_TIMER_H_

#include "lib/correlate/event_time.h"
#include "lib/correlate/snapshot_io.h"
#include "vedette/correlator.h"

namespace vedette::inline v0 {

// Timers are never taken back, so a key that was touched leaves its timer where it is and links a
// new one when that comes. It is saved, so that a restored key does everything at the same times.
struct KeyTimer {
  EventTime linked = kEndOfTime;  // that: none

  bool is_linked() const { return linked != kEndOfTime; }
  // Whether a timer must be added for `deadline`; it then counts as linked.
  bool Link(EventTime deadline) {
    if (linked <= deadline) return false;
    linked = deadline;
    return true;
  }
  // Whether the timer that came is the linked one; none is linked then.
  bool Take(EventTime deadline) {
    if (linked != deadline) return false;
    linked = kEndOfTime;
    return true;
  }
  void Save(SnapshotWriter* out) const {
    out->Bool(is_linked());
    if (is_linked()) out->Signed(linked);
  }
  void Load(SnapshotReader* in) {
    linked = in->Bool() ? in->Signed() : kEndOfTime;
    if (is_linked() && linked > kLastTime) in->Fail();
  }
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_KEY_TIMER_H_
