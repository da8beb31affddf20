// The rule scorecard: counts agree with the pipeline's, advice follows verdicts.
#include "vedette/alert/scorecard.h"

#include <random>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"

namespace vedette::testing {
namespace {

bool HasPart(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const RuleScore* FindRule(const Scorecard& card, std::string_view id) {
  for (const RuleScore& s : card.rules) {
    if (s.rule_id == id) return &s;
  }
  return nullptr;
}

void Judge(VerdictBook* book, int n, Verdict verdict, std::string_view rule) {
  for (int i = 0; i < n; ++i) {
    JudgedAlert j;
    j.alert = MakeId(std::string(rule) + std::string(VerdictName(verdict)) + std::to_string(i));
    j.rule_id = rule;
    j.analyst = "ann";
    j.verdict = verdict;
    book->Record(j);
  }
}

void Feed(const AlertRunner& run, ScorecardCounter* counter) {
  for (const Alert& a : run.out.alerts) counter->OnAlert(a);
  for (FoldUpdate f : run.out.folds) {
    // What folds have borrowed is gone; which rule it was is known from the alert.
    for (const Alert& a : run.out.alerts) {
      f.rule_id = a.rule->id;
      if (a.id == f.alert) counter->OnFold(f);
    }
  }
  for (const HeldAlert& h : run.out.held) counter->OnHeld(h);
  for (const Alert& a : run.out.late) counter->OnLate(a);
}

TEST(RuleScorecard, CountsWhatThePipelineCounts) {
  std::mt19937 random(3);
  AlertRunner run;
  Suppression s;
  s.id = "s";
  s.owner = "o";
  s.reason = "r";
  s.expires_at = kAlertEpoch + kDay;
  s.matcher.tests = {{"rule", AlertTest::Op::kEquals, {"rule-medium"}, false}};
  s.tenants = {"*"};
  ASSERT_TRUE(run.pipeline().AddSuppression(s, {}, kAlertEpoch).ok());
  for (int i = 0; i < 200; ++i) {
    const char* rules[] = {"low", "medium", "high", "critical"};
    const char* hosts[] = {"a", "b", "c"};
    run.Add(AlertEvent(rules[random() % 4], hosts[random() % 3], "u"), i * kMinute);
  }
  run.Flush();
  ScorecardCounter counter;
  Feed(run, &counter);
  const Scorecard card = counter.Report(AlertProgram().get(), nullptr, kAlertEpoch, kAlertEpoch);
  const PipelineStats stats = run.pipeline().stats();
  RuleScore sum;
  for (const RuleScore& r : card.rules) {
    EXPECT_EQ(r.raw, r.emitted + r.folded + r.suppressed + r.inhibited + r.late);
    EXPECT_FALSE(r.reasons.empty());
    sum.raw += r.raw;
    sum.emitted += r.emitted;
    sum.folded += r.folded;
    sum.suppressed += r.suppressed;
  }
  EXPECT_EQ(sum.raw, stats.raw);
  EXPECT_EQ(sum.emitted, stats.emitted);
  EXPECT_EQ(sum.folded, stats.folded);
  EXPECT_EQ(sum.suppressed, stats.suppressed);
  EXPECT_GT(stats.suppressed, 0u);
  // Nearly all of it is suppressed.
  ASSERT_NE(FindRule(card, "rule-medium"), nullptr);
  EXPECT_EQ(FindRule(card, "rule-medium")->advice, RuleAdvice::kTune);
}

TEST(RuleScorecard, AdviceFollowsVerdicts) {
  VerdictBook book;
  Judge(&book, 40, Verdict::kFalsePositive, "rule-low");
  Judge(&book, 1, Verdict::kTruePositive, "rule-low");
  Judge(&book, 8, Verdict::kBenign, "rule-medium");
  Judge(&book, 4, Verdict::kTruePositive, "rule-medium");
  Judge(&book, 20, Verdict::kTruePositive, "rule-high");
  Judge(&book, 9, Verdict::kFalsePositive, "rule-critical");
  const Scorecard card =
      ScorecardCounter().Report(AlertProgram().get(), &book, kAlertEpoch, kAlertEpoch + 7 * kDay);
  EXPECT_EQ(FindRule(card, "rule-low")->advice, RuleAdvice::kRetire);
  EXPECT_EQ(FindRule(card, "rule-low")->right_permille, 24u);
  EXPECT_EQ(FindRule(card, "rule-medium")->advice, RuleAdvice::kTune);
  EXPECT_EQ(FindRule(card, "rule-high")->advice, RuleAdvice::kKeep);
  // Nine verdicts are too few to judge a rule by.
  EXPECT_EQ(FindRule(card, "rule-critical")->advice, RuleAdvice::kKeep);
  EXPECT_EQ(card.rules.front().rule_id, "rule-low");
  const std::string json = ScorecardToJson(card);
  EXPECT_TRUE(
      HasPart(json, R"("advice":"retire","reasons":["right in 1 of 41 judged alerts (2.4 %))"))
      << json;
  const std::string text = ScorecardToMarkdown(card);
  EXPECT_LT(text.find("## Retire"), text.find("## Tune"));
  EXPECT_LT(text.find("## Tune"), text.find("## Keep"));
}

TEST(RuleScorecard, ManyRulesAreBounded) {
  ScorecardOptions options;
  options.max_rules = 3;
  ScorecardCounter counter(options);
  for (int i = 0; i < 10; ++i) {
    HeldAlert h;
    h.rule_id = "r" + std::to_string(i);
    h.title = "a|b\n<script>";
    counter.OnHeld(h);
  }
  const Scorecard card = counter.Report(nullptr, nullptr, kNoEventTime, kNoEventTime);
  EXPECT_EQ(card.rules.size(), 3u);
  EXPECT_EQ(card.other_raw, 7u);
  const std::string text = ScorecardToMarkdown(card);
  EXPECT_TRUE(HasPart(text, R"(a\|b \<script\>)")) << text;
  EXPECT_TRUE(HasPart(text, "7 alerts of further rules"));
}

}  // namespace
}  // namespace vedette::testing
