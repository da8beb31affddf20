#include "lib/ir/state_bound.h"

#include "gtest/gtest.h"
#include "vedette/compiler.h"
#include "vedette/frontends/vedette.h"
#include "vedette/saved_program.h"

namespace vedette {
namespace {

// What the program says about `match ..`, also after saving and loading.
std::string StateOf(const std::string& match) {
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add("a.vdt", "rule r {\nmatch " + match + "\n}");
  const auto built = compiler.Compile(rules);
  for (const Diagnostic& d : built->diagnostics) {
    if (d.severity == Severity::kError) return FormatDiagnostic(d);
  }
  const auto loaded = LoadProgram(SaveProgram(*built->program));
  EXPECT_TRUE(loaded.ok());
  const std::string dump = (*loaded)->DumpCorrelation(0);
  EXPECT_EQ(dump, built->program->DumpCorrelation(0));
  const std::string before = "// state per key: ";
  const size_t at = dump.find(before);
  if (at == std::string::npos || dump.back() != '\n') return dump;
  return dump.substr(at + before.size(), dump.size() - at - before.size() - 1);
}

TEST(StateBound, Sequences) {
  EXPECT_EQ(StateOf("sequence by k within 5m [any where a] [any where b] [any where c]"),
            "3 stages, at most 2 open partial matches within 5m");
  EXPECT_EQ(StateOf("sequence [any where a] with runs=3 [any where b]"),
            "4 stages, at most 3 open partial matches, whatever the time");
  // A stage that looks at an earlier one may need another than the latest.
  EXPECT_EQ(StateOf("sequence within 5m [any where a] x: [any where b] [any where c == x.c]"),
            "3 stages, at most 17 open partial matches within 5m");
  EXPECT_EQ(StateOf("sequence within 5m [any where a] [any where b] select all up to 4"),
            "2 stages, at most 16 open partial matches within 5m");
  EXPECT_EQ(StateOf("sequence within 5m x: [any where a] count >= 5 y: [any where b] "
                    "outcome { hosts = distinct(x.h) user = y.`user-id` }"),
            "2 stages, at most 16 open partial matches within 5m; a counted stage holds as many "
            "events as come in that time, at most 100,000, with x.h, y.`user-id`");
  EXPECT_EQ(StateOf("sequence within 5m [any where a] distinct(b) >= 2"),
            "1 stage, at most 16 open partial matches within 5m; a counted stage holds as many "
            "events as come in that time, at most 100,000");
  EXPECT_EQ(StateOf("sequence within 5m ![any where a] [any where b] ![any where c] [any where d] "
                    "![any where e]"),
            "2 stages, at most 1 open partial match within 5m; the last event that must not come "
            "before; at most 64 matches that wait for their end");
}

TEST(StateBound, OtherShapes) {
  EXPECT_EQ(
      StateOf("window 10m by k s: [any where a] having count(s) > 3"),
      "the times of the events of one window (as many as come within 10m, at most 1,000,000), "
      "and the first and last of them whole");
  EXPECT_EQ(StateOf("window 10m tumbling s: [any where a] having distinct(s.f) > 3"),
            "the events of one tumbling window (as many as come within 10m, at most 1,000,000), "
            "with s.f");
  EXPECT_EQ(
      StateOf("window 1h session gap 5m s: [any where a] having count(s) > 3"),
      "the times of the events of one session (as many as come within 1h, at most 1,000,000), "
      "and the first and last of them whole");
  EXPECT_EQ(StateOf("all within 5m [any where a] [any where b]"),
            "2 slots, the last 2 events of each within 5m");
  EXPECT_EQ(StateOf("sample by k [any where a] [any where b] [any where c]"),
            "3 slots, the last 3 events of each until all are filled");
  EXPECT_EQ(StateOf("all within 5m x: [any where a] [any where b] outcome { n = count(x) }"),
            "2 slots, the last 2 events of each within 5m; the times of the events of one window "
            "(as many as come within 5m, at most 1,000,000), and the first and last of them whole");
  EXPECT_EQ(StateOf("absence of [any where a] by k for 1d"), "the last event and one timer");
  EXPECT_EQ(StateOf("new value of f in [any where a] history 30d"),
            "at most 65,536 values and when they were last seen, for 30d");
  EXPECT_EQ(StateOf("new value of f in [any where a]"),
            "at most 65,536 values and when they were last seen");
  EXPECT_EQ(StateOf("descendant of [any where a] [any where b]"),
            "the ids of the processes that are followed, whatever the time, at most 262,144, and "
            "their ancestors");
  EXPECT_EQ(StateOf("absence of x: [any where a] by k for 1d suppress by k for 2h"),
            "the last event and one timer; one time for each key of the suppression, for 2h");
}

}  // namespace
}  // namespace vedette
