#include "lib/io/segment/segment_format.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "lib/program/byte_reader.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

// Times as a flag and, if there are any, the first and what the last is later.
void AppendTimes(EventTime low, EventTime high, std::string* out) {
  out->push_back(low == kNoEventTime ? '\0' : '\1');
  if (low == kNoEventTime) return;
  AppendZigzag(low, out);
  AppendVarint(static_cast<uint64_t>(high) - static_cast<uint64_t>(low), out);
}

void ReadTimes(ByteReader* in, EventTime* low, EventTime* high) {
  if (!in->Flag()) return;
  *low = in->Zigzag();
  const uint64_t span = in->Varint();
  *high = static_cast<EventTime>(static_cast<uint64_t>(*low) + span);
  if (*low == kNoEventTime || *high < *low) in->Fail("a span of times is turned round");
}

void ReadBlock(ByteReader* in, uint64_t file_bytes, uint64_t* offset, SegmentIndex* index) {
  StoredBlock stored;
  BlockInfo block;
  stored.offset = *offset;
  for (uint64_t* size : {&stored.packed_bytes, &stored.columns_bytes, &stored.filter_bytes}) {
    *size = in->Varint();
    if (*size > file_bytes) return in->Fail("a block is longer than the file");
  }
  stored.text_bytes = in->Varint();
  stored.checksum = in->Fixed(8);
  stored.filter_checksum = in->Fixed(8);
  *offset = stored.end();
  if (stored.text_bytes > kMaxBlockBytes || *offset > file_bytes) {
    return in->Fail("a block is too long");
  }
  block.events = in->Varint();
  block.untimed = in->Varint();
  // Each event has five numbers of at least a byte in the columns.
  if (block.events > kMaxBlockEvents || block.events > stored.columns_bytes / 5 ||
      block.untimed > block.events) {
    return in->Fail("a block has more events than it has room for");
  }
  ReadTimes(in, &block.min_time, &block.max_time);
  if ((block.min_time == kNoEventTime) != (block.untimed == block.events)) {
    return in->Fail("a block's times do not fit its events");
  }
  block.bytes = stored.packed_bytes + stored.columns_bytes;
  for (size_t n = in->Count(3); n > 0 && in->ok(); --n) {
    BlockSource& s = block.sources.emplace_back();
    s.source = in->Index(index->info.sources.size(), "a source");
    s.events = in->Varint();
    ReadTimes(in, &s.min_time, &s.max_time);
  }
  index->info.blocks.push_back(std::move(block));
  index->stored.push_back(stored);
}

void Widen(EventTime low, EventTime high, EventTime* min_time, EventTime* max_time) {
  if (low == kNoEventTime) return;
  if (*min_time == kNoEventTime || low < *min_time) *min_time = low;
  *max_time = std::max(*max_time, high);
}

}  // namespace

void CountEvent(uint32_t source, EventTime time, BlockInfo* block) {
  ++block->events;
  if (time == kNoEventTime) ++block->untimed;
  Widen(time, time, &block->min_time, &block->max_time);
  auto it = std::find_if(block->sources.begin(), block->sources.end(),
                         [source](const BlockSource& s) { return s.source == source; });
  if (it == block->sources.end()) {
    it = block->sources.emplace(it);
    it->source = source;
  }
  ++it->events;
  Widen(time, time, &it->min_time, &it->max_time);
}

std::string EncodeIndex(const SegmentIndex& index) {
  std::string out;
  AppendVarint(index.info.sources.size(), &out);
  for (const std::string& name : index.info.sources) AppendText(name, &out);
  AppendVarint(index.log_sources.size(), &out);
  for (const LogSource& s : index.log_sources) {
    for (const std::string* part : {&s.product, &s.category, &s.service}) AppendText(*part, &out);
  }
  AppendVarint(index.stored.size(), &out);
  for (size_t i = 0; i < index.stored.size(); ++i) {
    const StoredBlock& stored = index.stored[i];
    const BlockInfo& block = index.info.blocks[i];
    for (const uint64_t n :
         {stored.packed_bytes, stored.columns_bytes, stored.filter_bytes, stored.text_bytes}) {
      AppendVarint(n, &out);
    }
    AppendFixed(stored.checksum, 8, &out);
    AppendFixed(stored.filter_checksum, 8, &out);
    AppendVarint(block.events, &out);
    AppendVarint(block.untimed, &out);
    AppendTimes(block.min_time, block.max_time, &out);
    AppendVarint(block.sources.size(), &out);
    for (const BlockSource& s : block.sources) {
      AppendVarint(s.source, &out);
      AppendVarint(s.events, &out);
      AppendTimes(s.min_time, s.max_time, &out);
    }
  }
  return out;
}

absl::StatusOr<SegmentIndex> DecodeIndex(std::string_view bytes, uint64_t file_bytes) {
  SegmentIndex index;
  ByteReader in(bytes);
  for (size_t n = in.Count(1); n > 0 && in.ok(); --n) index.info.sources.emplace_back(in.Text());
  for (size_t n = in.Count(3); n > 0 && in.ok(); --n) {
    LogSource& s = index.log_sources.emplace_back();
    for (std::string* part : {&s.product, &s.category, &s.service}) *part = in.Text();
  }
  uint64_t offset = 0;
  for (size_t n = in.Count(24); n > 0 && in.ok(); --n) {
    ReadBlock(&in, file_bytes, &offset, &index);
  }
  if (in.ok() && in.left() > 0) in.Fail("it goes on behind its end");
  if (!in.ok()) return absl::DataLossError(absl::StrCat("the index is damaged: ", in.error()));
  for (const BlockInfo& b : index.info.blocks) {
    index.info.events += b.events;
    Widen(b.min_time, b.max_time, &index.info.min_time, &index.info.max_time);
  }
  index.info.bytes = file_bytes;
  return index;
}

std::string BuildFilter(std::span<const uint64_t> distinct_hashes, uint32_t bits_each) {
  const uint64_t bits = std::max<uint64_t>(64, distinct_hashes.size() * uint64_t{bits_each});
  // ln 2 times the bits a value: fewest false answers.
  const auto hashes = static_cast<int>(std::clamp(std::lround(bits_each * 0.6931), 1L, 16L));
  std::string out(1 + (bits + 7) / 8, '\0');
  out[0] = static_cast<char>(hashes);
  const uint64_t size = (out.size() - 1) * 8;
  for (uint64_t h : distinct_hashes) {
    const uint64_t step = (h >> 32 | h << 32) | 1;
    for (int i = 0; i < hashes; ++i, h += step) {
      const uint64_t bit = h % size;
      out[1 + bit / 8] = static_cast<char>(out[1 + bit / 8] | (1 << bit % 8));
    }
  }
  return out;
}

bool FilterMayHold(std::string_view filter, uint64_t hash) {
  if (filter.size() < 2) return true;
  const int hashes = static_cast<unsigned char>(filter[0]);
  const uint64_t size = (filter.size() - 1) * 8;
  const uint64_t step = (hash >> 32 | hash << 32) | 1;
  for (int i = 0; i < hashes; ++i, hash += step) {
    const uint64_t bit = hash % size;
    if ((static_cast<unsigned char>(filter[1 + bit / 8]) >> bit % 8 & 1) == 0) return false;
  }
  return true;
}

}  // namespace vedette::inline v0
