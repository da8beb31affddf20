// SigmaHQ's own regression cases: each fires its rule as often as it says.
#include <iostream>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/corpus.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette {
namespace {

TEST(SigmaHq, LoadsEveryActiveRuleOrSaysWhyNot) {
  VEDETTE_SKIP_WITHOUT_DATA();
  RuleSet rules;
  for (const RuleSource& file : testing::SigmaHqRules()) rules.Add(file.name, file.text);
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  size_t placeholders = 0;
  for (const Diagnostic& d : built->diagnostics) {
    if (d.severity != Severity::kError) continue;
    EXPECT_EQ(d.code, "SIG0016") << FormatDiagnostic(d);
    ++placeholders;
  }
  std::cout << built->stats.rules_loaded << " rules loaded, " << built->stats.rules_skipped
            << " skipped for placeholders without values (" << placeholders << " diagnostics), "
            << built->stats.predicates << " distinct predicates, "
            << built->program->memory_bytes() / 1024 << " KiB\n";
  EXPECT_EQ(built->stats.sources, 3780U);
  EXPECT_EQ(built->stats.rules_skipped, 25U);
  EXPECT_EQ(built->stats.rules_loaded, 3755U);
}

TEST(SigmaHq, RegressionCasesFire) {
  VEDETTE_SKIP_WITHOUT_DATA();
  RuleSet rules;
  for (const RuleSource& file : testing::SigmaHqRules()) rules.Add(file.name, file.text);
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  Evaluator evaluator(built->program);
  JsonParser parser;
  size_t cases = 0;
  size_t events = 0;
  for (const std::string& line : testing::Lines(testing::ReadFile(
           testing::DataFolder() + "/sigma/sigma_regression_conformance.jsonl"))) {
    Event record;
    ASSERT_TRUE(parser.Parse(line, &record).ok());
    const std::string id(record.root().Find("rule_id").string());
    const int rule = built->program->FindRule(id);
    ASSERT_GE(rule, 0) << id;
    int64_t fired = 0;
    std::string explanations;
    for (const Value& json : record.root().Find("events").list()) {
      Event event;
      event.set_root(event.arena().DeepCopy(json));
      ++events;
      for (const Match& m : evaluator.Evaluate(event.view())) {
        fired += m.rule == static_cast<uint32_t>(rule) ? 1 : 0;
      }
      explanations += FormatExplanation(evaluator.Explain(event.view(), static_cast<size_t>(rule)));
    }
    EXPECT_EQ(fired, record.root().Find("expected_count").integer())
        << record.root().Find("case").string() << " "
        << built->program->rule(static_cast<size_t>(rule)).title << "\n"
        << explanations;
    ++cases;
  }
  std::cout << cases << " regression cases with " << events << " events\n";
  EXPECT_GT(cases, 100U);
}

}  // namespace
}  // namespace vedette
