// Behaviour cases as text; the format is described in tests/rules/README.md.
#ifndef VEDETTE_TESTS_RULES_RULE_CASE_H_
#define VEDETTE_TESTS_RULES_RULE_CASE_H_

#include <string>
#include <string_view>
#include <vector>

namespace vedette::testing {

struct RuleCase {
  struct ExpectedEvent {
    std::string json;
    std::string expected;  // "yes", "no", "none", or titles joined by ", "
    int line = 0;
  };
  struct ExpectedDiagnostic {
    bool is_error = false;
    std::string code;      // "SIG0012", or a prefix ending in '*'
    std::string fragment;  // of the message, any case
    int rule_line = 0;     // 0: not checked
    int line = 0;
  };

  std::string name;
  std::string file;
  int line = 0;
  std::string source;
  std::vector<std::string> rules;
  std::string vars;
  std::string pipeline;
  std::string log_source;  // empty: category=test; "derive": by the table
  std::vector<ExpectedEvent> events;
  std::vector<ExpectedDiagnostic> diagnostics;
};

// The cases of one file. Lines that fit no part of the format go to `problems`.
std::vector<RuleCase> ParseRuleCases(const std::string& file, std::string_view text,
                                     std::vector<std::string>* problems);

// Compiles and runs one case. Empty if all is as expected, else what differs, for a rule author.
std::string RunRuleCase(const RuleCase& rule_case);

// The text of a rule as it is compiled: title and log source are added where a case leaves them
// out; `*added` is how many lines now stand before the author's first.
std::string CompleteRule(const std::string& rule, int* added);

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_RULES_RULE_CASE_H_
