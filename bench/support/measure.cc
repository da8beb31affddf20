#include "bench/support/measure.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "bench/support/lane_parser.h"
#include "simdjson.h"
#include "vedette/detection.h"
#include "vedette/io/jsonl.h"
#include "vedette/profile.h"

namespace vedette::bench {
namespace {

double Seconds(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

uint64_t Nanoseconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000 + static_cast<uint64_t>(t.tv_nsec);
}

// Calls `work(i)` for each event of a lane, twice; the times of the second round, sorted.
template <typename Work>
std::vector<uint32_t> Latencies(size_t events, Work work) {
  for (size_t i = 0; i < events; ++i) work(i);
  std::vector<uint32_t> times(events);
  for (size_t i = 0; i < events; ++i) {
    const uint64_t begin = Nanoseconds();
    work(i);
    times[i] = static_cast<uint32_t>(std::min<uint64_t>(Nanoseconds() - begin, UINT32_MAX));
  }
  std::sort(times.begin(), times.end());
  return times;
}

// The number of values below `element`, so that none of them is left out; lanes are shallow.
size_t Visit(const simdjson::dom::element& element) {
  size_t seen = 1;
  if (element.is_object()) {
    for (const auto& [key, value] : simdjson::dom::object(element))
      seen += key.size() + Visit(value);
  } else if (element.is_array()) {
    for (const auto& value : simdjson::dom::array(element)) seen += Visit(value);
  } else if (element.is_string()) {
    seen += std::string_view(element).size();
  }
  return seen;
}

}  // namespace

double Now() { return Seconds(CLOCK_THREAD_CPUTIME_ID); }

Lane ReadLane(const std::string& path, size_t max_events) {
  Lane lane;
  auto reader = OpenJsonlFile(path);
  if (!reader.ok()) return lane;
  std::vector<size_t> ends;
  for (Event event; ends.size() < max_events;) {
    const auto more = (*reader)->Next(&event);
    if (!more.ok() || !*more) break;
    lane.all.append(event.raw().empty() ? event.root().ToJson() : event.raw());
    ends.push_back(lane.all.size());
    Event& kept = lane.events.emplace_back();
    kept.set_root(kept.arena().DeepCopy(event.root()));
    kept.set_names_token(event.names_token());
  }
  size_t begin = 0;
  for (const size_t end : ends) {
    lane.texts.push_back(std::string_view(lane.all).substr(begin, end - begin));
    begin = end;
  }
  return lane;
}

double BestRate(double seconds, size_t events, const std::function<void()>& pass) {
  pass();
  double best = 0;
  const double start = Now();
  do {
    const double begin = Now();
    pass();
    best = std::max(best, static_cast<double>(events) / (Now() - begin));
  } while (Now() - start < seconds);
  return best;
}

Evaluation MeasureEvaluate(const std::shared_ptr<const Program>& program,
                           std::span<const Event> events, double seconds,
                           const EvaluatorOptions& options) {
  Evaluator evaluator(program, options);
  Evaluation out;
  EvaluatorStats before;
  const double start = Now();
  double first = 0;
  out.rate = BestRate(seconds, events.size(), [&] {
    before = evaluator.stats();
    for (const Event& e : events) evaluator.Evaluate(e.view());
    if (first == 0) first = Now() - start;
  });
  out.warm_up = std::max(0.0, first - static_cast<double>(events.size()) / out.rate);
  out.stats = evaluator.stats();
  out.matches = out.stats.matches - before.matches;
  out.stats.rules_faced -= before.rules_faced;
  out.stats.rules_evaluated -= before.rules_evaluated;
  return out;
}

double MeasureParse(const std::shared_ptr<const Program>& program, const Lane& lane,
                    double seconds) {
  LaneParser parser(program.get());
  return BestRate(seconds, lane.texts.size(), [&] {
    for (const std::string_view text : lane.texts) parser.Parse(text);
  });
}

double MeasureParseAndEvaluate(const std::shared_ptr<const Program>& program, const Lane& lane,
                               double seconds) {
  LaneParser parser(program.get());
  Evaluator evaluator(program);
  return BestRate(seconds, lane.texts.size(), [&] {
    for (const std::string_view text : lane.texts) evaluator.Evaluate(parser.Parse(text).view());
  });
}

double MeasureDetect(const std::shared_ptr<const Program>& program, const Lane& lane,
                     double seconds) {
  LaneParser parser(program.get());
  Evaluator evaluator(program);
  size_t bytes = 0;
  return BestRate(seconds, lane.texts.size(), [&] {
    for (const std::string_view text : lane.texts) {
      const Event& event = parser.Parse(text);
      for (const Match& match : evaluator.Evaluate(event.view())) {
        bytes += DetectionToJson(evaluator.Describe(event.view(), match)).size();
      }
    }
  });
}

double MeasureSimdjson(const Lane& lane, double seconds) {
  simdjson::dom::parser parser;
  std::vector<simdjson::padded_string> texts;
  for (const std::string_view text : lane.texts) texts.emplace_back(text);
  size_t seen = 0;
  const double rate = BestRate(seconds, texts.size(), [&] {
    for (const simdjson::padded_string& text : texts) {
      simdjson::dom::element root;
      if (parser.parse(text).get(root) == simdjson::SUCCESS) seen += Visit(root);
    }
  });
  return seen > 0 ? rate : 0;
}

RuleUse CountRules(const std::shared_ptr<const Program>& program, const Lane& lane) {
  std::vector<bool> matched(program->rule_count());
  std::vector<uint32_t> evaluated;
  EvaluatorOptions options;
  options.events_before_index = 0;
  options.profile_every = 1;
  Evaluator evaluator(program, options);
  for (const Event& e : lane.events) {
    const uint64_t before = evaluator.stats().rules_evaluated;
    for (const Match& match : evaluator.Evaluate(e.view())) matched[match.rule] = true;
    evaluated.push_back(static_cast<uint32_t>(evaluator.stats().rules_evaluated - before));
  }
  std::sort(evaluated.begin(), evaluated.end());
  const EvaluationProfile profile = evaluator.Profile();
  RuleUse use;
  use.evaluated_p50 = Quantile(evaluated, 0.5);
  use.evaluated_p95 = Quantile(evaluated, 0.95);
  for (size_t i = 0; i < matched.size(); ++i) {
    if (profile.rules[i].evaluated == 0) ++use.rules_never_evaluated;
    if (matched[i]) ++use.rules_matched;
  }
  return use;
}

std::vector<uint32_t> EvaluateLatencies(const std::shared_ptr<const Program>& program,
                                        const Lane& lane) {
  Evaluator evaluator(program);
  return Latencies(lane.events.size(),
                   [&](size_t i) { evaluator.Evaluate(lane.events[i].view()); });
}

std::vector<uint32_t> ParseAndEvaluateLatencies(const std::shared_ptr<const Program>& program,
                                                const Lane& lane) {
  LaneParser parser(program.get());
  Evaluator evaluator(program);
  return Latencies(lane.texts.size(),
                   [&](size_t i) { evaluator.Evaluate(parser.Parse(lane.texts[i]).view()); });
}

uint32_t Quantile(const std::vector<uint32_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(std::max(rank, 1.0)) - 1)];
}

size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  size_t total = 0;
  size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace vedette::bench
