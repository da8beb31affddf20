// Every rule of every language prints as the Vedette language and reads back as the same IR.
#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/ir/ir.h"
#include "lib/ir/key.h"
#include "lib/ir/printer.h"
#include "lib/opt/simplify.h"
#include "tests/support/conversion.h"
#include "tests/support/corpus.h"
#include "tests/support/correlation_generator.h"
#include "tests/support/sigma_generator.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"

namespace vedette {
namespace {

std::string MeaningOf(const Formula& formula) {
  std::string key;
  AppendFormulaKey(Simplify(WithoutLabels(formula)), &key);
  return key;
}

std::string Messages(const DiagnosticSink& sink) {
  std::string out;
  for (const Diagnostic& d : sink.diagnostics()) {
    if (d.severity == Severity::kError) out += FormatDiagnostic(d);
  }
  return out;
}

// What a rule says about itself, but for where it stands and what it is called in the text.
std::string MetaText(const RuleMeta& m) {
  std::string out = m.id + "|" + m.title + "|" + m.description + "|" + m.status + "|" +
                    std::string(LevelName(m.level)) + "|" + m.author + "|" + m.date + "|" +
                    m.modified + "|" + m.license + "|" + m.log_source.ToString();
  for (const auto* list : {&m.tags, &m.references, &m.false_positives, &m.fields}) {
    for (const std::string& item : *list) out += "|" + item;
    out += "#";
  }
  for (const auto& [a, b] : m.related) out += a + "=" + b + ";";
  for (const auto& [a, b] : m.custom) out += a + "=" + b + ";";
  return out;
}

struct Outcome {
  size_t rules = 0;
  size_t different = 0;
};

// Prints every rule of `module` into one text, formats it, reads it back and compares.
Outcome RoundTrip(const IrModule& module) {
  Outcome out;
  std::string text;
  std::set<std::string> names;
  std::vector<std::string> rule_names;
  const auto fresh = [&names](std::string name) {
    std::string unique = name;
    for (int i = 2; !names.insert(unique).second; ++i) unique = name + "_" + std::to_string(i);
    return unique;
  };
  for (const IrRule& rule : module.rules) {
    rule_names.push_back(fresh(RuleIdentifier(rule.meta)));
    text += PrintRule(rule, rule_names.back());
  }
  for (const CorrelationSpec& spec : module.correlations) {
    text += PrintCorrelation(spec, fresh(RuleIdentifier(spec.meta)));
  }
  const std::string formatted = FormatVedette(text);
  EXPECT_EQ(FormatVedette(formatted), formatted) << "formatting is idempotent";
  const RuleSource source{"all.vdt", formatted};
  const RuleSource* const sources[] = {&source};
  IrModule again;
  DiagnosticSink sink;
  VedetteFrontend()->Translate(sources, &again, &sink);
  EXPECT_EQ(Messages(sink).substr(0, 4000), "");
  EXPECT_EQ(again.rules.size(), module.rules.size());
  EXPECT_EQ(again.correlations.size(), module.correlations.size());
  for (size_t i = 0; i < std::min(again.rules.size(), module.rules.size()); ++i) {
    ++out.rules;
    const IrRule& before = module.rules[i];
    const IrRule& after = again.rules[i];
    const bool same = MeaningOf(before.condition) == MeaningOf(after.condition) &&
                      before.actions == after.actions && before.emits == after.emits &&
                      MetaText(before.meta) == MetaText(after.meta);
    if (same) continue;
    if (++out.different > 5) continue;
    ADD_FAILURE() << PrintRule(before, rule_names[i]) << "\nreads back as\n"
                  << PrintRule(after, rule_names[i]);
  }
  for (size_t i = 0; i < std::min(again.correlations.size(), module.correlations.size()); ++i) {
    ++out.rules;
    if (again.correlations[i] == module.correlations[i]) continue;
    ++out.different;
    ADD_FAILURE() << PrintCorrelation(module.correlations[i], "a") << "\nreads back as\n"
                  << PrintCorrelation(again.correlations[i], "b");
  }
  return out;
}

RuleSet SetOf(const std::vector<RuleSource>& sources) {
  RuleSet rules;
  for (const RuleSource& source : sources) rules.Add(source.name, source.text);
  return rules;
}

TEST(RoundTrip, FingerprintsOfGeneratedRules) {
  testing::SigmaGenerator generator(5);
  RuleSet rules;
  for (int i = 0; i < 2000; ++i) rules.Add("g" + std::to_string(i) + ".yml", generator.Rule(i));
  const testing::Conversion result = testing::ConvertAndCompare(rules);
  EXPECT_EQ(result.differs, "");
  EXPECT_GT(result.rules, 1000U);
}

TEST(RoundTrip, FingerprintsOfGeneratedCorrelations) {
  testing::CorrelationGenerator generator(5);
  size_t compared = 0;
  for (int i = 0; i < 1000 && !HasFailure(); ++i) {
    const testing::CorrelationScenario scenario =
        generator.Scenario(testing::CorrelationShape::kAny, 4, 1);
    RuleSet rules;
    rules.Add("a.vdt", scenario.Rules());
    const testing::Conversion result = testing::ConvertAndCompare(rules);
    EXPECT_EQ(result.differs, "") << scenario.Rules();
    compared += result.rules;
  }
  EXPECT_GT(compared, 1500U);
}

TEST(RoundTrip, FingerprintsOfSigmaRules) {
  VEDETTE_SKIP_WITHOUT_DATA();
  const testing::Conversion result = testing::ConvertAndCompare(SetOf(testing::SigmaHqRules()));
  EXPECT_EQ(result.differs, "");
  EXPECT_GT(result.rules, 3000U);
}

TEST(RoundTrip, SigmaRules) {
  VEDETTE_SKIP_WITHOUT_DATA();
  const std::vector<RuleSource> sources = testing::SigmaHqRules();
  std::vector<const RuleSource*> pointers;
  for (const RuleSource& source : sources) pointers.push_back(&source);
  IrModule module;
  DiagnosticSink sink;
  SigmaFrontend()->Translate(pointers, &module, &sink);
  const Outcome outcome = RoundTrip(module);
  std::printf("%zu SigmaHQ rules printed and read back, %zu differ\n", outcome.rules,
              outcome.different);
  EXPECT_GT(outcome.rules, 3000U);
  EXPECT_EQ(outcome.different, 0U);
}

}  // namespace
}  // namespace vedette
