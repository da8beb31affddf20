// The unread part of a stream of text, and its lines.
#ifndef VEDETTE_LIB_IO_COMMON_TEXT_BUFFER_H_
#define VEDETTE_LIB_IO_COMMON_TEXT_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "vedette/io/bytes.h"

namespace vedette::inline v0 {

// Holds what was read and not yet consumed. A read asks for no more than is needed next, so that
// live streams are not waited for. Memory is bounded by what the caller lets stand, and a chunk.
// Thread-compatible.
class TextBuffer {
 public:
  enum class Kind : uint8_t { kLine, kOversized, kEnd };
  struct Line {
    Kind kind = Kind::kEnd;
    std::string_view text;  // kLine; without its end; until the next call
    uint64_t line = 0;      // 1-based
  };

  explicit TextBuffer(ByteSource bytes) : bytes_(std::move(bytes)) {}

  // The next line that is not blank; one of more than `max_bytes` is passed over.
  Line NextLine(size_t max_bytes);

  // Reads another piece behind what is there; false at the end of the stream, or if it has nothing
  // more for now: then status() is Unavailable until it is asked again.
  bool Fill();
  // Whether at least `count` bytes are there, after reading on if need be.
  bool Has(size_t count);
  std::string_view Rest() const { return std::string_view(buffer_).substr(begin_); }
  void Consume(size_t count);
  // Passes over everything up to the next line; false if the stream has nothing more for now: then
  // the next call of Resume() goes on with it.
  bool SkipLine();
  // Ends what SkipLine() has begun. False as there: nothing else may be read yet.
  bool Resume() { return !skipping_ || SkipLine(); }

  // Whether the stream has only nothing more for now.
  bool waiting() const { return waiting_; }
  // At the end of the stream: whether it was whole.
  const absl::Status& status() const { return status_; }
  uint64_t line() const { return line_; }
  uint64_t blank_lines() const { return blank_; }
  uint64_t bytes() const { return consumed_; }

 private:
  ByteSource bytes_;
  std::string buffer_;
  size_t begin_ = 0;  // first byte not yet consumed
  uint64_t line_ = 1;
  uint64_t blank_ = 0;
  uint64_t consumed_ = 0;
  size_t searched_ = 0;  // bytes of Rest() that have no line end
  bool skipping_ = false;
  bool waiting_ = false;
  bool eof_ = false;
  absl::Status status_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_COMMON_TEXT_BUFFER_H_
