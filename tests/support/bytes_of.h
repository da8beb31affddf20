// Texts as sources of bytes.
#ifndef VEDETTE_TESTS_SUPPORT_BYTES_OF_H_
#define VEDETTE_TESTS_SUPPORT_BYTES_OF_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "vedette/io/bytes.h"

namespace vedette::test {

// While it is true, sources are made that have nothing more for now (Unavailable) before each read.
inline thread_local bool interrupt_sources = false;

// A source that hands out at most `step` bytes at a time.
inline ByteSource BytesOf(std::string text, size_t step = SIZE_MAX) {
  return [text = std::move(text), step, at = size_t{0}, interrupt = interrupt_sources,
          waits = false](char* buffer, size_t size) mutable -> absl::StatusOr<size_t> {
    waits = interrupt && !waits;
    if (waits) return absl::UnavailableError("nothing more for now");
    const size_t n = std::min({size, step, text.size() - at});
    if (n > 0) std::memcpy(buffer, text.data() + at, n);
    at += n;
    return n;
  };
}

}  // namespace vedette::test

#endif  // VEDETTE_TESTS_SUPPORT_BYTES_OF_H_
