#include "lib/ir/text_encoding.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"

namespace vedette {
namespace {

using Kind = PatternPiece::Kind;

TEST(TextEncoding, ADashBeginsAWord) {
  const std::vector<PatternPiece> expected = {{Kind::kLiteral, "x-y "},
                                              {Kind::kDash, ""},
                                              {Kind::kLiteral, "a - "},
                                              {Kind::kDash, ""},
                                              {Kind::kLiteral, "b"}};
  EXPECT_EQ(DashedPieces("x-y /a - \xE2\x80\x93"
                         "b"),
            expected);
  EXPECT_TRUE(DashedPieces("").empty());
}

TEST(ExpandDashes, GivesEveryCombinationOnce) {
  const std::vector<PatternPiece> two = DashedPieces(" -a /b");
  const std::vector<std::string> variants = ExpandDashes(two, 25);
  const std::set<std::string> texts(variants.begin(), variants.end());
  EXPECT_EQ(variants.size(), texts.size());
  std::set<std::string> expected;
  for (const std::string a : {"-", "/", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95"}) {
    for (const std::string b : {"-", "/", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95"}) {
      expected.insert(" " + a + "a " + b + "b");
    }
  }
  EXPECT_EQ(texts, expected);
  EXPECT_TRUE(ExpandDashes(two, 24).empty());
  // Without a dash it is itself, whatever the limit.
  EXPECT_EQ(ExpandDashes(DashedPieces("a*b"), 1), std::vector<std::string>{"a*b"});
  EXPECT_EQ(ExpandDashes({}, 1), std::vector<std::string>{""});
}

TEST(ExpandDashes, ManyDashesAreRefusedAndNotTried) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += " -a";
  EXPECT_TRUE(ExpandDashes(DashedPieces(text), 10000).empty());
}

TEST(Utf16, BothByteOrders) {
  EXPECT_EQ(ToUtf16("fo", false), std::string("f\0o\0", 4));
  EXPECT_EQ(ToUtf16("fo", true), std::string("\0f\0o", 4));
  EXPECT_EQ(ToUtf16("\xE2\x82\xAC", false), "\xAC\x20");                             // U+20AC
  EXPECT_EQ(ToUtf16("\xF0\x9F\x98\x80", true), std::string("\xD8\x3D\xDE\x00", 4));  // a pair
  EXPECT_EQ(ToUtf16("\xFF"
                    "a",
                    true),
            std::string("\xFF\xFD\x00"
                        "a",
                        4));
  EXPECT_EQ(ToUtf16("", true), "");
  EXPECT_EQ(ToMarkedUtf16("f"), std::string("\xFF\xFE"
                                            "f\0",
                                            4));
}

TEST(Base64, VectorsOfRfc4648) {
  const struct {
    const char* bytes;
    const char* text;
  } kCases[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"},
                {"\xFB\xFF\xBF", "+/+/"}};
  for (const auto& c : kCases) EXPECT_EQ(Base64(c.bytes), c.text);
}

// The promise of base64offset: whatever stands before and after, one variant is in the text.
TEST(Base64Offsets, OneVariantIsInEveryEncodingOfTheBytes) {
  testing::Lcg random;
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (int round = 0; round < 3000; ++round) {
    const std::string payload = random.Text(all, 20) + random.Text(all, 1) + "ab";
    const std::vector<std::string> variants = Base64Offsets(payload);
    ASSERT_EQ(variants.size(), 3U);
    for (uint32_t before = 0; before < 7; ++before) {
      std::string text;
      while (text.size() < before) text += static_cast<char>(random.Below(256));
      text += payload + random.Text(all, 4);
      // Each variant is for its own alignment.
      EXPECT_NE(Base64(text).find(variants[before % 3]), std::string::npos)
          << Base64(payload) << " after " << before << " bytes";
    }
    // As long as can be: one more character would depend on the neighbours.
    for (size_t offset = 0; offset < 3; ++offset) {
      const size_t known = (8 * (offset + payload.size())) / 6 - (8 * offset + 5) / 6;
      EXPECT_EQ(variants[offset].size(), known);
    }
  }
}

TEST(Base64Offsets, NoVariantIsEmpty) {
  // An empty one would match every event.
  EXPECT_TRUE(Base64Offsets("").empty());
  for (int c = 0; c < 256; ++c) {
    for (const std::string& variant : Base64Offsets(std::string(1, static_cast<char>(c)))) {
      EXPECT_FALSE(variant.empty());
    }
  }
}

}  // namespace
}  // namespace vedette
