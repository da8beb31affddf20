// The state of a hunt.
#ifndef VEDETTE_LIB_HUNT_JOB_IMPL_H_
#define VEDETTE_LIB_HUNT_JOB_IMPL_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/hunt/block_load.h"
#include "vedette/hunt/job.h"

namespace vedette::inline v0 {

// How far a segment was read.
struct SegmentCursor {
  size_t block = 0;  // the current one, or the next if none is loaded
  size_t event = 0;  // the next event of it
  // The latest time so far. Merging by it is the same as taking the earliest of the next events
  // again and again, and it does not change if blocks are skipped, whose times are known.
  EventTime reached = kNoEventTime;
  std::unique_ptr<LoadedBlock> loaded;
  std::vector<EventTime> rest_min;  // by block: the earliest time from it on; kEndOfTime: none
  EventTime first = kNoEventTime;  // no event of the segment is to be taken before one of this time
  bool active = false;             // takes part in the merge
  bool counted = false;            // the current block was read before the job was resumed

  size_t blocks() const { return rest_min.size() - 1; }
  bool done() const { return loaded == nullptr && block >= blocks(); }
};

struct HuntJob::Impl : public DetectionSink {
  Impl(std::shared_ptr<const HuntPlan> p, HuntSink* s);

  absl::Status OnDetection(const Detection& detection) override;

  // One step: loads, skips or loses a block, or takes events until a block is needed.
  absl::Status Step();
  absl::Status NeedBlock(size_t segment);
  absl::StatusOr<bool> MaySkip(size_t segment, size_t block) const;
  bool NothingLeft() const;
  absl::Status TakeEvents(size_t segment);
  absl::Status TakeEvent(size_t segment, SegmentCursor* cursor, const LoadedEvent& event);
  absl::Status Finish();
  void Activate();
  // The segment whose next event is the next of all; SIZE_MAX: none has one.
  size_t Earliest() const;
  // Key of the next event of a segment with a loaded block.
  EventTime KeyOf(const SegmentCursor& cursor) const;
  void Lose(size_t segment, size_t block, std::string reason);
  absl::Status Hit(HuntHit* hit);

  uint64_t OptionsHash() const;
  absl::Status Load(std::string_view token);

  std::shared_ptr<const HuntPlan> plan;
  HuntSink* sink;
  Engine engine;
  std::unique_ptr<Processor> processor;
  HuntWorker worker;
  std::vector<SegmentCursor> cursors;
  std::map<std::pair<size_t, size_t>, std::unique_ptr<LoadedBlock>> ready;  // by tasks
  std::set<std::pair<size_t, size_t>> given;                                // to tasks
  uint64_t max_events = 0;
  uint64_t max_cost = 0;
  uint64_t looked_at = 0;  // blocks, in this poll
  HuntProgress progress;
  const LoadedEvent* current = nullptr;  // whose detections come
  HuntPlace place;                       // of it
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_HUNT_JOB_IMPL_H_
