// Literals in long and short texts: the same as each literal looked for by itself, before and after
// the back-end for long texts has taken over (if there is one).
#include "lib/eval/contained_finder.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"

namespace vedette {
namespace {

using ManyLiterals = std::vector<std::pair<std::string_view, uint32_t>>;

std::vector<uint32_t> FoundBy(const ContainedFinder& finder, std::string_view text) {
  std::vector<uint32_t> found;
  finder.Find(text, [&found](uint32_t number) { found.push_back(number); });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

TEST(ContainedFinderTest, AsOneByOne) {
  testing::Lcg random(11);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> texts;
    const size_t least = round % 2 == 0 ? 1 : ContainedFinder::kManyLiterals;
    for (size_t i = 0, count = least + random.Below(200); i < count; ++i) {
      texts.push_back("ab"[random.Below(2)] + random.Text(std::string_view("ab\\.\0 ", 6), 8));
    }
    ManyLiterals literals;
    for (uint32_t i = 0; i < texts.size(); ++i) literals.emplace_back(texts[i], i * 3 + 1);
    const ContainedFinder finder(literals);
    EXPECT_FALSE(finder.empty());
    for (uint32_t n = 0; n < ContainedFinder::kTextsBefore + 100; ++n) {
      std::string text = random.Text(std::string_view("ab\\.\0 c", 7), 400);
      if (n % 7 == 0) text += std::string(70, 'c') + random.Of(texts);
      std::vector<uint32_t> expected;
      for (const auto& [literal, number] : literals) {
        if (text.find(literal) != std::string::npos) expected.push_back(number);
      }
      ASSERT_EQ(FoundBy(finder, text), expected) << text;
    }
  }
}

TEST(ContainedFinderTest, EmptyFindsNothing) {
  const ContainedFinder none;
  EXPECT_TRUE(none.empty());
  const ContainedFinder of_none{ContainedFinder::Literals()};
  EXPECT_TRUE(of_none.empty());
  const std::string text(500, 'x');
  for (uint32_t n = 0; n < 2 * ContainedFinder::kTextsBefore; ++n) {
    EXPECT_TRUE(FoundBy(none, text).empty());
    EXPECT_TRUE(FoundBy(of_none, text).empty());
  }
}

TEST(ContainedFinderTest, MovedItFindsTheSame) {
  std::vector<std::string> others;
  for (size_t i = 0; i < ContainedFinder::kManyLiterals; ++i) {
    others.push_back("other" + std::to_string(i));
  }
  ManyLiterals literals = {{"needle", 4}, {"hay", 9}};
  for (const std::string& other : others) literals.emplace_back(other, 5);
  ContainedFinder first(literals);
  const std::string text = std::string(100, ' ') + "a needle in the hay";
  for (uint32_t n = 0; n < ContainedFinder::kTextsBefore; ++n) FoundBy(first, text);
  const ContainedFinder second = std::move(first);
  EXPECT_EQ(FoundBy(second, text), (std::vector<uint32_t>{4, 9}));
}

TEST(ContainedFinderTest, VectorscanIsThereWhereItWasBuiltIn) {
  const ManyLiterals literals = {{"x", 1}};
  const auto finder = VectorscanFinder::Make(literals);
  if (!VectorscanFinder::Built()) {
    EXPECT_EQ(finder, nullptr);
    return;
  }
  ASSERT_NE(finder, nullptr);
  std::vector<uint32_t> found;
  EXPECT_TRUE(finder->Find("axx", &found));
  EXPECT_EQ(found, (std::vector<uint32_t>{1}));
}

}  // namespace
}  // namespace vedette
