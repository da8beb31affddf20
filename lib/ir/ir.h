// The typed intermediate representation: what every rule language lowers to and everything after
// it reads. Plain data; VerifyModule (verifier.h) states and checks its invariants.
#ifndef VEDETTE_LIB_IR_IR_H_
#define VEDETTE_LIB_IR_IR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/event/address.h"  // IWYU pragma: export
#include "vedette/diagnostic.h"
#include "vedette/logsource.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

// ---- Text patterns -------------------------------------------------------------------------

// One piece of a pattern that a whole text must match from end to end.
struct PatternPiece {
  enum class Kind : uint8_t {
    kLiteral,  // `text`
    kAnyRun,   // any number of any characters, newlines too (Sigma `*`)
    kAnyOne,   // exactly one code point (Sigma `?`); an invalid byte counts as one
    kDash,     // one of - / U+2013 U+2014 U+2015 (Sigma windash)
  };
  Kind kind = Kind::kLiteral;
  std::string text;

  friend bool operator==(const PatternPiece&, const PatternPiece&) = default;
};

// contains 'x' is {AnyRun, "x", AnyRun}; equality is {"x"}; {} matches the empty text only.
// Canonical: no empty literals, no two literals or two AnyRuns side by side (see Canonicalize).
struct TextPattern {
  std::vector<PatternPiece> pieces;
  bool cased = false;  // else compared under Unicode simple case folding

  friend bool operator==(const TextPattern&, const TextPattern&) = default;
};
void Canonicalize(TextPattern* pattern);

// ---- Predicates ----------------------------------------------------------------------------

enum class PredicateOp : uint8_t {
  // Each says what it gives for an absent field; lists hold if any member does, unless said.
  kExists,    // field present, null included; absent: false
  kIsNull,    // absent: true; null, [] or a null member: true
  kText,      // `pattern` matches the text of a string, number or boolean; absent: false
  kNumberEq,  // equal as numbers, or string equal to `number`'s decimal text; absent: false
  kNumberLt,
  kNumberLe,
  kNumberGt,
  kNumberGe,   // numbers and wholly decimal strings; absent: false
  kRegex,      // RE2 `regex` found in the text (unanchored); absent: false
  kCidr,       // text is an address within `cidr`; absent: false
  kFieldText,  // text compared with the text of `other_field`; either absent: false
  kKeyword,    // `pattern` matches some scalar of the whole event; no field
};

enum class TimePart : uint8_t { kNone, kMinute, kHour, kDay, kWeek, kMonth, kYear };
enum class FieldCompare : uint8_t { kEqual, kStartsWith, kEndsWith, kContains };

struct Number {
  bool is_int = true;
  int64_t i = 0;
  double d = 0;              // also set for integers
  std::string Text() const;  // canonical decimal text: 1.0 is "1"

  friend bool operator==(const Number& a, const Number& b) {
    return a.is_int == b.is_int && (a.is_int ? a.i == b.i : a.d == b.d);
  }
};

struct RegexFlags {
  bool ignore_case = false;
  bool multi_line = false;
  bool dot_all = false;

  friend bool operator==(const RegexFlags&, const RegexFlags&) = default;
};

struct Predicate {
  PredicateOp op = PredicateOp::kExists;
  std::string field;    // as written; "" only for kKeyword, "." is the current scalar
  TextPattern pattern;  // kText, kKeyword
  Number number;        // kNumber*
  TimePart time_part = TimePart::kNone;  // kNumber*: of the field's time, wall clock as written
  std::string regex;                     // kRegex
  RegexFlags regex_flags;                // kRegex
  Cidr cidr;                             // kCidr
  std::string other_field;               // kFieldText
  FieldCompare compare = FieldCompare::kEqual;  // kFieldText: the field relates to other_field
  bool cased = false;                           // kFieldText

  friend bool operator==(const Predicate&, const Predicate&) = default;
};

// ---- Formulas ------------------------------------------------------------------------------

enum class NodeKind : uint8_t {
  kTrue,
  kFalse,
  kPredicate,
  kAnd,   // no children: true
  kOr,    // no children: false
  kNot,   // one child
  kEach,  // one child, bound to the elements of a list field: see Quantifier
};

// How many elements of `field` must satisfy the child of kEach. A scalar is a list of one.
enum class Quantifier : uint8_t {
  kAny,         // absent or empty: false
  kAll,         // absent or empty: false
  kAllOrEmpty,  // absent or empty: true
  kNone,        // absent or empty: true
};

// A boolean formula over predicates. Two-valued: a predicate on a missing field is what its
// operator says, and `not` inverts it. Inside kEach the fields of predicates are relative to the
// element, and "." is the element itself.
struct Formula {
  NodeKind kind = NodeKind::kTrue;
  std::vector<Formula> children;
  Predicate predicate;  // kPredicate
  std::string field;    // kEach
  Quantifier quantifier = Quantifier::kAny;
  std::string label;  // the author's name for this part ("selection_img"), for explanations
  SourceSpan span;    // where the author wrote it

  static Formula True() { return {}; }
  static Formula False();
  static Formula Of(Predicate p, SourceSpan span = {});
  // And/Or of one child is that child, unless it has a label of its own to keep.
  static Formula And(std::vector<Formula> children, std::string label = "");
  static Formula Or(std::vector<Formula> children, std::string label = "");
  static Formula Not(Formula child);

  friend bool operator==(const Formula& a, const Formula& b);  // ignores labels and spans
};

// ---- Rules and correlations ----------------------------------------------------------------

struct IrRule {
  RuleMeta meta;  // meta.log_source filters the events
  Formula condition;
};

enum class CorrelationType : uint8_t {
  kEventCount,
  kValueCount,
  kTemporal,
  kTemporalOrdered,
  kValueSum,
  kValueAvg,
  kValuePercentile,
  kValueMedian,
};

enum class CompareOp : uint8_t { kEq, kNeq, kLt, kLte, kGt, kGte };

// A boolean expression over referenced rules (extended temporal conditions).
struct RuleExpression {
  enum class Kind : uint8_t { kRule, kAnd, kOr, kNot };
  Kind kind = Kind::kRule;
  uint32_t rule = 0;  // kRule: index into CorrelationSpec::rules
  std::vector<RuleExpression> children;
};

// A windowed condition over detections of other rules. References are by index: rules first, then
// correlations (index - rules.size()).
struct CorrelationSpec {
  RuleMeta meta;
  CorrelationType type = CorrelationType::kEventCount;
  struct Reference {
    std::string text;  // as written: id or name
    bool is_correlation = false;
    uint32_t index = 0;  // into IrModule::rules or ::correlations
  };
  std::vector<Reference> rules;
  std::vector<std::string> group_by;
  struct Alias {
    std::string name;
    std::vector<std::pair<uint32_t, std::string>> fields;  // index into `rules`, its field
  };
  std::vector<Alias> aliases;
  int64_t timespan_ns = 0;
  struct Bound {
    CompareOp op = CompareOp::kGte;
    Number value;
  };
  std::vector<Bound> bounds;                 // all must hold
  std::vector<std::string> value_fields;     // value_count (tuple), value_sum, ...
  double percentile = 0;                     // kValuePercentile, 0..100
  std::optional<RuleExpression> expression;  // temporal types
  bool generate = false;                     // referenced rules emit their own detections too
};

// Everything that was lowered from one rule set.
struct IrModule {
  std::vector<IrRule> rules;
  std::vector<CorrelationSpec> correlations;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_IR_H_
