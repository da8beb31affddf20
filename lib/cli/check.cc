// `vedette check`: compiles rules and prints everything that is to be said about them.
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

struct Counts {
  uint64_t errors = 0;
  uint64_t warnings = 0;
};

Counts CountDiagnostics(const LoadedRules& rules) {
  Counts counts;
  for (const Diagnostic& d : rules.diagnostics) {
    if (d.severity == Severity::kError) ++counts.errors;
    if (d.severity == Severity::kWarning) ++counts.warnings;
  }
  return counts;
}

void PrintText(const LoadedRules& rules, const Counts& counts, Console* console) {
  const Paint paint(console->color_out);
  for (const Diagnostic& d : rules.diagnostics) {
    console->out->Write(ShowDiagnostic(d, console->color_out));
  }
  if (!rules.diagnostics.empty()) console->out->Write("\n");
  std::string line(counts.errors > 0 ? paint.Red() : paint.Green());
  line.append(Count(rules.stats.rules_loaded, "rule")).append(" ok").append(paint.Off());
  line.append(" in ").append(Count(rules.files, "file"));
  line.append(", ").append(WithCommas(rules.stats.rules_skipped)).append(" skipped, ");
  line.append(Count(counts.errors, "error")).append(", ").append(Count(counts.warnings, "warning"));
  if (rules.stats.correlations > 0) {
    line.append(", ").append(Count(rules.stats.correlations, "correlation"));
  }
  console->out->WriteLine(line);
}

void PrintJson(const LoadedRules& rules, const Counts& counts, Console* console) {
  console->out->Write("{\"diagnostics\":[");
  for (size_t i = 0; i < rules.diagnostics.size(); ++i) {
    console->out->Write(i == 0 ? "\n" : ",\n");
    console->out->Write(DiagnosticToJson(rules.diagnostics[i]));
  }
  std::string summary = "{";
  AppendJsonMember("files", rules.files, &summary);
  AppendJsonMember("rules_ok", rules.stats.rules_loaded, &summary);
  AppendJsonMember("rules_skipped", rules.stats.rules_skipped, &summary);
  AppendJsonMember("correlations", rules.stats.correlations, &summary);
  AppendJsonMember("errors", counts.errors, &summary);
  AppendJsonMember("warnings", counts.warnings, &summary);
  AppendJsonMember("predicates", rules.stats.predicates, &summary);
  AppendJsonMember("program_bytes", rules.program->memory_bytes(), &summary);
  console->out->Write("],\"summary\":" + summary + "}}\n");
}

int Check(const Options& options, Console* console) {
  const absl::StatusOr<LoadedRules> rules = LoadRules(options, options.arguments(), {.lint = true});
  if (!rules.ok()) return Fail(rules.status(), "check", console);
  ReportNotRead(*rules, console);
  const Counts counts = CountDiagnostics(*rules);
  if (options.Value("output") == "json") {
    PrintJson(*rules, counts, console);
  } else {
    PrintText(*rules, counts, console);
  }
  const bool failed =
      counts.errors > 0 || (options.Has("warnings-as-errors") && counts.warnings > 0);
  return failed ? kExitFailed : kExitOk;
}

}  // namespace

Command CheckCommand() {
  CommandSpec spec;
  spec.name = "check";
  spec.arguments = "PATH...";
  spec.summary = "Compile rules and print all errors and warnings.";
  spec.description =
      "Each finding names its file, line and column, and a code that docs/diagnostics.md explains. "
      "Exits with 1 if a rule had to be left out.";
  spec.examples =
      "vedette check rules\n"
      "vedette check rules --warnings-as-errors -o json";
  spec.max_arguments = SIZE_MAX;
  spec.options = RuleOptions();
  const std::vector<OptionSpec> own = {
      {"output", 'o', OptionKind::kValue, "FORM", "text (default) or json.", "text|json"},
      {"warnings-as-errors", 0, OptionKind::kFlag, "", "Exit with 1 on warnings too."},
      kColorOption,
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), Check};
}

}  // namespace vedette::inline v0::cli
