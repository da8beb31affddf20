// One text pattern, compiled: equality, prefix, suffix and containment as such, the rest by a
// linear wildcard matcher.
#ifndef VEDETTE_LIB_PROGRAM_TEXT_MATCHER_H_
#define VEDETTE_LIB_PROGRAM_TEXT_MATCHER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::inline v0 {

// Immutable once built (text_matcher_build.h); thread-safe.
class TextMatcher {
 public:
  enum class Kind : uint8_t { kAlways, kEqual, kPrefix, kSuffix, kContains, kWildcard };
  struct Piece {
    enum class Kind : uint8_t { kLiteral, kAnyRun, kAnyOne, kDash };
    Kind kind = Kind::kLiteral;
    std::string text;
  };

  TextMatcher() = default;
  TextMatcher(Kind kind, bool cased, std::string literal, std::vector<Piece> pieces)
      : kind_(kind), cased_(cased), literal_(std::move(literal)), pieces_(std::move(pieces)) {}

  // `text` must be case-folded unless cased(). Time is linear in `text` for the simple kinds and at
  // most text x pattern for wildcards with `?` or dashes.
  bool Matches(std::string_view text) const;

  Kind kind() const { return kind_; }
  bool cased() const { return cased_; }
  const std::string& literal() const { return literal_; }
  const std::vector<Piece>& pieces() const { return pieces_; }
  // Whether all of a text may have to be looked at.
  bool searches() const { return kind_ >= Kind::kContains; }
  size_t memory_bytes() const;

 private:
  bool MatchesWildcard(std::string_view text) const;

  Kind kind_ = Kind::kEqual;
  bool cased_ = false;
  std::string literal_;        // all kinds but kWildcard
  std::vector<Piece> pieces_;  // kWildcard
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_TEXT_MATCHER_H_
