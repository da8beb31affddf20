// Partitions as a host runs them: evaluators and correlators in threads of their own.
#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/correlator_events.h"
#include "tests/support/correlator_rules.h"
#include "vedette/correlator.h"
#include "vedette/evaluator.h"

namespace vedette {
namespace {

constexpr size_t kEvents = 600;
constexpr size_t kEvaluators = 2;
constexpr size_t kPartitions = 3;

// All that a detection says, but in which of several correlators it was made.
std::string TextOf(const Detection& d) {
  std::string out = d.meta().name + " " + std::to_string(d.time);
  const Evidence& e = *d.evidence;
  for (const auto& [name, value] : e.key) out += " " + value;
  out += " " + std::to_string(e.total_events) + " " + std::to_string(e.first);
  for (const auto& [name, value] : d.outcomes) out += " " + name + "=" + value;
  for (const EvidenceEvent& event : e.events) {
    out += " " + event.source + "#" + event.event_source + std::to_string(event.event_line);
  }
  return out;
}

class Texts : public DetectionSink {
 public:
  absl::Status OnDetection(const Detection& detection) override {
    texts.push_back(TextOf(detection));
    return absl::OkStatus();
  }
  std::vector<std::string> texts;
};

// Records on their way to one partition, as bytes.
class Mailbox {
 public:
  void Put(std::string record) {
    const std::scoped_lock lock(mutex_);
    records_.push_back(std::move(record));
  }
  std::vector<std::string> Take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(records_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> records_;
};

class Cluster {
 public:
  Cluster(std::shared_ptr<const Program> program, const std::vector<Event>& events)
      : program_(std::move(program)), events_(events), turn_(kPartitions) {
    for (auto& watermark : watermarks_) watermark = kNoEventTime;
  }

  std::vector<std::string> Run() {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kEvaluators; ++i) threads.emplace_back([this, i] { Evaluate(i); });
    for (uint32_t i = 0; i < kPartitions; ++i) threads.emplace_back([this, i] { Correlate(i); });
    for (std::thread& thread : threads) thread.join();
    std::vector<std::string> all;
    for (Texts& found : found_) {
      all.insert(all.end(), found.texts.begin(), found.texts.end());
    }
    return all;
  }

 private:
  class Outbox : public RecordSink {
   public:
    explicit Outbox(Cluster* cluster) : cluster_(cluster) {}
    absl::Status OnForeignRecord(const MatchRecord& record) override {
      cluster_->Send(record);
      return absl::OkStatus();
    }
    absl::Status OnLateRecord(const MatchRecord&) override {
      return absl::InternalError("a record came late");
    }

   private:
    Cluster* cluster_;
  };

  void Send(const MatchRecord& record) {
    std::string bytes;
    EncodeMatchRecord(*program_, record, &bytes);
    mailboxes_[PartitionOf(*program_, record, kPartitions)].Put(std::move(bytes));
  }

  // Its part of the events. Records are sent before the watermark moves.
  void Evaluate(size_t index) {
    Evaluator evaluator(program_);
    for (size_t i = index; i < events_.size(); i += kEvaluators) {
      const EventView view = events_[i].view();
      evaluator.Evaluate(view);
      for (MatchRecord record : evaluator.Records(view)) {
        record.tiebreak = events_[i].ref().line;
        Send(record);
      }
      const size_t next = i + kEvaluators;
      watermarks_[index] = next < events_.size() ? events_[next].time() : kEndOfTime;
    }
  }

  void AddArrived(uint32_t index, Correlator* correlator) {
    for (const std::string& bytes : mailboxes_[index].Take()) {
      ValueArena arena;
      MatchRecord record;
      EXPECT_TRUE(DecodeMatchRecord(*program_, bytes, &arena, &record).ok());
      EXPECT_TRUE(correlator->Add(record).ok());
    }
  }

  void Correlate(uint32_t index) {
    Outbox outbox(this);
    CorrelatorOptions options;
    options.partition = index;
    options.partitions = kPartitions;
    options.records = &outbox;
    Correlator correlator(program_, &found_[index], options);
    for (EventTime until = kNoEventTime; until != kEndOfTime;) {
      turn_.arrive_and_wait();
      if (index == 0) least_ = std::min<EventTime>(watermarks_[0], watermarks_[1]);
      turn_.arrive_and_wait();
      until = least_;
      for (uint32_t depth = 1; depth <= program_->correlation_depth(); ++depth) {
        AddArrived(index, &correlator);
        EXPECT_TRUE(correlator.AdvanceDepth(depth, until).ok());
        turn_.arrive_and_wait();
      }
    }
  }

  std::shared_ptr<const Program> program_;
  const std::vector<Event>& events_;
  std::array<Mailbox, kPartitions> mailboxes_;
  std::array<Texts, kPartitions> found_;
  std::array<std::atomic<EventTime>, kEvaluators> watermarks_;
  EventTime least_ = kNoEventTime;  // written between two turns
  std::barrier<> turn_;
};

std::vector<std::string> ByOneCorrelator(const std::shared_ptr<const Program>& program,
                                         const std::vector<Event>& events) {
  Texts found;
  Evaluator evaluator(program);
  Correlator correlator(program, &found);
  for (const Event& event : events) {
    const EventView view = event.view();
    evaluator.Evaluate(view);
    for (MatchRecord record : evaluator.Records(view)) {
      record.tiebreak = event.ref().line;
      EXPECT_TRUE(correlator.Add(record).ok());
    }
  }
  EXPECT_TRUE(correlator.AdvanceWatermark(kEndOfTime).ok());
  return std::move(found.texts);
}

TEST(Partitions, ThreadsDetectTogetherWhatOneCorrelatorDoes) {
  const std::shared_ptr<const Program> program = testing::CorrelatorProgram();
  const std::vector<Event> events = testing::CorrelatorEvents(kEvents);
  std::vector<std::string> expected = ByOneCorrelator(program, events);
  std::sort(expected.begin(), expected.end());
  EXPECT_GT(expected.size(), 100U);
  for (const char* const rule : {"above ", "top "}) {
    const auto is_of = [rule](const std::string& text) { return text.starts_with(rule); };
    EXPECT_TRUE(std::any_of(expected.begin(), expected.end(), is_of)) << rule;
  }
  for (int run = 0; run < 3; ++run) {
    std::vector<std::string> found = Cluster(program, events).Run();
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace vedette
