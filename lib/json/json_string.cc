#include "lib/json/json_string.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "lib/base/utf8.h"

namespace vedette::inline v0 {
namespace {

// Moves `size` bytes, less than 16, to `out`, which is not behind `in`; other bytes stay.
void MoveShort(const char* in, size_t size, char* out) {
  if (size >= 8) {
    uint64_t first = 0;
    uint64_t last = 0;
    std::memcpy(&first, in, 8);
    std::memcpy(&last, in + size - 8, 8);
    std::memcpy(out, &first, 8);
    std::memcpy(out + size - 8, &last, 8);
  } else if (size >= 4) {
    uint32_t first = 0;
    uint32_t last = 0;
    std::memcpy(&first, in, 4);
    std::memcpy(&last, in + size - 4, 4);
    std::memcpy(out, &first, 4);
    std::memcpy(out + size - 4, &last, 4);
  } else {
    for (size_t i = 0; i < size; ++i) out[i] = in[i];
  }
}

// Moves what stands before the next backslash, or all of it; `*in` stands at that backslash then.
void MovePlain(const char** in, const char* end, char** out) {
#ifdef __SSE2__
  const __m128i backslash = _mm_set1_epi8('\\');
  while (end - *in >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(*in));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, backslash)));
    if (mask != 0) {
      const auto plain = static_cast<size_t>(std::countr_zero(mask));
      MoveShort(*in, plain, *out);
      *in += plain;
      *out += plain;
      return;
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(*out), bytes);
    *in += 16;
    *out += 16;
  }
#endif
  while (*in < end && **in != '\\') *(*out)++ = *(*in)++;
}

// `*in` stands behind `\u`; moves it behind what was read.
bool Unicode(const char** in, const char* end, char** out) {
  const auto left = [in, end] { return std::string_view(*in, static_cast<size_t>(end - *in)); };
  const std::optional<uint32_t> unit = HexDigits(left(), 4);
  if (!unit.has_value()) return false;
  *in += 4;
  char32_t code = *unit;
  if (code >= 0xD800 && code < 0xDC00 && left().starts_with("\\u")) {
    const std::optional<uint32_t> low = HexDigits(left().substr(2), 4);
    if (low.has_value() && *low >= 0xDC00 && *low < 0xE000) {
      *in += 6;
      code = 0x10000 + ((code - 0xD800) << 10) + (*low - 0xDC00);
    }
  }
  *out += EncodeUtf8(code, *out);
  return true;
}

// What the escape with this letter means; 0: JSON has no such escape.
char MeaningOf(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

char* UnescapeJson(char* begin, char* end) {
  if (begin == end) return end;
  char* out = static_cast<char*>(std::memchr(begin, '\\', static_cast<size_t>(end - begin)));
  if (out == nullptr) return end;
  const char* in = out;
  while (in < end) {
    if (*in != '\\') {
      MovePlain(&in, end, &out);
      continue;
    }
    if (++in == end) return nullptr;
    const char letter = *in++;
    if (letter == 'u') {
      if (!Unicode(&in, end, &out)) return nullptr;
      continue;
    }
    const char meaning = MeaningOf(letter);
    if (meaning == 0) return nullptr;
    *out++ = meaning;
  }
  return out;
}

}  // namespace vedette::inline v0
