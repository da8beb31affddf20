#include "lib/lang/sigma/correlation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "lib/lang/sigma/condition.h"
#include "lib/lang/sigma/metadata.h"
#include "lib/lang/sigma/modifiers.h"

namespace vedette::inline v0::sigma {
namespace {

struct TypeName {
  std::string_view text;
  CorrelationType type;
};
constexpr std::array<TypeName, 8> kTypes = {{
    {"event_count", CorrelationType::kEventCount},
    {"value_count", CorrelationType::kValueCount},
    {"temporal", CorrelationType::kTemporal},
    {"temporal_ordered", CorrelationType::kTemporalOrdered},
    {"value_sum", CorrelationType::kValueSum},
    {"value_avg", CorrelationType::kValueAvg},
    {"value_percentile", CorrelationType::kValuePercentile},
    {"value_median", CorrelationType::kValueMedian},
}};

struct OpName {
  std::string_view text;
  CompareOp op;
};
constexpr std::array<OpName, 6> kOps = {{
    {"eq", CompareOp::kEq},
    {"neq", CompareOp::kNeq},
    {"lt", CompareOp::kLt},
    {"lte", CompareOp::kLte},
    {"gt", CompareOp::kGt},
    {"gte", CompareOp::kGte},
}};

bool IsTemporal(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

RuleExpression ToExpression(const ConditionNode& node) {
  RuleExpression out;
  using Kind = ConditionNode::Kind;
  if (node.parts.size() == 1) {
    out.rule = node.parts[0];
    return out;
  }
  out.kind = node.kind == Kind::kNot                               ? RuleExpression::Kind::kNot
             : node.kind == Kind::kOr || node.kind == Kind::kAnyOf ? RuleExpression::Kind::kOr
                                                                   : RuleExpression::Kind::kAnd;
  for (const uint32_t part : node.parts) {
    RuleExpression rule;
    rule.rule = part;
    out.children.push_back(std::move(rule));
  }
  for (const ConditionNode& child : node.children) out.children.push_back(ToExpression(child));
  return out;
}

// Words of a condition that can be names of rules; operators and brackets left out.
std::vector<std::string> NamesIn(std::string_view condition) {
  std::vector<std::string> out;
  std::string word;
  const auto flush = [&] {
    static constexpr std::array<std::string_view, 6> kOperators = {"and", "or", "not",
                                                                   "AND", "OR", "NOT"};
    const bool is_operator =
        std::find(kOperators.begin(), kOperators.end(), word) != kOperators.end();
    if (!word.empty() && !is_operator && std::find(out.begin(), out.end(), word) == out.end()) {
      out.push_back(word);
    }
    word.clear();
  };
  for (const char c : condition) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '(' || c == ')') {
      flush();
    } else {
      word += c;
    }
    if (out.size() > 1000) break;
  }
  flush();
  return out;
}

class CorrelationParser {
 public:
  CorrelationParser(const YamlNode& node, SourceSpan at, size_t max_nesting, Document* document)
      : node_(node),
        at_(at),
        max_nesting_(max_nesting),
        reporter_(&document->reporter),
        body_(&document->correlation),
        ast_(&document->correlation.ast) {
    body_->span = at;
  }

  void Parse() {
    static constexpr std::array<std::string_view, 7> kKeys = {
        "type", "rules", "group-by", "timespan", "condition", "aliases", "generate"};
    for (const YamlEntry& entry : node_.entries) {
      if (std::find(kKeys.begin(), kKeys.end(), entry.key) != kKeys.end()) continue;
      const std::vector<std::string_view> known(kKeys.begin(), kKeys.end());
      DiagnosticExtras extras;
      extras.hint = reporter_->Suggest(entry.key, known);
      reporter_->Error("SIG0050", entry.span, "a correlation has no " + Quoted(entry.key),
                       std::move(extras));
    }
    if (!Type()) return;
    Rules();
    GroupBy();
    Timespan();
    if (const YamlEntry* generate = node_.Find("generate"); generate != nullptr) {
      Generate(*generate);
    }
    Condition();
    Aliases();
  }

  void Generate(const YamlEntry& entry) {
    if (!entry.value.is_scalar() || TypeOf(entry.value) != ScalarType::kBool) {
      Wrong(entry, "'generate' must be true or false");
      return;
    }
    ast_->generate = entry.value.text[0] == 't' || entry.value.text[0] == 'T';
  }

 private:
  void Wrong(const YamlEntry& entry, std::string message, std::string hint = "",
             std::string_view code = "SIG0050") {
    DiagnosticExtras extras;
    extras.hint = std::move(hint);
    const bool has_place = entry.value.is_scalar();
    reporter_->Error(code, has_place ? entry.value.span : entry.span, std::move(message),
                     std::move(extras));
  }

  void Missing(std::string_view key) {
    reporter_->Error("SIG0050", at_, "the correlation has no '" + std::string(key) + "'");
  }

  bool Type() {
    const YamlEntry* const entry = node_.Find("type");
    if (entry == nullptr) {
      Missing("type");
      return false;
    }
    for (const TypeName& name : kTypes) {
      if (name.text != entry->value.text || !entry->value.is_scalar()) continue;
      ast_->type = name.type;
      return true;
    }
    std::vector<std::string_view> known;
    for (const TypeName& name : kTypes) known.push_back(name.text);
    Wrong(*entry, "unknown correlation type " + Quoted(entry->value.text),
          reporter_->Suggest(entry->value.text, known));
    return false;
  }

  void AddRule(std::string text, SourceSpan span) {
    CorrelationAst::Reference reference;
    reference.text = std::move(text);
    ast_->rules.push_back(std::move(reference));
    body_->rule_spans.push_back(span);
  }

  bool ExtendedCondition() const {
    const YamlEntry* const condition = node_.Find("condition");
    return IsTemporal(ast_->type) && condition != nullptr && condition->value.is_scalar();
  }

  void Rules() {
    const YamlEntry* const entry = node_.Find("rules");
    const bool none = entry == nullptr || entry->value.is_null() ||
                      (entry->value.is_list() && entry->value.items.empty());
    if (none) {
      // The extended condition may name them instead.
      if (!ExtendedCondition()) return Missing("rules");
      const YamlNode& condition = node_.Find("condition")->value;
      for (std::string& name : NamesIn(condition.text)) AddRule(std::move(name), condition.span);
      return;
    }
    if (entry->value.is_scalar()) return AddRule(entry->value.text, entry->value.span);
    std::vector<std::string> seen;
    for (const YamlNode& item : entry->value.items) {
      if (!item.is_scalar() || item.text.empty()) {
        return Wrong(*entry, "'rules' must be a list of ids or names");
      }
      if (ast_->rules.size() >= 1000) return Wrong(*entry, "more than 1000 rules");
      if (std::find(seen.begin(), seen.end(), item.text) != seen.end()) {
        reporter_->Error("SIG0050", item.span, "the rule " + Quoted(item.text) + " is there twice");
        return;
      }
      seen.push_back(item.text);
      AddRule(item.text, item.span);
    }
    if (entry->value.is_map()) Wrong(*entry, "'rules' must be a list of ids or names");
  }

  void GroupBy() {
    const YamlEntry* const entry = node_.Find("group-by");
    if (entry == nullptr || entry->value.is_null()) return;
    if (!ScalarList(entry->value, &ast_->group_by)) {
      Wrong(*entry, "'group-by' must be a list of fields");
    }
  }

  void Timespan() {
    const YamlEntry* const entry = node_.Find("timespan");
    if (entry == nullptr) return Missing("timespan");
    const std::optional<int64_t> span =
        entry->value.is_scalar() ? ParseTimespan(entry->value.text) : std::nullopt;
    if (!span.has_value()) {
      return Wrong(*entry, "invalid timespan " + Quoted(entry->value.text),
                   "write a whole number and s, m, h or d, like 15m");
    }
    ast_->timespan_ns = *span;
  }

  void Condition() {
    const YamlEntry* const entry = node_.Find("condition");
    const bool temporal = IsTemporal(ast_->type);
    if (entry == nullptr || entry->value.is_null()) {
      if (!temporal) Missing("condition");
      return;
    }
    if (ExtendedCondition()) return Extended(*entry);
    if (!entry->value.is_map()) {
      return Wrong(*entry,
                   temporal ? "the condition must be a map of bounds, or an expression over rules"
                            : "the condition must be a map like `gte: 10`",
                   "", "SIG0051");
    }
    for (const YamlEntry& part : entry->value.entries) ConditionPart(part);
    if (reporter_->errors() > 0) return;
    CheckBounds(*entry);
  }

  void ConditionPart(const YamlEntry& part) {
    if (part.key == "field") {
      std::vector<std::string> fields;
      const bool ok = ScalarList(part.value, &fields) && !fields.empty();
      if (!ok) return Wrong(part, "'field' must be a field or a list of fields", "", "SIG0051");
      ast_->value_fields = std::move(fields);
      return;
    }
    const bool numeric = part.value.is_scalar() && (TypeOf(part.value) == ScalarType::kInt ||
                                                    TypeOf(part.value) == ScalarType::kFloat);
    const std::optional<Number> number =
        numeric ? ParseNumber(part.value.text) : std::optional<Number>();
    if (part.key == "percentile" && ast_->type == CorrelationType::kValuePercentile) {
      if (!number.has_value() || number->d < 0 || number->d > 100) {
        return Wrong(part, "'percentile' must be a number from 0 to 100", "", "SIG0051");
      }
      ast_->percentile = number->d;
      has_percentile_ = true;
      return;
    }
    for (const OpName& name : kOps) {
      if (name.text != part.key) continue;
      if (!number.has_value()) {
        return Wrong(part, "'" + part.key + "' needs a number", "", "SIG0051");
      }
      ast_->bounds.push_back({name.op, *number});
      return;
    }
    std::vector<std::string_view> known = {"field"};
    for (const OpName& name : kOps) known.push_back(name.text);
    DiagnosticExtras extras;
    extras.hint = reporter_->Suggest(part.key, known);
    reporter_->Error("SIG0051", part.span, "unknown operator " + Quoted(part.key),
                     std::move(extras));
  }

  void CheckBounds(const YamlEntry& entry) {
    const bool temporal = IsTemporal(ast_->type);
    const bool needs_field = !temporal && ast_->type != CorrelationType::kEventCount;
    if (ast_->bounds.empty()) {
      return Wrong(entry, "the condition has no operator like gte", "", "SIG0051");
    }
    if (ast_->bounds.size() > 2) {
      return Wrong(entry, "a condition has one operator, or two for a range", "", "SIG0051");
    }
    if (needs_field && ast_->value_fields.empty()) {
      return Wrong(entry, "this type of correlation needs a 'field' in its condition", "",
                   "SIG0051");
    }
    if (!needs_field && !ast_->value_fields.empty()) {
      return Wrong(entry, "this type of correlation takes no 'field'", "", "SIG0051");
    }
    if (ast_->value_fields.size() > 1 && ast_->type != CorrelationType::kValueCount) {
      return Wrong(entry, "only value_count takes more than one field", "", "SIG0051");
    }
    if (ast_->type == CorrelationType::kValuePercentile && !has_percentile_) {
      ast_->percentile = 50;
    }
  }

  // "a and not b" over the names of rules.
  void Extended(const YamlEntry& entry) {
    PartNames parts;
    for (const CorrelationAst::Reference& rule : ast_->rules) parts.Add(rule.text);
    const std::optional<ConditionNode> condition =
        ParseCondition(entry.value, &parts, max_nesting_, reporter_);
    if (!condition.has_value()) return;
    for (uint32_t i = 0; i < parts.names().size(); ++i) {
      if (parts.used(i)) continue;
      reporter_->Error("SIG0051", body_->rule_spans[i],
                       "the condition does not use the rule " + Quoted(parts.names()[i]));
    }
    ast_->expression = ToExpression(*condition);
  }

  void Aliases() {
    const YamlEntry* const entry = node_.Find("aliases");
    if (entry == nullptr || entry->value.is_null()) return;
    if (!entry->value.is_map()) return Wrong(*entry, "'aliases' must be a map");
    for (const YamlEntry& alias : entry->value.entries) {
      if (!alias.value.is_map()) {
        Wrong(alias, "an alias must be a map of rule to field");
        continue;
      }
      CorrelationAst::Alias out;
      out.name = alias.key;
      for (const YamlEntry& field : alias.value.entries) {
        const auto rule = std::find_if(
            ast_->rules.begin(), ast_->rules.end(),
            [&field](const CorrelationAst::Reference& r) { return r.text == field.key; });
        if (rule == ast_->rules.end() || !field.value.is_scalar()) {
          reporter_->Error("SIG0050", field.span,
                           rule == ast_->rules.end() ? "the alias is for " + Quoted(field.key) +
                                                           ", which is not in 'rules'"
                                                     : "an alias names one field for each rule");
          continue;
        }
        out.fields.emplace_back(static_cast<uint32_t>(rule - ast_->rules.begin()),
                                field.value.text);
      }
      ast_->aliases.push_back(std::move(out));
    }
  }

  const YamlNode& node_;
  const SourceSpan at_;
  const size_t max_nesting_;
  Reporter* reporter_;
  CorrelationBody* body_;
  CorrelationAst* ast_;
  bool has_percentile_ = false;
};

}  // namespace

bool ParseCorrelation(const YamlNode& node, SourceSpan at, const YamlNode& top, size_t max_nesting,
                      Document* document) {
  Reporter& reporter = document->reporter;
  if (!node.is_map()) {
    reporter.Error("SIG0050", at,
                   "'correlation' must be a map, not " + std::string(DescribeKind(node)));
    return false;
  }
  CorrelationParser parser(node, at, max_nesting, document);
  // Rule files often have it at the top.
  if (const YamlEntry* generate = top.Find("generate"); generate != nullptr) {
    parser.Generate(*generate);
  }
  parser.Parse();
  return reporter.errors() == 0;
}

std::optional<int64_t> ParseTimespan(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  int64_t count = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto [p, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || p != end || count <= 0) return std::nullopt;
  int64_t seconds = 0;
  switch (text.back()) {
    case 's':
      seconds = 1;
      break;
    case 'm':
      seconds = 60;
      break;
    case 'h':
      seconds = 3600;
      break;
    case 'd':
      seconds = 86400;
      break;
    case 'w':
      seconds = 7 * 86400;
      break;
    case 'M':
      seconds = 30 * 86400;
      break;
    case 'y':
      seconds = 365 * 86400;
      break;
    default:
      return std::nullopt;
  }
  constexpr int64_t kSecond = 1000000000;
  if (count > std::numeric_limits<int64_t>::max() / kSecond / seconds) return std::nullopt;
  return count * seconds * kSecond;
}

}  // namespace vedette::inline v0::sigma
