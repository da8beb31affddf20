// Regular expressions as authors write them, for RE2.
#ifndef VEDETTE_LIB_LANG_VEDETTE_CHECK_REGEX_H_
#define VEDETTE_LIB_LANG_VEDETTE_CHECK_REGEX_H_

#include <string>
#include <string_view>

namespace vedette::inline v0::lang {

// Why RE2 does not take the expression; empty if it does. One that is only too large passes: the
// compiler has the budget.
std::string RegexError(std::string_view regex);

// The expression (one that RE2 takes) that matches whole texts only.
std::string WholeText(std::string_view regex);

}  // namespace vedette::inline v0::lang

#endif  // VEDETTE_LIB_LANG_VEDETTE_CHECK_REGEX_H_
