// The whole pipeline for a host: events in, detections out, programs swapped while running.
#ifndef VEDETTE_ENGINE_H_
#define VEDETTE_ENGINE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/batch.h"
#include "vedette/correlator.h"
#include "vedette/evaluator.h"
#include "vedette/program.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

// Receives the records of an event instead of the processor's own correlator, for hosts that run
// correlators elsewhere (docs/correlator.md, "Partitions"). Called on the processor's thread.
class MatchRecordSink {
 public:
  virtual ~MatchRecordSink() = default;
  virtual absl::Status OnRecord(const MatchRecord& record) = 0;
};

struct ProcessorOptions {
  EvaluatorOptions evaluation = {};
  CorrelatorOptions correlation = {};
  // How far behind the newest event of its stream an event may come and still count where it
  // belongs. Detections of several events wait that long.
  int64_t allowed_lateness_ns = 0;
  // A stream (EventRef::source) that says nothing while others advance so far no longer holds
  // the watermark back; 0: it always does.
  int64_t idle_timeout_ns = 0;
  // An event so far ahead of all others does not move time until more of them follow; 0: it does.
  int64_t max_future_skew_ns = int64_t{24} * 3600 * 1'000'000'000;
  // Only AdvanceWatermark moves the watermark.
  bool host_watermarks = false;
  MatchRecordSink* records = nullptr;  // must outlive the processor
};

struct ProcessorStats {
  EvaluatorStats evaluation;
  CorrelatorStats correlation;
  uint64_t detections = 0;  // of single events; CorrelatorStats counts the others
  uint64_t suppressed = 0;  // of single events
  // Satisfied some rule over several events, and took no part for want of a time.
  uint64_t events_without_time = 0;
  uint64_t future_events = 0;  // ahead by more than max_future_skew_ns
  uint64_t program_swaps = 0;
};

class Processor;

// Holds the current program. Thread-safe: SetProgram may be called while processors run.
class Engine {
 public:
  explicit Engine(std::shared_ptr<const Program> program);

  // Each processor takes the new program at its next Process; no event is lost between, and rules
  // over several events that did not change keep their state.
  void SetProgram(std::shared_ptr<const Program> program);
  std::shared_ptr<const Program> program() const;
  // One per thread. `sink` must outlive the processor; so must the engine. Each processor
  // correlates what it sees itself: events of one group key must go to one processor, or the
  // records to correlators of the host (`records`).
  std::unique_ptr<Processor> NewProcessor(DetectionSink* sink, ProcessorOptions options = {});

 private:
  friend class Processor;
  struct State;
  std::shared_ptr<State> state_;
};

// Feeds events of one thread (thread-compatible).
class Processor {
 public:
  ~Processor();
  // Evaluates the event and hands each detection to the sink: those of single events at once,
  // rules in program order; those of several events when the watermark has passed them. Returns
  // the sink's first error.
  absl::Status Process(const EventView& event);
  absl::Status Process(const EventView& event, EventTime time);
  // The same for the `i`-th event of a batch, which was evaluated on another thread: take all of
  // them in order, and batches in the order of the stream. What the evaluators counted is in their
  // own stats, not in this processor's. The batch's program becomes the processor's, whatever the
  // engine has by now. OutOfRange beyond the batch's end.
  absl::Status Process(const Batch& batch, size_t i);
  // No further event before `watermark` comes. Not needed within a stream of events (see
  // allowed_lateness_ns), but when a stream rests: timers fire only as time advances.
  absl::Status AdvanceWatermark(EventTime watermark);
  // The stream has ended: everything that waits is decided, then the sink is flushed.
  absl::Status Flush();

  // The state of rules over several events between two events; see Correlator::Snapshot.
  std::string Snapshot() const;
  absl::StatusOr<RestoreReport> Restore(std::string_view snapshot);

  Evaluator& evaluator();
  Correlator& correlator();
  ProcessorStats stats() const;

 private:
  friend class Engine;
  struct Impl;
  explicit Processor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ENGINE_H_
