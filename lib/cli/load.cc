#include "lib/cli/load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "lib/cli/filter.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"
#include "vedette/frontends/elastic.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"
#include "vedette/indicator_file.h"
#include "vedette/saved_program.h"

namespace vedette::inline v0::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxTextBytes = size_t{256} << 20;

absl::Status FileError(const std::string& path, int error) {
  const std::string message = Clean(path) + ": " + std::strerror(error);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message.c_str());
  return absl::NotFoundError(message.c_str());
}

// Why an entry of a folder is not read.
enum class Passed : uint8_t { kNo, kHidden, kDangling, kLinkedFolder };

// Whether the files below or behind `entry` would have been wanted, but are not read.
Passed PassedOver(const fs::directory_entry& entry, bool (*wanted)(std::string_view)) {
  const std::string name = entry.path().filename().string();
  std::error_code error;  // a broken link is no error, and is no file
  const bool folder = entry.is_directory(error);
  if (name.starts_with('.')) return folder || wanted(name) ? Passed::kHidden : Passed::kNo;
  if (!entry.is_symlink(error)) return Passed::kNo;
  if (folder) return Passed::kLinkedFolder;
  return !entry.exists(error) && wanted(name) ? Passed::kDangling : Passed::kNo;
}

absl::Status AddFolder(const std::string& folder, bool (*wanted)(std::string_view),
                       std::vector<std::string>* files, NotRead* not_read) {
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  std::vector<std::string> found;
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code type_error;
    const Passed passed = PassedOver(*it, wanted);
    not_read->hidden += passed == Passed::kHidden ? 1 : 0;
    not_read->dangling += passed == Passed::kDangling ? 1 : 0;
    not_read->linked_folders += passed == Passed::kLinkedFolder ? 1 : 0;
    if (name.starts_with('.')) {
      if (it->is_directory(type_error)) it.disable_recursion_pending();
    } else if (it->is_regular_file(type_error) && wanted(name)) {
      found.push_back(it->path().string());
    }
  }
  if (error) return FileError(folder, error.value());
  std::ranges::sort(found);
  files->insert(files->end(), found.begin(), found.end());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FindFiles(const std::vector<std::string>& paths,
                                                   bool (*wanted)(std::string_view),
                                                   NotRead* not_read) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    struct stat info = {};
    if (path == "-") {
      files.push_back(path);
    } else if (stat(path.c_str(), &info) != 0) {
      return FileError(path, errno);
    } else if (S_ISDIR(info.st_mode)) {
      const absl::Status status = AddFolder(path, wanted, &files, not_read);
      if (!status.ok()) return status;
    } else {
      files.push_back(path);
    }
  }
  return files;
}

bool EndsWithAny(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [name](std::string_view e) { return name.ends_with(e); });
}

absl::Status AddSources(const std::vector<std::string>& files, RuleSet* rules) {
  std::set<std::string> seen;
  for (const std::string& file : files) {
    // A file may be named twice, by itself and by its folder; its rules count once.
    if (!seen.insert(fs::path(file).lexically_normal().string()).second) continue;
    absl::StatusOr<std::string> text = ReadTextFile(file);
    if (!text.ok()) return text.status();
    rules->Add(file == "-" ? "<stdin>" : file, *std::move(text));
  }
  return absl::OkStatus();
}

// FailedPrecondition with what is wrong, if something is: such a file changes what the rules mean,
// so that they must not run without it.
absl::Status NoErrors(const std::vector<Diagnostic>& diagnostics) {
  constexpr size_t kMaxShown = 3;
  size_t errors = 0;
  std::string message;
  for (const Diagnostic& d : diagnostics) {
    if (d.severity != Severity::kError || ++errors > kMaxShown) continue;
    std::string text = ShowDiagnostic(d, false);
    while (text.ends_with('\n')) text.pop_back();
    message.append(message.empty() ? "" : "\n").append(text);
  }
  if (errors == 0) return absl::OkStatus();
  if (errors > kMaxShown) message.append("\nand " + Count(errors - kMaxShown, "more error"));
  return absl::FailedPreconditionError(message.c_str());
}

// What is wrong with the pipelines, apart from any rules.
absl::Status CheckPipelines(const Compiler& compiler) {
  const absl::StatusOr<CompileResult> empty = compiler.Compile(RuleSet());
  if (!empty.ok()) return empty.status();
  return NoErrors(empty->diagnostics);
}

absl::StatusOr<SigmaOptions> ReadSigmaOptions(const Options& options, bool lint,
                                              std::vector<Diagnostic>* diagnostics) {
  SigmaOptions sigma;
  sigma.lint = lint;
  for (const std::string& path : options.Values("pipeline")) {
    absl::StatusOr<std::string> text = ReadTextFile(path);
    if (!text.ok()) return text.status();
    sigma.pipelines.push_back({path, *std::move(text)});
  }
  for (const std::string& path : options.Values("vars")) {
    absl::StatusOr<std::string> text = ReadTextFile(path);
    if (!text.ok()) return text.status();
    DiagnosticSink sink;
    for (auto& [name, values] : ParseSigmaPlaceholders({path, *std::move(text)}, &sink)) {
      sigma.placeholders[name] = values;
    }
    if (absl::Status status = NoErrors(sink.diagnostics()); !status.ok()) return status;
    for (Diagnostic& d : sink.Take()) diagnostics->push_back(std::move(d));
  }
  return sigma;
}

absl::Status ReadLogSources(const Options& options, LoadedRules* loaded) {
  for (const std::string& path : options.Values("logsource-map")) {
    const absl::StatusOr<std::string> text = ReadTextFile(path);
    if (!text.ok()) return text.status();
    const absl::StatusOr<LogSourceTable> table = LogSourceTable::Parse(*text);
    if (!table.ok()) {
      const std::string message = Clean(path) + ": " + MessageOf(table.status());
      return absl::FailedPreconditionError(message.c_str());
    }
    if (loaded->log_sources == nullptr) {
      loaded->log_sources = std::make_unique<LogSourceTable>(LogSourceTable::Builtin());
    }
    loaded->log_sources->Merge(*table);
  }
  return absl::OkStatus();
}

// The sets of --indicators: several files of one name are one set.
absl::Status ReadIndicatorSets(const Options& options, LoadedRules* loaded) {
  std::map<std::string, IndicatorSet::Builder> sets;
  for (const std::string& word : options.Values("indicators")) {
    const size_t equals = word.find('=');
    std::string name = word.substr(0, equals);
    if (equals == std::string::npos || name.empty()) {
      const std::string message = "--indicators takes NAME=FILE, not '" + Clean(word) + "'";
      return absl::InvalidArgumentError(message.c_str());
    }
    IndicatorFileOptions file;
    // Names of Elastic's sets may have colons of their own.
    if (const size_t colon = name.rfind(':'); colon != std::string::npos) {
      file.type = IndicatorTypeByName(std::string_view(name).substr(colon + 1));
      if (file.type.has_value()) name.resize(colon);
    }
    const std::string path = word.substr(equals + 1);
    absl::StatusOr<std::string> text = ReadTextFile(path);
    if (!text.ok()) return text.status();
    DiagnosticSink sink;
    ReadIndicators({path, *std::move(text)}, file, &sets[name], &sink);
    const absl::Status status = NoErrors(sink.diagnostics());
    if (!status.ok()) return status;
  }
  if (sets.empty()) return absl::OkStatus();
  loaded->indicator_sets = std::make_unique<IndicatorSets>();
  for (auto& [name, set] : sets) loaded->indicator_sets->Set(name, set.Build());
  return absl::OkStatus();
}

void Select(const RuleFilter& filter, LoadedRules* loaded) {
  const Program& program = *loaded->program;
  loaded->selected.assign(program.rule_count(), false);
  loaded->selected_count = 0;
  for (size_t i = 0; i < program.rule_count(); ++i) {
    loaded->selected[i] = filter.Accepts(program.rule(i));
    loaded->selected_count += loaded->selected[i] ? 1 : 0;
  }
  loaded->selected_correlations.assign(program.correlation_count(), false);
  for (size_t i = 0; i < program.correlation_count(); ++i) {
    loaded->selected_correlations[i] = filter.Accepts(program.correlation(i));
    loaded->selected_count += loaded->selected_correlations[i] ? 1 : 0;
  }
}

// NotFound for the first of the --rule options that names nothing.
absl::Status FindNamed(const RuleFilter& filter, const LoadedRules& loaded) {
  for (const std::string& wanted : filter.rules) {
    const absl::StatusOr<size_t> found = FindRule(*loaded.program, wanted);
    if (!found.ok() && !FindCorrelation(*loaded.program, wanted).has_value()) {
      return found.status();
    }
  }
  return absl::OkStatus();
}

// The only one of `paths`, a saved program: what it was compiled from cannot be changed any more.
absl::StatusOr<LoadedRules> LoadPack(const Options& options, const std::vector<std::string>& paths,
                                     const RuleFilter& filter) {
  const std::string& path = *std::ranges::find_if(paths, IsPackFileName);
  if (paths.size() > 1) {
    const std::string message =
        Clean(path) + ": a saved program stands alone; it cannot be mixed with other rules";
    return absl::InvalidArgumentError(message.c_str());
  }
  for (const char* option : {"pipeline", "vars", "logsource-map"}) {
    if (!options.Has(option)) continue;
    const std::string message = Clean(path) + ": --" + option +
                                " changes nothing in a saved program; give it to `vedette compile`";
    return absl::InvalidArgumentError(message.c_str());
  }
  const absl::StatusOr<std::string> bytes = ReadTextFile(path);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<std::shared_ptr<const Program>> program = LoadProgram(*bytes);
  if (!program.ok()) {
    const std::string message = Clean(path) + ": " + Clean(MessageOf(program.status()));
    return absl::FailedPreconditionError(message.c_str());
  }
  LoadedRules loaded;
  if (absl::Status status = ReadIndicatorSets(options, &loaded); !status.ok()) return status;
  loaded.program = *std::move(program);
  loaded.files = 1;
  loaded.stats.sources = 1;
  loaded.stats.rules_loaded = loaded.program->rule_count();
  loaded.stats.correlations = loaded.program->correlation_count();
  loaded.stats.predicates = loaded.program->predicate_count();
  Select(filter, &loaded);
  const absl::Status status = FindNamed(filter, loaded);
  if (!status.ok()) return status;
  return loaded;
}

// Without the files whose rules are all filtered out. Files without rules stay: they may hold
// Sigma filters that change what the others mean.
RuleSet OnlySelected(const RuleSet& rules, const LoadedRules& loaded) {
  std::set<std::string_view> with_rules;
  std::set<std::string_view> wanted;
  for (size_t i = 0; i < loaded.program->rule_count(); ++i) {
    with_rules.insert(loaded.program->rule(i).source);
    if (loaded.selected[i]) wanted.insert(loaded.program->rule(i).source);
  }
  RuleSet out;
  for (const RuleSource& source : rules.sources()) {
    if (!with_rules.contains(source.name) || wanted.contains(source.name)) {
      out.Add(source.name, source.text);
    }
  }
  return out;
}

}  // namespace

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

bool IsRuleFileName(std::string_view name) {
  return EndsWithAny(Lower(name), {".yml", ".yaml", ".vdt", ".eql", ".toml"});
}

bool IsPackFileName(std::string_view name) { return Lower(name).ends_with(".vpk"); }

bool IsEventFileName(std::string_view name) {
  const std::string lower = Lower(name);
  std::string_view plain = lower;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (plain.ends_with(packed)) plain.remove_suffix(packed.size());
  }
  // Rotated files have a number behind their name.
  const size_t name_end = plain.find_last_not_of("0123456789");
  if (name_end != std::string_view::npos && name_end + 1 < plain.size() && plain[name_end] == '.') {
    plain = plain.substr(0, name_end);
  }
  for (const std::string_view whole : {"syslog", "messages", "secure"}) {
    if (plain == whole) return true;
  }
  return EndsWithAny(plain, {".json", ".jsonl", ".ndjson", ".log", ".evtx", ".csv", ".tsv", ".cef",
                             ".leef", ".logfmt", ".syslog"});
}

absl::StatusOr<std::vector<std::string>> FindRuleFiles(const std::vector<std::string>& paths,
                                                       NotRead* not_read) {
  NotRead unused;
  return FindFiles(paths, IsRuleFileName, not_read != nullptr ? not_read : &unused);
}

absl::StatusOr<std::vector<std::string>> FindVedetteFiles(const std::vector<std::string>& paths) {
  const auto wanted = [](std::string_view name) { return Lower(name).ends_with(".vdt"); };
  NotRead not_read;
  return FindFiles(paths, wanted, &not_read);
}

absl::StatusOr<std::vector<std::string>> FindTestFiles(const std::vector<std::string>& paths) {
  const auto wanted = [](std::string_view name) { return Lower(name).ends_with(".test.jsonl"); };
  NotRead not_read;
  return FindFiles(paths, wanted, &not_read);
}

absl::StatusOr<std::vector<std::string>> FindEventFiles(const std::vector<std::string>& paths) {
  NotRead unused;
  return FindFiles(paths, IsEventFileName, &unused);
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  const bool input = path == "-";
  const int fd = input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FileError(path, errno);
  std::string text;
  struct stat info = {};
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    text.reserve(std::min(kMaxTextBytes, static_cast<size_t>(info.st_size)));
  }
  std::array<char, 65536> buffer;
  absl::Status status;
  while (true) {
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n > 0) {
      text.append(buffer.data(), static_cast<size_t>(n));
      if (text.size() <= kMaxTextBytes) continue;
      const std::string message = Clean(path) + ": larger than 256 MiB";
      status = absl::ResourceExhaustedError(message.c_str());
    } else if (n < 0) {
      if (errno == EINTR) continue;
      status = FileError(path, errno);
    }
    break;
  }
  if (!input) close(fd);
  if (!status.ok()) return status;
  return text;
}

std::vector<OptionSpec> RuleOptions() {
  return {
      {"rules", 'r', OptionKind::kWords, "PATH",
       "Rules: files, or folders with Sigma (*.yml, *.yaml), Vedette (*.vdt, *.eql) and Elastic "
       "(*.toml) rules at any depth; or one *.vpk file of `vedette compile`."},
      {"pipeline", 'p', OptionKind::kWords, "FILE",
       "Processing pipelines (YAML) that rename fields or log sources of the rules."},
      {"vars", 0, OptionKind::kWords, "FILE",
       "Values of %placeholders%: a YAML map of name to value or list."},
      {"indicators", 0, OptionKind::kWords, "NAME=FILE",
       "Indicator sets that rules ask with `in set(\"NAME\")`: one value a line, *.csv with a "
       "header, or *.ndjson. NAME:TYPE=FILE says what the values are: text, nocase, hash, ip, "
       "domain or subdomains."},
      {"logsource-map", 0, OptionKind::kWords, "FILE",
       "Rows to put before the built-in log source table (see `vedette logsources`)."},
  };
}

std::vector<OptionSpec> FilterOptions() {
  return {
      {"level", 'l', OptionKind::kValue, "LEVEL",
       "Only rules of this level or above: informational, low, medium, high, critical."},
      {"status", 's', OptionKind::kRepeat, "S1,S2",
       "Only rules of these statuses: stable, test, experimental, deprecated, unsupported."},
      {"tag", 't', OptionKind::kRepeat, "TAG,..",
       "Only rules with one of these tags; attack.t1059 also means its sub-techniques."},
      {"logsource", 0, OptionKind::kValue, "K=V,..",
       "Only rules of this log source, e.g. product=windows,category=process_creation."},
      {"rule", 0, OptionKind::kWords, "ID_OR_TITLE", "Only the rules with these ids or titles."},
  };
}

absl::StatusOr<LoadedRules> LoadRules(const Options& options,
                                      const std::vector<std::string>& more_paths,
                                      LoadOptions load) {
  const absl::StatusOr<RuleFilter> filter = RuleFilter::FromOptions(options);
  if (!filter.ok()) return filter.status();
  std::vector<std::string> paths = options.Values("rules");
  paths.insert(paths.end(), more_paths.begin(), more_paths.end());
  if (paths.empty()) return absl::InvalidArgumentError("no rules given; use --rules PATH");
  if (std::ranges::any_of(paths, IsPackFileName)) return LoadPack(options, paths, *filter);
  LoadedRules loaded;
  const absl::StatusOr<std::vector<std::string>> files = FindRuleFiles(paths, &loaded.not_read);
  if (!files.ok()) return files.status();
  if (files->empty()) {
    const std::string message =
        Clean(paths[0]) + ": no rule file (*.yml, *.yaml, *.vdt, *.eql, *.toml) in it";
    return absl::NotFoundError(message.c_str());
  }
  loaded.files = files->size();
  RuleSet rules;
  absl::Status status = AddSources(*files, &rules);
  if (status.ok()) status = ReadLogSources(options, &loaded);
  if (status.ok()) status = ReadIndicatorSets(options, &loaded);
  if (!status.ok()) return status;
  absl::StatusOr<SigmaOptions> sigma = ReadSigmaOptions(options, load.lint, &loaded.diagnostics);
  if (!sigma.ok()) return sigma.status();

  CompilerOptions compiler_options;
  compiler_options.log_sources = loaded.log_sources.get();
  compiler_options.indicator_sets = loaded.indicator_sets.get();
  compiler_options.lint = load.lint;
  compiler_options.emit_all = load.emit_all;
  compiler_options.evidence_fields = load.evidence_fields;
  Compiler compiler(compiler_options);
  const bool piped = !sigma->pipelines.empty();
  compiler.AddFrontend(SigmaFrontend(*std::move(sigma)));
  compiler.AddFrontend(VedetteFrontend());
  ElasticOptions elastic;
  elastic.lint = load.lint;
  compiler.AddFrontend(ElasticFrontend(std::move(elastic)));
  if (piped) status = CheckPipelines(compiler);
  if (!status.ok()) return status;
  absl::StatusOr<CompileResult> built = compiler.Compile(rules);
  if (!built.ok()) return built.status();
  loaded.program = built->program;
  loaded.stats = built->stats;
  loaded.tests = std::move(built->tests);
  if (load.convert) {
    absl::StatusOr<ConvertResult> converted = compiler.Convert(rules);
    if (!converted.ok()) return converted.status();
    loaded.converted = std::move(converted->rules);
  }
  for (Diagnostic& d : built->diagnostics) loaded.diagnostics.push_back(std::move(d));
  Select(*filter, &loaded);
  status = FindNamed(*filter, loaded);
  if (!status.ok()) return status;
  // Rules over several events may need any of the others.
  if (load.only_selected && loaded.program->correlation_count() == 0 &&
      loaded.selected_count < loaded.program->rule_count()) {
    // Its diagnostics were all in the first result.
    built = compiler.Compile(OnlySelected(rules, loaded));
    if (!built.ok()) return built.status();
    loaded.program = built->program;
    Select(*filter, &loaded);
  }
  return loaded;
}

std::optional<size_t> FindCorrelation(const Program& program, std::string_view wanted) {
  for (size_t i = 0; i < program.correlation_count(); ++i) {
    if (RuleIsCalled(program.correlation(i), wanted)) return i;
  }
  return std::nullopt;
}

absl::StatusOr<size_t> FindRule(const Program& program, std::string_view wanted) {
  const int exact = program.FindRule(wanted);
  if (exact >= 0) return static_cast<size_t>(exact);
  std::vector<std::string_view> titles;
  for (size_t i = 0; i < program.rule_count(); ++i) {
    if (RuleIsCalled(program.rule(i), wanted)) return i;
    titles.push_back(program.rule(i).display_name());
  }
  if (FindCorrelation(program, wanted).has_value()) {
    const std::string message = "'" + Clean(wanted) +
                                "' is a correlation: no single event decides; `vedette detect "
                                "--rule .. --state` tells what is open";
    return absl::FailedPreconditionError(message.c_str());
  }
  const std::string message =
      "no rule has the id, name or title '" + Clean(wanted) + "'" + DidYouMean(wanted, titles);
  return absl::NotFoundError(message.c_str());
}

}  // namespace vedette::inline v0::cli
