// A file of rules over several events as the oracle reads it.
#ifndef VEDETTE_TESTS_REFERENCE_CORRELATION_RULE_H_
#define VEDETTE_TESTS_REFERENCE_CORRELATION_RULE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/reference/vedette_tree.h"

namespace vedette::reference {

struct CorrelationKey {
  VedetteExpr value;
  bool optional = false;  // `?f`
};

struct CorrelationSource {
  struct Rule {
    std::string name;  // or id
    std::vector<CorrelationKey> keys;
  };
  std::string alias;        // "_1", "_2", .. if the author gave none
  std::vector<Rule> rules;  // if there are none:
  VedetteExpr condition;    // with the category
  std::vector<CorrelationKey> keys;
  bool negated = false;
  int64_t runs = 1;
  int64_t min_count = 1;
  int64_t max_count = 0;
  int64_t min_distinct = 0;
  std::string distinct_field;
  int64_t within_previous = 0;
  int64_t after_previous = 0;

  bool quantified() const { return min_count > 1 || max_count > 0 || min_distinct > 0; }
};

struct CorrelationRule {
  enum class Shape { kEvent, kWindow, kSequence, kAll, kSample, kAbsence, kNewValue, kLineage };
  enum class Window { kSliding, kTumbling, kSession };
  enum class Select { kLatest, kFirst, kAll };
  enum class Rearm { kDefault, kWhenFalse, kImmediately, kAfter, kReset, kNever };

  std::string name;
  std::string id;
  bool emit = true;
  bool generate = false;
  std::string product, category, service;  // of `logsource`
  VedetteNames names;                      // the file's and the rule's
  Shape shape = Shape::kEvent;
  VedetteExpr condition;  // kEvent
  Window window = Window::kSliding;
  int64_t span = 0;  // `window`, `within`, `for`; nanoseconds, as all times
  int64_t gap = 0;
  int64_t history = 0;
  std::vector<CorrelationSource> sources;
  std::optional<CorrelationSource> until;
  std::vector<VedetteExpr> new_values;
  bool any_generation = false;
  std::string link_id = "process.entity_id";
  std::string link_parent = "process.parent.entity_id";
  VedetteExpr having;  // may be null
  std::vector<std::pair<std::string, VedetteExpr>> outcomes;
  std::vector<CorrelationKey> suppress_by;
  int64_t suppress = 0;
  Select select = Select::kLatest;
  int64_t select_limit = 0;
  Rearm rearm = Rearm::kDefault;
  int64_t rearm_span = 0;
};

// Nothing, with a reason, for a text that is no file of rules. References are not resolved.
std::optional<std::vector<CorrelationRule>> ParseCorrelationRules(std::string_view text,
                                                                  std::string* why);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_CORRELATION_RULE_H_
