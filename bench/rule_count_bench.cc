// What a record costs by the number of rules, and by the number of records in its window.
#include <algorithm>
#include <string>

#include "bench/correlation_stream.h"
#include "benchmark/benchmark.h"

namespace {

using namespace vedette;
using namespace vedette::bench;

std::string Rules(int64_t count) {
  std::string text;
  for (int64_t i = 0; i < count; ++i) {
    text += "rule r" + std::to_string(i) + " { match window " + std::to_string(i % 60 + 1) +
            "m by h s: [any where a == 1] having count(s) >= " + std::to_string(1'000'000 + i) +
            " }\n";
  }
  return text;
}

// Arguments: rules, and how many of them an event feeds. An item is a record; events/s are told.
void RuleCount(benchmark::State& state) {
  const auto rules = static_cast<uint32_t>(state.range(0));
  const auto fed = static_cast<uint32_t>(state.range(1));
  constexpr size_t kKeys = 1'000;
  CorrelationStream stream(Rules(state.range(0)), kKeys);
  // Three records of a key in a minute, if its rules are fed in turn.
  stream.set_step(kHour / 60 / static_cast<int64_t>(kKeys * 3) * fed / rules);
  uint64_t n = 0;
  const auto event = [&] {
    const auto key = static_cast<size_t>(Mixed(n) % kKeys);
    for (uint32_t i = 0; i < fed; ++i) {
      const auto rule = static_cast<uint32_t>((n * fed + i) % rules);
      stream.AddNow(key, 0, Value::Null(), Value::Null(), rule);
    }
    stream.Step();
    ++n;
  };
  for (uint64_t warm = 0; warm < 2'000'000 / fed; ++warm) event();
  for (auto _ : state) event();
  state.SetItemsProcessed(state.iterations() * fed);
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(RuleCount)->Args({1, 1})->Args({10, 10})->Args({100, 100})->Args({1000, 1000});
BENCHMARK(RuleCount)->Args({100, 10})->Args({1000, 10})->Args({1000, 1});

// One key, and as many records in its hour as the argument says.
void WindowSize(benchmark::State& state, const char* having) {
  CorrelationStream stream(
      "rule r { match window 1h by h s: [any where a == 1] having " + std::string(having) + " }",
      1);
  stream.set_step(kHour / state.range(0));
  uint64_t n = 0;
  const auto next = [&] {
    stream.Add(0, 0, Value::Int(static_cast<int64_t>(Mixed(n++) % 100'000)));
  };
  for (int64_t warm = 0; warm < 2 * state.range(0); ++warm) next();
  for (auto _ : state) next();
  state.SetItemsProcessed(state.iterations());
  state.counters["counted/record"] =
      static_cast<double>(stream.correlator().stats().bytes) / static_cast<double>(state.range(0));
}
void Sizes(benchmark::internal::Benchmark* bench) {
  bench->RangeMultiplier(10)->Range(10, 100'000);
}
BENCHMARK_CAPTURE(WindowSize, count, "count(s) >= 1000000000")->Apply(Sizes);
BENCHMARK_CAPTURE(WindowSize, distinct, "distinct(s.u) >= 1000000000")->Apply(Sizes);
BENCHMARK_CAPTURE(WindowSize, sum, "sum(s.u) >= 1000000000000")->Apply(Sizes);
BENCHMARK_CAPTURE(WindowSize, max, "max(s.u) >= 1000000000")->Apply(Sizes);
BENCHMARK_CAPTURE(WindowSize, stddev, "stddev(s.u) >= 1000000000")->Apply(Sizes);
BENCHMARK_CAPTURE(WindowSize, percentile, "percentile(s.u, 95) >= 1000000000")->Apply(Sizes);

}  // namespace
