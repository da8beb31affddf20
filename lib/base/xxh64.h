// XXH64, a well-known checksum (https://xxhash.com): for bytes that are stored and read again.
#ifndef VEDETTE_LIB_BASE_XXH64_H_
#define VEDETTE_LIB_BASE_XXH64_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace vedette::inline v0 {

namespace xxh64_internal {

inline constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87ULL;
inline constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FULL;
inline constexpr uint64_t kPrime3 = 0x165667B19E3779F9ULL;
inline constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63ULL;
inline constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5ULL;

constexpr uint64_t Rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

// Little endian on every machine. The loop is for machines that are not, and for constants.
constexpr uint64_t Read(const char* at, size_t bytes) {
  uint64_t x = 0;
  if (std::endian::native == std::endian::little && !std::is_constant_evaluated()) {
    std::memcpy(&x, at, bytes);
    return x;
  }
  for (size_t i = 0; i < bytes; ++i) x |= uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  return x;
}

constexpr uint64_t Round(uint64_t lane, uint64_t input) {
  return Rotate(lane + input * kPrime2, 31) * kPrime1;
}

constexpr uint64_t Merge(uint64_t h, uint64_t lane) {
  return (h ^ Round(0, lane)) * kPrime1 + kPrime4;
}

}  // namespace xxh64_internal

// Not for hostile keys in hash tables, and no proof of origin.
constexpr uint64_t Xxh64(std::string_view bytes, uint64_t seed = 0) {
  using namespace xxh64_internal;
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t h = seed + kPrime5;
  if (left >= 32) {
    uint64_t a = seed + kPrime1 + kPrime2;
    uint64_t b = seed + kPrime2;
    uint64_t c = seed;
    uint64_t d = seed - kPrime1;
    for (; left >= 32; left -= 32, at += 32) {
      a = Round(a, Read(at, 8));
      b = Round(b, Read(at + 8, 8));
      c = Round(c, Read(at + 16, 8));
      d = Round(d, Read(at + 24, 8));
    }
    h = Rotate(a, 1) + Rotate(b, 7) + Rotate(c, 12) + Rotate(d, 18);
    h = Merge(Merge(Merge(Merge(h, a), b), c), d);
  }
  h += bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    h = Rotate(h ^ Round(0, Read(at, 8)), 27) * kPrime1 + kPrime4;
  }
  if (left >= 4) {
    h = Rotate(h ^ Read(at, 4) * kPrime1, 23) * kPrime2 + kPrime3;
    left -= 4;
    at += 4;
  }
  for (; left > 0; --left, ++at) h = Rotate(h ^ Read(at, 1) * kPrime5, 11) * kPrime1;
  h = (h ^ (h >> 33)) * kPrime2;
  h = (h ^ (h >> 29)) * kPrime3;
  return h ^ (h >> 32);
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BASE_XXH64_H_
