#include "lib/lang/elastic/rule_lowering.h"

#include <string>
#include <utility>
#include <vector>

#include "lib/lang/elastic/date_math.h"
#include "lib/lang/elastic/exceptions.h"
#include "lib/lang/elastic/kql_lower.h"
#include "lib/lang/elastic/map_reader.h"
#include "lib/lang/elastic/query_lowering.h"
#include "lib/lang/elastic/rule_meta.h"
#include "vedette/field_path.h"

namespace vedette::inline v0::elastic {
namespace {

// The name of the only source of a correlation from one query.
constexpr std::string_view kAlias = "events";
// Far beyond what Kibana takes. Expressions nest once for each entry, and keys and exceptions are
// copied to each stage, so that a hostile file would cost more than its own size.
constexpr size_t kMaxEntries = 32;
constexpr size_t kMaxExceptionNodes = 500000;  // in all stages together
constexpr size_t kMaxSetName = 1024;

Expr Call(Function function, Expr a) {
  std::vector<Expr> args;
  args.push_back(std::move(a));
  return Expr::Call(function, std::move(args));
}

Expr AtLeast(Expr a, int64_t least) {
  Number number;
  number.i = least;
  number.d = static_cast<double>(least);
  std::vector<Expr> args;
  args.push_back(std::move(a));
  args.push_back(Expr::Of(number));
  return Expr::Call(Function::kGreaterEqual, std::move(args));
}

Formula Both(Formula a, Formula b) {
  std::vector<Formula> both;
  if (a.kind != NodeKind::kTrue) both.push_back(std::move(a));
  both.push_back(std::move(b));
  return Formula::And(std::move(both));
}

// The depth is bounded by kMaxExceptionNesting.
size_t CountNodes(const Formula& formula) {
  size_t count = 1;
  for (const Formula& child : formula.children) count += CountNodes(child);
  return count;
}

class Lowering {
 public:
  Lowering(const ElasticRule& rule, const SourceText& source, const ElasticOptions& options,
           DiagnosticSink* diagnostics)
      : rule_(rule),
        source_(source),
        options_(options),
        diagnostics_(diagnostics),
        reporter_(&source, diagnostics) {
    reporter_.set_rule(rule.name.empty() ? rule.rule_id : rule.name);
  }

  std::optional<LoweredElasticRule> Run() {
    const size_t errors = diagnostics_->errors();
    if (!LanguageFits()) return std::nullopt;
    Times();
    Query();
    if (diagnostics_->errors() > errors) return std::nullopt;
    Suppression();
    Exceptions();
    Mappings();
    if (diagnostics_->errors() > errors) return std::nullopt;
    (out_.is_event ? out_.event.meta : out_.correlation.meta) = MetaOf(rule_);
    Warnings();
    return std::move(out_);
  }

 private:
  void Error(std::string_view code, std::string_view key, std::string message,
             std::string hint = "") {
    reporter_.Error(code, rule_.SpanOf(key), std::move(message), std::move(hint));
  }

  bool LanguageFits() {
    if (rule_.type == RuleType::kEsql || rule_.type == RuleType::kMachineLearning) {
      Error("ELA0020", "type",
            "rules of the type " + std::string(RuleTypeName(rule_.type)) + " are not supported",
            rule_.type == RuleType::kEsql
                ? "write it as a Vedette rule: `match window .. having ..`"
                : "anomaly scores come from Elasticsearch only");
      return false;
    }
    if (rule_.type == RuleType::kSavedQuery && rule_.query.text.empty()) {
      Error("ELA0020", "saved_id", "the saved query is not in the rule",
            "export the rule with its query, or copy the query into it");
      return false;
    }
    if (rule_.language == "lucene") {
      Error("ELA0020", "language", "Lucene queries are not supported", "write the query in KQL");
      return false;
    }
    const std::string_view wanted = rule_.type == RuleType::kEql ? "eql" : "kuery";
    if (rule_.language.empty() || rule_.language == wanted) return true;
    Error("ELA0025", "language",
          "a rule of the type " + std::string(RuleTypeName(rule_.type)) + " has no query in " +
              rule_.language,
          "its language is " + std::string(wanted));
    return false;
  }

  // What `from`, `to` and `interval` say.
  void Times() {
    lookback_ns_ = options_.default_lookback_ns;
    interval_ns_ = options_.default_interval_ns;
    if (!rule_.from.empty()) lookback_ns_ = Before("from", rule_.from);
    if (!rule_.to.empty()) lookback_ns_ -= Before("to", rule_.to);
    if (lookback_ns_ <= 0) {
      if (!bad_time_) Error("ELA0023", "from", "the rule looks back at no time");
      lookback_ns_ = options_.default_lookback_ns;
    }
    if (rule_.interval.empty()) return;
    const std::optional<int64_t> interval = DurationNanoseconds(rule_.interval);
    if (interval.has_value()) {
      interval_ns_ = *interval;
    } else {
      Error("ELA0023", "interval", Quoted(rule_.interval) + " is no duration", "as 5m or 1h");
    }
  }

  int64_t Before(std::string_view key, const std::string& text) {
    const std::optional<int64_t> before = NanosecondsBeforeNow(text);
    if (before.has_value()) return *before;
    bad_time_ = true;
    Error("ELA0023", key, Quoted(text) + " is no time before now", "as now-9m or now-14d");
    return 0;
  }

  void Query() {
    if (rule_.type == RuleType::kEql) return Eql();
    std::optional<Formula> formula = LowerKqlQuery(rule_.query, &reporter_);
    Formula condition = formula.has_value() ? *std::move(formula) : Formula::True();
    switch (rule_.type) {
      case RuleType::kThreshold:
        return Threshold(std::move(condition));
      case RuleType::kNewTerms:
        return NewTerms(std::move(condition));
      case RuleType::kThreatMatch:
        out_.event.condition = Both(std::move(condition), ThreatMatch());
        return;
      default:
        out_.event.condition = std::move(condition);
        return;
    }
  }

  void Eql() {
    EqlQueryOptions options;
    options.functions = options_.functions;
    options.rule = rule_.name.empty() ? rule_.rule_id : rule_.name;
    if (!rule_.event_category_override.empty()) {
      options.category_field =
          FieldOf(rule_.event_category_override, "event_category_override").value_or("");
    }
    std::optional<lang::QueryIr> query = LowerEqlQuery(rule_.query, source_, options, diagnostics_);
    if (!query.has_value()) return;
    out_.is_event = query->is_event;
    out_.event.condition = std::move(query->condition);
    out_.correlation = std::move(query->correlation);
    CorrelationSpec& spec = out_.correlation;
    // Elasticsearch sees no more events at a time than those that the rule looks back at.
    if (!out_.is_event && spec.shape == Shape::kSequence && spec.span_ns == 0) {
      spec.span_ns = lookback_ns_;
    }
  }

  // False, and an error at `key`, for more entries than a rule may have.
  bool Fits(size_t entries, std::string_view key) {
    if (entries <= kMaxEntries) return true;
    Error("ELA0024", key, "more than " + std::to_string(kMaxEntries) + " entries");
    return false;
  }

  // The path of an Elasticsearch field; nothing, and an error at `key`, if the name is none.
  std::optional<std::string> FieldOf(const std::string& name, std::string_view key) {
    std::string path = KqlFieldPath(name);
    const auto parsed = FieldPath::Parse(path);
    if (parsed.ok() && !parsed->is_self() && name.find('*') == std::string::npos) return path;
    Error("ELA0024", key, Quoted(name) + " is no name of a field");
    return std::nullopt;
  }

  // The paths of all that are good names, without empty ones.
  std::vector<std::string> FieldsOf(const std::vector<std::string>& names, std::string_view key) {
    std::vector<std::string> out;
    for (const std::string& name : names) {
      if (name.empty()) continue;
      if (auto path = FieldOf(name, key)) out.push_back(*std::move(path));
    }
    return out;
  }

  CorrelationSource& OneSource(Formula condition) {
    out_.is_event = false;
    CorrelationSource source;
    source.alias = kAlias;
    source.condition = std::move(condition);
    out_.correlation.sources.push_back(std::move(source));
    return out_.correlation.sources.back();
  }

  void Threshold(Formula condition) {
    CorrelationSource& source = OneSource(std::move(condition));
    CorrelationSpec& spec = out_.correlation;
    for (std::string& path : FieldsOf(rule_.threshold->fields, "threshold.field")) {
      source.keys.push_back({Expr::Field(std::move(path)), false});
    }
    spec.shape = Shape::kWindow;
    spec.span_ns = lookback_ns_;
    // The events of an alert do not count for the next one.
    spec.rearm = Rearm::kReset;
    if (!Fits(rule_.threshold->cardinality.size(), "threshold.cardinality")) return;
    std::vector<Expr> all;
    all.push_back(AtLeast(Call(Function::kCount, Expr::Field("", 0)), rule_.threshold->value));
    for (const elastic::Threshold::Cardinality& entry : rule_.threshold->cardinality) {
      auto path = FieldOf(entry.field, "threshold.cardinality");
      if (!path.has_value()) continue;
      Expr field = Expr::Field(*std::move(path), 0);
      all.push_back(AtLeast(Call(Function::kDistinct, std::move(field)), entry.value));
    }
    spec.having = std::move(all[0]);
    for (size_t i = 1; i < all.size(); ++i) {
      std::vector<Expr> both;
      both.push_back(std::move(spec.having));
      both.push_back(std::move(all[i]));
      spec.having = Expr::Call(Function::kAnd, std::move(both));
    }
  }

  void NewTerms(Formula condition) {
    OneSource(std::move(condition));
    CorrelationSpec& spec = out_.correlation;
    spec.shape = Shape::kNewValue;
    for (std::string& path : FieldsOf(rule_.new_terms->fields, "new_terms_fields")) {
      spec.new_values.push_back(Expr::Field(std::move(path)));
    }
    if (spec.new_values.empty()) Error("ELA0024", "new_terms_fields", "there is no field");
    spec.history_ns = Before("history_window_start", rule_.new_terms->history_window_start);
    if (spec.history_ns == 0 && !bad_time_) {
      Error("ELA0023", "history_window_start", "the history has no length", "as now-14d");
    }
  }

  Formula Indicated(std::vector<SetPair> pairs, const std::string& set) {
    Formula out = InSet(std::move(pairs), set);
    out.span = rule_.SpanOf("threat_mapping");
    return out;
  }

  // Indicators are sets of the host: a formula has no second index to look into.
  Formula ThreatMatch() {
    const elastic::ThreatMatch& match = *rule_.threat_match;
    std::string name = match.indicator_path;
    if (name.empty()) {
      for (const std::string& index : match.index) name += (name.empty() ? "" : ",") + index;
    }
    if (name.size() > kMaxSetName) {
      Error("ELA0024", match.indicator_path.empty() ? "threat_index" : "threat_indicator_path",
            "the name of the indicator set would be longer than " + std::to_string(kMaxSetName) +
                " bytes");
      return Formula::False();
    }
    std::vector<Formula> groups;
    for (const std::vector<elastic::ThreatMatch::Pair>& pairs : match.mapping) {
      if (pairs.size() > kMaxSetPairs) {
        Error("ELA0024", "threat_mapping",
              "more than " + std::to_string(kMaxSetPairs) + " entries in one group");
        continue;
      }
      // One indicator must have all values of the group; negated ones no indicator at all.
      std::vector<SetPair> together;
      std::vector<Formula> all;
      for (const elastic::ThreatMatch::Pair& pair : pairs) {
        auto path = FieldOf(pair.field, "threat_mapping");
        if (!path.has_value()) continue;
        SetPair known = {Expr::Field(*std::move(path)), pair.indicator_field};
        if (pair.negate) {
          all.push_back(Formula::Not(Indicated({std::move(known)}, name)));
        } else {
          together.push_back(std::move(known));
        }
      }
      if (!together.empty()) {
        all.insert(all.begin(), Indicated(std::move(together), name));
      }
      groups.push_back(Formula::And(std::move(all)));
    }
    return Formula::Or(std::move(groups), "indicators");
  }

  void Suppression() {
    if (!rule_.alert_suppression.has_value()) return;
    const AlertSuppression& suppression = *rule_.alert_suppression;
    RuleActions& actions = Actions();
    actions.suppress_ns = interval_ns_;
    if (suppression.duration_value.has_value()) {
      // Not more than a century's digits: "9999999999999999999s" is no duration either.
      const std::optional<int64_t> duration = DurationNanoseconds(
          std::to_string(*suppression.duration_value) + suppression.duration_unit);
      if (!duration.has_value()) {
        return Error("ELA0023", "alert_suppression.duration", "the duration is none",
                     "a value and a unit: s, m or h");
      }
      actions.suppress_ns = *duration;
    }
    const std::string& missing = suppression.missing_fields_strategy;
    if (!missing.empty() && missing != "suppress" && missing != "doNotSuppress") {
      return Error("ELA0024", "alert_suppression.missing_fields_strategy",
                   "no such strategy: " + Quoted(missing), "one of suppress, doNotSuppress");
    }
    if (rule_.type == RuleType::kThreshold) {
      for (const Key& key : out_.correlation.sources[0].keys) {
        actions.suppress_by.push_back({Expr::Field(key.value.text, 0), false});
      }
      return;
    }
    const bool optional = missing != "doNotSuppress";
    if (!Fits(suppression.group_by.size(), "alert_suppression.group_by")) return;
    const auto paths = FieldsOf(suppression.group_by, "alert_suppression.group_by");
    if (paths.empty()) {
      return Error("ELA0024", "alert_suppression", "there is no field to suppress by",
                   "name one or more in `group_by`");
    }
    for (const std::string& path : paths) {
      for (const int32_t source : Sources()) {
        actions.suppress_by.push_back({Expr::Field(path, source), optional});
      }
    }
  }

  RuleActions& Actions() { return out_.is_event ? out_.event.actions : out_.correlation.actions; }

  // Of which events a detection has the fields: the one, or one of each stage.
  std::vector<int32_t> Sources() const {
    if (out_.is_event) return {Expr::kThisEvent};
    std::vector<int32_t> out;
    for (size_t i = 0; i < out_.correlation.sources.size(); ++i) {
      if (!out_.correlation.sources[i].negated) out.push_back(static_cast<int32_t>(i));
    }
    return out;
  }

  void Exceptions() {
    std::vector<Formula> any;
    for (const ExceptionsListRef& ref : rule_.exceptions_list) {
      const auto list = options_.exceptions.find(ref.list_id);
      if (list == options_.exceptions.end()) {
        reporter_.Warning(
            "ELA0027", rule_.SpanOf("exceptions_list"),
            "there are no exceptions " + Quoted(ref.list_id) + "; the rule matches without them",
            "load the file that they were exported to, too");
        continue;
      }
      for (const ElasticException& exception : list->second) {
        std::string error;
        std::optional<Formula> formula = LowerException(exception, &error);
        if (formula.has_value()) {
          any.push_back(*std::move(formula));
        } else {
          Error("ELA0026", "exceptions_list",
                "the exception " + Quoted(exception.name) + " of " + Quoted(ref.list_id) +
                    " cannot be used: " + error);
        }
      }
    }
    if (any.empty()) return;
    const Formula excepted = Formula::Or(std::move(any), "exceptions");
    const size_t stages = out_.is_event ? 1 : out_.correlation.sources.size() + 1;
    if (CountNodes(excepted) > kMaxExceptionNodes / stages) {
      return Error("ELA0026", "exceptions_list", "there are too many exceptions for this rule");
    }
    if (out_.is_event) return Except(excepted, &out_.event.condition);
    for (CorrelationSource& source : out_.correlation.sources) Except(excepted, &source.condition);
    if (out_.correlation.until.has_value()) Except(excepted, &out_.correlation.until->condition);
  }

  static void Except(const Formula& excepted, Formula* condition) {
    *condition = Both(std::move(*condition), Formula::Not(excepted));
  }

  void Mappings() {
    for (const auto* entries : {&rule_.severity_mapping, &rule_.risk_score_mapping}) {
      const bool severity = entries == &rule_.severity_mapping;
      const std::string_view key = severity ? "severity_mapping" : "risk_score_mapping";
      if (!Fits(entries->size(), key)) return;
      for (const FieldOverride& entry : *entries) {
        FieldOf(entry.field, key);
        if (!entry.operation.empty() && entry.operation != "equals") {
          Error("ELA0024", key, "no such operator: " + Quoted(entry.operation), "equals");
        }
        if (severity && !LevelByName(entry.severity).has_value()) {
          Error("ELA0024", key, "no such severity: " + Quoted(entry.severity),
                "one of low, medium, high, critical");
        }
      }
    }
    // Only an alert that is one event has fields to map.
    const bool new_terms = rule_.type == RuleType::kNewTerms;
    const bool mapped = !rule_.severity_mapping.empty() || !rule_.risk_score_mapping.empty();
    std::optional<int32_t> source;
    if (out_.is_event) {
      source = Expr::kThisEvent;
    } else if (new_terms) {
      source = 0;
    } else if (mapped) {
      reporter_.Warning(
          "ELA0029",
          rule_.SpanOf(rule_.severity_mapping.empty() ? "risk_score_mapping" : "severity_mapping"),
          "mappings have no effect on alerts of several events");
    }
    AddOutcomes(rule_, source, &Actions());
  }

  void Warnings() {
    if (!options_.lint) return;
    for (const ElasticRule::UnknownKey& key : rule_.unknown_keys) {
      reporter_.Warning("ELA0030", key.span, "unknown key " + Quoted(key.name));
    }
  }

  const ElasticRule& rule_;
  const SourceText& source_;
  const ElasticOptions& options_;
  DiagnosticSink* diagnostics_;
  RuleReporter reporter_;
  LoweredElasticRule out_;
  int64_t lookback_ns_ = 0;
  int64_t interval_ns_ = 0;
  bool bad_time_ = false;
};

}  // namespace

std::optional<LoweredElasticRule> LowerElasticRule(const ElasticRule& rule,
                                                   const SourceText& source,
                                                   const ElasticOptions& options,
                                                   DiagnosticSink* diagnostics) {
  return Lowering(rule, source, options, diagnostics).Run();
}

}  // namespace vedette::inline v0::elastic
