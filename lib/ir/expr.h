// Value expressions: what a rule computes from an event, or from the events of a window.
#ifndef VEDETTE_LIB_IR_EXPR_H_
#define VEDETTE_LIB_IR_EXPR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "lib/event/function_table.h"  // IWYU pragma: export
#include "vedette/diagnostic.h"

namespace vedette::inline v0 {

struct Number {
  bool is_int = true;
  int64_t i = 0;
  double d = 0;              // also set for integers
  std::string Text() const;  // canonical decimal text: 1.0 is "1"

  friend bool operator==(const Number& a, const Number& b) {
    return a.is_int == b.is_int && (a.is_int ? a.i == b.i : a.d == b.d);
  }
};

// A tree of constants, fields and calls. Plain data.
struct Expr {
  enum class Kind : uint8_t { kNull, kBoolean, kNumber, kString, kField, kCall };
  // kField: the event that is being tested itself, and no particular one of its siblings.
  static constexpr int32_t kThisEvent = -1;

  Kind kind = Kind::kNull;
  bool boolean = false;  // kBoolean
  Number number;         // kNumber
  std::string text;      // kString; kField: the path; kCall of the host's: its name
  // kField: the source of the correlation whose event is meant. With an empty path in an
  // aggregate: the events of that source.
  int32_t source = kThisEvent;
  Function function = Function::kAdd;  // kCall
  bool ignore_case = false;            // kCall
  std::vector<Expr> args;              // kCall
  SourceSpan span;                     // where the author wrote it

  static Expr Null() { return {}; }
  static Expr Bool(bool value);
  static Expr Of(Number value);
  static Expr Text(std::string value);
  static Expr Field(std::string path, int32_t source = kThisEvent);
  static Expr Call(Function function, std::vector<Expr> args, bool ignore_case = false);
  bool is_constant() const { return kind < Kind::kField; }

  friend bool operator==(const Expr& a, const Expr& b);  // ignores spans
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_EXPR_H_
