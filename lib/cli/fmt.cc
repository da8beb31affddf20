// `vedette fmt`: the one layout of the rule language.
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"
#include "vedette/frontends/vedette.h"

namespace vedette::inline v0::cli {
namespace {

// Through a file beside it, so that a full disk never leaves half a rule file.
absl::Status Replace(const std::string& path, const std::string& text) {
  const std::string beside = path + ".fmt-tmp";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) {
      std::error_code ignored;
      std::filesystem::remove(beside, ignored);
      const std::string message = Clean(path) + ": cannot be written";
      return absl::UnavailableError(message.c_str());
    }
  }
  std::error_code error;
  std::filesystem::permissions(beside, std::filesystem::status(path).permissions(), error);
  std::filesystem::rename(beside, path, error);
  if (!error) return absl::OkStatus();
  const std::string message = Clean(path) + ": " + error.message();
  return absl::UnavailableError(message.c_str());
}

int Format(const Options& options, Console* console) {
  std::vector<std::string> paths = options.arguments();
  if (paths.empty()) {
    return Fail(absl::InvalidArgumentError("no file given; `-` is standard input"), "fmt", console);
  }
  const absl::StatusOr<std::vector<std::string>> files = FindVedetteFiles(paths);
  if (!files.ok()) return Fail(files.status(), "fmt", console);
  const bool check = options.Has("check");
  size_t changed = 0;
  size_t broken = 0;
  for (const std::string& file : *files) {
    const absl::StatusOr<std::string> text = ReadTextFile(file);
    if (!text.ok()) return Fail(text.status(), "fmt", console);
    DiagnosticSink sink;
    const std::string formatted = FormatVedette(*text, file == "-" ? "<stdin>" : file, &sink);
    for (const Diagnostic& d : sink.diagnostics()) {
      console->err->Write(ShowDiagnostic(d, console->color_err));
    }
    if (sink.errors() > 0) ++broken;
    if (file == "-" && !check) {
      console->out->Write(formatted);
      continue;
    }
    if (formatted == *text) continue;
    ++changed;
    if (check) {
      console->out->WriteLine(Clean(file));
      continue;
    }
    const absl::Status written = Replace(file, formatted);
    if (!written.ok()) return Fail(written, "fmt", console);
  }
  if (!check && changed > 0) {
    console->err->WriteLine("formatted " + Count(changed, "file") + " of " +
                            WithCommas(files->size()));
  }
  return broken > 0 || (check && changed > 0) ? kExitFailed : kExitOk;
}

}  // namespace

Command FmtCommand() {
  CommandSpec spec;
  spec.name = "fmt";
  spec.arguments = "PATH...";
  spec.summary = "Lay out rules of the Vedette language.";
  spec.description =
      "Formats *.vdt files in place (folders at any depth), or standard input to standard output "
      "for `-`. Comments stay and nothing changes its meaning. A file with syntax errors is left "
      "as "
      "it is, the errors are printed, and the exit code is 1.";
  spec.examples =
      "vedette fmt rules/\n"
      "vedette fmt --check rules/\n"
      "vedette fmt - < draft.vdt";
  spec.max_arguments = SIZE_MAX;
  spec.options = {
      {"check", 0, OptionKind::kFlag, "",
       "Change nothing; print the files that are laid out otherwise and exit with 1."},
      kColorOption,
  };
  return {std::move(spec), Format};
}

}  // namespace vedette::inline v0::cli
