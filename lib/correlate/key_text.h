// Group keys for people and for output.
#ifndef VEDETTE_LIB_CORRELATE_KEY_TEXT_H_
#define VEDETTE_LIB_CORRELATE_KEY_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/program/correlation_layout.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// Name and value as JSON of each part of a key.
std::vector<std::pair<std::string, std::string>> KeyParts(const ProgramCorrelation& spec,
                                                          std::string_view key);
// `user.name="ann", host.id="h1"`, or "all events" without keys.
std::string KeyText(const ProgramCorrelation& spec, std::string_view key);
// ", since T" for a time.
std::string SinceText(EventTime t);
// ", 3m12s left" up to a deadline; nothing if `now` is not known.
std::string LeftText(EventTime now, EventTime deadline, std::string_view words = "left");
// What a source is called: its alias, or by its number.
std::string SourceText(const ProgramCorrelation& spec, uint32_t source);
// The two largest units of a duration: "3m12s", "2d1h", "250ms", "17ns".
std::string DurationText(uint64_t ns);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_KEY_TEXT_H_
