#include "lib/correlate/suppression.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace vedette {
namespace {

// Never forgets.
class PlainSuppression {
 public:
  explicit PlainSuppression(int64_t span) : span_(span) {}
  bool Suppressed(const std::string& key, EventTime t) {
    const auto [it, is_new] = last_.try_emplace(key, t);
    const __int128 last = it->second;
    if (!is_new && t < last + span_ && t > last - span_) return true;
    it->second = std::max(it->second, t);
    return false;
  }

 private:
  int64_t span_;
  std::map<std::string, EventTime> last_;
};

TEST(Suppression, LeavesOutWhatComesWithinTheSpan) {
  SuppressionTable table(10);
  EXPECT_FALSE(table.Suppressed("a", 100));
  EXPECT_TRUE(table.Suppressed("a", 109));
  EXPECT_FALSE(table.Suppressed("b", 109));
  EXPECT_FALSE(table.Suppressed("a", 110));
  EXPECT_TRUE(table.Suppressed("a", 101));
  EXPECT_FALSE(table.Suppressed("a", 100));
  EXPECT_TRUE(table.Suppressed("a", 119));
  EXPECT_FALSE(table.Suppressed("a", kNoEventTime));
}

TEST(Suppression, OneForgedTimeEndsNothing) {
  SuppressionTable table(10);
  EXPECT_FALSE(table.Suppressed("forged", INT64_MAX));
  EXPECT_FALSE(table.Suppressed("a", 100));
  EXPECT_FALSE(table.Suppressed("c", INT64_MIN + 1));
  EXPECT_TRUE(table.Suppressed("a", 105));
  for (EventTime t = 0; t < 1000; ++t) table.Suppressed(std::to_string(t), 110 + t);
  EXPECT_LT(table.size(), 40U);
  EXPECT_TRUE(table.Suppressed("forged", INT64_MAX - 5));
}

TEST(Suppression, KeysAreLimitedAndMemoryIsGivenBack) {
  SuppressionTable table(10);
  for (int i = 0; i < 1'000'010; ++i) table.Suppressed("key number " + std::to_string(i), 5);
  EXPECT_EQ(table.size(), 1'000'000U);
  EXPECT_EQ(table.forgotten(), 10U);
  EXPECT_FALSE(table.Suppressed("key number 0", 5));
  EXPECT_TRUE(table.Suppressed("key number 1000009", 5));
  for (int i = 0; i < 1'000'000; ++i) table.Suppressed("other " + std::to_string(i), 100 + 10 * i);
  EXPECT_LT(table.size(), 4U);
  EXPECT_LT(table.bytes(), 1000U);
  EXPECT_EQ(table.forgotten(), 11U);
}

TEST(Suppression, AgreesWithBruteForceAlsoWhenLoaded) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 1000; ++round) {
    const auto span = static_cast<int64_t>(1 + random() % 20);
    const auto lateness = static_cast<int64_t>(random() % 20);
    SuppressionTable plain(span, lateness);
    auto loaded = std::make_unique<SuppressionTable>(span, lateness);
    PlainSuppression brute(span);
    auto now = static_cast<EventTime>(random());
    now = std::clamp<EventTime>(now, INT64_MIN + 1000, INT64_MAX - 100'000);
    for (int i = 0; i < 200; ++i) {
      const std::string key(1, static_cast<char>('a' + random() % 8));
      now += static_cast<EventTime>(random() % static_cast<uint64_t>(span) * (random() % 3) / 2);
      const EventTime t =
          now - static_cast<EventTime>(random() % static_cast<uint64_t>(lateness + 1));
      const bool expected = brute.Suppressed(key, t);
      ASSERT_EQ(plain.Suppressed(key, t), expected) << round << " " << i;
      ASSERT_EQ(loaded->Suppressed(key, t), expected) << round << " " << i;
      if (random() % 4 > 0) continue;
      auto fresh = std::make_unique<SuppressionTable>(span, lateness);
      fresh->Load(loaded->Entries());
      ASSERT_EQ(fresh->Entries(), loaded->Entries());
      loaded = std::move(fresh);
    }
  }
}

TEST(Suppression, HostileTimes) {
  std::mt19937_64 random(8);
  for (const int64_t span : {int64_t{0}, int64_t{1}, INT64_MAX / 2, INT64_MAX}) {
    SuppressionTable table(span, INT64_MAX);
    for (int i = 0; i < 3000; ++i) {
      const auto t = static_cast<EventTime>(random() % 3 == 0 ? random() : random() % 100);
      const std::string key = std::to_string(random() % 10);
      const bool first = table.Suppressed(key, t);
      const auto entries = table.Entries();
      const bool is_last =
          std::find(entries.begin(), entries.end(), std::pair(key, t)) != entries.end();
      // What was emitted suppresses at once, unless a later one stands in its place.
      if (!first && is_last) {
        EXPECT_EQ(table.Suppressed(key, t), span > 0);
      }
      EXPECT_LE(table.size(), 10U);
    }
  }
}

}  // namespace
}  // namespace vedette
