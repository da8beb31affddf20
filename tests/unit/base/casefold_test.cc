#include "lib/base/casefold.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace vedette::inline v0 {
namespace {

constexpr char32_t kLastCodePoint = 0x10FFFF;

std::string Folded(std::string_view s) {
  std::string out;
  AppendFolded(s, &out);
  return out;
}

TEST(SimpleFoldTest, FoldsAscii) {
  for (char32_t c = 0; c < 0x80; ++c) {
    EXPECT_EQ(SimpleFold(c), c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
}

TEST(SimpleFoldTest, FoldsOneToOne) {
  struct {
    char32_t from, to;
  } const cases[] = {
      {0xC4, 0xE4},        // A umlaut
      {0xD7, 0xD7},        // the multiplication sign, amid letters
      {0xB5, 0x3BC},       // micro sign to Greek mu
      {0x17F, 's'},        // long s, out of its neighbours' distance
      {0x178, 0xFF},       // backwards
      {0x130, 0x130},      // dotted capital I: has a full and a Turkish folding only
      {0x131, 0x131},      // dotless small i
      {0x3A3, 0x3C3},      // sigma
      {0x3C2, 0x3C3},      // final sigma
      {0x410, 0x430},      // Cyrillic
      {0x1C4, 0x1C6},      // a digraph in upper case ...
      {0x1C5, 0x1C6},      // ... and in title case
      {0x13F8, 0x13F0},    // Cherokee folds to upper case
      {0xAB70, 0x13A0},    //
      {0xDF, 0xDF},        // sharp s: "ss" would be full folding
      {0x1E9E, 0xDF},      // capital sharp s has a simple folding, too
      {0x1F88, 0x1F80},    // so has Greek with iota below
      {0x212A, 'k'},       // Kelvin
      {0xFF21, 0xFF41},    // full width
      {0xFB00, 0xFB00},    // ligatures have a full folding only
      {0x10400, 0x10428},  // beyond the basic plane
  };
  for (const auto& [from, to] : cases) {
    EXPECT_EQ(static_cast<uint32_t>(SimpleFold(from)), static_cast<uint32_t>(to))
        << std::hex << static_cast<uint32_t>(from);
  }
}

TEST(SimpleFoldTest, FoldingTwiceIsFoldingOnce) {
  size_t moved = 0;
  for (char32_t c = 0; c <= kLastCodePoint; ++c) {
    const char32_t folded = SimpleFold(c);
    ASSERT_EQ(SimpleFold(folded), folded) << static_cast<uint32_t>(c);
    ASSERT_LE(folded, kLastCodePoint);
    moved += folded != c;
  }
  // Unicode 14 has 1454; later versions only add.
  EXPECT_GE(moved, 1454U);
}

TEST(NextCodePointTest, EveryCodePointSurvives) {
  for (char32_t c = 0x80; c <= kLastCodePoint; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    // What folds to itself is written back unchanged, so decode(encode(c)) == c.
    std::string s;
    if (c < 0x800) {
      s = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      s = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
           static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      s = {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
           static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
    char32_t decoded = 0;
    ASSERT_EQ(NextCodePoint(s, 0, &decoded), s.size());
    ASSERT_EQ(decoded, c);
    if (SimpleFold(c) == c) {
      ASSERT_EQ(Folded(s), s);
    } else {
      ASSERT_NE(Folded(s), s);
    }
  }
}

TEST(NextCodePointTest, BytesThatAreNoUtf8StandAlone) {
  const std::string_view cases[] = {
      "\x80",  // a continuation without a lead
      "\xC3",  // cut off
      "\xC3"
      "A",                 // not continued
      "\xC0\xAF",          // overlong, two bytes
      "\xE0\x80\xAF",      // overlong, three
      "\xF0\x80\x80\xAF",  // overlong, four
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // beyond the last code point
      "\xE2\x82",          // cut off, three
      "\xF0\x9F\x98",      // cut off, four
      "\xF8\x88\x80\x80",  // never a lead
      "\xFF",
  };
  for (const std::string_view s : cases) {
    char32_t c = 0;
    EXPECT_EQ(NextCodePoint(s, 0, &c), 1U);
    EXPECT_EQ(static_cast<uint32_t>(c), 0xDC00U + static_cast<unsigned char>(s[0]));
  }
}

TEST(AppendFoldedTest, FoldsAndAppends) {
  std::string out = "KEPT ";
  AppendFolded("C:\\Windows\\CMD.exe", &out);
  EXPECT_EQ(out, "KEPT c:\\windows\\cmd.exe");
  EXPECT_EQ(Folded(""), "");
  EXPECT_EQ(Folded("\xC3\x84"
                   "B"),
            "\xC3\xA4"
            "b");
  EXPECT_EQ(Folded("\xE2\x84\xAA"), "k");         // shorter when folded
  EXPECT_EQ(Folded("\xC8\xBA"), "\xE2\xB1\xA5");  // longer when folded
  EXPECT_EQ(Folded(std::string_view("A\0B", 3)), std::string_view("a\0b", 3));
}

TEST(AppendFoldedTest, CopiesBytesThatAreNoUtf8) {
  EXPECT_EQ(Folded("A\xFF"
                   "B\xC3"),
            "a\xFF"
            "b\xC3");
  EXPECT_EQ(Folded("\xED\xA0\x80X"), "\xED\xA0\x80x");
}

TEST(IsAsciiTest, LooksAtEveryByte) {
  EXPECT_TRUE(IsAscii(""));
  for (size_t length = 1; length < 20; ++length) {
    std::string s(length, '\x7F');
    EXPECT_TRUE(IsAscii(s));
    for (size_t i = 0; i < length; ++i) {
      s[i] = '\x80';
      EXPECT_FALSE(IsAscii(s)) << i << " of " << length;
      s[i] = '\x7F';
    }
  }
}

}  // namespace
}  // namespace vedette::inline v0
