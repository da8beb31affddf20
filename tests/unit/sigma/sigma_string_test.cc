#include "lib/lang/sigma/sigma_string.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"

namespace vedette::sigma {
namespace {

using Kind = SigmaString::Piece::Kind;

// Pieces in a form that cannot be taken for a source: literals in brackets.
std::string Show(const SigmaString& s) {
  std::string out;
  for (const SigmaString::Piece& piece : s.pieces) {
    switch (piece.kind) {
      case Kind::kLiteral:
        out += "[" + piece.text + "]";
        break;
      case Kind::kAnyRun:
        out += "RUN";
        break;
      case Kind::kAnyOne:
        out += "ONE";
        break;
      case Kind::kDash:
        out += "DASH";
        break;
      case Kind::kPlaceholder:
        out += "<" + piece.text + ">";
        break;
    }
  }
  return out;
}

std::string Parsed(std::string_view text) { return Show(SigmaString::Parse(text)); }

TEST(SigmaStringParse, EscapesAndWildcards) {
  const struct {
    const char* source;
    const char* pieces;
  } kCases[] = {
      {R"()", ""},
      {R"(abc)", "[abc]"},
      {R"(a*b)", "[a]RUN[b]"},
      {R"(a?b)", "[a]ONE[b]"},
      {R"(a\*b)", "[a*b]"},
      {R"(a\?b)", "[a?b]"},
      {R"(a\\b)", R"([a\b])"},
      {R"(a\\\b)", R"([a\\b])"},   // three are two
      {R"(a\\\\b)", R"([a\\b])"},  // and so are four
      {R"(\\\\srv)", R"([\\srv])"},
      {R"(a\\*b)", R"([a\]RUN[b])"},
      {R"(a\\?b)", R"([a\]ONE[b])"},
      {R"(a\\\*b)", R"([a\*b])"},
      {R"(a\\\\*b)", R"([a\\]RUN[b])"},
      {R"(C:\W\cmd.exe)", R"([C:\W\cmd.exe])"},
      {R"(x\)", R"([x\])"},
      {R"(x\\)", R"([x\])"},
      {R"(x\\\)", R"([x\\])"},
      {R"(\n\t\")", R"([\n\t\"])"},  // not escapes of Sigma
      {R"(*)", "RUN"},
      {R"(**)", "RUNRUN"},
      {R"(?*)", "ONERUN"},
      {R"(\*)", "[*]"},
      {R"(100%)", "[100%]"},
      {R"(%a%)", "[%a%]"},  // only `expand` reads placeholders
  };
  for (const auto& c : kCases) EXPECT_EQ(Parsed(c.source), c.pieces) << c.source;
}

TEST(SigmaStringParse, KeepsEveryByteOfALiteral) {
  const std::string text("\0\xFF\n\xC3\xA4", 5);
  EXPECT_EQ(SigmaString::Parse(text).LiteralText(), text);
  EXPECT_EQ(SigmaString::Literal(R"(a\*?)").LiteralText(), R"(a\*?)");
  EXPECT_EQ(Show(SigmaString::Literal("")), "");
}

TEST(SigmaStringParse, NeverTwoLiteralsSideBySide) {
  testing::Lcg random;
  for (int i = 0; i < 5000; ++i) {
    const std::string source = random.Text(R"(ab\*?%-)", 12);
    const SigmaString s = SigmaString::Parse(source);
    for (size_t p = 0; p < s.pieces.size(); ++p) {
      if (s.pieces[p].kind != Kind::kLiteral) continue;
      EXPECT_FALSE(s.pieces[p].text.empty()) << source;
      if (p > 0) {
        EXPECT_NE(s.pieces[p - 1].kind, Kind::kLiteral) << source;
      }
    }
  }
}

TEST(SigmaString, SourceIsReadAsTheSameString) {
  testing::Lcg random;
  for (int i = 0; i < 20000; ++i) {
    const std::string source = random.Text(R"(a\\*?)", 10);
    const SigmaString s = SigmaString::Parse(source);
    EXPECT_EQ(SigmaString::Parse(s.ToSource()), s) << source << " became " << s.ToSource();
  }
  // Any literal at all, followed by anything.
  for (int i = 0; i < 20000; ++i) {
    SigmaString s = SigmaString::Literal(random.Text(R"(a\*?)", 5));
    if (random.Below(2) == 0) s.Append(random.Below(2) == 0 ? Kind::kAnyRun : Kind::kAnyOne);
    s.Append(Kind::kLiteral, random.Text(R"(a\*?)", 5));
    EXPECT_EQ(SigmaString::Parse(s.ToSource()), s) << s.ToSource();
  }
}

TEST(SigmaString, SourceHasNoNeedlessEscapes) {
  for (const char* source : {R"(C:\Windows\x.exe)", R"(x\)", R"(a*b?c)", R"(a\*b)"}) {
    EXPECT_EQ(SigmaString::Parse(source).ToSource(), source);
  }
}

TEST(SigmaString, LiteralTextIsOnlyForLiterals) {
  EXPECT_EQ(SigmaString::Parse("abc").LiteralText(), "abc");
  EXPECT_EQ(SigmaString::Parse("abc*").LiteralText(), "");
  EXPECT_EQ(SigmaString::Parse("*").LiteralText(), "");
  EXPECT_EQ(SigmaString::Parse("").LiteralText(), "");
}

TEST(SigmaString, AppendedStringsJoinTheirLiterals) {
  SigmaString s = SigmaString::Parse("*ab");
  s.Append(SigmaString::Parse("cd?"));
  EXPECT_EQ(Show(s), "RUN[abcd]ONE");
  EXPECT_TRUE(s.HasWildcards());
  EXPECT_FALSE(s.Has(Kind::kDash));
}

TEST(Wildcards, AreAddedUnlessThere) {
  const struct {
    const char* source;
    const char* leading;
    const char* trailing;
  } kCases[] = {
      {"a", "RUN[a]", "[a]RUN"},
      {"*a", "RUN[a]", "RUN[a]RUN"},
      {"a*", "RUN[a]RUN", "[a]RUN"},
      {"", "RUN", "RUN"},
      {"*", "RUN", "RUN"},
      {"?a?", "RUNONE[a]ONE", "ONE[a]ONERUN"},
      // A backslash at the end is text, never an escape of the wildcard that is added.
      {R"(C:\T\)", R"(RUN[C:\T\])", R"([C:\T\]RUN)"},
      {R"(a\*)", "RUN[a*]", "[a*]RUN"},
  };
  for (const auto& c : kCases) {
    SigmaString leading = SigmaString::Parse(c.source);
    AddLeadingWildcard(&leading);
    EXPECT_EQ(Show(leading), c.leading) << c.source;
    SigmaString trailing = SigmaString::Parse(c.source);
    AddTrailingWildcard(&trailing);
    EXPECT_EQ(Show(trailing), c.trailing) << c.source;
  }
}

TEST(Placeholders, AreFoundInLiterals) {
  const struct {
    const char* source;
    const char* pieces;
  } kCases[] = {
      {"%a%", "<a>"},
      {"x%a%y", "[x]<a>[y]"},
      {"%a%%b%", "<a><b>"},
      {"*%a.b-c_1%?", "RUN<a.b-c_1>ONE"},
      {"%%", "[%%]"},
      {"100%", "[100%]"},
      {"50% of 100%", "[50% of 100%]"},  // no name holds a blank
      {R"(\%a%)", "[%a%]"},
      {R"(\%a\%)", "[%a%]"},
      {R"(\%%a%)", "[%]<a>"},
      {"%a*b%", "[%a]RUN[b%]"},
      {"%\xC3\xA4%", "<\xC3\xA4>"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Show(WithPlaceholders(SigmaString::Parse(c.source))), c.pieces) << c.source;
  }
}

TEST(Placeholders, LeaveTheRestOfARegexUntouched) {
  EXPECT_EQ(Show(RegexWithPlaceholders(R"(^a\\b.*%x%\?[*]$)")), R"([^a\\b.*]<x>[\?[*]$])");
  EXPECT_EQ(Show(RegexWithPlaceholders(R"(\%x%)")), R"([\%x%])");
}

TEST(WithDashes, OnlyAtTheBeginningOfAWord) {
  const struct {
    const char* source;
    const char* pieces;
  } kCases[] = {
      {"-a", "DASH[a]"},
      {" -f", "[ ]DASH[f]"},
      {" /im ", "[ ]DASH[im ]"},
      {" -a-b", "[ ]DASH[a-b]"},
      {" -a /b", "[ ]DASH[a ]DASH[b]"},
      {"--a", "[-]DASH[a]"},
      {"a-b", "[a-b]"},
      {"_-b", "[_-b]"},
      {"- a", "[- a]"},
      {"-", "[-]"},
      {"a -", "[a -]"},
      {"http://x", "[http:/]DASH[x]"},
      {"*-a*", "RUNDASH[a]RUN"},
      {"-*", "[-]RUN"},
      {" \xE2\x80\x93"
       "enc",
       "[ ]DASH[enc]"},
      {" \xE2\x80\x94"
       "enc",
       "[ ]DASH[enc]"},
      {" \xE2\x80\x95"
       "enc",
       "[ ]DASH[enc]"},
      {" \xE2\x80\x92"
       "enc",
       "[ \xE2\x80\x92"
       "enc]"},  // a figure dash is none of the five
      {" -\xC3\xA4", "[ ]DASH[\xC3\xA4]"},
      {"\xC3\xA4-b", "[\xC3\xA4-b]"},
      {"-5", "DASH[5]"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Show(WithDashes(SigmaString::Parse(c.source))), c.pieces) << c.source;
  }
}

TEST(ToPattern, WildcardsAreCanonical) {
  using P = PatternPiece::Kind;
  const TextPattern pattern = ToPattern(SigmaString::Parse("a**?*?b\\*"), true);
  const std::vector<PatternPiece> expected = {{P::kLiteral, "a"},
                                              {P::kAnyOne, ""},
                                              {P::kAnyOne, ""},
                                              {P::kAnyRun, ""},
                                              {P::kLiteral, "b*"}};
  EXPECT_EQ(pattern.pieces, expected);
  EXPECT_TRUE(pattern.cased);
  EXPECT_FALSE(ToPattern(SigmaString::Parse("a"), false).cased);
  EXPECT_TRUE(ToPattern(SigmaString::Parse(""), false).pieces.empty());
}

TEST(ToPattern, IsCanonicalForAnyString) {
  testing::Lcg random;
  for (int i = 0; i < 5000; ++i) {
    const SigmaString s = WithDashes(SigmaString::Parse(random.Text("a *?-", 12)));
    const TextPattern pattern = ToPattern(s, false);
    TextPattern again = pattern;
    Canonicalize(&again);
    EXPECT_EQ(pattern, again) << s.ToSource();
    // Nothing is lost: as many `?` as the string has, and the same dashes.
    size_t ones[2] = {0, 0};
    size_t dashes[2] = {0, 0};
    for (const SigmaString::Piece& piece : s.pieces) {
      ones[0] += piece.kind == Kind::kAnyOne ? 1 : 0;
      dashes[0] += piece.kind == Kind::kDash ? 1 : 0;
    }
    for (const PatternPiece& piece : pattern.pieces) {
      ones[1] += piece.kind == PatternPiece::Kind::kAnyOne ? 1 : 0;
      dashes[1] += piece.kind == PatternPiece::Kind::kDash ? 1 : 0;
    }
    EXPECT_EQ(ones[0], ones[1]) << s.ToSource();
    EXPECT_EQ(dashes[0], dashes[1]) << s.ToSource();
  }
}

}  // namespace
}  // namespace vedette::sigma
