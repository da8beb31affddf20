#include <algorithm>
#include <cstring>
#include <utility>

#include "lib/io/common/decoded_source.h"
#include "vedette/io/auditd.h"
#include "vedette/io/cef.h"
#include "vedette/io/csv.h"
#include "vedette/io/events.h"
#include "vedette/io/evtx.h"
#include "vedette/io/jsonl.h"
#include "vedette/io/logfmt.h"
#include "vedette/io/syslog.h"
#include "vedette/io/zeek.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kChunk = size_t{64} << 10;

std::unique_ptr<EventReader> NewReader(EventFormat format, std::string name, ByteSource bytes,
                                       EventReaderOptions options) {
  switch (format) {
    case EventFormat::kSyslog:
      return NewSyslogReader(std::move(name), std::move(bytes), std::move(options.text));
    case EventFormat::kCef:
      return NewCefReader(std::move(name), std::move(bytes), std::move(options.text));
    case EventFormat::kLogfmt:
      return NewLogfmtReader(std::move(name), std::move(bytes), std::move(options.text));
    case EventFormat::kAuditd:
      return NewAuditdReader(std::move(name), std::move(bytes), std::move(options.text));
    case EventFormat::kZeek:
      return NewZeekReader(std::move(name), std::move(bytes), std::move(options.text));
    case EventFormat::kCsv: {
      CsvOptions csv;
      csv.text = std::move(options.text);
      csv.delimiter = options.csv_delimiter;
      return NewCsvReader(std::move(name), std::move(bytes), std::move(csv));
    }
    case EventFormat::kEvtx: {
      EvtxOptions evtx;
      evtx.shape = options.text.shape;
      evtx.on_broken = std::move(options.text.on_broken);
      return NewEvtxReader(std::move(name), std::move(bytes), std::move(evtx));
    }
    case EventFormat::kJson:
      break;
  }
  JsonlOptions json;
  json.json = std::move(options.json);
  if (options.text.shape.has_value()) json.json.shape = options.text.shape;
  json.on_broken = std::move(options.text.on_broken);
  return NewJsonlReader(std::move(name), std::move(bytes), std::move(json));
}

// Chooses the reader with the first event.
class DetectingReader final : public EventReader {
 public:
  DetectingReader(std::string name, ByteSource bytes, EventReaderOptions options)
      : name_(std::move(name)),
        bytes_(DecodedSource(std::move(bytes))),
        options_(std::move(options)) {}

  absl::StatusOr<bool> Next(Event* event) override {
    if (reader_ == nullptr && !Choose()) return waiting_;
    return reader_->Next(event);
  }

  const ReadStats& stats() const override {
    return reader_ != nullptr ? reader_->stats() : nothing_;
  }

 private:
  // False if the stream has nothing more for now.
  bool Choose() {
    absl::Status status;
    bool at_end = false;
    std::optional<EventFormat> format = options_.format;
    while (!format.has_value()) {
      format = DetectEventFormat(head_, at_end, name_);
      if (format.has_value()) break;
      const size_t old = head_.size();
      head_.resize(old + kChunk);
      const auto n = bytes_(head_.data() + old, kChunk);
      head_.resize(old + (n.ok() ? *n : 0));
      if (!n.ok()) status = n.status();
      if (absl::IsUnavailable(status)) {
        waiting_ = status;
        return false;
      }
      at_end = !n.ok() || *n == 0;
    }
    // What was looked at comes first, then what went wrong, then the rest.
    ByteSource all = [head = std::move(head_), at = size_t{0}, status, bytes = std::move(bytes_)](
                         char* buffer, size_t size) mutable -> absl::StatusOr<size_t> {
      if (at < head.size()) {
        const size_t n = std::min(size, head.size() - at);
        std::memcpy(buffer, head.data() + at, n);
        at += n;
        if (at == head.size()) std::string().swap(head), at = 0;
        return n;
      }
      if (!status.ok()) return status;
      return bytes(buffer, size);
    };
    reader_ = NewReader(*format, name_, std::move(all), std::move(options_));
    return true;
  }

  std::string name_;
  ByteSource bytes_;
  EventReaderOptions options_;
  std::string head_;  // what has been looked at to tell the format
  absl::Status waiting_;
  std::unique_ptr<EventReader> reader_;
  ReadStats nothing_;
};

}  // namespace

std::unique_ptr<EventReader> NewEventReader(std::string name, ByteSource bytes,
                                            EventReaderOptions options) {
  return std::make_unique<DetectingReader>(std::move(name), std::move(bytes), std::move(options));
}

absl::StatusOr<std::unique_ptr<EventReader>> OpenEventFile(const std::string& path,
                                                           EventReaderOptions options) {
  absl::StatusOr<ByteSource> bytes = OpenByteFile(path);
  if (!bytes.ok()) return bytes.status();
  return NewEventReader(path == "-" ? "<stdin>" : path, *std::move(bytes), std::move(options));
}

}  // namespace vedette::inline v0
