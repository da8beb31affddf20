// What a text must contain for a regular expression to match it.
#ifndef VEDETTE_LIB_EVAL_REGEX_LITERALS_H_
#define VEDETTE_LIB_EVAL_REGEX_LITERALS_H_

#include <string>
#include <vector>

#include "re2/re2.h"

namespace vedette::inline v0 {

// Case-folded literals of which at least one stands in the case-folded text wherever `regex`
// matches; empty if nothing such is known.
std::vector<std::string> RequiredLiterals(const RE2& regex);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_REGEX_LITERALS_H_
