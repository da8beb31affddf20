#include "lib/ir/verifier.h"

#include <vector>

#include "vedette/field_path.h"

namespace vedette::inline v0 {
namespace {

using Kind = VerifyResult::Kind;

VerifyResult Malformed(std::string message) { return {Kind::kMalformed, std::move(message)}; }

bool IsCanonical(const TextPattern& pattern) {
  TextPattern copy = pattern;
  Canonicalize(&copy);
  return copy.pieces == pattern.pieces;
}

bool IsNumberOp(PredicateOp op) {
  return op >= PredicateOp::kNumberEq && op <= PredicateOp::kNumberGe;
}

// Fields parse, calls have as many arguments as their function takes, and the tree is not deeper
// than `max_depth`.
VerifyResult VerifyExpr(const Expr& e, size_t source_count, size_t max_depth) {
  struct Item {
    const Expr* expr;
    size_t depth;
  };
  std::vector<Item> stack = {{&e, 1}};
  while (!stack.empty()) {
    const Item item = stack.back();
    stack.pop_back();
    const Expr& x = *item.expr;
    if (item.depth > max_depth) {
      return {Kind::kTooDeep,
              "an expression nests deeper than " + std::to_string(max_depth) + " levels"};
    }
    if (x.kind == Expr::Kind::kField) {
      if (x.source >= 0 && static_cast<size_t>(x.source) >= source_count) {
        return Malformed("a field of no source");
      }
      if (x.source >= 0 && x.text.empty()) continue;
      const auto path = FieldPath::Parse(x.text);
      if (!path.ok()) return {Kind::kMalformed, std::string(path.status().message())};
    }
    if (x.kind != Expr::Kind::kCall) continue;
    const FunctionSpec& spec = SpecOf(x.function);
    if (x.args.size() < spec.min_args || (spec.max_args != 255 && x.args.size() > spec.max_args)) {
      return Malformed("wrong number of arguments");
    }
    for (const Expr& arg : x.args) stack.push_back({&arg, item.depth + 1});
  }
  return {};
}

VerifyResult VerifyPredicate(const Predicate& p, size_t source_count, size_t max_depth) {
  if (p.op == PredicateOp::kHolds && p.subject == nullptr) return Malformed("nothing to test");
  if (p.subject != nullptr) {
    const bool fits = p.op != PredicateOp::kExists && p.op != PredicateOp::kFieldText &&
                      p.op != PredicateOp::kKeyword && p.time_part == TimePart::kNone;
    if (!fits || !p.field.empty()) return Malformed("the operator takes no computed value");
    VerifyResult result = VerifyExpr(*p.subject, source_count, max_depth);
    if (!result.ok()) return result;
  } else if (p.op == PredicateOp::kKeyword) {
    if (!p.field.empty()) return Malformed("a keyword has no field");
  } else {
    const auto path = FieldPath::Parse(p.field);
    if (!path.ok()) return {Kind::kMalformed, std::string(path.status().message())};
  }
  const bool has_pattern = p.op == PredicateOp::kText || p.op == PredicateOp::kKeyword;
  if (has_pattern && !IsCanonical(p.pattern)) return Malformed("pattern is not canonical");
  if (!has_pattern && !p.pattern.pieces.empty()) return Malformed("pattern without use");
  if (p.time_part != TimePart::kNone && !IsNumberOp(p.op)) {
    return Malformed("a time part needs a numeric operator");
  }
  if (p.op == PredicateOp::kRegex && p.regex.size() > (size_t{1} << 20)) {
    return Malformed("a regular expression longer than 1 MiB");
  }
  if (p.op == PredicateOp::kCidr && p.cidr.bits > (p.cidr.v6 ? 128 : 32)) {
    return Malformed("prefix length out of range");
  }
  if (p.op == PredicateOp::kFieldText) {
    const auto path = FieldPath::Parse(p.other_field);
    if (!path.ok()) return {Kind::kMalformed, std::string(path.status().message())};
  }
  return {};
}

VerifyResult VerifyNode(const Formula& f, size_t source_count, size_t max_depth) {
  const size_t n = f.children.size();
  switch (f.kind) {
    case NodeKind::kTrue:
    case NodeKind::kFalse:
      if (n != 0) return Malformed("a constant has children");
      return {};
    case NodeKind::kPredicate:
      if (n != 0) return Malformed("a predicate has children");
      return VerifyPredicate(f.predicate, source_count, max_depth);
    case NodeKind::kAnd:
    case NodeKind::kOr:
      return {};
    case NodeKind::kNot:
      if (n != 1) return Malformed("not takes one child");
      return {};
    case NodeKind::kEach: {
      if (n != 1) return Malformed("an array block takes one child");
      const auto path = FieldPath::Parse(f.field);
      if (!path.ok()) return {Kind::kMalformed, std::string(path.status().message())};
      return {};
    }
  }
  return Malformed("unknown node kind");
}

VerifyResult VerifyFormula(const Formula& root, size_t source_count, const VerifierLimits& limits) {
  struct Item {
    const Formula* formula;
    size_t depth;
  };
  std::vector<Item> stack = {{&root, 1}};
  size_t predicates = 0;
  while (!stack.empty()) {
    const Item item = stack.back();
    stack.pop_back();
    if (item.depth > limits.max_depth) {
      return {Kind::kTooDeep,
              "the condition nests deeper than " + std::to_string(limits.max_depth) + " levels"};
    }
    if (item.formula->kind == NodeKind::kPredicate && ++predicates > limits.max_predicates) {
      return {Kind::kTooLarge,
              "more than " + std::to_string(limits.max_predicates) + " values in one rule"};
    }
    VerifyResult result = VerifyNode(*item.formula, source_count, limits.max_depth);
    if (!result.ok()) return result;
    for (const Formula& child : item.formula->children) stack.push_back({&child, item.depth + 1});
  }
  return {};
}

VerifyResult VerifyActions(const RuleActions& actions, size_t source_count,
                           const VerifierLimits& limits) {
  for (const auto& [name, value] : actions.outcomes) {
    VerifyResult result = VerifyExpr(value, source_count, limits.max_depth);
    if (!result.ok()) return result;
  }
  for (const Key& key : actions.suppress_by) {
    VerifyResult result = VerifyExpr(key.value, source_count, limits.max_depth);
    if (!result.ok()) return result;
  }
  if (actions.suppress_ns < 0) return Malformed("a negative duration");
  return {};
}

VerifyResult VerifySource(const CorrelationSource& source, const CorrelationSpec& spec,
                          const IrModule& module, const VerifierLimits& limits) {
  const size_t sources = spec.sources.size();
  const size_t keys = spec.sources[0].keys.size();
  if (source.keys.size() != keys) return Malformed("sources with keys of different lengths");
  std::vector<const Key*> all;
  for (const Key& key : source.keys) all.push_back(&key);
  for (const RuleReference& ref : source.rules) {
    const size_t count = ref.is_correlation ? module.correlations.size() : module.rules.size();
    if (ref.index >= count) return Malformed("reference out of range: " + ref.text);
    if (!ref.keys.empty() && ref.keys.size() != keys) {
      return Malformed("sources with keys of different lengths");
    }
    for (const Key& key : ref.keys) all.push_back(&key);
  }
  for (const Key* key : all) {
    VerifyResult result = VerifyExpr(key->value, sources, limits.max_depth);
    if (!result.ok()) return result;
  }
  if (source.runs == 0 || source.min_count == 0) return Malformed("a stage of no event");
  return source.rules.empty() ? VerifyFormula(source.condition, sources, limits) : VerifyResult{};
}

}  // namespace

VerifyResult VerifyRule(const IrRule& rule, const VerifierLimits& limits) {
  VerifyResult result = VerifyFormula(rule.condition, 0, limits);
  return result.ok() ? VerifyActions(rule.actions, 0, limits) : result;
}

VerifyResult VerifyCorrelation(const CorrelationSpec& spec, const IrModule& module,
                               const VerifierLimits& limits) {
  if (spec.sources.empty()) return Malformed("a correlation has at least one source");
  size_t positive = 0;
  for (const CorrelationSource& source : spec.sources) {
    VerifyResult result = VerifySource(source, spec, module, limits);
    if (!result.ok()) return result;
    if (!source.negated) ++positive;
  }
  if (spec.until.has_value()) {
    VerifyResult result = VerifySource(*spec.until, spec, module, limits);
    if (!result.ok()) return result;
  }
  if (positive == 0) return Malformed("a sequence of nothing but absent events");
  if (spec.span_ns < 0 || spec.gap_ns < 0 || spec.history_ns < 0 || spec.rearm_ns < 0) {
    return Malformed("a negative duration");
  }
  const bool timed =
      spec.shape == Shape::kWindow || spec.shape == Shape::kAll || spec.shape == Shape::kAbsence;
  if (timed && spec.span_ns == 0) return Malformed("the timespan is not positive");
  const bool is_null = spec.having.kind == Expr::Kind::kNull;
  if (spec.shape == Shape::kWindow && is_null) return Malformed("the window has no condition");
  if (spec.shape == Shape::kNewValue && spec.new_values.empty()) {
    return Malformed("no value to be new");
  }
  if (spec.shape == Shape::kLineage && spec.sources.size() != 2) {
    return Malformed("lineage is between two sources");
  }
  VerifyResult result = VerifyExpr(spec.having, spec.sources.size(), limits.max_depth);
  return result.ok() ? VerifyActions(spec.actions, spec.sources.size(), limits) : result;
}

}  // namespace vedette::inline v0
