// Conditions of playbooks: comparison expressions of STIX over typed variables.
//
//   or   = and { "OR" and }      and = not { "AND" not }      not = [ "NOT" ] ( "(" or ")" | test )
//   test = variable [ "NOT" ] ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) value
//        | variable [ "NOT" ] "IN" "(" value { "," value } ")"
//        | variable [ "NOT" ] ( "LIKE" | "MATCHES" | "ISSUBSET" | "ISSUPERSET" ) string
//   variable = "__name__:value"    value = string | integer | "true" | "false" | variable
#ifndef VEDETTE_LIB_RESPONSE_CONDITION_H_
#define VEDETTE_LIB_RESPONSE_CONDITION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "vedette/response/playbook.h"

namespace re2 {
class RE2;
}

namespace vedette::inline v0 {

struct ConditionError {
  size_t offset = 0;  // in the text
  size_t length = 0;
  std::string message;
  bool undeclared = false;  // a variable that is not declared
};

struct ConditionNode {
  enum class Kind : uint8_t {
    kOr,
    kAnd,
    kNot,
    kEqual,
    kLess,
    kLessOrEqual,
    kIn,
    kLike,
    kMatches,
    kSubset,
    kSuperset,
  };
  struct Operand {
    std::string variable;  // "__x__", or empty: a literal
    TypedValue literal;
  };
  Kind kind = Kind::kAnd;
  std::vector<ConditionNode> children;
  std::vector<Operand> operands;  // the left one first
  std::shared_ptr<const re2::RE2> regex;
};

// The type of a variable; nothing if there is none of that name.
using TypeOf = std::function<std::optional<VariableType>(std::string_view name)>;
// Nothing, and `error`, if the text is no condition or compares what cannot be compared.
std::optional<ConditionNode> ParseCondition(std::string_view text, const TypeOf& type_of,
                                            ConditionError* error);

// Null: the variable has no value, which is FailedPrecondition with its name.
using ValueOf = std::function<const TypedValue*(std::string_view name)>;
absl::StatusOr<bool> EvaluateCondition(const ConditionNode& node, const ValueOf& value_of);

// Whether `text` is a reference to a variable, "__name__:value": then its name, "__name__".
std::optional<std::string> VariableReference(std::string_view text);
// Whether a reference stands somewhere within the text.
bool HoldsReference(std::string_view text);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_RESPONSE_CONDITION_H_
