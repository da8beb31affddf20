#include "lib/base/xxh64.h"

#include "gtest/gtest.h"

namespace vedette {
namespace {

// From the reference implementation.
TEST(Xxh64, KnownValues) {
  EXPECT_EQ(Xxh64(""), 0xEF46DB3751D8E999U);
  EXPECT_EQ(Xxh64("a"), 0xD24EC4F1A98C6E5BU);
  EXPECT_EQ(Xxh64("abc"), 0x44BC2CF5AD770999U);
  EXPECT_EQ(Xxh64("Nobody inspects the spammish repetition"), 0xFBCEA83C8A378BF1U);
}

}  // namespace
}  // namespace vedette
