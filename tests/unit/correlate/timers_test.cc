#include "lib/correlate/timers.h"

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"

namespace vedette {
namespace {

TEST(Timers, ComeInOrderOfDeadlineCorrelationAndKey) {
  const std::string keys[] = {"c", "a", "b"};
  Timers timers([&](uint32_t, uint32_t slot) { return std::string_view(keys[slot]); });
  std::mt19937 random(7);
  std::vector<std::tuple<EventTime, uint32_t, std::string>> expected;
  for (int i = 0; i < 500; ++i) {
    const Timer t{static_cast<EventTime>(random() % 50) - 25, static_cast<uint32_t>(random() % 3),
                  static_cast<uint32_t>(random() % 3), 0};
    timers.Add(t);
    expected.emplace_back(t.deadline, t.correlation, keys[t.slot]);
  }
  std::sort(expected.begin(), expected.end());
  size_t n = 0;
  for (EventTime bound = -30; bound <= 30; bound += 7) {
    Timer t;
    while (timers.Pop(bound, &t)) {
      ASSERT_LT(t.deadline, bound);
      ASSERT_EQ(expected[n], std::make_tuple(t.deadline, t.correlation, keys[t.slot]));
      ++n;
    }
    EXPECT_TRUE(n == expected.size() || std::get<0>(expected[n]) >= bound);
  }
  EXPECT_EQ(n, expected.size());
  EXPECT_EQ(timers.size(), 0U);
}

}  // namespace
}  // namespace vedette
