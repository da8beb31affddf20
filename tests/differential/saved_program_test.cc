// All SigmaHQ rules, saved and loaded: the same detections on real events, and what it costs.
#include "vedette/saved_program.h"

#include <algorithm>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/corpus.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette {
namespace {

// Of the processor, not of the clock on the wall: other tests run beside this one.
class Stopwatch {
 public:
  double Milliseconds() const {
    return static_cast<double>(std::clock() - start_) * 1000 / CLOCKS_PER_SEC;
  }

 private:
  std::clock_t start_ = std::clock();
};

std::vector<std::string> Detections(Evaluator* evaluator, const Event& event) {
  const std::span<const Match> found = evaluator->Evaluate(event.view());
  std::vector<std::string> out;
  for (const Match& match : std::vector<Match>(found.begin(), found.end())) {
    out.push_back(DetectionToJson(evaluator->Describe(event.view(), match)));
  }
  return out;
}

TEST(SigmaHq, SavedProgramDetectsTheSame) {
  VEDETTE_SKIP_WITHOUT_DATA();
  RuleSet rules;
  for (const RuleSource& file : testing::SigmaHqRules()) rules.Add(file.name, file.text);
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  const Stopwatch compiling;
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  const double compile_ms = compiling.Milliseconds();
  const Stopwatch saving;
  const std::string bytes = SaveProgram(*built->program);
  const double save_ms = saving.Milliseconds();
  double load_ms = 1e9;
  std::shared_ptr<const Program> loaded;
  for (int i = 0; i < 5; ++i) {
    const Stopwatch loading;
    const auto program = LoadProgram(bytes);
    ASSERT_TRUE(program.ok()) << program.status();
    load_ms = std::min(load_ms, loading.Milliseconds());
    loaded = *program;
  }
  std::cout << built->program->rule_count() << " rules: compiled in " << compile_ms
            << " ms, saved in " << save_ms << " ms to " << bytes.size() << " bytes, loaded in "
            << load_ms << " ms\n";
  EXPECT_EQ(SaveProgram(*loaded), bytes);
  EXPECT_EQ(loaded->fingerprint(), built->program->fingerprint());
  ASSERT_EQ(loaded->rule_count(), built->program->rule_count());
  for (size_t i = 0; i < loaded->rule_count(); ++i) {
    ASSERT_EQ(loaded->fingerprint(i), built->program->fingerprint(i));
    ASSERT_EQ(loaded->DumpRule(i), built->program->DumpRule(i));
  }

  Evaluator one(built->program);
  Evaluator other(loaded);
  JsonParser parser;
  size_t events = 0;
  size_t detections = 0;
  for (const std::string& file : testing::EventFiles()) {
    const std::vector<std::string> lines = testing::Lines(testing::ReadFile(file));
    const size_t step = std::max<size_t>(1, lines.size() / 50);
    for (size_t i = 0; i < lines.size(); i += step) {
      Event event;
      if (!parser.Parse(lines[i], &event).ok()) continue;
      const std::vector<std::string> expected = Detections(&one, event);
      ASSERT_EQ(Detections(&other, event), expected) << file << ":" << i + 1;
      if (!expected.empty()) {
        const auto rule = static_cast<size_t>(one.Evaluate(event.view())[0].rule);
        ASSERT_EQ(FormatExplanation(other.Explain(event.view(), rule)),
                  FormatExplanation(one.Explain(event.view(), rule)));
      }
      ++events;
      detections += expected.size();
    }
  }
  std::cout << events << " events, " << detections << " detections\n";
  EXPECT_GT(detections, 100U);
}

}  // namespace
}  // namespace vedette
