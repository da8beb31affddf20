// What each shape of rule costs: records per second and bytes per key, by number of keys.
#include <algorithm>
#include <string>

#include "bench/correlation_stream.h"
#include "benchmark/benchmark.h"

namespace {

using namespace vedette;
using namespace vedette::bench;

// How the records of a key follow each other.
enum class Mix {
  kOne,        // one source
  kInTurn,     // all sources, round robin
  kStages,     // 16 records of a key: of the last stages one each, else of the first
  kNewValues,  // one in 100 has a value that its key did not have
  kLineage,    // all may pass an id on, 1 in 20 is asked for, 1 in 1,000 is an ancestor
};

struct Shape {
  const char* name;
  const char* rule;
  Mix mix = Mix::kOne;
  uint32_t sources = 1;
};

constexpr Shape kShapes[] = {
    {"sliding_count", "window 1h by h s: [any where a == 1] having count(s) >= 1000000000"},
    {"sliding_distinct", "window 1h by h s: [any where a == 1] having distinct(s.u) >= 1000000000"},
    {"sliding_sum", "window 1h by h s: [any where a == 1] having sum(s.u) >= 1000000000000"},
    {"sliding_percentile",
     "window 1h by h s: [any where a == 1] having percentile(s.u, 95) >= 1000000000"},
    {"tumbling_count",
     "window 1h tumbling by h s: [any where a == 1] having count(s) >= 1000000000"},
    {"tumbling_distinct",
     "window 1h tumbling by h s: [any where a == 1] having distinct(s.u) >= 1000000000"},
    {"tumbling_sum",
     "window 1h tumbling by h s: [any where a == 1] having sum(s.u) >= 1000000000000"},
    {"tumbling_percentile",
     "window 1h tumbling by h s: [any where a == 1] having percentile(s.u, 95) >= 1000000000"},
    {"session_count",
     "window 1h session gap 45m by h s: [any where a == 1] having count(s) >= 1000000000"},
    {"session_distinct",
     "window 1h session gap 45m by h s: [any where a == 1] having distinct(s.u) >= 1000000000"},
    {"session_sum",
     "window 1h session gap 45m by h s: [any where a == 1] having sum(s.u) >= 1000000000000"},
    {"session_percentile",
     "window 1h session gap 45m by h s: [any where a == 1] having percentile(s.u, 95) >= "
     "1000000000"},
    {"closing_count", "window 1h by h s: [any where a == 1] having count(s) < 1"},
    {"all_of_three", "all by h within 1h [any where a == 1] [any where a == 2] [any where a == 3]",
     Mix::kInTurn, 3},
    {"ordered_pair", "sequence by h within 1h [any where a == 1] [any where a == 2]", Mix::kStages,
     2},
    {"sequence_of_three",
     "sequence by h within 1h [any where a == 1] [any where a == 2] [any where a == 3]",
     Mix::kStages, 3},
    {"counted_stage", "sequence by h within 1h [any where a == 1] count >= 5 [any where a == 2]",
     Mix::kStages, 2},
    {"heartbeat", "absence of [any where a == 1] by h for 1h"},
    {"absence_after", "absence of [any where a == 1] by h for 1h after [any where a == 2]",
     Mix::kInTurn, 2},
    {"new_value", "new value of u in [any where a == 1] by h history 30d", Mix::kNewValues},
    {"descendant",
     "descendant of [any where a == 1] by h [any where a == 2] by h within 1h link i to p",
     Mix::kLineage, 3},
};

// A rule over windows of which every record is a detection of another rule.
constexpr char kRulesOnRules[] =
    "rule low { meta { emit = false } match window 1h by h s: [any where a == 1] having count(s) "
    ">= 1 rearm immediately }\n"
    "rule top { match window 1h by h s: [rule low] having count(s) >= 1000000000 }\n";

class ShapeStream {
 public:
  // `per_key`: records of a key in an hour.
  ShapeStream(const Shape& shape, size_t keys, uint64_t per_key)
      : shape_(shape), stream_(Text(shape), keys) {
    stream_.set_step(std::max<int64_t>(1, kHour / static_cast<int64_t>(keys * per_key)));
  }
  void Next() {
    const uint64_t round = n_ / stream_.keys();
    const uint64_t random = Mixed(n_++);
    const Value small = Value::Int(static_cast<int64_t>(random % 512));
    // Prime to all numbers of keys: all come in each round, far from each other in memory.
    key_ = (key_ + 7919) % stream_.keys();
    switch (shape_.mix) {
      case Mix::kOne:
        return stream_.Add(key_, 0, small);
      case Mix::kInTurn:
        return stream_.Add(key_, static_cast<uint32_t>(round % shape_.sources), small);
      case Mix::kStages: {
        const uint32_t before = 16 - round % 16;
        return stream_.Add(key_, before < shape_.sources ? shape_.sources - before : 0, small);
      }
      case Mix::kNewValues: {
        const bool fresh = random % 100 == 0;
        return stream_.Add(key_, 0, Value::Int(static_cast<int64_t>(fresh ? n_ : 1)));
      }
      case Mix::kLineage: {
        const Value id = Value::Int(static_cast<int64_t>(random / 1024 % 1024));
        const Value parent = Value::Int(static_cast<int64_t>(random / 1024 / 1024 % 1024));
        if (random % 1000 == 0) return stream_.Add(key_, 0, id, parent);
        if (random % 20 == 0) return stream_.Add(key_, 1, parent);
        return stream_.Add(key_, 2, id, parent);
      }
    }
  }
  const Correlator& correlator() const { return stream_.correlator(); }
  uint64_t detections() const { return stream_.detections(); }

 private:
  static std::string Text(const Shape& shape) {
    return shape.rule == kRulesOnRules ? std::string(kRulesOnRules)
                                       : "rule r { match " + std::string(shape.rule) + " }";
  }
  Shape shape_;
  CorrelationStream stream_;
  uint64_t n_ = 0;
  size_t key_ = 0;
};

// Three records of each key are there, and as many come as go.
void Records(benchmark::State& state, const Shape& shape) {
  const auto keys = static_cast<size_t>(state.range(0));
  constexpr uint64_t kPerKey = 3;
  ShapeStream stream(shape, keys, kPerKey);
  for (uint64_t i = 0; i < std::max<uint64_t>(4 * keys, 10'000); ++i) stream.Next();
  for (auto _ : state) stream.Next();
  state.SetItemsProcessed(state.iterations());
  state.counters["detections"] = static_cast<double>(stream.detections());
}

// The same number of records for each key, within an hour.
void Memory(benchmark::State& state, const Shape& shape) {
  constexpr size_t kKeys = 100'000;
  const auto per_key = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    ShapeStream stream(shape, kKeys, per_key * 2);
    const size_t before = HeapBytes();
    for (uint64_t i = 0; i < kKeys * per_key; ++i) stream.Next();
    const auto per = [](size_t bytes) { return static_cast<double>(bytes) / kKeys; };
    state.counters["heap/key"] = per(HeapBytes() - before);
    state.counters["counted/key"] = per(stream.correlator().stats().bytes);
  }
  state.SetItemsProcessed(static_cast<int64_t>(kKeys * per_key));
}

void Register(const Shape& shape) {
  const std::string name(shape.name);
  benchmark::RegisterBenchmark(("Records/" + name).c_str(), Records, shape)
      ->Arg(1)
      ->Arg(1'000)
      ->Arg(1'000'000)
      ->Iterations(1'000'000);
  benchmark::RegisterBenchmark(("Memory/" + name).c_str(), Memory, shape)
      ->Arg(1)
      ->Arg(10)
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond);
}

const bool registered = [] {
  for (const Shape& shape : kShapes) Register(shape);
  Register({"rules_on_rules", kRulesOnRules});
  return true;
}();

}  // namespace
