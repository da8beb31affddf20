// Runs the expressions of a correlation on a match.
#ifndef VEDETTE_LIB_CORRELATE_MATCH_EXPR_H_
#define VEDETTE_LIB_CORRELATE_MATCH_EXPR_H_

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lib/correlate/operator.h"
#include "lib/program/indicator_lookup.h"

namespace vedette::inline v0 {

// The values among which an expression may choose: the elements of a list, or one (null if there is
// none).
std::span<const Value> ChoicesOf(const Value& value, ValueArena* arena);

// A comparison of an aggregate with a number, as `count(s) >= 5`.
struct Threshold {
  uint32_t aggregate = 0;
  Function compare = Function::kGreaterEqual;  // the aggregate on its left side
  Value number;
};
// Those within an expression and its tests, in its order.
std::vector<Threshold> ThresholdsOf(const ProgramCorrelation& spec, const CompiledExpr& expr);

// Scratch for running expressions; values it gives live until the next Begin. Thread-compatible.
class MatchExprRunner {
 public:
  // `sets` may be null, and must outlive it.
  MatchExprRunner(const ProgramCorrelation& spec, const IndicatorSets* sets);

  // `at`: when indicators must be valid.
  void Begin(EventTime at) {
    arena_.Reset();
    sets_.Begin(at);
  }
  // Whether the expression gives true for some choice of the elements of list columns (4,096
  // choices at most). Null and anything else is false.
  bool Holds(const CompiledExpr& expr, std::string_view key, Bindings* bindings);
  // The value for the first choice; a slot alone gives its whole list.
  Value First(const CompiledExpr& expr, std::string_view key, Bindings* bindings);
  // The same, the first element of a list.
  Value FirstScalar(const CompiledExpr& expr, std::string_view key, Bindings* bindings) {
    const Value value = First(expr, key, bindings);
    if (!value.is_list()) return value;
    return value.list().empty() ? Value::Null() : value.list()[0];
  }
  ValueArena* arena() { return &arena_; }
  IndicatorLookup* sets() { return &sets_; }

 private:
  Value Resolve(uint32_t slot, std::string_view key, Bindings* bindings);
  template <typename F>
  bool AnyValue(const CompiledExpr& expr, std::string_view key, Bindings* bindings, F f);

  const ProgramCorrelation& spec_;
  std::optional<Threshold> threshold_;  // what `having` is, if it is no more than that
  IndicatorLookup sets_;
  ValueArena arena_;
  std::vector<Value> stack_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_MATCH_EXPR_H_
