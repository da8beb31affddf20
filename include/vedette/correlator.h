// Rules over several events: records in, detections out, by event time.
#ifndef VEDETTE_CORRELATOR_H_
#define VEDETTE_CORRELATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/indicator_set.h"
#include "vedette/match_record.h"
#include "vedette/program.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

inline constexpr EventTime kEndOfTime = INT64_MAX;

class CorrelationRunner;  // lib/correlate/correlator_impl.h

// Receives what a correlator does not decide itself. Called on its thread; must not call back.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // A record that came below the watermark.
  virtual absl::Status OnLateRecord(const MatchRecord& /*record*/) { return absl::OkStatus(); }
  // A record for another partition, made by a detection of this one (rules on rules).
  virtual absl::Status OnForeignRecord(const MatchRecord& /*record*/) { return absl::OkStatus(); }
};

struct CorrelatorOptions {
  size_t max_state_bytes = size_t{256} << 20;
  enum class Overflow : uint8_t {
    kEvictOldest,  // forget keys of the rules that use most, least recently advanced first
    kReject,       // take no new keys
  };
  Overflow overflow = Overflow::kEvictOldest;
  // Decide each record when it comes, in order of arrival: lowest latency, and results depend on
  // the order of arrival. A record older than the last decided one is late.
  bool eager = false;
  size_t max_evidence_events = 16;
  // Of one kept text. A longer one is kept as its beginning and a hash of the whole.
  size_t max_value_bytes = 1024;
  // What `inSet` asks over the fields of a match; may be null, must outlive the correlator. A
  // processor's correlator asks the sets of its evaluator if it has none.
  const IndicatorSets* indicator_sets = nullptr;
  // This correlator is one of `partitions` (PartitionOf); records for others go to the sink.
  uint32_t partition = 0;
  uint32_t partitions = 1;
  RecordSink* records = nullptr;  // may be null; must outlive the correlator
};

// Counters of one correlation, since the correlator was made.
struct CorrelationStats {
  uint64_t records = 0;
  uint64_t detections = 0;  // emitted
  uint64_t suppressed = 0;
  uint64_t evicted_keys = 0;
  uint64_t refused_records = 0;  // of new keys, at the budget (kReject)
  uint64_t overflows = 0;        // forgotten within a key: candidates, values of a full set
  uint64_t keys = 0;             // now
  size_t bytes = 0;              // now
};

struct CorrelatorStats {
  uint64_t records = 0;
  uint64_t late_records = 0;
  uint64_t forced_records = 0;  // decided before the watermark, for want of memory
  uint64_t detections = 0;
  uint64_t suppressed = 0;
  uint64_t evicted_keys = 0;
  uint64_t pending_records = 0;  // waiting for the watermark now
  size_t bytes = 0;              // of all state now
  EventTime watermark = kNoEventTime;
};

// What became of the state in a snapshot.
struct RestoreReport {
  uint64_t keys = 0;
  std::vector<std::string> kept;     // names of the correlations whose state was taken over
  std::vector<std::string> dropped;  // in the snapshot, but changed or no longer there
  std::vector<std::string> fresh;    // in the program, but without state in the snapshot
};

// Runs the correlations of a program over records. Belongs to one thread at a time
// (thread-compatible); reads no clock. The same records, watermarks and program give the same
// detections in the same order, and the same snapshot.
class Correlator {
 public:
  // `sink` must outlive the correlator.
  Correlator(std::shared_ptr<const Program> program, DetectionSink* sink,
             CorrelatorOptions options = {});
  ~Correlator();
  Correlator(const Correlator&) = delete;
  Correlator& operator=(const Correlator&) = delete;

  // Takes a record; InvalidArgument if it does not fit the program, else the sink's first error.
  absl::Status Add(const MatchRecord& record);
  // No further record before `watermark` comes: decides what is older and fires timers. A lower
  // one than before is ignored. kEndOfTime ends the stream.
  absl::Status AdvanceWatermark(EventTime watermark);
  // For partitions that exchange records of rules on rules: decides one depth (1 ..
  // program.correlation_depth()) up to `watermark`. Every partition must have decided a depth,
  // and its foreign records must have been added, before any decides the next.
  absl::Status AdvanceDepth(uint32_t depth, EventTime watermark);

  // The whole state, between any two calls. Program::fingerprint of each correlation is in it.
  std::string Snapshot() const;
  // Replaces the state. Correlations of equal fingerprint keep theirs. DataLoss for bytes that are
  // no snapshot or damaged, Unimplemented for a newer format; the state is as before then.
  absl::StatusOr<RestoreReport> Restore(std::string_view snapshot);
  // Goes on with another program; unchanged correlations keep their state, waiting records too.
  RestoreReport SetProgram(std::shared_ptr<const Program> program);

  const Program& program() const;
  CorrelatorStats stats() const;
  CorrelationStats stats(size_t correlation) const;
  // For people: what is open for the most recent keys of a correlation, one line each, such as
  // `host="h1": 4 of 5 within 3m12s, since 2026-01-01T10:00:00Z, 1m48s left`. Only keys whose text
  // (`host="h1"`) has `key` in it.
  std::vector<std::string> DescribeState(size_t correlation, size_t max_keys,
                                         std::string_view key = {}) const;

 private:
  friend class CorrelationRunner;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Splits a snapshot into one per partition, or joins such parts again (any number of them, of one
// program and one watermark each): split(n) of a merge of split(m) is split(n) of the whole.
// DataLoss for what is no snapshot, InvalidArgument for parts that do not fit together.
absl::StatusOr<std::vector<std::string>> SplitSnapshot(std::string_view snapshot,
                                                       uint32_t partitions);
absl::StatusOr<std::string> MergeSnapshots(const std::vector<std::string>& parts);

}  // namespace vedette::inline v0

#endif  // VEDETTE_CORRELATOR_H_
