// 2^-x by tables, in integers only.
#include <array>
#include <cstdint>
#include <string>

#include "vedette/alert/risk.h"

namespace vedette::inline v0 {
namespace {

__extension__ using Wide = unsigned __int128;

// 2^-(2^-i) for i = 1 to 32, with 63 binary digits after the point, rounded.
constexpr std::array<uint64_t, 32> kRoots = {
    0x5a827999fcef3242, 0x6ba27e656b4eb57a, 0x75606373ee921c97, 0x7a92be8a92436616,
    0x7d41d96db915019d, 0x7e9f06067a4360ba, 0x7f4f08ae3dc7c426, 0x7fa765aca88f6453,
    0x7fd3ab290e46d769, 0x7fe9d3a8e07bf086, 0x7ff4e9597bed93ab, 0x7ffa748dff8dc61f,
    0x7ffd3a3f50020332, 0x7ffe9d1dbc0a75aa, 0x7fff4e8e6306ed59, 0x7fffa74712c3cdfd,
    0x7fffd3a381b1fa29, 0x7fffe9d1beed018a, 0x7ffff4e8defb81d7, 0x7ffffa746f5f012f,
    0x7ffffd3a37a7d0a8, 0x7ffffe9d1bd1fc58, 0x7fffff4e8de8832d, 0x7fffffa746f422d7,
    0x7fffffd3a37a09bb, 0x7fffffe9d1bd02f2, 0x7ffffff4e8de80fe, 0x7ffffffa746f4060,
    0x7ffffffd3a37a028, 0x7ffffffe9d1bd012, 0x7fffffff4e8de809, 0x7fffffffa746f404,
};

constexpr uint64_t kOne = uint64_t{1} << 63;

constexpr uint64_t Times(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>((Wide{a} * b + (uint64_t{1} << 62)) >> 63);
}

using Table = std::array<uint64_t, 256>;

// 2^-x for the eight binary digits of x from the `first`-th after the point on.
constexpr Table MakeTable(size_t first) {
  Table table{};
  for (size_t n = 0; n < 256; ++n) {
    uint64_t product = kOne;
    for (size_t bit = 0; bit < 8; ++bit) {
      if ((n >> (7 - bit) & 1) != 0) product = Times(product, kRoots[first + bit]);
    }
    table[n] = product;
  }
  return table;
}

constexpr std::array<Table, 4> kTables = {MakeTable(0), MakeTable(8), MakeTable(16), MakeTable(24)};

}  // namespace

RiskScore Decay(RiskScore score, int64_t elapsed_ns, int64_t half_life_ns) {
  if (elapsed_ns <= 0 || half_life_ns <= 0) return score;
  const int64_t halvings = elapsed_ns / half_life_ns;
  if (halvings >= 64) return {};
  const auto rest = static_cast<uint64_t>(elapsed_ns % half_life_ns);
  const auto fraction =
      static_cast<uint32_t>((Wide{rest} << 32) / static_cast<uint64_t>(half_life_ns));
  uint64_t factor = kTables[0][fraction >> 24];
  factor = Times(factor, kTables[1][fraction >> 16 & 255]);
  factor = Times(factor, kTables[2][fraction >> 8 & 255]);
  factor = Times(factor, kTables[3][fraction & 255]);
  // One rounding for the whole product.
  const int shift = 63 + static_cast<int>(halvings);
  const Wide product = Wide{score.q32} * factor;
  return {static_cast<uint64_t>((product + (Wide{1} << (shift - 1))) >> shift)};
}

std::string RiskScore::ToText() const {
  const auto cents = static_cast<uint64_t>((Wide{q32} * 100 + (uint64_t{1} << 31)) >> 32);
  const std::string rest = std::to_string(100 + cents % 100).substr(1);
  return std::to_string(cents / 100) + "." + rest;
}

}  // namespace vedette::inline v0
