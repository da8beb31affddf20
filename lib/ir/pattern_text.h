// Patterns as texts, for where they are values: see WildcardMatches.
#ifndef VEDETTE_LIB_IR_PATTERN_TEXT_H_
#define VEDETTE_LIB_IR_PATTERN_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

#include "lib/ir/ir.h"

namespace vedette::inline v0 {

// Equal texts for equal patterns.
std::string PatternText(const std::vector<PatternPiece>& pieces);
// The canonical pattern that the text means.
std::vector<PatternPiece> PatternOfText(std::string_view text);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_PATTERN_TEXT_H_
