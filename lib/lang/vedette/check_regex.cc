#include "lib/lang/vedette/check_regex.h"

#include <re2/re2.h>

namespace vedette::inline v0::lang {
namespace {

// Whether a `\Q` is still open at the end: it would quote all that follows.
bool EndsQuoted(std::string_view regex) {
  for (size_t i = 0; i + 1 < regex.size(); ++i) {
    if (regex[i] != '\\') continue;
    ++i;
    if (regex[i] != 'Q') continue;
    i = regex.find("\\E", i + 1);
    if (i == std::string_view::npos) return true;
    ++i;
  }
  return false;
}

}  // namespace

std::string RegexError(std::string_view regex) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 re(re2::StringPiece(regex.data(), regex.size()), options);
  if (re.ok() || re.error_code() == re2::RE2::ErrorPatternTooLarge) return "";
  return re.error();
}

std::string WholeText(std::string_view regex) {
  return "\\A(?:" + std::string(regex) + (EndsQuoted(regex) ? "\\E" : "") + ")\\z";
}

}  // namespace vedette::inline v0::lang
