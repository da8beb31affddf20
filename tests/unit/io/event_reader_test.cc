#include <zlib.h>

#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/evtx_writer.h"
#include "tests/support/read_events.h"
#include "vedette/io/events.h"

namespace vedette {
namespace {

using test::ReadOutcome;

ReadOutcome ReadAny(const std::string& text, EventReaderOptions options = {},
                    const std::string& name = "log") {
  return test::ReadAllEvents([&](test::OnBroken on_broken) {
    options.text.on_broken = on_broken;
    return NewEventReader(name, test::BytesOf(text, 13), options);
  });
}

std::string FormatOf(std::string_view head, std::string_view name = {}) {
  const auto format = DetectEventFormat(head, true, name);
  return format.has_value() ? std::string(EventFormatName(*format)) : "undecided";
}

TEST(EventReader, FormatsByTheirBeginning) {
  EXPECT_EQ(FormatOf(std::string_view("ElfFile\0rest", 12)), "evtx");
  EXPECT_EQ(FormatOf("{\"a\":1}"), "json");
  EXPECT_EQ(FormatOf("\n [ {"), "json");
  EXPECT_EQ(FormatOf(""), "json");
  EXPECT_EQ(FormatOf("not json\n"), "json");
  EXPECT_EQ(FormatOf("broken, not json\n"), "json");
  EXPECT_EQ(FormatOf("<34>anything\n"), "syslog");
  EXPECT_EQ(FormatOf("12 <34>1 - - - "), "syslog");
  EXPECT_EQ(FormatOf("Nov 17 09:58:41 web-01 CRON[1]: x\n"), "syslog");
  EXPECT_EQ(FormatOf("Nov 17 09:58:41 sshd: x\n"), "syslog");
  EXPECT_EQ(FormatOf("2026-11-17T09:58:41.5+01:00 web-01 sshd[1]: x\n"), "syslog");
  EXPECT_EQ(FormatOf("Nov 17 09:58:41 web-01 CEF:0|a|b|c|d|e|f|\n"), "syslog");
  EXPECT_EQ(FormatOf("2026-11-17T09:58:41 some words of a program\n"), "json");
  EXPECT_EQ(FormatOf("<html>\n"), "json");
  EXPECT_EQ(FormatOf("CEF:0|a|b|c|d|e|f|\n"), "cef");
  EXPECT_EQ(FormatOf("LEEF:2.0|a|b|c|d|\n"), "cef");
  EXPECT_EQ(FormatOf("type=CWD msg=audit(1794911460.250:7): cwd=\"/\"\n"), "auditd");
  EXPECT_EQ(FormatOf("node=a type=CWD msg=audit(1794911460.250:7): cwd=\"/\"\n"), "auditd");
  EXPECT_EQ(FormatOf("#separator \\x09\n"), "zeek");
  EXPECT_EQ(FormatOf("#fields\ta\n"), "zeek");
  EXPECT_EQ(FormatOf("#Remark\n"), "json");
  EXPECT_EQ(FormatOf("level=info msg=\"a b c\"\n"), "logfmt");
  EXPECT_EQ(FormatOf("a=1\n"), "json");
  EXPECT_EQ(FormatOf("some words and a=1 b=2\n"), "json");
  EXPECT_EQ(FormatOf("date,c-ip,cs-method\r\n"), "csv");
  EXPECT_EQ(FormatOf("\"Date and Time\";Level;\"Event ID\"\n"), "csv");
  EXPECT_EQ(FormatOf("a,b,a\n"), "json");  // names of columns differ
  EXPECT_EQ(FormatOf("time,level\n"), "json");
  EXPECT_EQ(FormatOf("time,level\n", "x/report.csv.gz"), "csv");
  EXPECT_EQ(FormatOf("{\"a\":1}", "x/report.csv"), "json");
}

TEST(EventReader, NoMoreBytesThanTell) {
  EXPECT_EQ(DetectEventFormat("{", false), EventFormat::kJson);
  EXPECT_EQ(DetectEventFormat("12 <34>", false), EventFormat::kSyslog);
  for (const char* head : {"", "Elf", " \n ", "12 <3", "<", "<34", "type=CWD ms", "no line end"}) {
    EXPECT_EQ(DetectEventFormat(head, false), std::nullopt) << head;
  }
  EXPECT_EQ(DetectEventFormat(std::string(1 << 16, 'x'), false), EventFormat::kJson);
}

TEST(EventReader, Names) {
  for (const char* name : {"json", "syslog", "cef", "logfmt", "auditd", "zeek", "csv", "evtx"}) {
    ASSERT_TRUE(EventFormatByName(name).has_value()) << name;
    EXPECT_EQ(EventFormatName(*EventFormatByName(name)), name);
  }
  EXPECT_EQ(EventFormatByName("leef"), EventFormat::kCef);
  EXPECT_EQ(EventFormatByName("JSON"), std::nullopt);
}

std::string Packed(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream s{};
  EXPECT_EQ(deflateInit2(&s, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  s.avail_in = static_cast<uInt>(text.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&s, Z_FINISH), Z_STREAM_END);
  out.resize(s.total_out);
  deflateEnd(&s);
  return out;
}

TEST(EventReader, EveryFormatPlainAndPacked) {
  test::EvtxChunk chunk;
  chunk.Record([](test::XmlWriter& xml) { xml.Fragment().Element("e", "1").Eof(); });
  const struct {
    std::string text;
    std::string event;
  } cases[] = {
      {"{\"a\":1}\n", R"({"a":1})"},
      {"<13>hello\n", R"({"facility":"user","severity":"notice","priority":13,"message":"hello"})"},
      {"LEEF:1.0|V|P|1|e|a=1\n",
       R"({"leefVersion":"1.0","deviceVendor":"V","deviceProduct":"P","deviceVersion":1,)"
       R"("deviceEventClassId":"e","a":1})"},
      {"a=1 b=2\n", R"({"a":1,"b":2})"},
      {"type=CWD msg=audit(1.5:7): \n", R"({"timestamp":"1970-01-01T00:00:01.5Z","serial":7,)"
                                        R"("type":"CWD"})"},
      {"#path\tx\n#fields\ta\n#types\tcount\n1\n", R"({"_path":"x","a":1})"},
      {"a,b,c\n1,2,3\n", R"({"a":1,"b":2,"c":3})"},
      {test::EvtxFile({chunk.Bytes()}), R"({"e":"1"})"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ReadAny(c.text).Only(), c.event);
    EXPECT_EQ(ReadAny(Packed(c.text)).Only(), c.event);
  }
  // A byte order mark and UTF-16 are taken off before.
  EXPECT_EQ(ReadAny("\xEF\xBB\xBF"
                    "a,b,c\n1,2,3\n")
                .Only(),
            R"({"a":1,"b":2,"c":3})");
  EXPECT_EQ(ReadAny("\xFF\xFE" + test::Utf16("a=1 b=2\n")).Only(), R"({"a":1,"b":2})");
}

TEST(EventReader, TheFormatThatIsSaid) {
  EventReaderOptions options;
  options.format = EventFormat::kLogfmt;
  EXPECT_EQ(ReadAny("a=1\n", options).Only(), R"({"a":1})");
  options.format = EventFormat::kCsv;
  options.csv_delimiter = ':';
  EXPECT_EQ(ReadAny("a:b,c\n1:2\n", options).Only(), R"({"a":1,"b,c":2})");
  options = EventReaderOptions();
  options.text.shape = EventShape::kOcsf;
  const auto reader = NewEventReader("log", test::BytesOf("{\"a\":1}"), options);
  Event event;
  ASSERT_TRUE(*reader->Next(&event));
  EXPECT_EQ(event.shape(), EventShape::kOcsf);
}

TEST(EventReader, ErrorsOfTheSource) {
  // What came before the error is read.
  const auto failing = [bytes = test::BytesOf("{\"a\":1}\n")](
                           char* buffer, size_t size) -> absl::StatusOr<size_t> {
    const auto n = bytes(buffer, size);
    if (n.ok() && *n == 0) return absl::UnavailableError("gone");
    return n;
  };
  auto reader = NewEventReader("log", failing);
  Event event;
  EXPECT_TRUE(*reader->Next(&event));
  EXPECT_EQ(reader->Next(&event).status().code(), absl::StatusCode::kUnavailable);
  // Also if it comes while the format is still looked for.
  reader = NewEventReader("log", [](char*, size_t) -> absl::StatusOr<size_t> {
    return absl::UnavailableError("gone");
  });
  EXPECT_EQ(reader->Next(&event).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(OpenEventFile("/nowhere/at/all").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OpenEventFile("/").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace vedette
