// Texts as sources of bytes.
#ifndef VEDETTE_TESTS_SUPPORT_BYTES_OF_H_
#define VEDETTE_TESTS_SUPPORT_BYTES_OF_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "vedette/io/bytes.h"

namespace vedette::test {

// A source that hands out at most `step` bytes at a time.
inline ByteSource BytesOf(std::string text, size_t step = SIZE_MAX) {
  return [text = std::move(text), step, at = size_t{0}](
             char* buffer, size_t size) mutable -> absl::StatusOr<size_t> {
    const size_t n = std::min({size, step, text.size() - at});
    if (n > 0) std::memcpy(buffer, text.data() + at, n);
    at += n;
    return n;
  };
}

}  // namespace vedette::test

#endif  // VEDETTE_TESTS_SUPPORT_BYTES_OF_H_
