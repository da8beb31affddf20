// Evaluating events on several threads of the host, and taking what was found in order.
#ifndef VEDETTE_BATCH_H_
#define VEDETTE_BATCH_H_

#include <cstddef>
#include <memory>

#include "vedette/evaluator.h"
#include "vedette/event.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

// What some events, one after the other in their stream, are to one program: their detections and
// their records for rules over several events. A BatchEvaluator fills it on any thread; then
// Processor::Process takes event by event. Owns all but the names of streams (EventRef::source),
// which must live until it is cleared. Movable; thread-compatible.
class Batch {
 public:
  // Batches of one stream must be made in its order, so that a new program takes over at one event
  // (Engine::program() gives the current one).
  explicit Batch(std::shared_ptr<const Program> program);
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

  // Without events, for another round; keeps its memory.
  void Clear(std::shared_ptr<const Program> program);
  // Events in it.
  size_t size() const;
  // Whether the log source of the `i`-th event was known.
  bool has_log_source(size_t i) const;
  const std::shared_ptr<const Program>& program() const;

 private:
  friend class BatchEvaluator;
  friend class Processor;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Evaluates events into batches; one per thread (thread-compatible). Starts no thread itself.
class BatchEvaluator {
 public:
  explicit BatchEvaluator(EvaluatorOptions options = {});
  ~BatchEvaluator();
  BatchEvaluator(BatchEvaluator&&) noexcept;
  BatchEvaluator& operator=(BatchEvaluator&&) noexcept;

  // Appends the event to the batch, by the batch's program. The event need not live on.
  void Evaluate(const EventView& event, Batch* batch);
  // Of all programs.
  EvaluatorStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_BATCH_H_
