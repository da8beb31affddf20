// The host's ends of the pipe: where events come from and where detections go.
#ifndef VEDETTE_SINK_H_
#define VEDETTE_SINK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/detection.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// Receives detections on the thread that processes the event. Must not call back into the
// processor. A non-ok status stops Process, which returns it.
class DetectionSink {
 public:
  virtual ~DetectionSink() = default;
  virtual absl::Status OnDetection(const Detection& detection) = 0;
  // After the last event of a stream.
  virtual absl::Status Flush() { return absl::OkStatus(); }
};

// What a reader could not turn into events; nothing is dropped silently.
struct ReadStats {
  uint64_t events = 0;
  uint64_t bytes = 0;
  uint64_t broken = 0;      // records that are no valid event
  uint64_t oversized = 0;   // records beyond the reader's limits
  uint64_t blank = 0;       // lines without a record
  uint64_t incomplete = 0;  // events of which a part was damaged or is missing
  uint64_t damaged = 0;  // blocks with a wrong checksum or end; their records count by themselves
};

// Yields events one by one. Thread-compatible.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // Fills `event`; false at the end. Broken records are skipped and counted; a status means that
  // nothing further can be read (e.g. DataLoss for a damaged compressed stream).
  virtual absl::StatusOr<bool> Next(Event* event) = 0;
  virtual const ReadStats& stats() const = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_SINK_H_
