// Values of the language where they are easily computed wrongly: what the generated tests found.
#include <string>

#include "gtest/gtest.h"
#include "lib/ir/ir.h"
#include "lib/ir/printer.h"
#include "tests/support/tree.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"

namespace vedette {
namespace {

constexpr const char* kEvent =
    R"({"one":1,"text":"007","yes":"true","big":9223372036854775808,"max":9223372036854775807,)"
    R"("double":9007199254740992.0,"near":9007199254740993,"empty":[[],[]],"huge":1e300,"name":"ab"})";

struct Outcome {
  bool fired = false;
  std::string value;
  std::string messages;
};

Outcome RunRule(const std::string& body) {
  RuleSet rules;
  rules.Add("a.vdt", "map m = { \"ab\": 1 } map none = {}\nrule r {" + body + "}");
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  const auto built = compiler.Compile(rules);
  Outcome out;
  for (const Diagnostic& d : built->diagnostics) out.messages += FormatDiagnostic(d);
  const Event event = testing::EventOf(kEvent);
  Evaluator evaluator(built->program);
  const auto matches = evaluator.Evaluate(event.view());
  out.fired = !matches.empty();
  if (!out.fired) return out;
  const Detection detection = evaluator.Describe(event.view(), matches[0]);
  if (!detection.outcomes.empty()) out.value = detection.outcomes[0].second;
  return out;
}

std::string ValueOf(const std::string& value) {
  const Outcome out = RunRule("match any where true outcome { v = " + value + " }");
  return out.fired ? out.value : out.messages;
}

bool Holds(const std::string& condition) { return RunRule("match any where " + condition).fired; }

TEST(VedetteValue, ComparisonWithNullTellsPresence) {
  EXPECT_EQ(ValueOf("if(gone == null, 1, 2)"), "1");
  EXPECT_EQ(ValueOf("if(gone != null, 1, 2)"), "2");
  EXPECT_EQ(ValueOf("if(null == one, 1, 2)"), "2");
  EXPECT_EQ(ValueOf("length(gone) == null"), "true");
  EXPECT_EQ(ValueOf("one != null"), "true");
}

TEST(VedetteValue, FieldAloneIsTheSameTestEverywhere) {
  EXPECT_TRUE(Holds("yes"));
  EXPECT_EQ(ValueOf("if(yes, 1, 2)"), "1");
  EXPECT_EQ(ValueOf("not yes"), "false");
  EXPECT_EQ(ValueOf("if(gone or yes, 1, 2)"), "1");
}

TEST(VedetteValue, LetsAreNoFields) {
  EXPECT_EQ(
      RunRule("let here = one == 1 match any where here outcome { v = if(here, 5, 6) }").value,
      "5");
  EXPECT_EQ(
      RunRule("let a = process where true match any where true outcome { v = if(a, 5, 6) }").fired,
      false);
}

TEST(VedetteValue, NumbersAreComparedExactly) {
  EXPECT_FALSE(Holds("double == 9007199254740993"));
  EXPECT_FALSE(Holds("double >= near"));
  EXPECT_TRUE(Holds("double < near"));
  EXPECT_FALSE(Holds("max >= big"));
  EXPECT_TRUE(Holds("big > 9223372036854775807"));
  EXPECT_TRUE(Holds("huge > big"));
  EXPECT_TRUE(Holds("one < 1.5 and one > -1e300"));
}

TEST(VedetteValue, TextEqualsNumberOnlyAsItIsWritten) {
  EXPECT_FALSE(Holds("text == 7"));
  EXPECT_EQ(ValueOf("text == 7"), "false");
  EXPECT_FALSE(Holds("one + 6 == text"));
  EXPECT_TRUE(Holds("one + 6 <= text"));
}

TEST(VedetteValue, Arithmetic) {
  EXPECT_EQ(ValueOf("huge * huge"), "null");
  EXPECT_EQ(ValueOf("1e300 * 1e300"), "null");
  EXPECT_EQ(ValueOf("one % 0"), "null");
  EXPECT_EQ(ValueOf("one / (2 / 3)"), "null");
  EXPECT_EQ(ValueOf("9007199254740992.0 % 3"), "2");
  EXPECT_EQ(ValueOf("-7.5 % 2"), "0.5");
  EXPECT_NE(ValueOf("huge % -7"), "0");
}

TEST(VedetteValue, NumberReadsSignsAndBases) {
  EXPECT_EQ(ValueOf("number(\"-0x1F\")"), "-31");
  EXPECT_EQ(ValueOf("number(\"+1f\", 16)"), "31");
  EXPECT_EQ(ValueOf("number(\"0x-1F\")"), "null");
  EXPECT_EQ(ValueOf("number(\"0x\")"), "null");
  EXPECT_EQ(ValueOf("number(\"0x10000000000000000\")"), "18446744073709551616");
}

TEST(VedetteValue, TextFunctionsSeeTheTextOfNumbers) {
  EXPECT_EQ(ValueOf("length(one + 11)"), "2");
  EXPECT_EQ(ValueOf("concat(lower(true), substring(1234, 1, 3))"), "\"true23\"");
  EXPECT_TRUE(Holds("startsWith(7, string(one + 6))"));
}

TEST(VedetteValue, ListOfEmptyListsHasNoValue) {
  EXPECT_TRUE(Holds("empty == null"));
  EXPECT_TRUE(Holds("exists(empty)"));
}

TEST(VedetteValue, MapsCanBeWrittenOut) {
  EXPECT_EQ(ValueOf("lookup(name, 5, \"x\", 1, \"ab\", 2)"), "2");
  EXPECT_EQ(ValueOf("lookup(gone, 5, \"x\", 1, \"ab\", 2)"), "5");
  EXPECT_EQ(ValueOf("lookup(none, name, 7)"), "7");
  EXPECT_NE(RunRule("match any where lookup(name, 5, one, 1) == 1").messages, "");
}

// What is printed for a condition reads back as the same.
std::string Printed(const std::string& condition) {
  const RuleSource source{"a.vdt",
                          "map m = { \"ab\": 1 } rule r { match any where " + condition + "}"};
  const RuleSource* const sources[] = {&source};
  IrModule module;
  DiagnosticSink sink;
  VedetteFrontend()->Translate(sources, &module, &sink);
  return module.rules.size() == 1 ? PrintFormula(module.rules[0].condition) : "";
}

TEST(VedetteValue, PrintsWhatReadsBack) {
  for (const char* condition : {"lookup(name, null, \"ab\", 1) == 1", "if(a == null, 1, 2) == 1",
                                "if(a != null, b, c) == d", "\"a\" like \"b\"",
                                "not \"a\" like \"b\"", "startsWith(name, \"ab\")"}) {
    const std::string printed = Printed(condition);
    EXPECT_EQ(Printed(printed), printed) << condition;
  }
  EXPECT_EQ(Printed("lookup(m, name) == 1"), "lookup(name, null, \"ab\", 1) == 1");
  EXPECT_EQ(Printed("if(a != null, b, c) == d"), "if(a != null, b, c) == d");
  EXPECT_EQ(Printed("startsWith(f, concat(\"a\", \"b\"))"), Printed("f startswith \"ab\""));
  EXPECT_EQ(Printed("\"a\" like \"b\""), "\"a\" like \"b\"");
}

}  // namespace
}  // namespace vedette
