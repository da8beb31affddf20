#include <utility>

#include "lib/io/common/decoded_source.h"
#include "lib/io/syslog/syslog_parser.h"
#include "vedette/io/syslog.h"

namespace vedette::inline v0 {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// How long the frame at the front says that it is (`74 <34>1 ..`, RFC 6587).
struct Counted {
  size_t header = 0;  // digits and the blank; 0: the frame is not counted
  size_t size = 0;
};

class SyslogReader final : public EventReader {
 public:
  SyslogReader(std::string name, ByteSource bytes, TextOptions options)
      : name_(std::move(name)),
        max_bytes_(options.max_bytes),
        buffer_(DecodedSource(std::move(bytes))),
        counter_(options.on_broken),
        parser_(std::move(options)) {}

  absl::StatusOr<bool> Next(Event* event) override {
    while (true) {
      uint64_t line = 0;
      ParseOutcome outcome;
      const bool more = NextMessage(event, &line, &outcome);
      counter_.stats.bytes = buffer_.bytes();
      counter_.stats.blank = buffer_.blank_lines();
      if (!more) {
        if (!buffer_.status().ok()) return buffer_.status();
        return false;
      }
      if (!counter_.Count(outcome, line)) continue;
      event->set_ref(name_, line);
      return true;
    }
  }

  const ReadStats& stats() const override { return counter_.stats; }

 private:
  bool NextMessage(Event* event, uint64_t* line, ParseOutcome* outcome) {
    if (!buffer_.Resume() || !Resume()) return false;
    if (in_line_) return LineMessage(event, line, outcome);
    if (after_counted_) {
      // Line ends between counted frames mean nothing.
      while (buffer_.Has(1) && (buffer_.Rest()[0] == '\n' || buffer_.Rest()[0] == '\r')) {
        buffer_.Consume(1);
      }
      if (buffer_.waiting()) return false;
    }
    *line = buffer_.line();
    const Counted counted = Count();
    if (buffer_.waiting()) return false;
    ++frames_;
    if (counted.header > 0) return CountedFrame(counted, event, line, outcome);
    if (after_counted_ && buffer_.Has(1) && buffer_.Rest()[0] != '<') {
      // The last count was wrong; what follows up to the next line cannot be told apart.
      after_counted_ = false;
      buffer_.SkipLine();
      *outcome = {ParseOutcome::Kind::kBroken, "no frame where the last one ended"};
      return true;
    }
    after_counted_ = false;
    return LineMessage(event, line, outcome);
  }

  bool LineMessage(Event* event, uint64_t* line, ParseOutcome* outcome) {
    const TextBuffer::Line text = buffer_.NextLine(max_bytes_);
    const bool end = text.kind == TextBuffer::Kind::kEnd;
    in_line_ = end && buffer_.waiting();
    if (end) return false;
    *line = text.line;
    if (text.kind == TextBuffer::Kind::kOversized) {
      *outcome = {ParseOutcome::Kind::kOversized, "larger than the limit"};
      return true;
    }
    event->Clear();
    *outcome = parser_.Parse(text.text, event);
    return true;
  }

  // Ends passing over a frame that is too large; false if the stream has nothing more for now.
  bool Resume() {
    while (skip_ > 0 && buffer_.Has(1)) {
      const size_t n = std::min(skip_, buffer_.Rest().size());
      buffer_.Consume(n);
      skip_ -= n;
    }
    return !buffer_.waiting() || skip_ == 0;
  }

  bool CountedFrame(const Counted& counted, Event* event, uint64_t* line, ParseOutcome* outcome) {
    // Frames need no lines: their number tells them apart.
    *line = frames_;
    after_counted_ = true;
    if (counted.size > max_bytes_) {
      skip_ = counted.header + counted.size;
      Resume();
      *outcome = {ParseOutcome::Kind::kOversized, "larger than the limit"};
      return true;
    }
    if (!buffer_.Has(counted.header + counted.size)) {
      if (buffer_.waiting()) {
        --frames_;  // it is begun anew
        return false;
      }
      buffer_.Consume(buffer_.Rest().size());
      *outcome = {ParseOutcome::Kind::kBroken, "the stream ends within a frame"};
      return true;
    }
    buffer_.Consume(counted.header);
    std::string_view text = buffer_.Rest().substr(0, counted.size);
    while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with('\0')) {
      text.remove_suffix(1);
    }
    event->Clear();
    *outcome = parser_.Parse(text, event);
    buffer_.Consume(counted.size);
    return true;
  }

  // Looks at no more bytes than tell.
  Counted Count() {
    constexpr size_t kMostDigits = 9;
    size_t at = 0;
    size_t size = 0;
    while (at < kMostDigits && buffer_.Has(at + 1) && IsDigit(buffer_.Rest()[at])) {
      size = size * 10 + static_cast<size_t>(buffer_.Rest()[at] - '0');
      ++at;
    }
    if (buffer_.waiting()) return {};  // more digits may come
    if (at == 0 || buffer_.Rest()[0] == '0' || !buffer_.Has(at + 2)) return {};
    if (buffer_.Rest()[at] != ' ' || buffer_.Rest()[at + 1] != '<') return {};
    return {at + 1, size};
  }

  std::string name_;
  size_t max_bytes_;
  TextBuffer buffer_;
  OutcomeCounter counter_;
  SyslogParser parser_;
  uint64_t frames_ = 0;
  bool in_line_ = false;  // the rest of a line is waited for
  size_t skip_ = 0;       // bytes that are left of a frame that is too large
  bool after_counted_ = false;
};

}  // namespace

std::unique_ptr<EventReader> NewSyslogReader(std::string name, ByteSource bytes,
                                             TextOptions options) {
  return std::make_unique<SyslogReader>(std::move(name), std::move(bytes), std::move(options));
}

}  // namespace vedette::inline v0
