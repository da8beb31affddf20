// Rules over several events: the engine, through its public API, against the oracle that keeps
// every event; and against itself when arrival, partitions or restarts differ.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/reference/correlation_oracle.h"
#include "tests/support/correlation_engine.h"
#include "tests/support/correlation_generator.h"
#include "tests/support/host_aggregates.h"
#include "vedette/compiler.h"
#include "vedette/frontends/vedette.h"

namespace vedette::testing {
namespace {

// Scenarios of each kind; VEDETTE_CORRELATION_RUNS asks for more.
uint32_t Runs(uint32_t usual) {
  const char* given = std::getenv("VEDETTE_CORRELATION_RUNS");
  return given != nullptr ? static_cast<uint32_t>(std::strtoul(given, nullptr, 10)) : usual;
}

std::shared_ptr<const Program> Compiled(const CorrelationScenario& scenario) {
  CompilerOptions options;
  options.functions = &TestFunctions();
  Compiler compiler(options);
  compiler.AddFrontend(VedetteFrontend({.functions = options.functions}));
  RuleSet rules;
  rules.Add("generated.vdt", scenario.Rules());
  absl::StatusOr<CompileResult> built = compiler.Compile(rules);
  if (!built.ok()) return nullptr;
  for (const Diagnostic& d : built->diagnostics) {
    if (d.severity == Severity::kError) return nullptr;
  }
  return built->program;
}

std::string Lines(const Detections& detections) {
  std::string out;
  for (reference::CorrelationDetection d : detections) {
    // An absence shows the event that its wait started from; the oracle has the further ones, too.
    if (d.cause == reference::CorrelationDetection::Cause::kTimer) d.events.clear();
    out += d.Line() + "\n";
  }
  return out;
}

std::string OracleLines(const CorrelationScenario& scenario) {
  reference::CorrelationRun run;
  run.key_bytes = KeyBytes;
  std::string why;
  std::optional<Detections> found =
      reference::RunCorrelationOracle(scenario.Rules(), scenario.events, run, &why);
  if (!found.has_value()) return "the oracle: " + why;
  SortDetections(&*found);
  return Lines(*found);
}

std::string EngineLines(const CorrelationScenario& scenario, const Program& program,
                        const EngineRun& run) {
  const std::shared_ptr<const Program> borrowed(std::shared_ptr<const Program>(), &program);
  absl::StatusOr<Detections> found = RunEngine(borrowed, scenario.events, run);
  return found.ok() ? Lines(*found) : "the engine: " + std::string(found.status().message());
}

// How many detections are of several events.
size_t Correlated(const std::string& lines) {
  size_t n = 0;
  for (size_t at = lines.find(" key="); at != std::string::npos; at = lines.find(" key=", at + 1)) {
    ++n;
  }
  return n;
}

struct Shaped {
  const char* name;
  CorrelationShape shape;
};

class CorrelationDifferential : public ::testing::TestWithParam<Shaped> {};

TEST_P(CorrelationDifferential, TheEngineDetectsWhatTheOracleDoes) {
  const uint32_t runs = Runs(150);
  size_t detections = 0;
  size_t compiled = 0;
  size_t events = 0;
  for (uint32_t seed = 0; seed < runs; ++seed) {
    CorrelationGenerator generator(seed * 16 + static_cast<uint32_t>(GetParam().shape));
    CorrelationScenario scenario = generator.Scenario(GetParam().shape, 3, 60);
    // What a list means outside of aggregates is for the cases to say.
    std::erase_if(scenario.events,
                  [](const auto& e) { return e.json.find('[') != std::string::npos; });
    // Of further events that would have started a wait only their number is kept: see the cases.
    const bool counts_further = scenario.Rules().find(" after s1") != std::string::npos;
    const std::shared_ptr<const Program> program = Compiled(scenario);
    if (program == nullptr || counts_further) continue;  // or a sequence of one stage
    ++compiled;
    const std::string expected = OracleLines(scenario);
    events += scenario.events.size();
    detections += static_cast<size_t>(std::count(expected.begin(), expected.end(), '\n'));
    ASSERT_EQ(EngineLines(scenario, *program, {}), expected) << scenario.Dump();
  }
  std::cout << compiled << " rule sets, " << events << " events, " << detections << " detections\n";
  EXPECT_GT(detections, runs / 4);
  EXPECT_GT(compiled, runs / 4);
}

TEST_P(CorrelationDifferential, ArrivalPartitionsAndRestartsChangeNothing) {
  const uint32_t runs = Runs(60);
  constexpr int64_t kLateness = 120'000'000'000;
  for (uint32_t seed = 0; seed < runs; ++seed) {
    CorrelationGenerator generator(seed * 16 + 8 + static_cast<uint32_t>(GetParam().shape));
    CorrelationScenario scenario = generator.Scenario(GetParam().shape, 3, 40);
    for (size_t i = 0; i < scenario.events.size(); ++i) scenario.events[i].tiebreak = i + 1;
    const std::shared_ptr<const Program> program = Compiled(scenario);
    if (program == nullptr) continue;
    const std::string expected = EngineLines(scenario, *program, {});
    ASSERT_EQ(EngineLines(scenario, *program, {.restart = true}), expected) << scenario.Dump();
    ASSERT_EQ(EngineLines(scenario, *program, {.push_watermarks = true}), expected)
        << scenario.Dump();
    // Detections of one time from different partitions come in the order of the partitions.
    const bool on_rules = scenario.Rules().find("[rule ") != std::string::npos;
    for (const uint32_t partitions : {1U, 2U, 7U}) {
      if (on_rules && partitions > 1) continue;
      ASSERT_EQ(EngineLines(scenario, *program, {.partitions = partitions}), expected)
          << partitions << " partitions\n"
          << scenario.Dump();
    }
    CorrelationScenario shuffled = scenario;
    shuffled.events = generator.Shuffled(scenario.events, kLateness);
    EngineRun late;
    late.allowed_lateness_ns = kLateness;
    // Evidence names events by their place in the input; what was found is the same. Rules over
    // one event suppress in order of arrival.
    ASSERT_EQ(Correlated(EngineLines(shuffled, *program, late)), Correlated(expected))
        << scenario.Dump();
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, CorrelationDifferential,
                         ::testing::Values(Shaped{"Window", CorrelationShape::kWindow},
                                           Shaped{"Sequence", CorrelationShape::kSequence},
                                           Shaped{"All", CorrelationShape::kAll},
                                           Shaped{"Sample", CorrelationShape::kSample},
                                           Shaped{"Absence", CorrelationShape::kAbsence},
                                           Shaped{"NewValue", CorrelationShape::kNewValue},
                                           Shaped{"Lineage", CorrelationShape::kLineage},
                                           Shaped{"Any", CorrelationShape::kAny}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace vedette::testing
