// Numbers by chance, the same on every machine.
#ifndef VEDETTE_TESTS_SUPPORT_LCG_H_
#define VEDETTE_TESTS_SUPPORT_LCG_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace vedette::testing {

// A linear congruential generator, whose high bits are good enough for tests.
class Lcg {
 public:
  explicit Lcg(uint32_t seed = 1) : state_(seed) {}

  uint32_t Next() {
    state_ = state_ * 1664525 + 1013904223;
    return state_ >> 16;
  }
  // Below `n`, which is at most 65,536.
  uint32_t Below(uint32_t n) { return Next() % n; }
  // One of the items of something with a size.
  template <typename T>
  const auto& Of(const T& items) {
    return items[Below(static_cast<uint32_t>(items.size()))];
  }
  // Up to `max` characters of the alphabet.
  std::string Text(std::string_view alphabet, uint32_t max) {
    std::string out;
    for (uint32_t i = Below(max + 1); i > 0; --i) out += Of(alphabet);
    return out;
  }

 private:
  uint32_t state_;
};

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_LCG_H_
