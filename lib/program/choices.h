// Runs an expression for every choice of the values of its fields: a list field has several.
#ifndef VEDETTE_LIB_PROGRAM_CHOICES_H_
#define VEDETTE_LIB_PROGRAM_CHOICES_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "lib/program/compiled_expr.h"

namespace vedette::inline v0 {

inline constexpr size_t kMaxChoices = 4096;

// Several values as a list in `arena`, one as itself, none as null.
inline Value OneOrList(std::span<const Value> values, ValueArena* arena) {
  if (values.empty()) return Value::Null();
  if (values.size() == 1) return values[0];
  const std::span<Value> list = arena->NewValues(values.size());
  std::copy(values.begin(), values.end(), list.begin());
  return Value::List(list);
}

// Calls `f` with the value for each choice until it gives true, and gives what it gave last.
// `choices_of(i)` are the values of the i-th field, at least one. False and `*cut` (may be null)
// set beyond kMaxChoices. `sets` as in RunExpr.
template <typename ChoicesOf, typename F>
bool AnyChoice(const CompiledExpr& expr, ChoicesOf choices_of, std::vector<Value>* stack,
               ValueArena* arena, F f, bool* cut = nullptr, IndicatorLookup* sets = nullptr) {
  using Choices = decltype(choices_of(size_t{0}));
  const size_t n = expr.fields.size();
  const std::span<Value> chosen = arena->NewValues(n);
  const auto choices =
      static_cast<Choices*>(arena->Allocate((n + 1) * sizeof(Choices), alignof(Choices)));
  const auto at = static_cast<size_t*>(arena->Allocate((n + 1) * sizeof(size_t), alignof(size_t)));
  for (size_t i = 0; i < n; ++i) {
    std::construct_at(&choices[i], choices_of(i));
    at[i] = 0;
    chosen[i] = choices[i][0];
  }
  for (size_t tried = 0; tried < kMaxChoices; ++tried) {
    if (f(RunExpr(expr, chosen, stack, arena, sets))) return true;
    size_t i = 0;
    while (i < n && ++at[i] == choices[i].size()) {
      at[i] = 0;
      chosen[i] = choices[i][0];
      ++i;
    }
    if (i == n) return false;
    chosen[i] = choices[i][at[i]];
  }
  if (cut != nullptr) *cut = true;
  return false;
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_CHOICES_H_
