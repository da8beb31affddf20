// What a Program holds: flat, immutable tables, built by program_build.cc and read by the
// evaluator.
#ifndef VEDETTE_LIB_PROGRAM_PROGRAM_LAYOUT_H_
#define VEDETTE_LIB_PROGRAM_PROGRAM_LAYOUT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/event/address.h"
#include "lib/program/compiled_expr.h"
#include "lib/program/correlation_layout.h"
#include "lib/program/made_once.h"
#include "lib/program/program_regex.h"
#include "lib/program/routing.h"
#include "lib/program/text_matcher.h"
#include "vedette/field_path.h"
#include "vedette/logsource.h"
#include "vedette/rule.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

inline constexpr uint32_t kNoField = UINT32_MAX;

struct CompiledPredicate {
  enum class Op : uint8_t {
    kExists,
    kIsNull,
    kText,
    kNumberEq,
    kNumberLt,
    kNumberLe,
    kNumberGt,
    kNumberGe,
    kRegex,
    kCidr,
    kFieldText,
    kKeyword,
    kHolds,
  };
  enum class TimePart : uint8_t { kNone, kMinute, kHour, kDay, kWeek, kMonth, kYear };
  enum class Compare : uint8_t { kEqual, kStartsWith, kEndsWith, kContains };

  Op op = Op::kExists;
  TimePart time_part = TimePart::kNone;
  Compare compare = Compare::kEqual;  // kFieldText
  bool cased = false;                 // kFieldText
  // Inside an array block: `field` is looked up in the element, nothing is remembered.
  bool relative = false;
  uint32_t field = kNoField;
  uint32_t other_field = kNoField;              // kFieldText
  TextMatcher matcher;                          // kText, kKeyword
  Value number;                                 // kNumber*
  std::string number_text;                      // kNumberEq: what an equal string says
  std::shared_ptr<const ProgramRegex> regex;    // kRegex
  Cidr cidr;                                    // kCidr
  std::unique_ptr<const CompiledExpr> subject;  // tested instead of `field`
  std::string text;                             // the predicate for people
};

// A node of a rule's formula; children are consecutive, cheapest first.
struct ProgramNode {
  enum class Kind : uint8_t { kTrue, kFalse, kPredicate, kAnd, kOr, kNot, kEach };
  enum class Quantifier : uint8_t { kAny, kAll, kAllOrEmpty, kNone };

  Kind kind = Kind::kTrue;
  Quantifier quantifier = Quantifier::kAny;  // kEach
  bool relative = false;                     // kEach inside kEach
  uint32_t first = 0;                        // first child; kPredicate: the predicate
  uint32_t count = 0;                        // children
  uint32_t field = kNoField;                 // kEach
  uint32_t label = 0;                        // into labels; 0 is none
  uint32_t rank = 0;                         // the author's order among its siblings
  // The number of its formula among those that stand more than once, from 1; 0 for others.
  uint32_t shared = 0;
};

struct ProgramRule {
  RuleMeta meta;
  uint32_t root = 0;  // node
  uint64_t fingerprint = 0;
  std::vector<std::pair<std::string, CompiledExpr>> outcomes;
  std::vector<CompiledKey> suppress_by;
  int64_t suppress_ns = 0;
  bool silent = false;          // no detections: it only feeds correlations
  std::vector<uint32_t> feeds;  // into ProgramLayout::feeds, ascending
};

struct ProgramLayout {
  // Those of the author, then hidden ones: the conditions of sources of correlations.
  std::vector<ProgramRule> rules;
  size_t visible_rules = 0;
  std::vector<ProgramNode> nodes;
  uint32_t shared_formulas = 0;               // the greatest `shared`
  std::vector<CompiledPredicate> predicates;  // distinct over all rules
  std::vector<std::string> labels;            // [0] is ""
  std::vector<FieldPath> fields;              // every field some rule names
  std::vector<std::string> field_names;       // sorted
  bool searches_whole_event = false;
  LogSourceTable log_sources;
  Routing routing;
  std::vector<ProgramCorrelation> correlations;
  std::vector<CorrelationFeed> feeds;
  uint64_t fingerprint = 0;
  // Of each rule, then of each correlation: what it says of itself in the JSON of detections. Set
  // by Program.
  std::unique_ptr<MadeOnce> rule_json;
};

// Memory that these refer to, an estimate in bytes.
size_t MetaBytes(const RuleMeta& m);
size_t BytesBehind(const CompiledPredicate& p);

// Fills in what follows from the rest: `field_names`, `searches_whole_event`, the feeds of rules
// and correlations, and which formulas are shared.
void DeriveRest(ProgramLayout* layout);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_PROGRAM_LAYOUT_H_
