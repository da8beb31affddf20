#include "vedette/engine.h"

#include <utility>
#include <vector>

#include "lib/engine/batch_impl.h"
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
  if (batches) return;
  const uint64_t now = state->version.load(std::memory_order_acquire);
  if (now == version) return;
  std::shared_ptr<const Program> program;
  {
    const std::scoped_lock lock(state->mutex);
    program = state->program;
    version = state->version.load(std::memory_order_relaxed);
  }
  SetProgram(std::move(program));
}

void Processor::Impl::SetProgram(std::shared_ptr<const Program> program) {
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
    before += evaluator->stats();
    ++stats.program_swaps;
  }
  evaluator = std::make_unique<Evaluator>(std::move(program), options.evaluation);
}

bool Processor::Impl::IsSuppressed(const EventView& event, const Match& match) {
  if (suppressions[match.rule] == nullptr) return false;
  suppression_key.clear();
  return evaluator->AppendSuppressionKey(match, &suppression_key) &&
         IsSuppressed(match.rule, suppression_key, event.time());
}

bool Processor::Impl::IsSuppressed(uint32_t rule, std::string_view key, EventTime time) {
  SuppressionTable* const table = suppressions[rule].get();
  if (table == nullptr || time == kNoEventTime || !table->Suppressed(key, time)) return false;
  ++stats.suppressed;
  return true;
}

absl::Status Processor::Impl::Emit(const Detection& detection) {
  ++stats.detections;
  return sink->OnDetection(detection);
}

absl::Status Processor::Impl::Correlate(std::span<const MatchRecord> records, EventTime time,
                                        std::optional<uint64_t> tiebreak, std::string_view stream) {
  if (time == kNoEventTime) {
    if (!records.empty()) ++stats.events_without_time;
    return absl::OkStatus();
  }
  for (MatchRecord record : records) {
    record.tiebreak = tiebreak.value_or(events);
    const absl::Status status =
        options.records != nullptr ? options.records->OnRecord(record) : correlator->Add(record);
    if (!status.ok()) return status;
  }
  if (options.host_watermarks || options.records != nullptr) return absl::OkStatus();
  return correlator->AdvanceWatermark(watermarks.Observe(stream, time));
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
  impl.batches = false;
  impl.TakeProgram();
  ++impl.events;
  for (const Match& match : impl.evaluator->Evaluate(event)) {
    if (impl.IsSuppressed(event, match)) continue;
    if (absl::Status s = impl.Emit(impl.evaluator->Describe(event, match)); !s.ok()) return s;
  }
  if (impl.evaluator->program().correlation_count() == 0) return absl::OkStatus();
  return impl.Correlate(impl.evaluator->Records(event), event.time(), event.tiebreak(),
                        event.ref().source);
}

absl::Status Processor::Process(const Batch& batch, size_t i) {
  Impl& impl = *impl_;
  const Batch::Impl& from = *batch.impl_;
  if (i >= from.events.size()) return absl::OutOfRangeError("the batch has no such event");
  impl.batches = true;
  if (&impl.evaluator->program() != from.program.get()) {
    impl.SetProgram(from.program);
    impl.version = 0;  // none of the engine's: a single event takes the current one
  }
  ++impl.events;
  const Batch::Impl::One& event = from.events[i];
  for (size_t f = i == 0 ? 0 : from.events[i - 1].found_end; f < event.found_end; ++f) {
    const Batch::Impl::Found& found = from.found[f];
    if (found.suppressible &&
        impl.IsSuppressed(found.detection.rule, found.suppression_key, event.time)) {
      continue;
    }
    if (absl::Status s = impl.Emit(found.detection); !s.ok()) return s;
  }
  if (from.program->correlation_count() == 0) return absl::OkStatus();
  const size_t first = i == 0 ? 0 : from.events[i - 1].records_end;
  return impl.Correlate(std::span(from.records).subspan(first, event.records_end - first),
                        event.time, event.tiebreak, event.ref.source);
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
  stats.evaluation += impl_->evaluator->stats();
  stats.correlation = impl_->correlator->stats();
  stats.future_events = impl_->watermarks.stats().future_events;
  return stats;
}

}  // namespace vedette::inline v0
