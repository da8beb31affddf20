// Readers of formats in which a line is an event.
#ifndef VEDETTE_LIB_IO_COMMON_LINE_READER_H_
#define VEDETTE_LIB_IO_COMMON_LINE_READER_H_

#include <memory>
#include <string>
#include <string_view>

#include "lib/io/common/text_buffer.h"
#include "vedette/io/bytes.h"
#include "vedette/io/text.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

// What became of a record, and why.
struct ParseOutcome {
  enum class Kind : uint8_t {
    kEvent,
    kIncomplete,  // an event of which a part was damaged
    kNone,        // no record, but as it should be: a comment, a header
    kBroken,
    kOversized,
  };
  Kind kind = Kind::kEvent;
  const char* reason = "";
};
inline constexpr ParseOutcome kTooManyFields = {ParseOutcome::Kind::kOversized, "too many fields"};

// Counts outcomes and tells of them. Thread-compatible.
class OutcomeCounter {
 public:
  explicit OutcomeCounter(std::function<void(uint64_t, std::string_view)> on_broken)
      : on_broken_(std::move(on_broken)) {}

  // Whether there is an event.
  bool Count(ParseOutcome outcome, uint64_t line);
  ReadStats stats;

 private:
  std::function<void(uint64_t, std::string_view)> on_broken_;
};

// Turns one line into an event. Thread-compatible.
class LineParser {
 public:
  virtual ~LineParser() = default;
  // Fills `event`, which was cleared.
  virtual ParseOutcome Parse(std::string_view line, Event* event) = 0;
};

// The reader of such lines: unpacked, counted, bounded by options.max_bytes.
std::unique_ptr<EventReader> NewLineReader(std::string name, ByteSource bytes,
                                           const TextOptions& options,
                                           std::unique_ptr<LineParser> parser);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_COMMON_LINE_READER_H_
