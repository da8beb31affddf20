// Incidents as a reader at a terminal wants them.
#ifndef VEDETTE_LIB_CLI_STORY_H_
#define VEDETTE_LIB_CLI_STORY_H_

#include <cstddef>
#include <string>

#include "vedette/alert/incident.h"

namespace vedette::inline v0::cli {

// The incident as lines of at most `width` cells: how bad, where, who, its alerts in order with why
// each belongs here, at most `most` of them, and what to look at next. Ends in a newline.
std::string StoryOf(const Incident& incident, size_t most, size_t width, bool color);
// One line of a list.
std::string LineOf(const Incident& incident, size_t width, bool color);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_STORY_H_
