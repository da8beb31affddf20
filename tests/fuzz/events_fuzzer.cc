// Streams whose format is told from their beginning; the first byte is how much a read gives.
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tests/support/fuzz_reader.h"
#include "vedette/io/events.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  vedette::EventReaderOptions options;
  options.json.max_bytes = 512;
  options.text.max_bytes = 512;
  options.text.max_fields = 50;
  vedette::test::FuzzReader(data, size, [&options](vedette::ByteSource bytes) {
    return vedette::NewEventReader("fuzz", std::move(bytes), options);
  });
  return 0;
}
