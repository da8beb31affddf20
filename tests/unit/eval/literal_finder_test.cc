#include "lib/eval/literal_finder.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace vedette {
namespace {

using Literals = std::vector<std::pair<std::string_view, uint32_t>>;

std::set<uint32_t> Found(const LiteralFinder& finder, std::string_view text) {
  std::set<uint32_t> out;
  finder.Find(text, [&out](uint32_t number) { out.insert(number); });
  return out;
}

std::string RandomText(std::mt19937* random, size_t size, std::string_view letters) {
  std::string out;
  for (size_t i = 0; i < size; ++i) out.push_back(letters[(*random)() % letters.size()]);
  return out;
}

TEST(LiteralFinder, FindsNothingWithoutLiterals) {
  const LiteralFinder finder;
  EXPECT_TRUE(finder.empty());
  EXPECT_TRUE(Found(finder, "text").empty());
}

TEST(LiteralFinder, FindsLiteralsOfEveryLengthAtBothEnds) {
  const Literals literals = {{"a", 1}, {"bc", 2}, {"def", 3}, {"ghij", 4}, {"klmno", 5}, {"a", 6}};
  const LiteralFinder finder{literals};
  EXPECT_EQ(Found(finder, "a"), (std::set<uint32_t>{1, 6}));
  EXPECT_EQ(Found(finder, "bc"), (std::set<uint32_t>{2}));
  EXPECT_EQ(Found(finder, "xdef"), (std::set<uint32_t>{3}));
  EXPECT_EQ(Found(finder, "ghijxxxxklmno"), (std::set<uint32_t>{4, 5}));
  EXPECT_TRUE(Found(finder, "").empty());
  EXPECT_TRUE(Found(finder, "ghi").empty());
}

TEST(LiteralFinder, BytesMayBeAnything) {
  const std::string nul("\0\0\xff\0", 4);
  const Literals literals = {{nul, 7}};
  const LiteralFinder finder{literals};
  EXPECT_EQ(Found(finder, std::string("x") + nul), (std::set<uint32_t>{7}));
  EXPECT_TRUE(Found(finder, std::string_view(nul).substr(0, 3)).empty());
}

// Few letters make many overlaps and shared runs; the finder must see what find() sees, each place
// once. Few literals and many go through a text by different strides.
TEST(LiteralFinder, AgreesWithFindOnRandomTexts) {
  std::mt19937 random(7);
  size_t hits = 0;
  for (int round = 0; round < 60; ++round) {
    const std::string_view letters = round % 2 == 0 ? "ab" : "abcdefgh-\\. ";
    const int count = round % 5 == 0 ? 1500 : round % 5 == 1 ? 40 : round % 5 == 2 ? 10 : 200;
    const bool vectors = LiteralFinder::HasVectors() && round % 3 != 0;
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i)
      texts.push_back(RandomText(&random, 1 + random() % 12, letters));
    Literals literals;
    for (uint32_t i = 0; i < texts.size(); ++i) literals.emplace_back(texts[i], i);
    const LiteralFinder finder(literals, vectors);
    for (int i = 0; i < 20; ++i) {
      const std::string text = RandomText(&random, random() % 200, letters);
      std::multiset<uint32_t> want;
      for (const auto& [literal, number] : literals) {
        for (size_t at = text.find(literal); at != std::string::npos;
             at = text.find(literal, at + 1)) {
          want.insert(number);
        }
      }
      hits += want.size();
      std::multiset<uint32_t> found;
      finder.Find(text, [&found](uint32_t number) { found.insert(number); });
      EXPECT_EQ(found, want) << text;
    }
  }
  EXPECT_GT(hits, 1000U);
}

}  // namespace
}  // namespace vedette
