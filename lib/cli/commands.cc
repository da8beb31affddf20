#include "lib/cli/commands.h"

#include <algorithm>
#include <utility>

#include "lib/cli/load.h"
#include "lib/cli/text.h"
#include "vedette/version.h"

namespace vedette::inline v0::cli {
namespace {

constexpr std::string_view kAbout =
    "vedette finds attacks in event logs by rules: Sigma, and its own language.\n\n"
    "usage: vedette COMMAND [OPTIONS]\n\n";
constexpr std::string_view kExitCodes =
    "\nExit codes: 0 fine; 1 rules or events could not be read or compiled; 2 wrong usage;\n"
    "3 a detection at or above --fail-on; 130 interrupted.\n"
    "`vedette COMMAND --help` tells more about a command.\n";

std::vector<Command> AllCommands() {
  return {DetectCommand(),    CheckCommand(),      CompileCommand(), ExplainCommand(),
          RulesListCommand(), RulesShowCommand(),  RulesIrCommand(), RulesCoverageCommand(),
          RulesInfoCommand(), LogSourcesCommand(), FieldsCommand(),  TestCommand(),
          FmtCommand(),       ConvertCommand(),    ProfileCommand(), VerifyCommand(),
          TriageCommand(),    ServeCommand(),      StoreCommand(),   HuntCommand(),
          TrainCommand()};
}

std::string Overview() {
  std::string out(kAbout);
  out.append("Commands:\n");
  const auto row = [&out](std::string_view name, std::string_view summary) {
    out.append("  ").append(Pad(name, 16)).append(summary).append("\n");
  };
  for (const Command& c : AllCommands()) row(c.spec.name, c.spec.summary);
  row("version", "Print the version.");
  row("help", "Print this page, or the page of a command.");
  return out.append(kExitCodes);
}

// The command whose name is the first one or two words; `*used` is how many of them.
const Command* Find(const std::vector<Command>& commands, std::span<const std::string> words,
                    size_t* used) {
  for (const Command& c : commands) {
    const size_t blank = c.spec.name.find(' ');
    if (words.empty() || words[0] != c.spec.name.substr(0, blank)) continue;
    *used = 1;
    if (blank == std::string_view::npos) return &c;
    *used = 2;
    if (words.size() > 1 && words[1] == c.spec.name.substr(blank + 1)) return &c;
  }
  return nullptr;
}

int UnknownCommand(const std::vector<Command>& commands, std::span<const std::string> words,
                   Console* console) {
  std::vector<std::string_view> first = {"help", "version"};
  std::vector<std::string_view> second;
  for (const Command& c : commands) {
    const size_t blank = c.spec.name.find(' ');
    first.push_back(c.spec.name.substr(0, blank));
    if (blank != std::string_view::npos && words[0] == first.back()) {
      second.push_back(c.spec.name.substr(blank + 1));
    }
  }
  if (second.empty()) {
    console->Error("unknown command '" + Clean(words[0]) + "'" + DidYouMean(words[0], first));
    console->err->WriteLine("`vedette help` lists the commands.");
    return kExitUsage;
  }
  std::string list;
  for (const std::string_view s : second) list.append(list.empty() ? "" : ", ").append(s);
  const std::string given =
      words.size() < 2 || words[1].starts_with('-')
          ? "a second word is missing"
          : "unknown word '" + Clean(words[1]) + "'" + DidYouMean(words[1], second);
  console->Error(words[0] + ": " + given + "; there are " + list);
  return kExitUsage;
}

int Help(const std::vector<Command>& commands, std::span<const std::string> words,
         Console* console) {
  if (words.empty()) {
    console->out->Write(Overview());
    return kExitOk;
  }
  size_t used = 0;
  if (const Command* command = Find(commands, words, &used)) {
    console->out->Write(HelpText(command->spec, console->width));
    return kExitOk;
  }
  if (used != 0) {
    console->out->Write(Overview());
    return kExitOk;
  }
  return UnknownCommand(commands, words, console);
}

}  // namespace

int Fail(const absl::Status& status, std::string_view command, Console* console) {
  console->Error(MessageOf(status));
  if (status.code() != absl::StatusCode::kInvalidArgument) return kExitFailed;
  console->err->WriteLine("`vedette " + std::string(command) + " --help` lists the options.");
  return kExitUsage;
}

int RunCommandLine(std::span<const std::string> arguments, Output* out, Output* err) {
  Console console = {.out = out, .err = err};
  console.color_out = WantsColor("auto", *out);
  console.color_err = WantsColor("auto", *err);
  console.width = TerminalWidth(*out);
  const std::vector<Command> commands = AllCommands();
  if (arguments.empty()) {
    err->Write(Overview());
    return kExitUsage;
  }
  const std::string& first = arguments[0];
  if (first == "help" || first == "--help" || first == "-h") {
    return Help(commands, arguments.subspan(1), &console);
  }
  if (first == "version" || first == "--version" || first == "-V") {
    out->WriteLine("vedette " + std::string(kVersion));
    return kExitOk;
  }
  size_t used = 0;
  const Command* command = Find(commands, arguments, &used);
  if (command == nullptr) {
    const bool asks = std::ranges::find(arguments, "--help") != arguments.end() ||
                      std::ranges::find(arguments, "-h") != arguments.end();
    if (used == 0 || !asks) return UnknownCommand(commands, arguments, &console);
    return Help(commands, {}, &console);
  }
  absl::StatusOr<Options> options = ParseOptions(command->spec, arguments.subspan(used));
  if (!options.ok()) return Fail(options.status(), command->spec.name, &console);
  if (options->Has("help")) {
    out->Write(HelpText(command->spec, console.width));
    return kExitOk;
  }
  if (options->Has("color")) {
    console.color_out = WantsColor(options->Value("color"), *out);
    console.color_err = WantsColor(options->Value("color"), *err);
  }
  int code = command->run(*options, &console);
  out->Flush();
  if (!out->error().empty()) {
    console.Error(out->error());
    if (code == kExitOk) code = kExitFailed;
  }
  err->Flush();
  return code;
}

}  // namespace vedette::inline v0::cli
