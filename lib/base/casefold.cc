#include "lib/base/casefold.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <cstring>
#include <iterator>

#include "lib/base/casefold_table.inc"
#include "lib/base/utf8.h"

namespace vedette::inline v0 {
namespace {

constexpr char32_t kInvalidBase = 0xDC00;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

char FoldAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool IsAscii(std::string_view s) {
  size_t i = 0;
  for (; i + 8 <= s.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, s.data() + i, 8);
    if ((word & 0x8080808080808080ULL) != 0) return false;
  }
  for (; i < s.size(); ++i) {
    if (static_cast<unsigned char>(s[i]) >= 0x80) return false;
  }
  return true;
}

bool FoldAsciiTo(std::string_view text, char* out) {
  size_t i = 0;
#ifdef __SSE2__
  // Signed comparisons: bytes that are no ASCII are below 'A'.
  const __m128i before_a = _mm_set1_epi8('A' - 1);
  const __m128i beyond_z = _mm_set1_epi8('Z' + 1);
  const __m128i lower = _mm_set1_epi8('a' - 'A');
  __m128i all = _mm_setzero_si128();
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    all = _mm_or_si128(all, bytes);
    const __m128i upper =
        _mm_and_si128(_mm_cmpgt_epi8(bytes, before_a), _mm_cmplt_epi8(bytes, beyond_z));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i),
                     _mm_or_si128(bytes, _mm_and_si128(upper, lower)));
  }
  if (_mm_movemask_epi8(all) != 0) return false;
#endif
  constexpr uint64_t kOnes = 0x0101010101010101ULL;
  constexpr uint64_t kHigh = 0x80 * kOnes;
  uint64_t seen = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    seen |= word;
    // The high bit of each byte that is at least 'A', and of each beyond 'Z'; no carry between
    // bytes below 0x80.
    const uint64_t from_a = (word & ~kHigh) + (0x80 - 'A') * kOnes;
    const uint64_t beyond = (word & ~kHigh) + (0x80 - 'Z' - 1) * kOnes;
    word |= (from_a & ~beyond & kHigh) >> 2;
    std::memcpy(out + i, &word, 8);
  }
  if ((seen & kHigh) != 0) return false;
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= 0x80) return false;
    out[i] = FoldAscii(text[i]);
  }
  return true;
}

char32_t SimpleFold(char32_t c) {
  if (c < 0x80) return static_cast<unsigned char>(FoldAscii(static_cast<char>(c)));
  const auto* const it =
      std::lower_bound(std::begin(kCaseFoldRanges), std::end(kCaseFoldRanges), c,
                       [](const CaseFoldRange& r, char32_t cp) { return r.last < cp; });
  if (it == std::end(kCaseFoldRanges) || c < it->first || (c - it->first) % it->stride != 0) {
    return c;
  }
  return static_cast<char32_t>(static_cast<int64_t>(c) + it->delta);
}

void AppendFolded(std::string_view utf8, std::string* out) {
  const size_t start = out->size();
  out->resize(start + utf8.size());
  if (FoldAsciiTo(utf8, out->data() + start)) return;
  out->resize(start);
  for (size_t i = 0; i < utf8.size();) {
    char32_t c = 0;
    const size_t length = NextCodePoint(utf8, i, &c);
    if (length == 1) {
      out->push_back(FoldAscii(utf8[i]));
    } else {
      AppendUtf8(SimpleFold(c), out);
    }
    i += length;
  }
}

size_t NextCodePoint(std::string_view s, size_t pos, char32_t* cp) {
  const auto lead = static_cast<unsigned char>(s[pos]);
  *cp = lead;
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  static constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  char32_t c = lead & (0xFFU >> (length + 1));
  bool valid = lead >= 0xC2 && lead <= 0xF4 && pos + length <= s.size();
  for (size_t i = 1; valid && i < length; ++i) {
    valid = IsContinuation(s[pos + i]);
    c = (c << 6) | (static_cast<unsigned char>(s[pos + i]) & 0x3F);
  }
  valid = valid && c >= kLeast[length] && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
  if (!valid) {
    *cp = kInvalidBase + lead;
    return 1;
  }
  *cp = c;
  return length;
}

}  // namespace vedette::inline v0
