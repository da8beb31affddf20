#include "vedette/batch.h"

#include <algorithm>
#include <utility>

#include "lib/engine/batch_impl.h"
#include "lib/program/program_layout.h"

namespace vedette::inline v0 {
namespace {

MatchRecord Kept(const MatchRecord& record, ValueArena* arena) {
  MatchRecord kept = record;
  kept.key = arena->CopyString(record.key);
  kept.origin = arena->CopyString(record.origin);
  const std::span<Value> values = arena->NewValues(record.values.size());
  std::transform(record.values.begin(), record.values.end(), values.begin(),
                 [arena](const Value& v) { return arena->DeepCopy(v); });
  kept.values = values;
  return kept;
}

}  // namespace

Batch::Batch(std::shared_ptr<const Program> program) : impl_(std::make_unique<Impl>()) {
  impl_->program = std::move(program);
}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

void Batch::Clear(std::shared_ptr<const Program> program) {
  impl_->program = std::move(program);
  impl_->events.clear();
  impl_->found.clear();
  impl_->records.clear();
  impl_->arena.Reset();
}

size_t Batch::size() const { return impl_->events.size(); }
bool Batch::has_log_source(size_t i) const { return impl_->events[i].has_log_source; }
const std::shared_ptr<const Program>& Batch::program() const { return impl_->program; }

struct BatchEvaluator::Impl {
  EvaluatorOptions options;
  std::shared_ptr<const Program> program;  // of the evaluator
  std::unique_ptr<Evaluator> evaluator;
  EvaluatorStats before;  // of the evaluators for other programs
};

BatchEvaluator::BatchEvaluator(EvaluatorOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
}
BatchEvaluator::~BatchEvaluator() = default;
BatchEvaluator::BatchEvaluator(BatchEvaluator&&) noexcept = default;
BatchEvaluator& BatchEvaluator::operator=(BatchEvaluator&&) noexcept = default;

void BatchEvaluator::Evaluate(const EventView& event, Batch* batch) {
  Batch::Impl& out = *batch->impl_;
  if (impl_->program != out.program) {
    impl_->before = stats();
    impl_->program = out.program;
    impl_->evaluator = std::make_unique<Evaluator>(out.program, impl_->options);
  }
  Evaluator& evaluator = *impl_->evaluator;
  const ProgramLayout& layout = out.program->layout();
  const uint64_t unknown = evaluator.stats().events_without_log_source;
  for (const Match& match : evaluator.Evaluate(event)) {
    Batch::Impl::Found& found = out.found.emplace_back();
    found.detection = evaluator.Describe(event, match);
    found.suppressible = layout.rules[match.rule].suppress_ns != 0 &&
                         evaluator.AppendSuppressionKey(match, &found.suppression_key);
  }
  if (out.program->correlation_count() > 0) {
    for (const MatchRecord& record : evaluator.Records(event)) {
      out.records.push_back(Kept(record, &out.arena));
    }
  }
  const bool known = evaluator.stats().events_without_log_source == unknown;
  out.events.push_back(
      {event.time(), event.tiebreak(), event.ref(), known, out.found.size(), out.records.size()});
}

EvaluatorStats BatchEvaluator::stats() const {
  EvaluatorStats stats = impl_->before;
  if (impl_->evaluator != nullptr) stats += impl_->evaluator->stats();
  return stats;
}

}  // namespace vedette::inline v0
