#include "lib/lang/sigma/regex_check.h"

#include <re2/re2.h>

#include <string>

#include "gtest/gtest.h"

namespace vedette::sigma {
namespace {

constexpr RegexFlags kNone = {};
constexpr RegexFlags kIgnoreCase = {true, false, false};

TEST(CheckRegex, AcceptsWhatRe2Has) {
  for (const char* regex : {
           "",
           "a",
           "^a$",
           "a|b|",
           "(a)(?:b)",
           "(?P<n>a)",
           "(?i)abc",
           "(?i:a)b",
           "(?s).",
           "(?m)^a$",
           "a??b*?c+?",
           "a{2}b{2,}c{2,3}d{2,3}?",
           "[]a]",
           "[^]a]",
           "[a-z\\]]",
           "\\d\\D\\w\\W\\s\\S",
           "\\bx\\B",
           "\\A\\z",
           "\\x41\\x{263a}",
           "\\pL\\p{Greek}",
           "[[:alpha:]]",
           "\\Q(?=\\E",
           "\\(?=",
           "\\\\1",
           "[(?=)]",
           "a+b+",
           "\xC3\xA4+",
           "(.){200,}",
           "a{1000}",
           "\\t\\n\\.\\-",
       }) {
    for (const RegexFlags& flags :
         {kNone, kIgnoreCase, RegexFlags{false, true, true}, RegexFlags{true, true, true}}) {
      const auto problem = CheckRegex(regex, flags);
      EXPECT_FALSE(problem.has_value()) << regex << ": " << problem->message;
    }
  }
}

TEST(CheckRegex, NamesWhatOnlyBacktrackingEnginesHave) {
  const struct {
    const char* regex;
    const char* name;
    size_t offset;
    size_t length;
  } kCases[] = {
      {"a(?=b)", "lookahead", 1, 3},
      {"a(?!b)", "negative lookahead", 1, 3},
      {"(?<=a)b", "lookbehind", 0, 4},
      {"x(?<!a)b", "negative lookbehind", 1, 4},
      {"(?:x|(?>a))", "an atomic group", 5, 3},
      {"(?|a|b)", "a branch reset group", 0, 3},
      {"(a)(?(1)b|c)", "a conditional group", 3, 3},
      {"a(?R)?", "recursion", 1, 3},
      {"(?&x)", "a subroutine call", 0, 3},
      {"a(?#note)", "a comment", 1, 3},
      {"(?P<x>a)(?P=x)", "a backreference", 8, 4},
      {"(a)\\1", "a backreference", 3, 2},
      {"(a)\\k<x>", "a backreference", 3, 2},
      {"(a)\\g{1}", "a backreference", 3, 2},
      {"a++", "a possessive quantifier", 2, 1},
      {"ab*+c", "a possessive quantifier", 3, 1},
      {"[(?=](?!x)", "negative lookahead", 5, 3},  // the first one is in a class
      {"\\(?=(?<=x)", "lookbehind", 4, 4},         // and here it is escaped
      {"[]](?=x)", "lookahead", 3, 3},             // a bracket that closes nothing
      {"[^]](?=x)", "lookahead", 4, 3},
      {"\xC3\xA4(?=x)", "lookahead", 2, 3},  // offsets are bytes
  };
  for (const auto& c : kCases) {
    for (const RegexFlags& flags : {kNone, kIgnoreCase}) {
      const auto problem = CheckRegex(c.regex, flags);
      ASSERT_TRUE(problem.has_value()) << c.regex;
      EXPECT_NE(problem->message.find("uses " + std::string(c.name) + ","), std::string::npos)
          << c.regex << ": " << problem->message;
      EXPECT_EQ(problem->offset, c.offset) << c.regex;
      EXPECT_EQ(problem->length, c.length) << c.regex;
      EXPECT_FALSE(problem->hint.empty()) << c.regex;
    }
  }
}

TEST(CheckRegex, BrokenExpressionsAndWhere) {
  const struct {
    const char* regex;
    size_t offset;
  } kCases[] = {{"ab[c", 2}, {"ab**", 2}, {"*a", 0}, {"x\\8", 1}, {"x[z-a]", 2}, {"ab\\pX", 2}};
  for (const auto& c : kCases) {
    const auto problem = CheckRegex(c.regex, kNone);
    ASSERT_TRUE(problem.has_value()) << c.regex;
    EXPECT_EQ(problem->offset, c.offset) << c.regex << ": " << problem->message;
    EXPECT_GT(problem->length, 0U) << c.regex;
  }
  for (const char* regex :
       {"(", ")", "a(b", "a)b", "[", "a\\", "a{2,1}", "(?z)", "(?P<>a)", "\\C\\", "\xFF"}) {
    EXPECT_TRUE(CheckRegex(regex, kNone).has_value()) << regex;
    EXPECT_TRUE(CheckRegex(regex, kIgnoreCase).has_value()) << regex;
  }
}

TEST(CheckRegex, FlagsDoNotBalanceBrackets) {
  // "(?i:" and ")" around it would make it valid.
  EXPECT_TRUE(CheckRegex("a)(b", kIgnoreCase).has_value());
  EXPECT_TRUE(CheckRegex("a)|(?:b", kIgnoreCase).has_value());
}

TEST(CheckRegex, PlacesStayWithinTheExpression) {
  for (const char* regex :
       {"(", "a(b", "a)b", "a{1001}", "((((", "a**", "x(?=y", "[[:x:]]", "\xFF"}) {
    for (const RegexFlags& flags : {kNone, kIgnoreCase, RegexFlags{true, true, true}}) {
      const auto problem = CheckRegex(regex, flags);
      ASSERT_TRUE(problem.has_value()) << regex;
      EXPECT_LE(problem->offset + problem->length, std::string(regex).size()) << regex;
    }
  }
}

TEST(CheckRegex, SaysWhyRepetitionsAreTooMany) {
  const auto repeat = CheckRegex("a{1001}", kNone);
  ASSERT_TRUE(repeat.has_value());
  EXPECT_NE(repeat->hint.find("1000"), std::string::npos);
  std::string large;
  for (int i = 0; i < 200; ++i) large += "\\pL{1000}";
  const auto size = CheckRegex(large, kNone);
  ASSERT_TRUE(size.has_value());
  EXPECT_NE(size->hint.find("smaller"), std::string::npos);
  EXPECT_TRUE(CheckRegex("((a{100}){100}){100}", kNone).has_value());
}

TEST(CheckRegex, DeepNestingIsNoCrash) {
  const std::string open(100000, '(');
  EXPECT_TRUE(CheckRegex(open, kNone).has_value());
  for (const std::string& deep : {open + "a" + std::string(100000, ')'), "(?=" + open}) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    EXPECT_EQ(CheckRegex(deep, kNone).has_value(), !re2::RE2(deep, options).ok());
  }
}

}  // namespace
}  // namespace vedette::sigma
