// The evaluator against the oracle: every active SigmaHQ rule on the real events at hand. By
// default a sample of each file, so that the run stays short; VEDETTE_DIFF_EVENTS=0 takes all of
// them.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/reference/sigma_oracle.h"
#include "tests/reference/windows_events.h"
#include "tests/support/corpus.h"
#include "tests/support/index_check.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette {
namespace {

using reference::OracleEvent;
using reference::OracleRule;

// Both sides' rules, paired by id.
struct Corpus {
  std::shared_ptr<const Program> program;
  std::vector<std::shared_ptr<const OracleRule>> oracle;  // by rule index of the program
};

Corpus LoadCorpus() {
  Corpus corpus;
  RuleSet rules;
  std::vector<std::string> texts;
  for (const RuleSource& file : testing::SigmaHqRules()) {
    rules.Add(file.name, file.text);
    texts.push_back(file.text);
  }
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok());
  corpus.program = built->program;
  const reference::LoadResult loaded = reference::LoadSigma(texts);
  std::map<std::string, std::shared_ptr<const OracleRule>> by_id;
  for (const auto& rule : loaded.rules) by_id[rule->id] = rule;
  for (size_t i = 0; i < corpus.program->rule_count(); ++i) {
    const auto it = by_id.find(corpus.program->rule(i).id);
    EXPECT_NE(it, by_id.end()) << "the oracle refused " << corpus.program->rule(i).title;
    corpus.oracle.push_back(it == by_id.end() ? nullptr : it->second);
  }
  EXPECT_EQ(by_id.size(), corpus.program->rule_count());
  return corpus;
}

std::vector<reference::LogSource> ToReference(const std::vector<LogSource>& sources) {
  std::vector<reference::LogSource> out;
  for (const LogSource& s : sources) out.push_back({s.category, s.product, s.service});
  return out;
}

class Comparison {
 public:
  explicit Comparison(const Corpus& corpus) : corpus_(corpus), check_(corpus.program) {}

  void Compare(const std::string& file, size_t number, const std::string& json) {
    Event event;
    ASSERT_TRUE(parser_.Parse(json, &event).ok()) << file << ":" << number;
    const auto parsed = OracleEvent::FromJson(json);
    ASSERT_TRUE(parsed.has_value());
    ++events_;
    const std::vector<uint32_t> got = check_.Matches(event.view());
    const auto sources = ToReference(check_.evaluator().LogSourcesOf(event.view()));
    const bool windows = !reference::WindowsLogSources(*parsed).empty();
    const reference::FieldLookup lookup =
        windows ? reference::WindowsLookup() : reference::FieldLookup(reference::DirectLookup);
    std::vector<uint32_t> want;
    for (uint32_t i = 0; i < corpus_.oracle.size(); ++i) {
      const auto& rule = corpus_.oracle[i];
      if (rule == nullptr || !reference::LogSourceApplies(*rule, sources)) continue;
      ++pairs_;
      if (reference::Matches(*rule, *parsed, lookup)) want.push_back(i);
    }
    hits_ += want.size();
    if (got == want) return;
    ++differences_;
    if (differences_ > 20) return;
    for (uint32_t i = 0; i < corpus_.oracle.size(); ++i) {
      const bool g = std::find(got.begin(), got.end(), i) != got.end();
      const bool w = std::find(want.begin(), want.end(), i) != want.end();
      if (g == w) continue;
      ADD_FAILURE() << file << ":" << number << ": evaluator " << g << ", oracle " << w << "\n"
                    << FormatExplanation(check_.evaluator().Explain(event.view(), i))
                    << json.substr(0, 3000);
    }
  }

  testing::IndexCheck& check() { return check_; }

  size_t events_ = 0;
  size_t pairs_ = 0;
  size_t hits_ = 0;
  size_t differences_ = 0;

 private:
  const Corpus& corpus_;
  testing::IndexCheck check_;
  JsonParser parser_;
};

TEST(SigmaHq, EvaluatorAgreesWithTheOracle) {
  VEDETTE_SKIP_WITHOUT_DATA();
  const char* given = std::getenv("VEDETTE_DIFF_EVENTS");
  const size_t per_file = given != nullptr ? std::strtoul(given, nullptr, 10) : 25;
  const Corpus corpus = LoadCorpus();
  Comparison comparison(corpus);
  for (const std::string& file : testing::EventFiles()) {
    const std::vector<std::string> lines = testing::Lines(testing::ReadFile(file));
    const size_t step = per_file == 0 ? 1 : std::max<size_t>(1, lines.size() / per_file);
    for (size_t i = 0; i < lines.size(); i += step) comparison.Compare(file, i + 1, lines[i]);
  }
  std::cout << comparison.events_ << " events, " << corpus.program->rule_count() << " rules, "
            << comparison.pairs_ << " pairs with equal log source, " << comparison.hits_
            << " matches, " << comparison.differences_ << " events differ; the index let "
            << comparison.check().evaluated() << " of " << comparison.check().faced()
            << " rules through\n";
  // A smaller sample than the default has fewer; none at all would prove nothing.
  EXPECT_GT(comparison.hits_, given != nullptr ? 0U : 100U);
  EXPECT_EQ(comparison.differences_, 0U);
}

}  // namespace
}  // namespace vedette
