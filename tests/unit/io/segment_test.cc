// Segment files give back what was stored, or say what is wrong with them.
#include "vedette/io/segment.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/bytes_of.h"
#include "tests/support/hunt_fixture.h"
#include "vedette/io/events.h"
#include "vedette/observable.h"

namespace vedette::testing {
namespace {

std::vector<StoredEvent> Numbered(size_t n) {
  std::vector<StoredEvent> events;
  for (size_t i = 0; i < n; ++i) {
    events.push_back(
        {R"({"n":)" + std::to_string(i) + R"(,"ip":"10.0.0.)" + std::to_string(i) + "\"}",
         i % 5 == 0 ? kNoEventTime : static_cast<EventTime>(i) * 1'000'000'000,
         i % 3 == 0 ? "a" : "b", i + 1});
  }
  return events;
}

struct ReadBack {
  std::string text;  // "source:line time json" of each event
  absl::Status status;
};

ReadBack ReadAll(const SegmentReader& segment) {
  ReadBack out;
  const auto reader = segment.NewBlockReader({});
  for (size_t b = 0; b < segment.info().blocks.size() && out.status.ok(); ++b) {
    out.status = reader->Read(b, [&out](const Event& e) {
      out.text += std::string(e.ref().source) + ":" + std::to_string(e.ref().line) + " " +
                  FormatEventTime(e.time()) + " " + e.root().ToJson() + "\n";
      return absl::OkStatus();
    });
  }
  return out;
}

TEST(SegmentTest, GivesBackEventsInTheirOrder) {
  SegmentWriterOptions small;
  small.block_bytes = 100;
  const std::vector<StoredEvent> events = Numbered(50);
  const auto segment = OpenBytes("s", SegmentOf(events, small));
  ASSERT_TRUE(segment.ok()) << segment.status();
  const SegmentInfo& info = (*segment)->info();
  EXPECT_EQ(info.events, 50U);
  EXPECT_EQ(info.sources, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(info.min_time, 1'000'000'000);
  EXPECT_EQ(info.max_time, 49'000'000'000);
  EXPECT_GT(info.blocks.size(), 10U);
  std::string expected;
  for (const StoredEvent& e : events) {
    expected += e.source + ":" + std::to_string(e.line) + " " + FormatEventTime(e.time) + " " +
                e.json + "\n";
  }
  const ReadBack back = ReadAll(**segment);
  ASSERT_TRUE(back.status.ok()) << back.status;
  EXPECT_EQ(back.text, expected);
}

TEST(SegmentTest, AnyZstdUnpacksItToLinesOfJson) {
  const std::string bytes = SegmentOf(Numbered(3));
  EventReaderOptions options;
  const auto reader = NewEventReader("x", test::BytesOf(bytes), options);
  Event event;
  std::string text;
  while (*reader->Next(&event)) text += event.root().ToJson() + "\n";
  EXPECT_EQ(text,
            "{\"n\":0,\"ip\":\"10.0.0.0\"}\n{\"n\":1,\"ip\":\"10.0.0.1\"}\n"
            "{\"n\":2,\"ip\":\"10.0.0.2\"}\n");
}

TEST(SegmentTest, KeepsShapeLogSourceAndEventsOfSeveralLines) {
  std::string bytes;
  SegmentWriter writer([&bytes](std::string_view more) {
    bytes += more;
    return absl::OkStatus();
  });
  JsonParser parser;
  Event event;
  ASSERT_TRUE(parser.Parse("{\n \"a\": 1,\r\n \"b\": \"x\"\n}", &event).ok());
  event.set_shape(EventShape::kZeek);
  event.set_log_source(*LogSource::Parse("product=zeek,service=dns"));
  ASSERT_TRUE(writer.Add(event).ok());
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_EQ(writer.Add(event).code(), absl::StatusCode::kFailedPrecondition);
  const auto segment = OpenBytes("s", bytes);
  ASSERT_TRUE(segment.ok());
  int seen = 0;
  const auto visit = [&seen](const Event& e) {
    ++seen;
    EXPECT_EQ(e.root().ToJson(), R"({"a":1,"b":"x"})");
    EXPECT_EQ(e.shape(), EventShape::kZeek);
    EXPECT_EQ(e.log_source() == nullptr ? "" : e.log_source()->service, "dns");
    return absl::OkStatus();
  };
  EXPECT_TRUE((*segment)->NewBlockReader({})->Read(0, visit).ok());
  EXPECT_EQ(seen, 1);
}

TEST(SegmentTest, FiltersNeverHideAValue) {
  SegmentWriterOptions small;
  small.block_bytes = 300;
  const auto segment = OpenBytes("s", SegmentOf(Numbered(200), small));
  ASSERT_TRUE(segment.ok());
  const auto reader = (*segment)->NewBlockReader({});
  size_t strangers = 0;
  size_t asked = 0;
  for (size_t b = 0; b < (*segment)->info().blocks.size(); ++b) {
    std::set<std::string> values;
    ASSERT_TRUE(reader
                    ->Read(b,
                           [&](const Event& e) {
                             values.emplace(e.root().Find("ip").string());
                             return absl::OkStatus();
                           })
                    .ok());
    for (int i = 0; i < 200; ++i) {
      const std::string ip = "10.0.0." + std::to_string(i);
      const uint64_t hash = HashObservable(ip);
      const bool may = *(*segment)->MayHold(b, {&hash, 1});
      if (values.contains(ip)) {
        EXPECT_TRUE(may);
      } else {
        ++asked;
        strangers += may;
      }
    }
  }
  EXPECT_LT(strangers * 20, asked);  // 1 % are expected
}

TEST(SegmentTest, ForgedAndCutFilesAreRefusedOrLoseBlocks) {
  SegmentWriterOptions small;
  small.block_bytes = 100;
  const std::string bytes = SegmentOf(Numbered(20), small);
  const std::string whole = ReadAll(**OpenBytes("s", bytes)).text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(OpenBytes("s", bytes.substr(0, i)).ok()) << i;
    for (const char flip : {'\x01', '\x80'}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      const auto segment = OpenBytes("s", damaged);
      if (!segment.ok()) continue;
      const ReadBack back = ReadAll(**segment);
      // Headers of skippable frames, and filters, are not looked at here.
      EXPECT_TRUE(absl::IsDataLoss(back.status) || back.text == whole) << i << back.status;
    }
  }
  EXPECT_EQ(OpenBytes("x.vseg", "no segment").status().message(),
            "x.vseg: this is no segment, or its end is missing");
}

TEST(SegmentTest, EndsBlocksWhereTimesSpanTooMuch) {
  std::vector<StoredEvent> events;
  for (int64_t i = 0; i < 1000; ++i) {
    events.push_back({R"({"n":1})", i * 60 * 1'000'000'000, "s", 1});
  }
  const auto segment = OpenBytes("s", SegmentOf(events));
  ASSERT_TRUE(segment.ok());
  EXPECT_EQ((*segment)->info().blocks.size(), 16U);  // of 64 events, a little more than an hour
}

TEST(SegmentTest, AFailingSinkEndsTheWriting) {
  SegmentWriterOptions small;
  small.block_bytes = 1;
  SegmentWriter writer([](std::string_view) { return absl::UnavailableError("full"); }, small);
  JsonParser parser;
  Event event;
  ASSERT_TRUE(parser.Parse(R"({"a":1})", &event).ok());
  EXPECT_TRUE(writer.Add(event).ok());
  EXPECT_EQ(writer.Add(event).message(), "full");
  EXPECT_EQ(writer.Finish().message(), "full");
}

TEST(ObservableTest, FindsValuesAndTheirParts) {
  JsonParser parser;
  Event event;
  ASSERT_TRUE(parser
                  .Parse(R"({"Image":"C:\\Temp\\Evil.EXE","Hashes":"MD5=ABC123,SHA256=FF00",)"
                         R"("Url":"https://Bad.example:8443/x?y=1","User":" corp\\al ","Pid":1234,)"
                         R"("Time":"2026-11-25 10:00:00.123","Ok":"ok"})",
                         &event)
                  .ok());
  std::set<std::string> found;
  ValueArena arena;
  ForEachObservable(event.view(), &arena, [&](std::string_view t) { found.emplace(t); });
  EXPECT_EQ(found, (std::set<std::string>{
                       "c:\\temp\\evil.exe", "evil.exe", "md5=abc123,sha256=ff00", "abc123", "ff00",
                       "https://bad.example:8443/x?y=1", "bad.example", "x?y=1", "corp\\al"}));
  EXPECT_EQ(*NormalizeObservable(" Evil.EXE "), "evil.exe");
  EXPECT_FALSE(NormalizeObservable("ab").ok());
  EXPECT_FALSE(NormalizeObservable(std::string(257, 'x')).ok());
}

}  // namespace
}  // namespace vedette::testing
