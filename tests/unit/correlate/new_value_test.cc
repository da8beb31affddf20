#include <random>
#include <set>

#include "tests/support/operator_harness.h"

namespace vedette {
namespace {

using Rearm = ProgramCorrelation::Rearm;

ProgramCorrelation Spec(int64_t history, uint32_t columns, Rearm rearm = Rearm::kWhenFalse,
                        int64_t rearm_ns = 0) {
  ProgramCorrelation spec;
  spec.shape = ProgramCorrelation::Shape::kNewValue;
  spec.history_ns = history;
  spec.rearm = rearm;
  spec.rearm_ns = rearm_ns;
  spec.new_value_columns = columns;
  spec.key_names = {"k"};
  spec.sources.resize(1);
  spec.sources[0].columns.resize(columns, "f");
  return spec;
}

using Tuple = std::vector<std::string>;

// The different combinations of a record, in order.
std::vector<Tuple> Tuples(const OperatorRecord& r) {
  std::vector<Tuple> tuples = {{}};
  for (const auto& column : r.columns) {
    std::vector<Tuple> longer;
    for (const Tuple& tuple : tuples) {
      for (const std::string& text : column) {
        Tuple t = tuple;
        t.push_back(text);
        const bool known = std::find(longer.begin(), longer.end(), t) != longer.end();
        if (!text.empty() && !known) longer.push_back(t);
      }
    }
    tuples = longer;
  }
  return tuples;
}

// From the page: everything before is looked at for each record.
std::vector<std::string> Expected(const ProgramCorrelation& spec,
                                  const std::vector<OperatorRecord>& records,
                                  const std::string& key) {
  std::vector<std::string> out;
  std::vector<std::pair<EventTime, Tuple>> before;
  bool fired = false;
  EventTime last = 0;
  for (const OperatorRecord& r : records) {
    if (r.key != key) continue;
    for (const Tuple& tuple : Tuples(r)) {
      bool is_new = true;
      for (const auto& [time, other] : before) {
        const bool counts = spec.history_ns == 0 || time >= r.time - spec.history_ns;
        if (counts && other == tuple) is_new = false;
      }
      before.emplace_back(r.time, tuple);
      if (!is_new || (spec.rearm == Rearm::kNever && fired)) continue;
      if (spec.rearm == Rearm::kAfter && fired && r.time < last + spec.rearm_ns) continue;
      out.push_back(FiringText(r.time, key, 1, {r.line}));
      fired = true;
      last = r.time;
      if (spec.rearm == Rearm::kReset) before.clear();
    }
  }
  return out;
}

TEST(NewValue, IsOneNotSeenWithinTheHistory) {
  const ProgramCorrelation spec = Spec(10, 1);
  OperatorHarness h(spec, NewNewValueOperator);
  h.Add({.time = 0, .columns = {{"a"}}, .line = 1});
  h.Add({.time = 10, .columns = {{"a"}}, .line = 2});
  h.Add({.time = 21, .columns = {{"a"}}, .line = 3});
  h.Add({.time = 21, .tiebreak = 1, .columns = {{"a"}}, .line = 4});
  h.Add({.time = 22, .columns = {{""}}, .line = 5});
  EXPECT_EQ(h.fired, (std::vector<std::string>{"0 k 1 1", "21 k 1 3"}));
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.op->key_count(), 0U);
}

TEST(NewValue, ShowsTheNewElementOfAList) {
  const ProgramCorrelation spec = Spec(0, 2);
  OperatorHarness h(spec, NewNewValueOperator);
  static std::vector<std::string>* shown;
  std::vector<std::string> texts;
  shown = &texts;
  h.on_fire = [](const Firing& firing) {
    const StoredRecord* r = firing.bindings->LastOf(0);
    shown->push_back(r->values()[0].ToJson() + r->values()[1].ToJson());
    EXPECT_EQ(r->key(), firing.key);
    EXPECT_EQ(r->line(), 2U);
  };
  h.Add({.time = 5, .columns = {{"a", "b", "", "a"}, {"x", "y"}}, .line = 2});
  EXPECT_EQ(texts, (std::vector<std::string>{R"("a""x")", R"("a""y")", R"("b""x")", R"("b""y")"}));
}

TEST(NewValue, ForgetsTheLeastRecentlySeenBeyondTheLimit) {
  const ProgramCorrelation spec = Spec(0, 1);
  OperatorHarness h(spec, NewNewValueOperator);
  const auto add = [&](int i, EventTime t) {
    h.Add({.time = t, .columns = {{"value number " + std::to_string(i)}}});
  };
  for (int i = 0; i < 65'536; ++i) add(i, i);
  add(0, 70'000);
  EXPECT_EQ(h.fired.size(), 65'536U);
  EXPECT_EQ(h.overflows, 0U);
  EXPECT_FALSE(h.degraded);
  const size_t full = h.op->bytes();
  add(-1, 70'001);
  EXPECT_EQ(h.overflows, 1U);
  EXPECT_TRUE(h.degraded);
  EXPECT_LT(h.op->bytes(), full + 100);
  h.fired.clear();
  add(0, 70'002);
  EXPECT_TRUE(h.fired.empty());
  add(1, 70'003);
  EXPECT_EQ(h.fired.size(), 1U);
  h.SaveAndLoad();
  add(2, 70'004);
  EXPECT_TRUE(h.degraded);
}

TEST(NewValue, CombinationsAreLimited) {
  const ProgramCorrelation spec = Spec(0, 2);
  OperatorHarness h(spec, NewNewValueOperator);
  std::vector<std::string> many;
  for (int i = 0; i < 70; ++i) many.push_back(std::to_string(i));
  h.Add({.columns = {many, many}});
  EXPECT_EQ(h.fired.size(), 4096U);
  EXPECT_EQ(h.overflows, 1U);
}

TEST(NewValue, GivesMemoryBack) {
  const ProgramCorrelation spec = Spec(1000, 1);
  OperatorHarness h(spec, NewNewValueOperator);
  for (int i = 0; i < 5000; ++i) h.Add({.columns = {{std::string(50, 'x') + std::to_string(i)}}});
  const size_t full = h.op->bytes();
  h.Add({.time = 900, .columns = {{"a"}}});
  h.RunTimers(1002);
  EXPECT_EQ(h.op->key_count(), 1U);
  h.Add({.time = 1900, .columns = {{"b"}}});
  h.RunTimers(2002);
  EXPECT_LT(h.op->bytes(), full / 100);
  h.RunTimers(INT64_MAX);
  h.peak_keys = 1;
  h.ExpectEmpty();
}

TEST(NewValue, ExtremeTimes) {
  const ProgramCorrelation spec = Spec(INT64_MAX, 1, Rearm::kAfter, INT64_MAX);
  OperatorHarness h(spec, NewNewValueOperator);
  for (const EventTime t : {INT64_MIN + 1, int64_t{-5}, int64_t{0}, INT64_MAX - 1, INT64_MAX}) {
    h.Add({.time = t, .columns = {{"a", std::to_string(t)}}});
    h.SaveAndLoad();
  }
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.op->key_count(), 0U);
}

TEST(NewValue, AgreesWithBruteForceAndSavesEverything) {
  std::mt19937 random(5);
  const auto text = [&] {
    const char* const texts[] = {"", "a", "b", "c", "a much longer value than others"};
    return std::string(texts[random() % 5]);
  };
  for (int round = 0; round < 1000; ++round) {
    const Rearm rearm[] = {Rearm::kWhenFalse, Rearm::kImmediately, Rearm::kNever, Rearm::kAfter,
                           Rearm::kReset};
    const ProgramCorrelation spec =
        Spec(random() % 3 == 0 ? 0 : static_cast<int64_t>(1 + random() % 12), 1 + random() % 2,
             rearm[random() % 5], static_cast<int64_t>(random() % 20));
    OperatorHarness plain(spec, NewNewValueOperator);
    OperatorHarness saved(spec, NewNewValueOperator);
    std::vector<OperatorRecord> records;
    EventTime t = -20;
    for (uint64_t i = 0; i < 30; ++i) {
      t += random() % 5;
      OperatorRecord r{.time = t, .tiebreak = i, .key = random() % 2 == 0 ? "a" : "b", .line = i};
      for (size_t c = 0; c < spec.new_value_columns; ++c) {
        r.columns.push_back({text()});
        while (random() % 4 == 0) r.columns.back().push_back(text());
      }
      records.push_back(r);
      plain.Add(r);
      saved.Add(r);
      saved.SaveAndLoad();
      ASSERT_EQ(plain.Save(), saved.Save());
      saved.LoadHostile(static_cast<uint32_t>(random()));
    }
    plain.RunTimers(INT64_MAX);
    saved.RunTimers(INT64_MAX);
    EXPECT_EQ(plain.fired, saved.fired);
    EXPECT_EQ(plain.op->key_count(), saved.op->key_count());
    for (const std::string key : {"a", "b"}) {
      std::vector<std::string> got;
      for (const std::string& f : plain.fired) {
        if (f.find(" " + key + " ") != std::string::npos) got.push_back(f);
      }
      ASSERT_EQ(got, Expected(spec, records, key)) << round;
    }
    plain.peak_keys = 2;
    plain.ExpectEmpty();
  }
}

}  // namespace
}  // namespace vedette
