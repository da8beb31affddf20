// Reading and evaluating one block: what may happen on any thread.
#ifndef VEDETTE_LIB_HUNT_BLOCK_LOAD_H_
#define VEDETTE_LIB_HUNT_BLOCK_LOAD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "lib/base/strings.h"
#include "vedette/batch.h"
#include "vedette/hunt/job.h"

namespace vedette::inline v0 {

inline constexpr uint32_t kLeftOut = UINT32_MAX;

// What the merge needs of an event after it was evaluated.
struct LoadedEvent {
  EventTime time = kNoEventTime;
  uint32_t in_batch = kLeftOut;  // place in the batch
  uint32_t observable = 0;       // the first it has, if the hunt is for some
  uint64_t line = 0;
  std::string_view source;
};

struct LoadedBlock {
  explicit LoadedBlock(std::shared_ptr<const Program> program) : batch(std::move(program)) {}

  absl::Status status;  // then there are no events
  std::vector<LoadedEvent> events;
  Batch batch;  // without events if there is no program
};

// What does not change while a job runs.
struct HuntPlan {
  HuntOptions options;
  std::vector<const SegmentReader*> segments;
  absl::flat_hash_set<std::string, StringHash, StringEq> sources;
  absl::flat_hash_map<std::string, uint32_t, StringHash, StringEq> observables;  // and place
  std::vector<std::string> observable_names;                                     // by place
  std::vector<uint64_t> hashes;                                                  // of observables
  std::shared_ptr<const Program> program;  // never null: without rules if there are none
  bool stateful = false;
  bool ranged = false;

  bool WantsSource(std::string_view name) const {
    return sources.empty() || sources.contains(name);
  }
};

struct HuntWorker::Impl {
  explicit Impl(std::shared_ptr<const HuntPlan> p)
      : plan(std::move(p)), evaluator(plan->options.processing.evaluation) {}

  std::unique_ptr<LoadedBlock> Load(size_t segment, size_t block);

  std::shared_ptr<const HuntPlan> plan;
  BatchEvaluator evaluator;
  // Of the segments read last; readers learn the forms of a segment's events.
  std::vector<std::pair<size_t, std::unique_ptr<BlockReader>>> readers;
  ValueArena arena;

 private:
  BlockReader* ReaderOf(size_t segment);
  std::optional<uint32_t> ObservableOf(const Event& event);
};

struct HuntTask::Impl {
  size_t segment = 0;
  size_t block = 0;
  std::unique_ptr<LoadedBlock> loaded;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_HUNT_BLOCK_LOAD_H_
