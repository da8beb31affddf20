#include "lib/correlate/aggregate.h"

#include <cmath>
#include <deque>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/correlate/exact_sum.h"
#include "lib/correlate/ring.h"
#include "lib/correlate/sorted_numbers.h"
#include "tests/support/aggregate_model.h"
#include "tests/support/correlation_fixture.h"
#include "tests/support/host_aggregates.h"

namespace vedette {
namespace {

// Values of one taste each, with what does not count in between.
class ValueSource {
 public:
  ValueSource(int taste, uint32_t seed) : taste_(taste), random_(seed) {}

  Value Next() {
    switch (random_() % 12) {
      case 0:
        return Value::Null();
      case 1:
        return Value();
      case 2:
        return Value::String("abc");
      case 3:
        return List();
      case 4:
        return Value::Bool(random_() % 2 == 0);
      default:
        return Scalar();
    }
  }

 private:
  Value List() {
    const std::span<Value> items = arena_.NewValues(random_() % 4);
    for (Value& v : items) v = random_() % 5 == 0 ? Value::Null() : Scalar();
    return Value::List(items);
  }
  Value Scalar() {
    const auto small = static_cast<int64_t>(random_() % 7) - 3;
    switch (taste_) {
      case 0:
        return Value::Int(small);
      case 1:
        return random_() % 2 == 0 ? Value::Int(random_() % 2 == 0 ? INT64_MAX : INT64_MIN)
                                  : Value::Uint(UINT64_MAX - random_() % 3);
      case 2:
        return Value::Double(
            std::ldexp(static_cast<double>(random_()), static_cast<int>(random_() % 1800) - 950) *
            (random_() % 2 == 0 ? 1 : -1));
      case 3: {  // texts and mixed numbers
        constexpr const char* kTexts[] = {"1",   "1.0", "-2.5", "+3",     "1e3",  "x1",
                                          "0x1", "inf", "nan",  "1e9999", "0012", ""};
        return random_() % 2 == 0 ? Value::String(kTexts[random_() % 12]) : Value::Int(small);
      }
      case 4:  // large values that nearly cancel
        return Value::Double((random_() % 2 == 0 ? 1e16 : -1e16) +
                             static_cast<double>(random_() % 100));
      default:
        switch (random_() % 4) {
          case 0:
            return Value::Double(static_cast<double>(small));
          case 1:
            return Value::Double(random_() % 2 == 0 ? -0.0 : 0.0);
          case 2:
            return Value::Double(random_() % 2 == 0 ? std::numeric_limits<double>::infinity()
                                                    : std::nan(""));
          default:
            return Value::Int(small);
        }
    }
  }

  int taste_;
  std::mt19937 random_;
  ValueArena arena_;
};

ProgramCorrelation EverySpec() {
  CorrelationBuilder b(ProgramCorrelation::Shape::kWindow);
  b.Span(2'000'000'000);
  const uint32_t a = b.Source("a", {"f", "g"});
  const uint32_t other = b.Source("o", {"f"});
  for (const Function f : {Function::kCount, Function::kSeen, Function::kRate}) {
    b.Aggregate(f, a);
    b.Aggregate(f, other);
  }
  b.Aggregate(Function::kDistinct, a, {0, 1});
  for (const Function f :
       {Function::kDistinct, Function::kSum, Function::kAvg, Function::kMin, Function::kMax,
        Function::kStddev, Function::kFirst, Function::kLast, Function::kValues}) {
    b.Aggregate(f, a, {0});
    b.Aggregate(f, other, {0});
  }
  for (const double p : {0.0, 25.0, 50.0, 99.0, 100.0}) {
    b.Aggregate(Function::kPercentile, a, {0}, p);
  }
  for (const char* name : {"entropy", "peak", "changes", "trail"}) {
    const auto host = testing::TestFunctions().FindAggregate(name);
    b.Aggregate(
        Function::kHostAggregate, a,
        host->arguments.size() == 1 ? std::vector<uint32_t>{0} : std::vector<uint32_t>{0, 1});
    b.spec().aggregates.back().host = host;
    b.spec().aggregates.back().text = name;
  }
  return std::move(b.spec());
}

void ExpectSame(const CorrelationAggregate& aggregate, const Value& got, const Value& want) {
  if (aggregate.function == Function::kStddev && want.is_number()) {
    ASSERT_TRUE(got.is_number()) << aggregate.text;
    const double tolerance = 1e-9 * std::fabs(want.AsDouble());
    EXPECT_NEAR(got.AsDouble(), want.AsDouble(), tolerance) << aggregate.text;
    return;
  }
  EXPECT_EQ(got.ToJson(), want.ToJson()) << aggregate.text << " " << aggregate.percent;
}

// Every aggregate after every step of a window that slides, grows and shrinks.
TEST(Aggregates, AgreeWithAPlainComputation) {
  const ProgramCorrelation spec = EverySpec();
  const AggregatePlan plan(spec);
  for (int taste = 0; taste < 6; ++taste) {
    RecordPool pool(1);
    ValueSource source(taste, static_cast<uint32_t>(taste) + 1);
    std::mt19937 random(static_cast<uint32_t>(taste) + 77);
    AggregateSet set(&plan);
    const size_t empty = set.bytes();
    std::deque<RecordPtr> window;
    ValueArena arena;
    for (int step = 0; step < 600; ++step) {
      const bool grows = step % 100 < 60;
      if (window.empty() || random() % 10 < (grows ? 7U : 3U)) {
        MatchRecord r;
        r.source = random() % 3 == 0 ? 1 : 0;
        const Value values[] = {source.Next(), source.Next()};
        r.values = std::span(values).first(r.source == 0 ? 2 : 1);
        window.push_back(pool.Make(r, 0, SIZE_MAX));
        set.Add(window.back());
      } else {
        set.RemoveOldest(*window.front());
        window.pop_front();
      }
      const std::vector<RecordPtr> records(window.begin(), window.end());
      for (uint32_t i = 0; i < spec.aggregates.size(); ++i) {
        arena.Reset();
        const CorrelationAggregate& a = spec.aggregates[i];
        // The deviation of numbers that nearly cancel is beyond long doubles.
        if (a.function == Function::kStddev && (taste == 1 || taste == 4)) continue;
        ExpectSame(a, set.Result(i, &arena), ModelAggregate(spec, a, records, &arena));
        if (HasFailure()) FAIL() << "taste " << taste << " step " << step;
      }
    }
    for (; !window.empty(); window.pop_front()) set.RemoveOldest(*window.front());
    EXPECT_LE(set.bytes(), empty + 9216) << taste;  // small tables stay
    set.Clear();
  }
}

TEST(Aggregates, ValuesEndsAtAHundred) {
  CorrelationBuilder b(ProgramCorrelation::Shape::kWindow);
  b.Aggregate(Function::kValues, b.Source("a", {"f"}), {0});
  const AggregatePlan plan(b.spec());
  RecordPool pool(1);
  AggregateSet set(&plan);
  std::vector<RecordPtr> all;
  for (int i = 0; i < 150; ++i) {
    MatchRecord r;
    const Value value = Value::Int(i);
    r.values = {&value, 1};
    all.push_back(pool.Make(r, 0, SIZE_MAX));
    set.Add(all.back());
  }
  ValueArena arena;
  EXPECT_EQ(set.Result(0, &arena).list().size(), 100U);
  set.RemoveOldest(*all[0]);
  EXPECT_EQ(set.Result(0, &arena).list().front().integer(), 1);
  EXPECT_EQ(set.Result(0, &arena).list().back().integer(), 100);
}

TEST(Aggregates, SharePartsAndCountWithoutValues) {
  CorrelationBuilder b(ProgramCorrelation::Shape::kWindow);
  const uint32_t a = b.Source("a", {"f"});
  b.Count(a);
  b.Aggregate(Function::kSeen, a);
  b.Aggregate(Function::kRate, a);
  EXPECT_TRUE(AggregatePlan(b.spec()).counts_only());
  EXPECT_EQ(AggregatePlan(b.spec()).parts().size(), 1U);
  b.Aggregate(Function::kSum, a, {0});
  b.Aggregate(Function::kAvg, a, {0});
  b.Aggregate(Function::kPercentile, a, {0}, 50);
  b.Aggregate(Function::kPercentile, a, {0}, 95);
  EXPECT_FALSE(AggregatePlan(b.spec()).counts_only());
  EXPECT_EQ(AggregatePlan(b.spec()).parts().size(), 3U);
}

TEST(ExactSum, IsExact) {
  const std::vector<std::vector<double>> cases = {
      {},
      {1e300, 1, -1e300},
      {1, 1e100, 1, -1e100},
      {5e-324, 5e-324},
      {1.7976931348623157e308, 1.7976931348623157e308, -1.7976931348623157e308},
      {9007199254740992, 1},          // a tie: to even
      {9007199254740992, 1, 5e-324},  // just above it
      {9007199254740994, 1},          // a tie: to even, up
      {-9007199254740992, -1, -5e-324},
      {0.1, 0.2, 0.3, -0.6}};
  for (const auto& numbers : cases) {
    ExactSum sum;
    for (const double d : numbers) sum.AddDouble(d, false);
    if (numbers.size() == 3 && numbers[0] > 1e308) {
      EXPECT_EQ(sum.Rounded(), numbers[0]);  // beyond the model
    } else {
      EXPECT_EQ(sum.Rounded(), ModelSum(numbers));
    }
    for (const double d : numbers) sum.AddDouble(d, true);
    EXPECT_EQ(sum.Rounded(), 0);
  }
  ExactSum infinite;
  infinite.AddDouble(1.7976931348623157e308, false);
  infinite.AddDouble(1.7976931348623157e308, false);
  EXPECT_TRUE(std::isinf(infinite.Rounded()));
  infinite.AddDouble(1.7976931348623157e308, true);
  EXPECT_EQ(infinite.Rounded(), 1.7976931348623157e308);
}

TEST(ExactSum, RandomSumsAreRoundedOnce) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::vector<double> numbers;
    ExactSum sum;
    const int range = round % 3 == 0 ? 3 : round % 3 == 1 ? 60 : 900;
    for (uint64_t i = random() % 12; i > 0; --i) {
      const double d =
          std::ldexp(static_cast<double>(random() >> 11),
                     static_cast<int>(random() % static_cast<uint64_t>(range)) - range / 2);
      numbers.push_back(random() % 2 == 0 ? d : -d);
      sum.AddDouble(numbers.back(), false);
    }
    ASSERT_EQ(sum.Rounded(), ModelSum(numbers)) << round;
  }
}

TEST(ExactSum, DeviationOfWhatNearlyCancels) {
  ExactSum sum;
  ExactSum squares;
  for (const double d : {1e15 + 4, 1e15 + 7, 1e15 + 13, 1e15 + 16}) {
    sum.AddDouble(d, false);
    squares.AddSquare(d, false);
  }
  EXPECT_DOUBLE_EQ(ExactSum::StandardDeviation(4, sum, squares), std::sqrt(30.0));
  ExactSum tiny;
  ExactSum tiny_squares;
  for (const double d : {1e-300, 3e-300}) {
    tiny.AddDouble(d, false);
    tiny_squares.AddSquare(d, false);
  }
  EXPECT_DOUBLE_EQ(ExactSum::StandardDeviation(2, tiny, tiny_squares), std::sqrt(2.0) * 1e-300);
}

TEST(SortedNumbers, AgreeWithASortedList) {
  std::mt19937 random(5);
  SortedNumbers numbers;
  std::vector<double> model;
  std::deque<double> window;
  for (int i = 0; i < 30000; ++i) {
    const bool drifts = i > 15000;  // blocks run empty in front
    const double d =
        drifts ? i + static_cast<double>(random() % 10) : static_cast<double>(random() % 2000);
    window.push_back(d);
    numbers.Insert(d);
    model.insert(std::upper_bound(model.begin(), model.end(), d), d);
    while (window.size() > (drifts ? 100U : 3000U)) {
      ASSERT_TRUE(numbers.Erase(window.front()));
      model.erase(std::lower_bound(model.begin(), model.end(), window.front()));
      window.pop_front();
    }
    const size_t k = random() % model.size();
    ASSERT_EQ(numbers.Select(k), model[k]);
  }
  EXPECT_LT(numbers.heap_bytes(), 40000U);
  EXPECT_FALSE(numbers.Erase(-1));
  while (!window.empty()) {
    ASSERT_TRUE(numbers.Erase(window.front()));
    window.pop_front();
  }
  EXPECT_EQ(numbers.size(), 0U);
  EXPECT_EQ(numbers.heap_bytes(), 0U);
}

TEST(Ring, AgreesWithADeque) {
  std::mt19937 random(9);
  Ring<std::string> ring;
  std::deque<std::string> model;
  for (int i = 0; i < 20000; ++i) {
    const auto what = random() % 10;
    const bool grows = i % 2000 < 1000;
    if (what < (grows ? 6U : 3U)) {
      ring.push_back(std::to_string(i));
      model.push_back(std::to_string(i));
    } else if (!model.empty() && what < 8) {
      ring.pop_front();
      model.pop_front();
    } else if (!model.empty() && what == 8) {
      const auto at = static_cast<uint32_t>(random() % model.size());
      ring.erase(at);
      model.erase(model.begin() + at);
    } else if (!model.empty()) {
      ring.pop_back();
      model.pop_back();
    }
    if (i % 97 == 0) {
      Ring<std::string> other = std::move(ring);
      EXPECT_TRUE(ring.empty());
      ring = std::move(other);
    }
    ASSERT_EQ(ring.size(), model.size());
    if (model.empty()) continue;
    ASSERT_EQ(ring.front(), model.front());
    ASSERT_EQ(ring.back(), model.back());
    const auto at = static_cast<uint32_t>(random() % model.size());
    ASSERT_EQ(ring[at], model[at]);
  }
  ring.clear();
  EXPECT_EQ(ring.heap_bytes(), 0U);
}

}  // namespace
}  // namespace vedette
