#include "lib/eval/profiler.h"

#include <algorithm>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/tree.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"

namespace vedette {
namespace {

// Each look at the clock takes one unit.
int64_t Ticks() {
  static int64_t now = 0;
  return ++now;
}

std::shared_ptr<const Program> ProfiledProgram() {
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add("rules.vdt", R"(
rule rare { match any where a == "x" and b : "*long literal*" }
rule always { match any where not a == "x" }
rule expression { match any where a == "x" and b regex ".*l.ng.*" }
)");
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok() && built->stats.rules_loaded == 3U);
  return built->program;
}

const char* const kEvents[] = {R"({"a":"x","b":"a long literal"})", R"({"a":"x","b":"short"})",
                               R"({"a":"y","b":"a long literal"})", R"({"a":"y"})"};

EvaluationProfile ProfileOf(const EvaluatorOptions& options) {
  Evaluator evaluator(ProfiledProgram(), options);
  for (const char* json : kEvents) {
    evaluator.Evaluate(testing::EventOf(json).view());
  }
  return evaluator.Profile();
}

TEST(Profiler, CountsRulesByWhatTheIndexLeaves) {
  const EvaluationProfile p = ProfileOf({.events_before_index = 0, .profile_every = 1});
  EXPECT_EQ(p.events, 4U);
  EXPECT_EQ(p.time, 0);
  ASSERT_EQ(p.rules.size(), 3U);
  EXPECT_EQ(p.rules[0].faced, 4U);
  EXPECT_EQ(p.rules[0].held, 1U);
  EXPECT_EQ(p.rules[0].evaluated, 2U);
  EXPECT_FALSE(p.rules[0].always);
  EXPECT_EQ(p.rules[1].evaluated, 4U);
  EXPECT_EQ(p.rules[1].held, 2U);
  EXPECT_TRUE(p.rules[1].always);
}

TEST(Profiler, CountsAndTimesTests) {
  const EvaluationProfile p =
      ProfileOf({.use_index = false, .profile_every = 1, .profile_clock = Ticks});
  EXPECT_EQ(p.index_time, 0);
  const auto equal = std::find_if(p.tests.begin(), p.tests.end(),
                                  [](const TestCost& t) { return t.field == "a"; });
  ASSERT_NE(equal, p.tests.end());
  EXPECT_EQ(equal->rules, 3U);
  EXPECT_EQ(equal->evaluated, 4U);  // once an event, for three rules
  EXPECT_EQ(equal->held, 2U);
  EXPECT_EQ(equal->time, 4);
  EXPECT_FALSE(equal->regex);
  for (size_t i = 1; i < p.tests.size(); ++i) EXPECT_GE(p.tests[i - 1].time, p.tests[i].time);
  // A rule's time has that of its tests in it.
  int64_t rules = 0;
  for (const RuleCost& c : p.rules) rules += c.time;
  EXPECT_GT(rules, 12);
  EXPECT_GT(p.time, rules);
}

TEST(Profiler, SamplesTheFirstAndThenEachNth) {
  EXPECT_EQ(ProfileOf({.profile_every = 2}).events, 2U);
  EXPECT_EQ(ProfileOf({.profile_every = 3}).events, 2U);
  EXPECT_EQ(ProfileOf({}).events, 1U);
  EXPECT_EQ(ProfileOf({.profile_every = 0}).events, 0U);
  EXPECT_TRUE(ProfileOf({.profile_every = 0}).rules.empty());
}

}  // namespace
}  // namespace vedette
