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

  // Never fails: at the end status() says whether the stream was whole, or has only nothing more
  // for now (Unavailable): then the next call goes on.
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

  // What is passed over, if the stream had nothing more for now before its end.
  enum class Skip : uint8_t { kNothing, kLine, kObject, kElement };
  // An element that is no object, up to where it has been looked at.
  struct ElementScan {
    size_t depth = 0;
    bool in_string = false;
    bool escaped = false;
  };

  bool Fill();
  std::string_view Rest() const { return std::string_view(buffer_).substr(begin_); }
  void Consume(size_t count);
  void SkipBlanks();
  bool StartsRecords();
  Record Line();
  Record Object();
  Record Element();
  void ScanObject(Scan* scan) const;
  // What is no record from here on, or from `line` on, is passed over: kEnd if the stream has
  // nothing more for now, and GoOn() is to be called then.
  Record SkipFrom(Skip what, uint64_t line);
  Record GoOn();
  Record SkipElement();
  Record SkipOversizedLine();
  Record SkipOversizedObject();
  // Behind the bracket that closes the array; false if the stream has nothing more for now.
  bool EndArray();

  ByteSource bytes_;
  size_t max_bytes_;
  std::string buffer_;
  size_t begin_ = 0;  // first byte not yet handed out
  uint64_t line_ = 1;
  uint64_t blank_ = 0;
  uint64_t consumed_ = 0;
  bool started_ = false;
  bool in_array_ = false;
  size_t searched_ = 0;       // bytes of Rest() without a line end
  Scan scan_;                 // of the object at begin_, if it is not whole yet
  bool in_object_ = false;    // `scan_` is of use
  uint64_t object_line_ = 0;  // on which it begins
  bool ends_array_ = false;
  Skip skip_ = Skip::kNothing;
  uint64_t skip_line_ = 0;
  ElementScan element_;
  bool waiting_ = false;
  bool eof_ = false;
  absl::Status status_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_JSONL_RECORD_FRAMER_H_
