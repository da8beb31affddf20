// Events per second of one thread over real rules and events: throughput RULES_FOLDER EVENTS_FILE.
// Measures parsing, evaluation with and without what makes it fast, and both, from one run over the
// same events held in memory. --help lists the flags; docs/benchmarks.md says what the figures
// mean.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "bench/support/measure.h"
#include "bench/support/rule_files.h"
#include "bench/support/threads.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/saved_program.h"

ABSL_FLAG(double, seconds, 3, "how long to repeat each measurement; the fastest pass counts");
ABSL_FLAG(uint64_t, max_events, 50000, "take so many events of the file");
ABSL_FLAG(uint64_t, slow_events, 1000, "take so many of them to measure without the index");
ABSL_FLAG(uint64_t, passes, 0, "only evaluate, so many times over all events, for profilers");
ABSL_FLAG(bool, evaluate_only, false, "only evaluate, for --seconds, for profilers");
ABSL_FLAG(uint64_t, rules_limit, 0,
          "take the first so many rule files of a shuffle; variants of them if there are too few");
ABSL_FLAG(uint64_t, rules_seed, 1, "of the shuffle and the variants");
ABSL_FLAG(bool, faced_first, false,
          "rules that the events face by their log sources come first in the shuffle");
ABSL_FLAG(std::string, write_rules, "",
          "write the chosen rule files into this folder, for other programs, and stop");
ABSL_FLAG(int, threads, 1, "measure parsing and evaluation on 1 to so many threads, too");
ABSL_FLAG(std::string, logsource_map, "", "rows to put before the built-in log source table");
ABSL_FLAG(std::string, json, "", "write all figures to this file");

namespace {

using namespace vedette;         // NOLINT: as the rest of the benchmarks
using namespace vedette::bench;  // NOLINT

// The figures as one flat JSON object per group, in the order in which they were added.
class Figures {
 public:
  void Group(const char* name) {
    text_.append(text_.empty() ? "{" : "},").append("\n\"").append(name).append("\": {");
    first_ = true;
  }
  void Add(const char* name, double value) {
    char number[64];
    std::snprintf(number, sizeof number, "%s\n  \"%s\": %.9g", first_ ? "" : ",", name, value);
    text_.append(number);
    first_ = false;
  }
  void Add(const char* name, size_t value) { Add(name, static_cast<double>(value)); }
  std::string Text() const { return text_ + "}}\n"; }

 private:
  std::string text_;
  bool first_ = true;
};

struct Loaded {
  LogSourceTable log_sources = LogSourceTable::Builtin();
  std::vector<RuleSource> files;
  std::shared_ptr<const Program> program;
};

bool ReadLogSources(const std::string& path, LogSourceTable* table) {
  if (path.empty()) return true;
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const auto rows = LogSourceTable::Parse(text.str());
  if (!rows.ok()) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), std::string(rows.status().message()).c_str());
    return false;
  }
  table->Merge(*rows);
  return true;
}

absl::StatusOr<CompileResult> Compile(const LogSourceTable& table,
                                      const std::vector<RuleSource>& files) {
  CompilerOptions options;
  options.log_sources = &table;
  Compiler compiler(options);
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  for (const RuleSource& file : files) rules.Add(file.name, file.text);
  return compiler.Compile(rules);
}

// The log sources that the events have.
std::vector<LogSource> LogSourcesOf(const LogSourceTable& table, const Lane& lane) {
  const auto empty = Compile(table, {});
  if (!empty.ok()) return {};
  Evaluator evaluator(empty->program);
  std::set<LogSource> sources;
  for (size_t i = 0; i < std::min<size_t>(lane.events.size(), 1000); ++i) {
    for (LogSource& s : evaluator.LogSourcesOf(lane.events[i].view())) sources.insert(std::move(s));
  }
  return {sources.begin(), sources.end()};
}

std::vector<RuleSource> ChooseRules(const std::string& folder, const LogSourceTable& table,
                                    const Lane& lane) {
  std::vector<RuleSource> files = ReadRuleFolder(folder);
  const uint64_t seed = absl::GetFlag(FLAGS_rules_seed);
  const uint64_t limit = absl::GetFlag(FLAGS_rules_limit);
  if (limit == 0) return files;
  Shuffle(seed, &files);
  if (absl::GetFlag(FLAGS_faced_first) && limit < files.size())
    PutFacedFirst(LogSourcesOf(table, lane), &files);
  return FirstRules(std::move(files), limit, seed);
}

int WriteRules(const std::vector<RuleSource>& files, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (size_t i = 0; i < files.size(); ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "/%06zu.yml", i);
    std::ofstream out(folder + name);
    out << files[i].text;
    if (!out.flush()) {
      std::fprintf(stderr, "cannot write into %s\n", folder.c_str());
      return 1;
    }
  }
  return 0;
}

bool MeasureLoad(Loaded* loaded, Figures* figures) {
  const size_t resident = ResidentBytes();
  const double start = Now();
  auto built = Compile(loaded->log_sources, loaded->files);
  const double seconds = Now() - start;
  if (!built.ok()) return false;
  loaded->program = built->program;
  const size_t grown = ResidentBytes() - std::min(resident, ResidentBytes());
  std::printf("%zu rules compiled in %.3f s, %zu skipped, %zu predicates, %.1f MiB\n",
              built->stats.rules_loaded, seconds, built->stats.rules_skipped,
              built->stats.predicates,
              static_cast<double>(built->program->memory_bytes()) / (1 << 20));
  figures->Group("load");
  figures->Add("rule_files", loaded->files.size());
  figures->Add("rules_loaded", built->stats.rules_loaded);
  figures->Add("rules_skipped", built->stats.rules_skipped);
  figures->Add("predicates", built->stats.predicates);
  figures->Add("compile_seconds", seconds);
  figures->Add("program_bytes", built->program->memory_bytes());
  figures->Add("resident_bytes_grown", grown);
  if (absl::GetFlag(FLAGS_json).empty()) return true;
  const std::string saved = SaveProgram(*built->program);
  double best = 0;
  for (int i = 0; i < 3; ++i) {
    const double begin = Now();
    if (!LoadProgram(saved).ok()) return false;
    best = i == 0 ? Now() - begin : std::min(best, Now() - begin);
  }
  figures->Add("saved_bytes", saved.size());
  figures->Add("load_saved_seconds", best);
  std::printf("saved in %zu bytes, loaded from them in %.3f s\n", saved.size(), best);
  return true;
}

class Rates {
 public:
  Rates(const Lane& lane, Figures* figures) : lane_(lane), figures_(figures) {
    figures_->Group("events_per_second");
  }
  void Add(const char* name, double rate) {
    const double mb = rate * static_cast<double>(lane_.all.size()) /
                      static_cast<double>(lane_.texts.size()) / 1e6;
    std::printf("%-26s %10.0f events/s  %7.1f MB/s  %8.0f ns each\n", name, rate, mb, 1e9 / rate);
    figures_->Add(name, rate);
  }

 private:
  const Lane& lane_;
  Figures* figures_;
};

void AddLatencies(const char* name, const std::vector<uint32_t>& sorted, Figures* figures) {
  figures->Group(name);
  for (const double share : {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998,
                             0.999, 0.9995, 0.9999, 1.0}) {
    char text[16];
    std::snprintf(text, sizeof text, "%g", share * 100);
    figures->Add(text, size_t{Quantile(sorted, share)});
  }
  std::printf("%-26s p50 %u ns, p99 %u ns, p99.9 %u ns\n", name, Quantile(sorted, 0.5),
              Quantile(sorted, 0.99), Quantile(sorted, 0.999));
}

// Settings besides the default that are measured, too. Each may change the speed only.
struct Setting {
  const char* name;
  EvaluatorOptions options;
  bool slow;  // whole lanes would take too long
};
const Setting kSettings[] = {
    {"evaluate_without_memo", {.memo_bytes = 0}, false},
    {"evaluate_without_index", {.use_index = false}, true},
};

// Adds the rates of the settings; false if one of them finds other matches than the default.
bool MeasureSettings(const Loaded& loaded, const Lane& lane, Rates* rates) {
  bool equal = true;
  for (const Setting& setting : kSettings) {
    std::span<const Event> events(lane.events);
    if (setting.slow) {
      events = events.first(std::min<size_t>(events.size(), absl::GetFlag(FLAGS_slow_events)));
    }
    const Evaluation e =
        MeasureEvaluate(loaded.program, events, absl::GetFlag(FLAGS_seconds), setting.options);
    rates->Add(setting.name, e.rate);
    equal &= e.matches == MeasureEvaluate(loaded.program, events, 0, {}).matches;
  }
  if (!equal) std::printf("DIFFERENT MATCHES\n");
  return equal;
}

void AddRuleUse(const Loaded& loaded, const Lane& lane, const Evaluation& e, Figures* figures) {
  const auto n = static_cast<double>(lane.texts.size());
  const double faced = static_cast<double>(e.stats.rules_faced) / n;
  const double evaluated = static_cast<double>(e.stats.rules_evaluated) / n;
  const RuleUse use = CountRules(loaded.program, lane);
  figures->Group("rules");
  figures->Add("matches", size_t{e.matches});
  figures->Add("matches_per_event", static_cast<double>(e.matches) / n);
  figures->Add("faced_per_event", faced);
  figures->Add("evaluated_per_event", evaluated);
  figures->Add("evaluated_p50", size_t{use.evaluated_p50});
  figures->Add("evaluated_p95", size_t{use.evaluated_p95});
  figures->Add("never_evaluated", use.rules_never_evaluated);
  figures->Add("matched", use.rules_matched);
  figures->Add("warm_up_seconds", e.warm_up);
  std::printf("%.2f matches, %.1f rules faced, %.2f evaluated an event (p50 %u, p95 %u)\n",
              static_cast<double>(e.matches) / n, faced, evaluated, use.evaluated_p50,
              use.evaluated_p95);
  std::printf("%zu rules matched, %zu were never evaluated; the first pass took %.3f s more\n",
              use.rules_matched, use.rules_never_evaluated, e.warm_up);
}

bool MeasureRates(const Loaded& loaded, const Lane& lane, Figures* figures) {
  const double seconds = absl::GetFlag(FLAGS_seconds);
  Rates rates(lane, figures);
  const Evaluation e = MeasureEvaluate(loaded.program, lane.events, seconds, {});
  rates.Add("evaluate", e.rate);
  if (absl::GetFlag(FLAGS_evaluate_only)) return true;
  if (!MeasureSettings(loaded, lane, &rates)) return false;
  rates.Add("simdjson", MeasureSimdjson(lane, seconds));
  rates.Add("parse", MeasureParse(loaded.program, lane, seconds));
  rates.Add("parse_evaluate", MeasureParseAndEvaluate(loaded.program, lane, seconds));
  rates.Add("detect", MeasureDetect(loaded.program, lane, seconds));
  AddRuleUse(loaded, lane, e, figures);
  return true;
}

// False if the number of threads makes a difference to what is found.
bool MeasureAllThreads(const Loaded& loaded, const Lane& lane, Figures* figures) {
  const int most = absl::GetFlag(FLAGS_threads);
  if (most < 2) return true;
  figures->Group("threads_events_per_second");
  ThreadRate one;
  for (int threads = 1; threads <= most; ++threads) {
    const ThreadRate all =
        MeasureThreads(loaded.program, lane, threads, absl::GetFlag(FLAGS_seconds));
    if (threads == 1) one = all;
    std::printf("%-2d threads %27.0f events/s, %.2f times one\n", threads, all.rate,
                all.rate / one.rate);
    figures->Add(std::to_string(threads).c_str(), all.rate);
    if (all.matches != one.matches) {
      std::printf("DIFFERENT MATCHES\n");
      return false;
    }
  }
  return true;
}

int Measure(Loaded* loaded, const Lane& lane) {
  Figures figures;
  if (!MeasureLoad(loaded, &figures)) return 1;
  std::printf("%zu events, %zu bytes each\n", lane.texts.size(),
              lane.all.size() / lane.texts.size());
  figures.Group("lane");
  figures.Add("events", lane.texts.size());
  figures.Add("bytes", lane.all.size());
  if (!MeasureRates(*loaded, lane, &figures)) return 1;
  if (!MeasureAllThreads(*loaded, lane, &figures)) return 1;
  const std::string json = absl::GetFlag(FLAGS_json);
  if (json.empty()) return 0;
  AddLatencies("evaluate_latency_ns", EvaluateLatencies(loaded->program, lane), &figures);
  AddLatencies("parse_evaluate_latency_ns", ParseAndEvaluateLatencies(loaded->program, lane),
               &figures);
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  figures.Group("process");
  figures.Add("peak_resident_bytes", static_cast<size_t>(usage.ru_maxrss) * 1024);
  std::ofstream out(json);
  out << figures.Text();
  return out.flush() ? 0 : 1;
}

// Nothing but a fixed amount of work, the same in every run.
int EvaluatePasses(Loaded* loaded, const Lane& lane, uint64_t passes) {
  auto built = Compile(loaded->log_sources, loaded->files);
  if (!built.ok()) return 1;
  Evaluator evaluator(built->program);
  for (uint64_t i = 0; i < passes; ++i) {
    for (const Event& e : lane.events) evaluator.Evaluate(e.view());
  }
  std::printf("%zu events, %zu matches\n", static_cast<size_t>(evaluator.stats().events),
              static_cast<size_t>(evaluator.stats().matches));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("throughput [flags] RULES_FOLDER EVENTS_FILE");
  const std::vector<char*> words = absl::ParseCommandLine(argc, argv);
  if (words.size() != 3) {
    std::fprintf(stderr, "usage: %s [flags] RULES_FOLDER EVENTS_FILE\n", argv[0]);
    return 2;
  }
  Loaded loaded;
  if (!ReadLogSources(absl::GetFlag(FLAGS_logsource_map), &loaded.log_sources)) return 1;
  const Lane lane = ReadLane(words[2], absl::GetFlag(FLAGS_max_events));
  loaded.files = ChooseRules(words[1], loaded.log_sources, lane);
  if (loaded.files.empty() || lane.texts.empty()) {
    std::fprintf(stderr, "no rules in %s or no events in %s\n", words[1], words[2]);
    return 1;
  }
  const std::string folder = absl::GetFlag(FLAGS_write_rules);
  if (!folder.empty()) return WriteRules(loaded.files, folder);
  const uint64_t passes = absl::GetFlag(FLAGS_passes);
  return passes > 0 ? EvaluatePasses(&loaded, lane, passes) : Measure(&loaded, lane);
}
