// The typed intermediate representation: what every rule language lowers to and everything after
// it reads. Plain data; VerifyModule (verifier.h) states and checks its invariants.
#ifndef VEDETTE_LIB_IR_IR_H_
#define VEDETTE_LIB_IR_IR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/event/address.h"  // IWYU pragma: export
#include "lib/ir/expr.h"        // IWYU pragma: export
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
  kHolds,      // `subject` gives true; null: false; no field
};

enum class TimePart : uint8_t { kNone, kMinute, kHour, kDay, kWeek, kMonth, kYear };
enum class FieldCompare : uint8_t { kEqual, kStartsWith, kEndsWith, kContains };

struct RegexFlags {
  bool ignore_case = false;
  bool multi_line = false;
  bool dot_all = false;

  friend bool operator==(const RegexFlags&, const RegexFlags&) = default;
};

struct Predicate {
  PredicateOp op = PredicateOp::kExists;
  std::string field;  // as written; "" for kKeyword and with a `subject`; "." is the scalar itself
  // A computed value that is tested instead of a field; kHolds needs it, kExists, kFieldText,
  // kKeyword and time parts have none. Null counts as absent. Shared, never changed.
  std::shared_ptr<const Expr> subject;
  TextPattern pattern;                   // kText, kKeyword
  Number number;                         // kNumber*
  TimePart time_part = TimePart::kNone;  // kNumber*: of the field's time, wall clock as written
  std::string regex;                     // kRegex
  RegexFlags regex_flags;                // kRegex
  Cidr cidr;                             // kCidr
  std::string other_field;               // kFieldText
  FieldCompare compare = FieldCompare::kEqual;  // kFieldText: the field relates to other_field
  bool cased = false;                           // kFieldText

  friend bool operator==(const Predicate& a, const Predicate& b);  // subjects by value
};
// Moves a leading flag group `(?ims)` of `regex` to the flags, so that equal tests are equal.
void NormalizeRegex(Predicate* predicate);

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

// A part of a group key. `optional`: a missing value joins with other missing ones; else an event
// without the value takes no part.
struct Key {
  Expr value;
  bool optional = false;

  friend bool operator==(const Key&, const Key&) = default;
};

// What follows from a match, of whatever shape.
struct RuleActions {
  std::vector<std::pair<std::string, Expr>> outcomes;  // computed fields of the detection
  std::vector<Key> suppress_by;                        // no further detection of the same key ..
  int64_t suppress_ns = 0;                             // .. for so long; 0: none is suppressed

  friend bool operator==(const RuleActions&, const RuleActions&) = default;
};

struct IrRule {
  RuleMeta meta;  // meta.log_source filters the events
  Formula condition;
  RuleActions actions;
  bool emits = true;  // gives detections; else it only feeds correlations, see `generate`
};

enum class Shape : uint8_t {
  kWindow,    // `having` over the events of a window
  kSequence,  // sources in order: EQL's machine, see docs/language.md
  kAll,       // each source once, in any order; `having` may say which
  kSample,    // as EQL: one event of each source per key, no time limit
  kAbsence,   // no event of source 0 for `span_ns`, after one of source 1 if there is one
  kNewValue,  // the keys of source 0 were not seen together within `history_ns`
  kLineage,   // events of source 1 whose process descends from one of source 0
};
enum class WindowKind : uint8_t { kSliding, kTumbling, kSession };
enum class Select : uint8_t { kLatest, kFirst, kAll };
enum class Rearm : uint8_t { kDefault, kWhenFalse, kImmediately, kAfter, kReset, kNever };

// A rule whose detections feed a source.
struct RuleReference {
  std::string text;  // as written: id or name
  bool is_correlation = false;
  uint32_t index = 0;     // into IrModule::rules or ::correlations
  std::vector<Key> keys;  // instead of the source's, if not empty

  friend bool operator==(const RuleReference&, const RuleReference&) = default;
};

// One stage, slot or input of a correlation.
struct CorrelationSource {
  std::string alias;                 // an identifier, unique within the correlation
  std::vector<RuleReference> rules;  // detections of any of these; if there are none:
  Formula condition;           // events for which this holds (it may refer to earlier sources)
  std::vector<Key> keys;       // as many as every other source has
  bool negated = false;        // kSequence: `![..]`
  uint32_t runs = 1;           // kSequence: EQL's `with runs`
  uint32_t min_count = 1;      // kSequence: so many events, all consumed
  uint32_t max_count = 0;      // 0: no upper limit
  std::string distinct_field;  // kSequence: with so many different values of this
  uint32_t min_distinct = 0;
  int64_t within_previous_ns = 0;  // kSequence, 0: no limit
  int64_t after_previous_ns = 0;

  friend bool operator==(const CorrelationSource&, const CorrelationSource&) = default;
};

// A condition over several events or detections.
struct CorrelationSpec {
  RuleMeta meta;
  Shape shape = Shape::kWindow;
  std::vector<CorrelationSource> sources;
  std::optional<CorrelationSource> until;  // kSequence
  int64_t span_ns = 0;                     // kSequence: 0 is no limit
  WindowKind window = WindowKind::kSliding;
  int64_t gap_ns = 0;  // kSession
  // kWindow, kAll, kSequence: boolean over aggregates and fields of the sources; null: none.
  Expr having;
  std::vector<Expr> new_values;  // kNewValue
  int64_t history_ns = 0;        // kNewValue
  bool any_generation = false;   // kLineage: descendants, else children only
  std::string lineage_id = "process.entity_id";
  std::string lineage_parent = "process.parent.entity_id";
  Select select = Select::kLatest;
  uint32_t select_limit = 0;  // kAll
  Rearm rearm = Rearm::kDefault;
  int64_t rearm_ns = 0;  // kAfter
  RuleActions actions;
  bool emits = true;      // gives detections, as of rules
  bool generate = false;  // referenced rules give detections even if they would not
  // Rules that it names and that are of its own file give no detections of their own, unless
  // another rule that names them says `generate`.
  bool silences = false;

  friend bool operator==(const CorrelationSpec& a, const CorrelationSpec& b);  // ignores meta
};

// Everything that was lowered from one rule set.
struct IrModule {
  std::vector<IrRule> rules;
  std::vector<CorrelationSpec> correlations;
  std::vector<RuleTest> tests;
};

// Whether the correlation silences the rule that it names.
bool Silences(const CorrelationSpec& spec, const RuleReference& reference, const IrModule& module);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_IR_H_
