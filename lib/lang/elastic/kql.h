// The Kibana Query Language: texts into trees and back.
//
// The grammar (`and`, `or`, `not` in any case; `not` binds tighter than `and`, `and` than `or`):
//   query   = [ or ]                     nothing: every event
//   or      = and { "or" and }           and = not { "and" not }          not = "not" not | primary
//   primary = "(" or ")" | field ":" "{" or "}" | field ":" value | field range literal | literal
//   value   = literal | "(" boolean combination of values ")"
//   range   = "<" | "<=" | ">" | ">="
//   field   = literal                    literal = quoted | unquoted
// A quoted literal stands in "..." with \" \\ \t \r \n \uXXXX; any other backslash is itself, as in
// Kibana. An unquoted literal is a run of words up to one of ():<>"{} or a keyword, blanks within
// it included: `name: foo bar` is one value. In it `*` is a wildcard, and \ goes before \():<>"*{},
// a keyword, t, r, n or uXXXX.
//
// One deliberate difference: a keyword is an operator wherever it stands as a whole word. Kibana
// takes some misplaced ones (`a: or`) as text; here they are errors that tell to quote them, so
// that no slip turns into another meaning.
#ifndef VEDETTE_LIB_LANG_ELASTIC_KQL_H_
#define VEDETTE_LIB_LANG_ELASTIC_KQL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::inline v0::elastic {

constexpr size_t kMaxKqlBytes = size_t{1} << 20;
constexpr size_t kMaxKqlNesting = 128;  // parentheses, braces and `not`s within each other

// What is wrong with a query, by byte offset in its text.
struct KqlError {
  size_t offset = 0;
  size_t length = 0;
  std::string message;
  std::string hint;          // what to write instead; may be empty
  bool unsupported = false;  // good KQL, but nothing that Vedette can evaluate
};
using KqlErrors = std::vector<KqlError>;

// A literal: a value or the name of a field.
struct KqlLiteral {
  bool quoted = false;
  // What stands between the wildcards, without escapes: `a*b` is {"a", "b"}; one part: no wildcard.
  std::vector<std::string> parts = {""};

  bool has_wildcard() const { return parts.size() > 1; }
  bool only_wildcards() const;
  // The parts with `*` between them.
  std::string Text() const;
  // The unquoted words true, false or null, without wildcards, are no strings.
  bool IsWord(std::string_view word) const {
    return !quoted && parts.size() == 1 && parts[0] == word;
  }

  friend bool operator==(const KqlLiteral&, const KqlLiteral&) = default;
};

enum class KqlRange : uint8_t { kLt, kLe, kGt, kGe };

struct KqlNode {
  enum class Kind : uint8_t {
    kMatchAll,  // the empty query
    kAnd,       // two or more children
    kOr,        // two or more children
    kNot,       // one child
    kValue,     // `value`: within kField a value of that field, elsewhere of any field
    kField,     // `field` : the child, a tree of kAnd, kOr, kNot and kValue
    kRange,     // `field` `range` `value`
    kNested,    // `field` : { child }, one and the same element of a list satisfies the child
  };
  Kind kind = Kind::kMatchAll;
  KqlRange range = KqlRange::kLt;
  KqlLiteral field;
  KqlLiteral value;
  std::vector<KqlNode> children;
  uint32_t offset = 0;  // where it stands in the query
  uint32_t length = 0;

  friend bool operator==(const KqlNode& a, const KqlNode& b);  // ignores places
};

// Nothing, and at least one error, if the text is not KQL or beyond the limits. After an error the
// reading goes on behind it, up to 20 errors. Recursion is bounded by kMaxKqlNesting.
std::optional<KqlNode> ParseKql(std::string_view text, KqlErrors* errors);

// A text that ParseKql reads into an equal tree, if the tree is one that ParseKql can make.
std::string PrintKql(const KqlNode& node);
std::string PrintKqlLiteral(const KqlLiteral& literal);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_KQL_H_
