#include "vedette/engine.h"

#include <utility>
#include <vector>

#include "lib/engine/processor_impl.h"
#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

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

namespace {

void Add(const EvaluatorStats& from, EvaluatorStats* to) {
  to->events += from.events;
  to->matches += from.matches;
  to->events_without_log_source += from.events_without_log_source;
  to->events_without_rules += from.events_without_rules;
  to->events_undecided += from.events_undecided;
  to->rules_undecided += from.rules_undecided;
  to->rules_faced += from.rules_faced;
  to->rules_evaluated += from.rules_evaluated;
  to->records += from.records;
  to->records_without_key += from.records_without_key;
  to->key_combinations_dropped += from.key_combinations_dropped;
  to->missing_indicator_sets += from.missing_indicator_sets;
}

// Suppressions of rules that are in both programs go on.
std::vector<std::unique_ptr<SuppressionTable>> Suppressions(
    const Program& program, const Program* old, int64_t lateness_ns,
    std::vector<std::unique_ptr<SuppressionTable>> tables) {
  std::vector<std::unique_ptr<SuppressionTable>> out;
  const std::vector<ProgramRule>& rules = program.layout().rules;
  for (size_t i = 0; i < program.rule_count(); ++i) {
    out.emplace_back();
    if (rules[i].suppress_ns == 0) continue;
    for (size_t j = 0; old != nullptr && j < tables.size(); ++j) {
      if (tables[j] == nullptr || old->fingerprint(j) != program.fingerprint(i)) continue;
      out.back() = std::move(tables[j]);
      break;
    }
    if (out.back() == nullptr) {
      out.back() = std::make_unique<SuppressionTable>(rules[i].suppress_ns, lateness_ns);
    }
  }
  return out;
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
  const Program* const old = evaluator == nullptr ? nullptr : &evaluator->program();
  suppressions = Suppressions(*program, old, options.allowed_lateness_ns, std::move(suppressions));
  if (correlator == nullptr) {
    if (options.correlation.indicator_sets == nullptr) {
      options.correlation.indicator_sets = options.evaluation.indicator_sets;
    }
    correlator = std::make_unique<Correlator>(program, sink, options.correlation);
  } else {
    correlator->SetProgram(program);
  }
  if (evaluator != nullptr) {
    Add(evaluator->stats(), &before);
    ++stats.program_swaps;
  }
  evaluator = std::make_unique<Evaluator>(std::move(program), options.evaluation);
}

bool Processor::Impl::IsSuppressed(const EventView& event, const Match& match) {
  SuppressionTable* const table = suppressions[match.rule].get();
  if (table == nullptr || event.time() == kNoEventTime) return false;
  suppression_key.clear();
  if (!evaluator->AppendSuppressionKey(match, &suppression_key)) return false;
  return table->Suppressed(suppression_key, event.time());
}

absl::Status Processor::Impl::Correlate(const EventView& event) {
  const std::span<const MatchRecord> records = evaluator->Records(event);
  if (event.time() == kNoEventTime) {
    if (!records.empty()) ++stats.events_without_time;
    return absl::OkStatus();
  }
  for (MatchRecord record : records) {
    record.tiebreak = event.tiebreak().value_or(events);
    const absl::Status status =
        options.records != nullptr ? options.records->OnRecord(record) : correlator->Add(record);
    if (!status.ok()) return status;
  }
  if (options.host_watermarks || options.records != nullptr) return absl::OkStatus();
  return correlator->AdvanceWatermark(watermarks.Observe(event.ref().source, event.time()));
}

std::unique_ptr<Processor> Engine::NewProcessor(DetectionSink* sink, ProcessorOptions options) {
  auto impl = std::make_unique<Processor::Impl>(state_, sink, options);
  impl->TakeProgram();
  return std::unique_ptr<Processor>(new Processor(std::move(impl)));
}

Processor::Processor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Processor::~Processor() = default;

absl::Status Processor::Process(const EventView& event) {
  Impl& impl = *impl_;
  impl.TakeProgram();
  ++impl.events;
  for (const Match& match : impl.evaluator->Evaluate(event)) {
    if (impl.IsSuppressed(event, match)) {
      ++impl.stats.suppressed;
      continue;
    }
    ++impl.stats.detections;
    const Detection detection = impl.evaluator->Describe(event, match);
    if (absl::Status status = impl.sink->OnDetection(detection); !status.ok()) return status;
  }
  if (impl.evaluator->program().correlation_count() == 0) return absl::OkStatus();
  return impl.Correlate(event);
}

absl::Status Processor::Process(const EventView& event, EventTime time) {
  EventView timed = event;
  timed.set_time(time);
  return Process(timed);
}

absl::Status Processor::AdvanceWatermark(EventTime watermark) {
  impl_->TakeProgram();
  return impl_->correlator->AdvanceWatermark(watermark);
}

absl::Status Processor::Flush() {
  const absl::Status status = AdvanceWatermark(kEndOfTime);
  const absl::Status flushed = impl_->sink->Flush();
  return status.ok() ? flushed : status;
}

Evaluator& Processor::evaluator() { return *impl_->evaluator; }
Correlator& Processor::correlator() { return *impl_->correlator; }

ProcessorStats Processor::stats() const {
  ProcessorStats stats = impl_->stats;
  stats.evaluation = impl_->before;
  Add(impl_->evaluator->stats(), &stats.evaluation);
  stats.correlation = impl_->correlator->stats();
  stats.future_events = impl_->watermarks.stats().future_events;
  return stats;
}

}  // namespace vedette::inline v0
