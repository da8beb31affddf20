// `vedette triage`: events to incidents.
#include "vedette/alert/triage.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/read_as_one.h"
#include "lib/cli/story.h"
#include "lib/cli/text.h"
#include "lib/cli/triage_input.h"
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

// One run.
class TriageRun : public DetectionSink {
 public:
  TriageRun(const Options& options, const TriageInput& input, const Shown& shown, Console* console)
      : input_(input),
        tenant_(options.Value("tenant", "default")),
        quiet_(options.Has("quiet")),
        shown_(shown),
        console_(console),
        engine_(input.rules.program),
        processor_(engine_.NewProcessor(this, ProcessingOf(input))) {}

  int Run(const Options& options) {
    auto triage = Triage::Create(TriageOptionsOf(options), &nobody_);
    if (!triage.ok()) return Fail(triage.status(), "triage", console_);
    triage_ = *std::move(triage);
    ReadTold told;
    told.skipped = [this](const std::string& message) { console_->Error(message); };
    told.unreadable = [this](const std::string& message) {
      unreadable_ = true;
      console_->Error(message);
    };
    // Incidents are stories: all files are read as one, by time.
    absl::Status status = ReadAsOne(input_.files, input_.events, told, [this](Event* event) {
      OnEvent(*event);
      return absl::OkStatus();
    });
    if (status.ok()) status = processor_->Flush();
    if (status.ok()) status = triage_->Flush();
    if (!status.ok()) return Fail(status, "triage", console_);
    Print();
    if (Interrupted()) return kExitInterrupted;
    return unreadable_ || failed_ ? kExitFailed : kExitOk;
  }

  absl::Status OnDetection(const Detection& detection) override {
    return input_.rules.IsSelected(detection) ? triage_->OnDetection(detection) : absl::OkStatus();
  }

 private:
  void OnEvent(const Event& event) {
    ++events_read_;
    const EventView view = input_.events.View(event);
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

  const TriageInput& input_;
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
  const absl::StatusOr<Shown> shown = ShownOf(options);
  if (!shown.ok()) return Fail(shown.status(), "triage", console);
  TriageInput input;
  if (const int code = LoadTriageInput(options, "triage", console, &input); code != kExitOk) {
    return code;
  }
  return TriageRun(options, input, *shown, console).Run(options);
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
  spec.options = TriageInputOptions();
  const std::vector<OptionSpec> own = {
      {"output", 'o', OptionKind::kValue, "FORM",
       "story (the default), ndjson (an incident a line) or json.", "story|ndjson|json"},
      {"alerts", 0, OptionKind::kFlag, "", "With ndjson and json: each alert as a whole, too."},
      {"top", 'n', OptionKind::kValue, "N",
       "Incidents told as stories; the others get a line each. Default: 10."},
      {"quiet", 'q', OptionKind::kFlag, "", "No summary, no warnings about rules."},
      kColorOption,
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), RunTriage};
}

}  // namespace vedette::inline v0::cli
