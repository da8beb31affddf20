#include "lib/eval/value_memo.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace vedette {
namespace {

using Facts = std::vector<uint32_t>;

// Looks up, and keeps what a search would have found.
bool Knows(ValueMemo* memo, uint64_t owner, const std::string& text, const Facts& facts) {
  const auto key = memo->KeyOf(owner, text);
  if (!key) return false;
  if (const auto known = memo->Find(*key)) {
    EXPECT_EQ(Facts(known->begin(), known->end()), facts) << owner << " " << text;
    return true;
  }
  memo->Keep(*key, facts);
  return false;
}

TEST(ValueMemo, KeepsATextThatCameTwice) {
  ValueMemo memo(1 << 16);
  EXPECT_EQ(memo.bytes(), 0U);
  EXPECT_FALSE(Knows(&memo, 1, "text", {4, 2}));
  EXPECT_FALSE(Knows(&memo, 1, "text", {4, 2}));
  EXPECT_TRUE(Knows(&memo, 1, "text", {4, 2}));
  EXPECT_FALSE(Knows(&memo, 2, "text", {}));
  EXPECT_FALSE(Knows(&memo, 1, "Text", {}));
  EXPECT_GT(memo.bytes(), 0U);
  EXPECT_LE(memo.bytes(), (1U << 16) * 11 / 10);
}

TEST(ValueMemo, KeepsNoLongTextsAndNotTooManyFacts) {
  ValueMemo memo(1 << 16);
  EXPECT_FALSE(memo.KeyOf(1, std::string(221, 'x')));
  EXPECT_FALSE(memo.KeyOf(1, ""));
  const std::string longest(220, 'x');
  const Facts few(2, 7);
  const Facts many(3, 7);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Knows(&memo, 1, longest, many));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Knows(&memo, 2, longest, few), i > 1);
}

TEST(ValueMemo, WithoutRoomThereIsNone) {
  ValueMemo memo(0);
  EXPECT_FALSE(memo.KeyOf(1, "text"));
}

// Whatever is driven out: what is known of a text is what was kept for it.
TEST(ValueMemo, NeverGivesATextTheFactsOfAnother) {
  std::mt19937 engine(11);
  const auto random = [&engine] { return static_cast<uint32_t>(engine()); };
  for (const size_t bytes : {1024U, 4096U, 65536U}) {
    ValueMemo memo(bytes);
    size_t known = 0;
    for (int i = 0; i < 50000; ++i) {
      // Small numbers are frequent.
      const uint32_t n = random() % (1 + random() % 300);
      const uint32_t owner = random() % 3;
      const std::string text = "value " + std::to_string(n) + std::string(n, '\0');
      known += Knows(&memo, owner, text, Facts(n % 20, n * 3 + owner)) ? 1 : 0;
    }
    EXPECT_GT(known, bytes / 100);
  }
}

}  // namespace
}  // namespace vedette
