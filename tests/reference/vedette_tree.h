// The parsed form of a Vedette expression.
#ifndef VEDETTE_TESTS_REFERENCE_VEDETTE_TREE_H_
#define VEDETTE_TESTS_REFERENCE_VEDETTE_TREE_H_

#include <string>
#include <vector>

#include "tests/reference/sigma_pattern.h"
#include "tests/reference/vedette_oracle.h"

namespace vedette::reference {

// One value of a field, or a computed one.
struct VedetteScalar {
  enum class Kind { kNull, kBool, kInt, kDouble, kText };
  Kind kind = Kind::kNull;
  bool boolean = false;
  __int128 integer = 0;
  double real = 0;
  std::string text;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_number() const { return kind == Kind::kInt || kind == Kind::kDouble; }
};

VedetteScalar NullScalar();
VedetteScalar BoolScalar(bool value);
// An integer of 64 bits if the value is one, else the nearest double.
VedetteScalar IntScalar(__int128 value);
VedetteScalar RealScalar(double value);
VedetteScalar TextScalar(std::string text);

// A scalar of an event; null for lists and objects.
VedetteScalar ScalarOf(const OracleNode& node);
std::string JsonOf(const VedetteScalar& value);
// The value for each combination of values of its fields, nulls left out; and for the first one.
std::vector<VedetteScalar> VedetteChoices(const VedetteExpr& value, const VedetteNames& names,
                                          const OracleEvent& event);
VedetteScalar VedetteFirst(const VedetteExpr& value, const VedetteNames& names,
                           const OracleEvent& event);

// The text that comparisons and text functions see.
std::string TextOf(const VedetteScalar& value);
// What functions and arithmetic give; `name` in lower case. Null for what they do not take.
VedetteScalar Arithmetic(char op, const VedetteScalar& a, const VedetteScalar& b);
VedetteScalar CallFunction(const std::string& name, bool ignore_case,
                           const std::vector<VedetteScalar>& args);

// Of `inSet`: value, set[, field, value, field, ..].
VedetteScalar InSet(const VedetteNames& names, const std::vector<VedetteScalar>& args);

struct VedetteNode {
  enum class Kind {
    kConstant,
    kField,     // text: its name
    kAnyValue,  // *
    kCall,      // text: the function in lower case
    kSet,       // in NAME; text: the name of a list
    kMinus,
    kArithmetic,  // text: + - * / %
    kCompare,     // text: == != < <= > >=
    kTest,        // text: in like : contains ..; parts: the subject, then what it is held against
    kNot,
    kAnd,
    kOr,
    kBlock,  // text: any all every no; name; parts: the field, the condition
  };
  Kind kind = Kind::kConstant;
  std::string text;
  std::string name;
  bool ignore_case = false;  // ~
  bool plain_name = false;   // a field that a `let` of that name would replace
  VedetteScalar value;       // kConstant
  Pattern pattern;           // kConstant, texts: as the pattern that it may be
  std::vector<VedetteExpr> parts;
};

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_VEDETTE_TREE_H_
