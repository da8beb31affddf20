// The records of one window, oldest first.
#ifndef VEDETTE_LIB_CORRELATE_WINDOW_RECORDS_H_
#define VEDETTE_LIB_CORRELATE_WINDOW_RECORDS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lib/base/state_limits.h"
#include "lib/correlate/aggregate.h"
#include "lib/correlate/record.h"
#include "lib/correlate/ring.h"
#include "lib/correlate/snapshot_io.h"

namespace vedette::inline v0 {

// How far the windows of a rule hold whole records.
struct WindowLimits {
  // Beyond kOld + kNew records a window that only counts keeps the times of all, but whole only
  // the latest, and those that were oldest when they left the latest.
  WindowLimits(bool counts_only, size_t source_count, size_t max_evidence)
      : may_thin(counts_only),
        one_source(source_count == 1),
        sources(source_count),
        whole_old(static_cast<uint32_t>(std::clamp(max_evidence, kOld, kMost))),
        whole_new(static_cast<uint32_t>(std::clamp(max_evidence, kNew, kMost))) {}

  static constexpr size_t kOld = 48;
  static constexpr size_t kNew = 16;
  static constexpr size_t kMost = 1 << 20;
  bool may_thin;
  bool one_source;
  size_t sources;
  uint32_t whole_old;
  uint32_t whole_new;
};

class WindowRecords {
 public:
  uint32_t size() const { return thin_ != nullptr ? thin_->times.size() : whole_.size(); }
  bool empty() const { return size() == 0; }
  bool thin() const { return thin_ != nullptr; }
  EventTime first_time() const {
    return thin_ != nullptr ? thin_->times.front() : whole_.front()->time();
  }
  EventTime last_time() const {
    return thin_ != nullptr ? thin_->times.back() : whole_.back()->time();
  }

  void Add(const WindowLimits& limits, const RecordPtr& record);
  // Drops the oldest record, from `aggregates`, too (may be null).
  void PopFront(const WindowLimits& limits, AggregateSet* aggregates);
  void Clear();
  // Adds all to an empty set, as far as they are known.
  void FillSet(const WindowLimits& limits, AggregateSet* set) const;
  // The first and the last half of `most` of the records that are whole, or all of them.
  void CopyEvidence(size_t most, std::vector<RecordPtr>* out) const;
  size_t heap_bytes() const;

  void Save(const WindowLimits& limits, SnapshotWriter* out) const;
  // Into an empty window; the reader tells whether it went well.
  void Load(const WindowLimits& limits, SnapshotReader* in);

 private:
  struct Held {
    uint64_t number = 0;
    RecordPtr record;
  };
  struct Thin {
    Ring<EventTime> times;
    Ring<uint32_t> sources;  // if the rule has several
    Ring<Held> oldest;
    Ring<RecordPtr> latest;
    uint64_t first = 0;  // number of the first record of the window
  };
  void AddThin(const WindowLimits& limits, const RecordPtr& record);
  void LoadThin(const WindowLimits& limits, SnapshotReader* in);

  Ring<RecordPtr> whole_;
  std::unique_ptr<Thin> thin_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_WINDOW_RECORDS_H_
