#include "lib/json/json_string.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"

namespace vedette {
namespace {

// In a buffer of just that size: sanitizers see any byte too many.
std::string Unescaped(std::string_view text) {
  if (text.empty()) {
    char none = 'x';
    return UnescapeJson(&none, &none) == &none ? "" : "moved";
  }
  std::vector<char> buffer(text.begin(), text.end());
  char* const begin = buffer.data();
  char* const end = UnescapeJson(begin, begin + buffer.size());
  return end == nullptr ? "bad escape" : std::string(begin, end);
}

TEST(UnescapeJson, EveryEscape) {
  EXPECT_EQ(Unescaped(""), "");
  EXPECT_EQ(Unescaped("no escapes at all, and long"), "no escapes at all, and long");
  EXPECT_EQ(Unescaped(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(Unescaped(R"(C:\\Windows\\System32\\cmd.exe)"), R"(C:\Windows\System32\cmd.exe)");
  EXPECT_EQ(Unescaped(R"(\u0041\u00e4\u20AC)"), "A\xC3\xA4\xE2\x82\xAC");
  EXPECT_EQ(Unescaped(R"(\ud83d\ude00)"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(Unescaped(R"(x\u0000y)"), std::string("x\0y", 3));
}

TEST(UnescapeJson, HalvesOfSurrogatePairs) {
  EXPECT_EQ(Unescaped(R"(\ud83d)"), "\xEF\xBF\xBD");
  EXPECT_EQ(Unescaped(R"(\ude00\ud83d)"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(Unescaped(R"(\ud83d\u0041)"),
            "\xEF\xBF\xBD"
            "A");
  EXPECT_EQ(Unescaped(R"(\ud83dx)"), "\xEF\xBF\xBDx");
  EXPECT_EQ(Unescaped(R"(\ud83d\ud83d\ude00)"), "\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

TEST(UnescapeJson, RefusesOtherEscapes) {
  for (const char* text : {R"(\)", R"(\x)", R"(\u)", R"(\u12)", R"(\u12g4)", R"(abc\q)",
                           R"(12345678\)", R"(\ud83d\q)"}) {
    EXPECT_EQ(Unescaped(text), "bad escape") << text;
  }
  EXPECT_EQ(Unescaped(std::string("\\\0", 2)), "bad escape");
}

// Plain runs and escapes of every length around each other: whole words are moved at once.
TEST(UnescapeJson, AgreesWithOneByteAtATime) {
  testing::Lcg random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    std::string want;
    for (uint32_t pieces = random.Below(6); pieces > 0; --pieces) {
      const std::string plain = random.Text("abcdefghijklmnopqrstuvwxyz:. ", 20);
      text += plain;
      want += plain;
      switch (random.Below(4)) {
        case 0:
          text += R"(\\)";
          want += '\\';
          break;
        case 1:
          text += R"(\u00e4)";
          want += "\xC3\xA4";
          break;
        case 2:
          text += R"(\n)";
          want += '\n';
          break;
        default:
          break;
      }
    }
    ASSERT_EQ(Unescaped(text), want) << text;
  }
}

}  // namespace
}  // namespace vedette
