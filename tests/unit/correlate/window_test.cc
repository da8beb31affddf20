// Windows, `all` and `sample` against the definition, applied as plainly as possible.
#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/correlate/event_time.h"
#include "lib/correlate/operator.h"
#include "lib/correlate/rearm.h"
#include "tests/support/aggregate_model.h"
#include "tests/support/correlation_fixture.h"

namespace vedette {
namespace {

using Shape = ProgramCorrelation::Shape;
using Window = ProgramCorrelation::Window;
using Rearm = ProgramCorrelation::Rearm;
using Records = std::vector<RecordPtr>;

// ---- The definition ----------------------------------------------------------------------------

class Model {
 public:
  explicit Model(const ProgramCorrelation& spec) : spec_(spec), runner_(spec, nullptr) {}

  // The firings of one key.
  std::vector<std::string> Run(const Records& records) {
    rearm_ = RearmState();
    window_.clear();
    firings_.clear();
    spec_.at_close ? RunClosing(records) : RunRising(records);
    return firings_;
  }

 private:
  bool IsSample() const { return spec_.shape == Shape::kSample; }
  bool IsAll() const { return (spec_.shape == Shape::kAll || IsSample()) && !spec_.has_having; }
  Window Kind() const { return spec_.shape == Shape::kWindow ? spec_.window : Window::kSliding; }

  void RunRising(const Records& records) {
    for (const RecordPtr& r : records) {
      const EventTime t = r->time();
      if (Kind() == Window::kSliding && !IsSample()) {
        std::erase_if(window_, [&](const RecordPtr& o) { return t - o->time() > spec_.span_ns; });
      } else if (!window_.empty() && !IsSample() && !Fits(t)) {
        window_.clear();
      }
      if (window_.empty()) rearm_.Renew();
      window_.push_back(r);
      Judge(t, DetectionCause::kRecord);
    }
  }

  void RunClosing(const Records& records) {
    for (size_t i = 0; i < records.size();) {
      window_.clear();
      for (; i < records.size() && (window_.empty() || Fits(records[i]->time())); ++i) {
        window_.push_back(records[i]);
      }
      rearm_.Renew();
      Judge(Deadline(), DetectionCause::kClose);
    }
  }

  bool Fits(EventTime t) const {
    const EventTime first = window_.front()->time();
    switch (Kind()) {
      case Window::kSliding:
        return t - first <= spec_.span_ns;
      case Window::kTumbling:
        return Floor(t) == Floor(first);
      case Window::kSession:
        return t - window_.back()->time() <= spec_.gap_ns && t - first <= spec_.span_ns;
    }
    return false;
  }
  EventTime Floor(EventTime t) const {
    EventTime k = t / spec_.span_ns;
    if (k * spec_.span_ns > t) --k;
    return k * spec_.span_ns;
  }
  EventTime Deadline() const {
    const EventTime first = window_.front()->time();
    switch (Kind()) {
      case Window::kTumbling:
        return Floor(first) + spec_.span_ns - 1;
      case Window::kSession:
        return std::min(window_.back()->time() + spec_.gap_ns, first + spec_.span_ns);
      case Window::kSliding:
        break;
    }
    return first + spec_.span_ns;
  }

  // The lexicographically latest choice of different events.
  bool Choose(size_t source, std::vector<RecordPtr>* chosen) const {
    if (source == spec_.sources.size()) return true;
    for (size_t i = window_.size(); i-- > 0;) {
      const RecordPtr& r = window_[i];
      if (r->source() != source) continue;
      const bool taken = std::any_of(chosen->begin(), chosen->end(), [&](const RecordPtr& o) {
        return o->ordinal() == r->ordinal();
      });
      if (taken) continue;
      chosen->push_back(r);
      if (Choose(source + 1, chosen)) return true;
      chosen->pop_back();
    }
    return false;
  }

  void Judge(EventTime t, DetectionCause cause) {
    Records chosen;
    bool holds = true;
    ModelBindings window(spec_, window_);
    std::string key(window_.front()->key());
    runner_.Begin(t);
    if (IsAll()) {
      holds = Choose(0, &chosen);
    } else if (spec_.has_having) {
      holds = runner_.Holds(spec_.having, key, &window);
    }
    if (!rearm_.Judge(spec_, holds, t)) return;
    class Bindings : public ModelBindings {
     public:
      using ModelBindings::ModelBindings;
      const StoredRecord* LastOf(uint32_t source) override {
        return chosen->empty() ? ModelBindings::LastOf(source) : (*chosen)[source].get();
      }
      const Records* chosen = nullptr;
    };
    Bindings bindings(spec_, window_);
    const Records by_source = chosen;
    bindings.chosen = &by_source;
    std::sort(chosen.begin(), chosen.end(),
              [](const RecordPtr& a, const RecordPtr& b) { return a->arrival() < b->arrival(); });
    const Records& shown = IsAll() ? chosen : window_;
    Firing firing;
    firing.key = key;
    firing.time = t;
    firing.cause = cause;
    firing.bindings = &bindings;
    firing.first = shown.front()->time();
    firing.last = shown.back()->time();
    firing.total_records = shown.size();
    firing.records = shown;
    if (IsSample()) {
      firing.window_start = firing.first;
      firing.window_end = t;
    } else if (Kind() == Window::kTumbling) {
      firing.window_start = Floor(firing.first);
      firing.window_end = firing.window_start + spec_.span_ns;
    } else if (Kind() == Window::kSession || spec_.at_close) {
      firing.window_start = window_.front()->time();
      firing.window_end = Deadline();
    } else {
      firing.window_start = t - spec_.span_ns;
      firing.window_end = t;
    }
    firings_.push_back(FiringText(spec_, firing, &runner_));
    if (spec_.rearm == Rearm::kReset) {
      window_.clear();
      rearm_ = RearmState();
    }
  }

  const ProgramCorrelation& spec_;
  MatchExprRunner runner_;
  RearmState rearm_;
  Records window_;
  std::vector<std::string> firings_;
};

// ---- Rules and records
// ---------------------------------------------------------------------------

struct Rule {
  std::string name;
  ProgramCorrelation spec;
};

// Every window and shape with several conditions.
void AddRules(Rearm rearm, std::vector<Rule>* rules) {
  const auto finish = [&](const std::string& name, CorrelationBuilder* b) {
    b->spec().rearm = rearm;
    b->spec().rearm_ns = 17;
    rules->push_back(
        {name + " rearm " + std::to_string(static_cast<int>(rearm)), std::move(b->spec())});
  };
  for (int window = 0; window < 3; ++window) {
    for (int condition = 0; condition < 8; ++condition) {
      CorrelationBuilder b(Shape::kWindow);
      b.Span(20).spec().window = static_cast<Window>(window);
      b.spec().gap_ns = 6;
      const uint32_t a = b.Source("a", {"f", "g"});
      const uint32_t o = condition % 2 == 0 ? b.Source("o", {"f"}) : a;
      const auto compare = [&b](Function f, const TestExpr& x, int64_t n) {
        return b.Call(f, {x, b.Constant(Value::Int(n))});
      };
      const TestExpr rising = compare(Function::kGreaterEqual, b.Count(a), 3);
      switch (condition) {
        case 0:
          b.Having(b.Call(Function::kAnd, {rising, b.Aggregate(Function::kSeen, o)}));
          break;
        case 1:
          b.Having(rising);
          break;
        case 2:
          b.Having(compare(Function::kGreater, b.Aggregate(Function::kDistinct, a, {0}), 2));
          b.Outcome("v", b.Aggregate(Function::kValues, a, {0}));
          b.Outcome("last", b.Column(o, 0));
          break;
        case 3:
          b.Having(compare(Function::kGreaterEqual, b.Aggregate(Function::kSum, a, {0}), 4));
          b.Outcome("max", b.Aggregate(Function::kMax, a, {0}));
          b.Outcome("first", b.Aggregate(Function::kFirst, a, {1}));
          b.Outcome("key", b.Key(0));
          break;
        case 4:  // at close from here
          b.Having(compare(Function::kLess, b.Count(a), 2));
          break;
        case 5:
          b.Having(compare(Function::kEqual, b.Count(a), 3));
          b.Outcome("last", b.Column(a, 1));
          break;
        case 6:
          b.Having(b.Call(Function::kGreater, {b.Aggregate(Function::kAvg, a, {0}),
                                               b.Aggregate(Function::kMin, o, {0})}));
          b.Outcome("p", b.Aggregate(Function::kPercentile, a, {0}, 50));
          break;
        default:
          break;  // no condition
      }
      b.spec().at_close = condition >= 4 && condition < 7;
      finish("window " + std::to_string(window) + " condition " + std::to_string(condition), &b);
    }
  }
  for (const Shape shape : {Shape::kAll, Shape::kSample}) {
    for (int variant = 0; variant < 4; ++variant) {
      CorrelationBuilder b(shape);
      b.Span(20);
      const uint32_t a = b.Source("a", {"f", "g"});
      const uint32_t o = b.Source("o", {"f"});
      if (variant != 1) b.Source("p", {"f"});
      if (variant == 2) b.Outcome("n", b.Count(a));
      if (variant == 2) b.Outcome("d", b.Aggregate(Function::kDistinct, a, {0}));
      if (variant != 0) b.Outcome("f", b.Column(o, 0));
      if (variant == 3) {
        if (shape == Shape::kSample) continue;
        b.Having(
            b.Call(Function::kAnd, {b.Aggregate(Function::kSeen, a),
                                    b.Call(Function::kNot, {b.Aggregate(Function::kSeen, o)})}));
        b.spec().at_close = true;
      }
      finish("shape " + std::to_string(static_cast<int>(shape)) + " variant " +
                 std::to_string(variant),
             &b);
    }
  }
}

std::vector<Rule> EveryRule() {
  std::vector<Rule> rules;
  for (const Rearm rearm :
       {Rearm::kWhenFalse, Rearm::kImmediately, Rearm::kAfter, Rearm::kReset, Rearm::kNever}) {
    AddRules(rearm, &rules);
  }
  return rules;
}

// Records of three keys; times collide, stand exactly apart as windows end, and leave gaps.
std::vector<TestRecord> RandomRecords(const ProgramCorrelation& spec, size_t count, uint32_t seed,
                                      ValueArena* arena) {
  std::mt19937 random(seed);
  std::vector<TestRecord> records;
  EventTime t = -100;
  uint64_t tiebreak = 0;
  while (records.size() < count) {
    constexpr int kSteps[] = {0, 0, 1, 1, 2, 3, 5, 6, 7, 20, 21, 60};
    const EventTime step = kSteps[random() % (random() % 8 == 0 ? 12 : 9)];
    t += step;
    // Often the same event as before, for another source perhaps.
    if (step > 0 || random() % 2 == 0) ++tiebreak;
    TestRecord r;
    r.time = t;
    r.tiebreak = tiebreak;
    r.source = static_cast<uint32_t>(random() % spec.sources.size());
    r.key = std::string(1, static_cast<char>('a' + random() % 3));
    if (random() % 4 == 0) r.key = "a";
    for (size_t c = 0; c < spec.sources[r.source].columns.size(); ++c) {
      Value v = Value::Int(static_cast<int64_t>(random() % 6) - 1);
      switch (random() % 8) {
        case 0:
          v = Value::Null();
          break;
        case 1:
          v = Value::String("2");
          break;
        case 2: {
          const std::span<Value> items = arena->NewValues(2);
          items[0] = v;
          items[1] = Value::Double(1.5);
          v = Value::List(items);
          break;
        }
        default:
          break;
      }
      r.values.push_back(v);
    }
    records.push_back(std::move(r));
  }
  return records;
}

std::map<std::string, std::vector<std::string>> ByKey(const std::vector<std::string>& firings) {
  std::map<std::string, std::vector<std::string>> out;
  for (const std::string& f : firings) out[f.substr(0, f.find('@'))].push_back(f);
  return out;
}

std::map<std::string, std::vector<std::string>> ModelFirings(
    const ProgramCorrelation& spec, const std::vector<TestRecord>& records) {
  RecordPool pool(1);
  std::map<std::string, Records> by_key;
  uint64_t arrival = 0;
  for (const TestRecord& r : records) {
    std::string key;
    AppendKeyPart(Value::String(r.key), &key);
    MatchRecord m;
    m.source = r.source;
    m.time = r.time;
    m.tiebreak = r.tiebreak;
    m.key = key;
    m.values = r.values;
    by_key[r.key].push_back(pool.Make(m, arrival++, SIZE_MAX));
  }
  Model model(spec);
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& [key, list] : by_key) {
    auto firings = model.Run(list);
    if (!firings.empty()) out[key] = std::move(firings);
  }
  return out;
}

// `never` keeps a mark for each key, and a sample everything.
bool KeepsKeys(const ProgramCorrelation& spec) {
  return spec.rearm == Rearm::kNever || spec.shape == Shape::kSample;
}

TEST(WindowOperator, AgreesWithTheDefinition) {
  size_t firings = 0;
  for (const Rule& rule : EveryRule()) {
    for (uint32_t seed = 0; seed < 4; ++seed) {
      ValueArena arena;
      const auto records = RandomRecords(rule.spec, 250, seed, &arena);
      CorrelationHarness harness(&rule.spec, NewWindowOperator, 1000);
      const size_t empty = harness.op().bytes();
      for (const TestRecord& r : records) harness.Add(r);
      harness.Finish();
      const auto got = harness.TakeFirings();
      firings += got.size();
      ASSERT_EQ(ByKey(got), ModelFirings(rule.spec, records)) << rule.name << " seed " << seed;
      if (!KeepsKeys(rule.spec)) {
        EXPECT_EQ(harness.op().key_count(), 0U) << rule.name;
      }
      EXPECT_EQ(harness.timers().size(), 0U) << rule.name;
      while (harness.op().EvictOldest()) {
      }
      EXPECT_EQ(harness.pool().bytes(), 0U) << rule.name;
      EXPECT_LE(harness.op().bytes(), empty + 35) << rule.name;  // an index of seven places
    }
  }
  EXPECT_GT(firings, 10000U);
}

// A restart between any two records changes nothing, and the bytes are the same again.
TEST(WindowOperator, SavesAndLoadsAtEveryRecord) {
  for (const Rule& rule : EveryRule()) {
    ValueArena arena;
    const auto records = RandomRecords(rule.spec, 120, 11, &arena);
    CorrelationHarness harness(&rule.spec, NewWindowOperator, 1000);
    for (const TestRecord& r : records) {
      harness.Add(r);
      const std::string state = harness.Save();
      const size_t keys = harness.op().key_count();
      ASSERT_TRUE(harness.Load(state).ok()) << rule.name;
      ASSERT_EQ(harness.op().key_count(), keys);
      ASSERT_EQ(harness.Save(), state) << rule.name;
    }
    harness.Finish();
    ASSERT_EQ(ByKey(harness.TakeFirings()), ModelFirings(rule.spec, records)) << rule.name;
    if (!KeepsKeys(rule.spec)) {
      EXPECT_EQ(harness.op().key_count(), 0U) << rule.name;
    }
  }
}

TEST(WindowOperator, RefusesDamagedState) {
  std::mt19937 random(2);
  for (const Rule& rule : EveryRule()) {
    ValueArena arena;
    CorrelationHarness harness(&rule.spec, NewWindowOperator);
    for (const TestRecord& r : RandomRecords(rule.spec, 40, 5, &arena)) harness.Add(r);
    const std::string state = harness.Save();
    for (int i = 0; i < 60; ++i) {
      std::string damaged = state;
      if (damaged.empty()) break;
      damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
      if (i % 3 == 0) damaged.resize(random() % damaged.size());
      // Whatever was accepted must work.
      (void)harness.Load(damaged);
      for (const TestRecord& r : RandomRecords(rule.spec, 20, 6, &arena)) harness.Add(r);
      (void)harness.Save();
      harness.Finish();
    }
  }
}

// ---- Single properties
// ---------------------------------------------------------------------------

ProgramCorrelation CountRule(int64_t at_least, int64_t span, Rearm rearm = Rearm::kWhenFalse) {
  CorrelationBuilder b(Shape::kWindow);
  const uint32_t a = b.Source("a");
  b.Span(span).Having(
      b.Call(Function::kGreaterEqual, {b.Count(a), b.Constant(Value::Int(at_least))}));
  b.spec().rearm = rearm;
  return std::move(b.spec());
}

TEST(WindowOperator, TwoRecordsExactlyTheSpanApartAreTogether) {
  const ProgramCorrelation spec = CountRule(2, 10);
  CorrelationHarness harness(&spec, NewWindowOperator);
  harness.Add({.time = 0});
  harness.Add({.time = 10});
  EXPECT_EQ(harness.TakeFirings(),
            std::vector<std::string>{"k@10 record [0, 10] 0..10 2 {a@0 a@10} count(a)=2"});
  harness.Add({.time = 21});
  EXPECT_TRUE(harness.TakeFirings().empty());
}

TEST(WindowOperator, TimesAtTheEndsOfTheRange) {
  constexpr EventTime kFirst = INT64_MIN + 1;
  for (int window = 0; window < 3; ++window) {
    for (const bool at_close : {false, true}) {
      for (const int64_t span : {int64_t{1}, int64_t{1'000'000'007}, int64_t{INT64_MAX}}) {
        ProgramCorrelation spec = CountRule(1, span, Rearm::kAfter);
        spec.rearm_ns = span;
        spec.window = static_cast<Window>(window);
        spec.gap_ns = span;
        spec.at_close = at_close;
        CorrelationHarness harness(&spec, NewWindowOperator);
        for (const EventTime t :
             {kFirst, kFirst, EventTime{-1}, EventTime{0}, kLastTime - 1, kLastTime, kLastTime}) {
          harness.Add({.time = t});
          const std::string state = harness.Save();
          ASSERT_TRUE(harness.Load(state).ok());
        }
        harness.Finish();
        EXPECT_FALSE(harness.TakeFirings().empty());
        EXPECT_EQ(harness.op().key_count(), 0U) << window << at_close << span;
      }
    }
  }
}

// Beyond 64 records a window that counts keeps times; what it says is the same but for the older
// half of the evidence.
TEST(WindowOperator, CountsMoreThanItHolds) {
  for (const bool at_close : {false, true}) {
    CorrelationBuilder b(Shape::kWindow);
    const uint32_t a = b.Source("a", {"f"});
    const uint32_t o = b.Source("o", {"f"});
    b.Span(400).Having(b.Call(Function::kGreaterEqual, {b.Count(a), b.Constant(Value::Int(70))}));
    b.Outcome("o", b.Count(o)).Outcome("last", b.Column(o, 0));
    b.spec().rearm = Rearm::kImmediately;
    b.spec().at_close = at_close;
    const ProgramCorrelation& spec = b.spec();
    std::mt19937 random(4);
    std::vector<TestRecord> records;
    EventTime t = 0;
    for (int i = 0; i < 3000; ++i) {
      t += i % 700 < 500 ? static_cast<EventTime>(random() % 3) : 30;
      records.push_back({.time = t,
                         .source = random() % 40 == 0 ? o : a,
                         .values = {Value::Int(i)},
                         .tiebreak = static_cast<uint64_t>(i)});
    }
    CorrelationHarness harness(&spec, NewWindowOperator, 8);
    size_t most = 0;
    size_t i = 0;
    for (const TestRecord& r : records) {
      harness.Add(r);
      most = std::max(most, harness.pool().bytes());
      if (++i % 50 != 0) continue;
      const std::string state = harness.Save();
      ASSERT_TRUE(harness.Load(state).ok());
      ASSERT_EQ(harness.Save(), state);
    }
    harness.Finish();
    EXPECT_LT(most, 70U * 160);
    const auto strip = [](const std::string& text, bool* all) {
      const size_t open = text.find('{');
      const size_t close = text.find('}');
      const std::string shown = text.substr(open, close - open);
      // The last four of the evidence.
      size_t at = shown.size();
      for (int n = 0; n < 4 && at != std::string::npos; ++n) at = shown.rfind(' ', at - 1);
      *all = at != std::string::npos;
      return text.substr(0, open) + (*all ? shown.substr(at) : "?") + text.substr(close);
    };
    const auto got = harness.TakeFirings();
    const auto want = ModelFirings(spec, records)["k"];
    ASSERT_EQ(got.size(), want.size());
    EXPECT_GT(got.size(), at_close ? 3U : 500U);
    for (size_t f = 0; f < got.size(); ++f) {
      bool all = false;
      ASSERT_EQ(strip(got[f], &all), strip(want[f], &all));
      EXPECT_TRUE(all);
      EXPECT_EQ(std::count(got[f].begin(),
                           got[f].begin() + static_cast<std::ptrdiff_t>(got[f].find('}')), '@'),
                9);
    }
    EXPECT_EQ(harness.op().key_count(), 0U);
  }
}

TEST(WindowOperator, DropsTheOldestBeyondAMillion) {
  const ProgramCorrelation spec = CountRule(1'000'000, INT64_MAX, Rearm::kImmediately);
  CorrelationHarness harness(&spec, NewWindowOperator, 2);
  for (int i = 0; i < 1'000'002; ++i) harness.Add({.time = i});
  const auto firings = harness.TakeFirings();
  ASSERT_EQ(firings.size(), 3U);
  EXPECT_EQ(harness.overflows(), 2U);
  EXPECT_EQ(firings[0].find("degraded"), std::string::npos);
  EXPECT_NE(firings[2].find("2..1000001 1000000"), std::string::npos) << firings[2];
  EXPECT_NE(firings[2].find("degraded"), std::string::npos);
  EXPECT_LT(harness.op().bytes(), 9'000'000U);
}

TEST(WindowOperator, OneTimerForEachKey) {
  const ProgramCorrelation spec = CountRule(5, 100);
  CorrelationHarness harness(&spec, NewWindowOperator);
  for (int i = 0; i < 1000; ++i) harness.Add({.time = i, .key = i % 2 == 0 ? "a" : "b"});
  EXPECT_EQ(harness.timers().size(), 2U);
  EXPECT_EQ(
      harness.op().Describe(1, 1000, "")[0],
      "k=\"b\": 51 of 5 within 100ns, since 1970-01-01T00:00:00.000000899Z, 0s left, detected");
  EXPECT_EQ(harness.op().Describe(9, kNoEventTime, "a\""),
            std::vector<std::string>{"k=\"a\": 51 of 5 within 100ns, since "
                                     "1970-01-01T00:00:00.000000898Z, detected"});
  EXPECT_TRUE(harness.op().Describe(9, kNoEventTime, "c").empty());
}

TEST(WindowOperator, RefusesKeysAndMarksAfterEviction) {
  const ProgramCorrelation spec = CountRule(2, 10);
  CorrelationHarness harness(&spec, NewWindowOperator);
  harness.set_may_add_key(false);
  harness.Add({.time = 0});
  EXPECT_EQ(harness.op().key_count(), 0U);
  harness.set_may_add_key(true);
  harness.Add({.time = 1});
  EXPECT_TRUE(harness.op().EvictOldest());
  EXPECT_FALSE(harness.op().EvictOldest());
  harness.Add({.time = 2});
  harness.Add({.time = 3});
  const auto firings = harness.TakeFirings();
  ASSERT_EQ(firings.size(), 1U);
  EXPECT_NE(firings[0].find("degraded"), std::string::npos);
}

TEST(AllOperator, OneEventDoesNotCountForTwoSources) {
  CorrelationBuilder b(Shape::kAll);
  b.Span(100);
  b.Source("a");
  b.Source("b");
  b.Source("c");
  b.spec().rearm = Rearm::kImmediately;
  CorrelationHarness harness(&b.spec(), NewWindowOperator);
  // a and b share two events: together they fill both; c needs one of its own.
  harness.Add({.time = 1, .source = 0, .tiebreak = 1});
  harness.Add({.time = 1, .source = 1, .tiebreak = 1});
  harness.Add({.time = 1, .source = 2, .tiebreak = 1});
  EXPECT_TRUE(harness.TakeFirings().empty());
  harness.Add({.time = 2, .source = 0, .tiebreak = 2});
  harness.Add({.time = 2, .source = 1, .tiebreak = 2});
  EXPECT_TRUE(harness.TakeFirings().empty());
  harness.Add({.time = 3, .source = 1, .tiebreak = 3});
  EXPECT_EQ(harness.TakeFirings(),
            std::vector<std::string>{"k@3 record [-97, 3] 1..3 3 {c@1 a@2 b@3}"});
  EXPECT_EQ(harness.op().Describe(1, kNoEventTime, "")[0],
            "k=\"k\": 3 of 3 seen, since 1970-01-01T00:00:00.000000001Z, detected");
}

// Against all choices there are, with many sources and few events.
TEST(AllOperator, FindsDifferentEventsWheneverThereAreSome) {
  size_t firings = 0;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    CorrelationBuilder b(Shape::kAll);
    b.Span(12);
    std::mt19937 random(seed);
    const size_t sources = 2 + random() % 5;
    for (size_t i = 0; i < sources; ++i) b.Source(std::string(1, static_cast<char>('a' + i)));
    b.spec().rearm = Rearm::kImmediately;
    std::vector<TestRecord> records;
    for (int i = 0; i < 60; ++i) {
      const EventTime t = i / 4 * 2;
      records.push_back({.time = t,
                         .source = static_cast<uint32_t>(random() % sources),
                         .values = {},
                         .tiebreak = static_cast<uint64_t>(t) + random() % 2});
    }
    std::stable_sort(records.begin(), records.end(), [](const auto& x, const auto& y) {
      return std::pair(x.time, x.tiebreak) < std::pair(y.time, y.tiebreak);
    });
    CorrelationHarness harness(&b.spec(), NewWindowOperator);
    for (const TestRecord& r : records) harness.Add(r);
    const auto got = harness.TakeFirings();
    firings += got.size();
    ASSERT_EQ(ByKey(got), ModelFirings(b.spec(), records)) << seed;
  }
  EXPECT_GT(firings, 1000U);
}

}  // namespace
}  // namespace vedette
