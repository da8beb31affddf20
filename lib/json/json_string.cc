#include "lib/json/json_string.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/utf8.h"

namespace vedette::inline v0 {
namespace {

// `*text` stands behind `\u`; moves it behind what was read.
bool DecodeUnicode(const char** text, std::string* out) {
  const std::optional<uint32_t> cp = HexDigits(std::string_view(*text, 4), 4);
  if (!cp.has_value()) return false;
  *text += 4;
  if (*cp >= 0xD800 && *cp < 0xDC00 && (*text)[0] == '\\' && (*text)[1] == 'u') {
    const std::optional<uint32_t> low = HexDigits(std::string_view(*text + 2, 4), 4);
    if (low.has_value() && *low >= 0xDC00 && *low < 0xE000) {
      *text += 6;
      AppendUtf8(0x10000 + ((*cp - 0xD800) << 10) + (*low - 0xDC00), out);
      return true;
    }
  }
  AppendUtf8(*cp, out);
  return true;
}

}  // namespace

bool DecodeJsonString(const char* text, std::string* out) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  out->clear();
  while (*text != '"') {
    if (static_cast<unsigned char>(*text) < 0x20) return false;
    if (*text != '\\') {
      out->push_back(*text++);
      continue;
    }
    ++text;
    if (*text == 'u') {
      ++text;
      if (!DecodeUnicode(&text, out)) return false;
      continue;
    }
    const size_t escape = kEscapes.find(*text);
    if (escape == std::string_view::npos || *text == '\0') return false;
    out->push_back(kMeanings[escape]);
    ++text;
  }
  return true;
}

}  // namespace vedette::inline v0
