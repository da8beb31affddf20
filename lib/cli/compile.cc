// `vedette compile` and `vedette rules info`: programs as files.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"
#include "vedette/saved_program.h"

namespace vedette::inline v0::cli {
namespace {

std::string Hex(uint64_t x) {
  std::string out(16, '0');
  for (size_t i = 16; i-- > 0; x >>= 4) out[i] = "0123456789abcdef"[x & 15];
  return out;
}

absl::Status Failed(const std::string& path, int error) {
  const std::string message = "cannot write " + Clean(path) + ": " + std::strerror(error);
  return absl::UnavailableError(message.c_str());
}

// All bytes on the disk, with the mode of a new file; the error number, or 0.
int WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) bytes.remove_prefix(static_cast<size_t>(n));
  }
  const mode_t mask = umask(0);
  umask(mask);
  if (fchmod(fd, 0666 & ~mask) != 0) return errno;
  return fsync(fd) == 0 ? 0 : errno;
}

// Writes beside `path` and renames, so that who reads the file sees the old one or the new one,
// and a full disk leaves the old one.
absl::Status ReplaceFile(const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".XXXXXX";
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return Failed(path, errno);
  int error = WriteAll(fd, bytes);
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return absl::OkStatus();
  unlink(temporary.c_str());
  return Failed(path, error);
}

int Compile(const Options& options, Console* console) {
  const std::string path(options.Value("output"));
  // The name is what makes --rules take it, and keeps sources from being overwritten.
  if (!IsPackFileName(path)) {
    const std::string message =
        path.empty() ? "no file to write; use --output FILE.vpk"
                     : "--output " + Clean(path) + ": a saved program is called *.vpk";
    return Fail(absl::InvalidArgumentError(message.c_str()), "compile", console);
  }
  const auto start = std::chrono::steady_clock::now();
  const absl::StatusOr<LoadedRules> rules = LoadRules(options, options.arguments());
  if (!rules.ok()) return Fail(rules.status(), "compile", console);
  if (!options.Has("quiet")) ReportNotRead(*rules, console);
  ReportSkipped(*rules, console);
  if (rules->stats.rules_loaded == 0) {
    console->Error("no rule could be loaded; nothing is written");
    return kExitFailed;
  }
  if (options.Has("strict") && rules->stats.rules_skipped > 0) {
    console->Error("nothing is written, because of --strict");
    return kExitFailed;
  }
  const std::string bytes = SaveProgram(*rules->program);
  const absl::Status status = ReplaceFile(path, bytes);
  if (!status.ok()) return Fail(status, "compile", console);
  if (options.Has("quiet")) return kExitOk;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::string line = Clean(path) + ": " + Count(rules->stats.rules_loaded, "rule");
  if (rules->stats.correlations > 0) {
    line += ", " + Count(rules->stats.correlations, "correlation");
  }
  line += ", " + Count(bytes.size(), "byte") + ", fingerprint " +
          Hex(rules->program->fingerprint()) + ", in " + FormatSeconds(seconds.count());
  console->out->WriteLine(line);
  return kExitOk;
}

int Info(const Options& options, Console* console) {
  const absl::StatusOr<LoadedRules> rules = LoadRules(options, options.arguments());
  if (!rules.ok()) return Fail(rules.status(), "rules info", console);
  ReportSkipped(*rules, console);
  const Program& program = *rules->program;
  const size_t bytes = SaveProgram(program).size();
  const std::vector<std::string> fields(program.required_fields().begin(),
                                        program.required_fields().end());
  if (options.Value("output") == "json") {
    std::string out = "{";
    AppendJsonMember("rules", program.rule_count(), &out);
    AppendJsonMember("correlations", program.correlation_count(), &out);
    AppendJsonMember("predicates", program.predicate_count(), &out);
    AppendJsonMember("fingerprint", Hex(program.fingerprint()), &out);
    AppendJsonMember("saved_bytes", bytes, &out);
    AppendJsonMember("program_bytes", program.memory_bytes(), &out);
    AppendJsonKey("searches_whole_event", &out);
    out.append(program.searches_whole_event() ? "true" : "false");
    AppendJsonKey("fields", &out);
    console->out->WriteLine(out.append(JsonStrings(fields)).append("}"));
    return kExitOk;
  }
  const auto row = [console](std::string_view label, const std::string& text) {
    console->out->WriteLine(Pad(label, 16) + text);
  };
  row("rules", WithCommas(program.rule_count()));
  row("correlations", WithCommas(program.correlation_count()));
  row("predicates", WithCommas(program.predicate_count()));
  row("fingerprint", Hex(program.fingerprint()));
  row("saved", Count(bytes, "byte"));
  row("in memory", "about " + Count(program.memory_bytes(), "byte"));
  row("keywords", program.searches_whole_event() ? "some rule searches whole events" : "none");
  row("fields", WithCommas(fields.size()));
  for (const std::string& field : fields) console->out->WriteLine("  " + Clean(field));
  return kExitOk;
}

OptionSpec Color() {
  return {"color",
          0,
          OptionKind::kValue,
          "WHEN",
          "auto, always or never. NO_COLOR is respected.",
          "auto|always|never"};
}

}  // namespace

Command CompileCommand() {
  CommandSpec spec;
  spec.name = "compile";
  spec.arguments = "[PATH...]";
  spec.summary = "Compile rules and save the program as a *.vpk file.";
  spec.description =
      "The file takes the place of the rules: --rules FILE.vpk loads it without reading or "
      "compiling anything else, here or on another machine. It holds the log source table and "
      "what pipelines made of the rules. It is written whole or not at all.";
  spec.examples =
      "vedette compile --rules rules --output rules.vpk\n"
      "vedette detect --rules rules.vpk --events events.jsonl";
  spec.max_arguments = SIZE_MAX;
  spec.options = RuleOptions();
  const std::vector<OptionSpec> own = {
      {"output", 'o', OptionKind::kValue, "FILE", "Where to write; the name ends in .vpk."},
      {"strict", 0, OptionKind::kFlag, "",
       "Write nothing and exit with 1 if a rule, filter or correlation was skipped."},
      {"quiet", 'q', OptionKind::kFlag, "", "Print nothing but errors."},
      Color(),
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), Compile};
}

Command RulesInfoCommand() {
  CommandSpec spec;
  spec.name = "rules info";
  spec.arguments = "[PATH...]";
  spec.summary = "Say what a program holds: rules, fields, fingerprint, size.";
  spec.description =
      "Equal fingerprints mean that the rules test the same, whatever their titles say. The fields "
      "are those that some rule reads.";
  spec.examples =
      "vedette rules info rules.vpk\n"
      "vedette rules info rules --output json";
  spec.max_arguments = SIZE_MAX;
  spec.options = RuleOptions();
  spec.options.push_back(
      {"output", 'o', OptionKind::kValue, "FORM", "text (default) or json.", "text|json"});
  spec.options.push_back(Color());
  return {std::move(spec), Info};
}

}  // namespace vedette::inline v0::cli
