#include "lib/lang/sigma/placeholders.h"

#include <re2/re2.h>

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"

namespace vedette::sigma {
namespace {

using Kind = SigmaString::Piece::Kind;
using Strings = std::vector<std::string>;

PlaceholderLookup In(const PlaceholderValues& values) {
  return [&values](const std::string& name) -> const Strings* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
  };
}

Strings Expanded(std::string_view text, const PlaceholderValues& values) {
  Strings out;
  const SigmaString s = WithPlaceholders(SigmaString::Parse(text));
  for (const SigmaString& variant : ExpandPlaceholders(s, false, In(values))) {
    out.push_back(variant.ToSource());
  }
  return out;
}

Strings ExpandedRegex(std::string_view text, const PlaceholderValues& values) {
  Strings out;
  for (const SigmaString& variant :
       ExpandPlaceholders(RegexWithPlaceholders(text), true, In(values))) {
    out.push_back(variant.LiteralText());
  }
  return out;
}

TEST(ExpandPlaceholders, EveryCombinationInOrder) {
  const PlaceholderValues values = {{"a", {"1", "2"}}, {"b", {"x", "y", "z"}}};
  EXPECT_EQ(Expanded("%a%", values), (Strings{"1", "2"}));
  EXPECT_EQ(Expanded("<%a%-%b%>", values),
            (Strings{"<1-x>", "<1-y>", "<1-z>", "<2-x>", "<2-y>", "<2-z>"}));
  // Each place has its own value, the same name or not.
  EXPECT_EQ(Expanded("%a%%a%", values), (Strings{"11", "12", "21", "22"}));
}

TEST(ExpandPlaceholders, WithoutOneItIsTheStringItself) {
  EXPECT_EQ(Expanded("a*b", {}), Strings{"a*b"});
  EXPECT_EQ(Expanded("", {}), Strings{""});
}

TEST(ExpandPlaceholders, WithoutValuesItStays) {
  EXPECT_EQ(Expanded("%a%-%b%", {{"b", {"x"}}}), Strings{"%a%-x"});
  const PlaceholderValues empty = {{"a", {}}};
  const SigmaString s = WithPlaceholders(SigmaString::Parse("%a%"));
  const auto variants = ExpandPlaceholders(s, false, In(empty));
  ASSERT_EQ(variants.size(), 1U);
  EXPECT_TRUE(variants[0].Has(Kind::kPlaceholder));
}

TEST(ExpandPlaceholders, ValuesAreSigmaStrings) {
  const auto variants = ExpandPlaceholders(WithPlaceholders(SigmaString::Parse("<%a%>")), false,
                                           In({{"a", {"x*", R"(y\*)", R"(C:\t)", ""}}}));
  ASSERT_EQ(variants.size(), 4U);
  EXPECT_EQ(variants[0], SigmaString::Parse("<x*>"));
  EXPECT_EQ(variants[1], SigmaString::Literal("<y*>"));
  EXPECT_EQ(variants[2], SigmaString::Literal(R"(<C:\t>)"));
  EXPECT_EQ(variants[3], SigmaString::Literal("<>"));
}

TEST(ExpandPlaceholders, ValuesAreNotExpandedAgain) {
  const auto variants = ExpandPlaceholders(WithPlaceholders(SigmaString::Parse("%a%")), false,
                                           In({{"a", {"%a%", "%b%"}}, {"b", {"x"}}}));
  ASSERT_EQ(variants.size(), 2U);
  EXPECT_EQ(variants[0].LiteralText(), "%a%");
  EXPECT_EQ(variants[1].LiteralText(), "%b%");
}

// In a regular expression a value matches itself and nothing else, whatever it is.
TEST(ExpandPlaceholders, ValuesInRegexesStandForThemselves) {
  const Strings texts = {"a.b",  "a+b", "(a|b)", "[ab]", "a\\b",      "^a$", "{2}",
                         "a\nb", "\"",  "%a%",   "#",    "\xC3\xA4.", "-",   "a b"};
  for (const std::string& text : texts) {
    // As a Sigma string that stands for exactly this text.
    const PlaceholderValues values = {{"a", {SigmaString::Literal(text).ToSource()}}};
    const Strings regexes = ExpandedRegex("^x%a%y$", values);
    ASSERT_EQ(regexes.size(), 1U);
    const re2::RE2 re(regexes[0]);
    ASSERT_TRUE(re.ok()) << regexes[0];
    EXPECT_TRUE(re2::RE2::FullMatch("x" + text + "y", re)) << regexes[0];
    for (const std::string& other : texts) {
      if (other == text) continue;
      EXPECT_FALSE(re2::RE2::FullMatch("x" + other + "y", re)) << regexes[0] << " and " << other;
    }
  }
}

TEST(ExpandPlaceholders, WildcardsInRegexesMatchWhatTheyMatch) {
  const Strings regexes = ExpandedRegex("^%a%$", {{"a", {"x*y", "?", R"(\*)"}}});
  ASSERT_EQ(regexes.size(), 3U);
  EXPECT_TRUE(re2::RE2::FullMatch("xy", regexes[0]));
  EXPECT_TRUE(re2::RE2::FullMatch("x\n\ny", regexes[0]));  // `*` crosses lines
  EXPECT_FALSE(re2::RE2::FullMatch("xyz", regexes[0]));
  EXPECT_TRUE(re2::RE2::FullMatch("\n", regexes[1]));
  EXPECT_TRUE(re2::RE2::FullMatch("\xC3\xA4", regexes[1]));  // one character, not one byte
  EXPECT_FALSE(re2::RE2::FullMatch("", regexes[1]));
  EXPECT_FALSE(re2::RE2::FullMatch("ab", regexes[1]));
  EXPECT_TRUE(re2::RE2::FullMatch("*", regexes[2]));
  EXPECT_FALSE(re2::RE2::FullMatch("x", regexes[2]));
}

TEST(ExpandPlaceholders, TooManyCombinationsAreRefusedAndNotMade) {
  PlaceholderValues values;
  for (int i = 0; i < 100; ++i) values["a"].push_back(std::to_string(i));
  EXPECT_EQ(Expanded("%a%%a%", values).size(), kMaxExpansions);
  EXPECT_TRUE(Expanded("%a%%a%%a%", values).empty());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "%a%";
  EXPECT_TRUE(Expanded(many, values).empty());
}

TEST(ExpandPlaceholders, TooMuchTextIsRefused) {
  PlaceholderValues values;
  for (int i = 0; i < 5000; ++i) values["a"].push_back("x");
  values["b"] = {std::string(1 << 20, 'y')};
  EXPECT_TRUE(Expanded("%b%%a%", values).empty());
  EXPECT_TRUE(Expanded("%a%%b%", values).empty());
  EXPECT_EQ(Expanded("%b%", values).size(), 1U);
}

TEST(ExpandPlaceholders, DistinctValuesGiveDistinctStrings) {
  testing::Lcg random(11);
  for (int round = 0; round < 300; ++round) {
    std::set<std::string> words;
    for (int i = 0; i < 6; ++i) {
      std::string word = "w";
      for (int k = 0; k < 4; ++k) word += "ab*?\\"[random.Below(5)];
      words.insert(SigmaString::Parse(word).ToSource());
    }
    const PlaceholderValues values = {{"a", Strings(words.begin(), words.end())}};
    const Strings out = Expanded("%a%", values);
    EXPECT_EQ(std::set<std::string>(out.begin(), out.end()), words);
  }
}

}  // namespace
}  // namespace vedette::sigma
