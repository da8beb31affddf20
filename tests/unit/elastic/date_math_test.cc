#include "lib/lang/elastic/date_math.h"

#include <gtest/gtest.h>

namespace vedette::inline v0::elastic {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(DateMath, BeforeNow) {
  struct Row {
    std::string_view text;
    int64_t seconds;  // -1: none
  };
  static constexpr Row kRows[] = {
      {"now", 0},
      {"now-9m", 540},
      {"now-1d-2h", 93600},
      {"now-2h+30m", 5400},
      {"now-1w", 604800},
      {"now-1M", 2592000},
      {"now-1y", 31536000},
      {"now-1d/d", 86400},
      {"now-100y", 100LL * 31536000},
      {"", -1},
      {"now-", -1},
      {"now-9", -1},
      {"now-m", -1},
      {"now-9x", -1},
      {"now+9m", -1},
      {"now--9m", -1},
      {"now-9m ", -1},
      {"now-9m/x", -1},
      {"now/", -1},
      {"now-101y", -1},
      {"now-99999999999999999999s", -1},
      {"2024-01-01", -1},
      {"now-99y-99y", -1},
  };
  for (const Row& row : kRows) {
    const auto before = NanosecondsBeforeNow(row.text);
    EXPECT_EQ(before.has_value() ? *before / kSecond : -1, row.seconds) << row.text;
  }
}

TEST(DateMath, Durations) {
  EXPECT_EQ(DurationNanoseconds("30s"), 30 * kSecond);
  EXPECT_EQ(DurationNanoseconds("5m"), 300 * kSecond);
  EXPECT_EQ(DurationNanoseconds("1h"), 3600 * kSecond);
  for (const std::string_view wrong :
       {"", "5", "m", "-5m", "0m", "5m5", "5 m", "9223372036854775807y"}) {
    EXPECT_FALSE(DurationNanoseconds(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace vedette::inline v0::elastic
