// Bytes in memory as blocks.
#include <algorithm>
#include <cstring>

#include "bindings/python/src/blocks.h"
#include "vedette/io/jsonl.h"

namespace vedette::python {
namespace {

constexpr size_t kChunk = size_t{1} << 20;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trim(std::string_view s) {
  while (!s.empty() && IsBlank(s.front())) s.remove_prefix(1);
  while (!s.empty() && IsBlank(s.back())) s.remove_suffix(1);
  return s;
}

// The end of the first line of `s`, behind its line feed.
size_t EndOfLine(std::string_view s) {
  const size_t at = s.find('\n');
  return at == std::string_view::npos ? s.size() : at + 1;
}

// Where the first `{` at the beginning of a line stands at or after `from`: there a record begins,
// whatever came before.
size_t EndOfStretch(std::string_view s, size_t from) {
  const size_t at = s.find("\n{", from);
  return at == std::string_view::npos ? s.size() : at + 1;
}

ByteSource SourceOf(std::string_view bytes) {
  return [bytes](char* buffer, size_t size) mutable -> absl::StatusOr<size_t> {
    const size_t n = std::min(size, bytes.size());
    if (n > 0) std::memcpy(buffer, bytes.data(), n);
    bytes.remove_prefix(n);
    return n;
  };
}

class LinesSource final : public BlockSource {
 public:
  LinesSource(std::string_view bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    if (bytes_.empty()) return nullptr;
    const size_t size = bytes_.size() <= kChunk ? bytes_.size() : EndOfStretch(bytes_, kChunk);
    const std::string_view chunk = bytes_.substr(0, size);
    auto block = std::make_unique<LinesBlock>(chunk, std::string(), name_, line_);
    line_ += static_cast<uint64_t>(std::ranges::count(chunk, '\n'));
    bytes_.remove_prefix(size);
    return block;
  }

 private:
  std::string_view bytes_;
  const std::string_view name_;
  uint64_t line_ = 1;
};

class ReaderSource final : public BlockSource {
 public:
  ReaderSource(const std::function<std::unique_ptr<EventReader>(ReadReport*)>& open,
               std::string_view name)
      : name_(name), reader_(open(&report_)) {}

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    auto block = std::make_unique<FilledBlock>();
    size_t bytes = 0;
    while (block->size() < FilledBlock::kEvents && bytes < FilledBlock::kBytes) {
      Event* const event = block->slot();
      const absl::StatusOr<bool> more = reader_->Next(event);
      if (!more.ok() && block->size() > 0) break;  // it fails again
      if (!more.ok()) return more.status();
      if (!*more) break;
      bytes += event->raw().size();
      event->set_raw({});
      if (!name_.empty()) event->set_ref(name_, event->ref().line);
      block->Keep();
    }
    report_.stats = reader_->stats();
    if (block->size() == 0) return nullptr;
    return block;
  }

 private:
  const std::string_view name_;
  const std::unique_ptr<EventReader> reader_;
};

}  // namespace

LinesBlock::LinesBlock(std::string_view text, std::string owned, std::string_view name,
                       uint64_t line)
    : owned_(std::move(owned)), text_(text.empty() ? owned_ : text), name_(name), line_(line) {}

void LinesBlock::Read(BlockReaders* readers, ReadReport* report, const VisitEvent& visit) {
  report->stats.bytes += text_.size();
  Event& event = readers->event();
  while (!text_.empty()) {
    const size_t end = EndOfLine(text_);
    const std::string_view line = Trim(text_.substr(0, end));
    if (line.empty()) {
      ++report->stats.blank;
    } else if (line.starts_with('{') && line.ends_with('}') &&
               readers->json().Parse(line, &event).ok()) {
      event.set_ref(name_, line_);
      ++report->stats.events;
      visit(event);
    } else {
      ReadStrange(report, visit);
      continue;
    }
    ++line_;
    text_.remove_prefix(end);
  }
}

void LinesBlock::ReadStrange(ReadReport* report, const VisitEvent& visit) {
  // The reader tells the form of a stream from its beginning, and this is not one: an event that is
  // passed over comes first.
  constexpr std::string_view kLine = "{}\n";
  const std::string_view stretch = text_.substr(0, EndOfStretch(text_, 0));
  const std::string text = std::string(kLine).append(stretch);
  // All fields of the few such events: finding out which ones the rules read takes milliseconds.
  JsonlOptions options;
  options.on_broken = [this, report](uint64_t line, std::string_view reason) {
    report->AddReason(line_ + line - 2, reason);
  };
  const auto reader = NewJsonlReader(std::string(), SourceOf(text), std::move(options));
  Event event;
  while (true) {
    const absl::StatusOr<bool> more = reader->Next(&event);
    if (!more.ok()) report->AddBroken(line_, std::string(more.status().message()));
    if (!more.ok() || !*more) break;
    if (event.ref().line == 1) continue;
    event.set_ref(name_, line_ + event.ref().line - 2);
    visit(event);
  }
  ReadStats stats = reader->stats();
  stats.bytes = 0;  // counted with the block
  --stats.events;
  report->Add({stats, {}});
  line_ += static_cast<uint64_t>(std::ranges::count(stretch, '\n'));
  text_.remove_prefix(stretch.size());
}

bool LooksLikeLines(std::string_view bytes) {
  const std::string_view text = Trim(bytes.substr(0, 4096));
  if (!text.starts_with('{')) return false;
  const size_t line = text.find('\n');
  if (line != std::string_view::npos && !Trim(text.substr(0, line)).ends_with('}')) return false;
  // {"Records":[..]} is one array of events.
  return !Trim(text.substr(1)).starts_with("\"Records\"");
}

std::unique_ptr<BlockSource> NewReaderSource(
    std::function<std::unique_ptr<EventReader>(ReadReport*)> open, std::string_view name) {
  return std::make_unique<ReaderSource>(open, name);
}

EventReaderOptions ReaderOptions(const ReadOptions& options, ReadReport* report) {
  EventReaderOptions out;
  out.format = options.format;
  out.json.only_fields_of = options.program.get();
  // The callback keeps the program for as long as the reader lives.
  out.text.on_broken = [report, program = options.program](uint64_t line, std::string_view reason) {
    report->AddReason(line, reason);
  };
  return out;
}

std::unique_ptr<BlockSource> NewBytesSource(std::string_view bytes, std::string_view name,
                                            const ReadOptions& options) {
  if (options.format.value_or(EventFormat::kJson) == EventFormat::kJson && LooksLikeLines(bytes)) {
    return std::make_unique<LinesSource>(bytes, name);
  }
  return NewReaderSource(
      [&](ReadReport* report) {
        return NewEventReader(std::string(), SourceOf(bytes), ReaderOptions(options, report));
      },
      name);
}

}  // namespace vedette::python
