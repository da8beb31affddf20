// Sigma string values: wildcards, escapes, placeholders, and the modifiers that rewrite strings.
#ifndef VEDETTE_TESTS_REFERENCE_SIGMA_PATTERN_H_
#define VEDETTE_TESTS_REFERENCE_SIGMA_PATTERN_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/reference/oracle_value.h"

namespace vedette::reference {

using Placeholders = std::map<std::string, std::vector<std::string>>;

// One step of a pattern.
struct Unit {
  enum class Kind { kLiteral, kStar, kAny, kDash, kPlaceholder };
  Kind kind = Kind::kLiteral;
  char32_t literal = 0;
  std::string placeholder;
};
using Pattern = std::vector<Unit>;

// Reads the source text of a value. `%name%` is a placeholder only when `with_placeholders`.
Pattern ParsePattern(std::string_view source, bool with_placeholders);
bool IsPlain(const Pattern& pattern);  // literals only
bool StartsWithStar(const Pattern& pattern);
bool EndsWithStar(const Pattern& pattern);
void AddStarBefore(Pattern* pattern);
void AddStarAfter(Pattern* pattern);

// `expand`: every combination of placeholder values. False with a reason when a name has none.
bool ExpandPattern(const Pattern& pattern, const Placeholders& placeholders,
                   std::vector<Pattern>* out, std::string* why);
// `expand` after `re`: values enter the expression as literal text, their wildcards as `.*`, `.`.
bool ExpandRegex(std::string_view regex, const Placeholders& placeholders,
                 std::vector<std::string>* out, std::string* why);

// `windash`: each dash in a flag position becomes the class of all five dashes.
Pattern Windash(const Pattern& pattern);

enum class Utf16 { kLittle, kBig, kBom };
// The encoders need plain patterns (checked by the caller). False when the text has no encoding.
bool EncodeUtf16(const Pattern& pattern, Utf16 form, Pattern* out);
Pattern EncodeBase64(const Pattern& pattern);
// The texts of the value at byte offsets 0, 1, 2; those that no whole character is sure of are
// left out.
std::vector<Pattern> EncodeBase64Offset(const Pattern& pattern);

// Plain text as a pattern, and back.
Pattern LiteralPattern(const CodePoints& text);
CodePoints PlainText(const Pattern& pattern);
Pattern FoldPattern(const Pattern& pattern);

// Whether the whole of `text` matches. Case is the caller's: fold both or neither.
bool GlobMatches(const Pattern& pattern, const CodePoints& text);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_SIGMA_PATTERN_H_
