// Code points into UTF-8, and the hexadecimal digits that escapes write them with.
#ifndef VEDETTE_LIB_BASE_UTF8_H_
#define VEDETTE_LIB_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vedette::inline v0 {

// Writes `code` to `out`, at most 4 bytes; U+FFFD for half a surrogate pair and for what is beyond
// Unicode. Returns how many bytes it took.
inline size_t EncodeUtf8(char32_t code, char* out) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
  size_t size = 0;
  const auto add = [out, &size](char32_t byte) { out[size++] = static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | (code >> 6));
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | (code >> 18));
    add(0x80 | ((code >> 12) & 0x3F));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  }
  return size;
}

inline void AppendUtf8(char32_t code, std::string* out) {
  char bytes[4];
  out->append(bytes, EncodeUtf8(code, bytes));
}

// The number of exactly `count` hexadecimal digits (at most 8) with which `text` begins.
inline std::optional<uint32_t> HexDigits(std::string_view text, size_t count) {
  if (text.size() < count) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    const char c = text[i];
    uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<uint32_t>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
    value = value << 4 | digit;
  }
  return value;
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BASE_UTF8_H_
