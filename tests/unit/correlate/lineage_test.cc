#include <random>

#include "tests/support/operator_harness.h"

namespace vedette {
namespace {

using Rearm = ProgramCorrelation::Rearm;

// Source 0 opens ids, source 1 asks for parents, source 2 passes on.
ProgramCorrelation Spec(int64_t span, bool descendants, Rearm rearm = Rearm::kWhenFalse,
                        int64_t rearm_ns = 0) {
  ProgramCorrelation spec;
  spec.shape = ProgramCorrelation::Shape::kLineage;
  spec.any_generation = descendants;
  spec.span_ns = span;
  spec.rearm = rearm;
  spec.rearm_ns = rearm_ns;
  spec.key_names = {"k"};
  spec.sources.resize(descendants ? 3 : 2);
  spec.sources[0].columns = {"id"};
  spec.sources[1].columns = {"parent"};
  if (descendants) {
    spec.sources[2].columns = {"id", "parent"};
    spec.sources[2].role = CorrelationInput::Role::kTrack;
  }
  return spec;
}

struct BrutePut {
  std::string id;
  size_t ancestor = 0;
  size_t by = 0;
  std::vector<uint64_t> chain;
};

// From the page: every id that was ever put is kept, and looked at for each record.
class Brute {
 public:
  Brute(const ProgramCorrelation& spec, const std::vector<OperatorRecord>& records, std::string key)
      : spec_(spec), records_(records), key_(std::move(key)) {}

  std::vector<std::string> Run() {
    for (size_t i = 0; i < records_.size(); ++i) {
      if (records_[i].key != key_) continue;
      const OperatorRecord& r = records_[i];
      if (r.source == 0) {
        for (const std::string& id : r.columns[0]) Put({id, i, i, {r.line}});
        continue;
      }
      const BrutePut* parent = Find(r, r.columns[r.source - 1]);
      if (parent == nullptr) continue;
      std::vector<uint64_t> chain = parent->chain;
      chain.push_back(r.line);
      if (r.source == 1) {
        Detect(r, chain);
      } else {
        const size_t ancestor = parent->ancestor;
        for (const std::string& id : r.columns[0]) Put({id, ancestor, i, chain});
      }
    }
    return out_;
  }

 private:
  void Put(BrutePut put) {
    if (!put.id.empty()) puts_.push_back(std::move(put));
  }
  const BrutePut* Find(const OperatorRecord& r, const std::vector<std::string>& parents) const {
    const BrutePut* found = nullptr;
    for (const std::string& parent : parents) {
      for (const BrutePut& put : puts_) {
        const OperatorRecord& by = records_[put.by];
        const bool before =
            std::make_pair(by.time, by.tiebreak) < std::make_pair(r.time, r.tiebreak);
        const bool over = spec_.span_ns > 0 && r.time - records_[put.ancestor].time > spec_.span_ns;
        if (put.id != parent || !before || over) continue;
        if (found == nullptr || put.ancestor > found->ancestor) found = &put;
      }
    }
    return found;
  }
  void Detect(const OperatorRecord& r, const std::vector<uint64_t>& chain) {
    if (spec_.rearm == Rearm::kNever && fired_) return;
    if (spec_.rearm == Rearm::kAfter && fired_ && r.time < last_ + spec_.rearm_ns) return;
    fired_ = true;
    last_ = r.time;
    std::vector<uint64_t> shown = {chain[0]};
    const size_t rest = std::min<size_t>(chain.size() - 1, 4);
    shown.insert(shown.end(), chain.end() - static_cast<std::ptrdiff_t>(rest), chain.end());
    out_.push_back(FiringText(r.time, key_, chain.size(), shown));
    if (spec_.rearm == Rearm::kReset) puts_.clear();
  }

  const ProgramCorrelation& spec_;
  const std::vector<OperatorRecord>& records_;
  std::string key_;
  std::vector<BrutePut> puts_;
  std::vector<std::string> out_;
  bool fired_ = false;
  EventTime last_ = 0;
};

TEST(Lineage, ChainsFromTheAncestorToTheDescendant) {
  const ProgramCorrelation spec = Spec(0, true);
  OperatorHarness h(spec, NewLineageOperator);
  h.Add({.source = 2, .time = 1, .columns = {{"b"}, {"a"}}, .line = 1});
  h.Add({.source = 0, .time = 2, .columns = {{"a"}}, .line = 2});
  h.Add({.source = 2, .time = 3, .columns = {{"b"}, {"a"}}, .line = 3});
  h.Add({.source = 2, .time = 4, .columns = {{"c"}, {"b"}}, .line = 4});
  h.Add({.source = 1, .time = 4, .columns = {{"b"}}, .line = 5});
  h.Add({.source = 1, .time = 5, .columns = {{"c"}}, .line = 6});
  h.Add({.source = 1, .time = 6, .columns = {{"x"}}, .line = 7});
  EXPECT_EQ(h.fired, (std::vector<std::string>{"4 k 3 2 3 5", "5 k 4 2 3 4 6"}));
}

// One process that is both ancestor and child is not its own child.
TEST(Lineage, ConcurrentRecordsAreNotBeforeEachOther) {
  const ProgramCorrelation spec = Spec(0, true);
  OperatorHarness h(spec, NewLineageOperator);
  h.Add({.source = 0, .time = 1, .columns = {{"a"}}, .line = 1});
  h.Add({.source = 1, .time = 1, .columns = {{"a"}}, .line = 1});
  EXPECT_TRUE(h.fired.empty());
  h.Add({.source = 0, .time = 2, .columns = {{"a"}}, .line = 2});
  h.Add({.source = 1, .time = 2, .columns = {{"a"}}, .line = 2});
  EXPECT_EQ(h.fired, std::vector<std::string>{"2 k 2 1 2"});
}

TEST(Lineage, TheAncestorsTimeCounts) {
  const ProgramCorrelation spec = Spec(10, true);
  OperatorHarness h(spec, NewLineageOperator);
  h.Add({.source = 0, .time = 0, .columns = {{"a"}}, .line = 1});
  h.Add({.source = 2, .time = 10, .columns = {{"b"}, {"a"}}, .line = 2});
  h.Add({.source = 1, .time = 10, .tiebreak = 1, .columns = {{"b"}}, .line = 3});
  h.Add({.source = 1, .time = 11, .columns = {{"b"}}, .line = 4});
  EXPECT_EQ(h.fired, std::vector<std::string>{"10 k 3 1 2 3"});
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.op->key_count(), 0U);
}

TEST(Lineage, IdsPerKeyAreLimited) {
  const ProgramCorrelation spec = Spec(0, false);
  OperatorHarness h(spec, NewLineageOperator);
  for (EventTime t = 0; t <= 262'144; ++t) {
    h.Add({.source = 0, .time = t, .columns = {{std::to_string(t)}}});
  }
  h.Add({.source = 1, .time = 300'000, .columns = {{"0"}}});
  EXPECT_TRUE(h.fired.empty());
  EXPECT_EQ(h.overflows, 1U);
  h.Add({.source = 1, .time = 300'000, .columns = {{"1"}}});
  EXPECT_EQ(h.fired.size(), 1U);
  EXPECT_TRUE(h.degraded);
  h.ExpectEmpty();
}

// A long chain costs no more than a short one, and is taken down without recursion.
TEST(Lineage, LongChains) {
  const ProgramCorrelation spec = Spec(1'000'000, true);
  OperatorHarness h(spec, NewLineageOperator);
  h.Add({.source = 0, .time = 0, .columns = {{"0"}}, .line = 0});
  for (EventTime t = 1; t <= 200'000; ++t) {
    h.Add({.source = 2, .time = t, .columns = {{std::to_string(t)}, {std::to_string(t - 1)}}});
  }
  h.Add({.source = 1, .time = 200'001, .columns = {{"200000"}}});
  ASSERT_EQ(h.fired.size(), 1U);
  EXPECT_EQ(h.fired[0].substr(0, 15), "200001 k 200002");
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.op->key_count(), 0U);
  h.ExpectEmpty();
}

TEST(Lineage, ExtremeTimes) {
  const ProgramCorrelation spec = Spec(INT64_MAX, true, Rearm::kAfter, INT64_MAX);
  OperatorHarness h(spec, NewLineageOperator);
  for (const EventTime t : {INT64_MIN + 1, int64_t{-1}, INT64_MAX - 1, INT64_MAX}) {
    h.Add({.source = 0, .time = t, .columns = {{"a"}}});
    h.SaveAndLoad();
    h.Add({.source = 2, .time = t, .tiebreak = 1, .columns = {{"b"}, {"a"}}});
    h.Add({.source = 1, .time = t, .tiebreak = 2, .columns = {{"b"}}});
  }
  h.RunTimers(INT64_MAX);
  EXPECT_EQ(h.op->key_count(), 0U);
}

TEST(Lineage, AgreesWithBruteForceAndSavesEverything) {
  std::mt19937 random(9);
  const auto id = [&] {
    return std::string(random() % 8 == 0 ? 0 : 1, static_cast<char>('a' + random() % 7));
  };
  for (int round = 0; round < 1000; ++round) {
    const Rearm rearm[] = {Rearm::kWhenFalse, Rearm::kNever, Rearm::kAfter, Rearm::kReset};
    const bool descendants = random() % 4 > 0;
    const ProgramCorrelation spec =
        Spec(random() % 3 == 0 ? 0 : static_cast<int64_t>(1 + random() % 12), descendants,
             rearm[random() % 8 % 4 * (random() % 2)], static_cast<int64_t>(random() % 20));
    OperatorHarness plain(spec, NewLineageOperator);
    OperatorHarness saved(spec, NewLineageOperator);
    plain.SetEvidence(5);
    saved.SetEvidence(5);
    std::vector<OperatorRecord> records;
    EventTime t = -20;
    uint64_t tiebreak = 0;
    for (uint64_t i = 0; i < 40; ++i) {
      const EventTime step = random() % 3;
      t += step;
      tiebreak = step > 0 ? 0 : tiebreak + random() % 2;
      OperatorRecord r{.source = static_cast<uint32_t>(random() % (descendants ? 3 : 2)),
                       .time = t,
                       .tiebreak = tiebreak,
                       .key = random() % 5 > 0 ? "a" : "b",
                       .line = i};
      for (size_t c = 0; c < spec.sources[r.source].columns.size(); ++c) {
        r.columns.push_back({id()});
        while (random() % 6 == 0) r.columns.back().push_back(id());
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
      ASSERT_EQ(got, Brute(spec, records, key).Run()) << round;
    }
    plain.peak_keys = 2;
    plain.ExpectEmpty();
  }
}

}  // namespace
}  // namespace vedette
