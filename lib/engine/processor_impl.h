// What an Engine and a Processor hold; shared by engine.cc and processor_snapshot.cc.
#ifndef VEDETTE_LIB_ENGINE_PROCESSOR_IMPL_H_
#define VEDETTE_LIB_ENGINE_PROCESSOR_IMPL_H_

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/correlate/suppression.h"
#include "lib/correlate/watermark.h"
#include "vedette/engine.h"

namespace vedette::inline v0 {

// Processors look at `version` before each event and take the lock only when it moved.
struct Engine::State {
  mutable std::mutex mutex;
  std::shared_ptr<const Program> program;
  std::atomic<uint64_t> version{1};
};

struct Processor::Impl {
  Impl(std::shared_ptr<Engine::State> s, DetectionSink* d, ProcessorOptions o)
      : state(std::move(s)),
        sink(d),
        options(o),
        watermarks({o.allowed_lateness_ns, o.idle_timeout_ns, o.max_future_skew_ns}) {}

  // The engine's, if it is another one by now.
  void TakeProgram();
  void SetProgram(std::shared_ptr<const Program> program);
  // Counts those that are.
  bool IsSuppressed(const EventView& event, const Match& match);
  bool IsSuppressed(uint32_t rule, std::string_view key, EventTime time);
  absl::Status Emit(const Detection& detection);
  // What an event of `stream` is to rules over several events.
  absl::Status Correlate(std::span<const MatchRecord> records, EventTime time,
                         std::optional<uint64_t> tiebreak, std::string_view stream);

  std::shared_ptr<Engine::State> state;
  DetectionSink* sink;
  ProcessorOptions options;
  uint64_t version = 0;
  // The last event was of a batch: batches say which program was the current one at their events,
  // and the engine may be ahead of them.
  bool batches = false;
  std::unique_ptr<Evaluator> evaluator;
  std::unique_ptr<Correlator> correlator;
  WatermarkTracker watermarks;
  // Of the single-event rules that suppress; null for the others.
  std::vector<std::unique_ptr<SuppressionTable>> suppressions;
  std::string suppression_key;
  EvaluatorStats before;  // of evaluators that were swapped out
  uint64_t events = 0;
  ProcessorStats stats;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ENGINE_PROCESSOR_IMPL_H_
