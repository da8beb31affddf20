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
  int64_t event_index = -1;  // of the event among those of the run; -1 for several events
};

// Filled on one thread; then immutable, thread-safe to read.
struct Detections {
  std::vector<Found> found;
  size_t max_found = 1'000'000;
  uint64_t dropped = 0;  // beyond that
  ReadReport report;
  bool keep_lines = false;
  std::vector<uint64_t> lines;  // EventRef::line of every event, if asked for
  uint64_t undecided_events = 0;
  uint64_t function_errors = 0;
};

// Collects what one call finds. Thread-compatible.
class DetectionCollector final : public DetectionSink {
 public:
  void Begin(Detections* detections) {
    detections_ = detections;
    event_index_ = -1;
  }
  void NextEvent() { ++event_index_; }
  void End() { detections_ = nullptr; }
  absl::Status OnDetection(const Detection& detection) override;

 private:
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
