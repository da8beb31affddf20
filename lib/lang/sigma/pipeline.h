// Processing pipelines in pySigma's format: changes to rules before they are lowered.
#ifndef VEDETTE_LIB_LANG_SIGMA_PIPELINE_H_
#define VEDETTE_LIB_LANG_SIGMA_PIPELINE_H_

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/lang/sigma/document.h"
#include "lib/lang/sigma/placeholders.h"

namespace vedette::inline v0::sigma {

// How several conditions count together.
struct ConditionMode {
  bool any = false;      // else all
  bool negated = false;  // the result is inverted
};

struct RuleCondition {
  enum class Kind : uint8_t {
    kLogSource,
    kContainsItem,
    kContainsField,
    kIsRule,
    kIsCorrelation,
    kTag,
    kApplied,
  };
  Kind kind = Kind::kIsRule;
  LogSource log_source;
  std::string name;   // field, tag, or id of a pipeline item
  std::string value;  // kContainsItem
};

struct FieldCondition {
  bool exclude = false;
  std::vector<std::string> names;
  std::vector<std::shared_ptr<const re2::RE2>> patterns;  // match the start of a name
};

struct ItemCondition {
  enum class Kind : uint8_t { kMatchString, kIsNull, kApplied };
  Kind kind = Kind::kIsNull;
  bool all_values = false;
  std::string id;
  std::shared_ptr<const re2::RE2> pattern;
};

struct Transformation {
  enum class Kind : uint8_t {
    kFieldMapping,
    kPrefixMapping,
    kFieldPrefix,
    kFieldSuffix,
    kAddCondition,
    kChangeLogSource,
    kReplaceString,
    kValuePlaceholders,
    kWildcardPlaceholders,
    kDropItem,
    kSetState,
    kRuleFailure,
    kSetAttribute,
  };
  Kind kind = Kind::kSetState;
  std::string id;
  // kFieldMapping, kPrefixMapping: sorted by name.
  std::vector<std::pair<std::string, std::vector<std::string>>> mapping;
  std::string text;     // prefix, suffix, message, name of an attribute
  std::string value;    // replacement, value of an attribute
  Detection detection;  // kAddCondition
  bool negated = false;
  LogSource log_source;
  std::shared_ptr<const re2::RE2> regex;  // kReplaceString
  bool skip_special = false;
  std::vector<std::string> include;  // placeholders
  std::vector<std::string> exclude;
  std::vector<RuleCondition> rule_conditions;
  std::vector<FieldCondition> field_conditions;
  std::vector<ItemCondition> item_conditions;
  ConditionMode rule_mode;
  ConditionMode field_mode;
  ConditionMode item_mode;
};

struct Pipeline {
  std::string name;
  double priority = 0;
  PlaceholderValues vars;
  std::vector<Transformation> transformations;
};

// Reads a pipeline; nothing, and SIG0064, if anything in it is wrong or not supported.
std::optional<Pipeline> ParsePipeline(const SigmaText& text, const SigmaOptions& options,
                                      DiagnosticSink* diagnostics);

// Applies pipelines to a rule, in order. Failures are reported to the rule.
void ApplyPipelines(const std::vector<Pipeline>& pipelines, Document* rule);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_PIPELINE_H_
