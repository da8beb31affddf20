// What a run found, as Python and Arrow see it.
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_DETECTIONS_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_DETECTIONS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bindings/python/src/arrow_abi.h"
#include "bindings/python/src/blocks.h"
#include "vedette/sink.h"

namespace vedette::python {

struct Found {
  Detection detection;
  int64_t event_index = -1;      // of the event among those of the run; -1 for several events
  std::vector<uint64_t> events;  // indexes of all it is about, if Detections::number_events
};

// Filled on one thread; then immutable, thread-safe to read.
struct Detections {
  std::vector<Found> found;
  size_t max_found = 1'000'000;
  uint64_t dropped = 0;  // beyond that
  ReadReport report;
  uint64_t events = 0;  // so far, of all pushes
  // Whether detections tell all their events by index: then EventRef::line is an EventTag on the
  // way, as lines are not unique (tables, arrays of JSON).
  bool number_events = false;
  std::vector<uint64_t> lines;     // of every event
  std::vector<uint64_t> portions;  // the index of the first event of each
  uint64_t undecided_events = 0;
  uint64_t function_errors = 0;
};

// The `event`-th event of a portion, for Detections::number_events.
constexpr uint64_t EventTag(uint64_t portion, uint64_t event) { return portion << 32 | event; }

// Collects what one call finds. Thread-compatible.
class DetectionCollector final : public DetectionSink {
 public:
  void Begin(Detections* detections) {
    detections_ = detections;
    event_index_ = -1;
  }
  // What comes now is about the next event.
  void NextEvent() { event_index_ = static_cast<int64_t>(detections_->events++); }
  void End() { detections_ = nullptr; }
  absl::Status OnDetection(const Detection& detection) override;

 private:
  // Puts lines in the place of tags.
  void NumberEvents(Found* found) const;

  Detections* detections_ = nullptr;
  int64_t event_index_ = -1;
};

// What was matched and what was computed, as JSON.
std::string MatchedJson(const Detection& detection);
std::string PairsJson(const std::vector<std::pair<std::string, std::string>>& pairs);
// The first and the last time of a detection's events.
EventTime FirstTime(const Detection& detection);
EventTime LastTime(const Detection& detection);

// A stream of the detections as a table; it and all that it gives keep them alive.
void ExportDetections(std::shared_ptr<const Detections> detections, ArrowArrayStream* stream);

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_DETECTIONS_H_
