#include <string>

#include "gtest/gtest.h"
#include "lib/program/routing.h"
#include "vedette/logsource.h"

namespace vedette {
namespace {

TEST(LogSourceTable, TheBuiltinOneParses) {
  const auto parsed = LogSourceTable::Parse(LogSourceTable::BuiltinText());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_GT(parsed->rows().size(), 50U);
  EXPECT_EQ(parsed->rows().size(), LogSourceTable::Builtin().rows().size());
}

TEST(LogSourceTable, ErrorsNameTheLine) {
  const auto message = [](const char* text) {
    return std::string(LogSourceTable::Parse(text).status().message());
  };
  EXPECT_EQ(message("# x\n\nA=1 B"),
            "line 3: a condition is Field=value, Field=a|b, "
            "Field=prefix*, Field=* or Field=!");
  EXPECT_NE(message("A=1 product=x").find("no =>"), std::string::npos);
  EXPECT_NE(message("=> product=x").find("no condition"), std::string::npos);
  EXPECT_NE(message("A=1 =>").find("no log source"), std::string::npos);
  EXPECT_NE(message("A=1 => produkt=x").find("unknown word 'produkt=x'"), std::string::npos);
  EXPECT_NE(message("A=1 => product=x class=y").find("number"), std::string::npos);
}

TEST(Routing, RowsHoldByValuePrefixPresenceAndAbsence) {
  const auto table = LogSourceTable::Parse(
      "Channel=Security EventID=1|2 => product=a\n"
      "Channel=sec* => product=b\n"
      "Channel=* => product=c\n"
      "Channel=! => product=d\n"
      "Channel=\"My Channel\" => product=e\n"
      "Channel=secu* => product=f\n"
      "Channel=!other|!sec* => product=g\n");
  ASSERT_TRUE(table.ok()) << table.status();
  const Routing routing(*table);
  ASSERT_EQ(routing.fields(), (std::vector<std::string>{"Channel", "EventID"}));
  const auto products = [&](const char* channel, const char* id) {
    std::string out;
    Routing::Numbers numbers[2];
    if (channel != nullptr) numbers[0] = {routing.Classify(0, channel)};
    if (id != nullptr) numbers[1] = {routing.Classify(1, id)};
    for (const uint16_t row : routing.Match(numbers)) out += table->rows()[row].source.product;
    return out;
  };
  EXPECT_EQ(products("security", "1"), "abcf");
  EXPECT_EQ(products("security", "3"), "bcf");
  EXPECT_EQ(products("secure", nullptr), "bcf");
  EXPECT_EQ(products("sector", "1"), "bc");
  EXPECT_EQ(products("other", "1"), "c");
  EXPECT_EQ(products("my channel", nullptr), "ceg");
  EXPECT_EQ(products(nullptr, "1"), "d");
}

TEST(LogSourceTable, RowsSetAndAssumeValues) {
  const auto table = LogSourceTable::Parse(
      "A=1 => product=x set:event.type=start set:event.type=\"two words\" "
      "assume:Channel=Security\n");
  ASSERT_TRUE(table.ok()) << table.status();
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const LogSourceTable::Row& row = table->rows()[0];
  EXPECT_EQ(row.sets,
            (Pairs{{"event.type", "start"}, {"event.type", "two words"}, {"Channel", "Security"}}));
  EXPECT_EQ(row.assumes, (Pairs{{"Channel", "Security"}}));
  for (const char* bad : {"set:", "set:a", "set:=b", "set:a=", "assume:", "assume:a"}) {
    EXPECT_FALSE(LogSourceTable::Parse("A=1 => product=x " + std::string(bad)).ok()) << bad;
  }
  EXPECT_FALSE(LogSource::Parse("product=x set:a=b").ok()) << "a log source has no values";
  LogSourceTable merged = *table;
  merged.Merge(*table);
  EXPECT_EQ(merged.rows()[1].sets, row.sets);
}

TEST(Routing, AFieldMayHaveSeveralValues) {
  const auto table = LogSourceTable::Parse(
      "Type=start => product=a\n"
      "Type=end|info => product=b\n"
      "Type=!info => product=c\n"
      "Type=* => product=d\n"
      "Type=!|other => product=e\n");
  ASSERT_TRUE(table.ok()) << table.status();
  const Routing routing(*table);
  const auto products = [&](const std::vector<std::string>& values) {
    Routing::Numbers numbers[1];
    for (const std::string& value : values) numbers[0].push_back(routing.Classify(0, value));
    std::string out;
    for (const uint16_t row : routing.Match(numbers)) out += table->rows()[row].source.product;
    return out;
  };
  EXPECT_EQ(products({"start"}), "acd");
  EXPECT_EQ(products({"info", "start"}), "abd");
  EXPECT_EQ(products({"start", "something"}), "acd");
  EXPECT_EQ(products({"other"}), "cde");
  EXPECT_EQ(products({}), "e");
}

TEST(Routing, WhatARowAssumesChoosesRowsOnce) {
  const auto table = LogSourceTable::Parse(
      "Channel=! Provider=p => product=a assume:Channel=C assume:Unread=x\n"
      "Channel=c => product=b\n"
      "Channel=c Provider=p => product=c assume:Provider=q\n"
      "Provider=q => product=d\n"
      "Channel=! => product=e\n");
  ASSERT_TRUE(table.ok()) << table.status();
  const Routing routing(*table);
  ASSERT_EQ(routing.fields(), (std::vector<std::string>{"Channel", "Provider"}));
  Routing::Numbers numbers[2];
  numbers[1] = {routing.Classify(1, "p")};
  std::string out;
  for (const uint16_t row : routing.Match(numbers)) out += table->rows()[row].source.product;
  EXPECT_EQ(out, "abce");
}

TEST(LogSource, ParseAndSatisfy) {
  const auto s = LogSource::Parse("product=Windows, category=process_creation");
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->ToString(), "windows/process_creation/-");
  EXPECT_TRUE(s->Satisfies({"windows", "", ""}));
  EXPECT_TRUE(s->Satisfies({}));
  EXPECT_FALSE(s->Satisfies({"windows", "", "sysmon"}));
  EXPECT_FALSE(LogSource::Parse("").ok());
  EXPECT_FALSE(LogSource::Parse("windows").ok());
}

}  // namespace
}  // namespace vedette
