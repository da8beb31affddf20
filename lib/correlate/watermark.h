// From the times of events to the watermark of a processor.
#ifndef VEDETTE_LIB_CORRELATE_WATERMARK_H_
#define VEDETTE_LIB_CORRELATE_WATERMARK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/correlate/snapshot_io.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

struct WatermarkOptions {
  int64_t allowed_lateness_ns = 0;
  int64_t idle_timeout_ns = 0;     // 0: no stream is ever idle
  int64_t max_future_skew_ns = 0;  // 0: any time is believed
};

struct WatermarkStats {
  uint64_t future_events = 0;  // did not move time
  uint64_t pooled_events = 0;  // of streams beyond the limit, which share one place
  size_t streams = 0;
};

// Each stream's newest time less the allowed lateness, the least over all streams that are not
// idle. A time that is further ahead than the skew allows moves nothing, until eight events of the
// stream in a row are that far ahead: then time really has moved on. Never goes back.
// Allocates only for a stream that it sees first. Thread-compatible.
class WatermarkTracker {
 public:
  explicit WatermarkTracker(WatermarkOptions options) : options_(options) {}

  // The watermark after an event of the stream; kNoEventTime before the first.
  EventTime Observe(std::string_view stream, EventTime t);
  EventTime watermark() const { return watermark_; }
  WatermarkStats stats() const;

  void Save(SnapshotWriter* out) const;
  void Load(SnapshotReader* in);

 private:
  static constexpr size_t kMaxStreams = 4096;
  static constexpr uint32_t kGapEvents = 8;

  struct Stream {
    std::string name;
    EventTime newest = kNoEventTime;
    uint32_t ahead = 0;  // events in a row beyond the skew
  };
  Stream* Find(std::string_view name);
  // The least time of the streams that are not idle.
  EventTime Least() const;

  WatermarkOptions options_;
  std::vector<Stream> streams_;
  absl::flat_hash_map<std::string, size_t> index_;
  size_t last_ = 0;                  // the stream of the last event
  EventTime newest_ = kNoEventTime;  // of all streams
  EventTime watermark_ = kNoEventTime;
  uint64_t future_events_ = 0;
  uint64_t pooled_events_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_WATERMARK_H_
