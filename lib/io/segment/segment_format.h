// The bytes of a segment file. It is a stream of zstd frames, so that any zstd unpacks its events
// as one JSON object a line; what is ours stands in skippable frames.
//
//   for each block   frame      lines of JSON, one event each
//                    skippable  columns: what is known of each event beside its JSON
//                    skippable  filter: a Bloom filter of its observables
//   at the end       skippable  index, then the footer
//
// The footer is the last kFooterBytes of the file: u64 bytes of the index, u64 their XXH64 (which
// is the segment's identity), u64 form, magic. Fixed numbers are little endian, others varints as
// in lib/program/saved_format.h.
//
// Index: number of sources and their names, number of log sources and their three parts, number of
// blocks; of each block: packed bytes of text, columns and filter, bytes of text, XXH64 of text and
// columns as they stand, XXH64 of the filter, events, untimed ones, times, and its sources.
// Columns, for each event: source, line, time (zigzag, from the one before; after a flag whether
// there is one), shape, log source (0: derived).
// Filter: u8 hashes a value, then the bits.
#ifndef VEDETTE_LIB_IO_SEGMENT_SEGMENT_FORMAT_H_
#define VEDETTE_LIB_IO_SEGMENT_SEGMENT_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/event.h"
#include "vedette/hunt/segment.h"

namespace vedette::inline v0 {

inline constexpr std::string_view kSegmentMagic("\x89VSG\r\n\x1a\n", 8);
inline constexpr uint64_t kSegmentForm = 1;
inline constexpr size_t kFooterBytes = 32;
// Magic of a skippable frame of zstd, and its header with the length.
inline constexpr uint32_t kSkippableMagic = 0x184D2A5D;
inline constexpr size_t kSkippableHeaderBytes = 8;
inline constexpr size_t kMaxEventBytes = size_t{64} << 20;
// Text of a block: a forged index cannot ask for more.
inline constexpr size_t kMaxBlockBytes = kMaxEventBytes + (size_t{1} << 20);
inline constexpr size_t kMaxIndexBytes = size_t{1} << 30;
inline constexpr uint64_t kMaxBlockEvents = uint64_t{1} << 24;

// Where the parts of a block stand, and what they must be.
struct StoredBlock {
  uint64_t offset = 0;
  uint64_t packed_bytes = 0;
  uint64_t columns_bytes = 0;  // without the frame's header
  uint64_t filter_bytes = 0;
  uint64_t text_bytes = 0;
  uint64_t checksum = 0;
  uint64_t filter_checksum = 0;

  uint64_t columns_at() const { return offset + packed_bytes + kSkippableHeaderBytes; }
  uint64_t filter_at() const { return columns_at() + columns_bytes + kSkippableHeaderBytes; }
  uint64_t end() const { return filter_at() + filter_bytes; }
};

struct SegmentIndex {
  SegmentInfo info;
  std::vector<LogSource> log_sources;
  std::vector<StoredBlock> stored;  // as info.blocks
};

std::string EncodeIndex(const SegmentIndex& index);
// DataLoss if the bytes are no index of a file of `file_bytes`.
absl::StatusOr<SegmentIndex> DecodeIndex(std::string_view bytes, uint64_t file_bytes);

// Counts an event into what is known of its block.
void CountEvent(uint32_t source, EventTime time, BlockInfo* block);

// A Bloom filter.
std::string BuildFilter(std::span<const uint64_t> distinct_hashes, uint32_t bits_each);
// False only if `hash` was not among the filter's; true for bytes that are no filter.
bool FilterMayHold(std::string_view filter, uint64_t hash);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_SEGMENT_SEGMENT_FORMAT_H_
