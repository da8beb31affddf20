// The functions and operators of the rule language: one row each, for the checker, the printer and
// the evaluator. What each means is in docs/language.md, "Functions".
#ifndef VEDETTE_LIB_EVENT_FUNCTION_TABLE_H_
#define VEDETTE_LIB_EVENT_FUNCTION_TABLE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "vedette/value.h"

namespace vedette::inline v0 {

enum class Function : uint8_t {
  // Operators.
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kNegate,
  kEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
  kNot,
  // Functions of one event.
  kBetween,
  kConcat,
  kEndsWith,
  kIndexOf,
  kLength,
  kNumber,
  kStartsWith,
  kString,
  kStringContains,
  kSubstring,
  kLower,
  kTrim,
  kCoalesce,
  kLookup,  // value, default, then key and value in turn
  kIf,
  kIncludes,
  kWildcard,  // text, patterns
  kInSet,     // value, indicator set[, field, value, field ..]; answered by the host's sets
  // Aggregates over the events of a source; only in `having` and `outcome`.
  kCount,
  kDistinct,
  kSum,
  kAvg,
  kMin,
  kMax,
  kStddev,
  kPercentile,
  kFirst,
  kLast,
  kValues,
  kRate,
  kSeen,
  // A function and an aggregate that the host registered, by name.
  kHost,
  kHostAggregate,
};

enum class ExprType : uint8_t { kAny, kBoolean, kNumber, kString, kNull };
std::string_view ExprTypeName(ExprType type);

struct FunctionSpec {
  Function function;
  std::string_view name;  // operators: the sign
  uint8_t min_args;
  uint8_t max_args;  // 255: any number
  ExprType first;
  ExprType rest;
  ExprType result;
  bool has_insensitive;  // `name~` ignores case
  bool is_operator;
  bool is_aggregate;
};

const FunctionSpec& SpecOf(Function function);
// By name without regard to case (`cidrmatch`, `cidrMatch`); nullptr if there is none. Operators
// with a name of their own (`add`) are found, too.
const FunctionSpec* FindFunction(std::string_view name);
// For suggestions and documentation.
std::span<const FunctionSpec> AllFunctions();

// Functions of constant texts, which are texts when a rule is compiled: no event is needed.
struct Encoding {
  enum class Kind : uint8_t { kBase64, kBase64Offset, kUtf16Le, kUtf16Be, kUtf16, kWindash };
  std::string_view name;
  Kind kind;
  bool several;  // its result stands for several texts, so it is no value
};
// By name without regard to case; nullptr if there is none.
const Encoding* FindEncoding(std::string_view name);
std::span<const Encoding> AllEncodings();

// Calls anything but aggregates, kInSet and kHost. Null in any argument gives null unless the
// table in docs/language.md says otherwise; so does an argument of the wrong kind. Texts of the
// result are in `arena` or in the arguments. Never fails, whatever the arguments.
Value CallFunction(Function function, bool ignore_case, std::span<const Value> args,
                   ValueArena* arena);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVENT_FUNCTION_TABLE_H_
