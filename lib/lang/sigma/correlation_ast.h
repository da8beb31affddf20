// A correlation as Sigma has it; correlation_lower.cc makes the IR's of it.
#ifndef VEDETTE_LIB_LANG_SIGMA_CORRELATION_AST_H_
#define VEDETTE_LIB_LANG_SIGMA_CORRELATION_AST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/ir/ir.h"

namespace vedette::inline v0::sigma {

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
  uint32_t rule = 0;  // kRule: index into CorrelationAst::rules
  std::vector<RuleExpression> children;
};

// A windowed condition over detections of other rules. References are by index: rules first, then
// correlations (index - rules.size()).
struct CorrelationAst {
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

// Group keys, aliases and bounds become keys of sources and a `having` expression. The references
// of `ast` must be resolved.
CorrelationSpec LowerCorrelation(const CorrelationAst& ast, RuleMeta meta);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_CORRELATION_AST_H_
