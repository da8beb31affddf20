#include "lib/base/json_text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstdint>

#include "lib/base/casefold.h"

namespace vedette::inline v0 {

namespace {

bool IsPlain(char c) { return c >= ' ' && c < '\x7F' && c != '"' && c != '\\'; }

// How many characters from `at` on need no escape and are ASCII.
size_t PlainRun(std::string_view s, size_t at) {
  size_t i = at;
#ifdef __SSE2__
  // Signed: bytes that are no ASCII are below a blank.
  const __m128i blank = _mm_set1_epi8(' ');
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i del = _mm_set1_epi8('\x7F');
  for (; i + 16 <= s.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s.data() + i));
    const __m128i special =
        _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(bytes, blank), _mm_cmpeq_epi8(bytes, quote)),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, backslash), _mm_cmpeq_epi8(bytes, del)));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(special));
    if (mask != 0) return i + static_cast<size_t>(std::countr_zero(mask)) - at;
  }
#endif
  while (i < s.size() && IsPlain(s[i])) ++i;
  return i - at;
}

// The code point at `*at`, which is no ASCII, or U+FFFD for a byte that is no UTF-8.
void AppendCodePoint(std::string_view s, size_t* at, std::string* out) {
  char32_t cp = 0;
  const size_t length = NextCodePoint(s, *at, &cp);
  // NextCodePoint gives a lone surrogate for a byte that is no UTF-8.
  if (cp >= 0xD800 && cp <= 0xDFFF) {
    out->append("\xEF\xBF\xBD");
  } else {
    out->append(s.substr(*at, length));
  }
  *at += length;
}

void AppendEscape(char c, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      out->append("\\u00");
      out->push_back(kHex[c >> 4]);
      out->push_back(kHex[c & 15]);
  }
}

}  // namespace

void AppendJsonString(std::string_view s, std::string* out) {
  out->push_back('"');
  for (size_t i = 0; i < s.size();) {
    const size_t plain = PlainRun(s, i);
    out->append(s.substr(i, plain));
    i += plain;
    if (i == s.size()) break;
    if (static_cast<unsigned char>(s[i]) >= 0x80) {
      AppendCodePoint(s, &i, out);
    } else {
      AppendEscape(s[i++], out);
    }
  }
  out->push_back('"');
}

void AppendJsonField(std::string_view name, std::string_view value, std::string* out) {
  if (!out->empty() && out->back() != '{') out->push_back(',');
  AppendJsonString(name, out);
  out->push_back(':');
  AppendJsonString(value, out);
}

void AppendJsonField(std::string_view name, uint64_t value, std::string* out) {
  if (!out->empty() && out->back() != '{') out->push_back(',');
  AppendJsonString(name, out);
  out->push_back(':');
  out->append(std::to_string(value));
}

}  // namespace vedette::inline v0
