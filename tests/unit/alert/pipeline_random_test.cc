// What holds of every stream: nothing is lost, order within the watermark and restarts change
// nothing.
#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "tests/support/lcg.h"
#include "vedette/alert/pipeline.h"

namespace vedette::testing {
namespace {

struct TimedEvent {
  std::string json;
  int64_t at = 0;
  uint64_t line = 0;
};

// Events that do all that pipelines know: folds of every kind, escalations, missing and many
// values.
std::vector<TimedEvent> RandomEvents(uint32_t seed, int count) {
  Lcg lcg(seed);
  static const std::vector<std::string> kRuleLists = {"low",      "medium",   "high",
                                                      "critical", "low high", "low medium"};
  static const std::vector<std::string> kHosts = {"", "h1", "h2", "h3"};
  static const std::vector<std::string> kUsers = {"", "al", "bo", "scanner"};
  static const std::vector<std::string> kMore = {"", "", R"(,"Action":"blocked")",
                                                 R"(,"Action":"allowed")", R"(,"to":["a","b"])"};
  std::vector<TimedEvent> out;
  int64_t at = 0;
  for (int i = 0; i < count; ++i) {
    at += static_cast<int64_t>(lcg.Below(600)) * kSecond;
    const std::string record = ",\"EventRecordID\":" + std::to_string(i);
    out.push_back(
        {AlertEvent(lcg.Of(kRuleLists), lcg.Of(kHosts), lcg.Of(kUsers), lcg.Of(kMore) + record), at,
         static_cast<uint64_t>(i) + 1});
  }
  return out;
}

PipelineOptions RandomOptions(uint32_t seed) {
  Lcg lcg(seed);
  PipelineOptions o = RestartOptions();
  o.policy.window = static_cast<AlertPolicy::Window>(lcg.Below(3));
  o.policy.nulls = static_cast<AlertPolicy::Nulls>(lcg.Below(3));
  o.policy.multi = static_cast<AlertPolicy::Multi>(lcg.Below(2));
  if (lcg.Below(2) == 0) o.policy.key_fields = {"Computer", "to"};
  o.budget.per_rule_per_hour = lcg.Below(3) * 4;
  o.budget.suppress = lcg.Below(2) == 0;
  o.budget.canary = 3;
  o.late_to_side = lcg.Below(2) == 0;
  auto table =
      EntityTable::Build({{{EntityType::kDevice, "h2"}, "", Criticality::kHigh, {}, ""},
                          {{EntityType::kUser, "bo"}, "al", Criticality::kNormal, {}, ""}});
  o.entities = *table;
  return o;
}

void AddHolds(AlertPipeline* pipeline) {
  const Actor actor{"ann", {}, false};
  Suppression s;
  s.id = "s";
  s.matcher = {{{"User", AlertTest::Op::kEquals, {"scanner"}, false}}};
  s.owner = "ann";
  s.reason = "r";
  s.tenants = {"*"};
  s.canary = 3;
  s.expires_at = kAlertEpoch + 80 * kDay;
  ASSERT_TRUE(pipeline->AddSuppression(s, actor, kAlertEpoch).ok());
  Inhibition i;
  i.id = "i";
  i.source = {{{"rule", AlertTest::Op::kEquals, {"rule-critical"}, false}}};
  i.target = {{{"severity", AlertTest::Op::kEquals, {"low", "medium"}, false}}};
  i.equal = {"Computer"};
  i.owner = "ann";
  i.reason = "r";
  i.expires_at = kAlertEpoch + 80 * kDay;
  ASSERT_TRUE(pipeline->AddInhibition(i, actor, kAlertEpoch).ok());
}

std::string Told(const AlertList& out) {
  std::string text;
  for (const Alert& a : out.alerts) text += AlertToJson(a) + "\n";
  for (const FoldUpdate& f : out.folds) {
    text += f.alert.ToText() + " " + std::to_string(f.count) + "\n";
  }
  for (const HeldAlert& h : out.held) text += h.by + " " + h.id.ToText() + "\n";
  return text;
}

class AlertStreams : public ::testing::TestWithParam<uint32_t> {};

TEST_P(AlertStreams, LoseNothing) {
  AlertRunner run(RandomOptions(GetParam()));
  AddHolds(&run.pipeline());
  Lcg lcg(GetParam());
  for (const TimedEvent& e : RandomEvents(GetParam(), 300)) {
    run.Add(e.json, e.at);
    run.ExpectNothingLost();
    if (lcg.Below(10) == 0 && !run.out.alerts.empty()) {
      run.pipeline().CloseAlert(
          run.out.alerts[lcg.Below(static_cast<uint32_t>(run.out.alerts.size()))].id);
    }
  }
  run.Flush();
  run.ExpectNothingLost();
  EXPECT_EQ(run.pipeline().stats().waiting, 0u);
}

TEST_P(AlertStreams, RestartAtEveryRecordChangesNothing) {
  PipelineOptions o = RandomOptions(GetParam());
  if (GetParam() % 2 == 0) o.reorder_ns = 20 * kMinute;
  AlertRunner straight(o);
  AlertRunner restarted(o);
  AddHolds(&straight.pipeline());
  AddHolds(&restarted.pipeline());
  for (const TimedEvent& e : RandomEvents(GetParam(), 120)) {
    straight.Add(e.json, e.at);
    restarted.Add(e.json, e.at);
    restarted.Restart();
  }
  straight.Flush();
  restarted.Flush();
  EXPECT_EQ(Told(straight.out), Told(restarted.out));
  EXPECT_TRUE(straight.pipeline().Snapshot() == restarted.pipeline().Snapshot());
  EXPECT_GT(straight.out.alerts.size(), 0u);
}

TEST_P(AlertStreams, OrderWithinTheWatermarkChangesNothing) {
  PipelineOptions o = RandomOptions(GetParam());
  o.reorder_ns = kHour;
  std::vector<TimedEvent> events = RandomEvents(GetParam(), 200);
  std::string first;
  for (int order = 0; order < 3; ++order) {
    AlertRunner run(o);
    AddHolds(&run.pipeline());
    for (const TimedEvent& e : events) run.Add(e.json, e.at, e.line);
    run.Flush();
    run.ExpectNothingLost();
    std::string told;
    for (const Alert& a : run.out.alerts) {
      if (a.rule->correlation) continue;  // the correlator has a watermark of its own
      told += a.id.ToText() + " " + std::string(EmitReasonName(a.reason)) + " " + a.reason_text +
              " " + std::to_string(a.folded_before) + "\n";
    }
    for (const HeldAlert& h : run.out.held) told += h.by + " " + h.id.ToText() + "\n";
    if (order == 0) {
      first = told;
    } else {
      EXPECT_EQ(told, first);
    }
    // Each event moves by less than the watermark waits.
    Lcg lcg(GetParam() + 77 + static_cast<uint32_t>(order));
    std::vector<std::pair<int64_t, size_t>> arrival;
    for (size_t i = 0; i < events.size(); ++i) {
      arrival.emplace_back(events[i].at + static_cast<int64_t>(lcg.Below(3599)) * kSecond, i);
    }
    std::sort(arrival.begin(), arrival.end());
    std::vector<TimedEvent> shuffled;
    for (const auto& [at, i] : arrival) shuffled.push_back(events[i]);
    events = std::move(shuffled);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AlertStreams, ::testing::Range(1u, 13u));

TEST(AlertSnapshots, OfOtherFormsAreRefused) {
  AlertRunner run;
  run.Add(AlertEvent("low", "h", "u"), 0);
  const std::string good = run.pipeline().Snapshot();
  EXPECT_TRUE(run.pipeline().Restore(good).ok());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x20);
    const absl::Status status = run.pipeline().Restore(bad);
    EXPECT_EQ(status.code(),
              i == 8 || i == 9 ? absl::StatusCode::kUnimplemented : absl::StatusCode::kDataLoss)
        << i;
    EXPECT_FALSE(run.pipeline().Restore(good.substr(0, i)).ok());
  }
  EXPECT_TRUE(run.pipeline().Snapshot() == good);  // the state is as before
}

}  // namespace
}  // namespace vedette::testing
