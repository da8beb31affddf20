// How the rate of a program grows with threads.
#ifndef VEDETTE_BENCH_SUPPORT_THREADS_H_
#define VEDETTE_BENCH_SUPPORT_THREADS_H_

#include <cstdint>
#include <memory>

#include "bench/support/measure.h"
#include "vedette/program.h"

namespace vedette::bench {

struct ThreadRate {
  double rate = 0;       // events per second of all threads together, by the clock on the wall
  uint64_t matches = 0;  // of one pass over the lane: the same for any number of threads
};
// Parses and evaluates the lane's texts on so many threads at once, each with a parser and an
// evaluator of its own and every so-manieth run of events, as a host would whose sensors are
// independent streams. One pass warms up; then passes until `seconds` are over, of which the
// fastest counts.
ThreadRate MeasureThreads(const std::shared_ptr<const Program>& program, const Lane& lane,
                          int threads, double seconds);

}  // namespace vedette::bench

#endif  // VEDETTE_BENCH_SUPPORT_THREADS_H_
