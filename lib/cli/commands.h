// The sub-commands of `vedette` and the way in.
#ifndef VEDETTE_LIB_CLI_COMMANDS_H_
#define VEDETTE_LIB_CLI_COMMANDS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "lib/cli/options.h"
#include "lib/cli/terminal.h"

namespace vedette::inline v0::cli {

// Exit codes, documented in docs/cli.md.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // rules or events that cannot be read or compiled
inline constexpr int kExitUsage = 2;
inline constexpr int kExitHit = 3;  // --fail-on
inline constexpr int kExitInterrupted = 130;

struct Command {
  CommandSpec spec;
  int (*run)(const Options&, Console*);
};

Command DetectCommand();
Command CheckCommand();
Command CompileCommand();
Command ExplainCommand();
Command RulesListCommand();
Command RulesShowCommand();
Command RulesIrCommand();
Command RulesCoverageCommand();
Command RulesInfoCommand();
Command LogSourcesCommand();
Command FieldsCommand();
Command FmtCommand();
Command ConvertCommand();
Command ProfileCommand();
Command TestCommand();
Command TriageCommand();
Command ServeCommand();
Command StoreCommand();
Command HuntCommand();
Command TrainCommand();
Command VerifyCommand();

// Runs `vedette ARGUMENTS` and returns its exit code.
int RunCommandLine(std::span<const std::string> arguments, Output* out, Output* err);

// Prints the error of a command: exit code 2 with a pointer to --help for InvalidArgument, else 1.
int Fail(const absl::Status& status, std::string_view command, Console* console);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_COMMANDS_H_
