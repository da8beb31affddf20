// Replaces placeholders in strings and regular expressions by values.
#ifndef VEDETTE_LIB_LANG_SIGMA_PLACEHOLDERS_H_
#define VEDETTE_LIB_LANG_SIGMA_PLACEHOLDERS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/lang/sigma/sigma_string.h"

namespace vedette::inline v0::sigma {

using PlaceholderValues = std::map<std::string, std::vector<std::string>>;

// The values of a name; null or empty if it has none: the placeholder stays.
using PlaceholderLookup = std::function<const std::vector<std::string>*(const std::string&)>;

constexpr size_t kMaxExpansions = 10000;

// Every combination of the values of the placeholders in `s`. Values are Sigma strings: `*` and
// `?` in them are wildcards. In a regular expression they stand for themselves, and wildcards for
// what they match. Empty if there would be more than kMaxExpansions.
std::vector<SigmaString> ExpandPlaceholders(const SigmaString& s, bool regex,
                                            const PlaceholderLookup& lookup);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_PLACEHOLDERS_H_
