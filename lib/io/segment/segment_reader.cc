#include <zstd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "lib/base/xxh64.h"
#include "lib/io/segment/segment_format.h"
#include "lib/program/byte_reader.h"
#include "vedette/io/segment.h"
#include "vedette/json.h"

namespace vedette::inline v0 {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
};

absl::Status Damaged(size_t block, std::string_view what) {
  return absl::DataLossError(absl::StrCat("block ", block, ": ", ToAbsl(what)));
}

// What is known of an event beside its JSON.
struct Columns {
  uint32_t source = 0;
  uint64_t line = 0;
  EventTime time = kNoEventTime;
  EventShape shape = EventShape::kGeneric;
  uint64_t log_source = 0;
};

class FileSegment : public SegmentReader {
 public:
  FileSegment(SegmentBytes bytes, SegmentIndex index)
      : bytes_(std::move(bytes)), index_(std::move(index)) {}

  const SegmentInfo& info() const override { return index_.info; }
  std::unique_ptr<BlockReader> NewBlockReader(const BlockReadOptions& options) const override;
  absl::StatusOr<bool> MayHold(size_t block, std::span<const uint64_t> hashes) const override {
    if (block >= index_.stored.size()) return absl::OutOfRangeError("there is no such block");
    const StoredBlock& stored = index_.stored[block];
    std::string filter(stored.filter_bytes, '\0');
    absl::Status read = bytes_.read_at(stored.filter_at(), filter.data(), filter.size());
    if (!read.ok()) return read;
    if (Xxh64(filter) != stored.filter_checksum) return Damaged(block, "its filter is damaged");
    return std::any_of(hashes.begin(), hashes.end(),
                       [&filter](uint64_t h) { return FilterMayHold(filter, h); });
  }

  const SegmentIndex& index() const { return index_; }
  const SegmentBytes& bytes() const { return bytes_; }

 private:
  SegmentBytes bytes_;
  SegmentIndex index_;
};

JsonOptions ParserOptions(const BlockReadOptions& options) {
  JsonOptions out;
  out.only_fields_of = options.only_fields_of;
  return out;
}

class FileBlockReader : public BlockReader {
 public:
  FileBlockReader(const FileSegment& segment, const BlockReadOptions& options)
      : segment_(segment), parser_(ParserOptions(options)) {}

  absl::Status Read(size_t block, const BlockVisitor& visit) override {
    const SegmentIndex& index = segment_.index();
    if (block >= index.stored.size()) return absl::OutOfRangeError("there is no such block");
    if (absl::Status s = Unpack(block, index.stored[block]); !s.ok()) return s;
    ByteReader columns(columns_);
    std::string_view lines = text_;
    BlockInfo found;
    EventTime last_time = 0;
    for (uint64_t i = 0; i < index.info.blocks[block].events; ++i) {
      const size_t end = lines.find('\n');
      if (end == std::string_view::npos) return Damaged(block, "it has too few events");
      const Columns c = ReadColumns(&columns, &last_time);
      if (!columns.ok()) return Damaged(block, columns.error());
      if (!parser_.Parse(lines.substr(0, end), &event_).ok()) {
        return Damaged(block, "an event is no JSON");
      }
      lines.remove_prefix(end + 1);
      event_.set_time(c.time);
      event_.set_shape(c.shape);
      if (c.log_source > 0) event_.set_log_source(index.log_sources[c.log_source - 1]);
      event_.set_ref(index.info.sources[c.source], c.line);
      CountEvent(c.source, c.time, &found);
      if (absl::Status s = visit(event_); !s.ok()) return s;
    }
    if (!lines.empty() || columns.left() > 0) return Damaged(block, "it has too many events");
    return Check(block, found);
  }

 private:
  absl::Status Unpack(size_t block, const StoredBlock& stored) {
    if (context_ == nullptr) return absl::ResourceExhaustedError("zstd has no memory");
    packed_.resize(stored.packed_bytes);
    columns_.resize(stored.columns_bytes);
    const auto& read_at = segment_.bytes().read_at;
    absl::Status read = read_at(stored.offset, packed_.data(), packed_.size());
    if (read.ok()) read = read_at(stored.columns_at(), columns_.data(), columns_.size());
    if (!read.ok()) return read;
    if (Xxh64(columns_, Xxh64(packed_)) != stored.checksum)
      return Damaged(block, "its checksum is wrong");
    text_.resize(stored.text_bytes);
    const size_t size = ZSTD_decompressDCtx(context_.get(), text_.data(), text_.size(),
                                            packed_.data(), packed_.size());
    if (ZSTD_isError(size) != 0 || size != text_.size())
      return Damaged(block, "it does not unpack");
    return absl::OkStatus();
  }

  Columns ReadColumns(ByteReader* in, EventTime* last_time) const {
    Columns c;
    c.source = in->Index(segment_.info().sources.size(), "a source");
    c.line = in->Varint();
    const bool timed = in->Flag();
    const auto later = static_cast<uint64_t>(in->Zigzag());
    if (timed) {
      *last_time = static_cast<EventTime>(static_cast<uint64_t>(*last_time) + later);
      c.time = *last_time;
    }
    c.shape = in->Enum(EventShape::kZeek, "a shape");
    c.log_source = in->Varint();
    if (c.log_source > segment_.index().log_sources.size()) in->Fail("a log source is unknown");
    return c;
  }

  // What blocks are skipped by must be true of those that are read.
  absl::Status Check(size_t block, const BlockInfo& found) const {
    const BlockInfo& told = segment_.info().blocks[block];
    const auto same = [](const BlockSource& a, const BlockSource& b) {
      return a.source == b.source && a.events == b.events && a.min_time == b.min_time &&
             a.max_time == b.max_time;
    };
    if (found.untimed != told.untimed || found.min_time != told.min_time ||
        found.max_time != told.max_time ||
        !std::equal(found.sources.begin(), found.sources.end(), told.sources.begin(),
                    told.sources.end(), same)) {
      return Damaged(block, "the index says something else of its events");
    }
    return absl::OkStatus();
  }

  const FileSegment& segment_;
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_{ZSTD_createDCtx()};
  JsonParser parser_;
  Event event_;
  std::string packed_;
  std::string columns_;
  std::string text_;
};

std::unique_ptr<BlockReader> FileSegment::NewBlockReader(const BlockReadOptions& options) const {
  return std::make_unique<FileBlockReader>(*this, options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SegmentReader>> OpenSegment(std::string name, SegmentBytes bytes) {
  const auto problem = [&name](const char* what) {
    return absl::DataLossError(absl::StrCat(name, ": ", what));
  };
  constexpr const char* kNone = "this is no segment, or its end is missing";
  if (bytes.size < kFooterBytes + kSkippableHeaderBytes) return problem(kNone);
  std::string footer(kFooterBytes, '\0');
  absl::Status read = bytes.read_at(bytes.size - kFooterBytes, footer.data(), footer.size());
  if (!read.ok()) return read;
  if (!footer.ends_with(kSegmentMagic)) return problem(kNone);
  ByteReader in(footer);
  const uint64_t index_bytes = in.Fixed(8);
  const uint64_t checksum = in.Fixed(8);
  const uint64_t form = in.Fixed(8);
  if (form != kSegmentForm) {
    return absl::UnimplementedError(
        absl::StrCat(name, ": a segment of form ", form, "; this reads form ", kSegmentForm));
  }
  const uint64_t room = bytes.size - kFooterBytes - kSkippableHeaderBytes;
  if (index_bytes > room || index_bytes > kMaxIndexBytes) {
    return problem("the index is longer than the file");
  }
  std::string contents(index_bytes, '\0');
  read = bytes.read_at(bytes.size - kFooterBytes - index_bytes, contents.data(), contents.size());
  if (!read.ok()) return read;
  if (Xxh64(contents) != checksum) return problem("the index has a wrong checksum");
  absl::StatusOr<SegmentIndex> index = DecodeIndex(contents, room - index_bytes);
  if (!index.ok()) return problem(std::string(index.status().message()).c_str());
  index->info.name = std::move(name);
  index->info.identity = checksum;
  index->info.bytes = bytes.size;
  return std::make_unique<FileSegment>(std::move(bytes), *std::move(index));
}

}  // namespace vedette::inline v0
