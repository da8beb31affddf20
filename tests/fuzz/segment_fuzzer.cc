// Hostile segment files: refused, or every block is read or refused. With a first byte of 'I' the
// rest is an index, around which a file with right checksums is made.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/xxh64.h"
#include "lib/io/segment/segment_format.h"
#include "lib/program/saved_format.h"
#include "vedette/io/segment.h"

namespace {

using namespace vedette;

void Try(const std::string& bytes) {
  SegmentBytes source;
  source.size = bytes.size();
  source.read_at = [&bytes](uint64_t offset, char* buffer, size_t size) {
    // The reader must not ask for what is not there.
    if (offset > bytes.size() || size > bytes.size() - offset) __builtin_trap();
    if (size > 0) std::memcpy(buffer, bytes.data() + offset, size);
    return absl::OkStatus();
  };
  const auto segment = OpenSegment("fuzz", std::move(source));
  if (!segment.ok()) return;
  const SegmentInfo& info = (*segment)->info();
  const auto reader = (*segment)->NewBlockReader({});
  uint64_t budget = uint64_t{1} << 22;  // text that is unpacked
  for (size_t b = 0; b < info.blocks.size() && b < 64; ++b) {
    const uint64_t hash = b;
    (*segment)->MayHold(b, {&hash, 1}).IgnoreError();
    if (info.blocks[b].bytes > budget) break;
    budget -= info.blocks[b].bytes;
    uint64_t events = 0;
    const absl::Status read = reader->Read(b, [&events](const Event& e) {
      ++events;
      if (!e.root().is_object() || e.ref().source.size() > (size_t{1} << 24)) __builtin_trap();
      return absl::OkStatus();
    });
    if (read.ok() && events != info.blocks[b].events) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (!bytes.starts_with('I')) {
    Try(bytes);
    return 0;
  }
  // A forged index over some bytes that are no blocks.
  const std::string index = bytes.substr(1);
  std::string file(256, '\0');
  AppendFixed(kSkippableMagic, 4, &file);
  AppendFixed(index.size() + kFooterBytes, 4, &file);
  file += index;
  AppendFixed(index.size(), 8, &file);
  AppendFixed(Xxh64(index), 8, &file);
  AppendFixed(kSegmentForm, 8, &file);
  file += kSegmentMagic;
  Try(file);
  return 0;
}
