// `vedette logsources`: the table that tells log sources, and what it makes of real events.
#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/events.h"
#include "lib/cli/hints.h"
#include "lib/cli/load.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"

namespace vedette::inline v0::cli {
namespace {

using Counts = std::map<std::string, uint64_t, std::less<>>;

constexpr size_t kMaxKinds = 10000;

void Bump(std::string_view name, Counts* counts) {
  auto it = counts->find(name);
  if (it == counts->end()) {
    if (counts->size() >= kMaxKinds) name = "(other)";
    it = counts->emplace(name, 0).first;
  }
  ++it->second;
}

std::vector<std::pair<std::string, uint64_t>> MostFirst(const Counts& counts) {
  std::vector<std::pair<std::string, uint64_t>> out(counts.begin(), counts.end());
  std::ranges::stable_sort(out, [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

// A program without rules: it only tells log sources.
absl::StatusOr<std::shared_ptr<const Program>> EmptyProgram(const LogSourceTable* table) {
  CompilerOptions options;
  options.log_sources = table;
  Compiler compiler(options);
  compiler.AddFrontend(SigmaFrontend());
  absl::StatusOr<CompileResult> built = compiler.Compile(RuleSet());
  if (!built.ok()) return built.status();
  return built->program;
}

absl::StatusOr<std::unique_ptr<LogSourceTable>> TableOf(const Options& options) {
  auto table = std::make_unique<LogSourceTable>(LogSourceTable::Builtin());
  for (const std::string& path : options.Values("logsource-map")) {
    const absl::StatusOr<std::string> text = ReadTextFile(path);
    if (!text.ok()) return text.status();
    const absl::StatusOr<LogSourceTable> own = LogSourceTable::Parse(*text);
    if (!own.ok()) {
      const std::string message = Clean(path) + ": " + MessageOf(own.status());
      return absl::FailedPreconditionError(message.c_str());
    }
    table->Merge(*own);
  }
  return table;
}

int LogSources(const Options& options, Console* console) {
  const absl::StatusOr<std::unique_ptr<LogSourceTable>> table = TableOf(options);
  if (!table.ok()) return Fail(table.status(), "logsources", console);
  if (options.Values("events").empty()) {
    console->out->Write(LogSourceTable::BuiltinText());
    return kExitOk;
  }
  const absl::StatusOr<EventOptions> events = EventOptionsOf(options);
  if (!events.ok()) return Fail(events.status(), "logsources", console);
  const absl::StatusOr<std::vector<std::string>> files = FindEventFiles(options.Values("events"));
  if (!files.ok()) return Fail(files.status(), "logsources", console);
  const absl::StatusOr<std::shared_ptr<const Program>> program = EmptyProgram(table->get());
  if (!program.ok()) return Fail(program.status(), "logsources", console);
  Evaluator evaluator(*program);
  Counts known;
  Counts unknown;
  EventHints hints;
  const bool all_read = ForEachEvent(*files, *events, console, [&](const Event& event) {
    const std::vector<LogSource> sources = evaluator.LogSourcesOf(events->View(event));
    if (sources.empty()) Bump(hints.Kind(event), &unknown);
    for (const LogSource& source : sources) Bump(source.ToString(), &known);
  });
  ListTable table_known({{"EVENTS", 6, Keep::kBegin, true}, {"LOG SOURCE", 20}});
  for (const auto& [name, n] : MostFirst(known)) table_known.Add({WithCommas(n), name});
  console->out->Write(table_known.Format(console->width, console->color_out));
  if (!unknown.empty()) {
    ListTable table_unknown({{"EVENTS", 6, Keep::kBegin, true}, {"NO LOG SOURCE", 20}});
    for (const auto& [name, n] : MostFirst(unknown)) {
      table_unknown.Add({WithCommas(n), name.empty() ? "(empty event)" : name});
    }
    console->out->Write("\n" + table_unknown.Format(console->width, console->color_out));
  }
  return Interrupted() ? kExitInterrupted : all_read ? kExitOk : kExitFailed;
}

}  // namespace

Command LogSourcesCommand() {
  CommandSpec spec;
  spec.name = "logsources";
  spec.summary = "Print the log source table, or count the log sources of events.";
  spec.description =
      "Without --events the built-in table is printed; edit a copy of it and give it with "
      "--logsource-map. With --events each event counts for every log source that it has; the "
      "events that the table does not know are listed with what they say about themselves.";
  spec.examples =
      "vedette logsources > my-logsources.txt\n"
      "vedette logsources --events events.jsonl --logsource-map my-logsources.txt";
  spec.options = EventReadOptions();
  spec.options.push_back(
      {"logsource-map", 0, OptionKind::kWords, "FILE", "Rows to put before the built-in table."});
  spec.options.push_back(kColorOption);
  return {std::move(spec), LogSources};
}

}  // namespace vedette::inline v0::cli
