// Which of several correlators a record is for.
#ifndef VEDETTE_LIB_CORRELATE_PARTITION_H_
#define VEDETTE_LIB_CORRELATE_PARTITION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/program/correlation_layout.h"
#include "vedette/match_record.h"

namespace vedette::inline v0 {

// The parts of a group key that decide: records whose detections may suppress each other must
// share a partition.
struct PartitionRule {
  bool whole_key = true;
  std::vector<uint32_t> parts;  // unless whole_key; none: all keys share one

  static PartitionRule Of(const ProgramCorrelation& spec);
  // The bytes that decide for a group key. Those of a suppression key are the key itself, unless
  // `parts` is empty.
  std::string Deciding(std::string_view key) const;
  uint32_t Partition(uint64_t fingerprint, std::string_view key, uint32_t partitions) const;

  friend bool operator==(const PartitionRule&, const PartitionRule&) = default;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_PARTITION_H_
