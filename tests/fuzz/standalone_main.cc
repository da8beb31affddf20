// Runs a fuzz target on the files that are named, without a fuzzer: seeds stay tests everywhere.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s SEED_FILE...\n", argv[0]);
    return 2;
  }
  size_t runs = 0;
  for (int i = 1; i < argc; ++i) {
    // Under Bazel the arguments are relative to the package.
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) file.open("tests/" + std::string(argv[i]), std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", argv[i]);
      return 1;
    }
    const std::vector<uint8_t> data{std::istreambuf_iterator<char>(file), {}};
    // The seed, and the seed cut at every length, as a stream that breaks off would be.
    for (size_t size = 0; size <= data.size(); size += data.size() / 64 + 1) {
      LLVMFuzzerTestOneInput(data.data(), size);
      ++runs;
    }
    LLVMFuzzerTestOneInput(data.data(), data.size());
  }
  std::printf("%zu inputs\n", runs);
  return 0;
}
