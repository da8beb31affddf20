// What a sequence operator does with much, with little sense, and at the ends of time.
#include <random>

#include "gtest/gtest.h"
#include "tests/support/sequence_fixture.h"

namespace vedette {
namespace {

using Rearm = ProgramCorrelation::Rearm;
using Select = ProgramCorrelation::Select;

SequenceRecord At(EventTime time, uint32_t source, int64_t value = 0, std::string key = "k") {
  static uint64_t tiebreak = 0;
  SequenceRecord r;
  r.time = time;
  r.source = source;
  r.value = value;
  r.key = std::move(key);
  r.tiebreak = r.line = ++tiebreak;
  return r;
}

SequenceRule Two(int64_t span_ns) {
  SequenceRule rule(span_ns);
  rule.Add("A");
  rule.Add("B");
  return rule;
}

TEST(SequenceLimitsTest, AllKeysGoAndTheirBytesToo) {
  SequenceRule rule(100);
  rule.Not("M");
  rule.Add("F").min_distinct = 2;
  rule.Add("L");
  rule.Not("N");
  rule.Until("U");
  rule.spec.rearm = Rearm::kAfter;
  rule.spec.rearm_ns = 1000;
  SequenceHarness harness(rule);
  const size_t empty = harness.op->bytes();
  std::mt19937 random(7);
  for (EventTime t = 0; t < 20'000; ++t) {
    const auto source = static_cast<uint32_t>(random() % 5);
    const std::string key = "some longer key " + std::to_string(random() % 10);
    harness.Add(At(t, random() % 3 == 0 ? 1 : source, static_cast<int64_t>(random() % 4), key));
    if (t % 1000 == 0) harness.SaveAndLoad();
  }
  EXPECT_GT(harness.fired.size(), 50U);
  EXPECT_GT(harness.op->bytes(), empty);
  harness.End();
  EXPECT_EQ(harness.op->key_count(), 0U);
  EXPECT_EQ(harness.record_bytes(), 0U);
  // The table keeps its index.
  const size_t after = harness.op->bytes();
  harness.Renew();
  for (int key = 0; key < 10; ++key) harness.Add(At(key, 1, 0, std::to_string(key)));
  while (harness.op->EvictOldest()) {
  }
  EXPECT_EQ(harness.op->bytes(), after);
  EXPECT_EQ(harness.record_bytes(), 0U);
}

TEST(SequenceLimitsTest, AFloodOfStartsTakesNoMemory) {
  for (const Select select : {Select::kLatest, Select::kFirst, Select::kAll}) {
    SequenceRule rule = Two(1'000'000'000'000);
    rule.spec.select = select;
    SequenceHarness harness(rule);
    harness.Add(At(0, 0));
    for (EventTime t = 1; t < 100; ++t) harness.Add(At(t, 0));
    const size_t bytes = harness.op->bytes() + harness.record_bytes();
    for (EventTime t = 100; t < 100'000; ++t) harness.Add(At(t, 0));
    EXPECT_EQ(harness.op->bytes() + harness.record_bytes(), bytes);
    EXPECT_EQ(harness.timers(), 1U);
    EXPECT_EQ(harness.overflows, select == Select::kAll ? 100'000U - 16 : 0U);
    harness.Add(At(100'000, 1));
    EXPECT_EQ(harness.fired.size(), select == Select::kAll ? 16U : 1U);
    EXPECT_EQ(harness.degraded, select == Select::kAll);
  }
}

// All of one time, so that nothing can be decided.
TEST(SequenceLimitsTest, AFloodOfConcurrentRecordsTakesNoMemory) {
  SequenceRule rule(100);
  rule.Add("A");
  rule.Not("M");
  rule.Not("N");
  rule.Add("B");
  rule.Until("U");
  rule.Join(1, 0);
  SequenceHarness harness(rule);
  for (int i = 0; i < 20'000; ++i) {
    SequenceRecord r = At(5, static_cast<uint32_t>(i % 5), i);
    r.tiebreak = 0;
    harness.Add(r);
  }
  EXPECT_LT(harness.op->bytes() + harness.record_bytes(), 250'000U);
  EXPECT_GT(harness.overflows, 0U);
  harness.SaveAndLoad();
  harness.End();
  EXPECT_EQ(harness.op->key_count(), 0U);
}

TEST(SequenceLimitsTest, GroupsForgetTheOldest) {
  SequenceRule rule(INT64_MAX);
  rule.Add("A");
  rule.Add("F").min_count = 100'000;
  rule.Add("L");
  SequenceHarness harness(rule);
  harness.Add(At(0, 0));
  for (EventTime t = 1; t <= 150'000; ++t) harness.Add(At(t, 1));
  EXPECT_GE(harness.overflows, 50'000U);
  EXPECT_LT(harness.overflows, 52'000U);
  EXPECT_LT(harness.op->bytes(), 4'000'000U);
  const std::string line = harness.op->Describe(1, kNoEventTime, "")[0];
  EXPECT_EQ(line.substr(line.find(':')), ": 2 of 3 stages, " +
                                             std::to_string(150'000 - harness.overflows) +
                                             " of 100000 of F, since 1970-01-01T00:00:00Z");
  EXPECT_EQ(harness.fired.size(), 0U);
}

TEST(SequenceLimitsTest, GroupsOfFirstStagesForgetTheOldest) {
  SequenceRule rule(INT64_MAX);
  rule.Not("M");
  rule.Add("F").min_distinct = 5;
  rule.Add("L");
  SequenceHarness harness(rule);
  for (EventTime t = 1; t <= 110'000; ++t) harness.Add(At(t, 1, t % 5));
  EXPECT_GE(harness.overflows, 10'000U);
  harness.Add(At(110'001, 2));
  EXPECT_EQ(harness.fired.size(), 1U);
  EXPECT_TRUE(harness.degraded);
  EXPECT_EQ(harness.record_bytes(), 0U);
}

TEST(SequenceLimitsTest, SixtyFourMatchesWait) {
  SequenceRule rule = Two(1'000'000);
  rule.Not("M");
  SequenceHarness harness(rule);
  for (EventTime t = 0; t < 200; t += 2) {
    harness.Add(At(t, 0));
    harness.Add(At(t + 1, 1));
  }
  EXPECT_EQ(harness.overflows, 36U);
  harness.SaveAndLoad();
  harness.End();
  EXPECT_EQ(harness.fired.size(), 64U);
}

TEST(SequenceLimitsTest, TimersDoNotPileUp) {
  SequenceRule rule = Two(10);
  rule.Not("M");
  rule.spec.rearm = Rearm::kAfter;
  rule.spec.rearm_ns = 1'000'000;
  SequenceHarness harness(rule);
  for (EventTime t = 0; t < 100'000; t += 20) {
    harness.Add(At(t, 0));
    harness.Add(At(t + 1, 1));
    ASSERT_LE(harness.timers(), 2U);
    if (t % 700 == 0) harness.SaveAndLoad();
  }
  EXPECT_EQ(harness.fired.size(), 1U);
}

TEST(SequenceLimitsTest, TheEndsOfTime) {
  for (const int64_t span : {int64_t{1}, int64_t{1} << 62, INT64_MAX}) {
    SequenceRule rule(span);
    rule.Not("L");
    rule.Add("A").after_previous_ns = INT64_MAX;
    CorrelationInput& group = rule.Add("B");
    group.min_count = 2;
    group.within_previous_ns = INT64_MAX;
    rule.Not("M");
    for (const Rearm rearm : {Rearm::kAfter, Rearm::kWhenFalse, Rearm::kNever}) {
      rule.spec.rearm = rearm;
      rule.spec.rearm_ns = INT64_MAX;
      SequenceHarness harness(rule);
      for (const EventTime t :
           {INT64_MIN + 1, INT64_MIN + 2, INT64_MIN + 3, EventTime{-1}, EventTime{0}, EventTime{1},
            INT64_MAX - 3, INT64_MAX - 2, INT64_MAX - 1, INT64_MAX}) {
        for (const uint32_t source : {1U, 2U, 2U, 0U}) {
          harness.Add(At(t, source));
          harness.SaveAndLoad();
        }
      }
      harness.End();
    }
  }
}

TEST(SequenceLimitsTest, DeadlinesBeyondTheEndOfTimePassAtTheEnd) {
  SequenceRule rule = Two(INT64_MAX);
  rule.Not("M");
  SequenceHarness harness(rule);
  harness.Add(At(5, 0));
  harness.Add(At(6, 1));
  harness.RunTimers(INT64_MAX - 1);
  EXPECT_EQ(harness.fired.size(), 0U);
  harness.End();
  EXPECT_EQ(harness.fired.size(), 1U);
  EXPECT_EQ(harness.op->key_count(), 0U);
}

TEST(SequenceLimitsTest, RefusedKeysAreNotThere) {
  SequenceRule rule = Two(100);
  rule.Until("U");
  SequenceHarness harness(rule);
  harness.may_add = false;
  harness.Add(At(1, 0));
  harness.Add(At(1, 2));
  harness.Add(At(2, 1));
  EXPECT_EQ(harness.op->key_count(), 0U);
  EXPECT_EQ(harness.fired.size(), 0U);
}

TEST(SequenceLimitsTest, OtherRecordsOpenNoKeys) {
  SequenceRule rule(100);
  rule.Add("A");
  rule.Not("M");
  rule.Add("B");
  rule.Not("N");
  SequenceHarness harness(rule);
  for (const uint32_t source : {1U, 2U, 3U}) harness.Add(At(1, source));
  EXPECT_EQ(harness.op->key_count(), 0U);
}

TEST(SequenceLimitsTest, EvictedKeysAreForgotten) {
  const SequenceRule rule = Two(100);
  SequenceHarness harness(rule);
  harness.Add(At(1, 0, 0, "a"));
  harness.Add(At(2, 0, 0, "b"));
  harness.Add(At(3, 0, 0, "a"));
  EXPECT_TRUE(harness.op->EvictOldest());
  harness.Add(At(4, 1, 0, "b"));
  EXPECT_EQ(harness.fired.size(), 0U);
  harness.Add(At(5, 1, 0, "a"));
  EXPECT_EQ(harness.fired.size(), 1U);
  EXPECT_TRUE(harness.degraded);
}

// Damaged states are refused and leave nothing, or are states that can be gone on with.
TEST(SequenceLimitsTest, HostileStatesDoNoHarm) {
  SequenceRule rule(100);
  rule.Not("L");
  rule.Add("A");
  CorrelationInput& group = rule.Add("F");
  group.min_count = 2;
  group.min_distinct = 1;
  rule.Not("M");
  rule.Add("B").runs = 2;
  rule.Join(3, 1);
  rule.Not("N");
  rule.Until("U");
  rule.spec.rearm = Rearm::kAfter;
  rule.spec.rearm_ns = 50;
  SequenceHarness harness(rule);
  std::mt19937 random(3);
  size_t loaded = 0;
  for (int round = 0; round < 3000; ++round) {
    harness.Renew();
    const EventTime start = round * 1000;
    for (EventTime t = start; t < start + 12; ++t) {
      SequenceRecord r = At(t, static_cast<uint32_t>(random() % 7), t % 2);
      if (random() % 3 == 0) r.source = 1 + static_cast<uint32_t>(random() % 2);
      harness.Add(r);
    }
    const auto saved = harness.Save();
    if (saved.empty()) continue;
    std::string bytes = saved[0].second;
    harness.Renew();
    const size_t empty = harness.op->bytes();
    for (size_t cut = 0; round % 100 == 0 && cut < bytes.size(); ++cut) {
      EXPECT_FALSE(harness.Load("k", std::string_view(bytes).substr(0, cut)).ok());
    }
    for (uint32_t n = 1 + static_cast<uint32_t>(random() % 3); n > 0; --n) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % (random() % 2 == 0 ? 4 : 256));
    }
    if (!harness.Load("k", bytes).ok()) {
      EXPECT_EQ(harness.op->key_count(), harness.op->bytes() == empty ? 0U : 1U);
      continue;
    }
    ++loaded;
    EXPECT_FALSE(harness.Load("k", saved[0].second).ok());
    harness.op->Describe(1, kNoEventTime, "");
    for (EventTime t = start + 12; t < start + 40; ++t) {
      harness.Add(At(t, static_cast<uint32_t>(random() % 7), t % 2));
    }
    harness.SaveAndLoad();
    harness.End();
  }
  EXPECT_GT(loaded, 100U);
}

}  // namespace
}  // namespace vedette
