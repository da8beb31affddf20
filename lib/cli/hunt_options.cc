#include "lib/cli/hunt_options.h"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "lib/cli/correlation.h"
#include "lib/cli/hunt_results.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"
#include "vedette/value.h"

namespace vedette::inline v0::cli {
namespace {

absl::Status Invalid(const std::string& message) {
  return absl::InvalidArgumentError(message.c_str());
}

absl::Status TimeOption(const Options& options, std::string_view name, EventTime* out) {
  if (!options.Has(name)) return absl::OkStatus();
  const std::string_view text = options.Value(name);
  *out = ParseEventTime(Value::String(text));
  if (*out != kNoEventTime) return absl::OkStatus();
  return Invalid("--" + std::string(name) + ": '" + Clean(text) +
                 "' is no time; write 2026-11-17T09:00:00Z");
}

// Sources by their whole names, or by their last parts.
absl::Status SourcesOf(const Options& options, HuntSettings* settings) {
  for (const std::string& wanted : options.SplitValues("source")) {
    size_t found = 0;
    for (const auto& segment : settings->segments) {
      for (const std::string& name : segment->info().sources) {
        if (name != wanted && BaseName(name) != wanted) continue;
        ++found;
        settings->hunt.sources.push_back(name);
      }
    }
    if (found == 0) return Invalid("--source: no segment has events of '" + Clean(wanted) + "'");
  }
  std::vector<std::string>& all = settings->hunt.sources;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return absl::OkStatus();
}

absl::Status LimitsOf(const Options& options, HuntSettings* settings) {
  HuntOptions& hunt = settings->hunt;
  for (const auto& [name, time] : {std::pair("from", &hunt.from), std::pair("to", &hunt.to)}) {
    if (absl::Status s = TimeOption(options, name, time); !s.ok()) return s;
  }
  if (options.Has("warm-up")) {
    const absl::StatusOr<int64_t> span = options.Duration("warm-up", 0);
    if (!span.ok()) return span.status();
    hunt.warm_up_ns = *span;
  }
  const absl::StatusOr<int64_t> gap = options.Duration("gap", int64_t{4} * 3600 * 1'000'000'000);
  if (!gap.ok()) return gap.status();
  settings->min_gap_ns = *gap;
  const absl::StatusOr<uint64_t> events = options.Number("max-events", 0);
  if (!events.ok()) return events.status();
  hunt.max_events = *events;
  const absl::StatusOr<uint64_t> seconds = options.Number("max-seconds", 0);
  if (!seconds.ok()) return seconds.status();
  constexpr uint64_t kMostSeconds = 1'000'000'000;
  hunt.max_cost = std::min(*seconds, kMostSeconds) * 1000;
  const absl::StatusOr<uint64_t> threads = options.Number("threads", 1);
  if (!threads.ok()) return threads.status();
  if (*threads > 256) return Invalid("--threads: at most 256");
  settings->threads = *threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : *threads;
  return absl::OkStatus();
}

absl::Status RulesOf(const Options& options, Console* console, HuntSettings* settings) {
  if (!options.Has("rules")) {
    const bool looks_at_all = options.Has("stack") || options.Has("pivot");
    if (!settings->hunt.observables.empty() || looks_at_all) return absl::OkStatus();
    return Invalid("nothing to look for; use --rules or --observable");
  }
  absl::StatusOr<LoadedRules> rules = LoadRules(options, {}, {.only_selected = true});
  if (!rules.ok()) return rules.status();
  if (!options.Has("quiet")) ReportNotRead(*rules, console);
  ReportSkipped(*rules, console);
  if (rules->stats.rules_loaded + rules->stats.correlations == 0) {
    return absl::FailedPreconditionError("no rule could be loaded");
  }
  settings->rules = std::make_unique<LoadedRules>(*std::move(rules));
  settings->hunt.program = settings->rules->program;
  settings->hunt.processing.evaluation.indicator_sets = settings->rules->indicator_sets.get();
  settings->query = Count(settings->rules->selected_count, "rule") + " of";
  for (const std::string& path : options.Values("rules")) settings->query += " " + path;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::unique_ptr<SegmentReader>>> OpenSegments(
    const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
         it.increment(error)) {
      if (it->path().extension() == ".vseg") found.push_back(it->path().string());
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  std::vector<std::unique_ptr<SegmentReader>> out;
  for (const std::string& file : files) {
    absl::StatusOr<std::unique_ptr<SegmentReader>> segment = OpenSegmentFile(file);
    if (!segment.ok()) return segment.status();
    out.push_back(*std::move(segment));
  }
  if (out.empty()) return absl::NotFoundError("no segment found; folders are searched for *.vseg");
  return out;
}

absl::StatusOr<HuntSettings> HuntSettingsOf(const Options& options, Console* console) {
  HuntSettings settings;
  if (!options.Has("segments")) return Invalid("no segments given; use --segments PATH");
  if (absl::Status s = CheckResultOptions(options); !s.ok()) return s;
  absl::StatusOr<ProcessorOptions> processing = ProcessorOptionsOf(options);
  if (!processing.ok()) return processing.status();
  settings.hunt.processing = *processing;
  settings.hunt.order =
      options.Value("order") == "listed" ? HuntOrder::kAsListed : HuntOrder::kByTime;
  settings.output = options.Value("output", "ndjson");
  settings.hunt.observables = options.SplitValues("observable");
  if (absl::Status s = LimitsOf(options, &settings); !s.ok()) return s;
  if (absl::Status s = RulesOf(options, console, &settings); !s.ok()) return s;
  for (const std::string& o : settings.hunt.observables) {
    settings.query += (settings.query.empty() ? "" : "; ") + ("events with " + o);
  }
  auto segments = OpenSegments(options.Values("segments"));
  if (!segments.ok()) return segments.status();
  settings.segments = *std::move(segments);
  if (absl::Status s = SourcesOf(options, &settings); !s.ok()) return s;
  return settings;
}

std::vector<OptionSpec> HuntOptionSpecs() {
  std::vector<OptionSpec> specs = {
      {"segments", 0, OptionKind::kWords, "PATH",
       "Segment files of `vedette store`, or folders with *.vseg."},
      {"observable", 0, OptionKind::kWords, "VALUE",
       "Only events that have this address, hash, name or path as a value; without --rules each of "
       "them is a hit."},
      {"from", 0, OptionKind::kValue, "TIME", "Only detections from this time on."},
      {"to", 0, OptionKind::kValue, "TIME", "Only detections before this time."},
      {"source", 0, OptionKind::kRepeat, "NAME",
       "Only events of this file or stream; its last part is enough."},
      {"order", 0, OptionKind::kValue, "HOW",
       "Of the events of several segments: time (the default), or listed, one segment after the "
       "other.",
       "time|listed"},
      {"warm-up", 0, OptionKind::kValue, "DURATION",
       "What rules over several events may see of the time before --from. Default: all of it, "
       "which "
       "alone is exact."},
      {"max-events", 0, OptionKind::kValue, "N", "Stop after so many events."},
      {"max-seconds", 0, OptionKind::kValue, "N", "Stop after so long."},
      {"token", 0, OptionKind::kValue, "FILE", "Where a hunt that stops early is kept."},
      {"resume", 0, OptionKind::kValue, "FILE",
       "Go on with a hunt that was kept: the same rules, options and segments."},
      {"threads", 'j', OptionKind::kValue, "N",
       "Threads that evaluate events; 0: as many as there are processors. The output is the same. "
       "Default: 1."},
      {"output", 'o', OptionKind::kValue, "FORM", "ndjson (a hit a line, the default) or summary.",
       "ndjson|summary"},
      {"log", 0, OptionKind::kValue, "FILE",
       "Write down the hunt, also if it found nothing: JSON, or Markdown if the name ends in .md."},
      {"name", 0, OptionKind::kValue, "TEXT", "What the log calls the hunt."},
      {"hypothesis", 0, OptionKind::kValue, "TEXT", "What the hunt is to find out, for the log."},
      {"gap", 0, OptionKind::kValue, "DURATION",
       "A source without events for longer has a gap. Default: 4h."},
      {"progress", 0, OptionKind::kFlag, "", "Tell how far it is, also if that is no terminal."},
  };
  for (OptionSpec& o : HuntResultOptions()) specs.push_back(o);
  for (OptionSpec& o : RuleOptions()) specs.push_back(o);
  for (OptionSpec& o : FilterOptions()) specs.push_back(o);
  for (OptionSpec& o : CorrelationOptions()) {
    // The token is the state of a hunt.
    if (o.name != "snapshot" && o.name != "resume" && o.name != "state") specs.push_back(o);
  }
  specs.push_back({"quiet", 'q', OptionKind::kFlag, "", "No summary, no progress, no notes."});
  specs.push_back(kColorOption);
  return specs;
}

}  // namespace vedette::inline v0::cli
