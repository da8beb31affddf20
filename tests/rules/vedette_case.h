// Behaviour cases of the Vedette language as text; the format is described in
// tests/rules/README.md.
#ifndef VEDETTE_TESTS_RULES_VEDETTE_CASE_H_
#define VEDETTE_TESTS_RULES_VEDETTE_CASE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::testing {

struct VedetteCase {
  enum class Kind : uint8_t { kNone, kCondition, kValue, kFile };
  struct ExpectedEvent {
    std::string json;
    std::string expected;  // "yes", "no", "none", names joined by ", "; of a value its JSON
    int line = 0;
  };

  std::string name;
  std::string file;
  int line = 0;
  std::string source;
  Kind kind = Kind::kNone;
  std::string text;  // what follows `expr:` or `value:`, or the block of `vdt:`
  std::vector<std::pair<std::string, std::string>> indicators;  // set and text or JSON object
  std::vector<ExpectedEvent> events;
  std::optional<std::string> diagnostics;  // as printed; none at all without it
  int diagnostics_line = 0;
};

// The cases of one file. Lines that fit no part of the format and cases that test nothing go to
// `problems`.
std::vector<VedetteCase> ParseVedetteCases(const std::string& file, std::string_view text,
                                           std::vector<std::string>* problems);

// The file that a case is compiled as.
std::string FileOfCase(const VedetteCase& vedette_case);

// Compiles and runs one case. Empty if all is as expected, else what differs, for a rule author.
std::string RunVedetteCase(const VedetteCase& vedette_case);

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_RULES_VEDETTE_CASE_H_
