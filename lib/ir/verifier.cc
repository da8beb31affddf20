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

VerifyResult VerifyPath(const std::string& name) {
  const auto path = FieldPath::Parse(name);
  return path.ok() ? VerifyResult{} : Malformed(std::string(path.status().message()));
}

// Fields of one source; a percentile has a constant after it.
VerifyResult VerifyAggregate(const Expr& e, size_t source_count) {
  const bool counts = e.function == Function::kCount || e.function == Function::kRate ||
                      e.function == Function::kSeen;
  for (size_t i = 0; i < e.args.size(); ++i) {
    const Expr& arg = e.args[i];
    if (e.function == Function::kPercentile && i == 1) {
      const bool fits = arg.kind == Expr::Kind::kNumber && arg.number.d >= 0 && arg.number.d <= 100;
      if (!fits) return Malformed("a percentile is from 0 to 100");
      continue;
    }
    const bool fits = arg.kind == Expr::Kind::kField && arg.source >= 0 &&
                      static_cast<size_t>(arg.source) < source_count &&
                      arg.source == e.args[0].source && arg.text.empty() == counts;
    if (!fits) {
      const std::string name(e.function == Function::kHostAggregate ? std::string_view(e.text)
                                                                    : SpecOf(e.function).name);
      return Malformed("`" + name + "` takes what one source has");
    }
  }
  return {};
}

// Fields parse, calls have as many arguments as their function takes, aggregates are where they
// may be, and the tree is not deeper than `max_depth`.
VerifyResult VerifyExpr(const Expr& e, size_t source_count, size_t max_depth,
                        bool aggregates = false) {
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
      VerifyResult result = VerifyPath(x.text);
      if (!result.ok()) return result;
    }
    if (x.kind != Expr::Kind::kCall) continue;
    const FunctionSpec& spec = SpecOf(x.function);
    if (x.args.size() < spec.min_args || (spec.max_args != 255 && x.args.size() > spec.max_args)) {
      return Malformed("wrong number of arguments");
    }
    if (spec.is_aggregate) {
      if (!aggregates) return Malformed("an aggregate where there is one event");
      VerifyResult result = VerifyAggregate(x, source_count);
      if (!result.ok()) return result;
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
    VerifyResult result = VerifyPath(p.field);
    if (!result.ok()) return result;
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
    VerifyResult result = VerifyPath(p.other_field);
    if (!result.ok()) return result;
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
      VerifyResult result = VerifyPath(f.field);
      if (!result.ok()) return result;
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
    VerifyResult result = VerifyExpr(value, source_count, limits.max_depth, source_count > 0);
    if (!result.ok()) return result;
  }
  for (const Key& key : actions.suppress_by) {
    VerifyResult result = VerifyExpr(key.value, source_count, limits.max_depth, source_count > 0);
    if (!result.ok()) return result;
  }
  if (actions.suppress_ns < 0) return Malformed("a negative duration");
  return {};
}

// The condition may refer to the first `earlier` sources.
VerifyResult VerifySource(const CorrelationSource& source, size_t earlier,
                          const CorrelationSpec& spec, const IrModule& module,
                          const VerifierLimits& limits) {
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
    VerifyResult result = VerifyExpr(key->value, 0, limits.max_depth);
    if (!result.ok()) return result;
  }
  if (source.runs == 0 || source.min_count == 0) return Malformed("a stage of no event");
  if (source.runs > 100) return Malformed("a stage is repeated at most 100 times");
  if (source.max_count > 0 && source.max_count < source.min_count) {
    return Malformed("a stage of fewer events than it needs");
  }
  if (source.within_previous_ns < 0 || source.after_previous_ns < 0) {
    return Malformed("a negative duration");
  }
  if (source.min_distinct > 0) {
    VerifyResult result = VerifyPath(source.distinct_field);
    if (!result.ok()) return result;
  }
  return source.rules.empty() ? VerifyFormula(source.condition, earlier, limits) : VerifyResult{};
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
  for (size_t i = 0; i < spec.sources.size(); ++i) {
    const CorrelationSource& source = spec.sources[i];
    const size_t earlier = spec.shape == Shape::kSequence ? i : 0;
    VerifyResult result = VerifySource(source, earlier, spec, module, limits);
    if (!result.ok()) return result;
    if (source.negated && spec.shape != Shape::kSequence) {
      return Malformed("only a sequence has stages that must not happen");
    }
    if (!source.negated) ++positive;
  }
  if (spec.until.has_value()) {
    if (spec.shape != Shape::kSequence) return Malformed("only a sequence has an end");
    VerifyResult result = VerifySource(*spec.until, 0, spec, module, limits);
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
  for (const Expr& value : spec.new_values) {
    VerifyResult result = VerifyExpr(value, 0, limits.max_depth);
    if (!result.ok()) return result;
  }
  if (spec.shape == Shape::kLineage) {
    if (spec.sources.size() != 2) return Malformed("lineage is between two sources");
    for (const std::string* field : {&spec.lineage_id, &spec.lineage_parent}) {
      VerifyResult result = VerifyPath(*field);
      if (!result.ok()) return result;
    }
  }
  const bool one = spec.shape == Shape::kNewValue || spec.shape == Shape::kAbsence;
  if (one && spec.sources.size() > (spec.shape == Shape::kAbsence ? 2 : 1)) {
    return Malformed("more sources than the rule has use for");
  }
  VerifyResult result = VerifyExpr(spec.having, spec.sources.size(), limits.max_depth, true);
  return result.ok() ? VerifyActions(spec.actions, spec.sources.size(), limits) : result;
}

}  // namespace vedette::inline v0
