// Event-time timers as operators use them, against a binary heap of the same timers.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "lib/correlate/timers.h"

namespace {

using namespace vedette;

constexpr int64_t kSecond = 1'000'000'000;

class Heap {
 public:
  explicit Heap(Timers::KeyOf /*key_of*/) {}
  void Add(const Timer& timer) {
    timers_.push_back(timer);
    std::push_heap(timers_.begin(), timers_.end(), Later);
  }
  bool Pop(EventTime bound, Timer* out) {
    if (timers_.empty() || timers_.front().deadline >= bound) return false;
    std::pop_heap(timers_.begin(), timers_.end(), Later);
    *out = timers_.back();
    timers_.pop_back();
    return true;
  }
  size_t size() const { return timers_.size(); }
  size_t bytes() const { return timers_.capacity() * sizeof(Timer); }

 private:
  static bool Later(const Timer& a, const Timer& b) { return a.deadline > b.deadline; }
  std::vector<Timer> timers_;
};

uint64_t Mixed(uint64_t n) {
  n = (n ^ n >> 30) * 0xBF58476D1CE4E5B9ULL;
  n = (n ^ n >> 27) * 0x94D049BB133111EBULL;
  return n ^ n >> 31;
}

// Timers of one span or of four (a minute to an hour), as those of as many rules.
int64_t SpanOf(uint64_t n, bool many) {
  constexpr int64_t kSpans[] = {60, 300, 900, 3600};
  return (many ? kSpans[n % 4] : 300) * kSecond;
}

// From one record to the next, so that a span has `live` of them.
EventTime StepFor(uint64_t live) {
  return static_cast<EventTime>(
      std::max<uint64_t>(1, static_cast<uint64_t>(SpanOf(0, false)) / live));
}

// As many timers as the argument says are live. A step is a record: time goes on, what is due comes
// and is armed again for what its key has seen since.
template <typename Queue, bool kManySpans>
void Rearmed(benchmark::State& state) {
  const auto live = static_cast<uint64_t>(state.range(0));
  const EventTime step = StepFor(live);
  Queue queue(nullptr);
  EventTime now = 1'790'000'000 * kSecond;
  uint64_t n = 0;
  const auto arm = [&](uint32_t slot) {
    const auto since = static_cast<EventTime>(Mixed(++n) % static_cast<uint64_t>(step * 16 + 1));
    queue.Add({now + SpanOf(slot, kManySpans) - since, slot % 4, slot, 0});
  };
  for (uint64_t i = 0; i < live; ++i) {
    arm(static_cast<uint32_t>(i));
    now += step;
  }
  uint64_t handed = 0;
  const auto record = [&] {
    now += step;
    for (Timer timer; queue.Pop(now, &timer); ++handed) arm(timer.slot);
  };
  // All have come once.
  for (uint64_t i = 0; i < 2 * live; ++i) record();
  handed = 0;
  for (auto _ : state) record();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
  state.counters["handed/record"] =
      static_cast<double>(handed) / static_cast<double>(state.iterations());
  state.counters["bytes/timer"] =
      static_cast<double>(queue.bytes()) / static_cast<double>(queue.size());
}

// Every record is of a new key, whose timer comes after the span: one in, one out.
template <typename Queue, bool kManySpans>
void NewKeys(benchmark::State& state) {
  const auto live = static_cast<uint64_t>(state.range(0));
  const EventTime step = StepFor(live);
  Queue queue(nullptr);
  EventTime now = 1'790'000'000 * kSecond;
  uint32_t slot = 0;
  const auto record = [&] {
    now += step + static_cast<EventTime>(Mixed(slot) % 1024);
    for (Timer timer; queue.Pop(now, &timer);) benchmark::DoNotOptimize(timer);
    queue.Add({now + SpanOf(Mixed(slot), kManySpans), 0, slot, 0});
    ++slot;
  };
  for (uint64_t i = 0; i < (kManySpans ? 13 : 2) * live; ++i) record();
  for (auto _ : state) record();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
  state.counters["live"] = static_cast<double>(queue.size());
}

void Live(benchmark::internal::Benchmark* bench) {
  bench->Arg(1'000)->Arg(100'000)->Arg(1'000'000);
}
BENCHMARK_TEMPLATE(Rearmed, Heap, false)->Apply(Live);
BENCHMARK_TEMPLATE(Rearmed, Timers, false)->Apply(Live);
BENCHMARK_TEMPLATE(Rearmed, Heap, true)->Apply(Live);
BENCHMARK_TEMPLATE(Rearmed, Timers, true)->Apply(Live);
BENCHMARK_TEMPLATE(NewKeys, Heap, false)->Apply(Live);
BENCHMARK_TEMPLATE(NewKeys, Timers, false)->Apply(Live);
BENCHMARK_TEMPLATE(NewKeys, Heap, true)->Apply(Live);
BENCHMARK_TEMPLATE(NewKeys, Timers, true)->Apply(Live);

}  // namespace
