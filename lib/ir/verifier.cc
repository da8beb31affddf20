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

VerifyResult VerifyPredicate(const Predicate& p) {
  if (p.op == PredicateOp::kKeyword) {
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

VerifyResult VerifyNode(const Formula& f) {
  const size_t n = f.children.size();
  switch (f.kind) {
    case NodeKind::kTrue:
    case NodeKind::kFalse:
      if (n != 0) return Malformed("a constant has children");
      return {};
    case NodeKind::kPredicate:
      if (n != 0) return Malformed("a predicate has children");
      return VerifyPredicate(f.predicate);
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

}  // namespace

VerifyResult VerifyRule(const IrRule& rule, const VerifierLimits& limits) {
  struct Item {
    const Formula* formula;
    size_t depth;
  };
  std::vector<Item> stack = {{&rule.condition, 1}};
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
    VerifyResult result = VerifyNode(*item.formula);
    if (!result.ok()) return result;
    for (const Formula& child : item.formula->children) stack.push_back({&child, item.depth + 1});
  }
  return {};
}

VerifyResult VerifyCorrelation(const CorrelationSpec& spec, const IrModule& module) {
  if (spec.rules.empty()) return Malformed("a correlation refers to at least one rule");
  for (const CorrelationSpec::Reference& ref : spec.rules) {
    const size_t count = ref.is_correlation ? module.correlations.size() : module.rules.size();
    if (ref.index >= count) return Malformed("reference out of range: " + ref.text);
  }
  for (const CorrelationSpec::Alias& alias : spec.aliases) {
    for (const auto& [rule, field] : alias.fields) {
      if (rule >= spec.rules.size()) return Malformed("alias out of range: " + alias.name);
    }
  }
  if (spec.timespan_ns <= 0) return Malformed("the timespan is not positive");
  const bool temporal =
      spec.type == CorrelationType::kTemporal || spec.type == CorrelationType::kTemporalOrdered;
  if (spec.expression.has_value() && !temporal) {
    return Malformed("only temporal correlations take an expression over rules");
  }
  if (!temporal && spec.bounds.empty()) return Malformed("the correlation has no condition");
  const bool needs_field = !temporal && spec.type != CorrelationType::kEventCount;
  if (needs_field == spec.value_fields.empty()) {
    return Malformed(needs_field ? "the correlation needs a field" : "a field without use");
  }
  return {};
}

}  // namespace vedette::inline v0
