// What the throughput program measures of a program and a lane of events.
#ifndef VEDETTE_BENCH_SUPPORT_MEASURE_H_
#define VEDETTE_BENCH_SUPPORT_MEASURE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/evaluator.h"
#include "vedette/event.h"
#include "vedette/program.h"

namespace vedette::bench {

// The thread's own time in seconds: what else the machine does counts less.
double Now();

// Events in memory: their texts, and the same parsed.
struct Lane {
  std::string all;  // one after the other, as in the buffer of a reader
  std::vector<std::string_view> texts;
  std::vector<Event> events;
};
// The first `max_events` of a file; empty if there is none or it cannot be read.
Lane ReadLane(const std::string& path, size_t max_events);

// Does `pass` once to warm up, then until `seconds` are over; events per second of the fastest of
// these.
double BestRate(double seconds, size_t events, const std::function<void()>& pass);

struct Evaluation {
  double rate = 0;
  uint64_t matches = 0;
  EvaluatorStats stats;  // of one pass
  double warm_up = 0;    // seconds that the first pass took longer: indexes are made in it
};
Evaluation MeasureEvaluate(const std::shared_ptr<const Program>& program,
                           std::span<const Event> events, double seconds,
                           const EvaluatorOptions& options);

// Rates over the texts: parsing alone; with evaluation; with every match as a line of JSON, too;
// and simdjson's parser alone, which visits every value.
double MeasureParse(const std::shared_ptr<const Program>& program, const Lane& lane,
                    double seconds);
double MeasureParseAndEvaluate(const std::shared_ptr<const Program>& program, const Lane& lane,
                               double seconds);
double MeasureDetect(const std::shared_ptr<const Program>& program, const Lane& lane,
                     double seconds);
double MeasureSimdjson(const Lane& lane, double seconds);

// What one pass says about the rules.
struct RuleUse {
  uint32_t evaluated_p50 = 0;  // rules evaluated for one event
  uint32_t evaluated_p95 = 0;
  size_t rules_never_evaluated = 0;
  size_t rules_matched = 0;
};
RuleUse CountRules(const std::shared_ptr<const Program>& program, const Lane& lane);

// Nanoseconds of single events, sorted; each event timed by itself after a pass to warm up. A time
// has the two readings of the clock in it.
std::vector<uint32_t> EvaluateLatencies(const std::shared_ptr<const Program>& program,
                                        const Lane& lane);
std::vector<uint32_t> ParseAndEvaluateLatencies(const std::shared_ptr<const Program>& program,
                                                const Lane& lane);
// The value that `share` of the sorted values do not exceed; 0 for none.
uint32_t Quantile(const std::vector<uint32_t>& sorted, double share);

// Resident memory of the process now, in bytes; 0 where the system does not tell.
size_t ResidentBytes();

}  // namespace vedette::bench

#endif  // VEDETTE_BENCH_SUPPORT_MEASURE_H_
