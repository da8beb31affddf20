// The evaluator against the oracle on generated rules and events: the same rules are refused, and
// the others give the same verdicts.
#include <iostream>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/reference/sigma_oracle.h"
#include "tests/support/index_check.h"
#include "tests/support/sigma_generator.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette {
namespace {

constexpr int kRounds = 40;
constexpr int kRules = 250;
constexpr int kEvents = 60;

struct Totals {
  size_t rules = 0;
  size_t refused = 0;
  size_t verdicts = 0;
  size_t matches = 0;
  size_t faced = 0;
  size_t evaluated = 0;
};

void CompareRound(uint32_t seed, Totals* totals) {
  testing::SigmaGenerator generator(seed);
  RuleSet rules;
  std::vector<std::string> texts;
  std::map<std::string, std::string> text_of;
  for (int i = 0; i < kRules; ++i) {
    texts.push_back(generator.Rule(i));
    rules.Add("r" + std::to_string(i) + ".yml", texts.back());
    text_of["r" + std::to_string(i)] = texts.back();
  }
  Compiler compiler;
  SigmaOptions options;
  options.lint = false;
  compiler.AddFrontend(SigmaFrontend(options));
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  const reference::LoadResult loaded = reference::LoadSigma(texts);
  std::map<std::string, std::shared_ptr<const reference::OracleRule>> oracle;
  for (const auto& rule : loaded.rules) oracle[rule->title] = rule;
  std::map<std::string, std::string> why;
  for (const Diagnostic& d : built->diagnostics) why[d.rule] += FormatDiagnostic(d);
  for (const auto& [title, text] : text_of) {
    const bool ours = built->program->FindRule(title) >= 0;
    const bool theirs = oracle.contains(title);
    EXPECT_EQ(ours, theirs) << "loaded by us " << ours << ", by the oracle " << theirs << "\n"
                            << text << why[title];
    if (!theirs) oracle[title] = nullptr;
  }
  totals->rules += kRules;
  for (const auto& [title, rule] : oracle) totals->refused += rule == nullptr ? 1 : 0;
  testing::IndexCheck check(built->program);
  JsonParser parser;
  Event event;
  const LogSource source{"", "test", ""};
  for (int i = 0; i < kEvents; ++i) {
    const std::string json = generator.EventJson();
    ASSERT_TRUE(parser.Parse(json, &event).ok()) << json;
    EventView view = event.view();
    view.set_log_source(&source);
    std::vector<bool> fired(built->program->rule_count(), false);
    for (const uint32_t rule : check.Matches(view)) fired[rule] = true;
    const auto parsed = reference::OracleEvent::FromJson(json);
    ASSERT_TRUE(parsed.has_value()) << json;
    for (size_t r = 0; r < fired.size(); ++r) {
      const std::string& title = built->program->rule(r).title;
      if (oracle[title] == nullptr) continue;
      const bool expected = reference::Matches(*oracle[title], *parsed);
      totals->matches += expected ? 1 : 0;
      ++totals->verdicts;
      ASSERT_EQ(fired[r], expected) << "seed " << seed << "\n"
                                    << text_of[title] << json << "\n"
                                    << FormatExplanation(check.evaluator().Explain(view, r));
    }
  }
  totals->faced += check.faced();
  totals->evaluated += check.evaluated();
}

TEST(Generated, EvaluatorAgreesWithTheOracle) {
  Totals totals;
  for (uint32_t seed = 1; seed <= kRounds && !::testing::Test::HasFailure(); ++seed) {
    CompareRound(seed, &totals);
  }
  std::cout << totals.rules << " rules (" << totals.refused << " refused by both), "
            << totals.verdicts << " verdicts, " << totals.matches << " matches; the index let "
            << totals.evaluated << " of " << totals.faced << " rules through\n";
  EXPECT_LT(totals.evaluated, totals.faced * 9 / 10) << "the index spares nothing";
  EXPECT_GT(totals.matches, totals.verdicts / 50) << "the generator rarely hits";
}

}  // namespace
}  // namespace vedette
