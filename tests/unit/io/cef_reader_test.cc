#include <string>

#include "gtest/gtest.h"
#include "tests/support/read_events.h"
#include "vedette/io/cef.h"

namespace vedette {
namespace {

using test::ReadOutcome;

ReadOutcome ReadCef(const std::string& text, TextOptions options = {}) {
  return test::ReadAllEvents([&](test::OnBroken on_broken) {
    options.on_broken = on_broken;
    return NewCefReader("log", test::BytesOf(text, 9), options);
  });
}

TEST(CefReader, HeaderAndExtension) {
  EXPECT_EQ(ReadCef("CEF:1|Ven\\|dor|Pro\\\\duct|1.0|100|A = name|10|src=10.0.0.1 msg=two words "
                    "a\\=b c=d\\nnext request=http://x/?q=1 spt=443\n")
                .Only(),
            R"({"cefVersion":1,"deviceVendor":"Ven|dor","deviceProduct":"Pro\\duct",)"
            R"("deviceVersion":"1.0","deviceEventClassId":100,"name":"A = name","severity":10,)"
            R"("src":"10.0.0.1","msg":"two words a=b","c":"d\nnext","request":"http://x/?q=1",)"
            R"("spt":443})");
}

TEST(CefReader, EdgesOfTheExtension) {
  const auto extension = [](const std::string& text) {
    const std::string all = ReadCef("CEF:0|V|P|1|7|N|5|" + text + "\n").Only();
    const std::string head =
        R"({"cefVersion":0,"deviceVendor":"V","deviceProduct":"P","deviceVersion":1,)"
        R"("deviceEventClassId":7,"name":"N","severity":5)";
    EXPECT_TRUE(all.starts_with(head)) << all;
    return all.substr(head.size());
  };
  EXPECT_EQ(extension(""), "}");
  EXPECT_EQ(extension("a="), R"(,"a":""})");
  EXPECT_EQ(extension("a= b=x"), R"(,"a":"","b":"x"})");
  EXPECT_EQ(extension("a=x=y"), R"(,"a":"x=y"})");
  EXPECT_EQ(extension("a=C:\\\\dir\\x b=1"), R"(,"a":"C:\\dir\\x","b":1})");
  EXPECT_EQ(extension("a==b"), R"(,"a":"=b"})");
  EXPECT_EQ(extension("cs1Label=Rule Name cs1=x cn1=5 cn1Label=src src=y"),
            R"(,"cs1Label":"Rule Name","cs1":"x","cn1":5,"cn1Label":"src","src":"y",)"
            R"("Rule Name":"x"})");
}

TEST(CefReader, LabelsWithoutEnd) {
  std::string many = "CEF:0|V|P|1|7|N|5|";
  for (int i = 0; i < 4000; ++i) {
    const std::string n = std::to_string(i);
    many += " k" + n + "=v k" + n + "Label=name" + n;
  }
  const std::string event = ReadCef(many + "\n").Only();
  EXPECT_NE(event.find(R"("name0":"v")"), std::string::npos);
  EXPECT_EQ(event.find(R"("name3999":"v")"), std::string::npos);  // the work is bounded
}

TEST(CefReader, Leef) {
  EXPECT_EQ(ReadCef("LEEF:1.0|V|P|2|login|src=10.0.0.1\tusrName=a b\tx=a=b\n").Only(),
            R"({"leefVersion":"1.0","deviceVendor":"V","deviceProduct":"P","deviceVersion":2,)"
            R"("deviceEventClassId":"login","src":"10.0.0.1","usrName":"a b","x":"a=b"})");
  for (const char* delimiter : {"^", "x5E", "0x5E", "0x005e"}) {
    const std::string text = std::string("LEEF:2.0|V|P|2|login|") + delimiter + "|a=1^b=two\n";
    EXPECT_NE(ReadCef(text).Only().find(R"("a":1,"b":"two"})"), std::string::npos) << delimiter;
  }
  EXPECT_NE(ReadCef("LEEF:2.0|V|P|2|login|a=1\tb=x|y\n").Only().find(R"("a":1,"b":"x|y"})"),
            std::string::npos);
}

TEST(CefReader, Times) {
  const auto at = [](const std::string& extension) {
    TextOptions options;
    options.zone = [](int64_t wall) { return wall - 3600; };
    return ReadCef("CEF:0|V|P|1|7|N|5|" + extension + "\n", options).times.at(0);
  };
  EXPECT_EQ(at("rt=1794909063250"), "2026-11-17T09:51:03.25Z");
  EXPECT_EQ(at("start=Nov 17 2026 10:00:00"), "2026-11-17T09:00:00Z");
  EXPECT_EQ(at("end=Nov 17 2026 10:00:00.250 UTC rt=soon"), "2026-11-17T10:00:00.25Z");
  EXPECT_EQ(at("a=b"), "");
  EXPECT_EQ(ReadCef("LEEF:1.0|V|P|2|e|devTime=Nov 17 2026 10:00:00\n").times.at(0),
            "2026-11-17T10:00:00Z");
}

TEST(CefReader, Damage) {
  const ReadOutcome read = ReadCef(
      "CEF:0|V|P|1\nno record\nCEF:0|V|P|1|7|N|5|stray text a=1\nLEEF:1.0|V|P|1|e|a=1\tstray\n"
      "CEF:0|V|P|1|7|N|5\n");
  EXPECT_EQ(read.stats.events, 3u);
  EXPECT_EQ(read.stats.broken, 2u);
  EXPECT_EQ(read.stats.incomplete, 2u);
  EXPECT_EQ(read.reasons.at(0), "1: the header is cut off");
  EXPECT_EQ(read.reasons.at(3), "4: a part without key=value");
  TextOptions few;
  few.max_fields = 20;
  std::string many = "CEF:0|V|P|1|7|N|5|";
  for (int i = 0; i < 30; ++i) many += " k" + std::to_string(i) + "=v";
  EXPECT_EQ(ReadCef(many + "\n", few).stats.oversized, 1u);
}

}  // namespace
}  // namespace vedette
