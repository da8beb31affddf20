// Behaviour cases of rules over several events as text; the format is described in
// tests/rules/README.md.
#ifndef VEDETTE_TESTS_RULES_CORRELATION_CASE_H_
#define VEDETTE_TESTS_RULES_CORRELATION_CASE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/reference/correlation_oracle.h"

namespace vedette::testing {

struct CorrelationCase {
  struct Expected {
    std::string text;  // as written
    int line = 0;
  };

  std::string name;
  std::string file;
  int line = 0;
  std::string source;
  std::string vdt;                      // the block of `vdt:`, or
  std::string sigma;                    // that of `sigma:` with the rules of `rules:` before it
  std::vector<std::string> base_rules;  // of `rules:`
  std::vector<reference::CorrelationEvent> events;
  std::string event_text;  // the block as written
  std::vector<Expected> expected;
  bool expects = false;
};

// The cases of one file. Lines that fit no part of the format and cases that test nothing go to
// `problems`.
std::vector<CorrelationCase> ParseCorrelationCases(const std::string& file, std::string_view text,
                                                   std::vector<std::string>* problems);

// What differs from what the case expects, for a rule author; empty if nothing does. `who` is
// named in the message.
std::string CompareWithCase(const CorrelationCase& c, const std::string& who,
                            const std::vector<reference::CorrelationDetection>& got);

// The rules as text of the Vedette language. Empty, with a reason, if they do not compile.
std::string VedetteTextOf(const CorrelationCase& c, std::string* why);

// Runs a case by the oracle and by the engine.
std::string RunCorrelationCase(const CorrelationCase& c);

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_RULES_CORRELATION_CASE_H_
