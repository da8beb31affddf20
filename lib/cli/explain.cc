// `vedette explain`: why a rule holds for an event, or why not.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/correlation.h"
#include "lib/cli/events.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"
#include "lib/cli/verdict.h"
#include "vedette/engine.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"
#include "vedette/json.h"

namespace vedette::inline v0::cli {
namespace {

// Which event is meant; exactly one of these.
struct Wanted {
  uint64_t line = 0;         // 0: the first
  bool first_match = false;  // the first that the rule matches
};

bool Matches(Evaluator* evaluator, const EventView& view, size_t rule) {
  return std::ranges::any_of(evaluator->Evaluate(view),
                             [rule](const Match& m) { return m.rule == rule; });
}

// The records before the wanted event that were no events.
struct SkippedRecords {
  uint64_t count = 0;
  uint64_t first_line = 0;
  std::string first_reason;
  std::string wanted_reason;  // of the one at the wanted line

  void Add(uint64_t line, std::string_view reason, uint64_t wanted_line) {
    if (count++ == 0) {
      first_line = line;
      first_reason = reason;
    }
    if (wanted_line != 0 && line == wanted_line && wanted_reason.empty()) wanted_reason = reason;
  }
  // "3 records were skipped, first line 7: no object".
  std::string Text() const {
    return Count(count, "record was", "records were") + " skipped, " +
           (count == 1 ? "" : "the first one ") + "at line " + std::to_string(first_line) + ": " +
           first_reason;
  }
};

std::string WhyNotFound(const Wanted& wanted, const SkippedRecords& skipped) {
  const std::string line = std::to_string(wanted.line);
  if (!skipped.wanted_reason.empty()) {
    return "the record at line " + line + " is no event: " + skipped.wanted_reason;
  }
  std::string message = wanted.first_match ? "no event matches the rule"
                        : wanted.line == 0 ? "there is no event in the input"
                                           : "no event begins at line " + line;
  if (skipped.count > 0) message += "; " + skipped.Text();
  return message;
}

// Reads on until the wanted event is in `event`. `event` borrows from `reader`.
absl::Status ReadWanted(const Wanted& wanted, const EventOptions& options, size_t rule,
                        Evaluator* evaluator, const SkippedRecords& skipped, EventReader* reader,
                        Event* event) {
  while (!Interrupted()) {
    const absl::StatusOr<bool> more = reader->Next(event);
    if (!more.ok()) return more.status();
    if (!*more) break;
    const bool found = wanted.first_match ? Matches(evaluator, options.View(*event), rule)
                       : wanted.line != 0 ? event->ref().line == wanted.line
                                          : true;
    if (found) return absl::OkStatus();
  }
  return absl::NotFoundError(WhyNotFound(wanted, skipped).c_str());
}

void Print(const RuleMeta& rule, const EventView& view, const std::vector<LogSource>& sources,
           Explanation explanation, Console* console) {
  const Paint paint(console->color_out);
  Output& out = *console->out;
  const auto row = [&](std::string_view label, std::string_view text) {
    out.WriteLine(std::string(paint.Dim()) + Pad(label, 12) + std::string(paint.Off()) +
                  Clean(text));
  };
  row("rule", std::string(rule.display_name()) + (rule.id.empty() ? "" : " (" + rule.id + ")"));
  row("file", rule.source + ":" + std::to_string(rule.line));
  std::string place(view.ref().source);
  if (view.ref().line != 0) place += ":" + std::to_string(view.ref().line);
  if (view.time() != kNoEventTime) place += ", " + FormatEventTime(view.time());
  row("event", place + ", shape " + std::string(EventShapeName(view.shape())));
  std::string known;
  for (const LogSource& s : sources) known.append(known.empty() ? "" : ", ").append(s.ToString());
  row("log source", "the rule wants " +
                        (rule.log_source.empty() ? "any" : rule.log_source.ToString()) +
                        "; the event is " + (known.empty() ? "unknown" : known));
  const std::string verdict = Verdict(explanation);
  CleanExplanation(&explanation);
  out.Write("\n" + FormatExplanation(explanation, console->color_out) + "\n");
  out.Write(explanation.result ? paint.Green() : paint.Yellow());
  out.Write(Clean(verdict));
  out.WriteLine(paint.Off());
}

constexpr char kEither[] = "give either --events FILE or --event JSON";

absl::Status CheckUsage(const Options& options) {
  if (!options.Has("rule")) return absl::InvalidArgumentError("--rule ID_OR_TITLE is missing");
  if (options.Has("event") && options.Has("events")) {
    return absl::InvalidArgumentError(kEither);
  }
  if (options.Has("line") && options.Has("first-match")) {
    return absl::InvalidArgumentError("--line and --first-match exclude each other");
  }
  return absl::OkStatus();
}

// The detections on the way are not what is asked for.
class CountingSink : public DetectionSink {
 public:
  explicit CountingSink(size_t correlation) : correlation_(correlation) {}
  absl::Status OnDetection(const Detection& detection) override {
    if (detection.evidence != nullptr && detection.rule == correlation_) ++count;
    return absl::OkStatus();
  }
  uint64_t count = 0;

 private:
  size_t correlation_;
};

// Runs the events up to their end and tells what of a rule over several events is open then. The
// processor goes on from a saved state if --resume names one.
int ExplainState(const Options& options, const EventOptions& events, const LoadedRules& rules,
                 size_t correlation, Console* console) {
  absl::StatusOr<ProcessorOptions> processing = ProcessorOptionsOf(options);
  if (!processing.ok()) return Fail(processing.status(), "explain", console);
  const absl::StatusOr<uint64_t> max_keys = options.Number("max-keys", 20);
  if (!max_keys.ok()) return Fail(max_keys.status(), "explain", console);
  processing->evaluation.indicator_sets = rules.indicator_sets.get();
  Engine engine(rules.program);
  CountingSink sink(correlation);
  const std::unique_ptr<Processor> processor = engine.NewProcessor(&sink, *processing);
  const absl::Status resumed = ResumeState(options, processor.get(), console);
  if (!resumed.ok()) return Fail(resumed, "explain", console);
  EventTime last = kNoEventTime;
  if (options.Has("events")) {
    uint64_t future = processor->stats().future_events;
    const auto take = [&](const Event& event) {
      const EventView view = events.View(event);
      processor->Process(view).IgnoreError();  // the sink has none
      // One that is too far ahead to be believed decides nothing.
      const uint64_t before = std::exchange(future, processor->stats().future_events);
      if (future == before) last = std::max(last, view.time());
    };
    if (!ForEachEvent({std::string(options.Value("events"))}, events, console, take)) {
      return kExitFailed;
    }
  }
  // What came is decided, late or not: nothing more comes.
  if (last != kNoEventTime && last < kEndOfTime) {
    processor->AdvanceWatermark(last + 1).IgnoreError();
  }
  const Correlator& correlator = processor->correlator();
  const EventTime now = correlator.stats().watermark;
  const std::string key(options.Value("key"));
  const std::vector<std::string> open = correlator.DescribeState(correlation, *max_keys, key);
  const uint64_t keys = correlator.stats(correlation).keys;
  const uint64_t waiting = correlator.stats().pending_records;
  Output& out = *console->out;
  out.WriteLine(Clean(rules.program->correlation(correlation).display_name()) + ", " +
                (now == kNoEventTime ? "before any event" : "at " + FormatEventTime(now)) + ": " +
                Count(keys, "open key") + ", " + Count(sink.count, "detection") +
                (waiting == 0 ? "" : ", " + Count(waiting, "record waits", "records wait")));
  for (const std::string& line : open) out.WriteLine("  " + Clean(line));
  if (open.empty() && keys > 0) out.WriteLine("  no open key has '" + Clean(key) + "' in it");
  if (key.empty() && keys > open.size()) {
    out.WriteLine("  and " + WithCommas(keys - open.size()) + " more; see --max-keys and --key");
  }
  return kExitOk;
}

// A rule over several events: what is open of it, or, without events and a state, what it waits for
// and how much it may have to remember.
int ExplainCorrelation(const Options& options, const EventOptions& events, const LoadedRules& rules,
                       size_t correlation, Console* console) {
  for (const std::string_view name : {"line", "first-match"}) {
    if (!options.Has(name)) continue;
    const std::string message = "'" + Clean(options.Value("rule")) +
                                "' is a correlation: no single event decides; leave --" +
                                std::string(name) + " out";
    return Fail(absl::InvalidArgumentError(message.c_str()), "explain", console);
  }
  if (options.Has("events") || options.Has("resume")) {
    return ExplainState(options, events, rules, correlation, console);
  }
  WriteLines(FormatVedette(rules.program->DumpCorrelation(correlation)), console);
  return kExitOk;
}

int Explain(const Options& options, Console* console) {
  absl::Status status = CheckUsage(options);
  if (!status.ok()) return Fail(status, "explain", console);
  const absl::StatusOr<uint64_t> line = options.Number("line", 0);
  if (!line.ok()) return Fail(line.status(), "explain", console);
  absl::StatusOr<EventOptions> events = EventOptionsOf(options);
  if (!events.ok()) return Fail(events.status(), "explain", console);
  SkippedRecords skipped;
  events->read.text.on_broken = [&skipped, &line](uint64_t at, std::string_view reason) {
    skipped.Add(at, reason, *line);
  };
  const absl::StatusOr<LoadedRules> rules =
      LoadRules(options, {}, {.only_selected = true, .correlations = true});
  if (!rules.ok()) return Fail(rules.status(), "explain", console);
  const std::optional<size_t> correlation = FindCorrelation(*rules->program, options.Value("rule"));
  if (correlation.has_value() && !options.Has("event")) {
    return ExplainCorrelation(options, *events, *rules, *correlation, console);
  }
  const absl::StatusOr<size_t> rule = FindRule(*rules->program, options.Value("rule"));
  if (!rule.ok()) {
    ReportSkipped(*rules, console);
    return Fail(rule.status(), "explain", console);
  }
  if (!options.Has("event") && !options.Has("events")) {
    return Fail(absl::InvalidArgumentError(kEither), "explain", console);
  }
  Evaluator evaluator(rules->program,
                      {.max_value_bytes = 160, .indicator_sets = rules->indicator_sets.get()});
  Event event;
  std::unique_ptr<EventReader> reader;  // the event borrows its file name from it
  std::optional<JsonParser> parser;
  if (options.Has("event")) {
    parser.emplace(events->read.json);
    status = parser->Parse(options.Value("event"), &event);
    event.set_ref("--event", 0);
    if (!status.ok()) {
      console->Error("--event: " + Clean(MessageOf(status)));
      return kExitFailed;
    }
  } else {
    absl::StatusOr<std::unique_ptr<EventReader>> opened =
        OpenEvents(std::string(options.Value("events")), *events);
    if (!opened.ok()) return Fail(opened.status(), "explain", console);
    reader = *std::move(opened);
    const Wanted wanted = {.line = *line, .first_match = options.Has("first-match")};
    status = ReadWanted(wanted, *events, *rule, &evaluator, skipped, reader.get(), &event);
    if (!status.ok()) {
      console->Error(Clean(options.Value("events")) + ": " + Clean(MessageOf(status)));
      return kExitFailed;
    }
    // What is explained may not be what the user meant by the first.
    if (*line == 0 && skipped.count > 0) {
      console->Error("note: before this event " + Clean(skipped.Text()));
    }
  }
  const EventView view = events->View(event);
  Explanation explanation = evaluator.Explain(view, *rule);
  Print(rules->program->rule(*rule), view, evaluator.LogSourcesOf(view), std::move(explanation),
        console);
  return kExitOk;
}

}  // namespace

Command ExplainCommand() {
  CommandSpec spec;
  spec.name = "explain";
  spec.summary = "Show why a rule matches an event, or why not.";
  spec.description =
      "Prints every part of the rule with + where it holds and - where it does not, and the value "
      "that decided. Without --line or --first-match the first event is taken. Of a rule over "
      "several "
      "events all events are run, and what is open at their end is told for each key: how much of "
      "what is needed came, since when, and how long it still counts. Without events such a rule "
      "is "
      "shown, with the most that it has to remember for a key.";
  spec.examples =
      "vedette explain --rules rules --rule 'Title of a rule' --events events.jsonl --line 12\n"
      "vedette explain -r my.yml --rule 'My rule' --event '{\"Channel\":\"Security\"}'\n"
      "vedette explain -r my.vdt --rule brute_force -e events.jsonl --key 10.1.2.3";
  spec.options = RuleOptions();
  const std::vector<OptionSpec> own = {
      {"rule", 0, OptionKind::kValue, "ID_OR_TITLE", "The rule to explain."},
      {"events", 'e', OptionKind::kValue, "FILE", "The file with the event, or - for stdin."},
      {"line", 'n', OptionKind::kValue, "N", "The event that begins at this line."},
      {"first-match", 0, OptionKind::kFlag, "", "The first event that the rule matches."},
      {"event", 0, OptionKind::kValue, "JSON", "The event itself."},
      {"key", 0, OptionKind::kValue, "TEXT",
       "Of a rule over several events, only keys with this in them."},
      {"max-keys", 0, OptionKind::kValue, "N", "At most so many keys. Default: 20."},
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  for (const OptionSpec& o : EventReadOptions()) {
    if (o.name != "events") spec.options.push_back(o);
  }
  for (const OptionSpec& o : CorrelationOptions()) {
    if (o.name == "snapshot" || o.name == "state" || o.name == "evidence") continue;
    spec.options.push_back(o);
  }
  spec.options.push_back(kColorOption);
  return {std::move(spec), Explain};
}

}  // namespace vedette::inline v0::cli
