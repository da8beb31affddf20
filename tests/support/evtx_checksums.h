// The checksums of event log files, computed apart from the library.
#ifndef VEDETTE_TESTS_SUPPORT_EVTX_CHECKSUMS_H_
#define VEDETTE_TESTS_SUPPORT_EVTX_CHECKSUMS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vedette::test {

// CRC-32 as of IEEE 802.3, a bit at a time.
inline uint32_t Crc32(std::string_view bytes, uint32_t before = 0) {
  uint32_t crc = ~before;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

inline void PutLittle(uint64_t value, size_t size, size_t at, std::string* out) {
  for (size_t i = 0; i < size; ++i) (*out)[at + i] = static_cast<char>(value >> 8 * i & 0xFF);
}

inline uint64_t GetLittle(std::string_view bytes, size_t size, size_t at) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

// `file` with the checksums of its header and of all chunks that it has whole.
inline std::string WithChecksums(std::string file) {
  constexpr size_t kBlock = 4096;
  constexpr size_t kChunk = 65536;
  if (file.size() >= 128) PutLittle(Crc32(std::string_view(file).substr(0, 120)), 4, 124, &file);
  for (size_t at = kBlock; at + kChunk <= file.size(); at += kChunk) {
    const uint64_t free = GetLittle(file, 4, at + 48);
    if (free >= 512 && free <= kChunk) {
      PutLittle(Crc32(std::string_view(file).substr(at + 512, free - 512)), 4, at + 52, &file);
    }
    const uint32_t first = Crc32(std::string_view(file).substr(at, 120));
    PutLittle(Crc32(std::string_view(file).substr(at + 128, 384), first), 4, at + 124, &file);
  }
  return file;
}

}  // namespace vedette::test

#endif  // VEDETTE_TESTS_SUPPORT_EVTX_CHECKSUMS_H_
