// `vedette explain`: why a rule holds for an event, or why not.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/events.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"
#include "lib/cli/verdict.h"
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

// Whether the rule is one over several events, which is explained without an event: what it waits
// for, and how much it may have to remember.
bool ExplainWithoutEvent(const Options& options, const LoadedRules& rules, Console* console) {
  if (options.Has("event") || options.Has("events")) return false;
  const std::optional<size_t> index = FindCorrelation(*rules.program, options.Value("rule"));
  if (index.has_value()) {
    WriteLines(FormatVedette(rules.program->DumpCorrelation(*index)), console);
  }
  return index.has_value();
}

int Explain(const Options& options, Console* console) {
  absl::Status status = CheckUsage(options);
  if (!status.ok()) return Fail(status, "explain", console);
  const absl::StatusOr<uint64_t> line = options.Number("line", 0);
  if (!line.ok()) return Fail(line.status(), "explain", console);
  absl::StatusOr<EventOptions> events = EventOptionsOf(options);
  if (!events.ok()) return Fail(events.status(), "explain", console);
  SkippedRecords skipped;
  events->jsonl.on_broken = [&skipped, &line](uint64_t at, std::string_view reason) {
    skipped.Add(at, reason, *line);
  };
  const absl::StatusOr<LoadedRules> rules =
      LoadRules(options, {}, {.only_selected = true, .correlations = true});
  if (!rules.ok()) return Fail(rules.status(), "explain", console);
  if (ExplainWithoutEvent(options, *rules, console)) return kExitOk;
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
    parser.emplace(events->jsonl.json);
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
      "that decided. Without --line or --first-match the first event is taken. A rule over several "
      "events is shown without one, with the most that it has to remember for a key.";
  spec.examples =
      "vedette explain --rules rules --rule 'Title of a rule' --events events.jsonl --line 12\n"
      "vedette explain -r my.yml --rule 'My rule' --event '{\"Channel\":\"Security\"}'";
  spec.options = RuleOptions();
  const std::vector<OptionSpec> own = {
      {"rule", 0, OptionKind::kValue, "ID_OR_TITLE", "The rule to explain."},
      {"events", 'e', OptionKind::kValue, "FILE", "The file with the event, or - for stdin."},
      {"line", 'n', OptionKind::kValue, "N", "The event that begins at this line."},
      {"first-match", 0, OptionKind::kFlag, "", "The first event that the rule matches."},
      {"event", 0, OptionKind::kValue, "JSON", "The event itself."},
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  for (const OptionSpec& o : EventReadOptions()) {
    if (o.name != "events") spec.options.push_back(o);
  }
  spec.options.push_back({"color", 0, OptionKind::kValue, "WHEN",
                          "auto, always or never. NO_COLOR is respected.", "auto|always|never"});
  return {std::move(spec), Explain};
}

}  // namespace vedette::inline v0::cli
