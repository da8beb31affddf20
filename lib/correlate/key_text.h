// Group keys for people and for output.
#ifndef VEDETTE_LIB_CORRELATE_KEY_TEXT_H_
#define VEDETTE_LIB_CORRELATE_KEY_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/program/correlation_layout.h"

namespace vedette::inline v0 {

// Name and value as JSON of each part of a key.
std::vector<std::pair<std::string, std::string>> KeyParts(const ProgramCorrelation& spec,
                                                          std::string_view key);
// `user.name="ann", host.id="h1"`, or "all events" without keys.
std::string KeyText(const ProgramCorrelation& spec, std::string_view key);
// The two largest units of a duration: "3m12s", "2d1h", "250ms", "17ns".
std::string DurationText(uint64_t ns);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_KEY_TEXT_H_
