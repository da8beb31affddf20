#include "lib/lang/elastic/rule_file.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "lib/doc/doc_tree.h"
#include "lib/lang/elastic/exception_file.h"
#include "lib/lang/elastic/map_reader.h"
#include "lib/lang/elastic/toml_tree.h"

namespace vedette::inline v0::elastic {
namespace {

constexpr std::string_view kTypeNames[] = {"query",     "eql",          "threshold",
                                           "new_terms", "threat_match", "machine_learning",
                                           "esql",      "saved_query"};
constexpr size_t kMaxFileErrors = 200;
constexpr int64_t kMaxInt = std::numeric_limits<int64_t>::max();

// Keys that say nothing about what the rule matches or how it is shown.
constexpr std::string_view kIgnoredRuleKeys[] = {"note",
                                                 "setup",
                                                 "investigation_fields",
                                                 "related_integrations",
                                                 "required_fields",
                                                 "version",
                                                 "revision",
                                                 "output_index",
                                                 "throttle",
                                                 "meta",
                                                 "id",
                                                 "created_at",
                                                 "created_by",
                                                 "updated_at",
                                                 "updated_by",
                                                 "immutable",
                                                 "rule_source",
                                                 "execution_summary",
                                                 "namespace",
                                                 "rule_name_override",
                                                 "timeline_id",
                                                 "timeline_title",
                                                 "timestamp_override_fallback_disabled",
                                                 "concurrent_searches",
                                                 "items_per_search",
                                                 "anomaly_threshold",
                                                 "outcome",
                                                 "alias_target_id",
                                                 "alias_purpose",
                                                 "last_execution",
                                                 "_version"};
constexpr std::string_view kIgnoredMetadataKeys[] = {
    "min_stack_version",       "min_stack_comments", "promotion",
    "deprecation_date",        "os_type_list",       "comments",
    "query_schema_validation", "bypass_bbr_timing",  "extended"};

void ReadAttack(MapReader& in, AttackEntry* out) {
  in.String("id", &out->id);
  in.String("name", &out->name);
  in.String("reference", &out->reference);
}

void ReadThreat(MapReader& in, Threat* out) {
  in.String("framework", &out->framework);
  in.Map("tactic", [&](MapReader& tactic) { ReadAttack(tactic, &out->tactic); });
  in.Maps("technique", [&](MapReader& technique) {
    AttackTechnique& entry = out->techniques.emplace_back();
    ReadAttack(technique, &entry);
    technique.Maps("subtechnique",
                   [&](MapReader& sub) { ReadAttack(sub, &entry.subtechniques.emplace_back()); });
  });
}

void ReadThreshold(MapReader& in, Threshold* out) {
  std::optional<int64_t> value;
  in.Strings("field", &out->fields);
  in.Int("value", 1, kMaxInt, &value);
  if (!in.Has("value")) in.Missing("value", "how many events make an alert");
  out->value = value.value_or(0);
  in.Maps("cardinality", [&](MapReader& cardinality) {
    Threshold::Cardinality& entry = out->cardinality.emplace_back();
    std::optional<int64_t> count;
    cardinality.String("field", &entry.field);
    cardinality.Int("value", 1, kMaxInt, &count);
    for (const std::string_view key : {"field", "value"}) {
      if (!cardinality.Has(key)) cardinality.Missing(key, "");
    }
    entry.value = count.value_or(0);
  });
}

// TOML has both parts in one table, as pairs of the key's name and its value.
void ReadNewTermsTable(MapReader& in, NewTerms* out) {
  in.Ignore("field");
  in.Strings("value", &out->fields);
  in.Maps("history_window_start", [&](MapReader& start) {
    start.Ignore("field");
    start.String("value", &out->history_window_start);
  });
}

void ReadThreatMapping(MapReader& in, ThreatMatch* out) {
  in.Maps("threat_mapping", [&](MapReader& group) {
    std::vector<ThreatMatch::Pair>& pairs = out->mapping.emplace_back();
    group.Maps("entries", [&](MapReader& pair) {
      ThreatMatch::Pair& entry = pairs.emplace_back();
      std::optional<bool> negate;
      pair.String("field", &entry.field);
      pair.String("value", &entry.indicator_field);
      pair.Bool("negate", &negate);
      pair.Ignore("type");
      entry.negate = negate.value_or(false);
      for (const std::string_view key : {"field", "value"}) {
        if (!pair.Has(key)) pair.Missing(key, "");
      }
    });
    if (pairs.empty()) group.Missing("entries", "pairs of `field` and `value`");
  });
}

void ReadSuppression(MapReader& in, AlertSuppression* out) {
  in.Strings("group_by", &out->group_by);
  in.String("missing_fields_strategy", &out->missing_fields_strategy);
  in.Map("duration", [&](MapReader& duration) {
    duration.Int("value", 1, kMaxInt, &out->duration_value);
    duration.String("unit", &out->duration_unit);
  });
}

void ReadOverrides(MapReader& in, std::string_view key, std::vector<FieldOverride>* out) {
  in.Maps(key, [&](MapReader& item) {
    FieldOverride& entry = out->emplace_back();
    item.String("field", &entry.field);
    item.String("operator", &entry.operation);
    item.Scalar("value", &entry.value);
    item.String("severity", &entry.severity);
    item.Int("risk_score", 0, 100, &entry.risk_score);
  });
}

// One rule: its table and, in TOML, the metadata beside it.
class RuleReader {
 public:
  RuleReader(const DocNode& map, StringSyntax syntax, RuleReporter* reporter)
      : reporter_(reporter), in_(map, "", syntax, reporter, &rule_), syntax_(syntax) {
    rule_.source = reporter->source().name();
    rule_.line = reporter->source().SpanAt(map.offset, 0).line;
  }

  void Metadata(const DocNode& map) {
    MapReader in(map, "metadata.", syntax_, reporter_, &rule_);
    in.String("maturity", &rule_.maturity);
    in.Scalar("creation_date", &rule_.creation_date);
    in.Scalar("updated_date", &rule_.updated_date);
    in.Strings("integration", &rule_.integration);
    for (const std::string_view key : kIgnoredMetadataKeys) in.Ignore(key);
    in.Finish();
  }

  // The rule, if there was no error.
  std::optional<ElasticRule> Read() {
    Names();
    Schedule();
    if (Type()) Query();
    Parts();
    Unsupported();
    for (const std::string_view key : kIgnoredRuleKeys) in_.Ignore(key);
    in_.Finish();
    if (reporter_->errors() > 0) return std::nullopt;
    return std::move(rule_);
  }

 private:
  void Names() {
    in_.String("name", &rule_.name);
    in_.String("rule_id", &rule_.rule_id);
    reporter_->set_rule(rule_.name.empty() ? rule_.rule_id : rule_.name);
    if (!in_.Has("name")) in_.Missing("name", "");
    in_.String("description", &rule_.description);
    in_.Strings("author", &rule_.author);
    in_.String("license", &rule_.license);
    in_.Strings("references", &rule_.references);
    in_.Strings("false_positives", &rule_.false_positives);
    in_.Strings("tags", &rule_.tags);
    in_.Real("risk_score", 0, 100, &rule_.risk_score);
    in_.String("severity", &rule_.severity);
    static constexpr std::string_view kSeverities[] = {"low", "medium", "high", "critical"};
    OneOf("severity", rule_.severity, kSeverities);
    in_.Maps("threat", [&](MapReader& in) { ReadThreat(in, &rule_.threat.emplace_back()); });
  }

  void Schedule() {
    in_.String("from", &rule_.from);
    in_.String("to", &rule_.to);
    in_.String("interval", &rule_.interval);
    in_.Int("max_signals", 1, kMaxInt, &rule_.max_signals);
    in_.Bool("enabled", &rule_.enabled);
    in_.String("building_block_type", &rule_.building_block_type);
    in_.String("timestamp_override", &rule_.timestamp_override);
    in_.String("timestamp_field", &rule_.timestamp_field);
    in_.String("event_category_override", &rule_.event_category_override);
    in_.String("tiebreaker_field", &rule_.tiebreaker_field);
    ReadOverrides(in_, "severity_mapping", &rule_.severity_mapping);
    ReadOverrides(in_, "risk_score_mapping", &rule_.risk_score_mapping);
    in_.Maps("exceptions_list", [&](MapReader& in) {
      ExceptionsListRef& entry = rule_.exceptions_list.emplace_back();
      in.String("id", &entry.id);
      in.String("list_id", &entry.list_id);
      in.String("type", &entry.type);
      in.String("namespace_type", &entry.namespace_type);
    });
  }

  bool Type() {
    std::string type;
    in_.String("type", &type);
    if (!in_.Has("type")) {
      in_.Missing("type", "query, eql, threshold, new_terms, threat_match, esql, ...");
      return false;
    }
    if (!OneOf("type", type, kTypeNames)) return false;
    const auto* found = std::find(std::begin(kTypeNames), std::end(kTypeNames), type);
    rule_.type = static_cast<RuleType>(found - std::begin(kTypeNames));
    return true;
  }

  void Query() {
    in_.Located("query", &rule_.query);
    in_.String("language", &rule_.language);
    static constexpr std::string_view kLanguages[] = {"kuery", "lucene", "eql", "esql"};
    OneOf("language", rule_.language, kLanguages);
    in_.Strings("index", &rule_.index);
    in_.String("data_view_id", &rule_.data_view_id);
    in_.String("saved_id", &rule_.saved_id);
    in_.Strings("machine_learning_job_id", &rule_.machine_learning_job_ids);
    const bool own_query =
        rule_.type != RuleType::kMachineLearning && rule_.type != RuleType::kSavedQuery;
    if (own_query && !in_.Has("query")) in_.Missing("query", "");
    if (rule_.type == RuleType::kSavedQuery && !in_.Has("saved_id")) in_.Missing("saved_id", "");
    if (rule_.type == RuleType::kMachineLearning && !in_.Has("machine_learning_job_id")) {
      in_.Missing("machine_learning_job_id", "");
    }
  }

  void Parts() {
    in_.Map("threshold", [&](MapReader& in) { ReadThreshold(in, &rule_.threshold.emplace()); });
    if (rule_.type == RuleType::kThreshold && !in_.Has("threshold")) {
      in_.Missing("threshold", "`field` and `value`");
    }
    ReadNewTerms();
    ReadThreatMatch();
    in_.Map("alert_suppression",
            [&](MapReader& in) { ReadSuppression(in, &rule_.alert_suppression.emplace()); });
  }

  void ReadNewTerms() {
    NewTerms terms;
    in_.Map("new_terms", [&](MapReader& in) { ReadNewTermsTable(in, &terms); });
    in_.Strings("new_terms_fields", &terms.fields);
    in_.String("history_window_start", &terms.history_window_start);
    if (rule_.type != RuleType::kNewTerms) return;
    if (terms.fields.empty()) in_.Missing("new_terms_fields", "the fields whose values are new");
    if (terms.history_window_start.empty()) {
      in_.Missing("history_window_start", "since when a value is known, as `now-14d`");
    }
    rule_.new_terms = std::move(terms);
  }

  void ReadThreatMatch() {
    ThreatMatch match;
    in_.Strings("threat_index", &match.index);
    in_.Located("threat_query", &match.query);
    in_.String("threat_language", &match.language);
    in_.String("threat_indicator_path", &match.indicator_path);
    ReadThreatMapping(in_, &match);
    if (rule_.type != RuleType::kThreatMatch) return;
    for (const std::string_view key : {"threat_index", "threat_mapping"}) {
      if (!in_.Has(key)) in_.Missing(key, "");
    }
    rule_.threat_match = std::move(match);
  }

  void Unsupported() {
    for (const std::string_view key : {"filters", "threat_filters"}) {
      if (!in_.Has(key)) continue;
      reporter_->Error("ELA0008", in_.SpanOf(key), Quoted(key) + " are not supported",
                       "write them as a part of the query");
    }
    for (const std::string_view key : {"actions", "response_actions"}) {
      if (!in_.Has(key)) continue;
      reporter_->Warning("ELA0010", in_.SpanOf(key), Quoted(key) + " are not carried out",
                         "the host decides what follows a detection");
    }
  }

  template <size_t N>
  bool OneOf(std::string_view key, const std::string& word, const std::string_view (&words)[N]) {
    if (word.empty() || std::find(words, words + N, word) != words + N) return !word.empty();
    std::string hint = "one of";
    for (size_t i = 0; i < N; ++i) hint += (i == 0 ? " " : ", ") + std::string(words[i]);
    reporter_->Error("ELA0007", in_.SpanOf(key),
                     "no such " + std::string(key) + ": " + Quoted(word), std::move(hint));
    return false;
  }

  RuleReporter* reporter_;
  ElasticRule rule_;
  MapReader in_;
  StringSyntax syntax_;
};

void ReportDocError(const SourceText& source, const DocError& error, std::string_view what,
                    DiagnosticSink* sink) {
  RuleReporter reporter(&source, sink);
  const SourceSpan span = source.SpanAt(error.offset, error.length);
  if (error.too_deep) {
    reporter.Error("ELA0003", span, error.message);
  } else {
    reporter.Error("ELA0002", span, "not " + std::string(what) + ": " + error.message);
  }
}

void ReadToml(const SourceText& source, std::vector<ElasticRule>* out, DiagnosticSink* sink) {
  DocError error;
  const std::optional<DocNode> root = ParseTomlTree(source, &error);
  if (!root.has_value()) return ReportDocError(source, error, "TOML", sink);
  RuleReporter reporter(&source, sink);
  const DocNode* map = root->Find("rule");
  if (map == nullptr || map->kind != DocNode::Kind::kMap) {
    reporter.Error("ELA0004", source.SpanAt(map == nullptr ? 0 : map->offset, 1),
                   "the file holds no rule", "a rule is a table [rule]");
    return;
  }
  RuleReader reader(*map, StringSyntax::kToml, &reporter);
  const DocNode* metadata = root->Find("metadata");
  if (metadata != nullptr && metadata->kind == DocNode::Kind::kMap) reader.Metadata(*metadata);
  std::optional<ElasticRule> rule = reader.Read();
  if (!rule.has_value()) return;
  for (const DocEntry& entry : root->entries) {
    // [transform] holds what is shown to the analyst.
    if (entry.key == "rule" || entry.key == "metadata" || entry.key == "transform") continue;
    if (rule->unknown_keys.size() >= 100) break;
    rule->unknown_keys.push_back({entry.key, source.SpanAt(entry.offset, entry.length)});
  }
  out->push_back(*std::move(rule));
}

// An object of an export: a rule, the summary at the end, or a list of exceptions or an item of
// one.
void ReadJsonObject(const DocNode& object, const SourceText& source, std::vector<ElasticRule>* out,
                    ExceptionLists* exceptions, DiagnosticSink* sink) {
  RuleReporter reporter(&source, sink);
  // Packages of prebuilt rules wrap the rule.
  const DocNode* wrapped = object.Find("attributes");
  const DocNode& map =
      wrapped != nullptr && wrapped->kind == DocNode::Kind::kMap ? *wrapped : object;
  if (map.kind != DocNode::Kind::kMap) {
    reporter.Error("ELA0004", source.SpanAt(map.offset, 1), "a rule is an object");
    return;
  }
  if (map.Find("exported_count") != nullptr || map.Find("exported_rules_count") != nullptr) return;
  const bool rule_keys = map.Find("rule_id") != nullptr || map.Find("risk_score") != nullptr ||
                         map.Find("query") != nullptr;
  if (!rule_keys && map.Find("list_id") != nullptr) {
    return ReadException(map, &reporter, exceptions);
  }
  if (!rule_keys &&
      (map.Find("connector_type_id") != nullptr || map.Find("actionTypeId") != nullptr)) {
    reporter.Warning("ELA0010", source.SpanAt(map.offset, 1), "connectors are not read");
    return;
  }
  if (!rule_keys) {
    reporter.Error("ELA0004", source.SpanAt(map.offset, 1), "the object is no rule",
                   "a rule has a name, a type and a query");
    return;
  }
  std::optional<ElasticRule> rule = RuleReader(map, StringSyntax::kJson, &reporter).Read();
  if (rule.has_value()) out->push_back(*std::move(rule));
}

// One line after the other, if the first one is a whole object; else all of it.
bool IsLines(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (begin == std::string_view::npos || text[begin] != '{') return false;
  const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  const size_t last = line.find_last_not_of(" \t\r");
  return last > 0 && line[last] == '}';
}

void ReadJson(const SourceText& source, std::vector<ElasticRule>* out, ExceptionLists* exceptions,
              DiagnosticSink* sink) {
  const std::string_view text = source.text();
  const auto read = [&](size_t offset, size_t length) {
    DocError error;
    const std::optional<DocNode> root = ParseJsonTree(source, offset, length, &error);
    if (!root.has_value()) return ReportDocError(source, error, "JSON", sink);
    if (root->kind != DocNode::Kind::kList) {
      return ReadJsonObject(*root, source, out, exceptions, sink);
    }
    for (const DocNode& item : root->items) ReadJsonObject(item, source, out, exceptions, sink);
  };
  const size_t mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  if (!IsLines(text)) return read(mark, text.size() - mark);
  const size_t errors_before = sink->errors();
  for (size_t at = mark; at < text.size();) {
    if (sink->errors() - errors_before > kMaxFileErrors) {
      RuleReporter(&source, sink)
          .Error("ELA0002", source.SpanAt(at, 1), "too many errors; the rest is not read");
      return;
    }
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) read(at, line.size());
    at = end + 1;
  }
}

bool IsJson(const SourceText& source) {
  const std::string_view name = source.name();
  if (name.ends_with(".toml")) return false;
  if (name.ends_with(".ndjson") || name.ends_with(".json")) return true;
  const size_t begin = source.text().find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (begin == std::string_view::npos) return false;
  // A TOML file, too, may begin with a bracket: that of a table's name.
  const char c = source.text()[begin];
  const size_t next = source.text().find_first_not_of(" \t\r\n", begin + 1);
  return c == '{' || (c == '[' && next != std::string_view::npos && source.text()[next] == '{');
}

std::string TagWord(std::string_view text) {
  std::string out = "attack.";
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c + 32);
    } else {
      out += c == ' ' ? '-' : c;
    }
  }
  return out;
}

}  // namespace

std::string_view RuleTypeName(RuleType type) { return kTypeNames[static_cast<size_t>(type)]; }

SourceSpan ElasticRule::SpanOf(std::string_view key) const {
  const auto found = places.find(key);
  if (found != places.end()) return found->second;
  return {line, 1, 0};
}

bool LooksLikeElasticRule(const RuleSource& source) {
  const std::string_view name = source.name;
  const std::string_view text = source.text;
  if (name.ends_with(".toml")) return text.find("[rule]") != std::string_view::npos;
  if (!name.ends_with(".ndjson") && !name.ends_with(".json")) return false;
  const std::string_view begin = text.substr(0, 65536);
  const auto has = [begin](std::string_view key) {
    return begin.find(key) != std::string_view::npos;
  };
  const bool exceptions = has("\"list_id\"") && has("\"namespace_type\"");
  return has("\"rule_id\"") || has("\"risk_score\"") || exceptions;
}

std::vector<ElasticRule> ReadElasticRules(const SourceText& source, DiagnosticSink* diagnostics,
                                          ExceptionLists* exceptions) {
  std::vector<ElasticRule> rules;
  ExceptionLists unused;
  if (source.text().size() > kMaxRuleFileBytes) {
    RuleReporter(&source, diagnostics)
        .Error("ELA0001", {}, "the file is larger than 4 MiB",
               "split the export into several files");
  } else if (IsJson(source)) {
    ReadJson(source, &rules, exceptions != nullptr ? exceptions : &unused, diagnostics);
  } else {
    ReadToml(source, &rules, diagnostics);
  }
  return rules;
}

SourceSpan SpanIn(const SourceText& source, const LocatedText& text, size_t offset, size_t length) {
  const size_t begin = text.FileOffset(offset);
  if (length == 0 || offset >= text.text.size()) return source.SpanAt(begin, length);
  // An escape takes more bytes in the file than in the text.
  const size_t last = text.FileOffset(std::min(offset + length, text.text.size()) - 1);
  return source.SpanAt(begin, last >= begin ? last + 1 - begin : 1);
}

std::vector<std::string> AttackTags(const ElasticRule& rule) {
  std::vector<std::string> out;
  const auto add = [&out](std::string_view text) {
    if (text.empty()) return;
    std::string tag = TagWord(text);
    if (std::find(out.begin(), out.end(), tag) == out.end()) out.push_back(std::move(tag));
  };
  for (const Threat& threat : rule.threat) {
    add(threat.tactic.name.empty() ? threat.tactic.id : threat.tactic.name);
    for (const AttackTechnique& technique : threat.techniques) {
      add(technique.id);
      for (const AttackEntry& sub : technique.subtechniques) add(sub.id);
    }
  }
  return out;
}

}  // namespace vedette::inline v0::elastic
