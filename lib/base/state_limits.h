// What a correlator remembers at most of one group key (docs/correlator.md). What is older or comes
// later is forgotten, counted, and the detections of the key are marked as degraded.
#ifndef VEDETTE_LIB_BASE_STATE_LIMITS_H_
#define VEDETTE_LIB_BASE_STATE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace vedette::inline v0 {

inline constexpr uint32_t kMaxWindowRecords = 1'000'000;
inline constexpr size_t kMaxWidePartials = 16;       // of a level that holds more than the latest
inline constexpr size_t kMaxWaitingMatches = 64;     // for the end of a trailing `![..]`
inline constexpr size_t kMaxGroupRecords = 100'000;  // of a quantified stage
inline constexpr size_t kMaxNewValues = 65'536;      // that are told apart
inline constexpr size_t kMaxLineageIds = 262'144;

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BASE_STATE_LIMITS_H_
