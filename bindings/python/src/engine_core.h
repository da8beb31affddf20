// An engine as Python has it: one processor, evaluators for its threads, what a call found.
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_ENGINE_CORE_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_ENGINE_CORE_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bindings/python/src/blocks.h"
#include "bindings/python/src/detections.h"
#include "bindings/python/src/functions.h"
#include "vedette/engine.h"

namespace vedette::python {

struct EngineOptions {
  size_t threads = 1;
  size_t max_detections = 1'000'000;  // of one call
  ProcessorOptions processing;
  std::optional<EventFormat> format;    // of bytes and files
  std::optional<LogSource> log_source;  // of all events, instead of what the table derives
  std::shared_ptr<IndicatorSets> indicators;
};

// Belongs to one thread at a time: EngineLease.
class EngineCore {
 public:
  EngineCore(std::shared_ptr<const Program> program, EngineOptions options);
  ~EngineCore();

  const EngineOptions& options() const { return options_; }
  ReadOptions read_options() const { return {engine_.program(), options_.format}; }
  void SetProgram(std::shared_ptr<const Program> program) {
    engine_.SetProgram(std::move(program));
  }
  IndicatorSets& indicators() { return *options_.indicators; }

  // Everything below runs without the interpreter's lock and adds to `found`.
  // Evaluates what the source gives.
  absl::Status Push(BlockSource* source, FunctionErrors* errors, Detections* found);
  absl::Status Advance(EventTime watermark, FunctionErrors* errors, Detections* found);
  // Ends the stream and begins another.
  absl::Status Finish(FunctionErrors* errors, Detections* found);
  std::string Snapshot() const { return processor_->Snapshot(); }
  absl::StatusOr<RestoreReport> Restore(std::string_view snapshot) {
    return processor_->Restore(snapshot);
  }

  // Evaluation since the engine was made, correlation of the current stream.
  ProcessorStats stats() const;
  // Known Arrow schemas: an equal one is used again, with what was learnt about it.
  std::shared_ptr<ArrowTable> Known(std::shared_ptr<ArrowTable> table);

 private:
  friend class EngineLease;
  struct Worker;
  struct Portion;
  class Pool;

  Worker& WorkerAt(size_t i);
  // Reads and evaluates a block.
  void Evaluate(Worker* worker, Portion* portion) const;
  // Hands what was evaluated to the processor.
  absl::Status Take(Portion* portion, Detections* found);
  absl::Status PushAlone(BlockSource* source, Detections* found);
  absl::Status PushThreads(BlockSource* source, FunctionErrors* errors, Detections* found);
  void NewProcessor();

  EngineOptions options_;
  DetectionCollector collector_;
  Engine engine_;
  std::unique_ptr<Processor> processor_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::shared_ptr<ArrowTable>> tables_;
  std::atomic<bool> busy_ = false;
};

// The right to use an engine. Empty if somebody else has it.
class EngineLease {
 public:
  explicit EngineLease(EngineCore* core) : core_(core->busy_.exchange(true) ? nullptr : core) {}
  ~EngineLease() {
    if (core_ != nullptr) core_->busy_ = false;
  }
  EngineLease(const EngineLease&) = delete;
  EngineLease& operator=(const EngineLease&) = delete;
  bool ok() const { return core_ != nullptr; }

 private:
  EngineCore* core_;
};

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_ENGINE_CORE_H_
