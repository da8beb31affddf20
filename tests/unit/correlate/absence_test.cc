#include <random>

#include "tests/support/operator_harness.h"

namespace vedette {
namespace {

using Rearm = ProgramCorrelation::Rearm;

ProgramCorrelation Spec(int64_t span, bool after, Rearm rearm = Rearm::kWhenFalse,
                        int64_t rearm_ns = 0) {
  ProgramCorrelation spec;
  spec.shape = ProgramCorrelation::Shape::kAbsence;
  spec.span_ns = span;
  spec.rearm = rearm;
  spec.rearm_ns = rearm_ns;
  spec.key_names = {"k"};
  spec.sources.resize(after ? 2 : 1);
  return spec;
}

// From the page: all records of one key, in order, looked at again and again.
std::vector<std::string> Expected(const ProgramCorrelation& spec,
                                  const std::vector<OperatorRecord>& records,
                                  const std::string& key) {
  std::vector<std::string> out;
  const uint32_t starter = spec.sources.size() > 1 ? 1 : 0;
  bool fired = false;
  EventTime last = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    if (records[i].key != key || records[i].source != starter) continue;
    const EventTime due = records[i].time + spec.span_ns;
    size_t next = i + 1;
    uint64_t total = 1;
    bool ended = false;
    for (; next < records.size() && records[next].time <= due; ++next) {
      if (records[next].key != key) continue;
      if (records[next].source == 0) {
        ended = true;
        break;
      }
      ++total;
    }
    if (!ended) {
      const bool quiet = spec.rearm == Rearm::kAfter && fired && due < last + spec.rearm_ns;
      if (!quiet && !(spec.rearm == Rearm::kNever && fired)) {
        out.push_back(FiringText(due, key, total, {records[i].line}));
        fired = true;
        last = due;
      }
    }
    // With `after`, nothing starts before the wait is over.
    if (starter == 1) i = next - 1;
  }
  return out;
}

TEST(Absence, IsDetectedAtTheDeadlineOfTheLastEvent) {
  const ProgramCorrelation spec = Spec(10, false);
  OperatorHarness h(spec, NewAbsenceOperator);
  h.Add({.time = 0, .line = 1});
  h.Add({.time = 10, .line = 2});
  h.Add({.time = 21, .line = 3});
  EXPECT_EQ(h.fired, std::vector<std::string>{"20 k 1 2"});
  EXPECT_EQ(h.timers->size(), 1U);
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.fired.back(), "31 k 1 3");
  EXPECT_EQ(h.op->key_count(), 0U);
}

TEST(Absence, AfterCountsWhatComesWhileItWaits) {
  const ProgramCorrelation spec = Spec(10, true);
  OperatorHarness h(spec, NewAbsenceOperator);
  h.Add({.source = 0, .time = 0, .line = 1});
  EXPECT_EQ(h.op->key_count(), 0U);
  h.Add({.source = 1, .time = 1, .line = 2});
  h.Add({.source = 1, .time = 11, .line = 3});
  h.Add({.source = 1, .time = 12, .line = 4});
  h.Add({.source = 0, .time = 22, .line = 5});
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.fired, std::vector<std::string>{"11 k 2 2"});
}

TEST(Absence, ShortWaitsInTheQuietLeaveNoTimers) {
  const ProgramCorrelation spec = Spec(2, false, Rearm::kAfter, 1'000'000);
  OperatorHarness h(spec, NewAbsenceOperator);
  for (EventTime t = 0; t < 1'000'000; t += 5) h.Add({.time = t});
  EXPECT_EQ(h.fired.size(), 1U);
  EXPECT_LE(h.timers->size(), 2U);
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.op->key_count(), 0U);
}

TEST(Absence, ExtremeTimes) {
  const ProgramCorrelation spec = Spec(INT64_MAX, true, Rearm::kAfter, INT64_MAX);
  OperatorHarness h(spec, NewAbsenceOperator);
  h.Add({.source = 1, .time = INT64_MIN + 1, .key = "a"});
  h.Add({.source = 1, .time = INT64_MAX - 5, .key = "b"});
  h.Add({.source = 1, .time = INT64_MAX, .key = "c"});
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.fired.size(), 3U);
  EXPECT_EQ(h.op->key_count(), 0U);
}

TEST(Absence, RefusesNewKeysOnly) {
  const ProgramCorrelation spec = Spec(10, false);
  OperatorHarness h(spec, NewAbsenceOperator);
  h.Add({.time = 0, .key = "a", .line = 1});
  h.may_add = false;
  h.Add({.time = 1, .key = "b", .line = 2});
  h.Add({.time = 2, .key = "a", .line = 3});
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.fired, std::vector<std::string>{"12 a 1 3"});
}

TEST(Absence, AgreesWithBruteForceAndSavesEverything) {
  std::mt19937 random(3);
  for (int round = 0; round < 1000; ++round) {
    const bool after = random() % 2 == 0;
    const Rearm rearm[] = {Rearm::kWhenFalse, Rearm::kNever, Rearm::kAfter, Rearm::kReset};
    const auto span = static_cast<int64_t>(1 + random() % 8);
    const ProgramCorrelation spec =
        Spec(span, after, rearm[random() % 4], static_cast<int64_t>(random() % 30));
    OperatorHarness plain(spec, NewAbsenceOperator);
    OperatorHarness saved(spec, NewAbsenceOperator);
    std::vector<OperatorRecord> records;
    EventTime t = -20;
    for (uint64_t i = 0; i < 30; ++i) {
      t += random() % 5;
      records.push_back({.source = after ? static_cast<uint32_t>(random() % 2) : 0,
                         .time = t,
                         .key = random() % 2 == 0 ? "a" : "b",
                         .line = i});
      plain.Add(records.back());
      saved.Add(records.back());
      saved.SaveAndLoad();
      ASSERT_EQ(plain.Save(), saved.Save());
      saved.LoadHostile(static_cast<uint32_t>(random()));
    }
    plain.RunTimers(INT64_MAX);
    saved.RunTimers(INT64_MAX);
    EXPECT_EQ(plain.fired, saved.fired);
    for (const std::string key : {"a", "b"}) {
      std::vector<std::string> got;
      for (const std::string& f : plain.fired) {
        if (f.find(" " + key + " ") != std::string::npos) got.push_back(f);
      }
      ASSERT_EQ(got, Expected(spec, records, key)) << round << " " << spec.rearm_ns;
    }
    plain.peak_keys = 2;
    plain.ExpectEmpty();
  }
}

}  // namespace
}  // namespace vedette
