#include <string>

#include "gtest/gtest.h"
#include "lib/io/csv/csv_format.h"
#include "tests/support/read_events.h"
#include "vedette/io/csv.h"
#include "vedette/io/logfmt.h"
#include "vedette/io/zeek.h"

namespace vedette {
namespace {

using test::ReadOutcome;

ReadOutcome ReadCsv(const std::string& text, CsvOptions options = {}, size_t step = 6) {
  return test::ReadAllEvents([&](test::OnBroken on_broken) {
    options.text.on_broken = on_broken;
    return NewCsvReader("log", test::BytesOf(text, step), options);
  });
}

ReadOutcome ReadZeek(const std::string& text) {
  return test::ReadAllEvents([&](test::OnBroken on_broken) {
    TextOptions options;
    options.on_broken = on_broken;
    return NewZeekReader("log", test::BytesOf(text, 6), options);
  });
}

ReadOutcome ReadLogfmt(const std::string& text) {
  return test::ReadAllEvents([&](test::OnBroken on_broken) {
    TextOptions options;
    options.on_broken = on_broken;
    return NewLogfmtReader("log", test::BytesOf(text, 6), options);
  });
}

TEST(CsvReader, QuotesAndLineEnds) {
  for (const size_t step : {size_t{1}, size_t{3}, size_t{1000}}) {
    const ReadOutcome read =
        ReadCsv("a,b, c \r\n1,\"x, \"\"y\"\"\r\nz\",\r\n\r\n,\"\",007\n\"q\"r,s\"t\",-5", {}, step);
    ASSERT_EQ(read.events.size(), 3u);
    EXPECT_EQ(read.events[0], R"({"a":1,"b":"x, \"y\"\r\nz"})");
    EXPECT_EQ(read.events[1], R"({"b":"","c":"007"})");
    EXPECT_EQ(read.events[2], R"({"a":"qr","b":"s\"t\"","c":-5})");
    EXPECT_EQ(read.lines[0], 2u);
    EXPECT_EQ(read.lines[1], 5u);
    EXPECT_EQ(read.stats.blank, 1u);
  }
}

TEST(CsvReader, Delimiters) {
  EXPECT_EQ(LikelyDelimiter("a,b,c"), ',');
  EXPECT_EQ(LikelyDelimiter("a;b,c;d"), ';');
  EXPECT_EQ(LikelyDelimiter("a\tb\tc"), '\t');
  EXPECT_EQ(LikelyDelimiter("a|b"), '|');
  EXPECT_EQ(LikelyDelimiter("\"x;y;z\",a"), ',');
  EXPECT_EQ(LikelyDelimiter("alone"), ',');
  EXPECT_EQ(ReadCsv("a;b\n1;2,5\n").Only(), R"({"a":1,"b":"2,5"})");
  CsvOptions colons;
  colons.delimiter = ':';
  colons.names = {"x", "y"};
  EXPECT_EQ(ReadCsv("1:2\n", colons).Only(), R"({"x":1,"y":2})");
}

TEST(CsvReader, RowsOfAnotherLength) {
  const ReadOutcome read = ReadCsv("a,b\n1\n1,2,3,x\n");
  ASSERT_EQ(read.events.size(), 2u);
  EXPECT_EQ(read.events[0], R"({"a":1})");
  EXPECT_EQ(read.events[1], R"({"a":1,"b":2,"_more":[3,"x"]})");
  EXPECT_EQ(read.stats.incomplete, 2u);
}

TEST(CsvReader, AForgottenQuoteCostsOneLine) {
  const ReadOutcome read = ReadCsv("a,b\n1,\"open\n2,x\n3,y\n");
  EXPECT_EQ(read.stats.events, 2u);
  EXPECT_EQ(read.reasons.at(0), "2: a quoted value does not end");
  // Even if a quote follows far behind.
  std::string far = "a,b\n1,\"open\n";
  for (int i = 0; i < 20000; ++i) far += "2,row\n";
  far += "3,\"closed\"\n";
  const ReadOutcome long_read = ReadCsv(far, {}, 4096);
  EXPECT_EQ(long_read.stats.events, 20001u);
  EXPECT_EQ(long_read.stats.broken, 1u);
}

TEST(CsvReader, Limits) {
  CsvOptions small;
  small.text.max_bytes = 20;
  small.text.max_fields = 3;
  const ReadOutcome read = ReadCsv("a,b\n1," + std::string(50, 'x') + "\n1,\"" +
                                       std::string(50, 'x') + "\"\n2,3\n" + "1,2,3,4,5\n",
                                   small);
  EXPECT_EQ(read.stats.events, 1u);
  EXPECT_EQ(read.stats.oversized, 3u);
  EXPECT_EQ(ReadCsv(std::string(100000, 'a') + "\nb\n1\n", small).Only(), R"({"b":1})");
}

TEST(CsvReader, WindowsEventsAndTimes) {
  CsvOptions options;
  options.text.zone = [](int64_t wall) { return wall - 3600; };
  const ReadOutcome read =
      ReadCsv("Channel,EventID,UtcTime\nSecurity,4624,2026-11-17 10:00:00\n", options);
  EXPECT_EQ(read.times.at(0), "2026-11-17T10:00:00Z");  // says what it is
  EXPECT_EQ(ReadCsv("time,x,y\n2026-11-17 10:00:00,1,2\n", options).times.at(0),
            "2026-11-17T09:00:00Z");
  EXPECT_EQ(ReadCsv("time,x,y\n2026-11-17T10:00:00+02:00,1,2\n", options).times.at(0),
            "2026-11-17T08:00:00Z");
}

TEST(ZeekReader, TypesOfColumns) {
  const ReadOutcome read = ReadZeek(
      "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tx\n"
      "#fields\tts\tid.orig_h\tport\tok\tratio\tnames\tnums\tnote\tgone\n"
      "#types\ttime\taddr\tport\tbool\tinterval\tset[string]\tvector[count]\tstring\tstring\n"
      "1794915001.552971\t10.0.0.1\t53\tT\t0.5\ta\\x2cb,-\t1,2\tt\\x09b \\x5cx\t-\n"
      "1794915002.000000\t::1\t0\tF\t-\t(empty)\t(empty)\t(empty)\t-\n"
      "#close\t2026-11-17-12-00-00\n");
  ASSERT_EQ(read.events.size(), 2u);
  EXPECT_EQ(read.events[0],
            R"({"_path":"x","ts":1794915001.552971,"id.orig_h":"10.0.0.1","port":53,"ok":true,)"
            R"("ratio":0.5,"names":["a,b",null],"nums":[1,2],"note":"t\tb \\x"})");
  EXPECT_EQ(read.events[1],
            R"({"_path":"x","ts":1794915002,"id.orig_h":"::1","port":0,"ok":false,"names":[],)"
            R"("nums":[],"note":""})");
  EXPECT_EQ(read.times[0], "2026-11-17T11:30:01.552971Z");
}

TEST(ZeekReader, SeveralLogsAndOtherSeparators) {
  const ReadOutcome read = ReadZeek(
      "#separator |\n#path|a\n#fields|x|y\n#types|count|string\n1|one\n"
      "#separator \\x09\n#path\tb\n#fields\tz\n#types\tstring\ntwo\n");
  ASSERT_EQ(read.events.size(), 2u);
  EXPECT_EQ(read.events[0], R"({"_path":"a","x":1,"y":"one"})");
  EXPECT_EQ(read.events[1], R"({"_path":"b","z":"two"})");
}

TEST(ZeekReader, Damage) {
  const ReadOutcome read =
      ReadZeek("1\tearly\n#fields\ta\tb\n#types\tcount\tstring\tbool\n1\n1\t2\t3\nx\ty\n");
  EXPECT_EQ(read.Only(), R"({"a":"x","b":"y"})");
  EXPECT_EQ(read.stats.broken, 4u);
  EXPECT_EQ(read.reasons.at(0), "1: no #fields line before it");
  EXPECT_EQ(read.reasons.at(1), "3: more #types than #fields");
  EXPECT_EQ(read.reasons.at(2), "4: fewer values than #fields");
  EXPECT_EQ(read.reasons.at(3), "5: more values than #fields");
  EXPECT_EQ(ReadZeek("#fields\tts\n#types\ttime\n99999999999.5\n").times.at(0), "");
}

TEST(LogfmtReader, Values) {
  EXPECT_EQ(ReadLogfmt("a=1 b=\"two words\" c= d.e=x=y flag f=\"\\\"q\\\" \\\\ \\n\\u00e9 \\x\"\n")
                .Only(),
            R"({"a":1,"b":"two words","c":"","d.e":"x=y","flag":true,"f":"\"q\" \\ \n)"
            "\xC3\xA9"
            R"( \\x"})");
  EXPECT_EQ(ReadLogfmt("time=2026-11-17T10:00:00Z level=info\n").times.at(0),
            "2026-11-17T10:00:00Z");
}

TEST(LogfmtReader, Damage) {
  const ReadOutcome read = ReadLogfmt("words only\na=1 b=\"open\n=x a=2\na=3 \"quoted\" b=4\n\n");
  ASSERT_EQ(read.events.size(), 3u);
  EXPECT_EQ(read.events[0], R"({"a":1,"b":"open"})");
  EXPECT_EQ(read.events[1], R"({"a":2})");
  EXPECT_EQ(read.events[2], R"({"a":3,"b":4})");
  EXPECT_EQ(read.stats.broken, 1u);
  EXPECT_EQ(read.stats.incomplete, 3u);
  EXPECT_EQ(read.stats.blank, 1u);
}

}  // namespace
}  // namespace vedette
