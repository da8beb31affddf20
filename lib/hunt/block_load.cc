#include "lib/hunt/block_load.h"

#include <algorithm>
#include <utility>

#include "vedette/observable.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxReaders = 16;  // that a worker keeps

}  // namespace

BlockReader* HuntWorker::Impl::ReaderOf(size_t segment) {
  const auto it = std::find_if(readers.begin(), readers.end(),
                               [segment](const auto& r) { return r.first == segment; });
  if (it != readers.end()) {
    std::rotate(readers.begin(), it, it + 1);
    return readers.front().second.get();
  }
  if (readers.size() >= kMaxReaders) readers.pop_back();
  BlockReadOptions options;
  // Observables may stand in any field.
  if (plan->observables.empty()) options.only_fields_of = plan->program.get();
  readers.emplace(readers.begin(), segment, plan->segments[segment]->NewBlockReader(options));
  return readers.front().second.get();
}

std::optional<uint32_t> HuntWorker::Impl::ObservableOf(const Event& event) {
  std::optional<uint32_t> first;
  arena.Reset();
  ForEachObservable(event.view(), &arena, [&](std::string_view text) {
    const auto it = plan->observables.find(text);
    if (it != plan->observables.end()) first = std::min(first.value_or(it->second), it->second);
  });
  return first;
}

std::unique_ptr<LoadedBlock> HuntWorker::Impl::Load(size_t segment, size_t block) {
  auto loaded = std::make_unique<LoadedBlock>(plan->program);
  loaded->events.reserve(plan->segments[segment]->info().blocks[block].events);
  uint32_t in_batch = 0;
  const bool evaluate = plan->options.program != nullptr;
  loaded->status = ReaderOf(segment)->Read(block, [&](const Event& event) {
    LoadedEvent e;
    e.time = event.time();
    e.source = event.ref().source;
    e.line = event.ref().line;
    bool wanted = plan->WantsSource(e.source);
    if (wanted && !plan->observables.empty()) {
      const std::optional<uint32_t> found = ObservableOf(event);
      wanted = found.has_value();
      e.observable = found.value_or(0);
    }
    if (wanted) {
      if (evaluate) evaluator.Evaluate(event.view(), &loaded->batch);
      e.in_batch = in_batch++;
    }
    loaded->events.push_back(e);
    return absl::OkStatus();
  });
  if (!loaded->status.ok()) {
    loaded->events.clear();
    loaded->batch.Clear(plan->program);
  }
  return loaded;
}

HuntWorker::HuntWorker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HuntWorker::~HuntWorker() = default;
HuntWorker::HuntWorker(HuntWorker&&) noexcept = default;
HuntWorker& HuntWorker::operator=(HuntWorker&&) noexcept = default;

HuntTask::HuntTask(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HuntTask::~HuntTask() = default;
HuntTask::HuntTask(HuntTask&&) noexcept = default;
HuntTask& HuntTask::operator=(HuntTask&&) noexcept = default;

void HuntTask::Run(HuntWorker* worker) {
  impl_->loaded = worker->impl_->Load(impl_->segment, impl_->block);
}

}  // namespace vedette::inline v0
