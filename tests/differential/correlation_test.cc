// The engine against the oracle on generated rules over several events; and laws that need no
// oracle.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/reference/correlation_oracle.h"
#include "tests/support/correlation_engine.h"
#include "tests/support/correlation_generator.h"
#include "tests/support/host_aggregates.h"
#include "vedette/compiler.h"
#include "vedette/frontends/vedette.h"

namespace vedette {
namespace {

using reference::CorrelationEvent;
using testing::CorrelationScenario;
using testing::CorrelationShape;
using testing::EngineRun;

constexpr int64_t kSecond = 1000000000;
constexpr size_t kMaxShown = 3;

// Scenarios of each shape and test; VEDETTE_CORRELATION_RUNS asks for more.
size_t Runs() {
  const char* const number = std::getenv("VEDETTE_CORRELATION_RUNS");
  return number == nullptr ? 60 : std::strtoul(number, nullptr, 10);
}

using Lines = std::vector<std::string>;

Lines LinesOf(testing::Detections detections) {
  testing::SortDetections(&detections);
  Lines out;
  for (const reference::CorrelationDetection& d : detections) out.push_back(d.Line());
  return out;
}

struct Outcome {
  Lines lines;
  std::string problem;  // if there is one, no lines

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::shared_ptr<const Program> Compiled(const CorrelationScenario& scenario, std::string* why) {
  RuleSet set;
  set.Add("generated.vdt", scenario.Rules());
  CompilerOptions options;
  options.functions = &testing::TestFunctions();
  Compiler compiler(options);
  compiler.AddFrontend(VedetteFrontend({.functions = options.functions}));
  const auto built = compiler.Compile(set);
  if (!built.ok()) {
    *why = std::string(built.status().message()) + "\n";
    return nullptr;
  }
  for (const Diagnostic& d : built->diagnostics) {
    if (d.severity == Severity::kError) *why += FormatDiagnostic(d);
  }
  return why->empty() ? built->program : nullptr;
}

Outcome ByEngine(const CorrelationScenario& scenario, const EngineRun& run) {
  Outcome out;
  const auto program = Compiled(scenario, &out.problem);
  if (program == nullptr) return out;
  auto found = testing::RunEngine(program, scenario.events, run);
  if (!found.ok()) {
    out.problem = std::string(found.status().message());
  } else {
    out.lines = LinesOf(*std::move(found));
  }
  return out;
}

Outcome ByOracle(const CorrelationScenario& scenario) {
  Outcome out;
  reference::CorrelationRun run;
  run.key_bytes = testing::KeyBytes;
  auto found = RunCorrelationOracle(scenario.Rules(), scenario.events, run, &out.problem);
  if (found.has_value()) out.lines = LinesOf(*std::move(found));
  return out;
}

// The lines that only one of them has.
std::string Difference(const Outcome& expected, const Outcome& got) {
  std::string out;
  if (!expected.problem.empty()) out += "expected problem: " + expected.problem + "\n";
  if (!got.problem.empty()) out += "problem: " + got.problem + "\n";
  Lines a = expected.lines;
  Lines b = got.lines;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  Lines only;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
  for (const std::string& line : only) out += "  missing   " + line + "\n";
  only.clear();
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only));
  for (const std::string& line : only) out += "  too much  " + line + "\n";
  return out.empty() ? "  only the order differs\n" : out;
}

struct Totals {
  size_t scenarios = 0;
  size_t refused = 0;
  size_t rules = 0;
  size_t events = 0;
  size_t detections = 0;
  size_t differences = 0;
};

using Check = std::function<Outcome(const CorrelationScenario&)>;

// Both must say the same of a scenario; else the smallest one that shows it is printed.
void Compare(const CorrelationScenario& scenario, const Check& expected, const Check& got,
             Totals* totals) {
  ++totals->scenarios;
  std::string why;
  if (Compiled(scenario, &why) == nullptr) {
    if (++totals->refused <= 3) std::printf("refused: %s", why.c_str());
    return;
  }
  totals->rules += scenario.rules.size();
  totals->events += scenario.events.size();
  const Outcome wanted = expected(scenario);
  totals->detections += wanted.lines.size();
  if (wanted == got(scenario)) return;
  if (++totals->differences > kMaxShown) return;
  const auto differs = [&](const CorrelationScenario& s) {
    std::string ignored;
    return Compiled(s, &ignored) != nullptr && !(expected(s) == got(s));
  };
  const CorrelationScenario small = testing::Shrink(scenario, differs);
  ADD_FAILURE() << small.Dump() << Difference(expected(small), got(small));
}

void Report(const char* what, const Totals& t) {
  std::printf(
      "%s: %zu scenarios (%zu refused), %zu rules, %zu events, %zu detections; %zu differences\n",
      what, t.scenarios, t.refused, t.rules, t.events, t.detections, t.differences);
  EXPECT_EQ(t.differences, 0U);
  EXPECT_LE(t.refused, t.scenarios / 20);
  EXPECT_GT(t.detections, t.scenarios / 2) << "the generator rarely hits";
}

constexpr std::pair<CorrelationShape, const char*> kShapes[] = {
    {CorrelationShape::kWindow, "windows"},   {CorrelationShape::kSequence, "sequences"},
    {CorrelationShape::kAll, "all"},          {CorrelationShape::kSample, "samples"},
    {CorrelationShape::kAbsence, "absences"}, {CorrelationShape::kNewValue, "new values"},
    {CorrelationShape::kLineage, "lineages"}, {CorrelationShape::kAny, "rules on rules"},
};

// Each shape in turn; `run` says how a scenario of a number is run and what is expected of it.
void CompareAll(const char* what, uint32_t first_seed, size_t max_events,
                const std::function<void(uint32_t seed, CorrelationScenario*)>& prepare,
                const EngineRun& run) {
  for (const auto& [shape, name] : kShapes) {
    Totals totals;
    for (uint32_t i = 0; i < Runs(); ++i) {
      const uint32_t seed = first_seed + i;
      testing::CorrelationGenerator generator(seed * 8 + static_cast<uint32_t>(shape));
      CorrelationScenario scenario =
          generator.Scenario(shape, shape == CorrelationShape::kAny ? 5 : 2, max_events);
      if (prepare) prepare(seed, &scenario);
      Compare(
          scenario, ByOracle, [&](const CorrelationScenario& s) { return ByEngine(s, run); },
          &totals);
    }
    Report((std::string(what) + ", " + name).c_str(), totals);
  }
}

TEST(CorrelationDifferential, InOrder) { CompareAll("in order", 1, 60, nullptr, {}); }

TEST(CorrelationDifferential, LongStreams) {
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    Totals totals;
    for (const auto& [shape, name] : kShapes) {
      testing::CorrelationGenerator generator(900000 + seed * 8 + static_cast<uint32_t>(shape));
      Compare(
          generator.Scenario(shape, 6, 400), ByOracle,
          [](const CorrelationScenario& s) { return ByEngine(s, {}); }, &totals);
    }
    EXPECT_EQ(totals.differences, 0U);
  }
}

TEST(CorrelationDifferential, OutOfOrderWithinTheLateness) {
  EngineRun run;
  run.allowed_lateness_ns = 10 * kSecond;
  const auto shuffle = [&](uint32_t seed, CorrelationScenario* scenario) {
    testing::CorrelationGenerator generator(seed);
    scenario->events = generator.Shuffled(scenario->events, run.allowed_lateness_ns);
  };
  CompareAll("out of order", 100001, 40, shuffle, run);
}

TEST(CorrelationDifferential, RestoredAfterEveryEvent) {
  EngineRun run;
  run.restart = true;
  CompareAll("restored", 200001, 40, nullptr, run);
}

TEST(CorrelationDifferential, RestoredWhileRecordsWait) {
  EngineRun run;
  run.restart = true;
  run.allowed_lateness_ns = 5 * kSecond;
  const auto shuffle = [&](uint32_t seed, CorrelationScenario* scenario) {
    testing::CorrelationGenerator generator(seed);
    scenario->events = generator.Shuffled(scenario->events, run.allowed_lateness_ns);
  };
  CompareAll("restored out of order", 300001, 30, shuffle, run);
}

TEST(CorrelationDifferential, WatermarksAnywhere) {
  EngineRun run;
  run.push_watermarks = true;
  CompareAll("watermarks", 400001, 40, nullptr, run);
}

TEST(CorrelationDifferential, Partitions) {
  for (const uint32_t partitions : {1U, 2U, 7U}) {
    EngineRun run;
    run.partitions = partitions;
    // Events of one time are told apart by their numbers, which only a processor gives.
    const auto number = [](uint32_t, CorrelationScenario* scenario) {
      for (size_t i = 0; i < scenario->events.size(); ++i) {
        if (!scenario->events[i].tiebreak.has_value()) scenario->events[i].tiebreak = i + 1;
      }
    };
    CompareAll((std::to_string(partitions) + " partitions").c_str(), 500001 + partitions * 10000,
               30, number, run);
  }
}

// ---- Laws -----------------------------------------------------------------------------------

CorrelationScenario SomeScenario(uint32_t seed) {
  testing::CorrelationGenerator generator(seed);
  return generator.Scenario(CorrelationShape::kAny, 3, 40);
}

Outcome Plain(const CorrelationScenario& scenario) { return ByEngine(scenario, {}); }

TEST(CorrelationLaws, ShiftedEventsGiveShiftedDetections) {
  constexpr int64_t kShift = 30 * kSecond * 1000000;  // a multiple of all tumbling windows
  Totals totals;
  for (uint32_t i = 0; i < Runs(); ++i) {
    const auto shifted = [](const CorrelationScenario& scenario) {
      CorrelationScenario later = scenario;
      for (CorrelationEvent& event : later.events) {
        if (event.time.has_value()) *event.time += kShift;
      }
      Outcome out;
      const auto program = Compiled(later, &out.problem);
      if (program == nullptr) return out;
      auto found = testing::RunEngine(program, later.events);
      if (!found.ok()) return out;
      for (reference::CorrelationDetection& d : *found) {
        using Cause = reference::CorrelationDetection::Cause;
        if (d.cause == Cause::kEvent && d.time == 0) continue;  // had no time
        d.time -= kShift;
        if (d.cause == Cause::kEvent) continue;
        for (int64_t* t : {&d.start, &d.end, &d.first, &d.last}) *t -= kShift;
      }
      out.lines = LinesOf(*std::move(found));
      return out;
    };
    Compare(SomeScenario(600001 + i), Plain, shifted, &totals);
  }
  Report("shifted", totals);
}

TEST(CorrelationLaws, OtherNamesOfKeysChangeNothingElse) {
  const auto replaced = [](std::string text, const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
      text.replace(at, from.size(), to);
    }
    return text;
  };
  const auto sorted = [](Outcome outcome) {
    std::sort(outcome.lines.begin(), outcome.lines.end());
    return outcome;
  };
  Totals totals;
  for (uint32_t i = 0; i < Runs(); ++i) {
    const auto renamed = [&](const CorrelationScenario& scenario) {
      CorrelationScenario other = scenario;
      for (CorrelationEvent& event : other.events)
        event.json = replaced(event.json, "\"x\"", "\"zz\"");
      Outcome out = Plain(other);
      for (std::string& line : out.lines) line = replaced(line, "\"zz\"", "\"x\"");
      return sorted(out);
    };
    const CorrelationScenario scenario = SomeScenario(700001 + i);
    // Which of two keys comes first may decide what is suppressed and who is latest.
    const std::string rules = scenario.Rules();
    if (rules.find("suppress") != std::string::npos || rules.find("[rule r") != std::string::npos) {
      continue;
    }
    Compare(
        scenario, [&](const CorrelationScenario& s) { return sorted(Plain(s)); }, renamed, &totals);
  }
  Report("renamed", totals);
}

TEST(CorrelationLaws, OtherRulesAndEventsChangeNothing) {
  Totals totals;
  for (uint32_t i = 0; i < Runs(); ++i) {
    const CorrelationScenario scenario = SomeScenario(800001 + i);
    CorrelationScenario more = SomeScenario(850001 + i);
    for (std::string& rule : more.rules) {
      for (const std::string_view name : {"r0", "r1", "r2", "e0"}) {
        for (size_t at = rule.find(name); at != std::string::npos; at = rule.find(name, at + 8)) {
          rule.replace(at, 2, "other_" + std::string(name));
        }
      }
    }
    const auto among = [&](const CorrelationScenario& s) {
      CorrelationScenario both = s;
      both.rules.insert(both.rules.end(), more.rules.begin(), more.rules.end());
      Outcome out = Plain(both);
      std::erase_if(out.lines, [](const std::string& line) { return line.starts_with("other_"); });
      return out;
    };
    Compare(scenario, Plain, among, &totals);
  }
  Report("among other rules", totals);
}

}  // namespace
}  // namespace vedette
