#include "lib/eval/address_blocks.h"

#include <algorithm>

namespace vedette::inline v0 {

AddressBlocks::AddressBlocks(std::span<const std::pair<Cidr, uint32_t>> blocks) {
  for (const auto& [block, number] : blocks) {
    auto length = std::find_if(lengths_.begin(), lengths_.end(), [&b = block](const Length& l) {
      return l.v6 == b.v6 && l.bits == b.bits;
    });
    if (length == lengths_.end()) length = lengths_.insert(length, {block.v6, block.bits, {}});
    length->blocks.emplace(Prefix(block.bytes, block.bits), number);
  }
}

AddressBlocks::Bytes AddressBlocks::Prefix(const Bytes& address, uint8_t bits) {
  Bytes prefix{};
  const size_t whole = bits / 8;
  std::copy_n(address.begin(), whole, prefix.begin());
  if (bits % 8 != 0) {
    prefix[whole] = static_cast<uint8_t>(address[whole] & (0xFF00 >> (bits % 8)));
  }
  return prefix;
}

}  // namespace vedette::inline v0
