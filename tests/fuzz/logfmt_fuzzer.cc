// Streams of logfmt records, also packed; the first byte is how much a read gives.
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tests/support/fuzz_reader.h"
#include "vedette/io/logfmt.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  vedette::TextOptions options;
  options.max_bytes = 4096;
  options.max_fields = 100;
  options.zone = [](int64_t wall) { return wall - 3600; };
  options.reference_time = [] { return vedette::EventTime{1794900000} * 1000000000; };
  vedette::test::FuzzReader(data, size, [&options](vedette::ByteSource bytes) {
    return vedette::NewLogfmtReader("fuzz", std::move(bytes), options);
  });
  return 0;
}
