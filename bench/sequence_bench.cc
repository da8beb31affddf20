// What the sequence operator costs, with the making of its records and its timers.
#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "lib/correlate/operator.h"

namespace {

using namespace vedette;

constexpr int64_t kHour = 3'600'000'000'000;

class Counter : public OperatorHost {
 public:
  void Fire(const Firing&) override { ++fired; }
  bool MayAddKey() override { return true; }
  void CountOverflow(uint64_t) override {}
  size_t max_evidence() const override { return 16; }

  uint64_t fired = 0;
};

ProgramCorrelation Stages(size_t stages, uint32_t count_of_first) {
  ProgramCorrelation spec;
  spec.shape = ProgramCorrelation::Shape::kSequence;
  spec.rearm = ProgramCorrelation::Rearm::kImmediately;
  spec.span_ns = kHour;
  spec.key_names = {"user"};
  spec.sources.resize(stages);
  spec.sources[0].min_count = count_of_first;
  return spec;
}

class Machine {
 public:
  Machine(const ProgramCorrelation& spec, size_t keys)
      : timers_([this](uint32_t, uint32_t slot) { return op_->KeyOfSlot(slot); }) {
    op_ = NewSequenceOperator({&spec, 0, &timers_, &host_, &pool_});
    for (size_t i = 0; i < keys; ++i) {
      keys_.emplace_back();
      AppendKeyPart(Value::String("user" + std::to_string(i)), &keys_.back());
    }
  }

  void Add(size_t key, uint32_t source) {
    record_.time = time_ += 1000;
    record_.tiebreak = arrivals_;
    record_.source = source;
    record_.key = keys_[key];
    for (Timer timer; timers_.Pop(record_.time, &timer);) {
      op_->OnTimer(timer.deadline, timer.slot, timer.generation);
    }
    op_->OnRecord(pool_.Make(record_, arrivals_++, 1024));
  }
  uint64_t fired() const { return host_.fired; }
  double bytes() const {
    return static_cast<double>(op_->bytes() + pool_.bytes() + timers_.bytes());
  }

 private:
  Counter host_;
  RecordPool pool_{1};
  Timers timers_;
  std::unique_ptr<Operator> op_;
  std::vector<std::string> keys_;
  MatchRecord record_;
  EventTime time_ = 0;
  uint64_t arrivals_ = 0;
};

// Records of all stages in turn, keys in a mixed order. Arguments: stages, records that the first
// stage counts, keys.
void Records(benchmark::State& state) {
  const auto stages = static_cast<size_t>(state.range(0));
  const auto count = static_cast<uint32_t>(state.range(1));
  const auto keys = static_cast<size_t>(state.range(2));
  const ProgramCorrelation spec = Stages(stages, count);
  Machine machine(spec, keys);
  // A round gives one record to each key; counted stages take several rounds.
  const size_t rounds = stages - 1 + count;
  size_t key = 0;
  size_t i = 0;
  size_t round = 0;
  const auto next = [&] {
    machine.Add(key, static_cast<uint32_t>(round < count ? 0 : round - count + 1));
    key = (key + 7919) % keys;
    if (++i == keys) {
      i = 0;
      round = (round + 1) % rounds;
    }
  };
  // Memory that is touched for the first time is not what is measured.
  for (size_t warm = 0; warm < keys * rounds; ++warm) next();
  for (auto _ : state) next();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
  state.counters["fired"] = static_cast<double>(machine.fired());
}
BENCHMARK(Records)->ArgsProduct({{2, 5}, {1}, {1, 1000, 1'000'000}});
BENCHMARK(Records)->ArgsProduct({{2}, {5}, {1, 1000, 1'000'000}});

// Keys that have seen one record of the first stage.
void OpenKeys(benchmark::State& state) {
  const auto keys = static_cast<size_t>(state.range(1));
  const ProgramCorrelation spec = Stages(2, static_cast<uint32_t>(state.range(0)));
  double bytes = 0;
  for (auto _ : state) {
    Machine machine(spec, keys);
    for (size_t key = 0; key < keys; ++key) machine.Add(key, 0);
    bytes = machine.bytes();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * state.range(1));
  state.counters["bytes_per_key"] = bytes / static_cast<double>(keys);
}
BENCHMARK(OpenKeys)->ArgsProduct({{1, 5}, {1'000'000}});

}  // namespace
