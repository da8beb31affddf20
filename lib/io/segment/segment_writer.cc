#include <zstd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "lib/base/strings.h"
#include "lib/base/xxh64.h"
#include "lib/io/segment/segment_format.h"
#include "lib/program/saved_format.h"
#include "vedette/io/segment.h"
#include "vedette/observable.h"

namespace vedette::inline v0 {
namespace {

std::string_view WithoutBlanks(std::string_view s) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = s.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view()
                                         : s.substr(first, s.find_last_not_of(kBlanks) - first + 1);
}

struct FreeContext {
  void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
};

}  // namespace

struct SegmentWriter::Impl {
  absl::Status Write(std::string_view bytes) {
    if (status.ok()) {
      status = sink(bytes);
      written += bytes.size();
    }
    return status;
  }
  absl::Status WriteSkippable(std::string_view contents) {
    std::string header;
    AppendFixed(kSkippableMagic, 4, &header);
    AppendFixed(contents.size(), 4, &header);
    if (absl::Status s = Write(header); !s.ok()) return s;
    return Write(contents);
  }
  uint32_t SourceOf(std::string_view name);
  uint64_t LogSourceOf(const LogSource* source);
  bool SpansTooMuch(EventTime time) const;
  void AppendLine(const Event& event);
  void AddColumns(const Event& event, uint32_t source);
  absl::Status EndBlock();

  SegmentSink sink;
  SegmentWriterOptions options;
  std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
  SegmentIndex index;
  absl::flat_hash_map<std::string, uint32_t, StringHash, StringEq> sources;
  std::string text;  // of the block
  std::string columns;
  EventTime last_time = 0;  // of the block, for differences
  absl::flat_hash_set<uint64_t> observables;
  BlockInfo block;
  ValueArena arena;
  std::string packed;
  uint64_t events = 0;
  uint64_t written = 0;
  bool finished = false;
  absl::Status status;
};

uint32_t SegmentWriter::Impl::SourceOf(std::string_view name) {
  const auto it = sources.find(name);
  if (it != sources.end()) return it->second;
  const auto i = static_cast<uint32_t>(index.info.sources.size());
  index.info.sources.emplace_back(name);
  sources.emplace(std::string(name), i);
  return i;
}

uint64_t SegmentWriter::Impl::LogSourceOf(const LogSource* source) {
  if (source == nullptr) return 0;
  auto& known = index.log_sources;
  const auto it = std::find_if(known.begin(), known.end(), [source](const LogSource& s) {
    return s.product == source->product && s.category == source->category &&
           s.service == source->service;
  });
  if (it != known.end()) return static_cast<uint64_t>(it - known.begin()) + 1;
  known.push_back(*source);
  return known.size();
}

bool SegmentWriter::Impl::SpansTooMuch(EventTime time) const {
  constexpr uint64_t kEnoughEvents = 64;
  if (options.block_span_ns <= 0 || block.events < kEnoughEvents || time == kNoEventTime ||
      block.min_time == kNoEventTime) {
    return false;
  }
  const auto span = static_cast<uint64_t>(options.block_span_ns);
  const auto low = static_cast<uint64_t>(std::min(time, block.min_time));
  return static_cast<uint64_t>(std::max(time, block.max_time)) - low > span;
}

void SegmentWriter::Impl::AppendLine(const Event& event) {
  const std::string_view raw = WithoutBlanks(event.raw());
  if (!raw.starts_with('{')) {
    text += event.root().ToJson();
  } else {
    const size_t begin = text.size();
    text += raw;
    // Line ends within JSON stand between its parts only: blanks say the same.
    std::replace_if(
        text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(),
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
  }
  text.push_back('\n');
}

void SegmentWriter::Impl::AddColumns(const Event& event, uint32_t source) {
  AppendVarint(source, &columns);
  AppendVarint(event.ref().line, &columns);
  const bool timed = event.time() != kNoEventTime;
  columns.push_back(timed ? '\1' : '\0');
  const EventTime time = timed ? event.time() : last_time;
  if (timed) {
    AppendZigzag(
        static_cast<int64_t>(static_cast<uint64_t>(time) - static_cast<uint64_t>(last_time)),
        &columns);
  } else {
    columns.push_back('\0');
  }
  last_time = time;
  columns.push_back(static_cast<char>(event.shape()));
  AppendVarint(LogSourceOf(event.log_source()), &columns);
}

absl::Status SegmentWriter::Impl::EndBlock() {
  if (block.events == 0) return status;
  if (context == nullptr) return status = absl::ResourceExhaustedError("zstd has no memory");
  packed.resize(ZSTD_compressBound(text.size()));
  const size_t size = ZSTD_compressCCtx(context.get(), packed.data(), packed.size(), text.data(),
                                        text.size(), std::clamp(options.compression, 1, 19));
  if (ZSTD_isError(size) != 0) return status = absl::InternalError(ZSTD_getErrorName(size));
  packed.resize(size);
  std::vector<uint64_t> hashes(observables.begin(), observables.end());
  // The same bytes for the same events.
  std::sort(hashes.begin(), hashes.end());
  const std::string filter = BuildFilter(hashes, std::clamp(options.bits_per_observable, 1U, 64U));
  StoredBlock stored;
  stored.offset = written;
  stored.packed_bytes = packed.size();
  stored.columns_bytes = columns.size();
  stored.filter_bytes = filter.size();
  stored.text_bytes = text.size();
  stored.checksum = Xxh64(columns, Xxh64(packed));
  stored.filter_checksum = Xxh64(filter);
  Write(packed).IgnoreError();
  WriteSkippable(columns).IgnoreError();
  WriteSkippable(filter).IgnoreError();
  index.stored.push_back(stored);
  index.info.blocks.push_back(std::exchange(block, {}));
  text.clear();
  columns.clear();
  observables.clear();
  last_time = 0;
  return status;
}

SegmentWriter::SegmentWriter(SegmentSink sink, SegmentWriterOptions options)
    : impl_(std::make_unique<Impl>()) {
  impl_->sink = std::move(sink);
  impl_->options = options;
}
SegmentWriter::~SegmentWriter() = default;

absl::Status SegmentWriter::Add(const Event& event) {
  Impl& impl = *impl_;
  if (!impl.status.ok()) return impl.status;
  if (impl.finished) return absl::FailedPreconditionError("the segment is finished");
  const size_t begin = impl.text.size();
  impl.AppendLine(event);
  const size_t size = impl.text.size() - begin;
  if (size > kMaxEventBytes) {
    impl.text.resize(begin);
    return absl::ResourceExhaustedError("an event of more than 64 MiB");
  }
  if (impl.block.events > 0 &&
      (begin + size > impl.options.block_bytes || impl.block.events >= kMaxBlockEvents ||
       impl.SpansTooMuch(event.time()))) {
    const std::string line = impl.text.substr(begin);
    impl.text.resize(begin);
    if (absl::Status s = impl.EndBlock(); !s.ok()) return s;
    impl.text = line;
  }
  const uint32_t source = impl.SourceOf(event.ref().source);
  impl.AddColumns(event, source);
  CountEvent(source, event.time(), &impl.block);
  impl.arena.Reset();
  ForEachObservable(event.view(), &impl.arena, [&impl](std::string_view text) {
    impl.observables.insert(HashObservable(text));
  });
  ++impl.events;
  return absl::OkStatus();
}

absl::Status SegmentWriter::Finish() {
  Impl& impl = *impl_;
  if (impl.finished || !impl.status.ok()) return impl.status;
  if (absl::Status s = impl.EndBlock(); !s.ok()) return s;
  impl.finished = true;
  std::string index = EncodeIndex(impl.index);
  if (index.size() > kMaxIndexBytes) {
    return impl.status = absl::ResourceExhaustedError("the segment has too many blocks");
  }
  std::string footer;
  AppendFixed(index.size(), 8, &footer);
  AppendFixed(Xxh64(index), 8, &footer);
  AppendFixed(kSegmentForm, 8, &footer);
  footer += kSegmentMagic;
  return impl.WriteSkippable(index + footer);
}

uint64_t SegmentWriter::events() const { return impl_->events; }
uint64_t SegmentWriter::bytes() const { return impl_->written; }

}  // namespace vedette::inline v0
