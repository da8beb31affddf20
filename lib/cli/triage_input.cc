#include "lib/cli/triage_input.h"

#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/correlation.h"
#include "lib/cli/merge.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"

namespace vedette::inline v0::cli {

std::vector<OptionSpec> TriageInputOptions() {
  std::vector<OptionSpec> out = RuleOptions();
  for (OptionSpec& o : EventReadOptions()) out.push_back(o);
  for (OptionSpec& o : FilterOptions()) out.push_back(o);
  for (OptionSpec& o : CorrelationOptions()) {
    // Of the state of rules alone: it would not be that of the incidents.
    if (o.name != "snapshot" && o.name != "resume" && o.name != "state") out.push_back(o);
  }
  out.push_back({"tenant", 0, OptionKind::kValue, "NAME",
                 "Whose events these are; part of every id. Default: default."});
  out.push_back({"on-close", 0, OptionKind::kValue, "WHAT",
                 "Whether a closed alert comes again at once (restart, the default) or stays "
                 "folded until its window ends (continue).",
                 "restart|continue"});
  return out;
}

TriageOptions TriageOptionsOf(const Options& options) {
  TriageOptions out;
  out.pipeline.policy.on_close = options.Value("on-close") == "continue"
                                     ? AlertPolicy::OnClose::kContinue
                                     : AlertPolicy::OnClose::kRestart;
  // The events of a file are all there: none is late, and none is ahead of a clock.
  out.pipeline.late_after_ns = INT64_MAX;
  out.pipeline.max_future_skew_ns = INT64_MAX;
  return out;
}

int LoadTriageInput(const Options& options, std::string_view command, Console* console,
                    TriageInput* input) {
  if (options.Values("events").empty()) {
    return Fail(absl::InvalidArgumentError("no events given; use --events PATH, or - for stdin"),
                command, console);
  }
  absl::StatusOr<EventOptions> events = EventOptionsOf(options);
  if (!events.ok()) return Fail(events.status(), command, console);
  absl::StatusOr<ProcessorOptions> processing = ProcessorOptionsOf(options);
  if (!processing.ok()) return Fail(processing.status(), command, console);
  absl::StatusOr<LoadedRules> rules =
      LoadRules(options, {}, {.only_selected = true, .evidence_fields = EntityFields()});
  if (!rules.ok()) return Fail(rules.status(), command, console);
  if (!options.Has("quiet")) ReportNotRead(*rules, console);
  ReportSkipped(*rules, console);
  if (rules->stats.rules_loaded + rules->stats.correlations == 0) {
    console->Error("no rule could be loaded");
    return kExitFailed;
  }
  absl::StatusOr<std::vector<std::string>> files = FindEventFiles(options.Values("events"));
  if (!files.ok()) return Fail(files.status(), command, console);
  if (files->empty()) {
    console->Error("no event file found");
    return kExitFailed;
  }
  if (files->size() > kMaxMerged) {
    return Fail(absl::InvalidArgumentError("more than 512 event files, which are read together"),
                command, console);
  }
  input->events = *std::move(events);
  input->processing = *std::move(processing);
  input->rules = *std::move(rules);
  input->files = *std::move(files);
  return kExitOk;
}

ProcessorOptions ProcessingOf(const TriageInput& input) {
  ProcessorOptions out = input.processing;
  out.evaluation.indicator_sets = input.rules.indicator_sets.get();
  return out;
}

}  // namespace vedette::inline v0::cli
