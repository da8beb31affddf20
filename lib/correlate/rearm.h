// When a rule may fire again for a key (docs/correlator.md, section 2).
#ifndef VEDETTE_LIB_CORRELATE_REARM_H_
#define VEDETTE_LIB_CORRELATE_REARM_H_

#include "lib/correlate/snapshot_io.h"
#include "lib/program/correlation_layout.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// One per key. Fields are those of the last detection.
struct RearmState {
  bool fired = false;  // ever
  bool armed = true;   // kWhenFalse
  EventTime last = 0;

  // The window is new, or had become empty.
  void Renew() { armed = true; }
  // Whether a condition that was judged gives a detection at `t`.
  bool Judge(const ProgramCorrelation& spec, bool holds, EventTime t) {
    using Rearm = ProgramCorrelation::Rearm;
    if (!holds) {
      armed = true;
      return false;
    }
    bool fire = true;
    if (spec.rearm == Rearm::kWhenFalse) fire = armed;
    if (spec.rearm == Rearm::kNever) fire = !fired;
    // Written so that it cannot overflow: t >= last here.
    if (spec.rearm == Rearm::kAfter) {
      fire = !fired || static_cast<uint64_t>(t) - static_cast<uint64_t>(last) >=
                           static_cast<uint64_t>(spec.rearm_ns);
    }
    if (fire) {
      fired = true;
      last = t;
    }
    armed = false;
    return fire;
  }
  // Whether the state says more than that of a new key at `t` would, so that it must be kept.
  bool Matters(const ProgramCorrelation& spec, EventTime t) const {
    using Rearm = ProgramCorrelation::Rearm;
    if (!fired) return false;
    if (spec.rearm == Rearm::kNever) return true;
    return spec.rearm == Rearm::kAfter && static_cast<uint64_t>(t) - static_cast<uint64_t>(last) <
                                              static_cast<uint64_t>(spec.rearm_ns);
  }
  void Save(SnapshotWriter* out) const {
    out->Bool(fired);
    out->Bool(armed);
    out->Signed(last);
  }
  void Load(SnapshotReader* in) {
    fired = in->Bool();
    armed = in->Bool();
    last = in->Signed();
  }
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_REARM_H_
