// Unicode simple case folding and the decoding it needs.
#ifndef VEDETTE_LIB_BASE_CASEFOLD_H_
#define VEDETTE_LIB_BASE_CASEFOLD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vedette::inline v0 {

// A run of code points that fold by the same distance; every `stride`-th of them does.
struct CaseFoldRange {
  uint32_t first;
  uint32_t last;
  int32_t delta;
  uint32_t stride;
};

bool IsAscii(std::string_view s);

// The simple case folding (CaseFolding.txt, status C and S) of one code point.
char32_t SimpleFold(char32_t c);

// Writes `text` folded to `out`, which has room for as many bytes. False, with `out` spoilt, if it
// is not all ASCII.
bool FoldAsciiTo(std::string_view text, char* out);

// Appends `utf8` folded. Bytes that are no UTF-8 are copied as they are.
void AppendFolded(std::string_view utf8, std::string* out);

// Decodes the code point at `pos` < s.size() and returns its length in bytes, at least 1. A byte
// that is no UTF-8 is one long and decodes as 0xDC00 + byte, which equals no real code point.
size_t NextCodePoint(std::string_view s, size_t pos, char32_t* cp);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BASE_CASEFOLD_H_
