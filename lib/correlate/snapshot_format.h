// A snapshot as data: what stands in the bytes, without the program. Splitting and merging need no
// more.
//
//   0   8 bytes  magic
//   8   u16 u16  major and minor number of the form, little endian
//   12  u64      bytes after the header
//   20  u64      XXH64 of everything after the header
//   28  contents: numbers are varints (signed ones zigzag), texts have their length before them
#ifndef VEDETTE_LIB_CORRELATE_SNAPSHOT_FORMAT_H_
#define VEDETTE_LIB_CORRELATE_SNAPSHOT_FORMAT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/correlate/partition.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

inline constexpr uint16_t kSnapshotMajor = 1;
inline constexpr uint16_t kSnapshotMinor = 0;

struct SavedRecord {
  std::string key;    // of the group
  std::string bytes;  // as SnapshotWriter::Record wrote it
};

struct SavedCorrelation {
  uint64_t fingerprint = 0;
  std::string name;
  bool degraded = false;
  PartitionRule partition;
  std::vector<uint32_t> columns;                           // of each source
  std::vector<std::pair<std::string, std::string>> keys;   // sorted; key and state
  std::vector<std::pair<std::string, EventTime>> emitted;  // suppression key and last time, by time
  std::vector<SavedRecord> waiting;                        // in order
};

struct SavedState {
  EventTime watermark = kNoEventTime;
  uint64_t arrivals = 0;
  std::vector<EventTime> decided;  // of each depth
  std::vector<SavedCorrelation> correlations;
};

std::string WriteState(const SavedState& state);
// DataLoss for what is damaged, Unimplemented for a newer major number.
absl::StatusOr<SavedState> ReadState(std::string_view bytes);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_SNAPSHOT_FORMAT_H_
