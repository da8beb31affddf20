#include "lib/json/json_string.h"

#include <cstdint>
#include <string_view>

namespace vedette::inline v0 {
namespace {

// The value of four hexadecimal digits, or -1.
int32_t HexDigits(const char* text) {
  int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text[i];
    int32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

void AppendUtf8(int32_t cp, std::string* out) {
  const auto byte = [out](int32_t b) { out->push_back(static_cast<char>(b)); };
  if (cp < 0x80) {
    byte(cp);
  } else if (cp < 0x800) {
    byte(0xC0 | cp >> 6);
    byte(0x80 | (cp & 0x3F));
  } else if (cp < 0x10000) {
    byte(0xE0 | cp >> 12);
    byte(0x80 | (cp >> 6 & 0x3F));
    byte(0x80 | (cp & 0x3F));
  } else {
    byte(0xF0 | cp >> 18);
    byte(0x80 | (cp >> 12 & 0x3F));
    byte(0x80 | (cp >> 6 & 0x3F));
    byte(0x80 | (cp & 0x3F));
  }
}

// `*text` stands behind `\u`; moves it behind what was read.
bool DecodeUnicode(const char** text, std::string* out) {
  int32_t cp = HexDigits(*text);
  if (cp < 0) return false;
  *text += 4;
  if (cp >= 0xD800 && cp < 0xDC00 && (*text)[0] == '\\' && (*text)[1] == 'u') {
    const int32_t low = HexDigits(*text + 2);
    if (low >= 0xDC00 && low < 0xE000) {
      *text += 6;
      AppendUtf8(0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00), out);
      return true;
    }
  }
  AppendUtf8(cp >= 0xD800 && cp < 0xE000 ? 0xFFFD : cp, out);
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
