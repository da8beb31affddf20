// `vedette triage`: events to incidents.
#include "vedette/alert/triage.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/correlation.h"
#include "lib/cli/events.h"
#include "lib/cli/load.h"
#include "lib/cli/merge.h"
#include "lib/cli/report.h"
#include "lib/cli/story.h"
#include "lib/cli/text.h"
#include "vedette/engine.h"

namespace vedette::inline v0::cli {
namespace {

// What the options say about the output.
struct Shown {
  std::string_view form;  // story, ndjson or json
  bool alerts = false;
  uint64_t stories = 10;
  uint64_t most_alerts = 40;
};

absl::StatusOr<Shown> ShownOf(const Options& options) {
  Shown shown;
  shown.form = options.Value("output", "story");
  shown.alerts = options.Has("alerts");
  const absl::StatusOr<uint64_t> stories = options.Number("top", shown.stories);
  if (!stories.ok()) return stories.status();
  shown.stories = *stories;
  return shown;
}

TriageOptions TriageOptionsOf(const Options& options) {
  TriageOptions out;
  out.pipeline.policy.on_close = options.Value("on-close") == "continue"
                                     ? AlertPolicy::OnClose::kContinue
                                     : AlertPolicy::OnClose::kRestart;
  // The events of a file are all there: none is late, and nobody's clock runs.
  out.pipeline.late_after_ns = INT64_MAX;
  out.pipeline.max_future_skew_ns = INT64_MAX;
  return out;
}

// One run.
class TriageRun : public DetectionSink {
 public:
  TriageRun(const Options& options, const LoadedRules& rules, EventOptions events,
            const ProcessorOptions& processing, const Shown& shown, Console* console)
      : rules_(rules),
        events_(std::move(events)),
        tenant_(options.Value("tenant", "default")),
        quiet_(options.Has("quiet")),
        shown_(shown),
        console_(console),
        engine_(rules.program) {
    ProcessorOptions with_sets = processing;
    with_sets.evaluation.indicator_sets = rules.indicator_sets.get();
    processor_ = engine_.NewProcessor(this, with_sets);
  }

  int Run(const Options& options, const std::vector<std::string>& files) {
    auto triage = Triage::Create(TriageOptionsOf(options), &nobody_);
    if (!triage.ok()) return Fail(triage.status(), "triage", console_);
    triage_ = *std::move(triage);
    Read(files);
    absl::Status status = processor_->Flush();
    if (status.ok()) status = triage_->Flush();
    if (!status.ok()) return Fail(status, "triage", console_);
    Print();
    if (Interrupted()) return kExitInterrupted;
    return unreadable_ || failed_ ? kExitFailed : kExitOk;
  }

  absl::Status OnDetection(const Detection& detection) override {
    return rules_.IsSelected(detection) ? triage_->OnDetection(detection) : absl::OkStatus();
  }

 private:
  void Read(const std::vector<std::string>& files) {
    std::vector<std::unique_ptr<EventReader>> readers;
    std::vector<std::string> names;
    const auto unreadable = [this](const std::string& name, const absl::Status& status) {
      unreadable_ = true;
      console_->Error(Clean(name + ": " + MessageOf(status)));
    };
    for (const std::string& file : files) {
      auto reader = OpenEvents(file, events_);
      if (!reader.ok()) {
        unreadable(file, reader.status());
        continue;
      }
      readers.push_back(*std::move(reader));
      names.push_back(file);
    }
    // Incidents are stories: all files are read as one, by time.
    MergedReader merged(std::move(readers), [&](size_t i, const absl::Status& status) {
      if (!Interrupted()) unreadable(names[i], status);
    });
    Event event;
    while (!Interrupted() && merged.Next(&event)) OnEvent(event);
  }

  void OnEvent(const Event& event) {
    ++events_read_;
    const EventView view = events_.View(event);
    EventContext context;
    context.event = &view;
    context.raw = event.raw();
    context.tenant = tenant_;
    triage_->SetEvent(context);
    const absl::Status status = processor_->Process(view);
    if (!status.ok() && !failed_) {
      failed_ = true;
      console_->Error(Clean(MessageOf(status)));
    }
  }

  void Print() {
    const std::vector<const Incident*> incidents = triage_->incidents().List({});
    Output& out = *console_->out;
    if (shown_.form == "story") {
      PrintStories(incidents);
    } else {
      const bool lines = shown_.form == "ndjson";
      if (!lines) out.Write("[");
      for (size_t i = 0; i < incidents.size(); ++i) {
        const std::string text = IncidentToJson(*incidents[i], shown_.alerts);
        if (lines) {
          out.WriteLine(text);
        } else {
          out.Write((i > 0 ? ",\n" : "\n") + text);
        }
      }
      if (!lines) out.Write("\n]\n");
    }
    if (quiet_) return;
    out.Flush();
    (shown_.form == "story" ? console_->out : console_->err)->Write(SummaryText(incidents));
  }

  void PrintStories(const std::vector<const Incident*>& incidents) {
    Output& out = *console_->out;
    const size_t stories = std::min<size_t>(incidents.size(), shown_.stories);
    for (size_t i = 0; i < stories; ++i) {
      out.Write(StoryOf(*incidents[i], shown_.most_alerts, console_->width, console_->color_out) +
                "\n");
    }
    if (stories == incidents.size()) return;
    out.Write(stories == 0 ? "" : "Others, most urgent first:\n");
    for (size_t i = stories; i < incidents.size(); ++i) {
      out.Write(LineOf(*incidents[i], console_->width, console_->color_out));
    }
    out.Write("\n");
  }

  std::string SummaryText(const std::vector<const Incident*>& incidents) const {
    const PipelineStats stats = triage_->alerts().stats();
    std::array<uint64_t, 5> by_priority{};
    for (const Incident* incident : incidents)
      ++by_priority[std::min<size_t>(incident->priority, 4)];
    std::string out(Paint(console_->color_out).Bold());
    out.append("Triage").append(Paint(console_->color_out).Off()).append("\n");
    out += "  events      " + WithCommas(events_read_) + "\n";
    out += "  detections  " + WithCommas(stats.detections) + "\n";
    out += "  alerts      " + WithCommas(stats.emitted) + " (" + WithCommas(stats.folded) +
           " more folded into them, " + WithCommas(stats.suppressed + stats.inhibited) +
           " held back)\n";
    out += "  incidents   " + WithCommas(incidents.size());
    for (size_t p = 1; p < by_priority.size(); ++p) {
      out += (p == 1 ? ": " : ", ") + WithCommas(by_priority[p]) + " of P" + std::to_string(p);
    }
    return out + "\n";
  }

  const LoadedRules& rules_;
  const EventOptions events_;
  const std::string tenant_;
  const bool quiet_;
  const Shown shown_;
  Console* const console_;
  TriageSink nobody_;
  Engine engine_;
  std::unique_ptr<Processor> processor_;
  std::unique_ptr<Triage> triage_;
  uint64_t events_read_ = 0;
  bool unreadable_ = false;
  bool failed_ = false;
};

int RunTriage(const Options& options, Console* console) {
  if (options.Values("events").empty()) {
    return Fail(absl::InvalidArgumentError("no events given; use --events PATH, or - for stdin"),
                "triage", console);
  }
  const absl::StatusOr<Shown> shown = ShownOf(options);
  if (!shown.ok()) return Fail(shown.status(), "triage", console);
  absl::StatusOr<EventOptions> events = EventOptionsOf(options);
  if (!events.ok()) return Fail(events.status(), "triage", console);
  const absl::StatusOr<ProcessorOptions> processing = ProcessorOptionsOf(options);
  if (!processing.ok()) return Fail(processing.status(), "triage", console);
  const absl::StatusOr<LoadedRules> rules =
      LoadRules(options, {}, {.only_selected = true, .evidence_fields = EntityFields()});
  if (!rules.ok()) return Fail(rules.status(), "triage", console);
  if (!options.Has("quiet")) ReportNotRead(*rules, console);
  ReportSkipped(*rules, console);
  if (rules->stats.rules_loaded + rules->stats.correlations == 0) {
    console->Error("no rule could be loaded");
    return kExitFailed;
  }
  const absl::StatusOr<std::vector<std::string>> files = FindEventFiles(options.Values("events"));
  if (!files.ok()) return Fail(files.status(), "triage", console);
  if (files->empty()) {
    console->Error("no event file found");
    return kExitFailed;
  }
  if (files->size() > kMaxMerged) {
    return Fail(absl::InvalidArgumentError("more than 512 event files, which are read together"),
                "triage", console);
  }
  TriageRun run(options, *rules, *std::move(events), *processing, *shown, console);
  return run.Run(options, *files);
}

}  // namespace

Command TriageCommand() {
  CommandSpec spec;
  spec.name = "triage";
  spec.summary = "Run rules over event files and print the incidents, as stories.";
  spec.description =
      "Detections become alerts: those that are alike are folded until something worse comes. "
      "Alerts that share processes, sessions, files, hosts or users become incidents. All files "
      "are "
      "read as one stream in the order of time. Incidents are printed most urgent first, each with "
      "its alerts in order, why each belongs there, whom it touches, and what its rules say to "
      "look "
      "at next.";
  spec.examples =
      "vedette triage --rules rules --events examples/data/attack.ndjson.gz\n"
      "vedette triage -r rules -e logs/ -o ndjson --alerts > incidents.ndjson";
  spec.options = RuleOptions();
  for (OptionSpec& o : EventReadOptions()) spec.options.push_back(o);
  for (OptionSpec& o : FilterOptions()) spec.options.push_back(o);
  for (OptionSpec& o : CorrelationOptions()) {
    // Of the state of rules alone: it would not be that of the incidents.
    if (o.name != "snapshot" && o.name != "resume" && o.name != "state") spec.options.push_back(o);
  }
  const std::vector<OptionSpec> own = {
      {"output", 'o', OptionKind::kValue, "FORM",
       "story (the default), ndjson (an incident a line) or json.", "story|ndjson|json"},
      {"alerts", 0, OptionKind::kFlag, "", "With ndjson and json: each alert as a whole, too."},
      {"top", 'n', OptionKind::kValue, "N",
       "Incidents told as stories; the others get a line each. Default: 10."},
      {"tenant", 0, OptionKind::kValue, "NAME",
       "Whose events these are; part of every id. Default: default."},
      {"on-close", 0, OptionKind::kValue, "WHAT",
       "Whether a closed alert comes again at once (restart, the default) or stays folded until "
       "its "
       "window ends (continue).",
       "restart|continue"},
      {"quiet", 'q', OptionKind::kFlag, "", "No summary, no warnings about rules."},
      kColorOption,
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), RunTriage};
}

}  // namespace vedette::inline v0::cli
