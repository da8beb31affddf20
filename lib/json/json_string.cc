#include "lib/json/json_string.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "lib/base/utf8.h"

namespace vedette::inline v0 {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101ULL;
constexpr uint64_t kHigh = 0x8080808080808080ULL;

// How many of the eight bytes at `p` stand before the first backslash.
size_t PlainBytes(const char* p, uint64_t* word) {
  std::memcpy(word, p, 8);
  // The lowest high bit set is that of a byte that became 0; ones above it may be wrong.
  const uint64_t zeroed = *word ^ (kOnes * '\\');
  const uint64_t found = (zeroed - kOnes) & ~zeroed & kHigh;
  static_assert(std::endian::native == std::endian::little);
  return static_cast<size_t>(std::countr_zero(found)) / 8;
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
    if (*in == '\\') {
      if (++in == end) return nullptr;
      const char letter = *in++;
      if (letter == 'u') {
        if (!Unicode(&in, end, &out)) return nullptr;
        continue;
      }
      const char meaning = MeaningOf(letter);
      if (meaning == 0) return nullptr;
      *out++ = meaning;
      continue;
    }
    uint64_t word = 0;
    if (end - in >= 8) {
      const size_t plain = PlainBytes(in, &word);
      if (plain == 8) {
        std::memcpy(out, &word, 8);
        in += 8;
        out += 8;
        continue;
      }
      // Not all eight: what has not been read yet would be overwritten.
      for (const char* const stop = in + plain; in < stop;) *out++ = *in++;
      continue;
    }
    *out++ = *in++;
  }
  return out;
}

}  // namespace vedette::inline v0
