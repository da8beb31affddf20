// The bound by which a regular expression is known to compile before it is compiled.
#include "lib/program/program_regex.h"

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace vedette {
namespace {

// Whether the pattern is bounded; if so, the bound must hold.
bool CheckBound(const std::string& pattern, bool cased) {
  const int64_t bound = ProgramRegex::BoundOf(pattern);
  if (bound == ProgramRegex::kNoBound) return false;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(cased);
  options.set_max_mem(bound * 8);  // the least that FitsWithin accepts
  EXPECT_TRUE(ProgramRegex::FitsWithin(bound, options.max_mem()));
  EXPECT_FALSE(ProgramRegex::FitsWithin(bound, options.max_mem() - 8));
  const RE2 regex(pattern, options);
  if (!regex.ok() && regex.error_code() != RE2::ErrorPatternTooLarge) return false;  // no pattern
  EXPECT_TRUE(regex.ok()) << pattern << ": " << regex.error();
  EXPECT_LE(ProgramRegex::BytesOf(regex), bound) << pattern;
  return true;
}

TEST(ProgramRegexBound, HoldsForPatternsOfAllKinds) {
  const std::vector<std::string> patterns = {"",
                                             "a",
                                             ".",
                                             "(?s).",
                                             ".*",
                                             ".*?x",
                                             "[^a]",
                                             "[^a-z0-9]",
                                             "\\D",
                                             "\\W",
                                             "\\S",
                                             "\\w",
                                             "\\b\\B",
                                             "[[:^alpha:]]",
                                             "[[:word:]]",
                                             "\\C",
                                             "(?i)[k-s]",
                                             "(?i)ks",
                                             "k{1000}",
                                             "(?i)k{1000}",
                                             "\\D{1000}",
                                             ".{1000}",
                                             "(.{10}){100}",
                                             "((a{2}){3}){4,}",
                                             "(a|b|c|dd)+",
                                             "(a?){5,50}",
                                             "^a$",
                                             "(?m)^a$",
                                             "a{,5}",
                                             "a{5",
                                             "{",
                                             "x{2,}",
                                             "(?P<n>a)(b)(c)",
                                             "(((((((a)))))))",
                                             "a||b",
                                             "[a-zA-Z0-9+/]{40,}={0,2}",
                                             "(?i)(cmd|powershell)\\.exe\\s+/c",
                                             "\\d{1,3}(\\.\\d{1,3}){3}",
                                             "(?:[a-c]{500}){2}",
                                             "(?:a*)*",
                                             "[]a]{9}",
                                             "[^]x(]{9}",
                                             "[[:alpha:])]{9}",
                                             "[\\](]{5}",
                                             "[a[:b]{3}",
                                             "\\({3}\\)",
                                             "\\z",
                                             "\\A[\\s\\S]*\\z"};
  for (const std::string& pattern : patterns) {
    for (const bool cased : {true, false}) {
      EXPECT_TRUE(CheckBound(pattern, cased)) << pattern;
    }
  }
}

TEST(ProgramRegexBound, HoldsForGeneratedPatterns) {
  constexpr std::string_view kParts[] = {"a",
                                         "k",
                                         "S",
                                         ".",
                                         "\\d",
                                         "\\D",
                                         "[^x]",
                                         "(",
                                         ")",
                                         "|",
                                         "*",
                                         "+",
                                         "?",
                                         "{2}",
                                         "{3,}",
                                         "{0,9}",
                                         "{50}",
                                         "(?:",
                                         "(?s:.)",
                                         "[a-z]",
                                         "\\W",
                                         "(?i)",
                                         "^",
                                         "$",
                                         "{",
                                         "}",
                                         ",",
                                         "[[:^space:]]",
                                         "{10,20}",
                                         "[](]",
                                         "[^)]{7}",
                                         "\\(",
                                         "[[:digit:](]",
                                         "[\\]]"};
  std::mt19937 random(20261127);
  int bounded = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string pattern;
    for (size_t parts = 1 + random() % 12; parts > 0; --parts) {
      pattern += kParts[random() % std::size(kParts)];
    }
    bounded += CheckBound(pattern, i % 2 == 0) ? 1 : 0;
  }
  EXPECT_GT(bounded, 2000);
}

TEST(ProgramRegexBound, ThereIsNoneBeyondAscii) {
  for (const char* pattern : {"\\pL", "\\Q(\\E", "[^\\pL]", "\\PN", "\\x{100}", "\\x41",
                              "[\\100-\\377]", "\xc3\xa9", "(.{1000}){1000}"}) {
    EXPECT_EQ(ProgramRegex::BoundOf(pattern), ProgramRegex::kNoBound) << pattern;
    EXPECT_FALSE(ProgramRegex::FitsWithin(ProgramRegex::BoundOf(pattern), INT64_MAX));
  }
}

}  // namespace
}  // namespace vedette
