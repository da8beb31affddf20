// A hunt over stored events finds what live rules would have found.
#include "vedette/hunt/job.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/correlation_generator.h"
#include "tests/support/hunt_fixture.h"

namespace vedette::testing {
namespace {

constexpr int64_t kHuntSecond = 1'000'000'000;

// How a hunt is led.
struct HuntWay {
  size_t most_blocks = SIZE_MAX;  // of one poll, by chance up to it
  bool resume = false;            // after each poll, from its token
  size_t ahead = 0;               // blocks that are read ahead by two workers in any order
};

class Hunter {
 public:
  Hunter(uint32_t seed, HuntWay way) : random_(seed), way_(way) {}

  // The hits of the whole hunt.
  std::vector<std::string> Run(const HuntOptions& options, const TestSegments& segments) {
    HitList hits;
    auto job = HuntJob::Start(options, segments.list, &hits);
    EXPECT_TRUE(job.ok()) << job.status();
    std::vector<HuntWorker> workers;
    for (int i = 0; i < 2; ++i) workers.push_back((*job)->NewWorker());
    for (;;) {
      if (way_.ahead > 0) Prefetch(job->get(), &workers);
      const size_t blocks =
          way_.most_blocks == SIZE_MAX ? SIZE_MAX : 1 + random_() % way_.most_blocks;
      const auto polled = (*job)->Poll(blocks);
      EXPECT_TRUE(polled.ok()) << polled.status();
      if (!polled.ok() || polled->state != HuntState::kRunning) break;
      if (!way_.resume) continue;
      const auto token = (*job)->Token();
      EXPECT_TRUE(token.ok());
      workers.clear();
      job = HuntJob::Resume(options, segments.list, &hits, *token);
      EXPECT_TRUE(job.ok()) << job.status();
      for (int i = 0; i < 2; ++i) workers.push_back((*job)->NewWorker());
    }
    progress = (*job)->progress();
    EXPECT_EQ(progress.state, HuntState::kDone);
    EXPECT_EQ(progress.hits, hits.json.size());
    EXPECT_EQ(progress.blocks_total,
              progress.blocks_read + progress.blocks_skipped + progress.blocks_lost);
    return hits.json;
  }

  HuntProgress progress;

 private:
  void Prefetch(HuntJob* job, std::vector<HuntWorker>* workers) {
    std::vector<HuntTask> tasks = job->TakeTasks(way_.ahead);
    std::shuffle(tasks.begin(), tasks.end(), random_);
    for (HuntTask& task : tasks) {
      // Some are given back undone.
      if (random_() % 5 != 0) task.Run(&(*workers)[random_() % 2]);
      job->GiveBack(std::move(task));
    }
  }

  std::mt19937 random_;
  HuntWay way_;
};

struct Generated {
  std::string rules;
  std::vector<StoredEvent> events;
};

Generated Generate(uint32_t seed, size_t max_events, int64_t lateness_ns) {
  CorrelationGenerator generator(seed);
  CorrelationScenario scenario = generator.Scenario(CorrelationShape::kAny, 5, max_events);
  Generated out;
  out.rules = scenario.Rules();
  uint64_t line = 0;
  for (const auto& e : generator.Shuffled(scenario.events, lateness_ns)) {
    StoredEvent stored;
    stored.json = e.json;
    stored.time = e.time.value_or(kNoEventTime);
    stored.line = ++line;
    out.events.push_back(std::move(stored));
  }
  return out;
}

// Cuts a stream into segments of small blocks.
TestSegments Cut(const std::vector<StoredEvent>& events, std::mt19937* random) {
  TestSegments segments;
  size_t begin = 0;
  while (begin < events.size()) {
    const size_t end = std::min(events.size(), begin + 10 + (*random)() % 40);
    SegmentWriterOptions options;
    options.block_bytes = 1 + (*random)() % 600;
    segments.Add({events.begin() + static_cast<std::ptrdiff_t>(begin),
                  events.begin() + static_cast<std::ptrdiff_t>(end)},
                 options);
    begin = end;
  }
  return segments;
}

HuntOptions OptionsFor(std::shared_ptr<const Program> program, int64_t lateness_ns) {
  HuntOptions options;
  options.program = std::move(program);
  options.processing.allowed_lateness_ns = lateness_ns;
  options.order = HuntOrder::kAsListed;
  return options;
}

TEST(HuntJobTest, FindsWhatLiveRulesFindHoweverItIsCutAndResumed) {
  size_t found = 0;
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    std::mt19937 random(seed);
    // Sometimes less than the disorder, so that some records are late.
    const int64_t disorder = static_cast<int64_t>(random() % 4) * 5 * kHuntSecond;
    const int64_t lateness = static_cast<int64_t>(random() % 3) * 5 * kHuntSecond;
    const Generated g = Generate(seed, 60, disorder);
    const auto program = VedetteProgram(g.rules);
    ASSERT_NE(program, nullptr) << g.rules;
    const HuntOptions options = OptionsFor(program, lateness);
    const std::vector<std::string> live = LiveDetections(program, g.events, options.processing);
    found += live.size();
    const TestSegments segments = Cut(g.events, &random);
    for (const HuntWay& way : {HuntWay{}, HuntWay{3, false, 0}, HuntWay{1, true, 0},
                               HuntWay{4, false, 5}, HuntWay{2, true, 3}}) {
      Hunter hunter(seed, way);
      ASSERT_EQ(hunter.Run(options, segments), live) << "seed " << seed;
      EXPECT_EQ(hunter.progress.events_scanned, g.events.size());
      EXPECT_TRUE(hunter.progress.exact);
    }
  }
  EXPECT_GT(found, 20U);
}

TEST(HuntJobTest, MergesSegmentsAsFilesAreMerged) {
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    Generated g = Generate(seed, 80, 5 * kHuntSecond);
    const auto program = VedetteProgram(g.rules);
    ASSERT_NE(program, nullptr);
    std::vector<std::vector<StoredEvent>> streams(1 + random() % 4);
    for (StoredEvent& e : g.events) {
      // No time at all would only change the order in which single events are told.
      if (e.time == kNoEventTime) continue;
      const size_t i = random() % streams.size();
      e.source = "stream" + std::to_string(i);
      streams[i].push_back(e);
    }
    // The earliest of the next events, again and again.
    std::vector<StoredEvent> merged;
    std::vector<size_t> next(streams.size());
    for (;;) {
      size_t best = SIZE_MAX;
      for (size_t i = 0; i < streams.size(); ++i) {
        if (next[i] == streams[i].size()) continue;
        if (best == SIZE_MAX || streams[i][next[i]].time < streams[best][next[best]].time) best = i;
      }
      if (best == SIZE_MAX) break;
      merged.push_back(streams[best][next[best]++]);
    }
    TestSegments segments;
    for (const auto& stream : streams) {
      SegmentWriterOptions options;
      options.block_bytes = 1 + random() % 500;
      segments.Add(stream, options);
    }
    HuntOptions options = OptionsFor(program, 2 * kHuntSecond);
    options.order = HuntOrder::kByTime;
    const auto live = LiveDetections(program, merged, options.processing);
    for (const HuntWay& way : {HuntWay{}, HuntWay{1, true, 0}, HuntWay{3, true, 4}}) {
      Hunter hunter(seed, way);
      ASSERT_EQ(hunter.Run(options, segments), live) << "seed " << seed;
    }
  }
}

TEST(HuntJobTest, ARangeGivesTheLiveDetectionsOfThatRange) {
  uint64_t skipped = 0;
  size_t found = 0;
  for (uint32_t seed = 1; seed <= 16; ++seed) {
    std::mt19937 random(seed);
    const Generated g = Generate(seed, 60, 5 * kHuntSecond);
    const auto program = VedetteProgram(g.rules);
    ASSERT_NE(program, nullptr);
    HuntOptions options = OptionsFor(program, 5 * kHuntSecond);
    std::vector<EventTime> times;
    for (const StoredEvent& e : g.events) {
      if (e.time != kNoEventTime) times.push_back(e.time);
    }
    if (times.size() < 4) continue;
    std::sort(times.begin(), times.end());
    options.from = times[random() % (times.size() / 2)];
    options.to = times[times.size() / 2 + random() % (times.size() / 2)];
    const TestSegments segments = Cut(g.events, &random);
    HitList all;
    HuntOptions whole = options;
    whole.from = kNoEventTime;
    whole.to = kEndOfTime;
    auto job = HuntJob::Start(whole, segments.list, &all);
    ASSERT_TRUE((*job)->Poll(SIZE_MAX).ok());
    std::vector<std::string> expected;
    for (const Detection& d : all.detections) {
      if (d.time != kNoEventTime && d.time >= options.from && d.time < options.to) {
        expected.push_back(DetectionToJson(d));
      }
    }
    found += expected.size();
    Hunter hunter(seed, {2, true, 0});
    ASSERT_EQ(hunter.Run(options, segments), expected) << "seed " << seed;
    skipped += hunter.progress.blocks_skipped;
    EXPECT_TRUE(hunter.progress.exact);
  }
  EXPECT_GT(found, 20U);
  EXPECT_GT(skipped, 10U);
}

constexpr std::string_view kRunKey =
    "rule run { meta { severity = high } match any where action == \"run\" }\n";

std::vector<StoredEvent> Steps(size_t n) {
  std::vector<StoredEvent> events;
  for (size_t i = 0; i < n; ++i) {
    const std::string host = "host-" + std::to_string(i / 10);
    events.push_back({R"({"action":")" + std::string(i % 7 == 0 ? "run" : "walk") +
                          R"(","host":")" + host + R"(","pid":)" + std::to_string(i) + "}",
                      static_cast<EventTime>(i) * kHuntSecond, i % 2 == 0 ? "even" : "odd", i + 1});
  }
  return events;
}

TEST(HuntJobTest, SkipsBlocksOnlyWhereNothingChanges) {
  const auto program = VedetteProgram(kRunKey);
  ASSERT_NE(program, nullptr);
  EXPECT_FALSE(KeepsState(*program));
  const std::vector<StoredEvent> events = Steps(700);
  TestSegments segments;
  SegmentWriterOptions small;
  small.block_bytes = 1000;
  segments.Add(events, small);
  HuntOptions options = OptionsFor(program, 0);
  options.from = 300 * kHuntSecond;
  options.to = 400 * kHuntSecond;
  Hunter hunter(1, {});
  const std::vector<std::string> hits = hunter.Run(options, segments);
  EXPECT_EQ(hits.size(), 15U);  // 301, 308, .. 399
  EXPECT_LT(hunter.progress.blocks_read, hunter.progress.blocks_total / 4);

  HuntOptions terms = OptionsFor(program, 0);
  terms.observables = {"Host-42", "no such thing"};
  Hunter by_term(1, {1, true, 0});
  EXPECT_EQ(by_term.Run(terms, segments).size(), 2U);  // of 420 to 429: 420 and 427
  EXPECT_LE(by_term.progress.blocks_read, 5U);
  EXPECT_GT(by_term.progress.events_left_out, 0U);

  HuntOptions sources = OptionsFor(program, 0);
  sources.sources = {"even"};
  std::vector<StoredEvent> even;
  for (const StoredEvent& e : events) {
    if (e.source == "even") even.push_back(e);
  }
  Hunter by_source(1, {2, false, 3});
  EXPECT_EQ(by_source.Run(sources, segments), LiveDetections(program, even));
}

TEST(HuntJobTest, HuntsForObservablesWithoutRules) {
  TestSegments segments;
  SegmentWriterOptions small;
  small.block_bytes = 500;
  segments.Add(Steps(300), small);
  HuntOptions options;
  options.observables = {"HOST-7", "host-29"};
  HitList hits;
  auto job = HuntJob::Start(options, segments.list, &hits);
  ASSERT_TRUE(job.ok());
  ASSERT_TRUE((*job)->Poll(SIZE_MAX).ok());
  EXPECT_EQ(hits.json.size(), 20U);
  ASSERT_TRUE(hits.places[0].has_value());
  EXPECT_GT((*job)->progress().blocks_skipped, 10U);
  HuntHit hit;
  hit.time = kHuntSecond;
  hit.source = "s";
  hit.line = 3;
  hit.observable = "host-7";
  EXPECT_EQ(HuntHitToJson(hit),
            R"({"origin":"hunt","observable":"host-7","time":"1970-01-01T00:00:01Z",)"
            R"("event_source":"s","line":3})");
}

TEST(HuntJobTest, PausesAtItsBudgetAndGoesOn) {
  const auto program = VedetteProgram(kRunKey);
  TestSegments segments;
  SegmentWriterOptions small;
  small.block_bytes = 500;
  segments.Add(Steps(300), small);
  HuntOptions options = OptionsFor(program, 0);
  options.max_events = 100;
  HitList hits;
  auto job = HuntJob::Start(options, segments.list, &hits);
  auto state = (*job)->Poll(SIZE_MAX);
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->state, HuntState::kOutOfBudget);
  EXPECT_GE(state->events_scanned, 100U);
  EXPECT_LT(state->events_scanned, 120U);
  (*job)->RaiseBudget(0, 10);
  state = (*job)->Poll(1);
  EXPECT_EQ(state->state, HuntState::kRunning);
  (*job)->AddCost(10);
  EXPECT_EQ((*job)->Poll(1)->state, HuntState::kOutOfBudget);
  const auto token = (*job)->Token();
  ASSERT_TRUE(token.ok());
  options.max_events = 0;
  auto resumed = HuntJob::Resume(options, segments.list, &hits, *token);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  state = (*resumed)->Poll(SIZE_MAX);
  EXPECT_EQ(state->state, HuntState::kDone);
  EXPECT_EQ(state->cost, 10U);
  EXPECT_EQ(state->events_scanned, 300U);
  EXPECT_EQ(hits.json, LiveDetections(program, Steps(300)));
}

TEST(HuntJobTest, IsCancelledAndTakenUpAgain) {
  const auto program = VedetteProgram(kRunKey);
  TestSegments segments;
  SegmentWriterOptions small;
  small.block_bytes = 500;
  segments.Add(Steps(300), small);
  const HuntOptions options = OptionsFor(program, 0);
  HitList hits;
  auto job = HuntJob::Start(options, segments.list, &hits);
  ASSERT_TRUE((*job)->Poll(3).ok());
  (*job)->Cancel();
  const size_t before = hits.json.size();
  EXPECT_EQ((*job)->Poll(SIZE_MAX)->state, HuntState::kCancelled);
  EXPECT_EQ(hits.json.size(), before);
  auto resumed = HuntJob::Resume(options, segments.list, &hits, *(*job)->Token());
  ASSERT_TRUE(resumed.ok());
  EXPECT_EQ((*resumed)->Poll(SIZE_MAX)->state, HuntState::kDone);
  EXPECT_EQ(hits.json, LiveDetections(program, Steps(300)));
}

TEST(HuntJobTest, RefusesTokensOfOtherHunts) {
  const auto program = VedetteProgram(kRunKey);
  TestSegments segments;
  SegmentWriterOptions small;
  small.block_bytes = 500;
  segments.Add(Steps(300), small);
  const HuntOptions options = OptionsFor(program, 0);
  HitList hits;
  auto job = HuntJob::Start(options, segments.list, &hits);
  ASSERT_TRUE((*job)->Poll(3).ok());
  const std::string token = *(*job)->Token();
  const auto why = [&](const HuntOptions& o, const TestSegments& s, const std::string& t) {
    const auto resumed = HuntJob::Resume(o, s.list, &hits, t);
    return resumed.ok() ? std::string("it is taken") : resumed.status().ToString();
  };
  EXPECT_EQ(why(options, segments, token), "it is taken");
  HuntOptions other = options;
  other.program = VedetteProgram("rule other { match any where action == \"walk\" }");
  EXPECT_NE(why(other, segments, token).find("its rules are others"), std::string::npos);
  other = options;
  other.sources = {"even"};
  EXPECT_NE(why(other, segments, token).find("its options are others"), std::string::npos);
  TestSegments changed;
  changed.Add(Steps(301), small);
  EXPECT_NE(why(options, changed, token).find("is not the segment it was"), std::string::npos);
  EXPECT_NE(why(options, {}, token).find("another number of segments"), std::string::npos);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string damaged = token;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_NE(why(options, segments, damaged), "it is taken") << i;
    EXPECT_NE(why(options, segments, token.substr(0, i)), "it is taken") << i;
  }
}

TEST(HuntJobTest, ASinksErrorEndsTheJob) {
  const auto program = VedetteProgram(kRunKey);
  TestSegments segments;
  segments.Add(Steps(30));
  HitList hits;
  hits.fails = absl::UnavailableError("full");
  auto job = HuntJob::Start(OptionsFor(program, 0), segments.list, &hits);
  EXPECT_EQ((*job)->Poll(SIZE_MAX).status().message(), "full");
  EXPECT_EQ((*job)->progress().state, HuntState::kFailed);
  EXPECT_FALSE((*job)->Token().ok());
}

TEST(HuntJobTest, CountsDamagedBlocksAndGoesOn) {
  const auto program = VedetteProgram(kRunKey);
  SegmentWriterOptions small;
  small.block_bytes = 500;
  std::string bytes = SegmentOf(Steps(300), small);
  bytes[20] = static_cast<char>(bytes[20] ^ 0x55);
  TestSegments segments;
  auto segment = OpenBytes("damaged", bytes);
  ASSERT_TRUE(segment.ok()) << segment.status();
  segments.list.push_back(segment->get());
  HitList hits;
  auto job = HuntJob::Start(OptionsFor(program, 0), segments.list, &hits);
  const auto done = (*job)->Poll(SIZE_MAX);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->blocks_lost, 1U);
  EXPECT_FALSE(done->exact);
  EXPECT_EQ(done->events_scanned + done->events_lost, 300U);
  ASSERT_EQ(done->losses.size(), 1U);
  EXPECT_EQ(done->losses[0].reason, "block 0: its checksum is wrong");
}

TEST(HuntJobTest, SaysWhatMakesNoSense) {
  TestSegments segments;
  HitList hits;
  const auto why = [&](const HuntOptions& options) {
    return std::string(HuntJob::Start(options, segments.list, &hits).status().message());
  };
  EXPECT_EQ(why({}), "a hunt needs rules or observables");
  HuntOptions options = OptionsFor(VedetteProgram(kRunKey), 0);
  options.from = 2;
  options.to = 1;
  EXPECT_EQ(why(options), "the range ends before it begins");
  options = OptionsFor(VedetteProgram(kRunKey), 0);
  options.observables = {"x"};
  EXPECT_EQ(why(options), "'x': an observable has 3 to 256 bytes");
  options = OptionsFor(VedetteProgram(kRunKey), 0);
  options.processing.host_watermarks = true;
  EXPECT_EQ(why(options), "a hunt makes its own watermarks and keeps its records");
}

}  // namespace
}  // namespace vedette::testing
