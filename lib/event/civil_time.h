// Times as events write them.
#ifndef VEDETTE_LIB_EVENT_CIVIL_TIME_H_
#define VEDETTE_LIB_EVENT_CIVIL_TIME_H_

#include <cstdint>

#include "vedette/value.h"

namespace vedette::inline v0 {

// The wall clock of a time as it is written, and how far it is from UTC.
struct WallClock {
  int64_t year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int64_t nanos = 0;
  int offset_seconds = 0;  // wall clock minus UTC
};

// Understands what ParseEventTime (vedette/event.h) does. False if `v` is no time.
bool ParseWallClock(const Value& v, WallClock* out);
// Nanoseconds since 1970 UTC; saturates at the ends of int64.
int64_t ToNanos(const WallClock& w);
// The UTC wall clock of nanoseconds since 1970.
WallClock FromNanos(int64_t nanos);
// ISO 8601 week number, 1..53.
int IsoWeek(const WallClock& w);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVENT_CIVIL_TIME_H_
