// A 64-bit hash that is the same on every machine and in every release: fingerprints are stored.
#ifndef VEDETTE_LIB_BASE_HASH_H_
#define VEDETTE_LIB_BASE_HASH_H_

#include <cstdint>
#include <string_view>

namespace vedette::inline v0 {

// FNV-1a, finished by a mixing step so that all bits depend on the last bytes. Not for hostile
// keys in hash tables.
constexpr uint64_t StableHash(std::string_view bytes, uint64_t seed = 0xcbf29ce484222325ULL) {
  uint64_t h = seed;
  for (const char c : bytes) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ULL;
  }
  h ^= h >> 32;
  h *= 0x9e3779b97f4a7c15ULL;
  return h ^ (h >> 29);
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BASE_HASH_H_
