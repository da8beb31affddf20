// The detection section: named parts, items and conditions.
#ifndef VEDETTE_LIB_LANG_SIGMA_DETECTION_H_
#define VEDETTE_LIB_LANG_SIGMA_DETECTION_H_

#include <optional>
#include <string_view>

#include "lib/lang/sigma/placeholders.h"
#include "lib/lang/sigma/report.h"
#include "lib/lang/sigma/rule_ast.h"
#include "lib/lang/sigma/yaml_tree.h"

namespace vedette::inline v0::sigma {

struct DetectionContext {
  const PlaceholderValues* placeholders = nullptr;
  size_t max_nesting = 64;
  Reporter* reporter = nullptr;
  size_t* tests_left = nullptr;  // of the source: values times what each stands for
  bool in_array = false;         // within an array block, where '.' is the element
};

// A map of named parts with `condition` (one, or a list of which any will do). `ignored` is a key
// that means something else to the caller ("" for none). Reports everything that is wrong in the
// parts and the conditions; nothing if anything is.
std::optional<Detection> ParseBlock(const YamlNode& map, SourceSpan at, std::string_view ignored,
                                    const DetectionContext& context);

// The value of one named part: a map, a list or a keyword.
std::optional<Detection> ParsePart(const YamlNode& node, SourceSpan at,
                                   const DetectionContext& context);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_DETECTION_H_
