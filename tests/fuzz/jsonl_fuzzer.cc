// Streams of events, also packed ones; the first byte is how much a read gives.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "vedette/io/jsonl.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = data[0] + size_t{1};
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  vedette::JsonlOptions options;
  options.json.max_bytes = 512;
  size_t unpacked = 0;
  auto reader = vedette::NewJsonlReader(
      "fuzz",
      [&rest, step](char* buffer, size_t wanted) -> absl::StatusOr<size_t> {
        const size_t n = std::min({wanted, step, rest.size()});
        std::memcpy(buffer, rest.data(), n);
        rest.remove_prefix(n);
        return n;
      },
      options);
  vedette::Event event;
  while (unpacked < (size_t{4} << 20)) {
    const auto more = reader->Next(&event);
    if (!more.ok() || !*more) break;
    if (event.ref().line == 0) __builtin_trap();
    unpacked = reader->stats().bytes;
  }
  return 0;
}
