// Elastic detection rules as they are written: TOML files with [metadata] and [rule], and JSON or
// NDJSON as Kibana exports it. Reads one rule into a plain struct; what a rule means is not looked
// at here.
//
// Diagnostics:
//   ELA0001  the file is too large
//   ELA0002  the file, or a line of it, is no TOML or JSON
//   ELA0003  nested too deep
//   ELA0004  the file, or a line of it, holds no rule
//   ELA0005  a value of the wrong type
//   ELA0006  a required key is missing
//   ELA0007  an unknown word where one of a few is expected
//   ELA0008  the rule has filters, which are not supported
//   ELA0009  a number is out of its range
//   ELA0010  a part of the export that is not read: connectors, actions (warning)
#ifndef VEDETTE_LIB_LANG_ELASTIC_RULE_FILE_H_
#define VEDETTE_LIB_LANG_ELASTIC_RULE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/doc/source_text.h"
#include "vedette/diagnostic.h"
#include "vedette/frontends/elastic.h"
#include "vedette/rule.h"

namespace vedette::inline v0::elastic {

constexpr size_t kMaxRuleFileBytes = size_t{4} << 20;

enum class RuleType : uint8_t {
  kQuery,
  kEql,
  kThreshold,
  kNewTerms,
  kThreatMatch,
  kMachineLearning,
  kEsql,
  kSavedQuery,
};
std::string_view RuleTypeName(RuleType type);  // as rules write it: "new_terms"

struct AttackEntry {
  std::string id;  // T1059
  std::string name;
  std::string reference;
};
struct AttackTechnique : AttackEntry {
  std::vector<AttackEntry> subtechniques;
};
struct Threat {
  std::string framework;  // "MITRE ATT&CK"
  AttackEntry tactic;
  std::vector<AttackTechnique> techniques;
};

struct Threshold {
  std::vector<std::string> fields;  // empty: over all events
  int64_t value = 0;
  struct Cardinality {
    std::string field;
    int64_t value = 0;
  };
  std::vector<Cardinality> cardinality;
};

struct NewTerms {
  std::vector<std::string> fields;
  std::string history_window_start;  // "now-14d"
};

struct ThreatMatch {
  std::vector<std::string> index;
  LocatedText query;
  std::string language;
  std::string indicator_path;
  struct Pair {
    std::string field;
    std::string indicator_field;
    bool negate = false;
  };
  std::vector<std::vector<Pair>> mapping;  // one group must hold; all of a group's pairs hold
};

struct AlertSuppression {
  std::vector<std::string> group_by;
  std::optional<int64_t> duration_value;
  std::string duration_unit;  // s, m, h
  std::string missing_fields_strategy;
};

// `severity_mapping` and `risk_score_mapping`: a field of the event that replaces the rule's own.
struct FieldOverride {
  std::string field;
  std::string operation;
  std::string value;
  std::string severity;
  std::optional<int64_t> risk_score;
};

struct ExceptionsListRef {
  std::string id;
  std::string list_id;
  std::string type;
  std::string namespace_type;
};

struct ElasticRule {
  std::string rule_id;
  std::string name;
  std::string description;
  std::string severity;  // low, medium, high, critical, or empty
  std::optional<double> risk_score;
  std::vector<std::string> author;
  std::string license;
  std::vector<std::string> references;
  std::vector<std::string> false_positives;
  std::vector<std::string> tags;
  std::vector<Threat> threat;
  RuleType type = RuleType::kQuery;
  std::string language;  // kuery, lucene, eql, esql, or empty
  LocatedText query;
  std::vector<std::string> index;
  std::string data_view_id;

  std::optional<Threshold> threshold;
  std::optional<NewTerms> new_terms;
  std::optional<ThreatMatch> threat_match;
  std::optional<AlertSuppression> alert_suppression;
  std::vector<std::string> machine_learning_job_ids;
  std::string saved_id;

  std::string building_block_type;
  std::vector<FieldOverride> severity_mapping;
  std::vector<FieldOverride> risk_score_mapping;
  std::vector<ExceptionsListRef> exceptions_list;
  std::string timestamp_override;
  std::string timestamp_field;          // EQL
  std::string event_category_override;  // EQL
  std::string tiebreaker_field;         // EQL
  std::string from;
  std::string to;
  std::string interval;
  std::optional<int64_t> max_signals;
  std::optional<bool> enabled;
  std::string maturity;  // metadata: production, development, deprecated, ...
  std::string creation_date;
  std::string updated_date;
  std::vector<std::string> integration;

  // Where each key that was read stands, by its path in the rule: "query", "threshold.value".
  std::map<std::string, SourceSpan, std::less<>> places;
  struct UnknownKey {
    std::string name;  // a path
    SourceSpan span;
  };
  std::vector<UnknownKey> unknown_keys;  // at most 100, for a lint
  std::string source;                    // file name
  uint32_t line = 1;                     // where the rule begins

  // The place of a key; that of the rule's beginning if the key is not there.
  SourceSpan SpanOf(std::string_view key) const;
};

// By the file name and the beginning of the text.
bool LooksLikeElasticRule(const RuleSource& source);

// The rules of a file in its order: one of a TOML file, any number of a JSON file. A rule that is
// wrong is left out and named by an error; so is a whole file.
// Exceptions of an export are added to `exceptions` (may be null) by `list_id`.
std::vector<ElasticRule> ReadElasticRules(
    const SourceText& source, DiagnosticSink* diagnostics,
    std::map<std::string, std::vector<ElasticException>>* exceptions = nullptr);

// Where `length` bytes at `offset` of a text of the rule (`rule.query`) are in the file.
SourceSpan SpanIn(const SourceText& source, const LocatedText& text, size_t offset, size_t length);

// Tags as Sigma rules write them: attack.defense-evasion, attack.t1059.001; each once, in order.
std::vector<std::string> AttackTags(const ElasticRule& rule);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_RULE_FILE_H_
