// Choosing rules by what they say about themselves.
#ifndef VEDETTE_LIB_CLI_FILTER_H_
#define VEDETTE_LIB_CLI_FILTER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cli/options.h"
#include "vedette/logsource.h"
#include "vedette/rule.h"

namespace vedette::inline v0::cli {

// A rule is chosen if it passes every part that is set. Value type.
struct RuleFilter {
  Level min_level = Level::kUnset;
  std::vector<std::string> statuses;  // any of
  std::vector<std::string> tags;      // any of; "attack.t1059" also means its sub-techniques
  LogSource log_source;               // the parts given must be equal
  std::vector<std::string> rules;     // any of: id, name or title, in any case

  // From --level, --status, --tag, --logsource and --rule. InvalidArgument for a wrong value.
  static absl::StatusOr<RuleFilter> FromOptions(const Options& options);

  bool empty() const;
  bool Accepts(const RuleMeta& rule) const;
};

// A level, also by its usual short names ("info"). InvalidArgument with the list of levels.
absl::StatusOr<Level> ParseLevel(std::string_view name);
bool RuleIsCalled(const RuleMeta& rule, std::string_view wanted);

// A tag as it is compared: lower case, "-" for "_".
std::string NormalTag(std::string_view tag);
// The tactic ("credential-access") or the technique ("T1059.001") that a tag names, or empty.
std::string TacticOfTag(std::string_view tag);
std::string TechniqueOfTag(std::string_view tag);
// The place of a tactic in the order of an attack; unknown ones come last.
size_t TacticOrder(std::string_view tactic);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_FILTER_H_
