// The parsed form of a detection: what the loader builds and the evaluator walks.
#ifndef VEDETTE_TESTS_REFERENCE_SIGMA_TREE_H_
#define VEDETTE_TESTS_REFERENCE_SIGMA_TREE_H_

#include <re2/re2.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/reference/sigma_oracle.h"
#include "tests/reference/sigma_pattern.h"
#include "tests/reference/sigma_scalar.h"

namespace vedette::reference {

enum class Compare { kEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

// One test of one value.
struct Matcher {
  enum class Kind {
    kString,
    kRegex,
    kNumber,
    kBool,
    kNull,
    kExists,
    kCidr,
    kCompare,
    kTimePart,
    kFieldRef,
  };
  Kind kind = Kind::kNull;
  bool cased = false;
  std::string text;  // text of a number or bool, source of a regex, name of the other field
  Pattern pattern;   // string; already folded unless cased
  bool fold_regex = false, multi_line = false, dot_all = false;
  std::shared_ptr<const RE2> regex;
  bool wanted = true;  // exists
  Network network;
  Compare compare = Compare::kEqual;
  long double number = 0;
  TimePart part = TimePart::kMinute;
  bool open_before = false, open_after = false;  // fieldref: text may stand before / after
};

enum class Quantifier { kNone, kAny, kAll, kAllOrEmpty, kNoElement };

struct Item {
  bool keyword = false;
  std::string field;
  // One entry per written value; its matchers are the forms a modifier expanded it into.
  std::vector<std::vector<Matcher>> values;
  bool all = false;
  bool negated = false;
  Quantifier quantifier = Quantifier::kNone;
  std::shared_ptr<const RuleBody> block;  // with a quantifier
};

struct Detection {
  enum class Kind { kAllOf, kAnyOf, kItem };
  Kind kind = Kind::kAllOf;
  std::vector<Detection> parts;
  Item item;
};

struct Condition {
  enum class Kind { kAnd, kOr, kNot, kIdentifier };
  Kind kind = Kind::kIdentifier;
  std::vector<Condition> parts;
  std::string identifier;
};

struct RuleBody {
  std::map<std::string, Detection> detections;
  std::vector<Condition> conditions;  // any of them
};

// Reads one condition over the given detections. No value, with a reason, when it is refused.
std::optional<Condition> ParseCondition(std::string_view text,
                                        const std::map<std::string, Detection>& detections,
                                        std::string* why);

// One step of a field name: a key, then positions in the arrays found there.
struct PathStep {
  std::string key;
  std::vector<long> positions;
};
struct FieldPath {
  std::string flat;  // the name without escapes
  std::vector<PathStep> steps;
  Quantifier quantifier = Quantifier::kNone;
};
// No value when brackets hold neither a position nor, at the end, a quantifier.
std::optional<FieldPath> ParseFieldPath(std::string_view name);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_SIGMA_TREE_H_
