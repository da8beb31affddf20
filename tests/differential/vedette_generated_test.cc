// The evaluator against the oracle on generated conditions and values of the Vedette language; and
// what formatting and printing make of the same rules.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/ir/ir.h"
#include "lib/ir/key.h"
#include "lib/ir/printer.h"
#include "lib/opt/simplify.h"
#include "tests/reference/vedette_oracle.h"
#include "tests/support/vedette_generator.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"
#include "vedette/json.h"

namespace vedette {
namespace {

constexpr size_t kConditions = 20000;  // unless VEDETTE_GENERATED says otherwise
constexpr size_t kBatch = 400;         // conditions compiled together; a third as many values
constexpr size_t kEvents = 12;

struct Totals {
  size_t conditions = 0;
  size_t values = 0;
  size_t refused = 0;
  size_t verdicts = 0;
  size_t matches = 0;
  size_t undecided = 0;
  size_t computed = 0;
  size_t nulls = 0;
  size_t printed = 0;
  size_t different = 0;  // verdicts and values
};

// One generated rule, in both implementations.
struct Rule {
  std::string name;
  bool is_value = false;
  std::string text;
  std::string formatted;
  reference::VedetteNames names;
  reference::VedetteExpr expression;
};

size_t Wanted() {
  const char* const number = std::getenv("VEDETTE_GENERATED");
  return number == nullptr ? kConditions : std::strtoul(number, nullptr, 10);
}

reference::VedetteExpr Parsed(const std::string& text) {
  std::string why;
  reference::VedetteExpr out = reference::ParseVedette(text, &why);
  EXPECT_NE(out, nullptr) << why << ": " << text;
  return out;
}

// The oracle's form of kVedettePrelude.
reference::VedetteNames PreludeNames() {
  reference::VedetteNames out;
  for (const char* text : {"\"a\"", "\"AB\"", "\"ä\"", "1", "10", "\"a b\""}) {
    out.lists["words"].push_back(Parsed(text));
  }
  for (const auto& [key, value] : std::map<std::string, std::string>{
           {"\"a\"", "1"}, {"\"ab\"", "2.5"}, {"\"1\"", "\"one\""}, {"\"B\"", "-7"}}) {
    out.maps["weights"].emplace_back(Parsed(key), Parsed(value));
  }
  return out;
}

// kVedetteIndicators for both implementations.
struct GeneratedSets {
  IndicatorSets host;
  std::map<std::string, std::vector<reference::OracleIndicator>> oracle;
};

const GeneratedSets& Sets() {
  static const auto* const sets = [] {
    auto* const out = new GeneratedSets;
    std::map<std::string, IndicatorSet::Builder> builders;
    std::istringstream lines(testing::kVedetteIndicators);
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> words;
      std::istringstream parts(line);
      for (std::string word; std::getline(parts, word, '\t');) words.push_back(word);
      const bool record = words.size() > 3;
      reference::OracleIndicator known;
      known.parts.push_back({record ? "a" : "", words[2], words[1]});
      if (record) known.parts.push_back({"b", words[3], "text"});
      Indicator indicator;
      for (const auto& part : known.parts) {
        indicator.values.push_back({part.field, part.text, *IndicatorTypeByName(part.type)});
      }
      EXPECT_TRUE(builders[words[0]].Add(std::move(indicator)).ok()) << line;
      out->oracle[words[0]].push_back(std::move(known));
    }
    for (auto& [name, builder] : builders) out->host.Set(name, builder.Build());
    return out;
  }();
  return *sets;
}

Rule MakeRule(const testing::GeneratedVedette& generated, std::string name, bool is_value) {
  Rule out;
  out.name = std::move(name);
  out.is_value = is_value;
  out.text = testing::kVedettePrelude + generated.Rule(out.name, is_value);
  out.formatted = FormatVedette(out.text);
  EXPECT_EQ(FormatVedette(out.formatted), out.formatted) << out.text;
  static const auto* const prelude = new reference::VedetteNames(PreludeNames());
  out.names = *prelude;
  out.names.sets = Sets().oracle;
  for (const auto& [let, condition] : generated.lets) out.names.lets[let] = Parsed(condition);
  out.expression = Parsed(generated.text);
  return out;
}

std::shared_ptr<const Program> Compiled(const std::vector<Rule>& rules, bool formatted,
                                        std::map<std::string, std::string>* why) {
  RuleSet set;
  for (const Rule& rule : rules) {
    set.Add(rule.name + ".vdt", formatted ? rule.formatted : rule.text);
  }
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  const auto built = compiler.Compile(set);
  EXPECT_TRUE(built.ok());
  for (const Diagnostic& d : built->diagnostics) {
    if (d.severity == Severity::kError) (*why)[d.source] += FormatDiagnostic(d);
  }
  return built->program;
}

std::string KeyOf(const IrRule& rule) {
  std::string key;
  AppendFormulaKey(Simplify(WithoutLabels(rule.condition)), &key);
  return key;
}

IrModule Translated(const std::vector<RuleSource>& sources) {
  std::vector<const RuleSource*> pointers;
  for (const RuleSource& source : sources) pointers.push_back(&source);
  IrModule module;
  DiagnosticSink sink;
  VedetteFrontend()->Translate(pointers, &module, &sink);
  return module;
}

// Every rule printed reads back as the same.
void CheckPrinting(const std::vector<Rule>& rules, Totals* totals) {
  std::vector<RuleSource> sources;
  for (const Rule& rule : rules) sources.push_back({rule.name + ".vdt", rule.text});
  const IrModule module = Translated(sources);
  std::vector<RuleSource> printed;
  for (const IrRule& rule : module.rules) {
    printed.push_back(
        {"p" + std::to_string(printed.size()) + ".vdt", FormatVedette(PrintRule(rule, "printed"))});
  }
  for (size_t i = 0; i < module.rules.size(); ++i) {
    const IrModule again = Translated({printed[i]});
    ++totals->printed;
    if (again.rules.size() == 1 && KeyOf(again.rules[0]) == KeyOf(module.rules[i]) &&
        again.rules[0].actions == module.rules[i].actions) {
      continue;
    }
    ++totals->different;
    std::string before;
    for (const Rule& rule : rules) {
      if (rule.name == module.rules[i].meta.name) before = rule.text;
    }
    ADD_FAILURE() << before << "prints as\n"
                  << printed[i].text << "which reads back as\n"
                  << (again.rules.empty() ? "nothing" : PrintRule(again.rules[0], "again"));
    if (totals->different > 20) return;
  }
}

// What a program makes of one event, by the names of its rules.
struct Outcome {
  std::map<std::string, std::string> fired;  // with the value as JSON
  bool undecided = false;
};

Outcome Run(Evaluator* evaluator, const EventView& view) {
  Outcome out;
  const uint64_t before = evaluator->stats().rules_undecided;
  std::vector<Match> matches;
  for (const Match& match : evaluator->Evaluate(view)) matches.push_back(match);
  for (const Match& match : matches) {
    std::string& value = out.fired[evaluator->program().rule(match.rule).name];
    const Detection detection = evaluator->Describe(view, match);
    value = detection.outcomes.empty() ? "null" : detection.outcomes[0].second;
  }
  out.undecided = evaluator->stats().rules_undecided != before;
  return out;
}

std::string ExpectedOf(const Rule& rule, const reference::OracleEvent& event) {
  if (rule.is_value) return reference::VedetteValue(rule.expression, rule.names, event);
  const std::optional<bool> holds = reference::VedetteHolds(rule.expression, rule.names, event);
  return !holds ? "undecided" : *holds ? "true" : "false";
}

std::string ActualOf(const Rule& rule, const Outcome& outcome) {
  const auto found = outcome.fired.find(rule.name);
  if (!rule.is_value) return found == outcome.fired.end() ? "false" : "true";
  return found == outcome.fired.end() ? "not fired" : found->second;
}

void CheckEvent(const std::vector<const Rule*>& rules, const std::string& json, Evaluator* original,
                Evaluator* formatted, Totals* totals) {
  static JsonParser* const parser = new JsonParser;
  Event event;
  ASSERT_TRUE(parser->Parse(json, &event).ok()) << json;
  const auto oracle = reference::OracleEvent::FromJson(json);
  ASSERT_TRUE(oracle.has_value()) << json;
  const Outcome first = Run(original, event.view());
  const Outcome second = Run(formatted, event.view());
  for (const Rule* rule : rules) {
    const std::string expected = ExpectedOf(*rule, *oracle);
    const std::string actual = ActualOf(*rule, first);
    ++(rule->is_value ? totals->computed : totals->verdicts);
    totals->matches += !rule->is_value && expected == "true" ? 1 : 0;
    totals->nulls += rule->is_value && expected == "null" ? 1 : 0;
    if (expected == "undecided") {
      ++totals->undecided;
      EXPECT_TRUE(first.undecided) << rule->text << json;
      continue;
    }
    if (actual == expected && ActualOf(*rule, second) == actual) continue;
    if (++totals->different > 20) return;
    std::string explained;
    const int index = original->program().FindRule(rule->name);
    if (index >= 0) {
      explained = FormatExplanation(original->Explain(event.view(), static_cast<size_t>(index)));
    }
    ADD_FAILURE() << rule->text << json << "\noracle    " << expected << "\nevaluator " << actual
                  << "\nformatted " << ActualOf(*rule, second) << "\n"
                  << explained;
  }
}

void CheckBatch(uint32_t seed, size_t count, Totals* totals) {
  testing::VedetteGenerator generator(seed);
  std::vector<Rule> rules;
  for (size_t i = 0; i < count; ++i) {
    rules.push_back(MakeRule(generator.Condition(), "c" + std::to_string(i), false));
    if (i % 3 == 0) rules.push_back(MakeRule(generator.Value(), "v" + std::to_string(i), true));
  }
  std::map<std::string, std::string> why;
  std::map<std::string, std::string> why_formatted;
  const auto original = Compiled(rules, false, &why);
  const auto formatted = Compiled(rules, true, &why_formatted);
  std::vector<const Rule*> loaded;
  for (const Rule& rule : rules) {
    ++(rule.is_value ? totals->values : totals->conditions);
    if (original->FindRule(rule.name) >= 0) {
      loaded.push_back(&rule);
      EXPECT_GE(formatted->FindRule(rule.name), 0)
          << rule.text << why_formatted[rule.name + ".vdt"];
      continue;
    }
    const std::string& message = why[rule.name + ".vdt"];
    EXPECT_NE(message, "") << rule.text;
    if (++totals->refused <= 10) std::printf("refused: %s\n", message.c_str());
  }
  CheckPrinting(rules, totals);
  // One without an index, one with.
  Evaluator evaluator(original, {.use_index = false, .indicator_sets = &Sets().host});
  Evaluator second(formatted, {.events_before_index = 0, .indicator_sets = &Sets().host});
  for (size_t i = 0; i < kEvents && totals->different <= 20; ++i) {
    CheckEvent(loaded, generator.EventJson(), &evaluator, &second, totals);
  }
}

TEST(VedetteGenerated, EvaluatorAgreesWithTheOracle) {
  Totals totals;
  const size_t wanted = Wanted();
  for (uint32_t seed = 1; totals.conditions < wanted && totals.different <= 20; ++seed) {
    CheckBatch(seed, std::min(kBatch, wanted - totals.conditions), &totals);
  }
  std::printf(
      "%zu conditions and %zu values (%zu refused), %zu verdicts of which %zu hold and %zu are "
      "undecided, %zu values computed of which %zu are null, %zu rules printed and read back; "
      "%zu differences\n",
      totals.conditions, totals.values, totals.refused, totals.verdicts, totals.matches,
      totals.undecided, totals.computed, totals.nulls, totals.printed, totals.different);
  EXPECT_EQ(totals.different, 0U);
  EXPECT_LT(totals.refused, (totals.conditions + totals.values) / 50);
  EXPECT_GT(totals.matches, totals.verdicts / 10) << "the generator rarely hits";
  EXPECT_GT(totals.computed - totals.nulls, totals.computed / 4);
}

}  // namespace
}  // namespace vedette
