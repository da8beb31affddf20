// What rule languages make of a constant text: UTF-16, base64, the dashes that begin options.
#ifndef VEDETTE_LIB_IR_TEXT_ENCODING_H_
#define VEDETTE_LIB_IR_TEXT_ENCODING_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/ir/ir.h"

namespace vedette::inline v0 {

// The most texts that one with dashes is written out as.
inline constexpr size_t kMaxDashVariants = 625;

// `literal` in pieces: every dash or slash that begins a word (nothing or no word character before
// it, a word character after it) is one that matches any of the five.
std::vector<PatternPiece> DashedPieces(std::string_view literal);
// The texts that literals and dashes stand for. At most `max`; empty if there are more.
std::vector<std::string> ExpandDashes(std::span<const PatternPiece> pieces, size_t max);

// UTF-8 to UTF-16 without a byte order mark. Bytes that are no UTF-8 become U+FFFD.
std::string ToUtf16(std::string_view utf8, bool big_endian);
// UTF-16, little endian, after a byte order mark.
std::string ToMarkedUtf16(std::string_view utf8);
std::string Base64(std::string_view bytes);
// What base64 of a text that holds `bytes` has in it, for each of the three alignments; characters
// that depend on the neighbours are left out, and so are alignments without any character left.
std::vector<std::string> Base64Offsets(std::string_view bytes);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_TEXT_ENCODING_H_
