// Risk: the worked example to the last digit, and what holds of every stream.
#include "vedette/alert/risk.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "tests/support/lcg.h"
#include "vedette/alert/verdicts.h"

namespace vedette::testing {
namespace {

std::unique_ptr<RiskBook> NewBook(RiskOptions options = {}) {
  auto book = RiskBook::Create(std::move(options));
  EXPECT_TRUE(book.ok()) << book.status();
  return *std::move(book);
}

RiskEvent RiskAt(int64_t at_ns, std::string rule, uint32_t points,
                 std::vector<std::string> tactics = {}) {
  RiskEvent e;
  e.tenant = "t1";
  e.entity = {EntityType::kDevice, "h"};
  e.rule_id = std::move(rule);
  e.tactics = std::move(tactics);
  e.alert = MakeId(e.rule_id + std::to_string(at_ns));
  e.time = kAlertEpoch + at_ns;
  e.weight = RiskScore::Points(points);
  return e;
}

const Entity kHost{EntityType::kDevice, "h"};

// Half-life 24 h, threshold 100: docs/alerts.md has this table.
TEST(Risk, WorkedExample) {
  const auto book = NewBook();
  struct Step {
    int64_t hour;
    const char* rule;
    uint32_t weight;
    const char* added;
    const char* score;
  };
  ASSERT_EQ(RiskOptions().half_life_ns, 24 * kHour);
  const Step steps[] = {
      {0, "A", 20, "20.00", "20.00"}, {1, "A", 20, "10.00", "29.43"},
      {6, "B", 30, "30.00", "55.47"}, {12, "C", 40, "40.00", "86.65"},
      {13, "A", 20, "5.00", "89.18"}, {37, "D", 60, "60.00", "104.59"},
  };
  for (const Step& step : steps) {
    const auto notice = book->Add(RiskAt(step.hour * kHour, step.rule, step.weight));
    const auto risk = book->Find("t1", kHost, kAlertEpoch + step.hour * kHour);
    ASSERT_TRUE(risk.has_value());
    EXPECT_EQ(risk->score.ToText(), step.score);
    EXPECT_EQ(risk->history.back().added.ToText(), step.added);
    EXPECT_EQ(notice.has_value(), step.hour == 37);
    if (notice.has_value()) {
      EXPECT_EQ(notice->rules, (std::vector<std::string>{"A", "B", "C", "D"}));
    }
  }
}

TEST(Risk, WorkedExampleNeedsMoreThanOneKindOfThing) {
  const auto one = NewBook();
  EXPECT_FALSE(one->Add(RiskAt(0, "A", 500)).has_value());  // one rule, no tactics
  const auto tactics = NewBook();
  EXPECT_TRUE(tactics->Add(RiskAt(0, "A", 500, {"impact", "discovery"})).has_value());
  const auto critical = NewBook();
  RiskEvent e = RiskAt(0, "A", 100);
  e.critical = true;
  EXPECT_TRUE(critical->Add(e).has_value());
  const auto old = NewBook();
  EXPECT_FALSE(old->Add(RiskAt(0, "A", 90)).has_value());
  EXPECT_FALSE(old->Add(RiskAt(7 * kDay, "B", 100)).has_value());  // of A nothing is left
  EXPECT_TRUE(old->Add(RiskAt(7 * kDay + 1, "C", 1)).has_value());
}

TEST(Risk, ThresholdIsToldOfOnceUntilItHasFallen) {
  const auto book = NewBook();
  EXPECT_FALSE(book->Add(RiskAt(0, "A", 60)).has_value());
  const auto notice = book->Add(RiskAt(1, "B", 60, {"impact"}));
  ASSERT_TRUE(notice.has_value());
  EXPECT_EQ(notice->entity, kHost);
  EXPECT_EQ(notice->rules, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(notice->tactics, std::vector<std::string>{"impact"});
  EXPECT_EQ(notice->history.size(), 2u);
  EXPECT_FALSE(book->Add(RiskAt(kHour, "C", 60)).has_value());
  // 177 points fall below 50 after less than two days; not before.
  EXPECT_FALSE(book->Add(RiskAt(24 * kHour, "D", 60)).has_value());
  EXPECT_FALSE(book->Add(RiskAt(80 * kHour, "E", 10)).has_value());
  EXPECT_TRUE(book->Add(RiskAt(81 * kHour, "F", 90)).has_value());
}

TEST(Risk, DecayHalvesAndIsCloseToTheRealOne) {
  EXPECT_EQ(Decay(RiskScore::Points(64), 3 * kDay, kDay), RiskScore::Points(8));
  EXPECT_EQ(Decay(RiskScore::Points(64), 0, kDay), RiskScore::Points(64));
  EXPECT_EQ(Decay(RiskScore::Points(64), -5, kDay), RiskScore::Points(64));
  EXPECT_EQ(Decay(RiskScore{UINT64_MAX}, 64 * kDay, kDay).q32, 0u);
  EXPECT_EQ(Decay(RiskScore{UINT64_MAX}, 63 * kDay, kDay).q32, 2u);
  Lcg lcg(5);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t q = uint64_t{lcg.Next()} << lcg.Below(46);
    const int64_t half = 1 + static_cast<int64_t>(uint64_t{lcg.Next()} << lcg.Below(44));
    const int64_t elapsed = static_cast<int64_t>(uint64_t{lcg.Next()} << lcg.Below(44));
    const long double real =
        static_cast<long double>(q) * std::exp2l(-static_cast<long double>(elapsed) / half);
    const auto got = static_cast<long double>(Decay({q}, elapsed, half).q32);
    EXPECT_NEAR(static_cast<double>(got), static_cast<double>(real),
                static_cast<double>(real * 2e-10L + 0.51L));
  }
}

// The same numbers on every machine: these bits are what they are.
TEST(Risk, DecayIsTheSameEverywhere) {
  uint64_t mixed = 0;
  for (int64_t i = 1; i < 1000; ++i) {
    mixed = mixed * 31 + Decay({0x123456789ABCDEF0ULL}, i * 7'919'000'003, kDay).q32;
  }
  EXPECT_EQ(mixed, 18280971448937989456ULL);
}

TEST(Risk, PropertiesOfEveryStream) {
  for (uint32_t seed = 1; seed < 40; ++seed) {
    Lcg lcg(seed);
    const auto book = NewBook();
    int64_t at = 0;
    uint64_t sum_of_weights = 0;
    for (int i = 0; i < 200; ++i) {
      at += static_cast<int64_t>(lcg.Below(6 * 3600)) * kSecond;
      const uint32_t points = lcg.Below(40);
      const auto before = book->Find("t1", kHost, kAlertEpoch + at);
      const auto notice =
          book->Add(RiskAt(at, std::string(1, static_cast<char>('A' + lcg.Below(5))), points));
      const auto after = book->Find("t1", kHost, kAlertEpoch + at);
      sum_of_weights += points;
      const uint64_t was = before.has_value() ? before->score.q32 : 0;
      // A firing adds between nothing and its weight, and nothing ever exceeds the plain sum.
      EXPECT_GE(after->score.q32, was);
      EXPECT_LE(after->score.q32, was + (uint64_t{points} << 32));
      EXPECT_LE(after->score, RiskScore::Points(static_cast<uint32_t>(sum_of_weights)));
      // It falls while nothing comes, and is told of at the threshold only, once.
      EXPECT_LE(book->Find("t1", kHost, kAlertEpoch + at + kHour)->score, after->score);
      if (notice.has_value()) {
        EXPECT_GE(notice->score, RiskScore::Points(100));
        if (before.has_value() && before->raised) {
          EXPECT_LT(before->score, RiskScore::Points(50));
        }
      }
      ASSERT_TRUE(book->Restore(book->Snapshot()).ok());
    }
  }
}

// One noisy rule adds less than twice its weight within a half-life.
TEST(Risk, OneNoisyRuleRaisesNothing) {
  const auto book = NewBook();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(book->Add(RiskAt(i * kMinute, "A", 30)).has_value());
  }
  EXPECT_LE(book->Find("t1", kHost, kAlertEpoch)->score, RiskScore::Points(60));
}

TEST(Risk, LateOnesCountAsMuchAsTheyWouldByNow) {
  const auto in_order = NewBook();
  in_order->Add(RiskAt(0, "A", 40));
  in_order->Add(RiskAt(24 * kHour, "B", 10));
  const auto late = NewBook();
  late->Add(RiskAt(24 * kHour, "B", 10));
  late->Add(RiskAt(0, "A", 40));
  const EventTime now = kAlertEpoch + 24 * kHour;
  EXPECT_EQ(in_order->Find("t1", kHost, now)->score.ToText(), "30.00");
  EXPECT_EQ(late->Find("t1", kHost, now)->score.ToText(), "30.00");
}

TEST(Risk, WeightIsOfSeverityConfidenceCriticalityRuleAndVerdicts) {
  VerdictBook verdicts;
  RiskOptions o;
  o.verdicts = &verdicts;
  o.rule_percent = {{"rule-high", 200}};
  const auto book = NewBook(o);
  Alert a;
  AlertRule rule;
  rule.id = "rule-high";
  a.rule = std::make_shared<AlertRule>(rule);
  a.severity = Level::kHigh;
  a.confidence = 50;
  EXPECT_EQ(book->WeightOf(a, Criticality::kNormal).ToText(), "40.00");
  EXPECT_EQ(book->WeightOf(a, Criticality::kCritical).ToText(), "80.00");
  for (int i = 0; i < 9; ++i) {
    verdicts.Record(
        {MakeId(std::to_string(i)), MakeId("f"), "rule-high", "ann", Verdict::kFalsePositive, 0});
  }
  // 25 + 0.005 * 75, rounded, per cent.
  EXPECT_EQ(book->WeightOf(a, Criticality::kNormal).ToText(), "10.00");
}

TEST(Risk, AlertsAddToDevicesAndUsersThatTellSomething) {
  AlertRunner run;
  run.Add(AlertEvent("high", "h", "NT AUTHORITY\\\\SYSTEM"), 0);
  run.Add(AlertEvent("high", "h", "al", R"(,"ProcessGuid":"{1}")"), 1);
  const auto book = NewBook();
  for (const Alert& a : run.out.alerts) book->Add(a);
  ASSERT_EQ(book->size(), 2u);
  const auto top = book->Top(10, kAlertEpoch + 1);
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(top[0].entity, kHost);
  EXPECT_EQ(top[0].score.ToText(), "36.00");  // 40 * 60 %, and half of it again
  EXPECT_EQ(top[1].entity, (Entity{EntityType::kUser, "al"}));
  EXPECT_EQ(top[1].score.ToText(), "24.00");
  EXPECT_EQ(book->Top(1, kAlertEpoch + 1).size(), 1u);
}

TEST(Risk, EntitiesThatRestLongestGo) {
  RiskOptions o;
  o.max_entities = 10;
  const auto book = NewBook(o);
  for (int i = 0; i < 25; ++i) {
    RiskEvent e = RiskAt(i, "A", 5);
    e.entity.value = std::to_string(i);
    book->Add(e);
  }
  EXPECT_EQ(book->size(), 10u);
  EXPECT_EQ(book->evicted(), 15u);
  EXPECT_FALSE(book->Find("t1", {EntityType::kDevice, "14"}, 0).has_value());
  EXPECT_TRUE(book->Find("t1", {EntityType::kDevice, "15"}, 0).has_value());
}

TEST(Risk, OptionsAreChecked) {
  const auto code = [](RiskOptions o) { return RiskBook::Create(std::move(o)).status().code(); };
  RiskOptions o;
  o.half_life_ns = 0;
  EXPECT_EQ(code(o), absl::StatusCode::kInvalidArgument);
  o = {};
  o.threshold = 0;
  EXPECT_EQ(code(o), absl::StatusCode::kInvalidArgument);
  o = {};
  o.rearm_percent = 101;
  EXPECT_EQ(code(o), absl::StatusCode::kInvalidArgument);
  o = {};
  o.criticality_percent[0] = 10'001;
  EXPECT_EQ(code(o), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace vedette::testing
