#include "lib/eval/address_blocks.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"

namespace vedette {
namespace {

using Blocks = std::vector<std::pair<Cidr, uint32_t>>;

std::set<uint32_t> BlocksWith(const AddressBlocks& blocks, std::string_view text) {
  std::set<uint32_t> out;
  blocks.Find(text, [&out](uint32_t number) { out.insert(number); });
  return out;
}

Blocks Parsed(const std::vector<std::string>& texts) {
  Blocks out;
  for (uint32_t i = 0; i < texts.size(); ++i) {
    std::string error;
    const auto block = ParseCidr(texts[i], &error);
    EXPECT_TRUE(block.has_value()) << texts[i] << ": " << error;
    if (block.has_value()) out.emplace_back(*block, i);
  }
  return out;
}

TEST(AddressBlocks, NestedBlocksAndBothFamilies) {
  const AddressBlocks blocks(Parsed({"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32",
                                     "::/0", "fe80::/10", "::1/128", "2001:db8::/33"}));
  EXPECT_EQ(BlocksWith(blocks, "10.1.2.3"), (std::set<uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(BlocksWith(blocks, "10.2.2.3"), (std::set<uint32_t>{0, 1}));
  EXPECT_EQ(BlocksWith(blocks, "11.0.0.0"), (std::set<uint32_t>{0}));
  EXPECT_EQ(BlocksWith(blocks, "10.2.2.3%a_long_name_of_a_zone"), (std::set<uint32_t>{0, 1}));
  EXPECT_EQ(BlocksWith(blocks, "::1"), (std::set<uint32_t>{4, 6}));
  EXPECT_EQ(BlocksWith(blocks, "FE80::1%eth0"), (std::set<uint32_t>{4, 5}));
  EXPECT_EQ(BlocksWith(blocks, "2001:db8:8000::"), (std::set<uint32_t>{4}));
  EXPECT_EQ(BlocksWith(blocks, "::ffff:10.1.2.3"), (std::set<uint32_t>{4}));
  for (const char* text :
       {"", "1", "10.1.2", "10.1.2.3.4", "10.1.2.3:80", "not an address", "a:b"}) {
    EXPECT_TRUE(BlocksWith(blocks, text).empty()) << text;
  }
  EXPECT_TRUE(AddressBlocks().empty());
}

TEST(AddressBlocks, AgreesWithContains) {
  testing::Lcg random(9);
  Blocks blocks;
  for (uint32_t i = 0; i < 300; ++i) {
    Cidr block;
    block.v6 = random.Below(2) == 0;
    block.bits = static_cast<uint8_t>(random.Below(block.v6 ? 129 : 33));
    // Few different bytes: many addresses in many blocks.
    for (size_t k = 0; k < block.bits / 8U; ++k)
      block.bytes[k] = static_cast<uint8_t>(random.Below(2));
    bool known = false;
    for (const auto& [other, number] : blocks) known = known || other == block;
    if (!known) blocks.emplace_back(block, i);
  }
  const AddressBlocks index(blocks);
  size_t found = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    const bool v6 = random.Below(2) == 0;
    for (int k = 0; k < (v6 ? 8 : 4); ++k) {
      if (k > 0) text += v6 ? ":" : ".";
      text += std::to_string(random.Below(2) + (v6 ? 100 * random.Below(2) : 0));
    }
    bool is_v6 = false;
    std::array<uint8_t, 16> address;
    ASSERT_TRUE(ParseAddress(text, &is_v6, &address)) << text;
    std::set<uint32_t> want;
    for (const auto& [block, number] : blocks) {
      if (Contains(block, is_v6, address)) want.insert(number);
    }
    found += want.size();
    EXPECT_EQ(BlocksWith(index, text), want) << text;
  }
  EXPECT_GT(found, 2000U);
}

}  // namespace
}  // namespace vedette
