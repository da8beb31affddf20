// Stored events as hunts read them: segments of blocks. The host supplies the readers; that of
// segment files is in vedette/io/segment.h.
#ifndef VEDETTE_HUNT_SEGMENT_H_
#define VEDETTE_HUNT_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/event.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

// What a block has of one source. Value type.
struct BlockSource {
  uint32_t source = 0;  // place in SegmentInfo::sources
  uint64_t events = 0;
  EventTime min_time = kNoEventTime;  // of those with a time; kNoEventTime: there is none
  EventTime max_time = kNoEventTime;
};

// Events that were stored together; read as a whole. Value type.
struct BlockInfo {
  uint64_t events = 0;
  uint64_t untimed = 0;               // of them, without a time
  EventTime min_time = kNoEventTime;  // of the others
  EventTime max_time = kNoEventTime;
  uint64_t bytes = 0;  // that are read for it
  std::vector<BlockSource> sources;
};

// Value type.
struct SegmentInfo {
  std::string name;                  // for people: the file
  uint64_t identity = 0;             // of its contents: another one if anything in it differs
  std::vector<std::string> sources;  // files or streams, EventRef::source of its events
  std::vector<BlockInfo> blocks;     // in the order in which the events came
  uint64_t events = 0;
  uint64_t bytes = 0;
  EventTime min_time = kNoEventTime;
  EventTime max_time = kNoEventTime;
};

struct BlockReadOptions {
  // Keep of each event only what this program reads (JsonOptions::only_fields_of); null: all of it.
  // Must outlive the reader.
  const Program* only_fields_of = nullptr;
};

// Gets each event of a block in order, borrowed during the call. A status ends the reading.
using BlockVisitor = std::function<absl::Status(const Event& event)>;

// Reads blocks of one segment, one after the other. Thread-compatible: one per thread.
class BlockReader {
 public:
  virtual ~BlockReader() = default;
  // DataLoss if the block is damaged: its events count as lost. Another code if it cannot be read
  // now; it may be asked for again. Names of sources must live as long as the segment's reader.
  virtual absl::Status Read(size_t block, const BlockVisitor& visit) = 0;
};

// Thread-safe: asked by several threads. Must outlive the jobs that read it.
class SegmentReader {
 public:
  virtual ~SegmentReader() = default;
  virtual const SegmentInfo& info() const = 0;
  // The reader must outlive what it gives.
  virtual std::unique_ptr<BlockReader> NewBlockReader(const BlockReadOptions& options) const = 0;
  // False only if no event of the block has one of the observables (HashObservable of each).
  virtual absl::StatusOr<bool> MayHold(size_t block,
                                       std::span<const uint64_t> observables) const = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_HUNT_SEGMENT_H_
