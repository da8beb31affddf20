// Conditions of Sigma rules: `selection and not 1 of filter_*`.
#ifndef VEDETTE_LIB_LANG_SIGMA_CONDITION_H_
#define VEDETTE_LIB_LANG_SIGMA_CONDITION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/lang/sigma/report.h"
#include "lib/lang/sigma/rule_ast.h"
#include "lib/lang/sigma/yaml_tree.h"

namespace vedette::inline v0::sigma {

// The named parts that a condition speaks of, and which of them conditions have used.
class PartNames {
 public:
  // The index of the new part.
  uint32_t Add(std::string name);
  const uint32_t* Find(std::string_view name) const;
  const std::vector<std::string>& names() const { return names_; }
  // Parts that `pattern` (`*` is any run) stands for: names with a leading underscore only if the
  // pattern has one, too. Nothing if the work for all patterns so far is too much.
  std::optional<std::vector<uint32_t>> Match(std::string_view pattern);
  void MarkUsed(uint32_t part) { used_[part] = true; }
  bool used(uint32_t part) const { return used_[part]; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t> index_;
  std::vector<bool> used_;
  size_t work_ = 0;
};

// Reads a condition; every unknown name is reported, other errors end it (SIG0030 to SIG0035).
// Operators are lower or upper case; names are letters, digits, `_` and `-`.
std::optional<ConditionNode> ParseCondition(const YamlNode& value, PartNames* parts,
                                            size_t max_nesting, Reporter* reporter);

// True if the condition inverts something.
bool HasNot(const ConditionNode& condition);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_CONDITION_H_
