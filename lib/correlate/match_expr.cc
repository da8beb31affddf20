#include "lib/correlate/match_expr.h"

#include <utility>

#include "lib/event/function_table.h"
#include "lib/program/choices.h"

namespace vedette::inline v0 {

std::span<const Value> ChoicesOf(const Value& value, ValueArena* arena) {
  if (value.is_list() && !value.list().empty()) return value.list();
  const std::span<Value> one = arena->NewValues(1);
  one[0] = value.is_scalar() ? value : Value::Null();
  return one;
}

std::vector<Threshold> ThresholdsOf(const ProgramCorrelation& spec, const CompiledExpr& expr) {
  using Node = CompiledExpr::Node;
  const auto aggregate_of = [&](const Node& n) -> const CorrelationSlot* {
    if (n.kind != Node::Kind::kField) return nullptr;
    const CorrelationSlot& slot = spec.slots[expr.fields[n.index]];
    return slot.kind == CorrelationSlot::Kind::kAggregate ? &slot : nullptr;
  };
  const auto is_number = [](const Node& n) {
    return n.kind == Node::Kind::kConstant && n.constant.is_number();
  };
  std::vector<Threshold> found;
  for (size_t i = 0; i < expr.nodes.size(); ++i) {
    const Node& call = expr.nodes[i];
    if (call.kind == Node::Kind::kField) {
      const CorrelationSlot& slot = spec.slots[expr.fields[call.index]];
      if (slot.kind != CorrelationSlot::Kind::kTest) continue;
      // Not deep: tests refer to no tests.
      for (Threshold& t : ThresholdsOf(spec, spec.tests[slot.index])) found.push_back(t);
      continue;
    }
    if (i < 2 || call.kind != Node::Kind::kCall || call.args != 2) continue;
    const Node& left = expr.nodes[i - 2];
    const Node& right = expr.nodes[i - 1];
    const bool turned = is_number(left);
    const CorrelationSlot* const slot = aggregate_of(turned ? right : left);
    if (slot == nullptr || !is_number(turned ? left : right)) continue;
    Threshold t = {slot->index, call.function, (turned ? left : right).constant};
    switch (call.function) {
      case Function::kEqual:
        break;
      case Function::kLess:
        if (turned) t.compare = Function::kGreater;
        break;
      case Function::kLessEqual:
        if (turned) t.compare = Function::kGreaterEqual;
        break;
      case Function::kGreater:
        if (turned) t.compare = Function::kLess;
        break;
      case Function::kGreaterEqual:
        if (turned) t.compare = Function::kLessEqual;
        break;
      default:
        continue;
    }
    found.push_back(std::move(t));
  }
  return found;
}

MatchExprRunner::MatchExprRunner(const ProgramCorrelation& spec, const IndicatorSets* sets)
    : spec_(spec), sets_(sets) {
  if (!spec.has_having) return;
  const CompiledExpr* expr = &spec.having;
  if (expr->nodes.size() == 1 && expr->nodes[0].kind == CompiledExpr::Node::Kind::kField) {
    const CorrelationSlot& slot = spec.slots[expr->fields[0]];
    if (slot.kind == CorrelationSlot::Kind::kTest) expr = &spec.tests[slot.index];
  }
  if (expr->nodes.size() != 3) return;
  const std::vector<Threshold> thresholds = ThresholdsOf(spec, *expr);
  if (!thresholds.empty()) threshold_ = thresholds[0];
}

Value MatchExprRunner::Resolve(uint32_t number, std::string_view key, Bindings* bindings) {
  const CorrelationSlot& slot = spec_.slots[number];
  Value value = Value::Null();
  switch (slot.kind) {
    case CorrelationSlot::Kind::kAggregate:
      value = bindings->Aggregate(slot.index, &arena_);
      break;
    case CorrelationSlot::Kind::kColumn:
      if (const StoredRecord* record = bindings->LastOf(slot.source); record != nullptr) {
        value = record->values()[slot.index];
      }
      break;
    case CorrelationSlot::Kind::kKey:
      for (uint32_t i = 0; i <= slot.index; ++i) {
        if (!TakeKeyPart(&key, &value)) {
          value = Value::Null();
          break;
        }
      }
      break;
    case CorrelationSlot::Kind::kTest:  // tests refer to no tests
      value = Value::Bool(Holds(spec_.tests[slot.index], key, bindings));
      break;
  }
  return value;
}

template <typename F>
bool MatchExprRunner::AnyValue(const CompiledExpr& expr, std::string_view key, Bindings* bindings,
                               F f) {
  const auto choices_of = [&](size_t i) {
    return ChoicesOf(Resolve(expr.fields[i], key, bindings), &arena_);
  };
  return AnyChoice(expr, choices_of, &stack_, &arena_, f, nullptr, &sets_);
}

bool MatchExprRunner::Holds(const CompiledExpr& expr, std::string_view key, Bindings* bindings) {
  if (threshold_.has_value() && &expr == &spec_.having) {
    const Value value = bindings->Aggregate(threshold_->aggregate, &arena_);
    // The commonest condition by far: no list of choices to make, nothing to interpret.
    if (value.is_number()) {
      const Value pair[] = {value, threshold_->number};
      return CallFunction(threshold_->compare, false, pair, &arena_).boolean();
    }
  }
  return AnyValue(expr, key, bindings,
                  [](const Value& v) { return v.kind() == ValueKind::kBool && v.boolean(); });
}

Value MatchExprRunner::First(const CompiledExpr& expr, std::string_view key, Bindings* bindings) {
  const bool is_slot =
      expr.nodes.size() == 1 && expr.nodes[0].kind == CompiledExpr::Node::Kind::kField;
  if (is_slot) return Resolve(expr.fields[0], key, bindings);
  Value first = Value::Null();
  AnyValue(expr, key, bindings, [&first](const Value& v) {
    first = v;
    return true;
  });
  return first;
}

}  // namespace vedette::inline v0
