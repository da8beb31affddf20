#include "vedette/alert/id.h"

#include "lib/base/xxh64.h"

namespace vedette::inline v0 {

std::string Id128::ToText() const {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out(32, '0');
  for (size_t i = 0; i < 16; ++i) {
    out[15 - i] = kHex[high >> (4 * i) & 15];
    out[31 - i] = kHex[low >> (4 * i) & 15];
  }
  return out;
}

std::optional<Id128> Id128::Parse(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  Id128 id;
  for (size_t i = 0; i < 32; ++i) {
    const char c = text[i];
    uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
    uint64_t& half = i < 16 ? id.high : id.low;
    half = half << 4 | digit;
  }
  return id;
}

Id128 MakeId(std::string_view bytes) {
  Id128 id;
  id.high = Xxh64(bytes, 0x56454445'54544531ULL);
  // Seeded by the first half: what collides in one rarely does in the other.
  id.low = Xxh64(bytes, id.high ^ 0x9E3779B97F4A7C15ULL);
  if (id.empty()) id.low = 1;
  return id;
}

}  // namespace vedette::inline v0
