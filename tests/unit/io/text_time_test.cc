#include "lib/io/common/text_time.h"

#include <string>

#include "gtest/gtest.h"

namespace vedette {
namespace {

std::string MonthTime(std::string_view text, const TextOptions& options = {}) {
  EventTime time = kNoEventTime;
  if (!TakeMonthTime(options, &text, &time)) return "none";
  return FormatEventTime(time) + "|" + std::string(text);
}

TEST(TextTime, MonthsByName) {
  EXPECT_EQ(MonthTime("Nov 17 2026 10:00:00 rest"), "2026-11-17T10:00:00Z| rest");
  EXPECT_EQ(MonthTime("Nov  7 10:00:00 2026 rest"), "2026-11-07T10:00:00Z| rest");
  EXPECT_EQ(MonthTime("Nov 7 2026 10:00:00.125,"), "2026-11-07T10:00:00.125Z|,");
  EXPECT_EQ(MonthTime("Nov 7 2026 10:00:00 GMT: x"), "2026-11-07T10:00:00Z|: x");
  EXPECT_EQ(MonthTime("Nov 7 2026 10:00:00 -02:30"), "2026-11-07T12:30:00Z|");
  EXPECT_EQ(MonthTime("Nov 7 10:00:00 rest"), "| rest");  // without a reference
  for (const char* none : {"", "Nov", "Nov 7", "Nov 31 2026 10:00:00", "Nov 0 2026 10:00:00",
                           "Nov 7 2026 24:00:00", "Nov 7 2026 10:60:00", "nov 7 2026 10:00:00",
                           "Nov 7 2026 10:00", "November 7 2026 10:00:00"}) {
    EXPECT_EQ(MonthTime(none), "none") << none;
  }
}

TEST(TextTime, ZonesAreAskedOnlyIfNoneIsWritten) {
  TextOptions options;
  options.zone = [](int64_t wall) { return wall - 5400; };
  const auto parse = [&options](const Value& v) {
    return FormatEventTime(ParseTimeIn(options, v));
  };
  EXPECT_EQ(parse(Value::String("2026-11-17 10:00:00.5")), "2026-11-17T08:30:00.5Z");
  EXPECT_EQ(parse(Value::String("2026/11/17 10:00:00")), "2026-11-17T08:30:00Z");
  EXPECT_EQ(parse(Value::String("2026-11-17T10:00:00+01:00")), "2026-11-17T09:00:00Z");
  EXPECT_EQ(parse(Value::String("2026-11-17T10:00:00-01:00")), "2026-11-17T11:00:00Z");
  EXPECT_EQ(parse(Value::String("2026-11-17T10:00:00Z")), "2026-11-17T10:00:00Z");
  EXPECT_EQ(parse(Value::String("1794909063")), "2026-11-17T09:51:03Z");
  EXPECT_EQ(parse(Value::Int(1794909063)), "2026-11-17T09:51:03Z");
  EXPECT_EQ(parse(Value::String("no time")), "");
  // A zone may be anything, also nonsense.
  options.zone = [](int64_t) { return INT64_MAX; };
  EXPECT_EQ(parse(Value::String("2026-11-17 10:00:00")), "");
}

}  // namespace
}  // namespace vedette
