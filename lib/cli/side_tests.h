// Tests that stand in a file beside a rule: `NAME.test.jsonl` beside `NAME.yml`.
#ifndef VEDETTE_LIB_CLI_SIDE_TESTS_H_
#define VEDETTE_LIB_CLI_SIDE_TESTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cli/load.h"

namespace vedette::inline v0::cli {

// A rule of the program.
struct TestedRule {
  size_t index = 0;
  bool is_correlation = false;
};

// One line: `{"expect": true, "why": "..", "event": {..}}`, with `"rule"` (id, name or title) where
// the file beside it has several rules. `"events": [..]` are several, and `"expect": 2` is a number
// of detections.
struct SideTest {
  std::string file;
  uint32_t line = 0;
  std::string why;
  std::string record;  // the line
  uint32_t least = 0;  // so many detections are expected
  uint32_t most = 0;
  std::optional<TestedRule> rule;
  std::string problem;  // why it cannot be run, instead
};

// The tests of the files named and of the folders; the rules are those that were loaded. A file
// beside no rule gives one test with a problem, so that none is passed over in silence.
absl::StatusOr<std::vector<SideTest>> FindSideTests(const std::vector<std::string>& paths,
                                                    const LoadedRules& rules);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_SIDE_TESTS_H_
