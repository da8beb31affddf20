#include "lib/event/function_table.h"

#include <array>
#include <utility>

namespace vedette::inline v0 {
namespace {

using T = ExprType;
using F = Function;

constexpr uint8_t kMany = 255;

constexpr FunctionSpec Operator(F f, std::string_view sign, uint8_t args, T in, T out) {
  return {f, sign, args, args, in, in, out, false, true, false};
}
constexpr FunctionSpec Plain(F f, std::string_view name, uint8_t min, uint8_t max, T first, T rest,
                             T out, bool insensitive = false) {
  return {f, name, min, max, first, rest, out, insensitive, false, false};
}
constexpr FunctionSpec Aggregate(F f, std::string_view name, uint8_t min, uint8_t max, T out) {
  return {f, name, min, max, T::kAny, T::kAny, out, false, false, true};
}

// In the order of the enum.
constexpr std::array kTable = {
    Operator(F::kAdd, "+", 2, T::kNumber, T::kNumber),
    Operator(F::kSubtract, "-", 2, T::kNumber, T::kNumber),
    Operator(F::kMultiply, "*", 2, T::kNumber, T::kNumber),
    Operator(F::kDivide, "/", 2, T::kNumber, T::kNumber),
    Operator(F::kModulo, "%", 2, T::kNumber, T::kNumber),
    Operator(F::kNegate, "-", 1, T::kNumber, T::kNumber),
    Operator(F::kEqual, "==", 2, T::kAny, T::kBoolean),
    Operator(F::kLess, "<", 2, T::kAny, T::kBoolean),
    Operator(F::kLessEqual, "<=", 2, T::kAny, T::kBoolean),
    Operator(F::kGreater, ">", 2, T::kAny, T::kBoolean),
    Operator(F::kGreaterEqual, ">=", 2, T::kAny, T::kBoolean),
    FunctionSpec{F::kAnd, "and", 2, kMany, T::kBoolean, T::kBoolean, T::kBoolean, false, true,
                 false},
    FunctionSpec{F::kOr, "or", 2, kMany, T::kBoolean, T::kBoolean, T::kBoolean, false, true, false},
    Operator(F::kNot, "not", 1, T::kBoolean, T::kBoolean),
    Plain(F::kBetween, "between", 3, 4, T::kString, T::kAny, T::kString, true),
    Plain(F::kConcat, "concat", 1, kMany, T::kAny, T::kAny, T::kString),
    Plain(F::kEndsWith, "endsWith", 2, 2, T::kString, T::kString, T::kBoolean, true),
    Plain(F::kIndexOf, "indexOf", 2, 3, T::kString, T::kAny, T::kNumber, true),
    Plain(F::kLength, "length", 1, 1, T::kString, T::kString, T::kNumber),
    Plain(F::kNumber, "number", 1, 2, T::kAny, T::kNumber, T::kNumber),
    Plain(F::kStartsWith, "startsWith", 2, 2, T::kString, T::kString, T::kBoolean, true),
    Plain(F::kString, "string", 1, 1, T::kAny, T::kAny, T::kString),
    Plain(F::kStringContains, "stringContains", 2, 2, T::kString, T::kString, T::kBoolean, true),
    Plain(F::kSubstring, "substring", 2, 3, T::kString, T::kNumber, T::kString),
    Plain(F::kLower, "lower", 1, 1, T::kString, T::kString, T::kString),
    Plain(F::kTrim, "trim", 1, 1, T::kString, T::kString, T::kString),
    Plain(F::kCoalesce, "coalesce", 1, kMany, T::kAny, T::kAny, T::kAny),
    Plain(F::kLookup, "lookup", 2, kMany, T::kAny, T::kAny, T::kAny),
    Plain(F::kIf, "if", 3, 3, T::kBoolean, T::kAny, T::kAny),
    Plain(F::kIncludes, "includes", 2, 2, T::kString, T::kString, T::kBoolean, true),
    Plain(F::kWildcard, "wildcard", 2, kMany, T::kString, T::kString, T::kBoolean, true),
    Plain(F::kInSet, "inSet", 2, 33, T::kAny, T::kAny, T::kBoolean),
    Aggregate(F::kCount, "count", 1, 1, T::kNumber),
    Aggregate(F::kDistinct, "distinct", 1, kMany, T::kNumber),
    Aggregate(F::kSum, "sum", 1, 1, T::kNumber),
    Aggregate(F::kAvg, "avg", 1, 1, T::kNumber),
    Aggregate(F::kMin, "min", 1, 1, T::kNumber),
    Aggregate(F::kMax, "max", 1, 1, T::kNumber),
    Aggregate(F::kStddev, "stddev", 1, 1, T::kNumber),
    Aggregate(F::kPercentile, "percentile", 2, 2, T::kNumber),
    Aggregate(F::kFirst, "first", 1, 1, T::kAny),
    Aggregate(F::kLast, "last", 1, 1, T::kAny),
    Aggregate(F::kValues, "values", 1, 1, T::kAny),
    Aggregate(F::kRate, "rate", 1, 1, T::kNumber),
    Aggregate(F::kSeen, "seen", 1, 1, T::kBoolean),
    FunctionSpec{F::kHost, "", 0, kMany, T::kAny, T::kAny, T::kAny, false, false, false},
    Aggregate(F::kHostAggregate, "", 1, kMany, T::kAny),
};
static_assert(kTable.size() == static_cast<size_t>(F::kHostAggregate) + 1);

// Names that arithmetic has as functions.
constexpr std::array<std::pair<std::string_view, F>, 5> kNamedOperators = {{
    {"add", F::kAdd},
    {"subtract", F::kSubtract},
    {"multiply", F::kMultiply},
    {"divide", F::kDivide},
    {"modulo", F::kModulo},
}};

constexpr std::array<Encoding, 7> kEncodings = {{
    {"base64", Encoding::Kind::kBase64, false},
    {"base64offset", Encoding::Kind::kBase64Offset, true},
    {"utf16", Encoding::Kind::kUtf16, false},
    {"utf16be", Encoding::Kind::kUtf16Be, false},
    {"utf16le", Encoding::Kind::kUtf16Le, false},
    {"wide", Encoding::Kind::kUtf16Le, false},
    {"windash", Encoding::Kind::kWindash, true},
}};

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool SameName(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

}  // namespace

std::string_view ExprTypeName(ExprType type) {
  static constexpr std::string_view kNames[] = {"any", "boolean", "number", "string", "null"};
  return kNames[static_cast<size_t>(type)];
}

const FunctionSpec& SpecOf(Function function) { return kTable[static_cast<size_t>(function)]; }

const FunctionSpec* FindFunction(std::string_view name) {
  for (const auto& [named, function] : kNamedOperators) {
    if (SameName(named, name)) return &SpecOf(function);
  }
  for (const FunctionSpec& spec : kTable) {
    if (!spec.is_operator && !spec.name.empty() && SameName(spec.name, name)) return &spec;
  }
  return nullptr;
}

std::span<const FunctionSpec> AllFunctions() { return kTable; }

const Encoding* FindEncoding(std::string_view name) {
  for (const Encoding& encoding : kEncodings) {
    if (SameName(encoding.name, name)) return &encoding;
  }
  return nullptr;
}

std::span<const Encoding> AllEncodings() { return kEncodings; }

}  // namespace vedette::inline v0
