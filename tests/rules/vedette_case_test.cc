// Runs every case of tests/rules/vedette/*.case; each is a test of its own.
#include "tests/rules/vedette_case.h"

#include "tests/rules/case_text.h"

int main(int argc, char** argv) {
  using namespace vedette::testing;
  return RunCaseFiles<VedetteCase, RunVedetteCase>(argc, argv, "tests/rules/vedette", 230,
                                                   ParseVedetteCases);
}
