// What the commands that turn events into incidents have in common.
#ifndef VEDETTE_LIB_CLI_TRIAGE_INPUT_H_
#define VEDETTE_LIB_CLI_TRIAGE_INPUT_H_

#include <string>
#include <string_view>
#include <vector>

#include "lib/cli/events.h"
#include "lib/cli/load.h"
#include "lib/cli/options.h"
#include "lib/cli/terminal.h"
#include "vedette/alert/triage.h"
#include "vedette/engine.h"

namespace vedette::inline v0::cli {

struct TriageInput {
  EventOptions events;
  ProcessorOptions processing;
  LoadedRules rules;
  std::vector<std::string> files;
};

// Rules, events, filters, --tenant and --on-close.
std::vector<OptionSpec> TriageInputOptions();
TriageOptions TriageOptionsOf(const Options& options);

// Loads rules and finds the files; tells what is wrong. kExitOk, or the code to end with.
int LoadTriageInput(const Options& options, std::string_view command, Console* console,
                    TriageInput* input);

// The processor's options with the rules' indicator sets.
ProcessorOptions ProcessingOf(const TriageInput& input);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_TRIAGE_INPUT_H_
