#include "lib/cli/table.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"

namespace vedette::cli {
namespace {

using Strings = std::vector<std::string>;

const std::string kEllipsis = "\xE2\x80\xA6";
const std::string kWide = "\xE6\x97\xA5";         // two cells
const std::string kAcute = "\xCC\x81";            // none
constexpr EventTime kTime = 1795600800123456789;  // 2026-11-25T10:00:00.123456789Z

Strings Lines(const std::string& text) {
  Strings out;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = text.find('\n', begin);
    EXPECT_NE(end, std::string::npos) << "the last line does not end: " << text;
    if (end == std::string::npos) break;
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

// Without the sequences that colour it.
std::string Uncoloured(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1B') {
      i = text.find('m', i);
      if (i == std::string::npos) break;
    } else {
      out += text[i];
    }
  }
  return out;
}

ListTable Table() {
  return ListTable(
      {{"NAME", 4, Keep::kBegin}, {"PATH", 6, Keep::kEnd}, {"N", 1, Keep::kBegin, true}});
}

TEST(ListTable, ColumnsAreAsWideAsTheirCells) {
  ListTable table = Table();
  table.Add({"a", "x/y", "5"});
  table.Add({"longer", "z", "1,000"});
  EXPECT_EQ(table.Format(100, false),
            "NAME    PATH      N\n"
            "a       x/y       5\n"
            "longer  z     1,000\n");
}

TEST(ListTable, WideAndCombiningCharactersTakeTheirCells) {
  ListTable table({{"A", 1}, {"B", 1}});
  table.Add({kWide + kWide, "x"});
  table.Add({"e" + kAcute, "y"});
  table.Add({"abcd", "z"});
  EXPECT_EQ(table.Format(100, false),
            "A     B\n" + kWide + kWide + "  x\ne" + kAcute + "     y\nabcd  z\n");
}

TEST(ListTable, WhatIsTooWideIsCut) {
  ListTable table = Table();
  table.Add({"abcdefghij", "/very/long/path/file", "12"});
  // What there is room for is shared by what each can give.
  EXPECT_EQ(table.Format(20, false),
            "NAME    PATH       N\nabcde" + kEllipsis + "  " + kEllipsis + "th/file  12\n");
}

TEST(ListTable, NoColumnIsCutBelowItsLeastWidth) {
  ListTable table = Table();
  table.Add({"abcdefghij", "0123456789", "123"});
  const Strings lines = Lines(table.Format(1, false));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1], "abc" + kEllipsis + "  " + kEllipsis + "56789  " + kEllipsis);
}

TEST(ListTable, MissingCellsAreEmptyAndOthersIgnored) {
  ListTable table({{"A", 1}, {"B", 1}});
  EXPECT_TRUE(table.empty());
  table.Add({"x"});
  table.Add({"y", "z", "more"});
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(table.Format(100, false), "A  B\nx\ny  z\n");
}

TEST(ListTable, CellsCannotBreakTheTable) {
  ListTable table({{"A", 1}, {"B", 1}});
  table.Add({"a\nb\x1B[31m", "x"});
  EXPECT_EQ(table.Format(100, false), "A         B\na b?[31m  x\n");
}

TEST(ListTable, ColoursAreOnlyInTheHead) {
  ListTable table = Table();
  table.Add({"a", "b", "1"});
  const std::string plain = table.Format(80, false);
  const std::string coloured = table.Format(80, true);
  EXPECT_EQ(plain.find('\x1B'), std::string::npos);
  EXPECT_NE(coloured.find('\x1B'), std::string::npos);
  EXPECT_EQ(Uncoloured(coloured), plain);
  EXPECT_EQ(Lines(coloured)[1], Lines(plain)[1]);
}

// Any cells: lines fit unless the least widths do not, and columns stand below each other.
TEST(ListTable, RowsFitTheWidthAndStandBelowEachOther) {
  const Strings parts = {"a", "bc", kWide, "e" + kAcute, "\x1B", "\xFF", "/"};
  testing::Lcg random(21);
  for (int round = 0; round < 300; ++round) {
    ListTable table({{"ONE", 4}, {"TWO", 5, Keep::kEnd}, {"LAST", 4}});
    for (int row = 0; row < 4; ++row) {
      Strings cells(3);
      for (std::string& cell : cells) {
        for (uint32_t n = random.Below(20); n > 0; --n) cell += random.Of(parts);
      }
      cells[2] = "|";
      table.Add(cells);
    }
    const size_t width = 17 + random.Below(60);  // 4 + 5 + 4 and two gaps
    const Strings lines = Lines(table.Format(width, false));
    ASSERT_EQ(lines.size(), 5U);
    const size_t column = CellWidth(lines[0].substr(0, lines[0].find("LAST")));
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_LE(CellWidth(lines[i]), width) << lines[i];
      EXPECT_FALSE(lines[i].ends_with(' '));
      if (i > 0) {
        EXPECT_EQ(CellWidth(lines[i].substr(0, lines[i].find('|'))), column) << lines[i];
      }
    }
  }
}

TEST(CliLevels, NamesAndColours) {
  EXPECT_EQ(ShortLevel(Level::kUnset), "-");
  EXPECT_EQ(ShortLevel(Level::kInformational), "info");
  EXPECT_EQ(ShortLevel(Level::kCritical), "critical");
  for (int i = 0; i <= 5; ++i) {
    const Level level = static_cast<Level>(i);
    EXPECT_EQ(LevelColor(level, false), "");
    EXPECT_TRUE(LevelColor(level, true).starts_with("\x1B["));
    EXPECT_LE(ShortLevel(level).size(), 8U);  // the width of its column
  }
  EXPECT_NE(LevelColor(Level::kHigh, true), LevelColor(Level::kLow, true));
}

std::shared_ptr<const Program> ProgramOf(const std::string& title) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  rules.Add("r.yml", "title: '" + title +
                         "'\nlevel: high\nlogsource: {product: windows}\n"
                         "detection:\n  s: {f: x}\n  condition: s\n");
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok());
  return built->program;
}

vedette::Detection Found(const std::string& title = "Shell started") {
  vedette::Detection d;
  d.program = ProgramOf(title);
  d.time = kTime;
  d.event_source = "/var/log/events.jsonl";
  d.event_line = 42;
  d.matched = {{"Image", "C:\\Windows\\cmd.exe", "endswith", "sel", {}},
               {"User", "bob", "equals", "sel", {}}};
  return d;
}

TEST(DetectionTable, AWideTerminal) {
  const DetectionTable table(120, false);
  const Strings head = Lines(table.Head());
  ASSERT_EQ(head.size(), 1U);
  const Strings row = Lines(table.Row(Found(), "host1"));
  ASSERT_EQ(row.size(), 2U);
  EXPECT_TRUE(row[0].starts_with("2026-11-25 10:00:00  high      Shell started")) << row[0];
  EXPECT_EQ(row[1], "    Image=C:\\Windows\\cmd.exe  User=bob");
  for (const auto& [name, value] :
       {std::pair("TIME", "2026"), std::pair("LEVEL", "high"), std::pair("RULE", "Shell"),
        std::pair("HOST", "host1"), std::pair("EVENT", "events.jsonl:42")}) {
    EXPECT_NE(head[0].find(name), std::string::npos) << name;
    EXPECT_EQ(head[0].find(name), row[0].find(value)) << name << "\n" << head[0] << "\n" << row[0];
  }
}

TEST(DetectionTable, NarrowTerminalsHaveFewerColumns) {
  EXPECT_EQ(DetectionTable(89, false).Head().find("HOST"), std::string::npos);
  EXPECT_NE(DetectionTable(89, false).Head().find("EVENT"), std::string::npos);
  EXPECT_EQ(DetectionTable(59, false).Head().find("EVENT"), std::string::npos);
  EXPECT_NE(DetectionTable(59, false).Head().find("RULE"), std::string::npos);
}

TEST(DetectionTable, WhatIsNotKnown) {
  vedette::Detection d = Found();
  d.time = kNoEventTime;
  d.event_line = 0;
  d.matched.clear();
  const Strings row = Lines(DetectionTable(120, false).Row(d, ""));
  ASSERT_EQ(row.size(), 1U);  // nothing to show in a second line
  EXPECT_TRUE(row[0].starts_with("-                    high")) << row[0];
  EXPECT_TRUE(row[0].ends_with("  events.jsonl")) << row[0];
  EXPECT_NE(row[0].find("  -  "), std::string::npos) << row[0];  // the host
}

TEST(DetectionTable, TheSameValueIsShownOnce) {
  vedette::Detection d = Found();
  d.matched = {{"Cmd", "a b", "contains 'a'", "s", {}},
               {"Cmd", "a b", "contains 'b'", "s", {}},
               {"Cmd", "other", "contains 'o'", "t", {}},
               {"", "word", "keyword", "k", {}}};
  EXPECT_EQ(Lines(DetectionTable(120, false).Row(d, ""))[1], "    Cmd=a b  Cmd=other  word");
}

TEST(DetectionTable, TheLineNumberIsNeverCut) {
  vedette::Detection d = Found();
  d.event_source = "/logs/" + std::string(200, 'x') + "_end.jsonl";
  d.event_line = 1234567;
  const Strings row = Lines(DetectionTable(120, false).Row(d, "h"));
  EXPECT_TRUE(row[0].ends_with("_end.jsonl:1234567")) << row[0];
  EXPECT_LE(CellWidth(row[0]), 120U);
}

TEST(DetectionTable, PathsKeepTheirEndAndOthersTheirBeginning) {
  vedette::Detection d = Found();
  d.matched = {{"Image", "C:\\" + std::string(300, 'p') + "\\cmd.exe", "", "", {}}};
  EXPECT_TRUE(Lines(DetectionTable(100, false).Row(d, ""))[1].ends_with("p\\cmd.exe"));
  d.matched = {{"Cmd", "run " + std::string(300, 'p') + " end", "", "", {}}};
  const std::string line = Lines(DetectionTable(100, false).Row(d, ""))[1];
  EXPECT_TRUE(line.starts_with("    Cmd=run ppp")) << line;
  EXPECT_TRUE(line.ends_with(kEllipsis)) << line;
}

TEST(DetectionTable, ColoursChangeNoCell) {
  // Blanks before the end of a line are not seen.
  const auto shown = [](const std::string& text) {
    std::string out;
    for (std::string line : Lines(Uncoloured(text))) {
      while (line.ends_with(' ')) line.pop_back();
      out += line + "\n";
    }
    return out;
  };
  const vedette::Detection d = Found();
  for (const size_t width : {size_t{50}, size_t{80}, size_t{120}}) {
    const std::string plain = DetectionTable(width, false).Row(d, "h");
    const std::string coloured = DetectionTable(width, true).Row(d, "h");
    EXPECT_EQ(plain.find('\x1B'), std::string::npos);
    EXPECT_NE(coloured.find('\x1B'), std::string::npos);
    EXPECT_EQ(shown(coloured), plain);
    EXPECT_EQ(Uncoloured(DetectionTable(width, true).Head()), DetectionTable(width, false).Head());
  }
}

TEST(DetectionTable, UntrustedTextIsMadeSafe) {
  vedette::Detection d = Found();
  d.event_source = "e\x1B[2J.json";
  d.matched = {{"f\x1B[31m", "v\x1B]0;x\x07\nnext", "", "", {}}};
  const std::string row = DetectionTable(120, false).Row(d, "h\x1B[31m");
  EXPECT_EQ(row.find('\x1B'), std::string::npos) << row;
  EXPECT_EQ(Lines(row).size(), 2U);
}

// A detection of values of many lengths, for tables of every width.
vedette::Detection Lengths(testing::Lcg* random, uint32_t max_name) {
  static const auto program = ProgramOf("A title that is rather long for a rule, " + kWide);
  vedette::Detection d;
  d.program = program;
  d.time = kTime;
  d.event_source = "/l/" + std::string(random->Below(60), 's');
  d.event_line = random->Next() % 100000;
  for (uint32_t n = random->Below(5); n > 0; --n) {
    const std::string unit = random->Below(2) == 0 ? "v" : kWide;
    std::string value;
    for (uint32_t k = random->Below(80); k > 0; --k) value += unit;
    d.matched.push_back({std::string(random->Below(max_name) + 1, 'n'), value, "", "", {}});
  }
  return d;
}

TEST(DetectionTable, RowsFitTheTerminal) {
  testing::Lcg random(4);
  for (int round = 0; round < 400; ++round) {
    const vedette::Detection d = Lengths(&random, 16);
    for (const size_t width : {size_t{40}, size_t{60}, size_t{75}, size_t{90}, size_t{200}}) {
      const DetectionTable table(width, false);
      for (const std::string& line : Lines(table.Head() + table.Row(d, "some.host.example"))) {
        EXPECT_LE(CellWidth(line), width) << line;
      }
    }
  }
}

TEST(DetectionTable, RowsWithLongFieldNamesFitTheTerminal) {
  testing::Lcg random(4);
  for (int round = 0; round < 400; ++round) {
    const vedette::Detection d = Lengths(&random, 60);
    for (const size_t width : {size_t{40}, size_t{60}, size_t{75}}) {
      const DetectionTable table(width, false);
      for (const std::string& line : Lines(table.Row(d, "some.host.example"))) {
        EXPECT_LE(CellWidth(line), width) << line;
      }
    }
  }
}

}  // namespace
}  // namespace vedette::cli
