// What the user says about a hunt.
#ifndef VEDETTE_LIB_CLI_HUNT_OPTIONS_H_
#define VEDETTE_LIB_CLI_HUNT_OPTIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cli/load.h"
#include "lib/cli/options.h"
#include "lib/cli/terminal.h"
#include "vedette/hunt/job.h"
#include "vedette/io/segment.h"

namespace vedette::inline v0::cli {

struct HuntSettings {
  std::unique_ptr<LoadedRules> rules;  // null without --rules
  std::vector<std::unique_ptr<SegmentReader>> segments;
  HuntOptions hunt;
  std::string query;  // in words
  std::string_view output;
  uint64_t threads = 1;
  int64_t min_gap_ns = 0;
};

std::vector<OptionSpec> HuntOptionSpecs();
// Loads rules and opens segments. InvalidArgument for a wrong option, other codes for what cannot
// be read.
absl::StatusOr<HuntSettings> HuntSettingsOf(const Options& options, Console* console);

// Segment files, and those in folders.
absl::StatusOr<std::vector<std::unique_ptr<SegmentReader>>> OpenSegments(
    const std::vector<std::string>& paths);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_HUNT_OPTIONS_H_
