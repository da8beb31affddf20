// Evaluation as seen from outside: shapes, vocabularies, routing, evidence, explanations, limits.
#include "vedette/evaluator.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette {
namespace {

std::shared_ptr<const Program> Compile(const std::string& yaml) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  rules.Add("rules.yml", yaml);
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok());
  for (const Diagnostic& d : built->diagnostics) {
    EXPECT_NE(d.severity, Severity::kError) << FormatDiagnostic(d);
  }
  return built->program;
}

constexpr char kShell[] = R"(
title: Encoded command
id: 2d7a4c1e-5b7f-4d0a-8a53-0f6f3f1c9b01
level: high
author: Someone
tags: [attack.execution, attack.t1059.001]
references: [https://example.org/r]
falsepositives: [Admin scripts]
logsource: {product: windows, category: process_creation}
detection:
  selection_img:
    Image|endswith: '\powershell.exe'
  selection_cmd:
    CommandLine|contains: ' -enc'
    ParentImage|endswith: '\winword.exe'
  filter:
    User: 'SYSTEM'
  condition: all of selection_* and not filter
)";

std::vector<std::string> Fired(const std::shared_ptr<const Program>& program,
                               const std::string& json) {
  Event event;
  JsonParser parser;
  EXPECT_TRUE(parser.Parse(json, &event).ok()) << json;
  Evaluator evaluator(program);
  std::vector<std::string> titles;
  for (const Match& m : evaluator.Evaluate(event.view())) {
    titles.push_back(program->rule(m.rule).title);
  }
  return titles;
}

TEST(Evaluator, OneRuleMatchesEveryShape) {
  const auto program = Compile(kShell);
  const std::vector<std::string> hit = {"Encoded command"};
  EXPECT_EQ(Fired(program, R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,
    "Image":"C:\\W\\PowerShell.exe","CommandLine":"p -Enc x","ParentImage":"C:\\o\\WINWORD.EXE"})"),
            hit);
  EXPECT_EQ(Fired(program, R"({"Event":{"System":{"Channel":"Microsoft-Windows-Sysmon/Operational",
    "EventID":{"#text":1,"#attributes":{"Qualifiers":0}},"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}}},
    "EventData":{"Image":"C:\\W\\PowerShell.exe","CommandLine":"p -Enc x","ParentImage":"C:\\o\\WINWORD.EXE"}}})"),
            hit);
  EXPECT_EQ(
      Fired(
          program,
          R"({"@timestamp":"2026-01-01T00:00:00Z","winlog":{"channel":"Microsoft-Windows-Sysmon/Operational",
    "event_id":"1","provider_name":"Microsoft-Windows-Sysmon","event_data":{"Image":"C:\\W\\PowerShell.exe",
    "CommandLine":"p -Enc x","ParentImage":"C:\\o\\WINWORD.EXE"}}})"),
      hit);
  EXPECT_EQ(
      Fired(
          program,
          R"({"@timestamp":"2026-01-01T00:00:00Z","winlog":{"channel":"Microsoft-Windows-Sysmon/Operational",
    "event_id":1},"process":{"executable":"C:\\W\\PowerShell.exe","command_line":"p -Enc x",
    "parent":{"executable":"C:\\o\\WINWORD.EXE"}}})"),
      hit);
  EXPECT_EQ(Fired(program,
                  R"({"Channel":"Security","EventID":4688,"NewProcessName":"C:\\W\\PowerShell.exe",
    "CommandLine":"p -Enc x","ParentProcessName":"C:\\o\\WINWORD.EXE"})"),
            hit);
}

TEST(Evaluator, LogSourceIsAFilter) {
  const auto program = Compile(kShell);
  EXPECT_TRUE(Fired(program, R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":3,
    "Image":"C:\\W\\PowerShell.exe","CommandLine":"p -Enc x","ParentImage":"C:\\o\\WINWORD.EXE"})")
                  .empty());
  Evaluator evaluator(program);
  Event event;
  ASSERT_TRUE(JsonParser()
                  .Parse(R"({"Image":"C:\\W\\PowerShell.exe","CommandLine":"p -Enc x",
      "ParentImage":"C:\\o\\WINWORD.EXE"})",
                         &event)
                  .ok());
  EXPECT_TRUE(evaluator.Evaluate(event.view()).empty());
  EXPECT_EQ(evaluator.stats().events_without_log_source, 1U);
  event.set_log_source({"windows", "process_creation", ""});
  EXPECT_EQ(evaluator.Evaluate(event.view()).size(), 1U);
}

TEST(Evaluator, TheHeaderTellsTheLogSourceAndTheDataTheField) {
  // "A log was cleared" names the other log in a field that is called like the header's.
  const auto program = Compile(
      "title: cleared\nlogsource: {product: windows, service: system}\ndetection:\n  s:\n"
      "    EventID: 104\n    Channel: 'Windows PowerShell'\n  condition: s\n");
  EXPECT_EQ(Fired(program, R"({"Event":{"System":{"EventID":104,"Channel":"System"},"UserData":
    {"LogFileCleared":{"Channel":"Windows PowerShell"}}}})"),
            std::vector<std::string>{"cleared"});
}

TEST(Evaluator, DetectionsSayWhy) {
  const auto program = Compile(kShell);
  Evaluator evaluator(program);
  Event event;
  ASSERT_TRUE(JsonParser()
                  .Parse(R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,
    "UtcTime":"2026-11-25 10:00:00.5","Image":"C:\\W\\PowerShell.exe","CommandLine":"p -Enc x",
    "ParentImage":"C:\\o\\WINWORD.EXE"})",
                         &event)
                  .ok());
  event.set_ref("host.jsonl", 7);
  const auto matches = evaluator.Evaluate(event.view());
  ASSERT_EQ(matches.size(), 1U);
  const Detection d = evaluator.Describe(event.view(), matches[0]);
  EXPECT_EQ(d.meta().author, "Someone");
  EXPECT_EQ(d.meta().level, Level::kHigh);
  EXPECT_EQ(FormatEventTime(d.time), "2026-11-25T10:00:00.5Z");
  EXPECT_EQ(d.log_source.ToString(), "windows/process_creation/sysmon");
  EXPECT_EQ(d.event_source, "host.jsonl");
  EXPECT_EQ(d.event_line, 7U);
  ASSERT_EQ(d.matched.size(), 3U);
  EXPECT_EQ(d.matched[0].field, "Image");
  EXPECT_EQ(d.matched[0].value, "C:\\W\\PowerShell.exe");
  EXPECT_EQ(d.matched[0].selection, "selection_img");
  EXPECT_EQ(d.matched[1].field, "CommandLine");
  const std::string json = DetectionToJson(d);
  Event parsed;
  ASSERT_TRUE(JsonParser().Parse(json, &parsed).ok()) << json;
  EXPECT_EQ(parsed.root().Find("title").string(), "Encoded command");
  EXPECT_EQ(parsed.root().Find("falsepositives").list().size(), 1U);
}

TEST(Evaluator, ExplainsWhyNot) {
  const auto program = Compile(kShell);
  Evaluator evaluator(program);
  Event event;
  ASSERT_TRUE(JsonParser()
                  .Parse(R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,
    "Image":"C:\\W\\cmd.exe","CommandLine":"p -Enc x"})",
                         &event)
                  .ok());
  const Explanation e = evaluator.Explain(event.view(), 0);
  EXPECT_FALSE(e.result);
  const std::string text = FormatExplanation(e);
  EXPECT_NE(text.find("+ log source windows/process_creation/-"), std::string::npos) << text;
  EXPECT_NE(text.find("value is 'C:\\W\\cmd.exe'"), std::string::npos) << text;
  EXPECT_NE(text.find("no such field in this event"), std::string::npos) << text;
  EXPECT_NE(text.find("selection_img"), std::string::npos) << text;
}

TEST(Evaluator, HugeAndBrokenValues) {
  const auto program = Compile(
      "title: end\nlogsource: {category: test}\ndetection:\n  s:\n    f|endswith: 'zz'\n  "
      "condition: s\n"
      "---\ntitle: start\nlogsource: {category: test}\ndetection:\n  s:\n    f|startswith: 'aa'\n  "
      "condition: s\n"
      "---\ntitle: nul\nlogsource: {category: test}\ndetection:\n  s:\n    g|contains: 'after'\n  "
      "condition: s\n");
  Evaluator evaluator(program);
  Event event;
  const std::string json =
      "{\"f\":\"" + std::string(10 << 20, 'a') + "zz\",\"g\":\"a\\u0000after\"}";
  ASSERT_TRUE(JsonParser().Parse(json, &event).ok());
  event.set_log_source({"", "test", ""});
  const auto matches = evaluator.Evaluate(event.view());
  ASSERT_EQ(matches.size(), 3U) << "a value is looked at to its end";
  EXPECT_EQ(program->rule(matches[2].rule).title, "nul");
  EXPECT_EQ(evaluator.stats().rules_undecided, 0U);
  const Detection d = evaluator.Describe(event.view(), matches[0]);
  EXPECT_LE(d.matched[0].value.size(), EvaluatorOptions().max_value_bytes + 3);
}

// Beyond the budget a rule is undecided, whichever way its verdict would have gone; nothing is
// concluded from a part of a value.
TEST(Evaluator, WhatCostsTooMuchIsCountedNotGuessed) {
  std::string rules;
  for (const char* test : {"f|startswith: 'aa'", "f|contains: 'zz'", "f|contains: 'no'",
                           "f|re: 'zz$'", "f: 'a*zz'", "f|endswith: 'zz'"}) {
    for (const char* condition : {"s", "not s"}) {
      rules += std::string(rules.empty() ? "" : "---\n") + "title: '" + condition + "'\n" +
               "logsource: {category: test}\ndetection:\n  s:\n    " + test +
               "\n  condition: " + condition + "\n";
    }
  }
  const auto program = Compile(rules);
  Event event;
  const std::string json = "{\"f\":\"" + std::string(1 << 20, 'a') + "zz\"}";
  ASSERT_TRUE(JsonParser().Parse(json, &event).ok());
  event.set_log_source({"", "test", ""});
  Evaluator unlimited(program);
  const std::vector<Match> truth(unlimited.Evaluate(event.view()).begin(),
                                 unlimited.Evaluate(event.view()).end());
  EXPECT_EQ(truth.size(), program->rule_count() / 2) << "each test or its negation";
  for (size_t budget = 0; budget < (size_t{40} << 20); budget += size_t{1} << 20) {
    Evaluator evaluator(program, {.max_scan_bytes = budget});
    const auto matches = evaluator.Evaluate(event.view());
    for (const Match& match : matches) {
      EXPECT_TRUE(std::any_of(truth.begin(), truth.end(), [&match](const Match& m) {
        return m.rule == match.rule;
      })) << budget;
    }
    EXPECT_GE(matches.size() + evaluator.stats().rules_undecided, truth.size()) << budget;
    EXPECT_EQ(evaluator.stats().events_undecided, evaluator.stats().rules_undecided > 0 ? 1U : 0U);
  }
}

TEST(Compiler, SaysWhatIsMissing) {
  EXPECT_EQ(Compiler().Compile(RuleSet()).status().code(), absl::StatusCode::kFailedPrecondition);
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  rules.Add("a.txt", "hello");
  rules.Add("b.yml",
            "title: huge regex\nlogsource: {category: test}\ndetection:\n  s:\n"
            "    f|re: '((a{100}){100}){100}'\n  condition: s\n");
  rules.Add(
      "c.yml",
      "title: good\nlogsource: {category: test}\ndetection:\n  s:\n    f: 1\n  condition: s\n");
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(built->stats.rules_loaded, 1U);
  EXPECT_EQ(built->stats.rules_skipped, 2U);
  EXPECT_EQ(built->program->rule(0).title, "good");
}

TEST(Program, FingerprintIsOfMeaning) {
  const auto a = Compile(
      "title: a\nlogsource: {category: test}\ndetection:\n  s:\n    f: x\n  condition: s\n");
  const auto b = Compile(
      "title: b\nlogsource: {category: test}\ndetection:\n  q:\n    f: x\n  condition: q\n");
  const auto c = Compile(
      "title: a\nlogsource: {category: test}\ndetection:\n  s:\n    f: y\n  condition: s\n");
  EXPECT_EQ(a->fingerprint(0), b->fingerprint(0));
  EXPECT_NE(a->fingerprint(0), c->fingerprint(0));
}

}  // namespace
}  // namespace vedette
