// What the user says about time and state of rules over several events, and what is told of them.
#ifndef VEDETTE_LIB_CLI_CORRELATION_H_
#define VEDETTE_LIB_CLI_CORRELATION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/cli/options.h"
#include "lib/cli/terminal.h"
#include "vedette/engine.h"

namespace vedette::inline v0::cli {

// --lateness, --idle-timeout, --max-state, --evidence, --snapshot, --resume, --state.
std::vector<OptionSpec> CorrelationOptions();
// InvalidArgument for a wrong value.
absl::StatusOr<ProcessorOptions> ProcessorOptionsOf(const Options& options);

// Takes up the state that --resume names, if given, and says what was kept. A file that is not
// there yet is a fresh start if --snapshot names the same.
absl::Status ResumeState(const Options& options, Processor* processor, Console* console);
// Writes the state where --snapshot says, if given: to a file beside it first, so that a crash
// leaves the old one.
absl::Status SaveState(const Options& options, const Processor& processor);

// Counters of the correlations and their open keys; ends in a newline.
std::string StateReport(const Processor& processor, Correlator* correlator, size_t width,
                        bool color);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_CORRELATION_H_
