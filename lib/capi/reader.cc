// Streams of events in any format, fed in pieces.
#include "vedette/c/reader.h"

#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "lib/capi/processor.h"
#include "vedette/io/events.h"

using vedette::EventReaderOptions;
using vedette::capi::FillStruct;
using vedette::capi::Guard;
using vedette::capi::IsText;
using vedette::capi::NullPointer;
using vedette::capi::Outcome;
using vedette::capi::Text;

// Pulls its bytes out of the piece of the call.
struct vedette_reader {
  std::string name;
  std::optional<vedette::EventFormat> format;
  vedette_reader_options options;                // texts of it are not used
  std::unique_ptr<vedette::EventReader> reader;  // null before the first piece
  vedette::Event event;
  std::string pending;     // what a call that was stopped has left
  std::string_view piece;  // what has not been pulled yet, during a call
  bool last = false;       // no piece follows
  bool ended = false;
  vedette_processor* processor = nullptr;  // of the call
  vedette_time now = VEDETTE_NO_TIME;      // of the call
  vedette::ReadStats told;                 // that the processors have counted
  std::atomic<bool> busy{false};
};

namespace vedette::inline v0::capi {
namespace {

Outcome ReadReaderOptions(const vedette_reader_options* given, vedette_reader_options* options) {
  vedette_reader_options_init(options, sizeof *options);
  Outcome outcome = ReadStruct(given, options);
  if (!outcome.ok()) return outcome;
  if (!IsText(options->format) || !IsText(options->name)) return NullPointer("format or name");
  if (options->shape < -1 || options->shape >= kEventShapeCount) {
    return {VEDETTE_INVALID_ARGUMENT, "no such shape: " + std::to_string(options->shape)};
  }
  if (options->csv_delimiter > 0x7F) {
    return {VEDETTE_INVALID_ARGUMENT, "csv_delimiter is no character of ASCII"};
  }
  if (options->max_record_bytes > kMaxEventBytes) {
    return {VEDETTE_INVALID_ARGUMENT, "max_record_bytes is at most 1 GiB"};
  }
  return {};
}

ByteSource PiecesOf(vedette_reader* r) {
  return [r](char* buffer, size_t size) -> absl::StatusOr<size_t> {
    const size_t n = std::min(size, r->piece.size());
    if (n == 0 && !r->last) return absl::UnavailableError("the next piece has not come yet");
    if (n > 0) std::memcpy(buffer, r->piece.data(), n);
    r->piece.remove_prefix(n);
    return n;
  };
}

// JSON has the limits of the processor that reads first.
std::unique_ptr<EventReader> Open(vedette_reader* r, const JsonOptions& json) {
  EventReaderOptions options;
  options.format = r->format;
  options.json = json;
  options.text.max_bytes = r->options.max_record_bytes;
  options.text.max_fields = r->options.max_fields;
  if (r->options.shape >= 0) options.text.shape = static_cast<EventShape>(r->options.shape);
  if (r->options.utc_of != nullptr) {
    options.text.zone = [r](int64_t wall) { return r->options.utc_of(wall, r->options.user); };
  }
  options.text.reference_time = [r] { return r->now; };
  options.text.on_broken = [r](uint64_t line, std::string_view reason) {
    const std::string text(reason);
    if (r->processor->on_broken != nullptr) {
      r->processor->on_broken(line, text.c_str(), text.size(), r->processor->user);
    }
  };
  options.csv_delimiter = static_cast<char>(r->options.csv_delimiter);
  return NewEventReader(r->name, PiecesOf(r), std::move(options));
}

// One piece, and what an earlier one has left.
class Piece {
 public:
  Piece(vedette_processor* p, vedette_reader* r, const vedette_event_info& info)
      : p_(*p), r_(*r), info_(info) {
    r_.processor = p;
    r_.now = info.now;
  }
  ~Piece() {
    r_.processor = nullptr;
    r_.piece = {};
  }
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;

  Outcome Process(std::string_view data, bool last) {
    const std::string left = std::exchange(r_.pending, {});
    const std::string joined = left.empty() ? std::string() : left + std::string(data);
    r_.piece = left.empty() ? data : std::string_view(joined);
    r_.last = last;
    if (r_.reader == nullptr) r_.reader = Open(&r_, p_.json_options);
    const Outcome outcome = Events();
    r_.pending = r_.piece;
    return outcome;
  }

 private:
  Outcome Events() {
    while (true) {
      const absl::StatusOr<bool> more = r_.reader->Next(&r_.event);
      Count();
      if (absl::IsUnavailable(more.status())) return {};
      if (!more.ok() || !*more) {
        r_.ended = true;
        Outcome outcome = more.status();
        if (!outcome.ok()) outcome.file = r_.name;
        return outcome;
      }
      info_.stream = Out(r_.event.ref().source);
      info_.line = r_.event.ref().line;
      Outcome outcome = capi::Process(&p_, r_.event.view(), info_, r_.event.raw());
      if (!outcome.ok()) return outcome;
    }
  }

  void Count() {
    const ReadStats& s = r_.reader->stats();
    p_.broken += s.broken - r_.told.broken;
    p_.oversized += s.oversized - r_.told.oversized;
    p_.blank += s.blank - r_.told.blank;
    r_.told = s;
  }

  vedette_processor& p_;
  vedette_reader& r_;
  vedette_event_info info_;
};

constexpr const char* kReaderBusy =
    "the reader is in another call: of a callback's, or of a thread's";

}  // namespace
}  // namespace vedette::inline v0::capi

using vedette::capi::Claim;

void vedette_reader_options_init(vedette_reader_options* options, size_t size) {
  const vedette::TextOptions text;
  vedette_reader_options defaults = {};
  defaults.shape = -1;
  defaults.max_record_bytes = text.max_bytes;
  defaults.max_fields = text.max_fields;
  vedette::capi::InitStruct(defaults, options, size);
}

vedette_status vedette_reader_new(const vedette_reader_options* options, vedette_reader** reader,
                                  vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (reader == nullptr) return NullPointer("reader");
    *reader = nullptr;
    auto made = std::make_unique<vedette_reader>();
    Outcome outcome = vedette::capi::ReadReaderOptions(options, &made->options);
    if (!outcome.ok()) return outcome;
    const std::string_view format = Text(made->options.format);
    made->format = vedette::EventFormatByName(format);
    if (!format.empty() && !made->format.has_value()) {
      return {VEDETTE_INVALID_ARGUMENT, "no such format: " + std::string(format)};
    }
    made->name = Text(made->options.name);
    *reader = made.release();
    return {};
  });
}

void vedette_reader_free(vedette_reader* reader) {
  if (reader == nullptr || reader->busy.load(std::memory_order_acquire)) return;
  delete reader;
}

vedette_status vedette_reader_get_stats(vedette_reader* reader, vedette_reader_stats* stats,
                                        vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (reader == nullptr) return NullPointer("reader");
    const Claim claim(reader);
    if (!claim.ok()) return {VEDETTE_BUSY, vedette::capi::kReaderBusy};
    const vedette::ReadStats& s = reader->told;
    vedette_reader_stats out = {};
    out.ended = reader->ended ? 1 : 0;
    out.events = s.events;
    out.bytes = s.bytes;
    out.broken = s.broken;
    out.oversized = s.oversized;
    out.blank = s.blank;
    out.incomplete = s.incomplete;
    out.damaged = s.damaged;
    out.pending = reader->pending.size();
    return FillStruct(out, stats);
  });
}

vedette_status vedette_processor_process_stream(vedette_processor* processor,
                                                vedette_reader* reader, const char* data,
                                                size_t size, uint32_t flags,
                                                const vedette_event_info* info,
                                                vedette_error** error) {
  return vedette::capi::WithTriage(processor, error, [&]() -> Outcome {
    if (reader == nullptr || !IsText(data, size)) return NullPointer("reader or data");
    if ((flags & ~uint32_t{VEDETTE_STREAM_END}) != 0) {
      return {VEDETTE_UNSUPPORTED, "flags has bits that this version does not know"};
    }
    vedette_event_info ours;
    Outcome outcome = vedette::capi::ReadInfo(info, &ours);
    if (!outcome.ok()) return outcome;
    const Claim claim(reader);
    if (!claim.ok()) return {VEDETTE_BUSY, vedette::capi::kReaderBusy};
    if (reader->ended) return {VEDETTE_FAILED_PRECONDITION, "the stream has ended"};
    return vedette::capi::Piece(processor, reader, ours)
        .Process(Text(data, size), (flags & VEDETTE_STREAM_END) != 0);
  });
}
