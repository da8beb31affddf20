#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/ir/ir.h"
#include "lib/ir/printer.h"
#include "lib/ir/verifier.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/elastic.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"
#include "vedette/json.h"

namespace vedette::inline v0 {
namespace {

// A rule file around the lines that matter to a test.
std::string Toml(std::string_view lines) {
  return "[rule]\nname = \"Sample\"\nrule_id = \"sample-1\"\n" + std::string(lines);
}

struct Loaded {
  explicit Loaded(std::string text, const ElasticOptions& options = {},
                  std::string name = "rule.toml")
      : source{std::move(name), std::move(text)} {
    const RuleSource* sources[] = {&source};
    const auto frontend = ElasticFrontend(options);
    accepted = frontend->Accepts(source);
    frontend->Translate(sources, &module, &sink);
    for (const IrRule& rule : module.rules) EXPECT_TRUE(VerifyRule(rule).ok());
    for (const CorrelationSpec& spec : module.correlations) {
      EXPECT_TRUE(VerifyCorrelation(spec, module).ok()) << VerifyCorrelation(spec, module).message;
    }
  }

  size_t size() const { return module.rules.size() + module.correlations.size(); }
  std::string Codes() const {
    std::string out;
    for (const Diagnostic& d : sink.diagnostics()) {
      out += (out.empty() ? "" : " ") + d.code;
      EXPECT_FALSE(d.message.empty());
      EXPECT_EQ(d.source, source.name);
    }
    return out;
  }
  // The text that the first diagnostic points at.
  std::string Caret() const {
    if (sink.diagnostics().empty()) return "";
    const Diagnostic& d = sink.diagnostics()[0];
    const std::string line = SourceLine(source.text, d.span.line);
    if (d.span.column == 0 || d.span.column > line.size() + 1) return "?";
    return line.substr(d.span.column - 1, d.span.length);
  }
  uint32_t Line() const { return sink.diagnostics().empty() ? 0 : sink.diagnostics()[0].span.line; }
  // The only correlation without its metadata.
  std::string Text() const {
    if (module.correlations.size() != 1) return "none";
    CorrelationSpec spec = module.correlations[0];
    ExpectReadsBack(FormatVedette(PrintCorrelation(spec, "r")), spec);
    spec.meta = {};
    const std::string text = FormatVedette(PrintCorrelation(spec, "r"));
    ExpectReadsBack(text, spec);
    const size_t match = text.find("  match");
    return match == std::string::npos ? text : text.substr(match, text.rfind('}') - match);
  }
  std::string Condition() const {
    return module.rules.size() == 1 ? PrintFormula(module.rules[0].condition) : "none";
  }
  std::string Outcomes() const {
    const RuleActions& actions =
        module.rules.empty() ? module.correlations.at(0).actions : module.rules[0].actions;
    std::string out;
    for (const auto& [key, value] : actions.outcomes) {
      out += (out.empty() ? "" : "; ") + key + " = " + PrintExpr(value);
    }
    return out;
  }
  const RuleMeta& meta() const {
    return module.rules.empty() ? module.correlations.at(0).meta : module.rules[0].meta;
  }
  std::string Custom(std::string_view key) const {
    for (const auto& [name, value] : meta().custom) {
      if (name == key) return value;
    }
    return "";
  }

  // What a correlation prints as means the same in the language.
  static void ExpectReadsBack(const std::string& text, const CorrelationSpec& spec) {
    const RuleSource printed{"r.vdt", text};
    const RuleSource* sources[] = {&printed};
    IrModule again;
    DiagnosticSink sink;
    VedetteFrontend()->Translate(sources, &again, &sink);
    ASSERT_EQ(again.correlations.size(), 1u) << text;
    EXPECT_TRUE(again.correlations[0] == spec) << text;
  }

  RuleSource source;
  bool accepted = false;
  IrModule module;
  DiagnosticSink sink;
};

// The detections of `rules` for one event, as title and outcomes.
std::vector<std::string> Detections(std::string_view text, const char* json,
                                    const ElasticOptions& options = {}) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  compiler.AddFrontend(VedetteFrontend());
  compiler.AddFrontend(ElasticFrontend(options));
  RuleSet rules;
  rules.Add("rule.toml", std::string(text));
  const auto built = compiler.Compile(rules);
  std::vector<std::string> out;
  if (!built.ok()) return {"no program"};
  EXPECT_EQ(built->stats.rules_loaded, 1u);
  Event event;
  EXPECT_TRUE(JsonParser().Parse(json, &event).ok()) << json;
  Evaluator evaluator(built->program);
  for (const Match& match : evaluator.Evaluate(event.view())) {
    const Detection d = evaluator.Describe(event.view(), match);
    std::string line(built->program->rule(match.rule).display_name());
    for (const auto& [key, value] : d.outcomes) line += " " + key + "=" + value;
    out.push_back(std::move(line));
  }
  return out;
}
using Texts = std::vector<std::string>;

// ---- Event rules ---------------------------------------------------------------------------

constexpr std::string_view kEqlEvent = R"(type = "eql"
language = "eql"
severity = "high"
risk_score = 73
query = '''
process where event.type == "start" and
  process.name : "tool*.exe" and not user.name == "builder"
'''
)";

TEST(ElasticFrontend, EqlEvent) {
  const std::string rule = Toml(kEqlEvent);
  const Loaded loaded(rule);
  EXPECT_TRUE(loaded.accepted);
  EXPECT_EQ(loaded.Codes(), "");
  EXPECT_EQ(loaded.Condition(), R"(event.category == "process" and (event.type == "start" and )"
                                R"(process.name : "tool*.exe" and user.name != "builder"))");
  EXPECT_EQ(Detections(rule, R"({"event":{"category":["process"],"type":["start"]},)"
                             R"("process":{"name":"Tool1.exe"},"user":{"name":"ann"}})"),
            Texts{"Sample risk_score=73"});
  EXPECT_EQ(Detections(rule, R"({"event":{"category":["process"],"type":["start"]},)"
                             R"("process":{"name":"Tool1.exe"},"user":{"name":"builder"}})"),
            Texts{});
  EXPECT_EQ(Detections(rule, R"({"event":{"category":["file"],"type":["start"]},)"
                             R"("process":{"name":"Tool1.exe"}})"),
            Texts{});
}

TEST(ElasticFrontend, EventCategoryOverride) {
  const std::string rule = Toml(
      "type = \"eql\"\nlanguage = \"eql\"\nevent_category_override = \"event.kind\"\n"
      "query = 'signal where event.category == \"x\"'\n");
  EXPECT_EQ(Loaded(rule).Condition(), R"(event.kind == "signal" and event.category == "x")");
  EXPECT_EQ(Loaded(rule).Custom("event_category_override"), "event.kind");
  EXPECT_EQ(Detections(rule, R"({"event":{"kind":"signal","category":"x"}})"), Texts{"Sample"});
  EXPECT_EQ(Detections(rule, R"({"event":{"kind":"event","category":"x"}})"), Texts{});
}

TEST(ElasticFrontend, KqlQuery) {
  const std::string rule = Toml(R"(type = "query"
language = "kuery"
query = '''
event.dataset: "sample.audit" and user.name: * and
  not source.ip: (10.0.0.0/8 or "192.168.0.0/16")
'''
)");
  EXPECT_EQ(Loaded(rule).Codes(), "");
  EXPECT_EQ(Detections(rule, R"({"event":{"dataset":"sample.audit"},"user":{"name":["a",null]},)"
                             R"("source":{"ip":"1.2.3.4"}})"),
            Texts{"Sample"});
  EXPECT_EQ(Detections(rule, R"({"event":{"dataset":"sample.audit"},"user":{"name":null},)"
                             R"("source":{"ip":"1.2.3.4"}})"),
            Texts{});
  EXPECT_EQ(Detections(rule, R"({"event":{"dataset":"sample.audit"},"user":{"name":"a"},)"
                             R"("source":{"ip":"10.2.3.4"}})"),
            Texts{});
}

TEST(ElasticFrontend, LanguageMayBeLeftOut) {
  EXPECT_EQ(Loaded(Toml("type = \"query\"\nquery = 'a: b'\n")).Condition(), "a == \"b\"");
  EXPECT_EQ(Loaded(Toml("type = \"eql\"\nquery = 'any where true'\n")).Condition(), "true");
}

TEST(ElasticFrontend, SavedQuery) {
  EXPECT_EQ(Loaded(Toml("type = \"saved_query\"\nsaved_id = \"s\"\nquery = 'a: b'\n")).Condition(),
            "a == \"b\"");
  const Loaded loaded(Toml("type = \"saved_query\"\nsaved_id = \"s\"\n"));
  EXPECT_EQ(loaded.Codes(), "ELA0020");
  EXPECT_EQ(loaded.size(), 0u);
}

TEST(ElasticFrontend, ThreatMatch) {
  const Loaded loaded(Toml(R"(type = "threat_match"
language = "kuery"
query = "event.category: network"
threat_index = ["ti-*", "more-ti"]
threat_query = "@timestamp >= \"now-30d\""
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = "source.ip"
type = "mapping"
value = "threat.indicator.ip"
[[rule.threat_mapping.entries]]
field = "destination.port"
type = "mapping"
value = "threat.indicator.port"
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = "dns.question.name"
type = "mapping"
negate = true
value = "threat.indicator.url.domain"
)"));
  EXPECT_EQ(loaded.Codes(), "");
  EXPECT_EQ(loaded.Condition(),
            R"(event.category == "network" and (inSet(source.ip, "ti-*,more-ti", )"
            R"("threat.indicator.ip", destination.port, "threat.indicator.port") or )"
            R"(not inSet(dns.question.name, "ti-*,more-ti", "threat.indicator.url.domain")))");
  EXPECT_EQ(loaded.Custom("threat_index"), "ti-*, more-ti");
  EXPECT_EQ(loaded.Custom("threat_query"), "@timestamp >= \"now-30d\"");
  const Loaded path(Toml(R"(type = "threat_match"
query = "*"
threat_index = ["ti-*"]
threat_indicator_path = "threat.indicator"
[[rule.threat_mapping]]
entries = [{ field = "a", type = "mapping", value = "b" }]
)"));
  EXPECT_EQ(path.Condition(), R"(inSet(a, "threat.indicator", "b"))");
}

// ---- Rules over several events ----------------------------------------------------------------

TEST(ElasticFrontend, Sequence) {
  const Loaded loaded(Toml(R"(type = "eql"
language = "eql"
from = "now-9m"
query = '''
sequence by host.id, user.id with maxspan=1m
  [process where process.name == "a.exe"] with runs=3
  [network where destination.port == 443]
'''
)"));
  EXPECT_EQ(loaded.Codes(), "");
  EXPECT_EQ(loaded.Text(), R"(  match sequence by host.id, user.id within 1m
    [process where process.name == "a.exe"] with runs=3
    [network where destination.port == 443]
)");
}

TEST(ElasticFrontend, SequenceWithoutSpanHasThatOfTheRule) {
  const std::string query =
      "query = 'sequence by a [any where b == 1] [any where c == 1] until [any where d == 1]'\n";
  const Loaded loaded(Toml("type = \"eql\"\nfrom = \"now-9m\"\n" + query));
  EXPECT_EQ(loaded.Codes(), "");
  EXPECT_EQ(loaded.Text(), R"(  match sequence by a within 9m
    [any where b == 1]
    [any where c == 1]
    until [any where d == 1]
)");
  const Loaded without(Toml("type = \"eql\"\n" + query));
  EXPECT_EQ(without.module.correlations.at(0).span_ns, int64_t{360} * 1'000'000'000);
  ElasticOptions options;
  options.default_lookback_ns = 1'000'000'000;
  const Loaded other(Toml("type = \"eql\"\n" + query), options);
  EXPECT_EQ(other.module.correlations.at(0).span_ns, 1'000'000'000);
}

TEST(ElasticFrontend, Sample) {
  const Loaded loaded(
      Toml("type = \"eql\"\nquery = 'sample by host [any where a == 1] [any where b == 2]'\n"));
  EXPECT_EQ(loaded.Codes(), "");
  EXPECT_EQ(loaded.Text(), R"(  match sample by host
    [any where a == 1]
    [any where b == 2]
)");
}

TEST(ElasticFrontend, Threshold) {
  const Loaded loaded(Toml(R"(type = "threshold"
language = "kuery"
query = "event.outcome: failure"
from = "now-1h"
risk_score = 47
[rule.threshold]
field = ["source.ip", "user.name"]
value = 25
[[rule.threshold.cardinality]]
field = "host.name"
value = 3
[[rule.threshold.cardinality]]
field = "process.name"
value = 2
)"));
  EXPECT_EQ(loaded.Codes(), "");
  EXPECT_EQ(loaded.Text(), R"(  match window 1h by source.ip, user.name
    events: [any where event.outcome == "failure"]
  having (count(events) >= 25 and distinct(events.host.name) >= 3)
      and distinct(events.process.name) >= 2
  rearm reset
  outcome {
    risk_score = 47
  }
)");
  const Loaded all(
      Toml("type = \"threshold\"\nquery = \"a: b\"\n[rule.threshold]\nfield = []\nvalue = 2\n"));
  EXPECT_EQ(all.Text(), R"(  match window 6m
    events: [any where a == "b"]
  having count(events) >= 2
  rearm reset
)");
}

TEST(ElasticFrontend, NewTerms) {
  const Loaded loaded(Toml(R"(type = "new_terms"
language = "kuery"
query = "event.action: logon"
risk_score = 21
[rule.new_terms]
field = "new_terms_fields"
value = ["user.name", "host.name"]
[[rule.new_terms.history_window_start]]
field = "history_window_start"
value = "now-14d"
)"));
  EXPECT_EQ(loaded.Codes(), "");
  EXPECT_EQ(loaded.Text(),
            "  match new value of user.name, host.name in events: "
            "[any where event.action == \"logon\"] history 14d\n"
            "  outcome {\n    risk_score = 21\n  }\n");
  const Loaded json(
      R"({"rule_id":"x","name":"X","type":"new_terms","query":"a: b","language":"kuery",)"
      R"("new_terms_fields":["c"],"history_window_start":"now-1d-12h"})",
      {}, "rules.ndjson");
  EXPECT_EQ(json.Text(), "  match new value of c in events: [any where a == \"b\"] history 36h\n");
}

// ---- What rules are refused for ----------------------------------------------------------------

TEST(ElasticFrontend, UnsupportedTypesAreNamed) {
  for (const std::string_view lines :
       {"type = \"esql\"\nlanguage = \"esql\"\nquery = 'from logs-*'\n",
        "type = \"machine_learning\"\nmachine_learning_job_id = \"j\"\n",
        "type = \"query\"\nlanguage = \"lucene\"\nquery = 'a:b'\n"}) {
    const Loaded loaded{Toml(lines)};
    EXPECT_EQ(loaded.Codes(), "ELA0020") << lines;
    EXPECT_EQ(loaded.size(), 0u);
    EXPECT_EQ(loaded.sink.diagnostics().at(0).rule, "Sample");
    EXPECT_EQ(loaded.sink.errors(), 1u);
  }
}

struct Wrong {
  std::string_view lines;
  std::string_view codes;
  std::string_view caret;
};

constexpr Wrong kWrong[] = {
    {"type = \"query\"\nlanguage = \"eql\"\nquery = 'a: b'\n", "ELA0025", "language"},
    {"type = \"eql\"\nlanguage = \"kuery\"\nquery = 'a: b'\n", "ELA0025", "language"},
    {"type = \"query\"\nquery = 'a: b and'\n", "ELA0021", ""},
    {"type = \"query\"\nquery = 'a: (b'\n", "ELA0021", ""},
    {"type = \"query\"\nquery = 'a* : b'\n", "ELA0022", "a* : b"},
    {"type = \"query\"\nquery = '''\nx: y and\n  at > yesterday'''\n", "ELA0022", "at > yesterday"},
    {"type = \"query\"\nquery = \"x: \\\"\\u00e4\\\" and a < b\"\n", "ELA0022", "a < b"},
    {"type = \"eql\"\nquery = 'process where nme ='\n", "VDT0003", ""},
    {"type = \"eql\"\nquery = '''\nany where\n  length(a, b) == 1'''\n", "VDT0013", ""},
    {"type = \"eql\"\nquery = 'any where true | head 5'\n", "VDT0009", ""},
    {"type = \"eql\"\nquery = 'any where a == 1'\nevent_category_override = \".\"\n", "ELA0024",
     "event_category_override"},
    {"type = \"eql\"\nquery = 'sequence [any where true]'\n", "VDT0015", ""},
    {"type = \"query\"\nquery = 'a: b'\nfrom = \"yesterday\"\n", "ELA0023", "from"},
    {"type = \"query\"\nquery = 'a: b'\nfrom = \"now\"\n", "ELA0023", "from"},
    {"type = \"query\"\nquery = 'a: b'\nfrom = \"now-9x\"\n", "ELA0023", "from"},
    {"type = \"query\"\nquery = 'a: b'\nfrom = \"now-9m\"\nto = \"now-10m\"\n", "ELA0023", "from"},
    {"type = \"query\"\nquery = 'a: b'\ninterval = \"often\"\n", "ELA0023", "interval"},
    {"type = \"query\"\nquery = 'a: b'\ninterval = \"0m\"\n", "ELA0023", "interval"},
    {"type = \"threshold\"\nquery = 'a: b'\nthreshold = { field = [\"a.*\"], value = 2 }\n",
     "ELA0024", ""},
    {"type = \"threshold\"\nquery = 'a: b'\n"
     "threshold = { value = 2, cardinality = [{ field = \"*\", value = 2 }] }\n",
     "ELA0024", ""},
    {"type = \"new_terms\"\nquery = 'a: b'\nnew_terms_fields = [\"c\"]\n"
     "history_window_start = \"2024-01-01\"\n",
     "ELA0023", "history_window_start"},
    {"type = \"new_terms\"\nquery = 'a: b'\nnew_terms_fields = [\"c\"]\n"
     "history_window_start = \"now\"\n",
     "ELA0023", "history_window_start"},
    {"type = \"query\"\nquery = 'a: b'\nalert_suppression = { duration = { value = 1 } }\n",
     "ELA0023", ""},
    {"type = \"query\"\nquery = 'a: b'\n"
     "alert_suppression = { duration = { value = 1, unit = \"h\" } }\n",
     "ELA0024", "alert_suppression"},
    {"type = \"query\"\nquery = 'a: b'\n"
     "alert_suppression = { group_by = [\"a\"], missing_fields_strategy = \"guess\" }\n",
     "ELA0024", ""},
    {"type = \"query\"\nquery = 'a: b'\n"
     "severity_mapping = [{ field = \"a\", severity = \"extreme\", value = \"1\" }]\n",
     "ELA0024", ""},
    {"type = \"query\"\nquery = 'a: b'\n"
     "risk_score_mapping = [{ field = \"a\", operator = \"above\", value = \"\" }]\n",
     "ELA0024", ""},
};

TEST(ElasticFrontend, WrongRulesAreLeftOut) {
  for (const Wrong& row : kWrong) {
    const Loaded loaded{Toml(row.lines)};
    EXPECT_EQ(loaded.Codes(), row.codes) << row.lines;
    EXPECT_EQ(loaded.size(), 0u) << row.lines;
    EXPECT_GE(loaded.Line(), 3u) << row.lines;
    if (!row.caret.empty()) {
      EXPECT_EQ(loaded.Caret(), row.caret) << row.lines;
    }
    for (const Diagnostic& d : loaded.sink.diagnostics()) EXPECT_EQ(d.rule, "Sample");
  }
}

TEST(ElasticFrontend, PlacesOfQueriesAreThoseOfTheFile) {
  const Loaded kql(Toml("type = \"query\"\nquery = '''\na: b and\n  c > later\n'''\n"));
  EXPECT_EQ(kql.Line(), 7u);
  EXPECT_EQ(kql.Caret(), "c > later");
  const Loaded eql(Toml("type = \"eql\"\nquery = '''\nany where a == 1 and\n  b ==== 2\n'''\n"));
  EXPECT_EQ(eql.Line(), 7u);
  EXPECT_TRUE(eql.sink.diagnostics().at(0).line_text.starts_with("  b ==== 2"));
  // The places of formulas, too: explanations show them.
  const Loaded good(Toml("type = \"eql\"\nquery = '''\nany where\n  a == 1\n'''\n"));
  EXPECT_EQ(good.module.rules.at(0).condition.span.line, 7u);
  EXPECT_EQ(good.module.rules.at(0).condition.span.column, 3u);
}

// ---- Metadata, outcomes, suppression, exceptions ----------------------------------------------

TEST(ElasticFrontend, Metadata) {
  const Loaded loaded(R"([metadata]
creation_date = "2024/03/05"
updated_date = "2024/04/06"
integration = ["one", "two"]
maturity = "deprecated"

[rule]
author = ["A. Tester", "B. Tester"]
building_block_type = "default"
description = "What it is."
enabled = false
false_positives = ["Rehearsals"]
from = "now-9m"
index = ["logs-*", "other-*"]
interval = "10m"
language = "kuery"
license = "Apache-2.0"
max_signals = 50
name = "A title"
query = "a: b"
references = ["https://example.org"]
risk_score = 50
rule_id = "0f1e"
tags = ["Use Case: Sample"]
timestamp_override = "event.ingested"
type = "query"
[[rule.threat]]
framework = "MITRE ATT&CK"
[[rule.threat.technique]]
id = "T1059"
name = "N"
reference = "r"
[rule.threat.tactic]
id = "TA0002"
name = "Execution"
reference = "r"
)");
  EXPECT_EQ(loaded.Codes(), "");
  const RuleMeta& meta = loaded.meta();
  EXPECT_EQ(meta.id, "0f1e");
  EXPECT_EQ(meta.title, "A title");
  EXPECT_EQ(meta.name, "");
  EXPECT_EQ(meta.description, "What it is.");
  EXPECT_EQ(meta.status, "deprecated");
  EXPECT_EQ(meta.level, Level::kHigh);  // of the risk score
  EXPECT_EQ(meta.author, "A. Tester, B. Tester");
  EXPECT_EQ(meta.date, "2024-03-05");
  EXPECT_EQ(meta.modified, "2024-04-06");
  EXPECT_EQ(meta.license, "Apache-2.0");
  EXPECT_EQ(meta.tags, (Texts{"Use Case: Sample", "attack.execution", "attack.t1059"}));
  EXPECT_EQ(meta.references, Texts{"https://example.org"});
  EXPECT_EQ(meta.false_positives, Texts{"Rehearsals"});
  EXPECT_EQ(meta.source, "rule.toml");
  EXPECT_EQ(loaded.Custom("rule_type"), "query");
  EXPECT_EQ(loaded.Custom("building_block"), "default");
  EXPECT_EQ(loaded.Custom("integration"), "one, two");
  EXPECT_EQ(loaded.Custom("index"), "logs-*, other-*");
  EXPECT_EQ(loaded.Custom("maturity"), "deprecated");
  EXPECT_EQ(loaded.Custom("from"), "now-9m");
  EXPECT_EQ(loaded.Custom("interval"), "10m");
  EXPECT_EQ(loaded.Custom("timestamp_override"), "event.ingested");
  EXPECT_EQ(loaded.Custom("max_signals"), "50");
  EXPECT_EQ(loaded.Custom("enabled"), "false");
}

TEST(ElasticFrontend, UnknownKeysAreWarnings) {
  const std::string rule = Toml("type = \"query\"\nquery = 'a: b'\nflavour = \"x\"\n");
  EXPECT_EQ(Loaded(rule).Codes(), "ELA0030");
  EXPECT_EQ(Loaded(rule).Caret(), "flavour");
  EXPECT_EQ(Loaded(rule).size(), 1u);
  ElasticOptions options;
  options.lint = false;
  EXPECT_EQ(Loaded(rule, options).Codes(), "");
}

TEST(ElasticFrontend, MappingsBecomeOutcomes) {
  const std::string rule = Toml(R"(type = "query"
query = "a: b"
severity = "low"
risk_score = 21
[[rule.severity_mapping]]
field = "event.severity"
operator = "equals"
severity = "critical"
value = "99"
[[rule.severity_mapping]]
field = "label"
operator = "equals"
severity = "medium"
value = "m"
[[rule.risk_score_mapping]]
field = "event.risk_score"
operator = "equals"
value = ""
)");
  EXPECT_EQ(Loaded(rule).Outcomes(),
            R"(severity = if(string(event.severity) == "99", "critical", )"
            R"(if(string(label) == "m", "medium", "low")); risk_score = )"
            R"(if(number(event.risk_score) >= 0 and number(event.risk_score) <= 100, )"
            R"(number(event.risk_score), 21))");
  EXPECT_EQ(Detections(rule, R"({"a":"b","event":{"severity":99,"risk_score":80},"label":"m"})"),
            Texts{"Sample severity=\"critical\" risk_score=80"});
  EXPECT_EQ(Detections(rule, R"({"a":"b","label":"m","event":{"risk_score":101}})"),
            Texts{"Sample severity=\"medium\" risk_score=21"});
  EXPECT_EQ(Detections(rule, R"({"a":"b"})"), Texts{"Sample severity=\"low\" risk_score=21"});
  const Loaded sequence(
      Toml("type = \"eql\"\nrisk_score = 3.5\n"
           "query = 'sequence [any where true] [any where true]'\n"
           "risk_score_mapping = [{ field = \"a\", value = \"\" }]\n"));
  EXPECT_EQ(sequence.Codes(), "ELA0029");
  EXPECT_EQ(sequence.Outcomes(), "risk_score = 3.5");
}

TEST(ElasticFrontend, ScoresOfValues) {
  const std::string rule = Toml(
      "type = \"query\"\nquery = \"a: b\"\nrisk_score_mapping = [\n"
      "{ field = \"k\", operator = \"equals\", value = \"x\", risk_score = 90 },\n"
      "{ field = \"l\", operator = \"equals\", value = \"y\", risk_score = 40 }]\n");
  EXPECT_EQ(Detections(rule, R"({"a":"b","k":"x","l":"y"})"), Texts{"Sample risk_score=90"});
  EXPECT_EQ(Detections(rule, R"({"a":"b","l":"y"})"), Texts{"Sample risk_score=40"});
}

TEST(ElasticFrontend, Suppression) {
  const std::string query = "type = \"query\"\nquery = 'a: b'\n";
  const Loaded loaded(Toml(
      query +
      "[rule.alert_suppression]\ngroup_by = [\"user.name\", \"host.id\"]\n"
      "duration = { value = 5, unit = \"h\" }\nmissing_fields_strategy = \"doNotSuppress\"\n"));
  EXPECT_EQ(loaded.Codes(), "");
  const RuleActions& actions = loaded.module.rules.at(0).actions;
  EXPECT_EQ(actions.suppress_ns, int64_t{5} * 3600 * 1'000'000'000);
  ASSERT_EQ(actions.suppress_by.size(), 2u);
  EXPECT_EQ(PrintExpr(actions.suppress_by[0].value), "user.name");
  EXPECT_FALSE(actions.suppress_by[0].optional);
  // For the length of a run; missing values are one more.
  const Loaded run(Toml(query + "interval = \"7m\"\nalert_suppression.group_by = [\"c\"]\n"));
  EXPECT_EQ(run.module.rules.at(0).actions.suppress_ns, int64_t{420} * 1'000'000'000);
  EXPECT_TRUE(run.module.rules.at(0).actions.suppress_by.at(0).optional);
  const Loaded threshold(
      Toml("type = \"threshold\"\nquery = 'a: b'\nthreshold = { field = [\"c\"], value = 9 }\n"
           "alert_suppression.duration = { value = 2, unit = \"m\" }\n"));
  EXPECT_EQ(threshold.Text(), R"(  match window 6m by c
    events: [any where a == "b"]
  having count(events) >= 9
  rearm reset
  suppress by events.c for 2m
)");
  const Loaded sequence(Toml(R"(type = "eql"
query = """
sequence with maxspan=1m
  [any where a == 1] ![any where c == 1] [any where b == 1]
"""
alert_suppression.group_by = ["c"]
)"));
  EXPECT_EQ(sequence.Text(), R"(  match sequence within 1m
    [any where a == 1]
    ![any where c == 1]
    [any where b == 1]
  suppress by ?_1.c, ?_3.c for 5m
)");
}

TEST(ElasticFrontend, Exceptions) {
  using Op = ElasticExceptionEntry::Operator;
  ElasticOptions options;
  std::vector<ElasticException>& list = options.exceptions["office"];
  list.push_back(
      {"scanner", {{"a", Op::kIs, {"b"}, false, {}}, {"n", Op::kIs, {"1", "2"}, false, {}}}});
  list.push_back({"paths", {{"path", Op::kMatches, {"C:\\tmp\\?*.log"}, false, {}}}});
  list.push_back(
      {"unowned", {{"owner", Op::kExists, {}, true, {}}, {"x", Op::kIs, {"y"}, false, {}}}});
  list.push_back({"signed",
                  {{"sig",
                    Op::kElements,
                    {},
                    false,
                    {{"name", Op::kIs, {"S"}, false, {}}, {"ok", Op::kIs, {"true"}, false, {}}}}}});
  list.push_back({"empty", {}});
  const std::string lists =
      "exceptions_list = [{ list_id = \"office\", type = \"detection\", id = \"i\" }]\n";
  const std::string rule = Toml("type = \"query\"\nquery = 'a: *'\n" + lists);
  EXPECT_EQ(Loaded(rule).Codes(), "ELA0027");
  EXPECT_EQ(Loaded(rule, options).Codes(), "");
  const Texts hit{"Sample"};
  EXPECT_EQ(Detections(rule, R"({"a":"b","n":2})", options), Texts{});
  EXPECT_EQ(Detections(rule, R"({"a":"b","n":3})", options), hit);
  EXPECT_EQ(Detections(rule, R"({"a":"b","n":2})"), hit);  // the list is not given
  EXPECT_EQ(Detections(rule, R"({"a":"c","path":"C:\\tmp\\x1.log"})", options), Texts{});
  EXPECT_EQ(Detections(rule, R"({"a":"c","path":"C:\\TMP\\x1.log"})", options), hit);
  EXPECT_EQ(Detections(rule, R"({"a":"c","x":"y"})", options), Texts{});
  EXPECT_EQ(Detections(rule, R"({"a":"c","x":"y","owner":"z"})", options), hit);
  EXPECT_EQ(Detections(rule, R"({"a":"c","sig":[{"name":"S","ok":true}]})", options), Texts{});
  EXPECT_EQ(Detections(rule, R"({"a":"c","sig":[{"name":"S"},{"ok":true}]})", options), hit);
}

TEST(ElasticFrontend, ExceptionsOfEveryStage) {
  using Op = ElasticExceptionEntry::Operator;
  ElasticOptions options;
  options.exceptions["l"].push_back({"", {{"h", Op::kIs, {"t"}, false, {}}}});
  const std::string lists = "exceptions_list = [{ list_id = \"l\" }]\n";
  const Loaded sequence(
      Toml("type = \"eql\"\nquery = 'sequence with maxspan=1m [any where a == 1] [any where true] "
           "until [any where c == 1]'\n" +
           lists),
      options);
  EXPECT_EQ(sequence.Text(), R"(  match sequence within 1m
    [any where a == 1 and h != "t"]
    [any where h != "t"]
    until [any where c == 1 and h != "t"]
)");
  ElasticOptions bad;
  bad.exceptions["l"].push_back({"x", {{"h", Op::kIs, {}, false, {}}}});
  bad.exceptions["l"].push_back({"y", {{"", Op::kExists, {}, false, {}}}});
  bad.exceptions["l"].push_back({"z", {{"h", Op::kInList, {"a", "b"}, false, {}}}});
  const Loaded refused(Toml("type = \"query\"\nquery = 'a: b'\n" + lists), bad);
  EXPECT_EQ(refused.Codes(), "ELA0026 ELA0026 ELA0026");
  EXPECT_EQ(refused.size(), 0u);
}

// A small file must not become a large program.
TEST(ElasticFrontend, Limits) {
  const auto many = [](std::string_view entry, size_t count) {
    std::string out = "[";
    for (size_t i = 0; i < count; ++i) out += (i > 0 ? ", " : "") + std::string(entry);
    return out + "]\n";
  };
  const std::string query = "type = \"query\"\nquery = 'a: b'\n";
  const std::string severity = R"({ field = "a", severity = "low", value = "1" })";
  const std::string score = R"({ field = "a", value = "" })";
  const std::string cardinality = R"({ field = "a", value = 2 })";
  for (const size_t count : {size_t{32}, size_t{33}, size_t{20000}}) {
    const bool fits = count <= 32;
    const std::string_view codes = fits ? "" : "ELA0024";
    EXPECT_EQ(Loaded(Toml(query + "severity_mapping = " + many(severity, count))).Codes(), codes);
    EXPECT_EQ(Loaded(Toml(query + "risk_score_mapping = " + many(score, count))).Codes(), codes);
    EXPECT_EQ(Loaded(Toml("type = \"threshold\"\nquery = 'a: b'\n[rule.threshold]\nvalue = 1\n"
                          "cardinality = " +
                          many(cardinality, count)))
                  .Codes(),
              fits ? "" : "ELA0024");
    EXPECT_EQ(Loaded(Toml(query + "alert_suppression.group_by = " + many("\"a\"", count))).Codes(),
              fits ? "" : "ELA0024");
  }
  EXPECT_EQ(Loaded(Toml("type = \"threat_match\"\nquery = 'a: b'\n"
                        "threat_mapping = [{ entries = [{ field = \"a\", value = \"b\" }] }]\n"
                        "threat_index = " +
                        many("\"index\"", 1000)))
                .Codes(),
            "ELA0024");
  ElasticOptions options;
  for (int i = 0; i < 1000; ++i) {
    options.exceptions["l"].push_back(
        {"", {{"h", ElasticExceptionEntry::Operator::kIs, {std::to_string(i)}, false, {}}}});
  }
  std::string stages =
      "type = \"eql\"\nexceptions_list = [{ list_id = \"l\" }]\nquery = 'sequence ";
  for (int i = 0; i < 600; ++i) stages += "[any where true]";
  EXPECT_EQ(Loaded(Toml(stages + "'\n"), options).Codes(), "ELA0026");
}

// ---- Files ---------------------------------------------------------------------------------

TEST(ElasticFrontend, ManyRulesInOneFile) {
  const std::string rules =
      R"({"rule_id":"1","name":"One","type":"query","query":"a: b","language":"kuery"})"
      "\n"
      R"({"rule_id":"2","name":"Two","type":"query","query":"a: (b","language":"kuery"})"
      "\n"
      R"({"rule_id":"1","name":"Three","type":"query","query":"c: d","language":"kuery"})"
      "\n"
      R"({"rule_id":"4","name":"Four","type":"eql","query":"any where c == \"d\"","language":"eql"})"
      "\n";
  const Loaded loaded(rules, {}, "export.ndjson");
  EXPECT_TRUE(loaded.accepted);
  EXPECT_EQ(loaded.Codes(), "ELA0021 ELA0028");
  EXPECT_EQ(loaded.size(), 2u);
  EXPECT_EQ(loaded.Line(), 2u);
  EXPECT_EQ(loaded.module.rules.at(1).meta.title, "Four");
  EXPECT_EQ(loaded.module.rules.at(1).condition.span.line, 4u);
}

TEST(ElasticFrontend, AcceptsByNameAndText) {
  const auto frontend = ElasticFrontend();
  EXPECT_EQ(frontend->name(), "elastic");
  EXPECT_TRUE(frontend->Accepts({"a.toml", "[rule]\n"}));
  EXPECT_FALSE(frontend->Accepts({"a.toml", "[tool]\n"}));
  EXPECT_FALSE(frontend->Accepts({"a.yml", "[rule]\n"}));
  EXPECT_FALSE(SigmaFrontend()->Accepts({"a.toml", "[rule]\nnote = '''\nfilter: x\n'''\n"}));
}

TEST(ElasticFrontend, FunctionsOfTheHost) {
  FunctionRegistry functions;
  ASSERT_TRUE(functions
                  .Add({"twice",
                        {ValueType::kNumber},
                        ValueType::kNumber,
                        [](std::span<const Value> args, ValueArena*) { return args[0]; },
                        false})
                  .ok());
  ElasticOptions options;
  options.functions = &functions;
  const std::string rule = Toml("type = \"eql\"\nquery = 'any where twice(a) == 4'\n");
  EXPECT_EQ(Loaded(rule, options).Codes(), "");
  EXPECT_EQ(Loaded(rule).size(), 0u);
}

}  // namespace
}  // namespace vedette::inline v0
