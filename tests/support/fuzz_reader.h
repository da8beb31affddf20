// What the fuzz targets of readers have in common.
#ifndef VEDETTE_TESTS_SUPPORT_FUZZ_READER_H_
#define VEDETTE_TESTS_SUPPORT_FUZZ_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/bytes_of.h"
#include "vedette/sink.h"

namespace vedette::test {

// Reads all of a text; its first byte says how much a read gives. Traps if an event does not name
// its source, is no object or cannot be written. Returns all events as text.
inline std::string ReadForFuzz(
    const uint8_t* data, size_t size,
    const std::function<std::unique_ptr<EventReader>(ByteSource)>& open) {
  std::string all;
  const size_t step = data[0] + size_t{1};
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto reader = open(BytesOf(std::move(text), step));
  constexpr size_t kMostUnpacked = size_t{1} << 20;
  Event event;
  while (reader->stats().bytes < kMostUnpacked) {
    const auto more = reader->Next(&event);
    if (absl::IsUnavailable(more.status())) continue;
    if (!more.ok() || !*more) break;
    if (event.ref().source != "fuzz") __builtin_trap();
    const std::string json = event.root().ToJson();
    if (json.empty() || !event.root().is_object()) __builtin_trap();
    all.append(std::to_string(event.ref().line)).append(json);
  }
  return all;
}

// The same twice: traps if it makes a difference that the stream has nothing more for now between
// two reads.
inline void FuzzReader(const uint8_t* data, size_t size,
                       const std::function<std::unique_ptr<EventReader>(ByteSource)>& open) {
  if (size == 0) return;
  const std::string all = ReadForFuzz(data, size, open);
  interrupt_sources = true;
  const std::string pieces = ReadForFuzz(data, size, open);
  interrupt_sources = false;
  if (all != pieces) __builtin_trap();
}

}  // namespace vedette::test

#endif  // VEDETTE_TESTS_SUPPORT_FUZZ_READER_H_
