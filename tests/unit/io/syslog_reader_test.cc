#include <string>

#include "gtest/gtest.h"
#include "tests/support/read_events.h"
#include "vedette/io/syslog.h"

namespace vedette {
namespace {

using test::ReadOutcome;

constexpr EventTime kReference = EventTime{1794999600} * 1000000000;  // 2026-11-18T11:00:00Z

ReadOutcome ReadSyslog(const std::string& text, TextOptions options = {}, size_t step = 5) {
  if (!options.reference_time) options.reference_time = [] { return kReference; };
  return test::ReadAllEvents([&](test::OnBroken on_broken) {
    options.on_broken = on_broken;
    return NewSyslogReader("log", test::BytesOf(text, step), options);
  });
}

TEST(SyslogReader, Rfc3164) {
  const ReadOutcome read = ReadSyslog("<34>Nov 17 22:14:15 web-01 su[12]: 'su root' failed\r\n");
  EXPECT_EQ(
      read.Only(),
      R"({"facility":"auth","severity":"crit","priority":34,"timestamp":"2026-11-17T22:14:15Z",)"
      R"("hostname":"web-01","program":"su","pid":12,"message":"'su root' failed"})");
  EXPECT_EQ(read.times[0], "2026-11-17T22:14:15Z");
}

TEST(SyslogReader, FilesHaveNoPriority) {
  EXPECT_EQ(ReadSyslog("Nov  7 09:12:33 web-01 CRON[1]: ran\n").Only(),
            R"({"timestamp":"2026-11-07T09:12:33Z","hostname":"web-01","program":"CRON","pid":1,)"
            R"("message":"ran"})");
  EXPECT_EQ(ReadSyslog("2026-11-07T09:12:33.25+01:00 web-01 kernel: up\n").Only(),
            R"({"timestamp":"2026-11-07T08:12:33.25Z","hostname":"web-01","program":"kernel",)"
            R"("message":"up"})");
}

TEST(SyslogReader, MessagesWithoutHostOrProgram) {
  EXPECT_EQ(ReadSyslog("<13>Nov 17 01:02:03 sshd: hello\n").Only(),
            R"({"facility":"user","severity":"notice","priority":13,)"
            R"("timestamp":"2026-11-17T01:02:03Z","program":"sshd","message":"hello"})");
  EXPECT_EQ(ReadSyslog("<13>Nov 17 01:02:03 web-01 last message repeated 3 times\n").Only(),
            R"({"facility":"user","severity":"notice","priority":13,)"
            R"("timestamp":"2026-11-17T01:02:03Z","hostname":"web-01",)"
            R"("message":"last message repeated 3 times"})");
  EXPECT_EQ(ReadSyslog("<13>no time at all\n").Only(),
            R"({"facility":"user","severity":"notice","priority":13,"message":"no time at all"})");
  EXPECT_EQ(ReadSyslog("<189>29: *Nov 17 09:12:33.123 UTC: %SYS-5-CONFIG_I: Configured\n").Only(),
            R"({"facility":"local7","severity":"notice","priority":189,)"
            R"("timestamp":"2026-11-17T09:12:33.123Z","program":"%SYS-5-CONFIG_I",)"
            R"("message":"Configured"})");
}

TEST(SyslogReader, YearsOfDatesWithoutOne) {
  const auto at = [](const char* text, EventTime reference) {
    TextOptions options;
    options.reference_time = [reference] { return reference; };
    return ReadSyslog(std::string(text) + " h p: m\n", options).times.at(0);
  };
  EXPECT_EQ(at("Nov 18 10:00:00", kReference), "2026-11-18T10:00:00Z");
  EXPECT_EQ(at("Nov 19 10:59:59", kReference), "2026-11-19T10:59:59Z");  // less than a day later
  EXPECT_EQ(at("Nov 19 11:00:01", kReference), "2025-11-19T11:00:01Z");
  EXPECT_EQ(at("Feb 29 00:00:00", kReference), "2024-02-29T00:00:00Z");
  const EventTime new_years_eve = EventTime{1798750800} * 1000000000;  // 2026-12-31T21:00:00Z
  EXPECT_EQ(at("Jan  1 01:00:00", new_years_eve), "2027-01-01T01:00:00Z");
  EXPECT_EQ(at("Jan  1 01:00:00", kNoEventTime), "");
  // What stands there is kept then.
  TextOptions none;
  none.reference_time = [] { return kNoEventTime; };
  EXPECT_EQ(ReadSyslog("Jan  1 01:00:00 h p: m\n", none).Only(),
            R"({"timestamp":"Jan  1 01:00:00","hostname":"h","program":"p","message":"m"})");
}

TEST(SyslogReader, Zones) {
  TextOptions options;
  options.zone = [](int64_t wall) { return wall - 7200; };
  const auto at = [&options](const std::string& header) {
    return ReadSyslog(header + " h p: m\n", options).times.at(0);
  };
  EXPECT_EQ(at("Nov 17 10:00:00"), "2026-11-17T08:00:00Z");
  EXPECT_EQ(at("2026-11-17T10:00:00"), "2026-11-17T08:00:00Z");
  EXPECT_EQ(at("2026-11-17T10:00:00Z"), "2026-11-17T10:00:00Z");
  EXPECT_EQ(at("2026-11-17T10:00:00-05:00"), "2026-11-17T15:00:00Z");
  EXPECT_EQ(at("Nov 17 2025 10:00:00.5 +0100"), "2025-11-17T09:00:00.5Z");
}

TEST(SyslogReader, Rfc5424) {
  const ReadOutcome read = ReadSyslog(
      "<165>1 2026-10-11T22:14:15.003Z host.example evntslog 77 ID47 [a@1 iut=\"3\" q=\"say "
      "\\\"hi\\\" \\] \\\\ \\n\"][b x=\"y\"] \xEF\xBB\xBF"
      "An event\n");
  EXPECT_EQ(read.Only(),
            R"({"facility":"local4","severity":"notice","priority":165,"version":1,)"
            R"("timestamp":"2026-10-11T22:14:15.003Z","hostname":"host.example",)"
            R"("program":"evntslog","pid":77,"msgid":"ID47",)"
            R"("structured_data":{"a@1":{"iut":3,"q":"say \"hi\" ] \\ \\n"},"b":{"x":"y"}},)"
            R"("message":"An event"})");
  EXPECT_EQ(read.times[0], "2026-10-11T22:14:15.003Z");
  EXPECT_EQ(ReadSyslog("<0>1 - - - - - -\n").Only(),
            R"({"facility":"kern","severity":"emerg","priority":0,"version":1,"message":""})");
}

TEST(SyslogReader, DamagedRfc5424) {
  const ReadOutcome read = ReadSyslog("<34>1 2026-10-11T22:14:15Z h p - - [a x=\"1\"][b y=\"2\n");
  EXPECT_EQ(read.Only(), R"({"facility":"auth","severity":"crit","priority":34,"version":1,)"
                         R"("timestamp":"2026-10-11T22:14:15Z","hostname":"h","program":"p",)"
                         R"("structured_data":{"a":{"x":1}},"message":"[b y=\"2"})");
  EXPECT_EQ(read.stats.incomplete, 1u);
  EXPECT_EQ(ReadSyslog("<34>1 2026-10-11T22:14:15Z h\n").stats.incomplete, 1u);
}

TEST(SyslogReader, CountedFrames) {
  const std::string a = "<34>1 - h p - - - one\ntwo";
  const std::string b = "<35>1 - h p - - - three";
  const auto frame = [](const std::string& s) { return std::to_string(s.size()) + " " + s; };
  for (const size_t step : {size_t{1}, size_t{4}, size_t{1000}}) {
    const ReadOutcome read = ReadSyslog(frame(a) + frame(b) + "\n" + frame(b), {}, step);
    ASSERT_EQ(read.events.size(), 3u);
    EXPECT_NE(read.events[0].find(R"("message":"one\ntwo")"), std::string::npos);
    EXPECT_EQ(read.events[1], read.events[2]);
    EXPECT_EQ(read.lines[2], 3u);  // frames are counted, not lines
  }
  // A wrong count costs no more than up to the next line.
  const ReadOutcome wrong =
      ReadSyslog("21 " + a + "\n" + frame(b) + "\n<36>Nov 17 01:02:03 h p: x");
  EXPECT_EQ(wrong.stats.events, 3u);
  EXPECT_EQ(wrong.stats.broken, 1u);
  const ReadOutcome cut = ReadSyslog(frame(a) + "99 <34>1 - h");
  EXPECT_EQ(cut.stats.events, 1u);
  EXPECT_EQ(cut.reasons.at(0), "2: the stream ends within a frame");
  // A line that is none, then blank ones, then a frame: where the pieces are cut makes no
  // difference.
  for (const size_t step : {size_t{1}, size_t{4}, size_t{1000}}) {
    ReadSyslog(frame(a) + "<1\n\n\n\n\n" + frame(b) + "\nx\n\n\n" + frame(b), {}, step);
  }
  TextOptions small;
  small.max_bytes = 30;
  const ReadOutcome large =
      ReadSyslog("100000 " + b + std::string(100000 - b.size(), 'x') + frame(b), small);
  EXPECT_EQ(large.stats.oversized, 1u);
  EXPECT_EQ(large.stats.events, 1u);
}

TEST(SyslogReader, BrokenAndOversizedLines) {
  TextOptions small;
  small.max_bytes = 64;
  const ReadOutcome read = ReadSyslog("<34>Nov 17 01:02:03 h p: a\n\n \t\nno syslog at all\n<34>" +
                                          std::string(500, 'x') + "\n<34>Nov 17 01:02:04 h p: b",
                                      small);
  EXPECT_EQ(read.stats.events, 2u);
  EXPECT_EQ(read.stats.broken, 1u);
  EXPECT_EQ(read.stats.oversized, 1u);
  EXPECT_EQ(read.stats.blank, 2u);
  EXPECT_EQ(read.lines.back(), 6u);
  EXPECT_EQ(read.reasons.at(0), "4: no syslog message: neither a priority nor a time");
  EXPECT_EQ(ReadSyslog("<192>Nov 17 01:02:03 h p: x\n").stats.broken, 1u);
  EXPECT_EQ(ReadSyslog("<>Nov 17 01:02:03 h p: x\n").stats.broken, 1u);
}

TEST(SyslogReader, CefWithin) {
  const char* const wanted =
      R"("cefVersion":0,"deviceVendor":"V","deviceProduct":"P","deviceVersion":1,)"
      R"("deviceEventClassId":7,"name":"N","severity":5,"src":"10.0.0.1")";
  for (const char* header : {"<34>Nov 17 01:02:03 h ", "<34>1 2026-11-17T01:02:03Z h - - - - ",
                             "Nov 17 01:02:03 h ", "<34>Nov 17 01:02:03 h agent: ", ""}) {
    const ReadOutcome read = ReadSyslog(std::string(header) + "CEF:0|V|P|1|7|N|5|src=10.0.0.1\n");
    EXPECT_NE(read.Only().find(wanted), std::string::npos) << read.Only();
    EXPECT_EQ(read.Only().find("\"syslog\":{") != std::string::npos, header[0] != '\0');
    EXPECT_EQ(read.times[0], header[0] == '\0' ? "" : "2026-11-17T01:02:03Z");
  }
  const ReadOutcome own = ReadSyslog("<34>Nov 17 01:02:03 h CEF:0|V|P|1|7|N|5|rt=1794909063250\n");
  EXPECT_EQ(own.times[0], "2026-11-17T09:51:03.25Z");
  // What is no whole record is a message.
  const ReadOutcome cut = ReadSyslog("<34>Nov 17 01:02:03 h CEF:0|V|P\n");
  EXPECT_NE(cut.Only().find(R"("message":"CEF:0|V|P")"), std::string::npos);
  EXPECT_EQ(cut.stats.incomplete, 1u);
}

TEST(SyslogReader, TruncatedAtEveryByte) {
  const std::string text =
      "<165>1 2026-10-11T22:14:15.003Z h e 77 ID47 [a@1 q=\"say \\\"hi\\\"\"] text\n"
      "44 <34>Nov 17 01:02:03 h CEF:0|V|P|1|7|N|5|a=b"
      "<34>Nov 17 01:02:03 h p[1]: x\n";
  for (size_t n = 0; n <= text.size(); ++n) {
    const ReadOutcome read = ReadSyslog(text.substr(0, n));
    EXPECT_TRUE(read.status.ok());
    EXPECT_LE(read.stats.events + read.stats.broken, 4u);
  }
}

TEST(SyslogReader, JsonInMessages) {
  const std::string header =
      R"("syslog":{"facility":"user","severity":"notice","priority":13,)"
      R"("timestamp":"2026-11-17T01:02:03Z","hostname":"web-01","program":"app","pid":7})";
  for (const char* body : {R"({"a":1,"o":{"b":"x\ty"}})", R"(@cee:{"a":1,"o":{"b":"x\ty"}})",
                           R"(@cee: {"a": 1, "o": {"b": "x\ty"}} )"}) {
    const ReadOutcome read =
        ReadSyslog(std::string("<13>Nov 17 01:02:03 web-01 app[7]: ") + body + "\n");
    EXPECT_EQ(read.Only(), R"({"a":1,"o":{"b":"x\ty"},)" + header + "}") << body;
    EXPECT_EQ(read.times[0], "2026-11-17T01:02:03Z");
    EXPECT_EQ(read.stats.incomplete, 0U);
  }
  EXPECT_EQ(ReadSyslog("<13>Nov 17 01:02:03 web-01 {\"a\": 1}\n").Only(),
            R"({"a":1,"syslog":{"facility":"user","severity":"notice","priority":13,)"
            R"("timestamp":"2026-11-17T01:02:03Z","hostname":"web-01"}})");
  EXPECT_EQ(ReadSyslog("<13>1 2026-11-17T01:02:03Z h p 1 - [x y=\"a\\]b\"] {\"a\":1}\n").Only(),
            R"({"a":1,"syslog":{"facility":"user","severity":"notice","priority":13,"version":1,)"
            R"("timestamp":"2026-11-17T01:02:03Z","hostname":"h","program":"p","pid":1,)"
            R"("structured_data":{"x":{"y":"a]b"}}}})");
}

TEST(SyslogReader, JsonHasItsOwnTimeAndNames) {
  const ReadOutcome read = ReadSyslog(
      R"(<13>Nov 17 01:02:03 h p: {"@timestamp":"2026-11-16T00:00:00Z","syslog":{"hostname":"x"}})"
      "\n");
  EXPECT_EQ(read.times[0], "2026-11-16T00:00:00Z");
  EXPECT_TRUE(read.Only().starts_with(
      R"({"@timestamp":"2026-11-16T00:00:00Z","syslog":{"hostname":"x"},"syslog":{)"))
      << read.Only();
  // A time without a zone is one of the reader's zone.
  TextOptions options;
  options.zone = [](int64_t wall) { return wall - 3600; };
  EXPECT_EQ(ReadSyslog(R"(<13>Nov 17 01:02:03 h p: {"time":"2026-11-16 10:00:00"})"
                       "\n",
                       options)
                .times[0],
            "2026-11-16T09:00:00Z");
}

TEST(SyslogReader, WhatIsNoJsonStaysText) {
  const auto message = [](const std::string& body) {
    const ReadOutcome read = ReadSyslog("<13>Nov 17 01:02:03 h p: " + body + "\n");
    EXPECT_EQ(read.stats.events, 1U) << body;
    EXPECT_EQ(read.stats.incomplete, body.starts_with("@") ? 1U : 0U) << body;
    const std::string event = read.Only();
    EXPECT_TRUE(event.starts_with(R"({"facility":"user")")) << event;
    EXPECT_NE(event.find(R"("hostname":"h","program":"p","message":)"), std::string::npos) << event;
    EXPECT_EQ(read.times[0], "2026-11-17T01:02:03Z");
    return event;
  };
  EXPECT_NE(message("{no json}").find(R"("message":"{no json}")"), std::string::npos);
  message(R"({"a":1)");
  message(R"({"a":1} and more)");
  message(R"([1,2])");
  message(R"(@cee:{"a":)");
  message("@cee: nothing");
  // No value more than an event may have, and none below the depth of JSON events.
  std::string many = "{";
  for (int i = 0; i < 10001; ++i) many += "\"k" + std::to_string(i) + "\":1,";
  message(many + "\"z\":1}");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += R"({"a":)";
  const std::string event =
      ReadSyslog("<13>Nov 17 01:02:03 h p: " + deep + "1" + std::string(100, '}') + "\n").Only();
  EXPECT_NE(event.find(R"({"a":null}})"), std::string::npos);
}

}  // namespace
}  // namespace vedette
