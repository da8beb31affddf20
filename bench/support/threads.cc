#include "bench/support/threads.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "bench/support/lane_parser.h"
#include "vedette/evaluator.h"

namespace vedette::bench {
namespace {

constexpr size_t kRun = 64;  // events that a thread takes at once

double WallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// What one thread has of its own.
class Worker {
 public:
  Worker(const std::shared_ptr<const Program>& program, const Lane& lane, size_t number,
         size_t workers)
      : lane_(lane),
        first_(number * kRun),
        step_(workers * kRun),
        parser_(program.get()),
        evaluator_(program) {}

  // The matches of its share of the lane.
  uint64_t Pass() {
    const uint64_t before = evaluator_.stats().matches;
    const size_t size = lane_.texts.size();
    for (size_t begin = first_; begin < size; begin += step_) {
      for (size_t i = begin; i < std::min(begin + kRun, size); ++i) {
        evaluator_.Evaluate(parser_.Parse(lane_.texts[i]).view());
      }
    }
    return evaluator_.stats().matches - before;
  }

 private:
  const Lane& lane_;
  const size_t first_;
  const size_t step_;
  LaneParser parser_;
  Evaluator evaluator_;
};

}  // namespace

ThreadRate MeasureThreads(const std::shared_ptr<const Program>& program, const Lane& lane,
                          int threads, double seconds) {
  const auto n = static_cast<size_t>(std::max(threads, 1));
  std::vector<uint64_t> matches(n, 0);
  bool stop = false;  // written while all others wait
  std::barrier round(static_cast<std::ptrdiff_t>(n));
  // Each thread makes what it works with, so that its memory is its own.
  const auto make = [&](size_t number) { return Worker(program, lane, number, n); };
  std::vector<std::thread> others;
  for (size_t i = 1; i < n; ++i) {
    others.emplace_back([&, i] {
      Worker worker = make(i);
      while (true) {
        round.arrive_and_wait();
        if (stop) return;
        matches[i] = worker.Pass();
        round.arrive_and_wait();
      }
    });
  }
  Worker own = make(0);
  double best = 0;
  const auto pass = [&] {
    round.arrive_and_wait();
    const double begin = WallSeconds();
    matches[0] = own.Pass();
    round.arrive_and_wait();
    return WallSeconds() - begin;
  };
  pass();
  const double start = WallSeconds();
  do {
    best = std::max(best, static_cast<double>(lane.texts.size()) / pass());
  } while (WallSeconds() - start < seconds);
  stop = true;
  round.arrive_and_wait();
  for (std::thread& other : others) other.join();
  return {best, std::accumulate(matches.begin(), matches.end(), uint64_t{0})};
}

}  // namespace vedette::bench
