// Health: silence, drift of fields, rules that cannot fire.
#include "vedette/alert/health.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette::testing {
namespace {

constexpr char kHealthRules[] = R"(
title: Needs an image
id: needs-image
logsource: {product: windows, category: process_creation}
detection: {s: {Image: a.exe}, condition: s}
---
title: Image or command
id: image-or-command
logsource: {product: windows, category: process_creation}
detection: {a: {Image: a.exe}, b: {CommandLine: x}, condition: a or b}
---
title: No image
id: no-image
logsource: {product: windows, category: process_creation}
detection: {a: {CommandLine: x}, b: {Image: a.exe}, condition: a and not b}
---
title: Needs a parent
id: needs-parent
logsource: {product: windows, category: process_creation}
detection: {s: {ParentImage: p.exe, Image: a.exe}, condition: s}
---
title: Names asked for
id: dns
logsource: {product: windows, category: dns_query}
detection: {s: {QueryName: evil}, condition: s}
)";

class HealthRun {
 public:
  explicit HealthRun(HealthOptions options = {}) {
    Compiler compiler;
    compiler.AddFrontend(SigmaFrontend());
    RuleSet rules;
    rules.Add("health.yml", kHealthRules);
    const auto built = compiler.Compile(rules);
    EXPECT_TRUE(built.ok());
    monitor = std::make_unique<HealthMonitor>(built->program, std::move(options));
  }

  void Add(std::string_view source, std::string_view json, EventTime t) {
    ASSERT_TRUE(parser.Parse(json, &event).ok());
    event.set_ref(source, 1);
    event.set_time(t);
    const std::vector<LogSource> sources = {{"windows", "process_creation", "sysmon"}};
    monitor->Observe(event.view(), sources);
  }

  std::unique_ptr<HealthMonitor> monitor;
  JsonParser parser;
  Event event;
};

constexpr char kFull[] = R"({"Image":"a.exe","CommandLine":"x","Channel":"c"})";
constexpr char kLess[] = R"({"CommandLine":"x","Channel":"c"})";

std::vector<std::string> BlindIds(const HealthMonitor& m) {
  std::vector<std::string> out;
  for (const BlindRule& r : m.BlindRules()) out.push_back(r.rule_id);
  return out;
}

TEST(DetectionHealth, LearnsPeriodsAndTellsSilenceOnce) {
  HealthRun run;
  EventTime t = kAlertEpoch;
  for (int i = 0; i < 50; ++i, t += kMinute) {
    run.Add("a", kFull, t);
    run.Add("b", kFull, t);
    EXPECT_TRUE(run.monitor->AdvanceTime(t).empty());
  }
  // Three times the longest gap is less than five minutes: these count.
  const EventTime last = t - kMinute;
  for (; t < last + kHour; t += kMinute) run.Add("b", kFull, t);
  EXPECT_TRUE(run.monitor->AdvanceTime(last + 5 * kMinute).empty());
  const auto found = run.monitor->AdvanceTime(last + 5 * kMinute + 1);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, HealthFinding::Kind::kSilent);
  EXPECT_EQ(found[0].source, "a");
  EXPECT_EQ(found[0].last_event, last);
  EXPECT_FALSE(found[0].declared);
  EXPECT_TRUE(found[0].broken_rules.empty());  // b serves them, too
  EXPECT_TRUE(run.monitor->AdvanceTime(t - kMinute).empty());
  const auto both = run.monitor->AdvanceTime(t + kHour);
  ASSERT_EQ(both.size(), 1u);
  EXPECT_EQ(both[0].source, "b");
  EXPECT_EQ(both[0].broken_rules, (std::vector<std::string>{"image-or-command", "needs-image",
                                                            "needs-parent", "no-image"}));
  run.Add("a", kFull, t + kHour);
  const auto back = run.monitor->AdvanceTime(t + kHour);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].kind, HealthFinding::Kind::kSourceBack);
}

TEST(DetectionHealth, DeclaredSourcesThatNeverCome) {
  HealthOptions options;
  options.periods = {{"dc1", 10 * kMinute}};
  HealthRun run(options);
  EXPECT_TRUE(run.monitor->AdvanceTime(kAlertEpoch).empty());
  EXPECT_TRUE(run.monitor->AdvanceTime(kAlertEpoch + 10 * kMinute).empty());
  const auto found = run.monitor->AdvanceTime(kAlertEpoch + 10 * kMinute + 1);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].declared);
  EXPECT_EQ(found[0].last_event, kNoEventTime);
  EXPECT_EQ(HealthFindingToJson(found[0]),
            R"({"kind":"silent","time":"2026-11-25T10:10:00.000000001Z","source":"dc1",)"
            R"("period_seconds":600,"declared":true})");
}

// One event with a date in the future must not hide that a source is dead.
TEST(DetectionHealth, FutureEventsAreNoSignOfLife) {
  HealthOptions options;
  options.periods = {{"a", kMinute}};
  HealthRun run(options);
  run.monitor->AdvanceTime(kAlertEpoch);
  run.Add("a", kFull, kAlertEpoch + 400 * kDay);
  EXPECT_EQ(run.monitor->stats().future_events, 1u);
  EXPECT_EQ(run.monitor->AdvanceTime(kAlertEpoch + kHour).size(), 1u);
}

TEST(DetectionHealth, DriftNamesTheRulesItBreaks) {
  HealthRun run;
  EventTime t = kAlertEpoch;
  for (int i = 0; i < 100; ++i) run.Add("a", kFull, t += kSecond);
  EXPECT_TRUE(run.monitor->AdvanceTime(t).empty());
  for (int i = 0; i < 3000; ++i) run.Add("a", kLess, t += kSecond);
  const auto found = run.monitor->AdvanceTime(t);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, HealthFinding::Kind::kFieldGone);
  EXPECT_EQ(found[0].field, "Image");
  EXPECT_EQ(found[0].broken_rules, (std::vector<std::string>{"needs-image", "needs-parent"}));
  EXPECT_EQ(found[0].affected_rules, (std::vector<std::string>{"image-or-command", "no-image"}));
  for (int i = 0; i < 16; ++i) run.Add("a", kFull, t += kSecond);
  const auto back = run.monitor->AdvanceTime(t);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].kind, HealthFinding::Kind::kFieldBack);
}

TEST(DetectionHealth, RareFieldsAreNotDrift) {
  HealthRun run;
  EventTime t = kAlertEpoch;
  run.Add("a", kFull, t);
  for (int i = 0; i < 5000; ++i) run.Add("a", kLess, t += kSecond);
  run.Add("a", kFull, t);
  for (int i = 0; i < 5000; ++i) run.Add("a", kLess, t += kSecond);
  for (const HealthFinding& f : run.monitor->AdvanceTime(t))
    ADD_FAILURE() << HealthFindingToJson(f);
}

TEST(DetectionHealth, RulesThatCannotFire) {
  HealthRun run;
  EXPECT_TRUE(BlindIds(*run.monitor).empty());  // nothing seen, nothing said
  for (int i = 0; i < 99; ++i) run.Add("a", kLess, kAlertEpoch + i);
  EXPECT_EQ(BlindIds(*run.monitor), std::vector<std::string>{"dns"});
  run.Add("a", kLess, kAlertEpoch + 99);
  EXPECT_EQ(BlindIds(*run.monitor),
            (std::vector<std::string>{"dns", "needs-image", "needs-parent"}));
  run.Add("a", kFull, kAlertEpoch + 100);
  const std::vector<BlindRule> blind = run.monitor->BlindRules();
  ASSERT_EQ(blind.size(), 2u);
  EXPECT_EQ(blind[1].rule_id, "needs-parent");
  EXPECT_EQ(blind[1].missing_fields, std::vector<std::string>{"ParentImage"});
  EXPECT_EQ(blind[0].why, BlindRule::Why::kNoLogSource);
}

TEST(DetectionHealth, SourcesAreBounded) {
  HealthOptions options;
  options.max_sources = 2;
  HealthRun run(options);
  for (int i = 0; i < 100; ++i) run.Add("s" + std::to_string(i), kFull, kAlertEpoch);
  EXPECT_EQ(run.monitor->stats().sources, 2u);
  EXPECT_EQ(run.monitor->stats().unwatched_events, 98u);
}

}  // namespace
}  // namespace vedette::testing
