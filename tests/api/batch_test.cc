// Batches from several threads, taken in order: what one processor says of the same events.
#include "vedette/batch.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/correlator_events.h"
#include "tests/support/correlator_rules.h"
#include "tests/support/tree.h"
#include "vedette/engine.h"

namespace vedette {
namespace {

constexpr size_t kBatch = 16;

std::shared_ptr<const Program> BatchProgram() {
  return testing::CorrelatorProgram(
      R"(rule loud { match any where k == "d" suppress by h for 5s })");
}

// Some have no time.
std::vector<Event> BatchEvents(size_t count) {
  std::vector<Event> events = testing::CorrelatorEvents(count);
  for (size_t i = 7; i < count; i += 20) events[i].set_time(kNoEventTime);
  return events;
}

class BatchSink : public DetectionSink {
 public:
  absl::Status OnDetection(const Detection& detection) override {
    texts.push_back(DetectionToJson(detection));
    return texts.size() == stop_at ? absl::CancelledError("enough") : absl::OkStatus();
  }
  std::vector<std::string> texts;
  size_t stop_at = 0;
};

// Batches by `threads` threads; the program of each batch is programs[its number % their number].
std::vector<Batch> EvaluateOnThreads(const std::vector<Event>& events, size_t threads,
                                     const std::vector<std::shared_ptr<const Program>>& programs,
                                     EvaluatorStats* stats) {
  std::vector<Batch> batches;
  for (size_t b = 0; b * kBatch < events.size(); ++b) {
    batches.emplace_back(programs[b * programs.size() * kBatch / events.size()]);
  }
  std::vector<BatchEvaluator> evaluators(threads);
  std::vector<std::thread> running;
  for (size_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (size_t b = t; b < batches.size(); b += threads) {
        for (size_t i = b * kBatch; i < std::min(events.size(), (b + 1) * kBatch); ++i) {
          evaluators[t].Evaluate(events[i].view(), &batches[b]);
        }
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  for (const BatchEvaluator& evaluator : evaluators) *stats += evaluator.stats();
  return batches;
}

void TakeAll(const std::vector<Batch>& batches, Processor* processor) {
  for (const Batch& batch : batches) {
    for (size_t i = 0; i < batch.size(); ++i) ASSERT_TRUE(processor->Process(batch, i).ok());
  }
}

TEST(Batch, IsWhatOneProcessorSays) {
  const auto program = BatchProgram();
  const std::vector<Event> events = BatchEvents(800);
  Engine engine(program);
  ProcessorOptions options;
  options.allowed_lateness_ns = 2'000'000'000;
  BatchSink want;
  const auto plain = engine.NewProcessor(&want, options);
  for (const Event& event : events) ASSERT_TRUE(plain->Process(event.view()).ok());
  ASSERT_TRUE(plain->Flush().ok());
  ASSERT_GT(want.texts.size(), 100U);

  BatchSink got;
  const auto processor = engine.NewProcessor(&got, options);
  EvaluatorStats stats;
  TakeAll(EvaluateOnThreads(events, 3, {program}, &stats), processor.get());
  ASSERT_TRUE(processor->Flush().ok());
  EXPECT_EQ(got.texts, want.texts);

  const ProcessorStats a = plain->stats();
  const ProcessorStats b = processor->stats();
  EXPECT_EQ(stats.events, a.evaluation.events);
  EXPECT_EQ(stats.matches, a.evaluation.matches);
  EXPECT_EQ(stats.records, a.evaluation.records);
  EXPECT_EQ(b.evaluation.events, 0U);
  EXPECT_EQ(b.detections, a.detections);
  EXPECT_GT(b.suppressed, 0U);
  EXPECT_EQ(b.suppressed, a.suppressed);
  EXPECT_EQ(b.events_without_time, a.events_without_time);
  EXPECT_EQ(processor->Snapshot(), plain->Snapshot());
}

TEST(Batch, BringsItsProgram) {
  const auto one = BatchProgram();
  const auto two = BatchProgram();
  const std::vector<Event> events = BatchEvents(320);
  Engine engine(one);
  BatchSink want;
  const auto plain = engine.NewProcessor(&want);
  for (const Event& event : events) ASSERT_TRUE(plain->Process(event.view()).ok());

  // The engine is ahead of the batches, whose state must not get lost for that.
  BatchSink got;
  const auto processor = engine.NewProcessor(&got);
  EvaluatorStats stats;
  const std::vector<Batch> batches = EvaluateOnThreads(events, 2, {one, two}, &stats);
  engine.SetProgram(BatchProgram());
  for (const Batch& batch : batches) {
    for (size_t i = 0; i < batch.size(); ++i) ASSERT_TRUE(processor->Process(batch, i).ok());
    EXPECT_EQ(&processor->correlator().program(), batch.program().get());
    ASSERT_TRUE(processor->AdvanceWatermark(0).ok());
    EXPECT_EQ(&processor->correlator().program(), batch.program().get());
  }
  EXPECT_EQ(got.texts, want.texts);
  EXPECT_EQ(stats.events, events.size());
  // Events that come one by one are the engine's again.
  ASSERT_TRUE(processor->Process(events[0].view()).ok());
  EXPECT_EQ(&processor->correlator().program(), engine.program().get());
}

// Also if the engine's has not changed since the processor took it.
TEST(Batch, LeavesTheEngineItsProgram) {
  const std::vector<Event> events = BatchEvents(10);
  Engine engine(BatchProgram());
  BatchSink sink;
  const auto processor = engine.NewProcessor(&sink);
  Batch batch(BatchProgram());
  BatchEvaluator().Evaluate(events[0].view(), &batch);
  ASSERT_TRUE(processor->Process(batch, 0).ok());
  EXPECT_EQ(&processor->evaluator().program(), batch.program().get());
  ASSERT_TRUE(processor->Process(events[1].view()).ok());
  EXPECT_EQ(&processor->evaluator().program(), engine.program().get());
}

TEST(Batch, IsUsedAgainAndHasAnEnd) {
  const auto program = BatchProgram();
  const std::vector<Event> events = BatchEvents(40);
  Engine engine(program);
  BatchSink sink;
  const auto processor = engine.NewProcessor(&sink);
  Batch batch(program);
  BatchEvaluator evaluator;
  for (int round = 0; round < 3; ++round) {
    batch.Clear(program);
    EXPECT_EQ(batch.size(), 0U);
    for (const Event& event : events) evaluator.Evaluate(event.view(), &batch);
    EXPECT_EQ(batch.size(), events.size());
    EXPECT_TRUE(absl::IsOutOfRange(processor->Process(batch, events.size())));
  }
  sink.stop_at = 1;
  absl::Status status;
  for (size_t i = 0; i < batch.size() && status.ok(); ++i) status = processor->Process(batch, i);
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_EQ(sink.texts.size(), 1U);
}

TEST(Batch, KnowsWhetherTheLogSourceWasKnown) {
  Batch batch(BatchProgram());
  BatchEvaluator evaluator;
  evaluator.Evaluate(testing::EventOf(R"({"k":"a"})").view(), &batch);
  Event known = testing::EventOf(R"({"k":"a"})");
  known.set_log_source({.product = "test", .category = "", .service = ""});
  evaluator.Evaluate(known.view(), &batch);
  EXPECT_FALSE(batch.has_log_source(0));
  EXPECT_TRUE(batch.has_log_source(1));
}

}  // namespace
}  // namespace vedette
