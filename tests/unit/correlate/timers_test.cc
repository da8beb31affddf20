#include "lib/correlate/timers.h"

#include <algorithm>
#include <random>
#include <set>
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

EventTime AnyTime(std::mt19937_64* random) {
  const uint64_t kind = (*random)() % 8;
  if (kind == 0) return static_cast<EventTime>((*random)());
  if (kind == 1) return INT64_MAX - static_cast<EventTime>((*random)() % 3);
  if (kind == 2) return INT64_MIN + static_cast<EventTime>((*random)() % 3);
  return static_cast<EventTime>((*random)() % (uint64_t{1} << (*random)() % 40)) - 50;
}

// Against a sorted set: timers of earlier deadlines may be added at any time, too.
TEST(Timers, AgreeWithASortedSet) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    Timers timers(nullptr);
    std::multiset<std::tuple<EventTime, uint32_t, uint32_t>> expected;
    EventTime bound = INT64_MIN;
    std::set<EventTime> handed;
    uint32_t slot = 0;
    for (int step = 0; step < 200; ++step) {
      for (uint64_t n = random() % 20; n > 0; --n) {
        // One that is added at a deadline that is being handed out would come last.
        const Timer t{AnyTime(&random), static_cast<uint32_t>(random() % 2), slot++, 0};
        if (handed.count(t.deadline) > 0) continue;
        timers.Add(t);
        expected.emplace(t.deadline, t.correlation, t.slot);
      }
      if (random() % 10 == 0) {
        const uint32_t stale = static_cast<uint32_t>(random() % 5);
        timers.Purge([&](const Timer& t) { return t.slot % 5 == stale; });
        std::erase_if(expected, [&](const auto& t) { return std::get<2>(t) % 5 == stale; });
      }
      bound = step == 199 ? INT64_MAX : AnyTime(&random);
      Timer t;
      for (uint64_t n = random() % 40; timers.Pop(bound, &t);) {
        ASSERT_EQ(*expected.begin(), std::make_tuple(t.deadline, t.correlation, t.slot));
        expected.erase(expected.begin());
        handed.insert(t.deadline);
        if (step < 199 && --n == 0) break;
      }
      ASSERT_EQ(timers.size(), expected.size());
    }
    for (const auto& t : expected) EXPECT_EQ(std::get<0>(t), INT64_MAX);
  }
}

TEST(Timers, AddedWhileTheirDeadlineIsHandedOutComeAfterTheOthers) {
  Timers timers(nullptr);
  timers.Add({5, 0, 8, 0});
  timers.Add({5, 0, 9, 0});
  Timer t;
  ASSERT_TRUE(timers.Pop(6, &t));
  timers.Add({5, 0, 1, 0});
  timers.Add({4, 0, 2, 0});
  std::vector<uint32_t> slots = {t.slot};
  while (timers.Pop(6, &t)) slots.push_back(t.slot);
  EXPECT_EQ(slots, (std::vector<uint32_t>{8, 2, 9, 1}));
}

TEST(Timers, GiveMemoryBackAfterABurst) {
  Timers timers(nullptr);
  constexpr uint32_t kTimers = 1'000'000;
  for (uint32_t i = 0; i < kTimers; ++i) timers.Add({1'000 + i % 2, 0, i, 0});
  EXPECT_LT(timers.bytes(), kTimers * (sizeof(Timer) + 2));
  Timer t;
  for (uint32_t i = 0; i < kTimers; ++i) {
    ASSERT_TRUE(timers.Pop(INT64_MAX, &t));
    ASSERT_EQ(t.slot, i % (kTimers / 2) * 2 + i / (kTimers / 2));
  }
  EXPECT_LT(timers.bytes(), 200'000U);
  Timers moved(std::move(timers));
  EXPECT_FALSE(moved.Pop(INT64_MAX, &t));
  moved.Add({7, 0, 0, 0});
  moved.Purge([](const Timer&) { return true; });
  EXPECT_EQ(moved.bytes(), 0U);
}

}  // namespace
}  // namespace vedette
