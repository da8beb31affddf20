// The times of Elastic rules: "now-9m", "5m".
#ifndef VEDETTE_LIB_LANG_ELASTIC_DATE_MATH_H_
#define VEDETTE_LIB_LANG_ELASTIC_DATE_MATH_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace vedette::inline v0::elastic {

// How long before now: "now-1d-2h" is 26 hours, "now" nothing. Rounding ("/d") is ignored, since
// a stream has no moment at which it would count. A month has 30 days, a year 365. Nothing for
// other texts (absolute dates), for the future, and beyond 100 years.
std::optional<int64_t> NanosecondsBeforeNow(std::string_view text);

// "30s", "5m", "1h"; positive and at most 100 years.
std::optional<int64_t> DurationNanoseconds(std::string_view text);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_DATE_MATH_H_
