// The whole pipeline for a host: events in, detections out, programs swapped while running.
#ifndef VEDETTE_ENGINE_H_
#define VEDETTE_ENGINE_H_

#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "vedette/evaluator.h"
#include "vedette/program.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

struct ProcessorStats {
  EvaluatorStats evaluation;
  uint64_t detections = 0;
  uint64_t program_swaps = 0;
};

class Processor;

// Holds the current program. Thread-safe: SetProgram may be called while processors run.
class Engine {
 public:
  explicit Engine(std::shared_ptr<const Program> program);

  // Each processor takes the new program at its next Process; no event is lost between.
  void SetProgram(std::shared_ptr<const Program> program);
  std::shared_ptr<const Program> program() const;
  // One per thread. `sink` must outlive the processor; so must the engine.
  std::unique_ptr<Processor> NewProcessor(DetectionSink* sink, EvaluatorOptions options = {});

 private:
  friend class Processor;
  struct State;
  std::shared_ptr<State> state_;
};

// Feeds events of one thread (thread-compatible).
class Processor {
 public:
  ~Processor();
  // Evaluates the event and hands each detection to the sink, rules in program order. Returns the
  // sink's first error.
  absl::Status Process(const EventView& event);
  absl::Status Process(const EventView& event, EventTime time);
  Evaluator& evaluator();
  ProcessorStats stats() const;

 private:
  friend class Engine;
  struct Impl;
  explicit Processor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ENGINE_H_
