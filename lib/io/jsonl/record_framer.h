// Cuts a stream of text into records that should each be one JSON object.
#ifndef VEDETTE_LIB_IO_JSONL_RECORD_FRAMER_H_
#define VEDETTE_LIB_IO_JSONL_RECORD_FRAMER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "vedette/io/jsonl.h"

namespace vedette::inline v0 {

// Lines; objects over several lines; elements of a top-level array; elements of the "Records" array
// of CloudTrail files. Memory is bounded by `max_bytes` and a chunk. Thread-compatible.
class RecordFramer {
 public:
  enum class Kind { kRecord, kBroken, kOversized, kEnd };
  struct Record {
    Kind kind = Kind::kEnd;
    std::string_view text;  // kRecord; until the next call
    uint64_t line = 0;      // 1-based line on which it begins
    const char* reason = "";
  };

  RecordFramer(ByteSource bytes, size_t max_bytes)
      : bytes_(std::move(bytes)), max_bytes_(max_bytes) {}

  // Never fails: at the end status() says whether the stream was whole.
  Record Next();
  const absl::Status& status() const { return status_; }
  uint64_t blank_lines() const { return blank_; }
  uint64_t bytes() const { return consumed_; }

 private:
  // How far the object that begins at `begin_` is scanned.
  struct Scan {
    size_t at = 0;  // offset from begin_
    int depth = 0;
    bool in_string = false;
    bool escaped = false;
    bool done = false;
    bool newline_in_string = false;
    bool new_record = false;  // `{` at the start of a line inside an object: the last was cut off
  };

  bool Fill();
  std::string_view Rest() const { return std::string_view(buffer_).substr(begin_); }
  void Consume(size_t count);
  void SkipBlanks();
  bool StartsRecords();
  Record Line();
  Record Object();
  Record Element();
  Record SkipElement();
  void ScanObject(Scan* scan) const;
  Record SkipOversizedLine(uint64_t line);
  Record SkipOversizedObject(Scan scan, uint64_t line);

  ByteSource bytes_;
  size_t max_bytes_;
  std::string buffer_;
  size_t begin_ = 0;  // first byte not yet handed out
  uint64_t line_ = 1;
  uint64_t blank_ = 0;
  uint64_t consumed_ = 0;
  bool started_ = false;
  bool in_array_ = false;
  bool eof_ = false;
  absl::Status status_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_JSONL_RECORD_FRAMER_H_
