// Which fields a rule reads, and whether it could hold if some of them never came.
#ifndef VEDETTE_LIB_ALERT_RULE_NEEDS_H_
#define VEDETTE_LIB_ALERT_RULE_NEEDS_H_

#include <cstdint>
#include <vector>

#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

// Fields of the program that the rule's condition reads, sorted.
std::vector<uint32_t> FieldsOfRule(const ProgramLayout& layout, const ProgramRule& rule);

// False only if the condition is false for every event that has none but the fields marked in
// `seen` (by field). What is under a "not" is taken to be possible.
bool CouldHold(const ProgramLayout& layout, const ProgramRule& rule, const std::vector<bool>& seen);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_RULE_NEEDS_H_
