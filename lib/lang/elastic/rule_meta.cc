#include "lib/lang/elastic/rule_meta.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "lib/lang/elastic/kql_lower.h"

namespace vedette::inline v0::elastic {
namespace {

std::string Joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

// "2024/03/05" as Sigma and ISO write it.
std::string Dashed(std::string date) {
  std::replace(date.begin(), date.end(), '/', '-');
  return date;
}

// Kibana's steps from the risk score to the severity.
Level LevelOf(const ElasticRule& rule) {
  if (!rule.severity.empty()) return LevelByName(rule.severity).value_or(Level::kUnset);
  if (!rule.risk_score.has_value()) return Level::kUnset;
  const double score = *rule.risk_score;
  return score < 22   ? Level::kLow
         : score < 48 ? Level::kMedium
         : score < 74 ? Level::kHigh
                      : Level::kCritical;
}

std::string StatusOf(const std::string& maturity) {
  if (maturity == "production") return "stable";
  if (maturity == "development") return "experimental";
  return maturity == "deprecated" ? "deprecated" : "";
}

Number NumberOf(double value) {
  Number number;
  number.d = value;
  number.is_int = std::floor(value) == value && std::fabs(value) < 1e15;
  if (number.is_int) number.i = static_cast<int64_t>(value);
  return number;
}

Expr Constant(double value) { return Expr::Of(NumberOf(value)); }

Expr If(Expr condition, Expr then, Expr otherwise) {
  std::vector<Expr> args;
  args.push_back(std::move(condition));
  args.push_back(std::move(then));
  args.push_back(std::move(otherwise));
  return Expr::Call(Function::kIf, std::move(args));
}

Expr Call(Function function, Expr a) {
  std::vector<Expr> args;
  args.push_back(std::move(a));
  return Expr::Call(function, std::move(args));
}

Expr Call(Function function, Expr a, Expr b) {
  std::vector<Expr> args;
  args.push_back(std::move(a));
  args.push_back(std::move(b));
  return Expr::Call(function, std::move(args));
}

// Values in rules are texts even where the field is a number.
Expr HasValue(const FieldOverride& entry, int32_t source) {
  Expr field = Expr::Field(KqlFieldPath(entry.field), source);
  return Call(Function::kEqual, Call(Function::kString, std::move(field)), Expr::Text(entry.value));
}

// The gravest mapping that holds: it is the outermost.
Expr SeverityOf(const ElasticRule& rule, int32_t source) {
  std::vector<const FieldOverride*> entries;
  for (const FieldOverride& entry : rule.severity_mapping) entries.push_back(&entry);
  const auto level = [](const FieldOverride* e) {
    return LevelByName(e->severity).value_or(Level::kUnset);
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const auto* a, const auto* b) { return level(a) < level(b); });
  Expr out = Expr::Text(std::string(LevelName(LevelOf(rule))));
  for (const FieldOverride* entry : entries) {
    out = If(HasValue(*entry, source), Expr::Text(entry->severity), std::move(out));
  }
  return out;
}

Expr RiskScoreOf(const ElasticRule& rule, int32_t source) {
  std::vector<const FieldOverride*> entries;
  for (const FieldOverride& entry : rule.risk_score_mapping) entries.push_back(&entry);
  std::stable_sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) {
    return a->risk_score.value_or(0) < b->risk_score.value_or(0);
  });
  Expr out = rule.risk_score.has_value() ? Constant(*rule.risk_score) : Expr::Null();
  for (const FieldOverride* entry : entries) {
    if (entry->risk_score.has_value() && !entry->value.empty()) {
      out = If(HasValue(*entry, source), Constant(static_cast<double>(*entry->risk_score)),
               std::move(out));
      continue;
    }
    // The field itself is the score, if it can be one.
    const Expr score = Call(Function::kNumber, Expr::Field(KqlFieldPath(entry->field), source));
    Expr low = Call(Function::kGreaterEqual, score, Constant(0));
    Expr high = Call(Function::kLessEqual, score, Constant(100));
    out = If(Call(Function::kAnd, std::move(low), std::move(high)), score, std::move(out));
  }
  return out;
}

}  // namespace

RuleMeta MetaOf(const ElasticRule& rule) {
  RuleMeta meta;
  meta.id = rule.rule_id;
  meta.title = rule.name;
  meta.description = rule.description;
  meta.status = StatusOf(rule.maturity);
  meta.level = LevelOf(rule);
  meta.author = Joined(rule.author);
  meta.date = Dashed(rule.creation_date);
  meta.modified = Dashed(rule.updated_date);
  meta.license = rule.license;
  meta.tags = rule.tags;
  for (std::string& tag : AttackTags(rule)) {
    if (std::find(meta.tags.begin(), meta.tags.end(), tag) == meta.tags.end()) {
      meta.tags.push_back(std::move(tag));
    }
  }
  meta.references = rule.references;
  meta.false_positives = rule.false_positives;
  meta.source = rule.source;
  meta.line = rule.line;
  const auto keep = [&meta](std::string_view key, std::string value) {
    if (!value.empty()) meta.custom.emplace_back(key, std::move(value));
  };
  keep("rule_type", std::string(RuleTypeName(rule.type)));
  keep("maturity", rule.maturity);
  keep("integration", Joined(rule.integration));
  keep("index", Joined(rule.index));
  keep("data_view_id", rule.data_view_id);
  keep("from", rule.from);
  keep("to", rule.to);
  keep("interval", rule.interval);
  keep("timestamp_override", rule.timestamp_override);
  keep("timestamp_field", rule.timestamp_field);
  keep("tiebreaker_field", rule.tiebreaker_field);
  keep("event_category_override", rule.event_category_override);
  keep("building_block", rule.building_block_type);
  if (rule.max_signals.has_value()) keep("max_signals", std::to_string(*rule.max_signals));
  if (rule.enabled.has_value()) keep("enabled", *rule.enabled ? "true" : "false");
  if (rule.threat_match.has_value()) {
    keep("threat_index", Joined(rule.threat_match->index));
    keep("threat_query", rule.threat_match->query.text);
  }
  return meta;
}

void AddOutcomes(const ElasticRule& rule, std::optional<int32_t> source, RuleActions* actions) {
  if (source.has_value() && !rule.severity_mapping.empty()) {
    actions->outcomes.emplace_back("severity", SeverityOf(rule, *source));
  }
  if (source.has_value() && !rule.risk_score_mapping.empty()) {
    actions->outcomes.emplace_back("risk_score", RiskScoreOf(rule, *source));
  } else if (rule.risk_score.has_value()) {
    actions->outcomes.emplace_back("risk_score", Constant(*rule.risk_score));
  }
}

}  // namespace vedette::inline v0::elastic
