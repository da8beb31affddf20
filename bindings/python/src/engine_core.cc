#include "bindings/python/src/engine_core.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace vedette::python {
namespace {

constexpr size_t kMaxTables = 64;

EvaluatorOptions WithSets(EvaluatorOptions options, const IndicatorSets* sets) {
  options.indicator_sets = sets;
  return options;
}

// Where detections of one call go.
class Collecting {
 public:
  Collecting(DetectionCollector* collector, Detections* found) : collector_(collector) {
    collector->Begin(found);
  }
  ~Collecting() { collector_->End(); }
  Collecting(const Collecting&) = delete;
  Collecting& operator=(const Collecting&) = delete;

 private:
  DetectionCollector* collector_;
};

}  // namespace

// What one thread needs.
struct EngineCore::Worker {
  explicit Worker(const EvaluatorOptions& options) : evaluator(options) {}

  BlockReaders* ReadersFor(const std::shared_ptr<const Program>& program) {
    if (readers == nullptr || readers->program() != program) {
      readers = std::make_unique<BlockReaders>(program);
    }
    return readers.get();
  }

  BatchEvaluator evaluator;
  std::unique_ptr<BlockReaders> readers;
};

// A block on its way.
struct EngineCore::Portion {
  explicit Portion(std::shared_ptr<const Program> program) : batch(std::move(program)) {}

  std::unique_ptr<Block> block;
  Batch batch;
  ReadReport report;
  std::vector<uint64_t> lines;
  bool number_events = false;
  uint64_t number = 0;  // among those of the run
  std::exception_ptr error;
  bool done = false;
};

// Threads that evaluate portions, which are taken back in order.
class EngineCore::Pool {
 public:
  Pool(EngineCore* core, FunctionErrors* errors) : core_(core) {
    for (size_t i = 0; i < core->options_.threads; ++i) {
      Worker* const worker = &core->WorkerAt(i);
      threads_.emplace_back([this, worker, errors] { Work(worker, errors); });
    }
  }
  ~Pool() {
    {
      const std::scoped_lock lock(mutex_);
      stop_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  bool full() const { return under_way_.size() >= threads_.size() * 2; }
  bool empty() const { return under_way_.empty(); }
  void Add(std::unique_ptr<Portion> portion) {
    {
      const std::scoped_lock lock(mutex_);
      todo_.push_back(portion.get());
    }
    work_.notify_one();
    under_way_.push_back(std::move(portion));
  }
  // The first of those under way, when it is done.
  std::unique_ptr<Portion> TakeFirst() {
    std::unique_ptr<Portion> portion = std::move(under_way_.front());
    under_way_.pop_front();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&portion] { return portion->done; });
    return portion;
  }

 private:
  void Work(Worker* worker, FunctionErrors* errors) {
    const FunctionErrorScope scope(errors);
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [this] { return stop_ || !todo_.empty(); });
      if (stop_) return;
      Portion* const portion = todo_.front();
      todo_.pop_front();
      lock.unlock();
      core_->Evaluate(worker, portion);
      lock.lock();
      portion->done = true;
      done_.notify_one();
    }
  }

  EngineCore* core_;
  std::deque<std::unique_ptr<Portion>> under_way_;  // in order
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::deque<Portion*> todo_;  // guarded by mutex_
  bool stop_ = false;          // guarded by mutex_
  std::vector<std::thread> threads_;
};

EngineCore::EngineCore(std::shared_ptr<const Program> program, EngineOptions options)
    : options_(std::move(options)), engine_(std::move(program)) {
  options_.processing.evaluation =
      WithSets(options_.processing.evaluation, options_.indicators.get());
  NewProcessor();
}

EngineCore::~EngineCore() = default;

void EngineCore::NewProcessor() {
  processor_ = engine_.NewProcessor(&collector_, options_.processing);
}

EngineCore::Worker& EngineCore::WorkerAt(size_t i) {
  while (workers_.size() <= i) {
    workers_.push_back(std::make_unique<Worker>(options_.processing.evaluation));
  }
  return *workers_[i];
}

void EngineCore::Evaluate(Worker* worker, Portion* portion) const {
  try {
    BlockReaders* const readers = worker->ReadersFor(portion->batch.program());
    portion->block->Read(readers, &portion->report, [&](const Event& event) {
      EventView view = event.view();
      if (options_.log_source) view.set_log_source(&*options_.log_source);
      if (portion->number_events) {
        view.set_ref({event.ref().source, EventTag(portion->number, portion->lines.size())});
        portion->lines.push_back(event.ref().line);
      }
      worker->evaluator.Evaluate(view, &portion->batch);
    });
  } catch (...) {
    portion->error = std::current_exception();
  }
}

absl::Status EngineCore::Take(Portion* portion, Detections* found) {
  if (portion->error) std::rethrow_exception(portion->error);
  found->report.Add(portion->report);
  if (portion->number_events) {
    found->portions.push_back(found->events);
    found->lines.insert(found->lines.end(), portion->lines.begin(), portion->lines.end());
  }
  for (size_t i = 0; i < portion->batch.size(); ++i) {
    collector_.NextEvent();
    if (absl::Status s = processor_->Process(portion->batch, i); !s.ok()) return s;
  }
  portion->batch.Clear(engine_.program());
  portion->report = ReadReport();
  portion->lines.clear();
  portion->done = false;
  return absl::OkStatus();
}

absl::Status EngineCore::PushAlone(BlockSource* source, Detections* found) {
  Worker* const worker = &WorkerAt(0);
  Portion portion(engine_.program());
  portion.number_events = found->number_events;
  while (true) {
    portion.number = found->portions.size();
    absl::StatusOr<std::unique_ptr<Block>> block = source->Next();
    if (!block.ok()) return block.status();
    if (*block == nullptr) return absl::OkStatus();
    portion.block = *std::move(block);
    Evaluate(worker, &portion);
    if (absl::Status s = Take(&portion, found); !s.ok()) return s;
  }
}

absl::Status EngineCore::PushThreads(BlockSource* source, FunctionErrors* errors,
                                     Detections* found) {
  Pool pool(this, errors);
  std::vector<std::unique_ptr<Portion>> spare;
  uint64_t number = found->portions.size();
  const auto take_first = [&]() -> absl::Status {
    std::unique_ptr<Portion> portion = pool.TakeFirst();
    if (absl::Status s = Take(portion.get(), found); !s.ok()) return s;
    spare.push_back(std::move(portion));
    return absl::OkStatus();
  };
  absl::Status status = absl::OkStatus();
  while (status.ok()) {
    if (pool.full()) status = take_first();
    if (!status.ok()) break;
    absl::StatusOr<std::unique_ptr<Block>> block = source->Next();
    status = block.status();
    if (!status.ok() || *block == nullptr) break;
    std::unique_ptr<Portion> portion;
    if (spare.empty()) {
      portion = std::make_unique<Portion>(engine_.program());
      portion->number_events = found->number_events;
    } else {
      portion = std::move(spare.back());
      spare.pop_back();
    }
    portion->block = *std::move(block);
    portion->number = number++;
    pool.Add(std::move(portion));
  }
  while (!pool.empty()) {
    const absl::Status taken = take_first();
    if (status.ok()) status = taken;
  }
  return status;
}

absl::Status EngineCore::Push(BlockSource* source, FunctionErrors* errors, Detections* found) {
  const FunctionErrorScope scope(errors);
  const uint64_t undecided = stats().evaluation.events_undecided;
  const Collecting collecting(&collector_, found);
  const absl::Status status =
      options_.threads > 1 ? PushThreads(source, errors, found) : PushAlone(source, found);
  found->report.Add(source->report());
  found->undecided_events += stats().evaluation.events_undecided - undecided;
  return status;
}

absl::Status EngineCore::Advance(EventTime watermark, FunctionErrors* errors, Detections* found) {
  const FunctionErrorScope scope(errors);
  const Collecting collecting(&collector_, found);
  return processor_->AdvanceWatermark(watermark);
}

absl::Status EngineCore::Finish(FunctionErrors* errors, Detections* found) {
  const FunctionErrorScope scope(errors);
  const Collecting collecting(&collector_, found);
  const absl::Status status = processor_->Flush();
  NewProcessor();
  return status;
}

ProcessorStats EngineCore::stats() const {
  ProcessorStats stats = processor_->stats();
  for (const auto& worker : workers_) stats.evaluation += worker->evaluator.stats();
  return stats;
}

std::shared_ptr<ArrowTable> EngineCore::Known(std::shared_ptr<ArrowTable> table) {
  for (const auto& known : tables_) {
    if (known->signature() == table->signature()) return known;
  }
  if (tables_.size() >= kMaxTables) tables_.erase(tables_.begin());
  tables_.push_back(table);
  return table;
}

}  // namespace vedette::python
