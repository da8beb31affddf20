// Tables, also packed; the first byte is how much a read gives.
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tests/support/fuzz_reader.h"
#include "vedette/io/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  vedette::CsvOptions options;
  options.text.max_bytes = 4096;
  options.text.max_fields = 100;
  vedette::test::FuzzReader(data, size, [&options](vedette::ByteSource bytes) {
    return vedette::NewCsvReader("fuzz", std::move(bytes), options);
  });
  return 0;
}
