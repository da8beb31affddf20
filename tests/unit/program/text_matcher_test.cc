#include "lib/program/text_matcher.h"

#include <random>
#include <string>

#include "gtest/gtest.h"
#include "lib/base/casefold.h"
#include "lib/program/text_matcher_build.h"

namespace vedette {
namespace {

// '*' any run, '?' any one, '~' a dash; everything else literal.
TextPattern PatternOf(std::string_view text, bool cased = false) {
  TextPattern p;
  p.cased = cased;
  for (const char c : text) {
    PatternPiece piece;
    switch (c) {
      case '*':
        piece.kind = PatternPiece::Kind::kAnyRun;
        break;
      case '?':
        piece.kind = PatternPiece::Kind::kAnyOne;
        break;
      case '~':
        piece.kind = PatternPiece::Kind::kDash;
        break;
      default:
        piece.text = c;
    }
    p.pieces.push_back(piece);
  }
  Canonicalize(&p);
  return p;
}

// The definition, by trying everything.
bool Slow(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (size_t i = 0;;) {
      if (Slow(pattern.substr(1), text.substr(i))) return true;
      if (i >= text.size()) return false;
      char32_t skipped = 0;
      i += NextCodePoint(text, i, &skipped);
    }
  }
  if (text.empty()) return false;
  char32_t c = 0;
  const size_t n = NextCodePoint(text, 0, &c);
  if (pattern[0] == '?') return Slow(pattern.substr(1), text.substr(n));
  if (pattern[0] == '~') {
    const bool dash = c == '-' || c == '/' || c == 0x2013 || c == 0x2014 || c == 0x2015;
    return dash && Slow(pattern.substr(1), text.substr(n));
  }
  return pattern[0] == text[0] && Slow(pattern.substr(1), text.substr(1));
}

TEST(TextMatcher, AgreesWithTheDefinitionOnSmallTexts) {
  std::mt19937 random(7);
  const auto pick = [&random](std::string_view from) { return from[random() % from.size()]; };
  int matched = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string pattern;
    for (size_t n = random() % 7; n > 0; --n) pattern += pick("aab*?~");
    std::string text;
    for (size_t n = random() % 8; n > 0; --n) {
      switch (random() % 6) {
        case 0:
          text += "\xE2\x80\x93";  // U+2013
          break;
        case 1:
          text += "\xC3\xA4";
          break;
        case 2:
          text += pick("-/\xff\n");
          break;
        default:
          text += pick("ab");
      }
    }
    const bool expected = Slow(pattern, text);
    matched += expected ? 1 : 0;
    ASSERT_EQ(BuildTextMatcher(PatternOf(pattern, true)).Matches(text), expected)
        << pattern << " on " << text;
  }
  EXPECT_GT(matched, 10000) << "the generator must reach both answers";
}

TEST(TextMatcher, FoldsUnlessCased) {
  std::string folded;
  AppendFolded("C:\\W\\CMD.exe", &folded);
  EXPECT_TRUE(BuildTextMatcher(PatternOf("*\\cmd.EXE")).Matches(folded));
  EXPECT_FALSE(BuildTextMatcher(PatternOf("*\\cmd.EXE", true)).Matches("C:\\W\\CMD.exe"));
}

TEST(TextMatcher, SimplePatternsAreRecognised) {
  using Kind = TextMatcher::Kind;
  EXPECT_EQ(BuildTextMatcher(PatternOf("a")).kind(), Kind::kEqual);
  EXPECT_EQ(BuildTextMatcher(PatternOf("")).kind(), Kind::kEqual);
  EXPECT_EQ(BuildTextMatcher(PatternOf("a*")).kind(), Kind::kPrefix);
  EXPECT_EQ(BuildTextMatcher(PatternOf("*a")).kind(), Kind::kSuffix);
  EXPECT_EQ(BuildTextMatcher(PatternOf("**a**")).kind(), Kind::kContains);
  EXPECT_EQ(BuildTextMatcher(PatternOf("*")).kind(), Kind::kAlways);
  EXPECT_EQ(BuildTextMatcher(PatternOf("a*b")).kind(), Kind::kWildcard);
}

TEST(TextMatcher, HostileTextIsLinearEnough) {
  const std::string text(1 << 20, 'a');
  EXPECT_FALSE(BuildTextMatcher(PatternOf("*a*a*a*a*a*a*a*a*b")).Matches(text));
  EXPECT_FALSE(BuildTextMatcher(PatternOf("*aaaa?b*")).Matches(text));
}

}  // namespace
}  // namespace vedette
