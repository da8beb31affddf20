// Segment files: events on disk as hunts read them (docs/hunting.md, "Segment files").
#ifndef VEDETTE_IO_SEGMENT_H_
#define VEDETTE_IO_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/event.h"
#include "vedette/hunt/segment.h"

namespace vedette::inline v0 {

struct SegmentWriterOptions {
  size_t block_bytes = size_t{1} << 20;  // text of a block, about; at least one event each
  // A block of 64 events or more ends where its times would span more; 0: never.
  int64_t block_span_ns = int64_t{3600} * 1'000'000'000;
  int compression = 3;                // zstd level, 1 to 19
  uint32_t bits_per_observable = 10;  // of the blocks' filters: 10 let 1 % of strangers pass
};

// Takes the bytes of the file in order.
using SegmentSink = std::function<absl::Status(std::string_view bytes)>;

// Writes events as they come. Holds one block. Thread-compatible.
class SegmentWriter {
 public:
  explicit SegmentWriter(SegmentSink sink, SegmentWriterOptions options = {});
  ~SegmentWriter();
  // Stores the event with its time, shape, log source and place: the text it was read from if that
  // is JSON, else its tree as JSON. ResourceExhausted for one of more than 64 MiB, or the sink's
  // first error, which stays.
  absl::Status Add(const Event& event);
  // Writes what is left and the index. Without it the file is no segment.
  absl::Status Finish();
  uint64_t events() const;
  uint64_t bytes() const;  // written

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The bytes of a segment; `read_at` fills `size` bytes from `offset` and is thread-safe.
struct SegmentBytes {
  uint64_t size = 0;
  std::function<absl::Status(uint64_t offset, char* buffer, size_t size)> read_at;
};

// Reads the index; DataLoss if it is damaged, cut off, or the bytes are no segment, Unimplemented
// for a newer form. Whether the index says the truth about a block is checked when that is read.
absl::StatusOr<std::unique_ptr<SegmentReader>> OpenSegment(std::string name, SegmentBytes bytes);
// The same for a file; NotFound or PermissionDenied if it cannot be opened.
absl::StatusOr<std::unique_ptr<SegmentReader>> OpenSegmentFile(const std::string& path);

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_SEGMENT_H_
