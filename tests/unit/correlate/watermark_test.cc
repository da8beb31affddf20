#include "lib/correlate/watermark.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/correlate/record.h"

namespace vedette {
namespace {

std::string SavedWatermark(const WatermarkTracker& tracker) {
  std::string bytes;
  const RecordPool pool(0);
  SnapshotWriter writer(pool, &bytes);
  tracker.Save(&writer);
  return bytes;
}

std::unique_ptr<WatermarkTracker> LoadedWatermark(std::string_view bytes,
                                                  const WatermarkOptions& options) {
  RecordPool pool(0);
  const std::vector<uint32_t> columns;
  SnapshotReader reader(bytes, &pool, 0, &columns);
  auto tracker = std::make_unique<WatermarkTracker>(options);
  tracker->Load(&reader);
  return reader.ok() && reader.at_end() ? std::move(tracker) : nullptr;
}

// All streams looked at for each event, in wide arithmetic.
class PlainWatermark {
 public:
  explicit PlainWatermark(const WatermarkOptions& options) : o_(options) {}

  EventTime Observe(const std::string& name, EventTime t) {
    Stream& s = streams_[name];
    const bool measured = s.has || any_;
    const Wide base = s.has ? s.newest : newest_;
    const bool ahead = measured && o_.max_future_skew_ns > 0 && t > base + o_.max_future_skew_ns;
    if (ahead && ++s.ahead < 8) {
      ++future;
      return watermark_;
    }
    s.ahead = 0;
    s.newest = s.has ? std::max<Wide>(s.newest, t) : t;
    s.has = true;
    newest_ = any_ ? std::max(newest_, s.newest) : s.newest;
    any_ = true;
    Wide least = newest_;
    for (const auto& [n, other] : streams_) {
      const bool idle = o_.idle_timeout_ns > 0 && newest_ - other.newest > o_.idle_timeout_ns;
      if (other.has && !idle) least = std::min(least, other.newest);
    }
    const Wide w = std::max<Wide>(least - o_.allowed_lateness_ns, INT64_MIN + 1);
    watermark_ = std::max(watermark_, static_cast<EventTime>(w));
    return watermark_;
  }

  uint64_t future = 0;

 private:
  using Wide = __int128;
  struct Stream {
    bool has = false;
    Wide newest = 0;
    int ahead = 0;
  };

  WatermarkOptions o_;
  std::map<std::string, Stream> streams_;
  bool any_ = false;
  Wide newest_ = 0;
  EventTime watermark_ = kNoEventTime;
};

TEST(Watermark, IsTheLeastOfStreamsThatAreNotIdle) {
  WatermarkTracker tracker({10, 100, 0});
  EXPECT_EQ(tracker.watermark(), kNoEventTime);
  EXPECT_EQ(tracker.Observe("a", 1000), 990);
  EXPECT_EQ(tracker.Observe("b", 1050), 990);
  EXPECT_EQ(tracker.Observe("b", 1100), 990);
  EXPECT_EQ(tracker.Observe("b", 1101), 1091);
  // It comes back, behind: the watermark waits for it, but does not go back.
  EXPECT_EQ(tracker.Observe("a", 1120), 1091);
  EXPECT_EQ(tracker.Observe("b", 1200), 1110);
  EXPECT_EQ(tracker.Observe("a", 1210), 1190);
}

TEST(Watermark, BelievesAJumpOnlyAfterEightEvents) {
  WatermarkTracker tracker({0, 0, 100});
  tracker.Observe("a", 1000);
  EXPECT_EQ(tracker.Observe("a", 5000), 1000);
  EXPECT_EQ(tracker.Observe("a", 1100), 1100);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(tracker.Observe("a", 5000 + i), 1100);
  EXPECT_EQ(tracker.stats().future_events, 8U);
  EXPECT_EQ(tracker.Observe("a", 5050), 5050);
  EXPECT_EQ(tracker.stats().future_events, 8U);
  // A new stream is measured by all.
  EXPECT_EQ(tracker.Observe("b", 9000), 5050);
  EXPECT_EQ(tracker.Observe("b", 5060), 5050);
  EXPECT_EQ(tracker.Observe("a", 5070), 5060);
}

TEST(Watermark, StreamsAreLimited) {
  const WatermarkOptions options;
  WatermarkTracker tracker(options);
  for (int i = 0; i < 5000; ++i) tracker.Observe("s" + std::to_string(i), 100 + i);
  EXPECT_EQ(tracker.stats().streams, 4096U);
  EXPECT_EQ(tracker.stats().pooled_events, 5000U - 4096U);
  EXPECT_EQ(tracker.watermark(), 100);
  const std::string saved = SavedWatermark(tracker);
  const auto loaded = LoadedWatermark(saved, options);
  ASSERT_NE(loaded, nullptr);
  EXPECT_EQ(SavedWatermark(*loaded), saved);
  for (int i = 0; i < 4096; ++i) {
    EXPECT_LT(tracker.watermark(), 10'000);
    tracker.Observe("s" + std::to_string(i), 10'000);
    loaded->Observe("s" + std::to_string(i), 10'000);
  }
  EXPECT_EQ(tracker.watermark(), 10'000);
  EXPECT_EQ(loaded->watermark(), 10'000);
}

TEST(Watermark, AgreesWithBruteForceAndSavesEverything) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 500; ++round) {
    const auto any = [&](uint64_t limit) { return static_cast<int64_t>(random() % limit); };
    const bool extreme = round % 4 == 0;
    const WatermarkOptions options = {extreme ? INT64_MAX - any(2) : any(20),
                                      any(3) == 0 ? 0 : any(60), any(3) == 0 ? 0 : 1 + any(30)};
    WatermarkTracker plain(options);
    auto saved = std::make_unique<WatermarkTracker>(options);
    PlainWatermark brute(options);
    EventTime now = 0;
    for (int i = 0; i < 150; ++i) {
      const std::string name(1, static_cast<char>('a' + random() % 5));
      now += any(4);
      EventTime t = now - any(15);
      if (any(12) == 0) now += any(100);
      if (any(30) == 0) t = now + any(1000);
      if (extreme && any(10) == 0) t = std::max(INT64_MIN + 1, static_cast<EventTime>(random()));
      if (extreme && any(20) == 0) t = any(2) == 0 ? INT64_MAX : INT64_MIN + 1;
      const EventTime expected = brute.Observe(name, t);
      ASSERT_EQ(plain.Observe(name, t), expected) << round << " " << i;
      ASSERT_EQ(saved->Observe(name, t), expected) << round << " " << i;
      ASSERT_EQ(plain.stats().future_events, brute.future);
      const std::string bytes = SavedWatermark(*saved);
      ASSERT_EQ(bytes, SavedWatermark(plain));
      saved = LoadedWatermark(bytes, options);
      ASSERT_NE(saved, nullptr);
      // Damaged bytes are refused, or make some tracker.
      std::string damaged = bytes;
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
      if (random() % 3 == 0) damaged.resize(random() % damaged.size());
      if (const auto other = LoadedWatermark(damaged, options); other != nullptr) {
        const EventTime before = other->watermark();
        for (int n = 0; n < 20; ++n) ASSERT_GE(other->Observe(name, now + n), before);
      }
    }
  }
}

}  // namespace
}  // namespace vedette
