#include "lib/correlate/match_expr.h"

#include "lib/program/choices.h"

namespace vedette::inline v0 {

std::span<const Value> ChoicesOf(const Value& value, ValueArena* arena) {
  if (value.is_list() && !value.list().empty()) return value.list();
  const std::span<Value> one = arena->NewValues(1);
  one[0] = value.is_scalar() ? value : Value::Null();
  return one;
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
