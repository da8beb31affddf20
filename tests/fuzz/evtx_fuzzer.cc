// Event log files with their checksums put right, so that what is behind them is reached; the first
// byte is how much a read gives.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "tests/support/evtx_checksums.h"
#include "tests/support/fuzz_reader.h"
#include "vedette/io/evtx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string file(reinterpret_cast<const char*>(data), size);
  // Odd first bytes keep the checksums as they are.
  if (data[0] % 2 == 0) {
    std::string fixed = vedette::test::WithChecksums(file.substr(1));
    file = file.substr(0, 1) + fixed;
  }
  vedette::test::FuzzReader(
      reinterpret_cast<const uint8_t*>(file.data()), file.size(),
      [](vedette::ByteSource bytes) { return vedette::NewEvtxReader("fuzz", std::move(bytes)); });
  return 0;
}
