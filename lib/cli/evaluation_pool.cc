#include "lib/cli/evaluation_pool.h"

#include <algorithm>
#include <utility>

namespace vedette::inline v0::cli {
namespace {

constexpr size_t kEvents = 128;
constexpr size_t kBytes = size_t{1} << 20;
// Memory that an event may keep for the next one in its place.
constexpr size_t kKeptOfEvent = size_t{64} << 10;

}  // namespace

EvaluationPool::EvaluationPool(size_t threads, std::shared_ptr<const Program> program,
                               EvaluatorOptions options, View view, Take take)
    : program_(std::move(program)), view_(std::move(view)), take_(std::move(take)) {
  // The thread that reads events has the first one.
  for (size_t i = 0; i < std::max<size_t>(threads, 1); ++i) evaluators_.emplace_back(options);
  for (size_t i = 1; i < evaluators_.size(); ++i) {
    threads_.emplace_back([this, i] { Work(&evaluators_[i]); });
  }
}

EvaluationPool::~EvaluationPool() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void EvaluationPool::Work(BatchEvaluator* evaluator) {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stop_ || !todo_.empty(); });
    if (stop_) return;
    EvaluateNext(evaluator, &lock);
  }
}

void EvaluationPool::EvaluateNext(BatchEvaluator* evaluator, std::unique_lock<std::mutex>* lock) {
  Portion* const portion = todo_.front();
  todo_.pop_front();
  lock->unlock();
  for (size_t i = 0; i < portion->used; ++i) {
    evaluator->Evaluate(view_(portion->events[i]), &portion->batch);
  }
  lock->lock();
  portion->done = true;
  done_.notify_one();
}

void EvaluationPool::Add() {
  if (filling_ == nullptr) {
    if (under_way_.size() >= evaluators_.size() * 2) TakeFirst();
    if (spare_.empty()) {
      filling_ = std::make_unique<Portion>(
          Portion{std::vector<Event>(kEvents), 0, 0, Batch(program_), false});
    } else {
      filling_ = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  Portion& portion = *filling_;
  Event& event = portion.events[portion.used++];
  std::swap(event, slot_);
  portion.bytes += event.raw().size();
  // The reader's own text is of the next event soon.
  event.set_raw(event.arena().CopyString(event.raw()));
  if (portion.used == kEvents || portion.bytes >= kBytes) Submit();
}

void EvaluationPool::Submit() {
  {
    const std::scoped_lock lock(mutex_);
    todo_.push_back(filling_.get());
  }
  work_.notify_one();
  under_way_.push_back(std::move(filling_));
}

void EvaluationPool::TakeFirst() {
  std::unique_ptr<Portion> portion = std::move(under_way_.front());
  under_way_.pop_front();
  {
    std::unique_lock lock(mutex_);
    while (!portion->done) {
      if (todo_.empty()) {
        done_.wait(lock, [&portion] { return portion->done; });
      } else {
        EvaluateNext(&evaluators_.front(), &lock);
      }
    }
  }
  for (size_t i = 0; i < portion->used; ++i) {
    Event& event = portion->events[i];
    take_(event, portion->batch, i);
    if (event.arena().bytes_reserved() > kKeptOfEvent) event = Event();
  }
  portion->batch.Clear(program_);
  portion->used = 0;
  portion->bytes = 0;
  portion->done = false;
  spare_.push_back(std::move(portion));
}

void EvaluationPool::Drain() {
  if (filling_ != nullptr) Submit();
  while (!under_way_.empty()) TakeFirst();
}

EvaluatorStats EvaluationPool::stats() const {
  EvaluatorStats all;
  for (const BatchEvaluator& evaluator : evaluators_) all += evaluator.stats();
  return all;
}

}  // namespace vedette::inline v0::cli
