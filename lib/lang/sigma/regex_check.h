// Whether a regular expression of a rule can be used, and if not, why, in words for its author.
#ifndef VEDETTE_LIB_LANG_SIGMA_REGEX_CHECK_H_
#define VEDETTE_LIB_LANG_SIGMA_REGEX_CHECK_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/ir/ir.h"

namespace vedette::inline v0::sigma {

struct RegexProblem {
  std::string message;
  std::string hint;
  size_t offset = 0;  // in bytes, of the part that is wrong
  size_t length = 0;
};

// Nothing if the expression is fine. Lookaround, backreferences and the like are named.
std::optional<RegexProblem> CheckRegex(std::string_view regex, const RegexFlags& flags);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_REGEX_CHECK_H_
