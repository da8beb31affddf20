// Folding, suppression, inhibition, budgets.
#include "vedette/alert/pipeline.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "vedette/alert/verdicts.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"

namespace vedette::testing {
namespace {

using Nulls = AlertPolicy::Nulls;
using Multi = AlertPolicy::Multi;
using Window = AlertPolicy::Window;
using OnClose = AlertPolicy::OnClose;

const Actor kAnn{"ann", {"tier2"}, false};

AlertMatcher Where(std::string field, std::string value,
                   AlertTest::Op op = AlertTest::Op::kEquals) {
  return {{{std::move(field), op, {std::move(value)}, false}}};
}

Suppression ExceptionFor(std::string id, AlertMatcher matcher) {
  Suppression s;
  s.id = std::move(id);
  s.matcher = std::move(matcher);
  s.owner = "ann";
  s.reason = "known";
  s.tenants = {"t1"};
  s.expires_at = kAlertEpoch + kDay;
  return s;
}

Inhibition InhibitionOf(std::string id, AlertMatcher source, AlertMatcher target) {
  Inhibition i;
  i.id = std::move(id);
  i.source = std::move(source);
  i.target = std::move(target);
  i.equal = {"entity.device"};
  i.owner = "ann";
  i.reason = "one is enough";
  i.expires_at = kAlertEpoch + kDay;
  return i;
}

TEST(AlertPipelineOptions, AreChecked) {
  AlertList out;
  const auto code = [&out](const PipelineOptions& o) {
    return AlertPipeline::Create(o, &out).status().code();
  };
  EXPECT_EQ(code(PipelineOptions()), absl::StatusCode::kInvalidArgument);  // no on_close
  EXPECT_EQ(code(RestartOptions()), absl::StatusCode::kOk);
  PipelineOptions o = RestartOptions();
  o.rule_policies.emplace_back("r", AlertPolicy());
  EXPECT_EQ(code(o), absl::StatusCode::kInvalidArgument);
  o = RestartOptions();
  o.policy.window_ns = 0;
  EXPECT_EQ(code(o), absl::StatusCode::kInvalidArgument);
  o = RestartOptions();
  o.policy.window = Window::kUntilVerdict;
  o.policy.on_close = OnClose::kContinue;
  EXPECT_EQ(code(o), absl::StatusCode::kInvalidArgument);
  o = RestartOptions();
  o.reorder_ns = -1;
  EXPECT_EQ(code(o), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(AlertPipeline::Create(RestartOptions(), nullptr).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(AlertFolds, TheFirstComesAtOnceLaterOnesFold) {
  AlertRunner run;
  for (int i = 0; i < 10; ++i) run.Add(AlertEvent("medium", "h" + std::to_string(i % 2), "u"), i);
  EXPECT_EQ(run.out.alerts.size(), 2u);
  EXPECT_EQ(run.out.folds.size(), 8u);
  const auto info = run.pipeline().FindFold(run.out.alerts[0].id);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->count, 5u);
  EXPECT_EQ(info->rule_id, "rule-medium");
  EXPECT_EQ(info->fingerprint, run.out.alerts[0].fingerprint);
  EXPECT_EQ(info->first_seen, kAlertEpoch);
  EXPECT_EQ(info->last_seen, kAlertEpoch + 8);
  ASSERT_EQ(info->samples.size(), 4u);
  EXPECT_EQ(info->samples[0].line, 3u);
  run.ExpectNothingLost();
}

TEST(AlertFolds, SamplesAreBounded) {
  PipelineOptions o = RestartOptions();
  o.policy.samples = 2;
  AlertRunner run(o);
  for (int i = 0; i < 10; ++i) run.Add(AlertEvent("low", "h", "u"), i);
  EXPECT_EQ(run.pipeline().FindFold(run.out.alerts[0].id)->samples.size(), 2u);
}

TEST(AlertFolds, SlidingWindowsEndWhenNothingComes) {
  AlertRunner run;  // one hour
  run.Add(AlertEvent("low", "h", "u"), 0);
  run.Add(AlertEvent("low", "h", "u"), kHour);
  run.Add(AlertEvent("low", "h", "u"), 2 * kHour);
  EXPECT_EQ(run.out.alerts.size(), 1u);
  run.Add(AlertEvent("low", "h", "u"), 3 * kHour + 1);
  EXPECT_EQ(run.out.alerts.size(), 2u);
  EXPECT_EQ(run.out.alerts[1].reason, EmitReason::kFirst);
  run.ExpectNothingLost();
}

TEST(AlertFolds, FixedWindowsEndAfterTheFirst) {
  PipelineOptions o = RestartOptions();
  o.policy.window = Window::kFixed;
  AlertRunner run(o);
  run.Add(AlertEvent("low", "h", "u"), 0);
  run.Add(AlertEvent("low", "h", "u"), kHour);
  EXPECT_EQ(run.out.alerts.size(), 1u);
  run.Add(AlertEvent("low", "h", "u"), kHour + 1);
  EXPECT_EQ(run.out.alerts.size(), 2u);
}

TEST(AlertFolds, OnCloseSaysWhatAClosedAlertDoes) {
  for (const bool restarts : {true, false}) {
    PipelineOptions o = RestartOptions();
    o.policy.on_close = restarts ? OnClose::kRestart : OnClose::kContinue;
    AlertRunner run(o);
    run.Add(AlertEvent("low", "h", "u"), 0);
    run.pipeline().CloseAlert(run.out.alerts[0].id);
    run.Add(AlertEvent("low", "h", "u"), 1);
    EXPECT_EQ(run.out.alerts.size(), restarts ? 2u : 1u);
    run.ExpectNothingLost();
  }
}

TEST(AlertFolds, UntilVerdictFoldsForEverAndEndsWithIt) {
  PipelineOptions o = RestartOptions();
  o.policy.window = Window::kUntilVerdict;
  AlertRunner run(o);
  run.Add(AlertEvent("low", "h", "u"), 0);
  run.Add(AlertEvent("low", "h", "u"), 300 * kDay);
  EXPECT_EQ(run.out.alerts.size(), 1u);
  run.pipeline().CloseAlert(run.out.alerts[0].id);
  run.Add(AlertEvent("low", "h", "u"), 300 * kDay + 1);
  EXPECT_EQ(run.out.alerts.size(), 2u);
}

TEST(AlertFolds, RulePoliciesGoBeforeTheGeneralOne) {
  PipelineOptions o = RestartOptions();
  AlertPolicy by_user = o.policy;
  by_user.key_fields = {"User"};
  by_user.triage_steps = {"Do this."};
  o.rule_policies.emplace_back("rule-low", by_user);
  AlertRunner run(o);
  run.Add(AlertEvent("low medium", "h1", "u"), 0);
  run.Add(AlertEvent("low medium", "h2", "U"), 1);
  ASSERT_EQ(run.out.alerts.size(), 3u);
  EXPECT_EQ(run.out.alerts[0].rule->triage_steps, by_user.triage_steps);
  EXPECT_EQ(run.out.folds.size(), 1u);
}

TEST(AlertFolds, MissingFieldsByPolicy) {
  const auto alerts = [](Nulls nulls) {
    PipelineOptions o = RestartOptions();
    o.policy.key_fields = {"Computer", "Zone"};
    o.policy.nulls = nulls;
    AlertRunner run(o);
    run.Add(AlertEvent("low", "h", "u"), 0);
    run.Add(AlertEvent("low", "h", "u"), 1);
    run.Add(AlertEvent("low", "h", "u", R"(,"Zone":"")"), 2);
    run.ExpectNothingLost();
    return run.out.alerts.size();
  };
  EXPECT_EQ(alerts(Nulls::kNullGroups), 2u);  // missing is not the same as empty
  EXPECT_EQ(alerts(Nulls::kEachAlone), 3u);
  EXPECT_EQ(alerts(Nulls::kDropKey), 2u);
}

TEST(AlertFolds, SeveralValuesByPolicy) {
  PipelineOptions o = RestartOptions();
  o.policy.key_fields = {"to"};
  AlertRunner whole(o);
  whole.Add(AlertEvent("low", "h", "u", R"(,"to":["a","b"])"), 0);
  whole.Add(AlertEvent("low", "h", "u", R"(,"to":["B","a"])"), 1);
  whole.Add(AlertEvent("low", "h", "u", R"(,"to":"a")"), 2);
  EXPECT_EQ(whole.out.alerts.size(), 2u);
  o.policy.multi = Multi::kPerValue;
  AlertRunner each(o);
  each.Add(AlertEvent("low", "h", "u", R"(,"to":["a","b"])"), 0);
  each.Add(AlertEvent("low", "h", "u", R"(,"to":["B","c"])"), 1);
  EXPECT_EQ(each.out.alerts.size(), 3u);
  EXPECT_EQ(each.out.folds.size(), 1u);
  EXPECT_EQ(each.pipeline().stats().detections, 2u);
  EXPECT_EQ(each.pipeline().stats().raw, 4u);
  EXPECT_NE(each.out.alerts[0].id, each.out.alerts[1].id);
  each.ExpectNothingLost();
  std::string many = R"(,"to":[)";
  for (int i = 0; i < 16; ++i) many += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\"";
  PipelineOptions two = o;
  two.policy.key_fields = {"to", "from"};
  AlertRunner cut(two);
  std::string from = many;
  from.replace(2, 2, "from");
  cut.Add(AlertEvent("low", "h", "u", many + "]" + from + "]"), 0);
  EXPECT_EQ(cut.pipeline().stats().raw, 64u);
  EXPECT_EQ(cut.pipeline().stats().key_combinations_cut, 192u);
}

// A fold must not hide what is worse than what it began with.
TEST(AlertEscalation, BreaksTheFold) {
  auto table =
      EntityTable::Build({{{EntityType::kUser, "boss"}, "", Criticality::kCritical, {}, ""}});
  PipelineOptions o = RestartOptions();
  o.entities = *table;
  o.policy.key_fields = {"Computer"};
  AlertRunner run(o);
  run.Add(AlertEvent("high", "h", "u", R"(,"Action":"blocked")"), 0);
  run.Add(AlertEvent("high", "h", "u", R"(,"Action":"blocked")"), 1);
  ASSERT_EQ(run.out.alerts.size(), 1u);
  run.Add(AlertEvent("high", "h", "u"), 2);  // no longer blocked: more severe, too
  ASSERT_EQ(run.out.alerts.size(), 2u);
  EXPECT_EQ(run.out.alerts[1].reason, EmitReason::kEscalation);
  EXPECT_EQ(run.out.alerts[1].reason_text, "severity rose from medium to high");
  EXPECT_EQ(run.out.alerts[1].escalates, run.out.alerts[0].id);
  EXPECT_EQ(run.out.alerts[1].folded_before, 1u);
  run.Add(AlertEvent("high", "h", "boss"), 3);
  ASSERT_EQ(run.out.alerts.size(), 3u);
  EXPECT_EQ(run.out.alerts[2].reason_text, "asset criticality rose from normal to critical");
  run.Add(AlertEvent("high", "h", "boss", R"(,"Action":"allowed")"), 4);
  ASSERT_EQ(run.out.alerts.size(), 4u);
  EXPECT_EQ(run.out.alerts[3].reason_text, "outcome changed from unknown to allowed");
  run.Add(AlertEvent("high", "h", "u", R"(,"Action":"blocked")"), 5);  // less bad: folds
  EXPECT_EQ(run.out.alerts.size(), 4u);
  EXPECT_EQ(run.pipeline().stats().escalations, 3u);
  EXPECT_EQ(run.pipeline().FindFold(run.out.alerts[3].id)->count, 6u);
  run.ExpectNothingLost();
}

// Another version of the rule: the id is the same, the tags are not.
TEST(AlertEscalation, ANewTacticOfTheRuleBreaksTheFold) {
  const auto program = [](std::string_view tags) {
    Compiler compiler;
    compiler.AddFrontend(SigmaFrontend());
    RuleSet rules;
    rules.Add("r.yml", "title: T\nid: rule-t\nlevel: low\ntags: [" + std::string(tags) +
                           "]\nlogsource: {product: windows}\n"
                           "detection: {s: {r: low}, condition: s}\n");
    return compiler.Compile(rules)->program;
  };
  AlertList out;
  auto pipeline = AlertPipeline::Create(RestartOptions(), &out);
  ASSERT_TRUE(pipeline.ok());
  Detection d;
  d.time = kAlertEpoch;
  for (const char* tags :
       {"attack.execution", "attack.execution, attack.impact", "attack.impact", "attack.t1059"}) {
    d.program = program(tags);
    ASSERT_TRUE((*pipeline)->OnDetection(d).ok());
  }
  ASSERT_EQ(out.alerts.size(), 2u);
  EXPECT_EQ(out.alerts[1].reason_text, "a tactic is new");
  EXPECT_EQ(out.folds.size(), 2u);
}

TEST(AlertSuppression, NeedsOwnerReasonEndScopeAndMatcher) {
  AlertRunner run;
  const auto code = [&run](const Suppression& s) {
    return run.pipeline().AddSuppression(s, kAnn, kAlertEpoch).code();
  };
  const Suppression good = ExceptionFor("s", Where("rule", "rule-low"));
  Suppression s = good;
  s.owner.clear();
  EXPECT_EQ(code(s), absl::StatusCode::kInvalidArgument);
  s = good;
  s.reason.clear();
  EXPECT_EQ(code(s), absl::StatusCode::kInvalidArgument);
  s = good;
  s.expires_at = kNoEventTime;
  EXPECT_EQ(code(s), absl::StatusCode::kInvalidArgument);
  s.expires_at = kAlertEpoch + 90 * kDay + 1;
  EXPECT_EQ(code(s), absl::StatusCode::kInvalidArgument);
  s.expires_at = kAlertEpoch;
  EXPECT_EQ(code(s), absl::StatusCode::kInvalidArgument);
  s = good;
  s.tenants.clear();
  EXPECT_EQ(code(s), absl::StatusCode::kInvalidArgument);
  s = good;
  s.matcher.tests.clear();
  EXPECT_EQ(code(s), absl::StatusCode::kInvalidArgument);
  s.matcher = Where("entity", "10.0.0.1/8", AlertTest::Op::kCidr);
  EXPECT_EQ(code(s), absl::StatusCode::kInvalidArgument);
  s = good;
  s.kind = Suppression::Kind::kMaintenance;  // without a beginning
  EXPECT_EQ(code(s), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(good), absl::StatusCode::kOk);
  EXPECT_EQ(code(good), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(run.pipeline().RemoveSuppression("x", kAnn, "r", 0).code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(run.pipeline().RemoveSuppression("s", kAnn, "r", 0).ok());
  EXPECT_TRUE(run.pipeline().suppressions().empty());
}

TEST(AlertSuppression, HoldsBackCountsAndKeeps) {
  AlertRunner run;
  Suppression s = ExceptionFor("s", Where("entity.user", "SCANNER"));
  s.matcher.tests.push_back({"Image", AlertTest::Op::kSuffix, {"\\a.exe"}, false});
  s.canary = 0;
  ASSERT_TRUE(run.pipeline().AddSuppression(s, kAnn, kAlertEpoch).ok());
  run.Add(AlertEvent("medium", "h", "scanner"), 0);
  run.Add(AlertEvent("medium", "h", "scanner"), 1);
  run.Add(AlertEvent("medium", "h", "u"), 2);
  run.Add(AlertEvent("medium", "h2", "scanner"), kDay);  // it has ended
  EXPECT_EQ(run.out.alerts.size(), 2u);
  ASSERT_EQ(run.out.held.size(), 2u);
  EXPECT_EQ(run.out.held[0].by, "s");
  EXPECT_EQ(run.out.held[0].entities, "device=h user=scanner");
  EXPECT_EQ(run.pipeline().held().size(), 2u);
  const auto stats = run.pipeline().hold_stats();
  ASSERT_EQ(stats.size(), 1u);
  EXPECT_EQ(stats[0].held, 2u);
  EXPECT_EQ(stats[0].last, kAlertEpoch + 1);
  run.ExpectNothingLost();
}

TEST(AlertSuppression, OfAnotherTenantHoldsNothingBack) {
  AlertRunner run;
  Suppression s = ExceptionFor("s", Where("rule", "rule-low"));
  s.tenants = {"t2"};
  ASSERT_TRUE(run.pipeline().AddSuppression(s, kAnn, kAlertEpoch).ok());
  run.Add(AlertEvent("low", "h", "u"), 0);
  EXPECT_EQ(run.out.alerts.size(), 1u);
}

TEST(AlertSuppression, MaintenanceHasABeginning) {
  AlertRunner run;
  Suppression s = ExceptionFor("m", Where("entity.device", "h"));
  s.kind = Suppression::Kind::kMaintenance;
  s.starts_at = kAlertEpoch + kHour;
  s.expires_at = kAlertEpoch + 2 * kHour;
  ASSERT_TRUE(run.pipeline().AddSuppression(s, kAnn, kAlertEpoch).ok());
  run.Add(AlertEvent("low", "h", "u"), 0);
  run.Add(AlertEvent("medium", "h", "u"), kHour);
  run.Add(AlertEvent("high", "h", "u"), 2 * kHour);
  EXPECT_EQ(run.out.alerts.size(), 2u);
  ASSERT_EQ(run.out.held.size(), 1u);
  EXPECT_EQ(run.out.held[0].kind, HoldKind::kMaintenance);
}

TEST(AlertSuppression, ACanaryShowsOneOfMany) {
  AlertRunner run;
  Suppression s = ExceptionFor("s", Where("tag", "attack.execution"));
  s.canary = 4;
  ASSERT_TRUE(run.pipeline().AddSuppression(s, kAnn, kAlertEpoch).ok());
  for (int i = 0; i < 12; ++i) run.Add(AlertEvent("low", "h", "u"), i * kMinute);
  ASSERT_EQ(run.out.alerts.size(), 3u);
  EXPECT_EQ(run.out.alerts[0].reason, EmitReason::kCanary);
  EXPECT_EQ(run.out.alerts[0].suppressed_by, "s");
  EXPECT_EQ(run.out.alerts[0].place.line, 4u);
  EXPECT_EQ(run.pipeline().stats().canaries, 3u);
  run.ExpectNothingLost();
}

TEST(AlertSuppression, EveryChangeIsAskedForAndOnRecord) {
  ScriptedPolicy policy;
  PipelineOptions o = RestartOptions();
  o.authorizer = &policy;
  o.audit = &policy;
  AlertRunner run(o);
  policy.denied = {"suppression.add"};
  const Suppression s = ExceptionFor("s", Where("rule", "rule-low"));
  EXPECT_EQ(run.pipeline().AddSuppression(s, kAnn, kAlertEpoch).code(),
            absl::StatusCode::kPermissionDenied);
  ASSERT_EQ(policy.log.size(), 1u);
  EXPECT_FALSE(policy.log[0].allowed);
  EXPECT_EQ(policy.log[0].actor.id, "ann");
  EXPECT_EQ(policy.log[0].policy_version, "p1");
  EXPECT_TRUE(run.pipeline().suppressions().empty());
  policy.denied.clear();
  policy.fails = absl::UnavailableError("disk full");
  EXPECT_EQ(run.pipeline().AddSuppression(s, kAnn, kAlertEpoch).code(),
            absl::StatusCode::kUnavailable);
  EXPECT_TRUE(run.pipeline().suppressions().empty());
  policy.fails = absl::OkStatus();
  EXPECT_TRUE(run.pipeline().AddSuppression(s, kAnn, kAlertEpoch).ok());
  EXPECT_FALSE(run.pipeline().AddSuppression(s, kAnn, kAlertEpoch).ok());
  ASSERT_EQ(policy.log.size(), 4u);
  EXPECT_TRUE(policy.log[2].allowed);
  EXPECT_FALSE(policy.log[3].allowed);  // there already
}

TEST(AlertInhibition, HoldsBackWhileItsSourceIsActive) {
  AlertRunner run;
  Inhibition i = InhibitionOf("i", Where("rule", "rule-critical"), Where("severity", "low"));
  ASSERT_TRUE(run.pipeline().AddInhibition(i, kAnn, kAlertEpoch).ok());
  run.Add(AlertEvent("low", "h1", "a"), 0);
  run.Add(AlertEvent("critical", "h1", "a"), 1);
  run.Add(AlertEvent("low", "h1", "b"), 2);           // held back
  run.Add(AlertEvent("low", "h2", "b"), 3);           // another device
  run.Add(AlertEvent("medium", "h1", "b"), 4);        // no target
  run.Add(AlertEvent("critical", "h1", "a"), kHour);  // folds, and is active again
  run.Add(AlertEvent("low", "h1", "c"), 2 * kHour);
  run.Add(AlertEvent("low", "h1", "d"), 2 * kHour + 1);
  EXPECT_EQ(run.out.held.size(), 2u);
  EXPECT_EQ(run.pipeline().stats().inhibited, 2u);
  EXPECT_EQ(run.out.alerts.size(), 5u);
  run.ExpectNothingLost();
}

TEST(AlertInhibition, NothingHoldsBackItselfOrItsLike) {
  AlertRunner run;
  ASSERT_TRUE(run.pipeline()
                  .AddInhibition(
                      InhibitionOf("i", Where("tactic", "execution"), Where("tactic", "execution")),
                      kAnn, kAlertEpoch)
                  .ok());
  run.Add(AlertEvent("low", "h", "u"), 0);
  run.Add(AlertEvent("medium", "h", "u"), 1);
  EXPECT_EQ(run.out.alerts.size(), 2u);
}

TEST(AlertInhibition, IsNotTransitive) {
  AlertRunner run;
  const Actor& ann = kAnn;
  ASSERT_TRUE(run.pipeline()
                  .AddInhibition(
                      InhibitionOf("i1", Where("rule", "rule-high"), Where("rule", "rule-medium")),
                      ann, kAlertEpoch)
                  .ok());
  ASSERT_TRUE(run.pipeline()
                  .AddInhibition(
                      InhibitionOf("i2", Where("rule", "rule-medium"), Where("rule", "rule-low")),
                      ann, kAlertEpoch)
                  .ok());
  run.Add(AlertEvent("high", "h", "u"), 0);
  run.Add(AlertEvent("medium", "h", "u"), 1);  // held back, so it holds back nothing
  run.Add(AlertEvent("low", "h", "u"), 2);
  EXPECT_EQ(run.out.held.size(), 1u);
  EXPECT_EQ(run.out.alerts.size(), 2u);
  run.ExpectNothingLost();
}

TEST(AlertInhibition, MissingFieldsAreNotEqual) {
  AlertRunner run;
  Inhibition i = InhibitionOf("i", Where("rule", "rule-high"), Where("rule", "rule-low"));
  i.equal = {"Zone"};
  ASSERT_TRUE(run.pipeline().AddInhibition(i, kAnn, kAlertEpoch).ok());
  run.Add(AlertEvent("high low", "h", "u"), 0);
  EXPECT_EQ(run.out.alerts.size(), 2u);
  run.Add(AlertEvent("high", "h2", "u", R"(,"Zone":"z")"), 1);
  run.Add(AlertEvent("low", "h3", "u", R"(,"Zone":"Z")"), 1);
  EXPECT_EQ(run.out.held.size(), 1u);
}

TEST(AlertBudgets, AreReportedAndHoldBackOnlyIfTold) {
  PipelineOptions o = RestartOptions();
  o.budget.per_rule_per_hour = 3;
  AlertRunner report(o);
  o.budget.suppress = true;
  o.budget.canary = 4;
  AlertRunner suppress(o);
  for (AlertRunner* run : {&report, &suppress}) {
    for (int i = 0; i < 10; ++i) {
      run->Add(AlertEvent("low high", "h" + std::to_string(i), "u"), i * kSecond);
    }
    run->Add(AlertEvent("low", "late", "u"), kHour);  // the next hour
    EXPECT_EQ(run->out.budgets.size(), 2u);
    EXPECT_EQ(run->pipeline().stats().budget_exceeded, 2u);
    run->ExpectNothingLost();
  }
  // Burst of low things is among neither: nothing was flushed.
  EXPECT_EQ(report.out.alerts.size(), 21u);
  // Of ten low ones 3 in budget, 7 over it with one canary; high ones are spared.
  EXPECT_EQ(suppress.out.held.size(), 6u);
  EXPECT_EQ(suppress.out.alerts.size(), 15u);
  EXPECT_EQ(suppress.out.held[0].kind, HoldKind::kBudget);
  EXPECT_EQ(suppress.pipeline().hold_stats().back().held, 6u);
}

TEST(AlertLateness, GoesToTheSideIfTold) {
  PipelineOptions o = RestartOptions();
  AlertRunner update(o);
  o.late_to_side = true;
  AlertRunner side(o);
  for (AlertRunner* run : {&update, &side}) {
    run->Add(AlertEvent("low", "h", "u"), kHour);
    run->Add(AlertEvent("low", "h", "u"), kHour - 5 * kMinute);
    run->Add(AlertEvent("low", "h", "u"), kHour - 5 * kMinute - 1);
    run->ExpectNothingLost();
  }
  EXPECT_EQ(update.pipeline().stats().late_taken, 1u);
  EXPECT_EQ(update.out.folds.size(), 2u);
  EXPECT_EQ(update.pipeline().FindFold(update.out.alerts[0].id)->first_seen,
            kAlertEpoch + kHour - 5 * kMinute - 1);
  EXPECT_EQ(side.out.late.size(), 1u);
  EXPECT_EQ(side.out.folds.size(), 1u);
}

TEST(AlertLateness, TheFutureMovesNoTime) {
  AlertList out;
  PipelineOptions o = RestartOptions();
  o.late_to_side = true;
  auto pipeline = AlertPipeline::Create(o, &out);
  ASSERT_TRUE(pipeline.ok());
  Detection d;
  d.program = AlertProgram();
  EventContext context;
  context.now = kAlertEpoch;
  (*pipeline)->SetEvent(context);
  d.time = kAlertEpoch + 3650 * kDay;
  ASSERT_TRUE((*pipeline)->OnDetection(d).ok());
  d.time = kAlertEpoch;
  ASSERT_TRUE((*pipeline)->OnDetection(d).ok());
  EXPECT_EQ((*pipeline)->stats().future_events, 1u);
  EXPECT_EQ(out.late.size(), 0u);
}

TEST(AlertMemory, OldestSamplesThenIdleFoldsGo) {
  PipelineOptions o = RestartOptions();
  o.max_state_bytes = 64 << 10;
  AlertRunner run(o);
  for (int i = 0; i < 2000; ++i) {
    const std::string host = "h" + std::to_string(i / 2);
    run.Add(AlertEvent("low", host, "u"), i);
    ASSERT_LE(run.pipeline().stats().bytes, o.max_state_bytes + 4096);
  }
  const PipelineStats s = run.pipeline().stats();
  EXPECT_GT(s.evicted_samples, 0u);
  EXPECT_GT(s.evicted_folds, 0u);
  EXPECT_EQ(s.evicted_folds + s.open_folds, 1000u);
  run.ExpectNothingLost();
}

TEST(AlertVerdictUse, PastVerdictsAreShown) {
  VerdictBook book;
  PipelineOptions o = RestartOptions();
  o.verdicts = &book;
  AlertRunner run(o);
  run.Add(AlertEvent("low", "h", "u"), 0);
  const Alert& first = run.out.alerts[0];
  EXPECT_TRUE(first.past_verdicts.empty());
  book.Record({first.id, first.fingerprint, "rule-low", "ann", Verdict::kBenign, 5});
  run.pipeline().CloseAlert(first.id);
  run.Add(AlertEvent("low", "h", "u"), 1);
  ASSERT_EQ(run.out.alerts.size(), 2u);
  ASSERT_EQ(run.out.alerts[1].past_verdicts.size(), 1u);
  EXPECT_EQ(run.out.alerts[1].past_verdicts[0].analyst, "ann");
  EXPECT_TRUE(run.out.alerts[1].after_negative);
}

}  // namespace
}  // namespace vedette::testing
