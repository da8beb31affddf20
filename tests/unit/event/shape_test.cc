#include "gtest/gtest.h"
#include "lib/event/civil_time.h"
#include "tests/support/tree.h"
#include "vedette/event.h"

namespace vedette {
namespace {

std::string TimeOf(const Value& v) { return FormatEventTime(ParseEventTime(v)); }

TEST(EventTime, TextForms) {
  EXPECT_EQ(TimeOf(Value::String("2026-11-25T10:20:30Z")), "2026-11-25T10:20:30Z");
  EXPECT_EQ(TimeOf(Value::String("2026-11-25 10:20:30.123")), "2026-11-25T10:20:30.123Z");
  EXPECT_EQ(TimeOf(Value::String("2026-11-25T10:20:30.123456789+02:00")),
            "2026-11-25T08:20:30.123456789Z");
  EXPECT_EQ(TimeOf(Value::String("2026-11-25T10:20:30-0530")), "2026-11-25T15:50:30Z");
  EXPECT_EQ(TimeOf(Value::String("2026/11/25 10:20")), "2026-11-25T10:20:00Z");
  EXPECT_EQ(TimeOf(Value::String("2026-11-25")), "2026-11-25T00:00:00Z");
  EXPECT_EQ(TimeOf(Value::String("2026-11-25 10:20:30 UTC")), "2026-11-25T10:20:30Z");
  EXPECT_EQ(TimeOf(Value::String("1600-02-29 00:00:00")), "") << "before what int64 ns can hold";
}

TEST(EventTime, EpochByMagnitude) {
  EXPECT_EQ(TimeOf(Value::Int(1764066030)), "2025-11-25T10:20:30Z");
  EXPECT_EQ(TimeOf(Value::Int(1764066030123)), "2025-11-25T10:20:30.123Z");
  EXPECT_EQ(TimeOf(Value::Int(1764066030123456)), "2025-11-25T10:20:30.123456Z");
  EXPECT_EQ(TimeOf(Value::Int(1764066030123456789)), "2025-11-25T10:20:30.123456789Z");
  EXPECT_EQ(TimeOf(Value::Double(1764066030.5)), "2025-11-25T10:20:30.5Z");
  EXPECT_EQ(TimeOf(Value::String("1764066030")), "2025-11-25T10:20:30Z");
}

TEST(EventTime, WhatIsNoTime) {
  for (const char* text : {"", "x", "2026-13-01", "2026-02-30", "2026-11-25T25:00:00",
                           "2026-11-25T10:20:30+99:00", "2026-11-25T10:20:30.", "12", "inf"}) {
    EXPECT_EQ(ParseEventTime(Value::String(text)), kNoEventTime) << text;
  }
  EXPECT_EQ(ParseEventTime(Value::Bool(true)), kNoEventTime);
  EXPECT_EQ(ParseEventTime(Value::Double(1e300)), kNoEventTime);
}

TEST(EventTime, RoundTripsEveryDayOfCenturies) {
  const int64_t day = int64_t{86400} * 1000000000;
  for (int64_t t = -day * 365 * 100; t < day * 365 * 200; t += day * 13 + 1234567891) {
    EXPECT_EQ(ToNanos(FromNanos(t)), t);
  }
}

TEST(EventTime, IsoWeeks) {
  const auto week = [](int64_t y, int m, int d) {
    WallClock w;
    w.year = y;
    w.month = m;
    w.day = d;
    return IsoWeek(w);
  };
  EXPECT_EQ(week(2026, 1, 1), 1);
  EXPECT_EQ(week(2027, 1, 1), 53);
  EXPECT_EQ(week(2026, 12, 31), 53);
  EXPECT_EQ(week(2024, 12, 30), 1);
}

TEST(Shape, IsDetected) {
  const auto shape = [](const char* json) {
    return std::string(EventShapeName(testing::EventOf(json).shape()));
  };
  EXPECT_EQ(shape(R"({"Channel":"Security","EventID":4624})"), "windows-flat");
  EXPECT_EQ(shape(R"({"Event":{"System":{"EventID":1},"EventData":{}}})"), "windows-evtx");
  EXPECT_EQ(shape(R"({"winlog":{"event_data":{}},"@timestamp":"x"})"), "winlogbeat");
  EXPECT_EQ(shape(R"({"event_data":{},"log_name":"Security","event_id":1})"), "winlogbeat-old");
  EXPECT_EQ(shape(R"({"class_uid":1007,"process":{}})"), "ocsf");
  EXPECT_EQ(shape(R"({"_path":"dns","ts":1})"), "zeek");
  EXPECT_EQ(shape(R"({"@timestamp":"x","process":{"name":"a"}})"), "ecs");
  EXPECT_EQ(shape(R"({"eventVersion":"1.08","eventName":"x"})"), "generic");
  for (int i = 0; i < kEventShapeCount; ++i) {
    const auto s = static_cast<EventShape>(i);
    EXPECT_EQ(EventShapeByName(EventShapeName(s)), s);
  }
}

TEST(Shape, TimeIsFound) {
  const auto time = [](const char* json) { return FormatEventTime(testing::EventOf(json).time()); };
  EXPECT_EQ(
      time(R"({"Channel":"x","UtcTime":"2026-01-02 03:04:05.678","@timestamp":"2020-01-01"})"),
      "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(time(R"({"Event":{"System":{"TimeCreated":{"#attributes":
      {"SystemTime":"2026-01-02T03:04:05Z"}}}}})"),
            "2026-01-02T03:04:05Z");
  EXPECT_EQ(time(R"({"class_uid":1007,"time":1764066030123})"), "2025-11-25T10:20:30.123Z");
  EXPECT_EQ(time(R"({"ts":1764066030.25,"_path":"dns"})"), "2025-11-25T10:20:30.25Z");
  EXPECT_EQ(time(R"({"eventTime":"2026-01-02T03:04:05Z"})"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(time(R"({"x":1})"), "");
}

}  // namespace
}  // namespace vedette
