#include "vedette/engine.h"

#include <atomic>
#include <utility>

namespace vedette::inline v0 {

// Processors look at `version` before each event and take the lock only when it moved.
struct Engine::State {
  mutable std::mutex mutex;
  std::shared_ptr<const Program> program;
  std::atomic<uint64_t> version{1};
};

Engine::Engine(std::shared_ptr<const Program> program) : state_(std::make_shared<State>()) {
  state_->program = std::move(program);
}

void Engine::SetProgram(std::shared_ptr<const Program> program) {
  const std::scoped_lock lock(state_->mutex);
  state_->program = std::move(program);
  state_->version.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const Program> Engine::program() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->program;
}

struct Processor::Impl {
  std::shared_ptr<Engine::State> state;
  DetectionSink* sink;
  EvaluatorOptions options;
  uint64_t version = 0;
  std::unique_ptr<Evaluator> evaluator;
  EvaluatorStats before;  // of evaluators that were swapped out
  uint64_t detections = 0;
  uint64_t swaps = 0;

  void TakeProgram();
};

namespace {

void Add(const EvaluatorStats& from, EvaluatorStats* to) {
  to->events += from.events;
  to->matches += from.matches;
  to->events_without_log_source += from.events_without_log_source;
  to->events_without_rules += from.events_without_rules;
  to->events_undecided += from.events_undecided;
  to->rules_undecided += from.rules_undecided;
  to->rules_evaluated += from.rules_evaluated;
  to->missing_indicator_sets += from.missing_indicator_sets;
}

}  // namespace

void Processor::Impl::TakeProgram() {
  const uint64_t now = state->version.load(std::memory_order_acquire);
  if (now == version) return;
  std::shared_ptr<const Program> program;
  {
    const std::scoped_lock lock(state->mutex);
    program = state->program;
    version = state->version.load(std::memory_order_relaxed);
  }
  if (evaluator != nullptr) {
    Add(evaluator->stats(), &before);
    ++swaps;
  }
  evaluator = std::make_unique<Evaluator>(std::move(program), options);
}

std::unique_ptr<Processor> Engine::NewProcessor(DetectionSink* sink, EvaluatorOptions options) {
  auto impl = std::make_unique<Processor::Impl>();
  impl->state = state_;
  impl->sink = sink;
  impl->options = options;
  impl->TakeProgram();
  return std::unique_ptr<Processor>(new Processor(std::move(impl)));
}

Processor::Processor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Processor::~Processor() = default;

absl::Status Processor::Process(const EventView& event) {
  impl_->TakeProgram();
  for (const Match& match : impl_->evaluator->Evaluate(event)) {
    ++impl_->detections;
    const Detection detection = impl_->evaluator->Describe(event, match);
    if (absl::Status status = impl_->sink->OnDetection(detection); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Processor::Process(const EventView& event, EventTime time) {
  EventView timed = event;
  timed.set_time(time);
  return Process(timed);
}

Evaluator& Processor::evaluator() { return *impl_->evaluator; }

ProcessorStats Processor::stats() const {
  ProcessorStats stats;
  stats.evaluation = impl_->before;
  Add(impl_->evaluator->stats(), &stats.evaluation);
  stats.detections = impl_->detections;
  stats.program_swaps = impl_->swaps;
  return stats;
}

}  // namespace vedette::inline v0
