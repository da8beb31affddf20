// Patterns that are texts: what `wildcard()` of the rule language takes.
#ifndef VEDETTE_LIB_EVENT_WILDCARD_H_
#define VEDETTE_LIB_EVENT_WILDCARD_H_

#include <string_view>

namespace vedette::inline v0 {

// Whether all of `text` matches. `*` is any run of characters, `?` any one (a byte that is no UTF-8
// is one), `\-` one of - / U+2013 U+2014 U+2015; `\*`, `\?` and `\\` are themselves, and so is a
// backslash before anything else. Case is the caller's: fold both or neither. Time is at most text
// times pattern.
bool WildcardMatches(std::string_view text, std::string_view pattern);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVENT_WILDCARD_H_
