#include <utility>

#include "absl/status/status.h"
#include "lib/io/common/decoded_source.h"
#include "lib/io/jsonl/record_framer.h"
#include "vedette/io/jsonl.h"

namespace vedette::inline v0 {
namespace {

class JsonlReader final : public EventReader {
 public:
  JsonlReader(std::string name, ByteSource bytes, JsonlOptions options)
      : name_(std::move(name)),
        max_bytes_(options.json.max_bytes),
        on_broken_(std::move(options.on_broken)),
        parser_(options.json),
        framer_(DecodedSource(std::move(bytes)), max_bytes_) {}

  absl::StatusOr<bool> Next(Event* event) override {
    while (true) {
      const bool piece = !rest_.empty();  // a piece of a split line is not split again
      const RecordFramer::Record record = NextRecord();
      stats_.bytes = framer_.bytes();
      stats_.blank = framer_.blank_lines();
      switch (record.kind) {
        case RecordFramer::Kind::kEnd:
          if (!framer_.status().ok()) return framer_.status();
          return false;
        case RecordFramer::Kind::kOversized:
          ++stats_.oversized;
          Report(record.line, record.reason);
          continue;
        case RecordFramer::Kind::kBroken:
          ++stats_.broken;
          Report(record.line, record.reason);
          continue;
        case RecordFramer::Kind::kRecord:
          break;
      }
      const absl::Status parsed = parser_.Parse(record.text, event);
      if (parsed.ok()) {
        event->set_ref(name_, record.line);
        ++stats_.events;
        return true;
      }
      if (!piece && SplitLine(record)) continue;
      if (absl::IsResourceExhausted(parsed)) {
        ++stats_.oversized;
      } else {
        ++stats_.broken;
      }
      Report(record.line, std::string(parsed.message()));
    }
  }

  const ReadStats& stats() const override { return stats_; }

 private:
  RecordFramer::Record NextRecord() {
    if (rest_.empty()) return framer_.Next();
    // Objects that stand side by side on one line.
    size_t depth = 0;
    bool in_string = false;
    size_t end = 0;
    for (; end < rest_.size(); ++end) {
      const char c = rest_[end];
      if (in_string) {
        if (c == '\\') {
          ++end;
        } else if (c == '"') {
          in_string = false;
        }
      } else if (c == '"') {
        in_string = true;
      } else if (c == '{') {
        ++depth;
      } else if (c == '}' && --depth == 0) {
        ++end;
        break;
      }
    }
    end = std::min(end, rest_.size());
    const RecordFramer::Record record{RecordFramer::Kind::kRecord, rest_.substr(0, end), rest_line_,
                                      ""};
    rest_.remove_prefix(end);
    while (!rest_.empty() && rest_.front() != '{') rest_.remove_prefix(1);
    return record;
  }

  // A line `{..}{..}` fails as one record; true if it is to be read piece by piece.
  bool SplitLine(const RecordFramer::Record& record) {
    if (!record.text.starts_with('{')) return false;
    const size_t next = record.text.find("}{");
    const size_t spaced = record.text.find("} {");
    if (next == std::string_view::npos && spaced == std::string_view::npos) return false;
    rest_ = record.text;
    rest_line_ = record.line;
    return true;
  }

  void Report(uint64_t line, std::string_view reason) {
    if (on_broken_) on_broken_(line, reason);
  }

  std::string name_;
  size_t max_bytes_;
  std::function<void(uint64_t, std::string_view)> on_broken_;
  JsonParser parser_;
  RecordFramer framer_;
  std::string_view rest_;  // of a line with several objects; in the framer's buffer
  uint64_t rest_line_ = 0;
  ReadStats stats_;
};

}  // namespace

std::unique_ptr<EventReader> NewJsonlReader(std::string name, ByteSource bytes,
                                            JsonlOptions options) {
  return std::make_unique<JsonlReader>(std::move(name), std::move(bytes), std::move(options));
}

absl::StatusOr<std::unique_ptr<EventReader>> OpenJsonlFile(const std::string& path,
                                                           JsonlOptions options) {
  absl::StatusOr<ByteSource> bytes = OpenByteFile(path);
  if (!bytes.ok()) return bytes.status();
  return NewJsonlReader(path == "-" ? "<stdin>" : path, *std::move(bytes), std::move(options));
}

}  // namespace vedette::inline v0
