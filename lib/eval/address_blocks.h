// Finds which of many CIDR blocks an address is in.
#ifndef VEDETTE_LIB_EVAL_ADDRESS_BLOCKS_H_
#define VEDETTE_LIB_EVAL_ADDRESS_BLOCKS_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/event/address.h"

namespace vedette::inline v0 {

// Blocks by length of their prefix, of which there are few: an address is cut to each length and
// looked up. Immutable; thread-safe.
class AddressBlocks {
 public:
  AddressBlocks() = default;
  // Pairs of a block and the number to report.
  explicit AddressBlocks(std::span<const std::pair<Cidr, uint32_t>> blocks);

  bool empty() const { return lengths_.empty(); }

  // Calls `report(number)` for each block that holds the address `text`; for none if it is no
  // address.
  template <typename Report>
  void Find(std::string_view text, Report report) const {
    bool v6 = false;
    Bytes address;
    if (!MayBeAddress(text) || !ParseAddress(text, &v6, &address)) return;
    for (const Length& length : lengths_) {
      if (length.v6 != v6) continue;
      const auto it = length.blocks.find(Prefix(address, length.bits));
      if (it != length.blocks.end()) report(it->second);
    }
  }

 private:
  using Bytes = std::array<uint8_t, 16>;
  struct Length {
    bool v6;
    uint8_t bits;
    absl::flat_hash_map<Bytes, uint32_t> blocks;
  };

  // Most texts are none: ParseAddress need not look at them. It ignores what follows a percent
  // sign.
  static bool MayBeAddress(std::string_view text) {
    text = text.substr(0, text.find('%'));
    return text.size() >= 2 && (text.size() <= 15 || text.find(':') != std::string_view::npos);
  }
  // The address with its host bits cleared.
  static Bytes Prefix(const Bytes& address, uint8_t bits);

  std::vector<Length> lengths_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_ADDRESS_BLOCKS_H_
