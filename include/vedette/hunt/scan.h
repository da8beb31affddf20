// Looking at stored events themselves, rather than at what rules say of them.
#ifndef VEDETTE_HUNT_SCAN_H_
#define VEDETTE_HUNT_SCAN_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/event.h"
#include "vedette/hunt/job.h"
#include "vedette/hunt/segment.h"

namespace vedette::inline v0 {

struct ScanOptions {
  EventTime from = kNoEventTime;  // events in [from, to); with either, none without a time
  EventTime to = kEndOfTime;
  std::vector<std::string> sources;  // none: all
  // Only these events, ascending; null: all. Must outlive the scan.
  const std::vector<HuntPlace>* places = nullptr;
};

struct ScanResult {
  uint64_t events = 0;  // visited
  uint64_t blocks_read = 0;
  uint64_t blocks_skipped = 0;
  uint64_t events_lost = 0;
  std::vector<HuntLoss> losses;  // the first kMaxHuntLosses
};

// Calls `visit` for each wanted event, segment after segment, each in its order; false from it ends
// the scan. Damaged blocks are counted. A status is that of a segment that cannot be read.
absl::StatusOr<ScanResult> ScanEvents(
    std::span<const SegmentReader* const> segments, const ScanOptions& options,
    const std::function<bool(const EventView& event, const HuntPlace& place)>& visit);

// By segment, block and event.
bool operator<(const HuntPlace& a, const HuntPlace& b);
bool operator==(const HuntPlace& a, const HuntPlace& b);

}  // namespace vedette::inline v0

#endif  // VEDETTE_HUNT_SCAN_H_
