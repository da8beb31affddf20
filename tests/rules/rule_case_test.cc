// Runs every case of tests/rules/sigma/*.case; each is a test of its own.
#include "tests/rules/rule_case.h"

#include "tests/rules/case_text.h"

int main(int argc, char** argv) {
  using namespace vedette::testing;
  return RunCaseFiles<RuleCase, RunRuleCase>(argc, argv, "tests/rules/sigma", 250, ParseRuleCases);
}
