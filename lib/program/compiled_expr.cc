#include "lib/program/compiled_expr.h"

namespace vedette::inline v0 {
namespace {

Value CallNode(const CompiledExpr& expr, const CompiledExpr::Node& node,
               std::span<const Value> args, ValueArena* arena, IndicatorLookup* sets) {
  if (node.function == Function::kInSet) return sets != nullptr ? sets->Call(args) : Value::Null();
  if (node.function != Function::kHost) {
    return CallFunction(node.function, node.ignore_case, args, arena);
  }
  const HostFunction& host = *expr.hosts[node.index];
  if (!host.takes_null) {
    for (const Value& v : args) {
      if (!v.is_scalar()) return Value::Null();
    }
  }
  const Value v = host.call(args, arena);
  return v.is_scalar() ? v : Value::Null();
}

}  // namespace

Value RunExpr(const CompiledExpr& expr, std::span<const Value> fields, std::vector<Value>* stack,
              ValueArena* arena, IndicatorLookup* sets) {
  stack->clear();
  for (const CompiledExpr::Node& node : expr.nodes) {
    switch (node.kind) {
      case CompiledExpr::Node::Kind::kConstant:
        stack->push_back(node.constant);
        break;
      case CompiledExpr::Node::Kind::kField:
        stack->push_back(fields[node.index]);
        break;
      case CompiledExpr::Node::Kind::kCall: {
        const std::span<const Value> args = std::span(*stack).last(node.args);
        const Value v = CallNode(expr, node, args, arena, sets);
        stack->resize(stack->size() - node.args);
        stack->push_back(v);
        break;
      }
    }
  }
  return stack->empty() ? Value::Null() : stack->back();
}

}  // namespace vedette::inline v0
