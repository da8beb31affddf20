#include "lib/lang/elastic/rule_file.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::inline v0::elastic {
namespace {

struct Read {
  explicit Read(std::string text, std::string name = "rule.toml")
      : source{std::move(name), std::move(text)}, place(source) {
    rules = ReadElasticRules(place, &sink);
  }
  Read(const Read&) = delete;

  // The source text that a span covers.
  std::string At(SourceSpan span) const {
    const std::string line = place.Line(span.line);
    return span.column == 0 || span.column > line.size() + 1
               ? "?"
               : line.substr(span.column - 1, span.length);
  }
  std::string Codes() const {
    std::string out;
    for (const Diagnostic& d : sink.diagnostics()) out += (out.empty() ? "" : " ") + d.code;
    return out;
  }

  RuleSource source;
  SourceText place;
  DiagnosticSink sink;
  std::vector<ElasticRule> rules;
};

constexpr std::string_view kFull = R"toml([metadata]
creation_date = "2024/03/05"
integration = ["sample", "other"]
maturity = "production"
updated_date = "2024/04/06"
min_stack_version = "8.3.0"
flavour = "new"

[rule]
author = ["A. Tester"]
description = """
Two lines
of text.
"""
false_positives = ["Rehearsals"]
from = "now-9m"
to = "now"
interval = "5m"
index = ["samples-*", "logs-sample*"]
language = "kuery"
license = "Apache-2.0"
name = "Sample of everything"
note = "## Triage"
references = ["https://example.com/a"]
risk_score = 47
rule_id = "7a0c62c4-0d4f-4d0c-9c1e-000000000001"
severity = "medium"
tags = ["Sample", "Test"]
timestamp_override = "event.ingested"
type = "query"
building_block_type = "default"
max_signals = 33
enabled = true
query = '''
event.kind : sample and
  thing.name : ("första" or second)
'''
colour = "red"

[[rule.threat]]
framework = "MITRE ATT&CK"
[[rule.threat.technique]]
id = "T1059"
name = "Command and Scripting Interpreter"
reference = "https://attack.mitre.org/techniques/T1059/"
[[rule.threat.technique.subtechnique]]
id = "T1059.001"
name = "PowerShell"
reference = "https://attack.mitre.org/techniques/T1059/001/"
[rule.threat.tactic]
id = "TA0005"
name = "Defense Evasion"
reference = "https://attack.mitre.org/tactics/TA0005/"

[rule.alert_suppression]
group_by = ["host.id"]
missing_fields_strategy = "suppress"
[rule.alert_suppression.duration]
unit = "h"
value = 5

[[rule.severity_mapping]]
field = "event.severity"
operator = "equals"
severity = "high"
value = 3

[[rule.risk_score_mapping]]
field = "event.risk"
operator = "equals"

[[rule.exceptions_list]]
id = "e1"
list_id = "endpoint_list"
namespace_type = "agnostic"
type = "endpoint"
)toml";

TEST(RuleFile, ReadsEverythingOfToml) {
  const Read read{std::string(kFull)};
  ASSERT_EQ(read.Codes(), "");
  ASSERT_EQ(read.rules.size(), 1U);
  const ElasticRule& rule = read.rules[0];
  EXPECT_EQ(rule.name, "Sample of everything");
  EXPECT_EQ(rule.rule_id, "7a0c62c4-0d4f-4d0c-9c1e-000000000001");
  EXPECT_EQ(rule.description, "Two lines\nof text.\n");
  EXPECT_EQ(rule.author, std::vector<std::string>{"A. Tester"});
  EXPECT_EQ(rule.license, "Apache-2.0");
  EXPECT_EQ(rule.false_positives, std::vector<std::string>{"Rehearsals"});
  EXPECT_EQ(rule.references, std::vector<std::string>{"https://example.com/a"});
  EXPECT_EQ(rule.severity, "medium");
  EXPECT_EQ(rule.risk_score, 47.0);
  EXPECT_EQ(rule.tags.size(), 2U);
  EXPECT_EQ(rule.index, (std::vector<std::string>{"samples-*", "logs-sample*"}));
  EXPECT_EQ(rule.type, RuleType::kQuery);
  EXPECT_EQ(rule.language, "kuery");
  EXPECT_EQ(rule.from, "now-9m");
  EXPECT_EQ(rule.to, "now");
  EXPECT_EQ(rule.interval, "5m");
  EXPECT_EQ(rule.timestamp_override, "event.ingested");
  EXPECT_EQ(rule.building_block_type, "default");
  EXPECT_EQ(rule.max_signals, 33);
  EXPECT_EQ(rule.enabled, true);
  EXPECT_EQ(rule.maturity, "production");
  EXPECT_EQ(rule.creation_date, "2024/03/05");
  EXPECT_EQ(rule.integration.size(), 2U);
  EXPECT_EQ(rule.line, 9U);
  ASSERT_EQ(rule.threat.size(), 1U);
  EXPECT_EQ(rule.threat[0].framework, "MITRE ATT&CK");
  EXPECT_EQ(rule.threat[0].tactic.id, "TA0005");
  ASSERT_EQ(rule.threat[0].techniques.size(), 1U);
  EXPECT_EQ(rule.threat[0].techniques[0].subtechniques[0].name, "PowerShell");
  EXPECT_EQ(AttackTags(rule), (std::vector<std::string>{"attack.defense-evasion", "attack.t1059",
                                                        "attack.t1059.001"}));
  ASSERT_TRUE(rule.alert_suppression.has_value());
  EXPECT_EQ(rule.alert_suppression->group_by, std::vector<std::string>{"host.id"});
  EXPECT_EQ(rule.alert_suppression->duration_value, 5);
  EXPECT_EQ(rule.alert_suppression->duration_unit, "h");
  EXPECT_EQ(rule.alert_suppression->missing_fields_strategy, "suppress");
  ASSERT_EQ(rule.severity_mapping.size(), 1U);
  EXPECT_EQ(rule.severity_mapping[0].value, "3");
  EXPECT_EQ(rule.severity_mapping[0].severity, "high");
  ASSERT_EQ(rule.risk_score_mapping.size(), 1U);
  EXPECT_EQ(rule.risk_score_mapping[0].field, "event.risk");
  ASSERT_EQ(rule.exceptions_list.size(), 1U);
  EXPECT_EQ(rule.exceptions_list[0].list_id, "endpoint_list");
}

TEST(RuleFile, KnowsPlaces) {
  const Read read{std::string(kFull)};
  ASSERT_EQ(read.rules.size(), 1U);
  const ElasticRule& rule = read.rules[0];
  for (const std::string_view key : {"query", "type", "language", "severity", "threat", "index"}) {
    EXPECT_EQ(read.At(rule.SpanOf(key)), key);
  }
  EXPECT_EQ(rule.SpanOf("type").line, 30U);
  EXPECT_EQ(read.At(rule.SpanOf("metadata.maturity")), "maturity");
  EXPECT_EQ(read.At(rule.SpanOf("alert_suppression.duration.unit")), "unit");
  EXPECT_EQ(read.At(rule.SpanOf("threat[0].tactic.id")), "id");
  EXPECT_EQ(rule.SpanOf("no such key").line, rule.line);
  ASSERT_EQ(rule.unknown_keys.size(), 2U);
  EXPECT_EQ(rule.unknown_keys[0].name, "metadata.flavour");
  EXPECT_EQ(rule.unknown_keys[1].name, "colour");
  EXPECT_EQ(read.At(rule.unknown_keys[1].span), "colour");
}

// Every word of the query is found where it stands in the file.
void ExpectWordsInPlace(const Read& read, const std::vector<std::string_view>& words) {
  ASSERT_EQ(read.Codes(), "");
  ASSERT_EQ(read.rules.size(), 1U);
  const LocatedText& query = read.rules[0].query;
  EXPECT_TRUE(query.exact);
  for (const std::string_view word : words) {
    const size_t at = query.text.find(word);
    ASSERT_NE(at, std::string::npos) << word << " in " << query.text;
    EXPECT_EQ(read.At(SpanIn(read.place, query, at, word.size())), word);
  }
  EXPECT_EQ(SpanIn(read.place, query, query.text.size(), 0).length, 0U);
}

std::string Toml(std::string_view query) {
  return "[rule]\nname = \"n\"\ntype = \"query\"\nquery = " + std::string(query) + "\n";
}

TEST(RuleFile, QueriesMapBackToTheFile) {
  ExpectWordsInPlace(Read{std::string(kFull)}, {"event.kind", "thing.name", "f\xC3\xB6rsta"});
  ExpectWordsInPlace(Read(Toml("\"a: b and c: d\"")), {"a: b", "and", "c: d"});
  ExpectWordsInPlace(Read(Toml("'a: \"b\" and c: d'")), {"\"b\"", "c: d"});
  ExpectWordsInPlace(Read(Toml("\"a: \\\"b\\\" and\\tc: d\"")), {"a: ", "c: d"});
  ExpectWordsInPlace(Read(Toml("\"\"\"\na: \\\\x and\n  c: \\u00e9 or \\\n     e: f\"\"\"")),
                     {"a: ", "c: ", "or", "e: f"});
  ExpectWordsInPlace(Read(Toml("'''a: b\nc: d'''")), {"a: b", "c: d"});
  ExpectWordsInPlace(Read(Toml("\"\"\"\r\na: b and\r\n  c: d\r\n\"\"\"")), {"a: b", "c: d"});
  ExpectWordsInPlace(Read("\xEF\xBB\xBF" + Toml("\"a: b\"")), {"a: b"});
  ExpectWordsInPlace(Read("rule = { \"n\xC3\xA4me\" = '\xE2\x82\xAC', name = 'n', type = 'query', "
                          "query = 'a: b' }"),
                     {"a: b"});
  ExpectWordsInPlace(
      Read(R"({"rule_id":"1","name":"é","type":"query","query":"a: \"b\" and\n\u0063: d"})",
           "r.ndjson"),
      {"a: ", "and", ": d"});
}

TEST(RuleFile, SpansOfEscapesCoverTheEscape) {
  const Read read(Toml("\"a: \\\"b\\\"\""));
  ASSERT_EQ(read.rules.size(), 1U);
  const LocatedText& query = read.rules[0].query;
  EXPECT_EQ(read.At(SpanIn(read.place, query, 0, 4)), "a: \\");
  EXPECT_EQ(SpanIn(read.place, query, 4, 1).column, 15U);
}

constexpr std::string_view kHead = "[rule]\nname = \"n\"\n";

TEST(RuleFile, ReadsThresholdRules) {
  const Read read(std::string(kHead) + R"(type = "threshold"
query = "a: b"
[rule.threshold]
field = ["host.id", "user.id"]
value = 25
[[rule.threshold.cardinality]]
field = "file.name"
value = 7
)");
  ASSERT_EQ(read.Codes(), "");
  const Threshold& threshold = *read.rules.at(0).threshold;
  EXPECT_EQ(threshold.fields, (std::vector<std::string>{"host.id", "user.id"}));
  EXPECT_EQ(threshold.value, 25);
  ASSERT_EQ(threshold.cardinality.size(), 1U);
  EXPECT_EQ(threshold.cardinality[0].field, "file.name");
  EXPECT_EQ(threshold.cardinality[0].value, 7);
  EXPECT_EQ(read.At(read.rules[0].SpanOf("threshold.value")), "value");

  const Read text(std::string(kHead) +
                  "type = 'threshold'\nquery = 'a'\nthreshold = {field = 'x', value = 1}\n");
  ASSERT_EQ(text.Codes(), "");
  EXPECT_EQ(text.rules.at(0).threshold->fields, std::vector<std::string>{"x"});
  const Read none(std::string(kHead) +
                  "type = 'threshold'\nquery = 'a'\nthreshold = {field = [], value = 1}\n");
  EXPECT_TRUE(none.rules.at(0).threshold->fields.empty());
}

TEST(RuleFile, ReadsNewTermsRulesOfBothForms) {
  const Read toml(std::string(kHead) + R"(type = "new_terms"
query = "a: b"
[rule.new_terms]
field = "new_terms_fields"
value = ["host.id", "user.id"]
[[rule.new_terms.history_window_start]]
field = "history_window_start"
value = "now-14d"
)");
  const Read json(R"({"rule_id":"1","name":"n","type":"new_terms","query":"a: b",
    "new_terms_fields":["host.id","user.id"],"history_window_start":"now-14d"})",
                  "r.json");
  for (const Read* read : {&toml, &json}) {
    ASSERT_EQ(read->Codes(), "");
    const NewTerms& terms = *read->rules.at(0).new_terms;
    EXPECT_EQ(terms.fields, (std::vector<std::string>{"host.id", "user.id"}));
    EXPECT_EQ(terms.history_window_start, "now-14d");
  }
}

TEST(RuleFile, ReadsThreatMatchRules) {
  const Read read(std::string(kHead) + R"(type = "threat_match"
query = "a: b"
threat_index = ["ti-*"]
threat_query = "@timestamp >= \"now-30d\""
threat_language = "kuery"
threat_indicator_path = "threat.indicator"
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = "file.hash.sha256"
type = "mapping"
value = "threat.indicator.file.hash.sha256"
[[rule.threat_mapping.entries]]
field = "host.name"
type = "mapping"
value = "threat.indicator.host"
negate = true
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = "source.ip"
type = "mapping"
value = "threat.indicator.ip"
)");
  ASSERT_EQ(read.Codes(), "");
  const ThreatMatch& match = *read.rules.at(0).threat_match;
  EXPECT_EQ(match.index, std::vector<std::string>{"ti-*"});
  EXPECT_EQ(match.query.text, "@timestamp >= \"now-30d\"");
  EXPECT_EQ(match.language, "kuery");
  EXPECT_EQ(match.indicator_path, "threat.indicator");
  ASSERT_EQ(match.mapping.size(), 2U);
  ASSERT_EQ(match.mapping[0].size(), 2U);
  EXPECT_EQ(match.mapping[0][0].field, "file.hash.sha256");
  EXPECT_FALSE(match.mapping[0][0].negate);
  EXPECT_TRUE(match.mapping[0][1].negate);
  EXPECT_EQ(match.mapping[1][0].indicator_field, "threat.indicator.ip");
}

TEST(RuleFile, ReadsEveryType) {
  constexpr std::pair<std::string_view, RuleType> kTypes[] = {
      {"type='query'\nquery='a'", RuleType::kQuery},
      {"type='eql'\nquery='a'\nlanguage='eql'\ntimestamp_field='t'", RuleType::kEql},
      {"type='esql'\nquery='from a'\nlanguage='esql'", RuleType::kEsql},
      {"type='machine_learning'\nmachine_learning_job_id=['j']\nanomaly_threshold=50",
       RuleType::kMachineLearning},
      {"type='machine_learning'\nmachine_learning_job_id='j'", RuleType::kMachineLearning},
      {"type='saved_query'\nsaved_id='s'", RuleType::kSavedQuery},
  };
  for (const auto& [body, type] : kTypes) {
    const Read read(std::string(kHead) + std::string(body));
    EXPECT_EQ(read.Codes(), "") << body;
    ASSERT_EQ(read.rules.size(), 1U) << body;
    EXPECT_EQ(read.rules[0].type, type);
    EXPECT_NE(body.find(RuleTypeName(type)), std::string_view::npos);
  }
}

TEST(RuleFile, ReadsNdjsonExports) {
  const Read read(
      R"({"id":"x","rule_id":"r1","name":"one","type":"query","language":"kuery","query":"a: 1","enabled":false,"actions":[],"exceptions_list":[],"index":["i-*"],"risk_score":21.5,"severity":"low","filters":[],"meta":null,"threat":[]}
{"attributes":{"rule_id":"r2","name":"two","type":"eql","query":"any where true"},"id":"y","type":"security-rule"}

{"connector_type_id":".email","name":"c"}
{"exported_count":2,"exported_rules_count":2,"missing_rules":[]}
)",
      "export.ndjson");
  EXPECT_EQ(read.Codes(), "ELA0010");
  ASSERT_EQ(read.rules.size(), 2U);
  EXPECT_EQ(read.rules[0].name, "one");
  EXPECT_EQ(read.rules[0].enabled, false);
  EXPECT_EQ(read.rules[0].risk_score, 21.5);
  EXPECT_TRUE(read.rules[0].unknown_keys.empty());
  EXPECT_EQ(read.rules[1].name, "two");
  EXPECT_EQ(read.rules[1].line, 2U);
  EXPECT_EQ(read.At(read.rules[1].SpanOf("query")), "\"query\"");
  EXPECT_EQ(read.sink.diagnostics()[0].span.line, 4U);
}

TEST(RuleFile, ReadsWholeJsonDocuments) {
  const Read object("{\n  \"name\": \"n\",\n  \"type\": \"query\",\n  \"query\": \"a: b\"\n}\n",
                    "r.json");
  EXPECT_EQ(object.Codes(), "");
  ASSERT_EQ(object.rules.size(), 1U);
  EXPECT_EQ(object.rules[0].SpanOf("query").line, 4U);
  const Read list("[{\"name\":\"n\",\"type\":\"query\",\"query\":\"a\"},\n 5]", "r.json");
  EXPECT_EQ(list.Codes(), "ELA0004");
  EXPECT_EQ(list.rules.size(), 1U);
}

struct Bad {
  std::string_view text;
  std::string_view code;
  uint32_t line;
  uint32_t column;
  std::string_view message;  // a part of it
};

constexpr Bad kBad[] = {
    {"", "ELA0004", 1, 1, "holds no rule"},
    {"a = 1\n", "ELA0004", 1, 1, "holds no rule"},
    {"\nrule = 5\n", "ELA0004", 2, 8, "holds no rule"},
    {"[rule]\nname = \"n\n", "ELA0002", 2, 0, "not TOML"},
    {"[rule]\nname = = 5\n", "ELA0002", 2, 0, "not TOML"},
    {"[rule]\nname = 'a'\nname = 'b'\n", "ELA0002", 3, 0, "not TOML"},
    {"[rule\n", "ELA0002", 1, 0, "not TOML"},
    {"[!]\n", "ELA0002", 1, 0, "not TOML"},
    {"n\xC3\xA4me = 1\n", "ELA0002", 1, 0, "not TOML"},
    {"a = \xD0\x97\n", "ELA0002", 1, 0, "not TOML"},
    {"[rule]\nname = \"\xFF\"\n", "ELA0002", 2, 0, "not TOML"},
    {"[rule]\nname = 'n'\nquery = 'a'\n", "ELA0006", 1, 1, "'type' is missing"},
    {"[rule]\ntype = 'query'\nquery = 'a'\n", "ELA0006", 1, 1, "'name' is missing"},
    {"[rule]\nname = 'n'\ntype = 'query'\n", "ELA0006", 1, 1, "'query' is missing"},
    {"[rule]\nname = 5\ntype = 'query'\nquery = 'a'", "ELA0005", 2, 8,
     "'name' must be a string, not a whole number"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = ['a']", "ELA0005", 4, 9,
     "'query' must be a string, not a list"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = 'a'\ntags = [1]", "ELA0005", 5, 9,
     "'tags' must be a list of strings, not a whole number"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = 'a'\nenabled = 'yes'", "ELA0005", 5, 11,
     "'enabled' must be true or false, not a string"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = 'a'\nthreat = 1", "ELA0005", 5, 10,
     "'threat' must be a list of tables"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = 'a'\nmax_signals = 1.5", "ELA0005", 5, 15,
     "'max_signals' must be a whole number, not a number"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = 'a'\nmax_signals = 0", "ELA0009", 5, 15,
     "'max_signals' must be at least 1"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = 'a'\nrisk_score = 101", "ELA0009", 5, 14,
     "'risk_score' must be in the range 0 to 100"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = 'a'\nrisk_score = nan", "ELA0009", 5, 14,
     "'risk_score' must be in the range 0 to 100"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = 'a'\nseverity = 'huge'", "ELA0007", 5, 1,
     "no such severity: 'huge'"},
    {"[rule]\nname = 'n'\ntype = 'querry'\nquery = 'a'", "ELA0007", 3, 1, "no such type: 'querry'"},
    {"[rule]\nname = 'n'\ntype = 'query'\nlanguage = 'kql'\nquery = 'a'", "ELA0007", 4, 1,
     "no such language: 'kql'"},
    {"[rule]\nname = 'n'\ntype = 'query'\nquery = 'a'\n[[rule.filters]]\n[rule.filters.meta]\n"
     "negate = false",
     "ELA0008", 5, 0, "'filters' are not supported"},
    {"[rule]\nname = 'n'\ntype = 'threshold'\nquery = 'a'", "ELA0006", 1, 1,
     "'threshold' is missing"},
    {"[rule]\nname = 'n'\ntype = 'threshold'\nquery = 'a'\n[rule.threshold]\nfield = []", "ELA0006",
     5, 1, "'threshold.value' is missing"},
    {"[rule]\nname = 'n'\ntype = 'threshold'\nquery = 'a'\n[rule.threshold]\nvalue = 0", "ELA0009",
     6, 9, "'threshold.value' must be at least 1"},
    {"[rule]\nname = 'n'\ntype = 'new_terms'\nquery = 'a'\nhistory_window_start = 'now-1d'",
     "ELA0006", 1, 1, "'new_terms_fields' is missing"},
    {"[rule]\nname = 'n'\ntype = 'threat_match'\nquery = 'a'\nthreat_index = ['t']", "ELA0006", 1,
     1, "'threat_mapping' is missing"},
    {"[rule]\nname = 'n'\ntype = 'threat_match'\nquery = 'a'\nthreat_index = ['t']\n"
     "threat_mapping = [{entries = []}]",
     "ELA0006", 6, 19, "'threat_mapping[0].entries' is missing"},
    {"[rule]\nname = 'n'\ntype = 'saved_query'", "ELA0006", 1, 1, "'saved_id' is missing"},
    {"[rule]\nname = 'n'\ntype = 'machine_learning'", "ELA0006", 1, 1,
     "'machine_learning_job_id' is missing"},
};

TEST(RuleFile, SaysWhatIsWrongAndWhere) {
  for (const Bad& row : kBad) {
    SCOPED_TRACE(row.text);
    const Read read{std::string(row.text)};
    EXPECT_TRUE(read.rules.empty());
    ASSERT_FALSE(read.sink.diagnostics().empty());
    const Diagnostic& d = read.sink.diagnostics()[0];
    EXPECT_EQ(d.code, row.code);
    EXPECT_EQ(d.severity, Severity::kError);
    EXPECT_EQ(d.span.line, row.line);
    if (row.column != 0) {
      EXPECT_EQ(d.span.column, row.column);
    }
    EXPECT_NE(d.message.find(row.message), std::string::npos) << d.message;
    EXPECT_EQ(d.source, "rule.toml");
  }
}

constexpr Bad kBadJson[] = {
    {"{\"name\":\"n\",\"type\":\"query\",\"query\":}", "ELA0002", 1, 0, "not JSON"},
    {"{\"query\":\"a\",\"query\":\"b\"}", "ELA0002", 1, 14, "the key is given twice"},
    {"{\"query\":\"a\"} x", "ELA0002", 1, 0, "not JSON"},
    {"5", "ELA0002", 1, 1, "not JSON"},
    {"", "ELA0002", 1, 1, "not JSON"},
    {"{\"a\":1}", "ELA0004", 1, 1, "the object is no rule"},
    {"{\"a\":1}\n{\"query\":5,\"name\":\"n\",\"type\":\"query\"}", "ELA0004", 1, 1, "no rule"},
    {"{\"query\":5,\"name\":\"n\",\"type\":\"query\"}", "ELA0005", 1, 10, "'query' must be"},
    {"{\"query\":\"a\",\"name\":\"n\",\"type\":\"query\",\"filters\":[{}]}", "ELA0008", 1, 40,
     "'filters' are not supported"},
};

TEST(RuleFile, SaysWhatIsWrongWithJson) {
  for (const Bad& row : kBadJson) {
    SCOPED_TRACE(row.text);
    const Read read(std::string(row.text), "export.ndjson");
    EXPECT_TRUE(read.rules.empty());
    ASSERT_FALSE(read.sink.diagnostics().empty());
    const Diagnostic& d = read.sink.diagnostics()[0];
    EXPECT_EQ(d.code, row.code);
    EXPECT_EQ(d.span.line, row.line);
    if (row.column != 0) {
      EXPECT_EQ(d.span.column, row.column);
    }
    EXPECT_NE(d.message.find(row.message), std::string::npos) << d.message;
  }
}

TEST(RuleFile, OneBadLineSparesTheOthers) {
  const Read read(
      "{\"query\":\"a\",\"name\":\"one\",\"type\":\"query\"}\n{broken\n"
      "{\"query\":\"b\",\"name\":\"two\",\"type\":\"query\"}\n",
      "export.ndjson");
  EXPECT_EQ(read.Codes(), "ELA0002");
  EXPECT_EQ(read.sink.diagnostics()[0].span.line, 2U);
  EXPECT_EQ(read.rules.size(), 2U);
}

std::string Repeat(std::string_view text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST(RuleFile, IsBounded) {
  EXPECT_EQ(Read(std::string(kMaxRuleFileBytes + 1, ' ')).Codes(), "ELA0001");
  // Nested by lists, by names, and by names behind a string that ends in its own quotes.
  EXPECT_EQ(Read("a = " + Repeat("[", 100000)).Codes(), "ELA0003");
  EXPECT_EQ(Read("a" + Repeat(".a", 1000000) + " = 1\n").Codes(), "ELA0003");
  EXPECT_EQ(Read("x = [\"\"\"\"\"\"\", {a" + Repeat(".a", 1000000) + "=1}]\n").Codes(), "ELA0003");
  EXPECT_EQ(Read("x = ['''''''', {a" + Repeat(".a", 1000000) + "=1}]\n").Codes(), "ELA0003");
  EXPECT_EQ(Read(Repeat("{a.b.c.d=", 30) + "1" + Repeat("}", 30)).rules.size(), 0U);
  EXPECT_EQ(Read("a = [" + Repeat("1,", 300000) + "]\n").Codes(), "ELA0003");
  EXPECT_EQ(Read("{\"query\":" + Repeat("[", 1000) + Repeat("]", 1000) + "}", "r.json").Codes(),
            "ELA0003");
  const Read many(Repeat("x\n", 100000), "export.ndjson");
  EXPECT_LE(many.sink.diagnostics().size(), 300U);
  EXPECT_LE(Read("{}\n" + Repeat("x\n", 100000), "export.ndjson").sink.diagnostics().size(), 300U);
}

TEST(RuleFile, DottedNamesAreFine) {
  const Read read(
      "[rule]\nname = 'n'\ntype = 'query'\nquery = 'a.b.c: d # no comment'  # a.b \"\n"
      "alert_suppression.duration.value = 5\n");
  EXPECT_EQ(read.Codes(), "");
  EXPECT_EQ(read.rules.at(0).alert_suppression->duration_value, 5);
}

TEST(RuleFile, LooksLikeElasticRule) {
  EXPECT_TRUE(LooksLikeElasticRule({"a.toml", std::string(kFull)}));
  EXPECT_FALSE(LooksLikeElasticRule({"Cargo.toml", "[package]\n"}));
  EXPECT_TRUE(LooksLikeElasticRule({"a.ndjson", "{\"rule_id\":\"1\"}"}));
  EXPECT_FALSE(LooksLikeElasticRule({"events.ndjson", "{\"a\":1}"}));
  EXPECT_FALSE(LooksLikeElasticRule({"a.yml", "title: x\n[rule]"}));
}

// A file that is cut or changed anywhere gives rules or errors, and places within the file.
TEST(RuleFile, SurvivesDamage) {
  const std::string json =
      R"({"rule_id":"r1","name":"one","type":"query","query":"a: \"b\" \u00e9","threat":[{"tactic":{"id":"T"}}]})";
  std::mt19937 random(7);
  for (const bool toml : {true, false}) {
    const std::string whole = toml ? std::string(kFull) : json;
    for (int i = 0; i < 600; ++i) {
      std::string text = whole;
      if (i % 2 == 0) text.resize(random() % text.size());
      for (size_t n = random() % 4; n > 0 && !text.empty(); --n) {
        text[random() % text.size()] = "\"'[]{}=.\n\\\xC3\xFFx,#"[random() % 15];
      }
      const Read read(text, toml ? "r.toml" : "r.json");
      EXPECT_TRUE(!read.rules.empty() || read.sink.errors() > 0) << text;
      for (const Diagnostic& d : read.sink.diagnostics()) {
        EXPECT_LE(read.place.OffsetOf(d.span.line, 1), text.size());
        EXPECT_LE(d.span.column, text.size() + 1);
      }
      for (const ElasticRule& rule : read.rules) {
        for (size_t at = 0; at <= rule.query.text.size(); ++at) {
          EXPECT_LE(rule.query.FileOffset(at), text.size());
        }
      }
    }
  }
}

}  // namespace
}  // namespace vedette::inline v0::elastic
