// Runs every case of tests/rules/correlation/*.case; each is a test of its own.
#include "tests/rules/correlation_case.h"

#include "tests/rules/case_text.h"

int main(int argc, char** argv) {
  using namespace vedette::testing;
  return RunCaseFiles<CorrelationCase, RunCorrelationCase>(argc, argv, "tests/rules/correlation",
                                                           150, ParseCorrelationCases);
}
