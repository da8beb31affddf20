#include "lib/io/common/line_reader.h"

#include <utility>

#include "lib/io/common/decoded_source.h"

namespace vedette::inline v0 {
namespace {

class LineReader final : public EventReader {
 public:
  LineReader(std::string name, ByteSource bytes, const TextOptions& options,
             std::unique_ptr<LineParser> parser)
      : name_(std::move(name)),
        max_bytes_(options.max_bytes),
        buffer_(DecodedSource(std::move(bytes))),
        counter_(options.on_broken),
        parser_(std::move(parser)) {}

  absl::StatusOr<bool> Next(Event* event) override {
    while (true) {
      const TextBuffer::Line line = buffer_.NextLine(max_bytes_);
      counter_.stats.bytes = buffer_.bytes();
      counter_.stats.blank = buffer_.blank_lines();
      if (line.kind == TextBuffer::Kind::kEnd) {
        if (!buffer_.status().ok()) return buffer_.status();
        return false;
      }
      ParseOutcome outcome = {ParseOutcome::Kind::kOversized, "larger than the limit"};
      if (line.kind == TextBuffer::Kind::kLine) {
        event->Clear();
        outcome = parser_->Parse(line.text, event);
      }
      if (!counter_.Count(outcome, line.line)) continue;
      event->set_ref(name_, line.line);
      return true;
    }
  }

  const ReadStats& stats() const override { return counter_.stats; }

 private:
  std::string name_;
  size_t max_bytes_;
  TextBuffer buffer_;
  OutcomeCounter counter_;
  std::unique_ptr<LineParser> parser_;
};

}  // namespace

bool OutcomeCounter::Count(ParseOutcome outcome, uint64_t line) {
  switch (outcome.kind) {
    case ParseOutcome::Kind::kEvent:
      ++stats.events;
      return true;
    case ParseOutcome::Kind::kNone:
      return false;
    case ParseOutcome::Kind::kIncomplete:
      ++stats.events;
      ++stats.incomplete;
      break;
    case ParseOutcome::Kind::kBroken:
      ++stats.broken;
      break;
    case ParseOutcome::Kind::kOversized:
      ++stats.oversized;
      break;
  }
  if (on_broken_) on_broken_(line, outcome.reason);
  return outcome.kind == ParseOutcome::Kind::kIncomplete;
}

std::unique_ptr<EventReader> NewLineReader(std::string name, ByteSource bytes,
                                           const TextOptions& options,
                                           std::unique_ptr<LineParser> parser) {
  return std::make_unique<LineReader>(std::move(name), std::move(bytes), options,
                                      std::move(parser));
}

}  // namespace vedette::inline v0
