#include "lib/ir/text_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "lib/base/casefold.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, 5> kDashes = {"-", "/", "\xE2\x80\x93", "\xE2\x80\x94",
                                                     "\xE2\x80\x95"};

bool IsDash(char32_t c) { return c == '-' || c == '/' || (c >= 0x2013 && c <= 0x2015); }

// Letters, digits and underscore. Beyond ASCII all but the blocks of punctuation and symbols.
bool IsWord(char32_t c) {
  if (c < 0x80) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  if (c == 0xD7 || c == 0xF7) return false;
  if (c >= 0xDC00 && c <= 0xDFFF) return false;
  const bool symbol = (c >= 0x2000 && c <= 0x206F) || (c >= 0x20A0 && c <= 0x20CF) ||
                      (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) ||
                      (c >= 0x3008 && c <= 0x3020) || (c >= 0xFE10 && c <= 0xFE6F) ||
                      (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0x1F000 && c <= 0x1FAFF);
  return !symbol;
}

}  // namespace

std::vector<PatternPiece> DashedPieces(std::string_view literal) {
  std::vector<PatternPiece> out;
  const auto add = [&out](std::string_view text) {
    if (!text.empty()) out.push_back({PatternPiece::Kind::kLiteral, std::string(text)});
  };
  size_t begin = 0;
  bool word_before = false;
  for (size_t i = 0; i < literal.size();) {
    char32_t c = 0;
    const size_t n = NextCodePoint(literal, i, &c);
    if (IsDash(c) && !word_before && i + n < literal.size()) {
      char32_t after = 0;
      NextCodePoint(literal, i + n, &after);
      if (IsWord(after)) {
        add(literal.substr(begin, i - begin));
        out.push_back({PatternPiece::Kind::kDash, ""});
        begin = i + n;
      }
    }
    word_before = IsWord(c);
    i += n;
  }
  add(literal.substr(begin));
  return out;
}

std::vector<std::string> ExpandDashes(std::span<const PatternPiece> pieces, size_t max) {
  constexpr size_t kMaxBytes = size_t{16} << 20;
  size_t length = 0;
  for (const PatternPiece& piece : pieces) length += piece.text.size() + 3;  // a dash: three bytes
  std::vector<std::string> out(1);
  for (const PatternPiece& piece : pieces) {
    if (piece.kind != PatternPiece::Kind::kDash) {
      for (std::string& variant : out) variant += piece.text;
      continue;
    }
    const size_t count = out.size() * kDashes.size();
    if (count > max || count * length > kMaxBytes) return {};
    std::vector<std::string> wider;
    for (const std::string& variant : out) {
      for (const std::string_view dash : kDashes) wider.push_back(variant + std::string(dash));
    }
    out = std::move(wider);
  }
  return out;
}

std::string ToUtf16(std::string_view utf8, bool big_endian) {
  std::string out;
  const auto unit = [&out, big_endian](char32_t u) {
    const char high = static_cast<char>((u >> 8) & 0xFF);
    const char low = static_cast<char>(u & 0xFF);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  };
  for (size_t i = 0; i < utf8.size();) {
    char32_t c = 0;
    i += NextCodePoint(utf8, i, &c);
    if (c >= 0xD800 && c <= 0xDFFF) c = 0xFFFD;
    if (c >= 0x10000) {
      unit(0xD800 + ((c - 0x10000) >> 10));
      unit(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      unit(c);
    }
  }
  return out;
}

std::string ToMarkedUtf16(std::string_view utf8) { return "\xFF\xFE" + ToUtf16(utf8, false); }

std::string Base64(std::string_view bytes) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (size_t j = 0; j < 4; ++j) {
      out += j <= n ? kAlphabet[(group >> (18 - 6 * j)) & 0x3F] : '=';
    }
  }
  return out;
}

std::vector<std::string> Base64Offsets(std::string_view bytes) {
  // With `offset` unknown bytes before, the first characters depend on them; the last group is
  // known up to the last whole six bits.
  constexpr std::array<size_t, 3> kStart = {0, 2, 3};
  std::vector<std::string> out;
  for (size_t offset = 0; offset < 3; ++offset) {
    const std::string padded = std::string(offset, '\0') + std::string(bytes);
    const size_t end = padded.size() * 8 / 6;
    if (end <= kStart[offset]) continue;
    out.push_back(Base64(padded).substr(kStart[offset], end - kStart[offset]));
  }
  return out;
}

}  // namespace vedette::inline v0
