#include "lib/cli/text.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"

namespace vedette::cli {
namespace {

using Strings = std::vector<std::string>;

const std::string kEllipsis = "\xE2\x80\xA6";
const std::string kBroken = "\xEF\xBF\xBD";
const std::string kAcute = "\xCC\x81";          // U+0301, combining
const std::string kWide = "\xE6\x97\xA5";       // U+65E5, two cells
const std::string kEmoji = "\xF0\x9F\x98\x80";  // U+1F600, two cells

TEST(CliText, CleanLetsNothingThroughThatTerminalsObey) {
  const struct {
    std::string text;
    std::string clean;
  } kCases[] = {
      {"", ""},
      {"abc", "abc"},
      {"a\tb\nc\r\nd", "a b c  d"},
      {"\x1B[31mred\x1B[0m", "?[31mred?[0m"},
      {std::string("a\0b", 3), "a?b"},
      {"\x07\x08\x7F", "???"},
      {"\xC2\x9B"
       "31m",
       "?31m"},  // C1: a control sequence in one character
      {"\xC2\x80\xC2\x9F", "??"},
      {"a\xE2\x80\xAE"
       "b",
       "a?b"},  // right-to-left override
      {"a\xE2\x81\xA6"
       "b\xE2\x81\xA9",
       "a?b?"},  // isolates
      {"a\xE2\x80\x8B"
       "b",
       "a?b"},  // zero width space
      {"\xEF\xBB\xBF"
       "a",
       "?a"},  // byte order mark
      {"a\xC2\xAD"
       "b",
       "a?b"},                    // soft hyphen
      {"\xF3\xA0\x81\x81", "?"},  // a tag character
      {"\xC3\xA4\xE2\x82\xAC" + kEmoji, "\xC3\xA4\xE2\x82\xAC" + kEmoji},
      {"e" + kAcute, "e" + kAcute},
  };
  for (const auto& c : kCases) EXPECT_EQ(Clean(c.text), c.clean) << c.text;
}

TEST(CliText, CleanReplacesBrokenUtf8ByteForByte) {
  for (const std::string bytes : {"\xFF", "\x80", "\xC3", "\xC0\x80", "\xE2\x82", "\xED\xA0\x80",
                                  "\xF4\x90\x80\x80", "\xF0\x80\x80\x80"}) {
    std::string expected = "a";
    for (size_t i = 0; i < bytes.size(); ++i) expected += kBroken;
    EXPECT_EQ(Clean("a" + bytes + "b"), expected + "b");
  }
}

TEST(CliText, CellWidth) {
  const struct {
    std::string text;
    size_t cells;
  } kCases[] = {
      {"", 0},
      {"abc", 3},
      {"\xC3\xA4", 1},
      {kWide, 2},
      {kEmoji, 2},
      {"e" + kAcute, 1},
      {"\x1B[m", 3},
      {"\xFF\xFE", 2},
      {"a\tb", 3},
      {"\xEA\xB0\x80", 2},
      {"\xEF\xBC\xA1", 2},  // Hangul; full-width A
      {"\xEF\xBD\xB1", 1},  // half-width Katakana
      {kEllipsis, 1},
      {"a" + kAcute + kAcute + kWide, 3},
  };
  for (const auto& c : kCases) EXPECT_EQ(CellWidth(c.text), c.cells) << c.text;
}

TEST(CliText, FitCutsAtTheEndThatIsNotKept) {
  const struct {
    std::string text;
    size_t cells;
    std::string begin;
    std::string end;
  } kCases[] = {
      {"abcdef", 6, "abcdef", "abcdef"},
      {"abcdef", 5, "abcd" + kEllipsis, kEllipsis + "cdef"},
      {"abcdef", 2, "a" + kEllipsis, kEllipsis + "f"},
      {"abcdef", 1, kEllipsis, kEllipsis},
      {"abcdef", 0, "", ""},
      {"", 0, "", ""},
      {"", 5, "", ""},
      {kWide + kWide, 4, kWide + kWide, kWide + kWide},
      {kWide + kWide, 3, kWide + kEllipsis, kEllipsis + kWide},
      // Half a character cannot be shown.
      {kWide + kWide, 2, kEllipsis, kEllipsis},
      {"a" + kWide + "b", 3, "a" + kEllipsis, kEllipsis + "b"},
      // A mark goes with its character.
      {"e" + kAcute + "xy", 2, "e" + kAcute + kEllipsis, kEllipsis + "y"},
      {"xe" + kAcute, 2, "xe" + kAcute, "xe" + kAcute},
      {"xye" + kAcute, 2, "x" + kEllipsis, kEllipsis + "e" + kAcute},
      {"xe" + kAcute + "y", 2, "x" + kEllipsis, kEllipsis + "y"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Fit(c.text, c.cells), c.begin) << c.text << " in " << c.cells;
    EXPECT_EQ(Fit(c.text, c.cells, Keep::kEnd), c.end) << c.text << " in " << c.cells;
  }
}

// Random texts of characters of every width, broken bytes and controls.
std::string AnyText(testing::Lcg* random) {
  static const Strings kParts = {"a",    "b",    " ",        kWide, kEmoji,        kAcute,
                                 "\xFF", "\x1B", "\xC3\xA4", "\n",  "\xE2\x80\x8B"};
  std::string out;
  for (uint32_t n = random->Below(12); n > 0; --n) out += random->Of(kParts);
  return out;
}

TEST(CliText, FitAndPadNeverTakeMoreRoom) {
  testing::Lcg random(9);
  size_t cut = 0;
  for (int round = 0; round < 5000; ++round) {
    const std::string text = AnyText(&random);
    EXPECT_EQ(CellWidth(text), CellWidth(Clean(text)));
    EXPECT_EQ(Clean(Clean(text)), Clean(text));
    for (size_t cells = 0; cells < 16; ++cells) {
      for (const Keep keep : {Keep::kBegin, Keep::kEnd}) {
        const std::string fit = Fit(text, cells, keep);
        EXPECT_LE(CellWidth(fit), cells);
        EXPECT_EQ(Clean(fit), fit);
        EXPECT_EQ(CellWidth(Pad(text, cells, keep)), cells);
        if (CellWidth(text) <= cells) {
          EXPECT_EQ(fit, Clean(text));
        } else if (cells > 0) {
          ++cut;
          // A part of the text, and as much of it as there is room for but one wide character.
          EXPECT_GE(CellWidth(fit) + 1, cells);
          const std::string part = keep == Keep::kBegin
                                       ? fit.substr(0, fit.size() - kEllipsis.size())
                                       : fit.substr(kEllipsis.size());
          const std::string whole = Clean(text);
          EXPECT_TRUE(keep == Keep::kBegin ? whole.starts_with(part) : whole.ends_with(part));
        }
      }
    }
  }
  EXPECT_GT(cut, 1000U);
}

TEST(CliText, HugeTextsAreCutQuickly) {
  const std::string huge(size_t{64} << 20, 'x');
  EXPECT_EQ(Fit(huge, 3), "xx" + kEllipsis);
}

TEST(CliText, Numbers) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1000), "1,000");
  EXPECT_EQ(WithCommas(123456), "123,456");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
  EXPECT_EQ(WithCommas(UINT64_MAX), "18,446,744,073,709,551,615");
  EXPECT_EQ(Count(0, "rule"), "0 rules");
  EXPECT_EQ(Count(1, "rule"), "1 rule");
  EXPECT_EQ(Count(1000, "rule"), "1,000 rules");
  EXPECT_EQ(Count(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(Count(2, "entry", "entries"), "2 entries");
}

TEST(CliText, Durations) {
  const struct {
    double seconds;
    const char* text;
  } kCases[] = {{0, "0 ms"},         {0.0004, "0 ms"},      {0.85, "850 ms"},
                {1, "1.0 s"},        {12.34, "12.3 s"},     {119.9, "119.9 s"},
                {120, "2 min 00 s"}, {245.9, "4 min 05 s"}, {7200, "120 min 00 s"}};
  for (const auto& c : kCases) EXPECT_EQ(FormatSeconds(c.seconds), c.text) << c.seconds;
}

// What rounds to the next unit is written in it.
TEST(CliText, DurationsRoundIntoTheNextUnit) {
  EXPECT_EQ(FormatSeconds(0.9996), "1.0 s");
  EXPECT_EQ(FormatSeconds(119.97), "2 min 00 s");
}

TEST(CliText, Case) {
  EXPECT_EQ(Lower("ABC-xyz_1"), "abc-xyz_1");
  EXPECT_EQ(Lower("\xC3\x84"), "\xC3\x84");  // only ASCII
  EXPECT_TRUE(EqualsIgnoringCase("aBc", "AbC"));
  EXPECT_FALSE(EqualsIgnoringCase("abc", "ab"));
  EXPECT_FALSE(EqualsIgnoringCase("abc", "abd"));
  EXPECT_FALSE(EqualsIgnoringCase("@", "`"));  // 32 apart, and no letters
}

TEST(CliText, PartsBetweenCommas) {
  const auto split = [](std::string_view s) {
    Strings out = {"before"};
    SplitCommas(s, &out);
    EXPECT_EQ(out.front(), "before");  // appended
    return Strings(out.begin() + 1, out.end());
  };
  EXPECT_EQ(split(""), Strings{});
  EXPECT_EQ(split("a"), Strings{"a"});
  EXPECT_EQ(split("a,b"), (Strings{"a", "b"}));
  EXPECT_EQ(split(" a , b c ,"), (Strings{"a", "b c"}));
  EXPECT_EQ(split(",, ,a,,"), Strings{"a"});
}

std::string Wrapped(std::string_view text, size_t indent, size_t width) {
  std::string out;
  AppendWrapped(text, indent, width, &out);
  return out;
}

TEST(CliText, Wrapping) {
  EXPECT_EQ(Wrapped("one two three", 0, 80), "one two three\n");
  EXPECT_EQ(Wrapped("one two three", 0, 7), "one two\nthree\n");
  EXPECT_EQ(Wrapped("one two three", 2, 9), "one two\n  three\n");
  EXPECT_EQ(Wrapped("one\ntwo", 2, 80), "one\n  two\n");
  EXPECT_EQ(Wrapped("one\n\ntwo", 2, 80), "one\n\n  two\n");
  EXPECT_EQ(Wrapped("a  b", 0, 80), "a b\n");
  EXPECT_EQ(Wrapped("list:\n  - x", 0, 80), "list:\n  - x\n");  // its indent is its own
  EXPECT_EQ(Wrapped("toolongaword b", 0, 5), "toolongaword\nb\n");
  EXPECT_EQ(Wrapped(kWide + kWide + " a", 0, 5), kWide + kWide + "\na\n");  // by cells
  EXPECT_EQ(Wrapped("", 4, 80), "\n");
}

TEST(CliText, WrappingKeepsWordsAndWidth) {
  uint32_t random = 17;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    std::string words;
    random = random * 1664525u + 1013904223u;
    for (uint32_t n = (random >> 16) % 20; n > 0; --n) {
      random = random * 1664525u + 1013904223u;
      const std::string word((random >> 16) % 9 + 1, static_cast<char>('a' + n));
      text += (text.empty() ? "" : " ") + word;
      words += word;
    }
    const size_t indent = (random >> 8) % 4;
    const std::string out = Wrapped(text, indent, 20);
    std::string seen;
    size_t column = indent;  // what stands before the first line
    for (const char c : out) {
      if (c != ' ' && c != '\n') seen += c;
      column = c == '\n' ? 0 : column + 1;
      EXPECT_LE(column, 20U) << out;
    }
    EXPECT_EQ(seen, words);
  }
}

TEST(CliText, Json) {
  EXPECT_EQ(JsonString("a\"b\\c\n"), R"("a\"b\\c\n")");
  std::string object = "{";
  AppendJsonMember("a", "x", &object);
  AppendJsonMember("b", uint64_t{18446744073709551615U}, &object);
  AppendJsonKey("c", &object);
  object += JsonStrings({"p", "q\""}) + "}";
  EXPECT_EQ(object, R"({"a":"x","b":18446744073709551615,"c":["p","q\""]})");
  EXPECT_EQ(JsonStrings({}), "[]");
}

// A value that ends in a brace does not open an object.
TEST(CliText, JsonMembersAfterAValueThatEndsInABrace) {
  std::string object = "{";
  AppendJsonMember("a", "{", &object);
  AppendJsonMember("b", "x", &object);
  EXPECT_EQ(object, R"({"a":"{","b":"x")");
}

TEST(CliText, BaseNames) {
  EXPECT_EQ(BaseName("a/b/c.json"), "c.json");
  EXPECT_EQ(BaseName("c.json"), "c.json");
  EXPECT_EQ(BaseName("/"), "");
  EXPECT_EQ(BaseName(""), "");
}

}  // namespace
}  // namespace vedette::cli
