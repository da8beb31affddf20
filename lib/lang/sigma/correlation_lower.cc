#include <algorithm>
#include <utility>

#include "lib/lang/sigma/correlation_ast.h"

namespace vedette::inline v0::sigma {
namespace {

bool IsTemporal(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

Expr Constant(int64_t n) { return Expr::Of({true, n, static_cast<double>(n)}); }

Expr Compare(const CorrelationAst::Bound& bound, Expr value) {
  Function f = Function::kEqual;
  switch (bound.op) {
    case CompareOp::kEq:
    case CompareOp::kNeq:
      break;
    case CompareOp::kLt:
      f = Function::kLess;
      break;
    case CompareOp::kLte:
      f = Function::kLessEqual;
      break;
    case CompareOp::kGt:
      f = Function::kGreater;
      break;
    case CompareOp::kGte:
      f = Function::kGreaterEqual;
      break;
  }
  Expr out = Expr::Call(f, {std::move(value), Expr::Of(bound.value)});
  return bound.op == CompareOp::kNeq ? Expr::Call(Function::kNot, {std::move(out)}) : out;
}

Expr AllOf(std::vector<Expr> parts) {
  if (parts.empty()) return Expr::Null();
  if (parts.size() == 1) return std::move(parts[0]);
  return Expr::Call(Function::kAnd, std::move(parts));
}

Expr Seen(size_t source) {
  return Expr::Call(Function::kSeen, {Expr::Field("", static_cast<int32_t>(source))});
}

Expr Lower(const RuleExpression& e) {
  if (e.kind == RuleExpression::Kind::kRule) return Seen(e.rule);
  std::vector<Expr> children;
  for (const RuleExpression& child : e.children) children.push_back(Lower(child));
  if (e.kind == RuleExpression::Kind::kNot) return Expr::Call(Function::kNot, std::move(children));
  if (children.size() == 1) return std::move(children[0]);
  return Expr::Call(e.kind == RuleExpression::Kind::kAnd ? Function::kAnd : Function::kOr,
                    std::move(children));
}

// The keys of one referenced rule: its own field where an alias names one.
std::vector<Key> KeysOf(const CorrelationAst& ast, uint32_t rule) {
  std::vector<Key> keys;
  for (const std::string& name : ast.group_by) {
    std::string field = name;
    for (const CorrelationAst::Alias& alias : ast.aliases) {
      if (alias.name != name) continue;
      for (const auto& [of, own] : alias.fields) {
        if (of == rule) field = own;
      }
    }
    keys.push_back({Expr::Field(std::move(field)), false});
  }
  return keys;
}

// The number that the bounds of a correlation with one input look at.
Expr Measured(const CorrelationAst& ast) {
  std::vector<Expr> fields;
  for (const std::string& field : ast.value_fields) fields.push_back(Expr::Field(field, 0));
  switch (ast.type) {
    case CorrelationType::kValueCount:
      return Expr::Call(Function::kDistinct, std::move(fields));
    case CorrelationType::kValueSum:
      return Expr::Call(Function::kSum, std::move(fields));
    case CorrelationType::kValueAvg:
      return Expr::Call(Function::kAvg, std::move(fields));
    case CorrelationType::kValueMedian:
    case CorrelationType::kValuePercentile: {
      const double p = ast.type == CorrelationType::kValueMedian ? 50 : ast.percentile;
      const auto whole = static_cast<int64_t>(p);
      const bool is_whole = static_cast<double>(whole) == p;
      fields.push_back(is_whole ? Constant(whole) : Expr::Of({false, 0, p}));
      return Expr::Call(Function::kPercentile, std::move(fields));
    }
    default:
      return Expr::Call(Function::kCount, {Expr::Field("", 0)});
  }
}

RuleReference Refer(const CorrelationAst::Reference& rule) {
  return {rule.text, rule.is_correlation, rule.index, {}};
}

// One source that all rules feed.
void LowerWindow(const CorrelationAst& ast, CorrelationSpec* out) {
  CorrelationSource source;
  source.alias = "events";
  source.keys = KeysOf(ast, 0);
  for (size_t i = 0; i < ast.rules.size(); ++i) {
    source.rules.push_back(Refer(ast.rules[i]));
    std::vector<Key> keys = KeysOf(ast, static_cast<uint32_t>(i));
    if (keys != source.keys) source.rules.back().keys = std::move(keys);
  }
  out->sources.push_back(std::move(source));
  std::vector<Expr> bounds;
  for (const CorrelationAst::Bound& bound : ast.bounds) {
    bounds.push_back(Compare(bound, Measured(ast)));
  }
  out->having = AllOf(std::move(bounds));
}

// A source for each rule.
void LowerTemporal(const CorrelationAst& ast, CorrelationSpec* out) {
  out->shape = ast.type == CorrelationType::kTemporalOrdered ? Shape::kSequence : Shape::kAll;
  for (size_t i = 0; i < ast.rules.size(); ++i) {
    CorrelationSource source;
    source.alias = "rule" + std::to_string(i + 1);
    source.rules.push_back(Refer(ast.rules[i]));
    source.keys = KeysOf(ast, static_cast<uint32_t>(i));
    out->sources.push_back(std::move(source));
  }
  std::vector<Expr> parts;
  if (ast.expression.has_value()) parts.push_back(Lower(*ast.expression));
  for (const CorrelationAst::Bound& bound : ast.bounds) {
    Expr seen = Constant(0);
    for (size_t i = 0; i < ast.rules.size(); ++i) {
      Expr one = Expr::Call(Function::kIf, {Seen(i), Constant(1), Constant(0)});
      seen =
          i == 0 ? std::move(one) : Expr::Call(Function::kAdd, {std::move(seen), std::move(one)});
    }
    parts.push_back(Compare(bound, std::move(seen)));
  }
  out->having = AllOf(std::move(parts));
}

// A correlation on this one groups by the names of its aliases: so they are outcomes.
void NameAliases(const CorrelationAst& ast, CorrelationSpec* out) {
  const std::vector<Key> keys = KeysOf(ast, 0);
  auto& outcomes = out->actions.outcomes;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string& name = ast.group_by[i];
    const bool known = std::any_of(outcomes.begin(), outcomes.end(),
                                   [&name](const auto& outcome) { return outcome.first == name; });
    if (keys[i].value.text != name && !known) outcomes.emplace_back(name, keys[i].value);
  }
}

}  // namespace

CorrelationSpec LowerCorrelation(const CorrelationAst& ast, RuleMeta meta) {
  CorrelationSpec out;
  out.meta = std::move(meta);
  out.span_ns = ast.timespan_ns;
  out.generate = ast.generate;
  if (IsTemporal(ast.type)) {
    LowerTemporal(ast, &out);
  } else {
    LowerWindow(ast, &out);
  }
  NameAliases(ast, &out);
  return out;
}

}  // namespace vedette::inline v0::sigma
