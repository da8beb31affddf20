// Evaluates events on several threads, and hands them back in order.
#ifndef VEDETTE_LIB_CLI_EVALUATION_POOL_H_
#define VEDETTE_LIB_CLI_EVALUATION_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "vedette/batch.h"
#include "vedette/engine.h"
#include "vedette/event.h"

namespace vedette::inline v0::cli {

// Its methods are called, and events handed back, on one thread, which does not wait for the others
// but evaluates, too: of N threads, N - 1 are the pool's own. Memory is bounded: when twice as
// many portions as threads are under way, Add hands back the first.
class EvaluationPool {
 public:
  using View = std::function<EventView(const Event&)>;
  // Gets an event and its place in `batch`.
  using Take = std::function<void(const Event& event, const Batch& batch, size_t i)>;

  EvaluationPool(size_t threads, std::shared_ptr<const Program> program, EvaluatorOptions options,
                 View view, Take take);
  ~EvaluationPool();
  EvaluationPool(const EvaluationPool&) = delete;
  EvaluationPool& operator=(const EvaluationPool&) = delete;

  // Where the next event is to be read.
  Event* slot() { return &slot_; }
  // Takes the event in the slot. Its stream's name must live until it is handed back.
  void Add();
  // Hands back all that was added.
  void Drain();
  // Of all threads. After Drain only.
  EvaluatorStats stats() const;

 private:
  // Some events one after the other; enough that handing them over costs nothing.
  struct Portion {
    std::vector<Event> events;
    size_t used = 0;
    size_t bytes = 0;
    Batch batch;
    bool done = false;  // guarded by mutex_
  };

  void Work(BatchEvaluator* evaluator);
  // The next portion that nobody looks at yet, of which there is one.
  void EvaluateNext(BatchEvaluator* evaluator, std::unique_lock<std::mutex>* lock);
  void Submit();
  // Waits for the first portion that is under way, and hands its events back.
  void TakeFirst();

  const std::shared_ptr<const Program> program_;
  const View view_;
  const Take take_;
  Event slot_;
  std::unique_ptr<Portion> filling_;
  std::deque<std::unique_ptr<Portion>> under_way_;  // in order
  std::vector<std::unique_ptr<Portion>> spare_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::deque<Portion*> todo_;  // guarded by mutex_
  bool stop_ = false;          // guarded by mutex_
  std::vector<BatchEvaluator> evaluators_;
  std::vector<std::thread> threads_;
};

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_EVALUATION_POOL_H_
