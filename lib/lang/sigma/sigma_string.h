// Sigma strings: escapes, wildcards, placeholders.
#ifndef VEDETTE_LIB_LANG_SIGMA_SIGMA_STRING_H_
#define VEDETTE_LIB_LANG_SIGMA_SIGMA_STRING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/ir/ir.h"

namespace vedette::inline v0::sigma {

// A string value of a rule on its way to a TextPattern. Value type.
struct SigmaString {
  struct Piece {
    enum class Kind : uint8_t { kLiteral, kAnyRun, kAnyOne, kDash, kPlaceholder };
    Kind kind = Kind::kLiteral;
    std::string text;  // kLiteral; kPlaceholder: its name

    friend bool operator==(const Piece&, const Piece&) = default;
  };
  std::vector<Piece> pieces;  // no two literals side by side

  // Escapes and wildcards as in Sigma 2.1: `*`, `?`; `\*`, `\?` and `\\` stand for the character;
  // any other backslash is itself.
  static SigmaString Parse(std::string_view text);
  static SigmaString Literal(std::string_view text);

  void Append(Piece::Kind kind, std::string_view text = "");
  void Append(const SigmaString& other);
  bool Has(Piece::Kind kind) const;
  bool HasWildcards() const { return Has(Piece::Kind::kAnyRun) || Has(Piece::Kind::kAnyOne); }
  // The text of a string of literals; "" for others.
  std::string LiteralText() const;
  // A text that Parse reads as this string again; a dash is written as "-".
  std::string ToSource() const;

  friend bool operator==(const SigmaString&, const SigmaString&) = default;
};

// `*` before or after, unless there is one.
void AddLeadingWildcard(SigmaString* s);
void AddTrailingWildcard(SigmaString* s);

// Turns `%name%` in literals into placeholders and `\%` into a percent sign.
SigmaString WithPlaceholders(const SigmaString& s);
// The same for the text of a regular expression: literal pieces stay untouched.
SigmaString RegexWithPlaceholders(std::string_view regex);

// Turns every dash or slash that begins a word (nothing or no word character before it, a word
// character after it) into a piece that matches any of the five.
SigmaString WithDashes(const SigmaString& s);
// The canonical pattern. Placeholders must be gone.
TextPattern ToPattern(const SigmaString& s, bool cased);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_SIGMA_STRING_H_
