#include "lib/event/wildcard.h"

#include <cstddef>

#include "lib/base/casefold.h"

namespace vedette::inline v0 {
namespace {

constexpr bool IsEscapable(char c) { return c == '*' || c == '?' || c == '\\' || c == '-'; }

// One character of the pattern, from `at`.
struct Unit {
  enum class Kind { kLiteral, kAnyRun, kAnyOne, kDash };
  Kind kind = Kind::kLiteral;
  std::string_view literal;
  size_t size = 0;  // so many bytes of the pattern
};

Unit UnitAt(std::string_view pattern, size_t at) {
  const char c = pattern[at];
  if (c == '*') return {Unit::Kind::kAnyRun, {}, 1};
  if (c == '?') return {Unit::Kind::kAnyOne, {}, 1};
  if (c == '\\' && at + 1 < pattern.size() && IsEscapable(pattern[at + 1])) {
    if (pattern[at + 1] == '-') return {Unit::Kind::kDash, {}, 2};
    return {Unit::Kind::kLiteral, pattern.substr(at + 1, 1), 2};
  }
  char32_t cp = 0;
  const size_t size = NextCodePoint(pattern, at, &cp);
  return {Unit::Kind::kLiteral, pattern.substr(at, size), size};
}

// How many bytes of the text the unit takes at `at`; 0 if it does not fit.
size_t Taken(const Unit& unit, std::string_view text, size_t at) {
  char32_t cp = 0;
  const size_t size = NextCodePoint(text, at, &cp);
  if (unit.kind == Unit::Kind::kAnyOne) return size;
  if (unit.kind == Unit::Kind::kLiteral) return text.substr(at, size) == unit.literal ? size : 0;
  const bool dash = size > 1 ? cp >= 0x2013 && cp <= 0x2015 : text[at] == '-' || text[at] == '/';
  return dash ? size : 0;
}

}  // namespace

bool WildcardMatches(std::string_view text, std::string_view pattern) {
  size_t at = 0;
  size_t p = 0;
  size_t run_at = 0;  // where the last run of the pattern ends in the text, so far
  size_t after_run = std::string_view::npos;
  while (true) {
    if (p < pattern.size()) {
      const Unit unit = UnitAt(pattern, p);
      if (unit.kind == Unit::Kind::kAnyRun) {
        p += unit.size;
        after_run = p;
        run_at = at;
        continue;
      }
      if (at < text.size()) {
        if (const size_t taken = Taken(unit, text, at); taken > 0) {
          at += taken;
          p += unit.size;
          continue;
        }
      }
    } else if (at == text.size()) {
      return true;
    }
    // The last run takes one character more; earlier ones never have to.
    if (after_run == std::string_view::npos || run_at >= text.size()) return false;
    char32_t cp = 0;
    run_at += NextCodePoint(text, run_at, &cp);
    at = run_at;
    p = after_run;
  }
}

}  // namespace vedette::inline v0
