// Blocks that other threads may read ahead.
#include <algorithm>
#include <utility>

#include "lib/hunt/job_impl.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxAhead = 64;

}  // namespace

std::vector<HuntTask> HuntJob::TakeTasks(size_t count) {
  Impl& impl = *impl_;
  std::vector<HuntTask> tasks;
  if (impl.progress.state != HuntState::kRunning) return tasks;
  const std::vector<SegmentCursor>& cursors = impl.cursors;
  std::vector<size_t> next(cursors.size());
  for (size_t i = 0; i < cursors.size(); ++i) {
    next[i] = cursors[i].block + (cursors[i].loaded != nullptr ? 1 : 0);
  }
  const bool listed = impl.plan->options.order == HuntOrder::kAsListed;
  while (tasks.size() < count && impl.ready.size() + impl.given.size() < kMaxAhead) {
    size_t best = SIZE_MAX;
    EventTime best_time = kEndOfTime;
    for (size_t i = 0; i < cursors.size(); ++i) {
      if (next[i] >= cursors[i].blocks()) continue;
      const EventTime t = impl.plan->segments[i]->info().blocks[next[i]].min_time;
      if (best == SIZE_MAX || (!listed && t < best_time)) {
        best = i;
        best_time = t;
      }
    }
    if (best == SIZE_MAX) break;
    const std::pair<size_t, size_t> place(best, next[best]++);
    if (impl.ready.contains(place) || impl.given.contains(place)) continue;
    const absl::StatusOr<bool> skip = impl.MaySkip(place.first, place.second);
    if (!skip.ok()) break;  // Poll meets it, too
    if (*skip) continue;
    auto task = std::make_unique<HuntTask::Impl>();
    task->segment = place.first;
    task->block = place.second;
    impl.given.insert(place);
    tasks.push_back(HuntTask(std::move(task)));
  }
  return tasks;
}

void HuntJob::GiveBack(HuntTask task) {
  Impl& impl = *impl_;
  const std::pair<size_t, size_t> place(task.impl_->segment, task.impl_->block);
  impl.given.erase(place);
  if (task.impl_->loaded == nullptr || place.first >= impl.cursors.size()) return;
  const SegmentCursor& cursor = impl.cursors[place.first];
  // Poll may have done without it.
  if (place.second < cursor.block || (place.second == cursor.block && cursor.loaded != nullptr)) {
    return;
  }
  // What could not be read now is tried again by Poll, which says so.
  if (!task.impl_->loaded->status.ok() && !absl::IsDataLoss(task.impl_->loaded->status)) return;
  impl.ready[place] = std::move(task.impl_->loaded);
}

}  // namespace vedette::inline v0
