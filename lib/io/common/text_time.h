// Times as logs write them.
#ifndef VEDETTE_LIB_IO_COMMON_TEXT_TIME_H_
#define VEDETTE_LIB_IO_COMMON_TEXT_TIME_H_

#include <string_view>

#include "lib/event/civil_time.h"
#include "vedette/event.h"
#include "vedette/io/text.h"

namespace vedette::inline v0 {

// As ParseEventTime, but a text without a zone is read in the zone of the options.
EventTime ParseTimeIn(const TextOptions& options, const Value& v);

// `Nov  7 09:12:33`, also with a year before or after the clock, a fraction of a second and a zone
// (`Nov 17 2026 09:12:33.250 UTC`), at the beginning of `*rest`; takes it off. False, and nothing
// taken, if there is none. `*out` is kNoEventTime if the year is missing and cannot be told.
bool TakeMonthTime(const TextOptions& options, std::string_view* rest, EventTime* out);

// An RFC 3339 time (`2026-11-17T09:12:33.5+01:00`, the zone may be missing) up to the next blank.
bool TakeIsoTime(const TextOptions& options, std::string_view* rest, EventTime* out);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_COMMON_TEXT_TIME_H_
