// Stored events for tests of hunts.
#ifndef VEDETTE_TESTS_SUPPORT_HUNT_FIXTURE_H_
#define VEDETTE_TESTS_SUPPORT_HUNT_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/compiler.h"
#include "vedette/detection.h"
#include "vedette/engine.h"
#include "vedette/hunt/job.h"
#include "vedette/hunt/segment.h"
#include "vedette/io/segment.h"
#include "vedette/sink.h"

namespace vedette::testing {

struct StoredEvent {
  std::string json;
  EventTime time = kNoEventTime;  // kNoEventTime: as the JSON says
  std::string source = "stream";
  uint64_t line = 0;
};

// The bytes of a segment file with these events.
std::string SegmentOf(const std::vector<StoredEvent>& events, SegmentWriterOptions options = {});
// The bytes need not outlive the call.
absl::StatusOr<std::unique_ptr<SegmentReader>> OpenBytes(std::string name, std::string bytes);

// Segments in memory, as jobs want them.
struct TestSegments {
  std::vector<std::unique_ptr<SegmentReader>> owned;
  std::vector<const SegmentReader*> list;

  void Add(const std::vector<StoredEvent>& events, SegmentWriterOptions options = {});
};

// Rules of the Vedette language; null if they do not compile.
std::shared_ptr<const Program> VedetteProgram(std::string_view rules);

// All detections of a processor that sees the events as they are listed, as JSON lines.
std::vector<std::string> LiveDetections(const std::shared_ptr<const Program>& program,
                                        const std::vector<StoredEvent>& events,
                                        const ProcessorOptions& options = {});

// What a hunt finds, without the mark that it was a hunt; "" for a hit without detection.
class HitList : public HuntSink {
 public:
  absl::Status OnHit(const HuntHit& hit) override;
  std::vector<std::string> json;
  std::vector<Detection> detections;
  std::vector<std::optional<HuntPlace>> places;
  absl::Status fails;
};

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_HUNT_FIXTURE_H_
