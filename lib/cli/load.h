// Reading what the user named: rule files and folders, event files, pipelines; compiling the rules.
#ifndef VEDETTE_LIB_CLI_LOAD_H_
#define VEDETTE_LIB_CLI_LOAD_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/cli/options.h"
#include "vedette/compiler.h"
#include "vedette/detection.h"
#include "vedette/diagnostic.h"
#include "vedette/event.h"
#include "vedette/indicator_set.h"
#include "vedette/logsource.h"
#include "vedette/program.h"
#include "vedette/sink.h"

namespace vedette::inline v0::cli {

// What was passed over in folders although it might hold what was asked for.
struct NotRead {
  size_t hidden = 0;          // files and folders whose name begins with a dot
  size_t dangling = 0;        // links to nothing
  size_t linked_folders = 0;  // links to folders, which might go in circles
};

// Files of `paths` in order; a folder stands for what is in it and below, sorted by path, without
// hidden entries and linked folders. NotFound names the first path that does not exist.
absl::StatusOr<std::vector<std::string>> FindRuleFiles(const std::vector<std::string>& paths,
                                                       NotRead* not_read = nullptr);
// Those of the Vedette language only.
absl::StatusOr<std::vector<std::string>> FindVedetteFiles(const std::vector<std::string>& paths);
// Tests beside rules (*.test.jsonl) only.
absl::StatusOr<std::vector<std::string>> FindTestFiles(const std::vector<std::string>& paths);
absl::StatusOr<std::vector<std::string>> FindEventFiles(const std::vector<std::string>& paths);
bool IsRuleFileName(std::string_view name);
bool IsPackFileName(std::string_view name);  // a saved program
bool IsEventFileName(std::string_view name);

// The whole file. NotFound or PermissionDenied with the path in the message; ResourceExhausted
// above 256 MiB.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

// Compiled rules and which of them the filter options choose.
struct LoadedRules {
  std::unique_ptr<LogSourceTable> log_sources;    // null: the built-in table
  std::unique_ptr<IndicatorSets> indicator_sets;  // of --indicators; null if there are none
  std::shared_ptr<const Program> program;
  std::vector<Diagnostic> diagnostics;
  CompileStats stats;
  size_t files = 0;
  NotRead not_read;
  std::vector<RuleTest> tests;           // that the rules hold
  std::vector<ConvertedRule> converted;  // if LoadOptions::convert
  std::vector<bool> selected;            // by rule
  std::vector<bool> selected_correlations;
  size_t selected_count = 0;  // of both

  bool IsSelected(const Detection& detection) const {
    return detection.evidence != nullptr ? selected_correlations[detection.rule]
                                         : selected[detection.rule];
  }
};

// Options of every command that compiles rules, and of those that choose among them.
std::vector<OptionSpec> RuleOptions();
std::vector<OptionSpec> FilterOptions();

// Compiles the rules of --rules and `more_paths`, or loads the saved program that they name, with
// --pipeline, --vars and --logsource-map (none of them for a saved program), and applies the filter
// options. Reads the sets of --indicators. InvalidArgument for a wrong option; other codes when
// something cannot be read or loaded, or a pipeline, a --vars or a --logsource-map file has an
// error. Rules that do not compile are in `diagnostics`. `only_selected` leaves files without a
// chosen rule out of the program that is compiled. `lint` adds warnings about questionable rules.
struct LoadOptions {
  bool lint = false;
  bool only_selected = false;
  bool correlations = false;
  bool convert = false;                           // also as text of the Vedette language
  bool emit_all = false;                          // silent rules give detections, too
  std::vector<std::string> evidence_fields = {};  // CompilerOptions has them
};
absl::StatusOr<LoadedRules> LoadRules(const Options& options,
                                      const std::vector<std::string>& more_paths,
                                      LoadOptions load = {});

// Index of the rule with this id, name or title (in any case); NotFound with a suggestion, or
// FailedPrecondition if that is a correlation.
absl::StatusOr<size_t> FindRule(const Program& program, std::string_view wanted);
// Index of the correlation with this id, name or title (in any case).
std::optional<size_t> FindCorrelation(const Program& program, std::string_view wanted);

// The message of a status as text.
std::string MessageOf(const absl::Status& status);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_LOAD_H_
