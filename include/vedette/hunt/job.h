// Rules over stored events: the same detections as when the events came.
#ifndef VEDETTE_HUNT_JOB_H_
#define VEDETTE_HUNT_JOB_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/detection.h"
#include "vedette/engine.h"
#include "vedette/hunt/segment.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

// In which order events of several segments are taken. Each segment keeps its own order.
enum class HuntOrder : uint8_t {
  kByTime,    // as one merges files: the earliest of the next events of all segments
  kAsListed,  // one segment after the other
};

struct HuntOptions {
  // Rules; null with `observables`: each event that has one is a hit.
  std::shared_ptr<const Program> program;
  // As of the processor that would have seen the events when they came. `host_watermarks` and
  // `records` cannot be had.
  ProcessorOptions processing;
  HuntOrder order = HuntOrder::kByTime;
  // Detections with a time in [from, to) are hits; kNoEventTime and kEndOfTime: all of them are.
  EventTime from = kNoEventTime;
  EventTime to = kEndOfTime;
  // Rules that keep state need what happened before `from`. Nothing: they get all of it, and the
  // hits are exact. Else only blocks that reach so far before `from`, in nanoseconds, are read, and
  // HuntProgress::exact says no if that left any out.
  std::optional<int64_t> warm_up_ns;
  std::vector<std::string> sources;      // only events of these (SegmentInfo::sources); none: all
  std::vector<std::string> observables;  // only events that have one of these; none: all
  // The job pauses when it has looked at so many events, or the host has added so much cost; 0: no
  // limit. Cost is what the host measures: milliseconds, money.
  uint64_t max_events = 0;
  uint64_t max_cost = 0;
};

// Where a stored event is. Value type.
struct HuntPlace {
  size_t segment = 0;  // in the list that the job was given
  size_t block = 0;
  uint64_t index = 0;  // in the block
};

// Something that was found. Borrowed during the call.
struct HuntHit {
  // Null in a hunt for observables without rules.
  const Detection* detection = nullptr;
  EventTime time = kNoEventTime;
  // The event; nothing for rules over several events.
  std::optional<HuntPlace> place;
  std::string_view source;
  uint64_t line = 0;
  std::string_view observable;  // the first that the event has, if the hunt is for some
};

// Receives hits in the order in which live detections would have come. Called on the job's thread;
// must not call back. A status that is not ok ends the job.
class HuntSink {
 public:
  virtual ~HuntSink() = default;
  virtual absl::Status OnHit(const HuntHit& hit) = 0;
};

// One JSON object on one line: that of the detection (DetectionToJson) with "origin":"hunt" before
// it, or of the event that has the observable.
std::string HuntHitToJson(const HuntHit& hit);

enum class HuntState : uint8_t {
  kRunning,
  kOutOfBudget,  // goes on after RaiseBudget
  kCancelled,
  kDone,
  kFailed,  // the sink's error
};
std::string_view HuntStateName(HuntState state);  // "running", "out_of_budget", ...

inline constexpr size_t kMaxHuntLosses = 1000;  // that are named; all are counted

// A block whose events are lost.
struct HuntLoss {
  size_t segment = 0;
  size_t block = 0;
  std::string reason;
};

// Value type. Blocks: total = read + skipped + lost + those to come.
struct HuntProgress {
  HuntState state = HuntState::kRunning;
  uint64_t blocks_total = 0;
  uint64_t blocks_read = 0;
  uint64_t blocks_skipped = 0;  // could not change the hits
  uint64_t blocks_lost = 0;     // damaged
  uint64_t events_total = 0;
  uint64_t events_scanned = 0;   // of blocks that were read
  uint64_t events_left_out = 0;  // of them: of other sources, or without an observable
  uint64_t events_lost = 0;
  uint64_t bytes_read = 0;
  uint64_t hits = 0;
  uint64_t cost = 0;                 // as the host said
  bool exact = true;                 // false: damage or `warm_up_ns` may have changed the hits
  EventTime reached = kNoEventTime;  // the latest time of an event that was looked at
  std::vector<HuntLoss> losses;      // the first kMaxHuntLosses
};

class HuntJob;
struct LoadedBlock;  // lib/hunt/block_load.h

// Reads and evaluates blocks for a job; one per thread (thread-compatible). Must not outlive the
// job.
class HuntWorker {
 public:
  ~HuntWorker();
  HuntWorker(HuntWorker&&) noexcept;
  HuntWorker& operator=(HuntWorker&&) noexcept;

 private:
  friend class HuntJob;
  friend class HuntTask;
  struct Impl;
  explicit HuntWorker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A block that a job will need soon; any thread may do the work.
class HuntTask {
 public:
  ~HuntTask();
  HuntTask(HuntTask&&) noexcept;
  HuntTask& operator=(HuntTask&&) noexcept;
  // Thread-safe with respect to the job and other tasks, but not to `worker`.
  void Run(HuntWorker* worker);

 private:
  friend class HuntJob;
  struct Impl;
  explicit HuntTask(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// One hunt: it has a correlator of its own and touches no live state. The host pulls: nothing
// happens between its calls. Belongs to one thread at a time (thread-compatible); reads no clock,
// starts no thread. The same segments and options give the same hits in the same order, however the
// work is cut into polls, by whichever threads tasks are done, and whether it was resumed.
class HuntJob {
 public:
  // InvalidArgument for options that make no sense. The segments and the sink must outlive the job.
  static absl::StatusOr<std::unique_ptr<HuntJob>> Start(HuntOptions options,
                                                        std::vector<const SegmentReader*> segments,
                                                        HuntSink* sink);
  // Goes on where a job of the same program, options and segments was when it gave `token`: hits
  // from there on go to the sink. DataLoss for bytes that are no token or damaged, Unimplemented
  // for another form, FailedPrecondition with what differs if it is of another hunt. Budgets may
  // differ; what was used up counts on.
  static absl::StatusOr<std::unique_ptr<HuntJob>> Resume(HuntOptions options,
                                                         std::vector<const SegmentReader*> segments,
                                                         HuntSink* sink, std::string_view token);
  ~HuntJob();

  // Looks at up to `max_blocks` further blocks, skipped ones included; at least one. The sink's
  // error ends the job; another error is that of a segment which cannot be read now, and Poll may
  // be called again.
  absl::StatusOr<HuntProgress> Poll(size_t max_blocks);
  const HuntProgress& progress() const;
  void Cancel();
  void AddCost(uint64_t cost);
  void RaiseBudget(uint64_t max_events, uint64_t max_cost);

  // Up to `count` blocks that will be needed next and that nobody was given yet; each is to be
  // given back, done or not. Optional: Poll does what was not done. At most 64 are out or wait.
  std::vector<HuntTask> TakeTasks(size_t count);
  HuntWorker NewWorker() const;
  void GiveBack(HuntTask task);

  // The whole state between two polls, to go on later or elsewhere. FailedPrecondition once the job
  // has failed.
  absl::StatusOr<std::string> Token() const;

 private:
  struct Impl;
  explicit HuntJob(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Whether some rule of the program remembers events: one over several events, or one that
// suppresses. Then no block within or before the range can be left out.
bool KeepsState(const Program& program);

}  // namespace vedette::inline v0

#endif  // VEDETTE_HUNT_JOB_H_
