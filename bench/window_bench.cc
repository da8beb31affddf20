// What windows cost: records per second and bytes per key, by aggregate and number of keys.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "lib/correlate/operator.h"

namespace {

using namespace vedette;

struct Host : OperatorHost {
  void Fire(const Firing& /*firing*/) override { ++firings; }
  bool MayAddKey() override { return true; }
  void CountOverflow(uint64_t /*n*/) override {}
  size_t max_evidence() const override { return 16; }
  uint64_t firings = 0;
};

// `window 1000 by k  a: [..]  having F(a.f) >= 1000`, or `all` of two sources.
ProgramCorrelation MakeSpec(Function function, bool all) {
  ProgramCorrelation spec;
  spec.shape = all ? ProgramCorrelation::Shape::kAll : ProgramCorrelation::Shape::kWindow;
  spec.span_ns = 1000;
  for (int i = all ? 0 : 1; i < 2; ++i) {
    spec.sources.emplace_back();
    spec.sources.back().columns = {"f"};
  }
  if (all) return spec;
  CorrelationAggregate aggregate;
  aggregate.function = function;
  if (function != Function::kCount) aggregate.columns = {0};
  aggregate.percent = 95;
  spec.aggregates.push_back(std::move(aggregate));
  spec.slots.push_back({CorrelationSlot::Kind::kAggregate, 0, 0});
  spec.has_having = true;
  spec.having.fields = {0};
  spec.having.nodes.resize(3);
  spec.having.nodes[0].kind = CompiledExpr::Node::Kind::kField;
  spec.having.nodes[1].constant = Value::Int(1000);
  spec.having.nodes[2].kind = CompiledExpr::Node::Kind::kCall;
  spec.having.nodes[2].function = Function::kGreaterEqual;
  spec.having.nodes[2].args = 2;
  return spec;
}

// Keys in turn; a key's window holds `per_key` records. Making the record is part of the price.
void Run(benchmark::State& state, Function function, bool all, uint64_t per_key) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  const ProgramCorrelation spec = MakeSpec(function, all);
  Host host;
  RecordPool pool(1);
  std::unique_ptr<Operator> op;
  Timers timers([&op](uint32_t /*c*/, uint32_t slot) { return op->KeyOfSlot(slot); });
  op = NewWindowOperator({&spec, 0, &timers, &host, &pool});
  uint64_t n = 0;
  std::string key;
  const auto add = [&] {
    MatchRecord r;
    r.time = static_cast<EventTime>(n * 1000 / (keys * per_key));
    for (Timer timer; timers.Pop(r.time, &timer);) {
      op->OnTimer(timer.deadline, timer.slot, timer.generation);
    }
    r.source = all ? static_cast<uint32_t>(n / keys % 2) : 0;
    r.tiebreak = n;
    key.clear();
    AppendKeyPart(Value::Int(static_cast<int64_t>(n % keys)), &key);
    r.key = key;
    const Value value = Value::Int(static_cast<int64_t>(n * 0x9E3779B97F4A7C15ULL >> 55));
    r.values = {&value, 1};
    op->OnRecord(pool.Make(r, n++, 1024));
  };
  for (uint64_t i = 0; i < keys * per_key; ++i) add();
  for (auto _ : state) add();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
  const auto live = static_cast<double>(op->key_count());
  state.counters["state/key"] = static_cast<double>(op->bytes() + timers.bytes()) / live;
  state.counters["records/key"] = static_cast<double>(pool.bytes()) / live;
  state.counters["firings"] = static_cast<double>(host.firings);
}

void Few(benchmark::State& state, Function function) { Run(state, function, false, 3); }
void Many(benchmark::State& state, Function function) { Run(state, function, false, 500); }
void All(benchmark::State& state) { Run(state, Function::kCount, true, 2); }
void Singles(benchmark::State& state) { Run(state, Function::kCount, false, 1); }

// 1, 1,000 and 1,000,000.
template <int kMost>
void Keys(benchmark::internal::Benchmark* bench) {
  for (int keys = 1; keys <= kMost; keys *= 1000) bench->Arg(keys);
}

#define VEDETTE_FUNCTIONS(how, most)                                        \
  BENCHMARK_CAPTURE(how, count, Function::kCount)->Apply(Keys<most>);       \
  BENCHMARK_CAPTURE(how, distinct, Function::kDistinct)->Apply(Keys<most>); \
  BENCHMARK_CAPTURE(how, sum, Function::kSum)->Apply(Keys<most>);           \
  BENCHMARK_CAPTURE(how, max, Function::kMax)->Apply(Keys<most>);           \
  BENCHMARK_CAPTURE(how, stddev, Function::kStddev)->Apply(Keys<most>);     \
  BENCHMARK_CAPTURE(how, percentile, Function::kPercentile)->Apply(Keys<most>)

BENCHMARK(Singles)->Apply(Keys<1'000'000>);
VEDETTE_FUNCTIONS(Few, 1'000'000);
VEDETTE_FUNCTIONS(Many, 1000);
BENCHMARK(All)->Apply(Keys<1'000'000>);

}  // namespace
