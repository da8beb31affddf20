#include "lib/eval/affix_trie.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace vedette {
namespace {

using Literals = std::vector<std::pair<std::string_view, uint32_t>>;

std::set<uint32_t> FoundBy(const AffixTrie& trie, std::string_view text) {
  std::set<uint32_t> out;
  trie.Find(text, [&out](uint32_t number) { out.insert(number); });
  return out;
}

TEST(AffixTrie, SuffixesOfOneAnotherAreAllFound) {
  const Literals literals = {{".exe", 1}, {"\\cmd.exe", 2}, {"e", 3}, {"\\cmd.exe", 4}};
  const AffixTrie trie(AffixTrie::End::kSuffix, literals);
  EXPECT_EQ(FoundBy(trie, "c:\\cmd.exe"), (std::set<uint32_t>{1, 2, 3, 4}));
  EXPECT_EQ(FoundBy(trie, "cmd.exe"), (std::set<uint32_t>{1, 3}));
  EXPECT_TRUE(FoundBy(trie, "c:\\cmd.exe ").empty());
  EXPECT_TRUE(FoundBy(trie, "").empty());
  EXPECT_TRUE(AffixTrie().empty());
}

TEST(AffixTrie, AgreesWithComparisonOnRandomTexts) {
  std::mt19937 random(11);
  size_t hits = 0;
  for (int round = 0; round < 40; ++round) {
    const auto end = round % 2 == 0 ? AffixTrie::End::kPrefix : AffixTrie::End::kSuffix;
    const unsigned letters = round % 3 == 0 ? 2 : 20;  // dense and sparse nodes
    const auto text_of = [&](size_t size) {
      std::string out;
      for (size_t i = 0; i < size; ++i) out.push_back(static_cast<char>('a' + random() % letters));
      return out;
    };
    std::vector<std::string> texts;
    for (int i = 0; i < 300; ++i) texts.push_back(text_of(1 + random() % 6));
    Literals literals;
    for (uint32_t i = 0; i < texts.size(); ++i) literals.emplace_back(texts[i], i);
    const AffixTrie trie(end, literals);
    for (int i = 0; i < 50; ++i) {
      const std::string text = text_of(random() % 9);
      std::set<uint32_t> want;
      for (const auto& [literal, number] : literals) {
        const bool is =
            end == AffixTrie::End::kPrefix ? text.starts_with(literal) : text.ends_with(literal);
        if (is) want.insert(number);
      }
      hits += want.size();
      EXPECT_EQ(FoundBy(trie, text), want) << text;
    }
  }
  EXPECT_GT(hits, 1000U);
}

}  // namespace
}  // namespace vedette
