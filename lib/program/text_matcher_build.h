// Compiles text patterns of the IR.
#ifndef VEDETTE_LIB_PROGRAM_TEXT_MATCHER_BUILD_H_
#define VEDETTE_LIB_PROGRAM_TEXT_MATCHER_BUILD_H_

#include "lib/ir/ir.h"
#include "lib/program/text_matcher.h"

namespace vedette::inline v0 {

// `pattern` must be canonical. Literals are folded here unless the pattern is cased.
TextMatcher BuildTextMatcher(const TextPattern& pattern);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_TEXT_MATCHER_BUILD_H_
