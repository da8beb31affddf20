// `vedette detect`: rules over event files.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/correlation.h"
#include "lib/cli/evaluation_pool.h"
#include "lib/cli/events.h"
#include "lib/cli/filter.h"
#include "lib/cli/hints.h"
#include "lib/cli/load.h"
#include "lib/cli/merge.h"
#include "lib/cli/report.h"
#include "lib/cli/summary.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"
#include "vedette/engine.h"

namespace vedette::inline v0::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kClockEvery = 256;  // events between two looks at the clock
constexpr std::string_view kClearLine = "\r\x1b[K";

double Seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

// One line on the error stream that is written over again and again.
class Progress {
 public:
  Progress(bool on, Output* err) : on_(on), err_(err), start_(Clock::now()), last_(start_) {}

  void Tick(uint64_t detections) {
    ++events_;
    if (!on_ || events_ % kClockEvery != 0) return;
    const Clock::time_point now = Clock::now();
    if (now - last_ < std::chrono::milliseconds(200)) return;
    last_ = now;
    const double seconds = Seconds(now - start_);
    err_->Write(std::string(kClearLine) + Count(events_, "event") + "  " +
                WithCommas(static_cast<uint64_t>(static_cast<double>(events_) / seconds)) + "/s  " +
                Count(detections, "detection"));
    err_->Flush();
    shown_ = true;
  }
  void Clear() {
    if (!shown_) return;
    err_->Write(kClearLine);
    err_->Flush();
    shown_ = false;
  }
  double seconds() const { return Seconds(Clock::now() - start_); }

 private:
  bool on_;
  Output* err_;
  Clock::time_point start_;
  Clock::time_point last_;
  uint64_t events_ = 0;
  bool shown_ = false;
};

enum class Format : uint8_t { kTable, kNdjson, kJson, kSummary };

Format FormatOf(const Options& options, const Output& out) {
  const std::string_view name = options.Value("output");
  if (name == "table") return Format::kTable;
  if (name == "json") return Format::kJson;
  if (name == "summary") return Format::kSummary;
  if (name.empty() && out.is_terminal()) return Format::kTable;
  return Format::kNdjson;
}

ProcessorOptions WithSets(ProcessorOptions options, const LoadedRules& rules) {
  options.evaluation.indicator_sets = rules.indicator_sets.get();
  return options;
}

// One run. Numbers that the options gave were checked before.
class DetectRun : public DetectionSink {
 public:
  DetectRun(const Options& options, LoadedRules rules, EventOptions events,
            const ProcessorOptions& processing, uint64_t max_detections, Level fail_on,
            uint64_t threads, Console* console)
      : options_(options),
        rules_(std::move(rules)),
        events_(std::move(events)),
        max_detections_(max_detections),
        fail_on_(fail_on),
        console_(console),
        format_(FormatOf(options, *console->out)),
        engine_(rules_.program),
        processor_(engine_.NewProcessor(this, WithSets(processing, rules_))),
        table_(console->width, console->color_out),
        progress_(
            !options.Has("quiet") && !options.Has("no-progress") && console->err->is_terminal(),
            console->err) {
    if (threads > 1) {
      pool_.emplace(
          threads, rules_.program, WithSets(processing, rules_).evaluation,
          [this](const Event& event) { return events_.View(event); },
          [this](const Event& event, const Batch& batch, size_t i) { OnEvent(event, batch, i); });
    }
    summary_.SetRules(rules_.stats.rules_loaded + rules_.stats.correlations,
                      rules_.stats.rules_skipped, rules_.selected_count, rules_.stats.correlations);
  }

  int Run(const std::vector<std::string>& files) {
    const absl::Status resumed = ResumeState(options_, processor_.get(), console_);
    if (!resumed.ok()) return Fail(resumed, "detect", console_);
    Output& out = *console_->out;
    if (format_ == Format::kTable) out.Write(table_.Head());
    if (format_ == Format::kJson) out.Write("{\"detections\":[");
    // Rules over several events need the events of all files in order.
    if (files.size() > 1 && files.size() <= kMaxMerged && rules_.program->correlation_count() > 0) {
      ReadMerged(files);
    } else {
      for (const std::string& file : files) {
        if (stop_) break;
        ReadFile(file);
      }
    }
    Finish();
    progress_.Clear();
    summary_.set_seconds(progress_.seconds());
    ProcessorStats stats = processor_->stats();
    if (pool_) stats.evaluation += pool_->stats();
    summary_.set_undecided(stats.evaluation.events_undecided, stats.evaluation.rules_undecided);
    summary_.set_left_out(stats.correlation.late_records, stats.events_without_time,
                          stats.correlation.evicted_keys);
    summary_.set_unroutable(rules_.stats.rules_unroutable);
    if (format_ == Format::kJson) {
      out.Write((summary_.detections() > 0 ? "\n],\"summary\":" : "],\"summary\":") +
                summary_.Json() + "}\n");
    }
    PrintSummary();
    if (options_.Has("state")) {
      console_->out->Flush();
      console_->err->Write(StateReport(*processor_, &processor_->correlator(), console_->width,
                                       console_->color_err));
    }
    return ExitCode();
  }

  absl::Status OnDetection(const Detection& detection) override {
    if (!rules_.IsSelected(detection)) return absl::OkStatus();
    Emit(detection);
    // Whatever else the event gives is too much.
    return stop_ ? absl::CancelledError() : absl::OkStatus();
  }

 private:
  absl::StatusOr<std::unique_ptr<EventReader>> Open(const std::string& file) {
    EventOptions options = events_;
    const std::string name = file == "-" ? "<stdin>" : file;
    options.read.text.on_broken = [this, name](uint64_t line, std::string_view reason) {
      summary_.AddBroken(name, line, reason);
    };
    options.before_wait = [this] {
      if (pool_) pool_->Drain();
      console_->out->Flush();
    };
    return OpenEvents(file, options);
  }

  void ReadMerged(const std::vector<std::string>& files) {
    std::vector<std::unique_ptr<EventReader>> readers;
    std::vector<std::string> names;
    for (const std::string& file : files) {
      absl::StatusOr<std::unique_ptr<EventReader>> reader = Open(file);
      if (reader.ok()) {
        readers.push_back(*std::move(reader));
        names.push_back(file);
      } else {
        Unreadable(file, reader.status());
      }
    }
    MergedReader merged(std::move(readers), [&](size_t i, const absl::Status& status) {
      if (!Interrupted()) Unreadable(names[i], status);
    });
    while (!stop_ && merged.Next(Slot())) OnRead();
    if (pool_) pool_->Drain();
    if (Interrupted()) {
      stop_ = true;
      summary_.set_interrupted();
    }
    for (size_t i = 0; i < names.size(); ++i) summary_.AddFile(merged.reader(i).stats());
  }

  // The state is kept for a later run, or what is open is decided now.
  void Finish() {
    if (options_.Has("snapshot")) {
      const absl::Status saved = SaveState(options_, *processor_);
      if (!saved.ok()) Unreadable(std::string(options_.Value("snapshot")), saved);
    } else if (!stop_) {
      processor_->Flush().IgnoreError();  // only OnDetection stops it
    }
  }

  void ReadFile(const std::string& file) {
    absl::StatusOr<std::unique_ptr<EventReader>> reader = Open(file);
    if (!reader.ok()) return Unreadable(file, reader.status());
    while (!stop_) {
      const absl::StatusOr<bool> more = (*reader)->Next(Slot());
      if (!more.ok()) {
        if (pool_) pool_->Drain();
        if (!Interrupted()) Unreadable(file, more.status());
        break;
      }
      if (!*more) break;
      OnRead();
    }
    if (pool_) pool_->Drain();
    if (Interrupted()) {
      stop_ = true;
      summary_.set_interrupted();
    }
    summary_.AddFile((*reader)->stats());
  }

  void Unreadable(const std::string& file, const absl::Status& status) {
    std::string message = MessageOf(status);
    if (message.find(file) == std::string::npos) message = file + ": " + message;
    progress_.Clear();
    console_->Error(Clean(message));
    summary_.AddUnreadable(std::move(message));
  }

  // Where the next event is read.
  Event* Slot() { return pool_ ? pool_->slot() : &event_; }

  void OnRead() {
    if (pool_) return pool_->Add();
    const EvaluatorStats& stats = processor_->evaluator().stats();
    const uint64_t unknown = stats.events_without_log_source;
    current_ = &event_;
    processor_->Process(events_.View(event_)).IgnoreError();  // only OnDetection stops it
    AfterEvent(stats.events_without_log_source != unknown);
  }

  // One that was evaluated on another thread; some may come after all should stop.
  void OnEvent(const Event& event, const Batch& batch, size_t i) {
    if (stop_) return;
    current_ = &event;
    processor_->Process(batch, i).IgnoreError();
    AfterEvent(!batch.has_log_source(i));
  }

  void AfterEvent(bool unknown) {
    if (stop_) return;
    if (unknown) summary_.AddUnknown(hints_.Kind(*current_));
    progress_.Tick(summary_.detections());
    if (Interrupted() || console_->out->closed() || !console_->out->error().empty()) stop_ = true;
  }

  void Emit(const Detection& detection) {
    Output& out = *console_->out;
    const RuleMeta& rule = detection.meta();
    if (fail_on_ != Level::kUnset && rule.level >= fail_on_) hit_ = true;
    switch (format_) {
      case Format::kTable: {
        // The progress line may stand on the same terminal.
        progress_.Clear();
        const bool of_event = detection.evidence == nullptr;
        std::string rows = table_.Row(detection, of_event ? hints_.Host(*current_) : "");
        rows.pop_back();
        out.WriteLine(rows);
        break;
      }
      case Format::kNdjson:
        out.WriteLine(DetectionToJson(detection));
        break;
      case Format::kJson:
        out.Write(summary_.detections() > 0 ? ",\n" : "\n");
        out.Write(DetectionToJson(detection));
        break;
      case Format::kSummary:
        break;
    }
    summary_.AddDetection(rule);
    if (max_detections_ != 0 && summary_.detections() >= max_detections_) {
      summary_.set_cut_off();
      stop_ = true;
    }
  }

  void PrintSummary() {
    const bool in_result = format_ == Format::kTable || format_ == Format::kSummary;
    if (in_result) {
      if (format_ == Format::kTable && options_.Has("quiet")) return;
      if (format_ == Format::kTable) console_->out->Write("\n");
      console_->out->Write(summary_.Text(console_->color_out));
    } else if (!options_.Has("quiet")) {
      console_->out->Flush();
      console_->err->Write(summary_.Text(console_->color_err));
    }
  }

  int ExitCode() const {
    if (Interrupted()) return kExitInterrupted;
    if (!summary_.unreadable().empty()) return kExitFailed;
    if (options_.Has("strict") && (rules_.stats.rules_skipped > 0 || summary_.broken() > 0)) {
      return kExitFailed;
    }
    return hit_ ? kExitHit : kExitOk;
  }

  const Options& options_;
  const LoadedRules rules_;
  const EventOptions events_;
  const uint64_t max_detections_;
  const Level fail_on_;
  Console* const console_;
  const Format format_;
  Engine engine_;
  std::unique_ptr<Processor> processor_;
  EventHints hints_;
  DetectionTable table_;
  Summary summary_;
  Progress progress_;
  Event event_;
  const Event* current_ = nullptr;  // whose detections come
  std::optional<EvaluationPool> pool_;
  bool stop_ = false;
  bool hit_ = false;
};

// InvalidArgument if --output-file is what is read here: opening it would empty it.
absl::Status CheckOutputFile(const Options& options, const std::vector<std::string>& event_files) {
  const std::string path(options.Value("output-file"));
  struct stat output = {};
  // Devices and pipes lose nothing.
  if (stat(path.c_str(), &output) != 0 || !S_ISREG(output.st_mode)) return absl::OkStatus();
  std::vector<std::string> inputs = event_files;
  absl::StatusOr<std::vector<std::string>> rule_files = FindRuleFiles(options.Values("rules"));
  if (!rule_files.ok()) return rule_files.status();
  inputs.insert(inputs.end(), rule_files->begin(), rule_files->end());
  for (const std::string_view name : {"pipeline", "vars", "logsource-map"}) {
    const std::vector<std::string>& files = options.Values(name);
    inputs.insert(inputs.end(), files.begin(), files.end());
  }
  for (const std::string& word : options.Values("indicators")) {
    inputs.push_back(word.substr(word.find('=') + 1));
  }
  for (const std::string& input : inputs) {
    struct stat info = {};
    const int known = input == "-" ? fstat(STDIN_FILENO, &info) : stat(input.c_str(), &info);
    if (known != 0 || info.st_dev != output.st_dev || info.st_ino != output.st_ino) continue;
    const std::string message = "--output-file " + Clean(path) + " is also read, as " +
                                (input == "-" ? "standard input" : Clean(input)) +
                                "; it would be overwritten";
    return absl::InvalidArgumentError(message.c_str());
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> ThreadsOf(const Options& options) {
  constexpr uint64_t kMost = 256;
  const absl::StatusOr<uint64_t> threads = options.Number("threads", 1);
  if (!threads.ok()) return threads;
  if (*threads > kMost) return absl::InvalidArgumentError("--threads: at most 256");
  return *threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : *threads;
}

int Detect(const Options& options, Console* console) {
  if (options.Values("events").empty()) {
    return Fail(absl::InvalidArgumentError("no events given; use --events PATH, or - for stdin"),
                "detect", console);
  }
  const absl::StatusOr<uint64_t> max_detections = options.Number("max-detections", 0);
  if (!max_detections.ok()) return Fail(max_detections.status(), "detect", console);
  const absl::StatusOr<uint64_t> threads = ThreadsOf(options);
  if (!threads.ok()) return Fail(threads.status(), "detect", console);
  Level fail_on = Level::kUnset;
  if (options.Has("fail-on")) {
    const absl::StatusOr<Level> level = ParseLevel(options.Value("fail-on"));
    if (!level.ok()) return Fail(level.status(), "detect", console);
    fail_on = *level;
  }
  absl::StatusOr<EventOptions> events = EventOptionsOf(options);
  if (!events.ok()) return Fail(events.status(), "detect", console);
  const absl::StatusOr<ProcessorOptions> processing = ProcessorOptionsOf(options);
  if (!processing.ok()) return Fail(processing.status(), "detect", console);
  absl::StatusOr<LoadedRules> rules = LoadRules(options, {}, {.only_selected = true});
  if (!rules.ok()) return Fail(rules.status(), "detect", console);
  if (!options.Has("quiet")) ReportNotRead(*rules, console);
  ReportSkipped(*rules, console);
  if (rules->stats.rules_loaded + rules->stats.correlations == 0) {
    console->Error("no rule could be loaded");
    return kExitFailed;
  }
  if (rules->selected_count == 0 && !options.Has("quiet")) {
    console->Error("note: the options leave no rule to run");
  }
  const absl::StatusOr<std::vector<std::string>> files = FindEventFiles(options.Values("events"));
  if (!files.ok()) return Fail(files.status(), "detect", console);
  if (files->empty()) {
    console->Error(
        "no event file found; folders are searched for *.json, *.jsonl, *.ndjson, *.log, *.evtx, "
        "*.csv, *.tsv, *.cef, *.leef, *.logfmt, *.syslog, syslog, messages and secure, also with a "
        "number, .gz or .zst behind");
    return kExitFailed;
  }
  if (options.Has("follow")) {
    if (files->size() > 1) {
      return Fail(absl::InvalidArgumentError("--follow takes one file"), "detect", console);
    }
    events->follow = true;
  }
  if (options.Has("output-file")) {
    absl::Status status = CheckOutputFile(options, *files);
    if (status.ok()) status = console->out->Redirect(std::string(options.Value("output-file")));
    if (!status.ok()) return Fail(status, "detect", console);
    if (options.Value("color") != "always") console->color_out = false;
  }
  // Only what the rules read is kept of an event; the host of a table row is read again from the
  // event's text when there is a detection.
  events->read.json.only_fields_of = rules->program.get();
  DetectRun run(options, *std::move(rules), *std::move(events), *processing, *max_detections,
                fail_on, *threads, console);
  return run.Run(*files);
}

}  // namespace

Command DetectCommand() {
  CommandSpec spec;
  spec.name = "detect";
  spec.summary = "Run rules over event files and print the detections.";
  spec.description =
      "Events are JSON (one object a line, objects over several lines, arrays, or CloudTrail's "
      "{\"Records\":[..]}), EVTX, syslog, CEF, LEEF, auditd, Zeek logs, CSV or logfmt, plain or "
      "packed with gzip or zstd; which, is seen from their first bytes. Detections go to standard "
      "output, "
      "the "
      "summary to standard error (to standard output with the table and summary forms).";
  spec.examples =
      "vedette detect --rules rules --events events.jsonl\n"
      "vedette detect --rules rules --events logs/ -o ndjson --level high > found.ndjson\n"
      "zcat big.json.gz | vedette detect -r rules -e - -o summary --fail-on critical";
  spec.options = RuleOptions();
  for (OptionSpec& o : EventReadOptions()) spec.options.push_back(o);
  for (OptionSpec& o : FilterOptions()) spec.options.push_back(o);
  for (OptionSpec& o : CorrelationOptions()) spec.options.push_back(o);
  const std::vector<OptionSpec> own = {
      {"output", 'o', OptionKind::kValue, "FORM",
       "table, ndjson, json or summary. Default: table on a terminal, else ndjson.",
       "table|ndjson|json|summary"},
      {"follow", 'f', OptionKind::kFlag, "",
       "Read the file on while it grows, also over rotation and truncation, until interrupted."},
      {"output-file", 0, OptionKind::kValue, "FILE",
       "Write the result to this file. It must not be one that is read."},
      {"threads", 'j', OptionKind::kValue, "N",
       "Threads that evaluate events; 0: as many as there are processors. The output is the same. "
       "Default: 1."},
      {"max-detections", 'n', OptionKind::kValue, "N", "Stop after this many; 0: no limit."},
      {"fail-on", 0, OptionKind::kValue, "LEVEL",
       "Exit with 3 if there is a detection of this level or above."},
      {"strict", 0, OptionKind::kFlag, "",
       "Exit with 1 if a rule, filter or correlation was skipped or a record was no valid event."},
      kColorOption,
      {"quiet", 'q', OptionKind::kFlag, "",
       "No summary, no progress, no notes. Errors are still told."},
      {"no-progress", 0, OptionKind::kFlag, "", "No progress line."},
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), Detect};
}

}  // namespace vedette::inline v0::cli
