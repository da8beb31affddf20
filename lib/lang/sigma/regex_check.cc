#include "lib/lang/sigma/regex_check.h"

#include <re2/re2.h>

#include <array>

namespace vedette::inline v0::sigma {
namespace {

struct Construct {
  std::string_view text;
  std::string_view name;
};

// Longer texts first where one begins like another.
constexpr std::array<Construct, 12> kGroups = {{
    {"(?<=", "lookbehind"},
    {"(?<!", "negative lookbehind"},
    {"(?=", "lookahead"},
    {"(?!", "negative lookahead"},
    {"(?>", "an atomic group"},
    {"(?|", "a branch reset group"},
    {"(?(", "a conditional group"},
    {"(?R", "recursion"},
    {"(?&", "a subroutine call"},
    {"(?#", "a comment"},
    {"(?P=", "a backreference"},
    {"(?<", "a named group"},
}};

struct Found {
  std::string_view name;
  size_t offset = 0;
  size_t length = 0;
};

// The first construct that only backtracking engines have.
Found FindConstruct(std::string_view regex) {
  bool in_class = false;
  bool quantifier = false;  // the last thing read was one
  for (size_t i = 0; i < regex.size(); ++i) {
    const char c = regex[i];
    const bool after_quantifier = quantifier;
    quantifier = false;
    if (c == '\\' && i + 1 < regex.size()) {
      const char next = regex[i + 1];
      if (!in_class && ((next >= '1' && next <= '9') || next == 'k' || next == 'g')) {
        return {"a backreference", i, 2};
      }
      ++i;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      if (i + 1 < regex.size() && regex[i + 1] == '^') ++i;
      if (i + 1 < regex.size() && regex[i + 1] == ']') ++i;
    } else if (c == '(') {
      for (const Construct& construct : kGroups) {
        if (regex.substr(i).starts_with(construct.text)) {
          return {construct.name, i, construct.text.size()};
        }
      }
    } else if (c == '+' && after_quantifier) {
      return {"a possessive quantifier", i, 1};
    } else {
      quantifier = c == '*' || c == '+' || c == '?' || c == '}';
    }
  }
  return {};
}

}  // namespace

std::optional<RegexProblem> CheckRegex(std::string_view regex, const RegexFlags& flags) {
  std::string pattern = "(?";
  if (flags.ignore_case) pattern += 'i';
  if (flags.multi_line) pattern += 'm';
  if (flags.dot_all) pattern += 's';
  const bool flagged = pattern.size() > 2;
  pattern = flagged ? pattern + ":" + std::string(regex) + ")" : std::string(regex);
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 re(pattern, options);
  // An unbalanced bracket may be balanced by the flags' own.
  std::optional<re2::RE2> plain;
  if (re.ok() && flagged) plain.emplace(re2::StringPiece(regex.data(), regex.size()), options);
  if (re.ok() && (!plain.has_value() || plain->ok())) return std::nullopt;
  const re2::RE2& wrong = re.ok() ? *plain : re;

  RegexProblem problem;
  const Found found = FindConstruct(regex);
  if (!found.name.empty() && wrong.error_code() != re2::RE2::ErrorPatternTooLarge) {
    problem.message =
        "the regular expression uses " + std::string(found.name) + ", which is not supported";
    problem.hint = found.name == "a named group"
                       ? "write (?P<name>...), or a group without a name"
                       : "express it without, or move it into a second item and the condition";
    problem.offset = found.offset;
    problem.length = found.length;
    return problem;
  }
  problem.message = "invalid regular expression: " + wrong.error();
  if (wrong.error_code() == re2::RE2::ErrorRepeatSize) {
    problem.hint = "counted repetitions go up to 1000";
  } else if (wrong.error_code() == re2::RE2::ErrorPatternTooLarge) {
    problem.hint = "make counted repetitions smaller";
  }
  const std::string& arg = wrong.error_arg();
  const size_t at = arg.empty() ? std::string_view::npos : regex.find(arg);
  problem.offset = at == std::string_view::npos ? 0 : at;
  problem.length = at == std::string_view::npos ? regex.size() : arg.size();
  return problem;
}

}  // namespace vedette::inline v0::sigma
