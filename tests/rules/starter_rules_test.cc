// Every rule under rules/ loads without a remark and does on its own events what they say.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace {

namespace fs = std::filesystem;
using namespace vedette;

std::string ReadText(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<fs::path> RuleFiles() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator("rules")) {
    if (entry.path().extension() == ".yml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(StarterRules, LoadCleanly) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  const std::vector<fs::path> files = RuleFiles();
  for (const fs::path& file : files) rules.Add(file.string(), ReadText(file));
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  for (const Diagnostic& d : built->diagnostics) ADD_FAILURE() << FormatDiagnostic(d);
  EXPECT_GE(built->stats.rules_loaded, 40U);
  EXPECT_EQ(built->stats.rules_loaded, files.size());
  for (size_t i = 0; i < built->program->rule_count(); ++i) {
    const RuleMeta& meta = built->program->rule(i);
    EXPECT_FALSE(meta.id.empty() || meta.description.empty() || meta.tags.empty() ||
                 meta.level == Level::kUnset || meta.false_positives.empty())
        << meta.source << " lacks metadata";
  }
}

TEST(StarterRules, DoWhatTheirTestsSay) {
  JsonParser parser;
  for (const fs::path& file : RuleFiles()) {
    Compiler compiler;
    compiler.AddFrontend(SigmaFrontend());
    RuleSet rules;
    rules.Add(file.string(), ReadText(file));
    const auto built = compiler.Compile(rules);
    ASSERT_TRUE(built.ok());
    ASSERT_EQ(built->program->rule_count(), 1U) << file;
    fs::path tests = file;
    tests.replace_extension(".test.jsonl");
    ASSERT_TRUE(fs::exists(tests)) << "no tests beside " << file;
    Evaluator evaluator(built->program);
    size_t positive = 0;
    size_t negative = 0;
    std::ifstream stream(tests);
    for (std::string line; std::getline(stream, line);) {
      if (line.empty()) continue;
      Event record;
      ASSERT_TRUE(parser.Parse(line, &record).ok()) << tests;
      Event event;
      event.set_root(event.arena().DeepCopy(record.root().Find("event")));
      const bool expected = record.root().Find("expect").boolean();
      (expected ? positive : negative) += 1;
      EXPECT_EQ(!evaluator.Evaluate(event.view()).empty(), expected)
          << tests << ": " << record.root().Find("why").string() << "\n"
          << FormatExplanation(evaluator.Explain(event.view(), 0));
      EXPECT_FALSE(evaluator.LogSourcesOf(event.view()).empty())
          << tests << ": the log source of an event is unknown";
    }
    EXPECT_GE(positive, 1U) << tests;
    EXPECT_GE(negative, 1U) << tests;
  }
}

}  // namespace
