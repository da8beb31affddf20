// Formulas of several rules that are evaluated once an event.
#include "lib/program/shared_formulas.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/tree.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"
#include "vedette/saved_program.h"

namespace vedette {
namespace {

std::shared_ptr<const Program> ProgramOf(const std::vector<std::string>& conditions) {
  std::string text;
  for (size_t i = 0; i < conditions.size(); ++i) {
    text += "rule r" + std::to_string(i) + " {\n  match any where " + conditions[i] + "\n}\n";
  }
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add("rules.vdt", text);
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok()) << text;
  EXPECT_EQ(built->stats.rules_loaded, conditions.size()) << text;
  return built->program;
}

uint32_t RootOf(const std::shared_ptr<const Program>& program, size_t rule) {
  return program->layout().nodes[program->layout().rules[rule].root].shared;
}

TEST(SharedFormulasTest, WhateverTheOrder) {
  const auto p = ProgramOf(
      {R"(a == "x" and b == "y")", R"(b == "y" and a == "x")", R"(a == "x" and b == "z")"});
  EXPECT_NE(RootOf(p, 0), 0u);
  EXPECT_EQ(RootOf(p, 0), RootOf(p, 1));
  EXPECT_EQ(RootOf(p, 2), 0u);
  EXPECT_EQ(p->layout().shared_formulas, 1u);
}

TEST(SharedFormulasTest, PartsAreSharedToo) {
  const auto p = ProgramOf({R"(a == "x" and not (b == "y" or c == "z"))",
                            R"(d == "w" and not (c == "z" or b == "y"))",
                            R"(e == "v" and (b == "y" or c == "z"))"});
  // The alternative and its negation; no rule as a whole.
  EXPECT_EQ(p->layout().shared_formulas, 2u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(RootOf(p, i), 0u);
}

TEST(SharedFormulasTest, OtherConnectivesAndFieldsAreOthers) {
  const auto p = ProgramOf({R"(a == "x" and b == "y")", R"(a == "x" or b == "y")",
                            R"(not (a == "x" and c == "y"))", R"(any x in a: (x.b == "y"))",
                            R"(all x in a: (x.b == "y"))", R"(any x in c: (x.b == "y"))"});
  EXPECT_EQ(p->layout().shared_formulas, 0u);
}

TEST(SharedFormulasTest, BlocksAreSharedButNothingInsideThem) {
  const std::string block = R"((x.b == "y" and (x.c == "z" or x.d == "w")))";
  const auto p = ProgramOf({"any x in a: " + block, "any x in a: " + block + R"( and e == "v")",
                            "any x in f: " + block});
  EXPECT_EQ(p->layout().shared_formulas, 1u);
  for (const ProgramNode& node : p->layout().nodes) {
    if (node.relative) {
      EXPECT_EQ(node.shared, 0u);
    }
  }
}

TEST(SharedFormulasTest, LoadedProgramsShareTheSame) {
  const auto p =
      ProgramOf({R"(a == "x" and b == "y")", R"(b == "y" and a == "x" and c == "z")",
                 R"(c == "z" and (b == "y" or a == "x"))", R"(d == "z" or b == "y" and a == "x")"});
  const auto loaded = LoadProgram(SaveProgram(*p));
  ASSERT_TRUE(loaded.ok());
  EXPECT_GT(p->layout().shared_formulas, 0u);
  ASSERT_EQ((*loaded)->layout().nodes.size(), p->layout().nodes.size());
  for (size_t i = 0; i < p->layout().nodes.size(); ++i) {
    EXPECT_EQ((*loaded)->layout().nodes[i].shared, p->layout().nodes[i].shared) << i;
  }
}

// What an event found out is forgotten with it.
TEST(SharedFormulasTest, EveryEventAnew) {
  const auto p = ProgramOf({R"(a == "x" and b == "y")", R"(b == "y" and a == "x" or c == "z")"});
  for (const bool use_index : {true, false}) {
    EvaluatorOptions options;
    options.use_index = use_index;
    options.events_before_index = 0;
    Evaluator evaluator(p, options);
    for (int round = 0; round < 3; ++round) {
      const Event both = testing::EventOf(R"({"a":"x","b":"y"})");
      EXPECT_EQ(evaluator.Evaluate(both.view()).size(), 2u);
      const Event other = testing::EventOf(R"({"a":"x","b":"n","c":"z"})");
      EXPECT_EQ(evaluator.Evaluate(other.view()).size(), 1u);
      const Event none = testing::EventOf(R"({"a":"n","b":"y"})");
      EXPECT_EQ(evaluator.Evaluate(none.view()).size(), 0u);
    }
  }
}

}  // namespace
}  // namespace vedette
