// What the encodings of function_table.h make of a text.
#ifndef VEDETTE_LIB_LANG_VEDETTE_ENCODINGS_H_
#define VEDETTE_LIB_LANG_VEDETTE_ENCODINGS_H_

#include <string>
#include <vector>

#include "lib/ir/ir.h"

namespace vedette::inline v0::lang {

// Appends what `text`, a text or a pattern, becomes. Says why it cannot be encoded, or "".
std::string Encode(const Encoding& encoding, const std::vector<PatternPiece>& text,
                   std::vector<std::vector<PatternPiece>>* out);

}  // namespace vedette::inline v0::lang

#endif  // VEDETTE_LIB_LANG_VEDETTE_ENCODINGS_H_
