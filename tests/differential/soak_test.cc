// A week of event time through detection, correlation and triage, with analysts who work and hosts,
// users and processes that are always new: memory stays what it was once the budgets are full.
#include <malloc.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "tests/support/lcg.h"
#include "vedette/alert/scorecard.h"
#include "vedette/alert/triage.h"
#include "vedette/engine.h"
#include "vedette/json.h"

namespace vedette::testing {
namespace {

constexpr int64_t kStep = 10 * kSecond;
constexpr int kDays = 7;

// Nothing where the system does not tell, as under sanitizers.
size_t SoakHeapBytes() {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

class SoakCounts : public TriageSink {
 public:
  absl::Status OnAlert(const Alert& alert) override {
    ++alerts;
    scorecard.OnAlert(alert);
    return absl::OkStatus();
  }
  absl::Status OnFold(const FoldUpdate& fold) override {
    scorecard.OnFold(fold);
    return absl::OkStatus();
  }
  absl::Status OnHeld(const HeldAlert& held) override {
    scorecard.OnHeld(held);
    return absl::OkStatus();
  }
  absl::Status OnIncident(const IncidentNotice& /*notice*/) override {
    ++notices;
    return absl::OkStatus();
  }

  uint64_t alerts = 0;
  uint64_t notices = 0;
  ScorecardCounter scorecard;
};

class SoakRun : public DetectionSink {
 public:
  SoakRun() : engine_(AlertProgram(EntityFields())) {
    triage_ = New();
    ProcessorOptions options;
    options.correlation.max_state_bytes = size_t{1} << 20;
    processor_ = engine_.NewProcessor(this, options);
  }

  absl::Status OnDetection(const Detection& d) override { return triage_->OnDetection(d); }

  // One in 20 events is of a host that stays; all others are of hosts that come once.
  void Add(uint64_t n) {
    const EventTime now = kAlertEpoch + static_cast<int64_t>(n) * kStep;
    static constexpr const char* kRules[] = {"low", "low", "low", "medium", "high", "critical"};
    const std::string number = std::to_string(n);
    const bool stays = n % 20 == 0;
    const std::string host = stays ? "server" + std::to_string(n / 20 % 10) : "host" + number;
    const std::string more = R"(,"ProcessGuid":"{)" + number + R"(-1}","CommandLine":"a.exe )" +
                             number + R"(","DestinationIp":"203.0.113.)" +
                             std::to_string(random_.Below(250)) + "\"";
    const std::string json = AlertEvent(kRules[random_.Below(6)], host, "user" + number, more);
    Event event;
    ASSERT_TRUE(parser_.Parse(json, &event).ok());
    EventView view = event.view();
    view.set_time(now);
    view.set_ref({"s", n + 1});
    EventContext context;
    context.event = &view;
    context.raw = json;
    context.now = now;
    triage_->SetEvent(context);
    ASSERT_TRUE(processor_->Process(view).ok());
    ASSERT_TRUE(triage_->AdvanceTime(now).ok());
    if (n % 360 == 359) WorkTheQueue(now);
  }

  // What is older than an hour is judged, and closed an hour later.
  void WorkTheQueue(EventTime now) {
    std::vector<std::pair<Id128, IncidentState>> due;
    IncidentFilter filter;
    filter.states = {IncidentState::kNew, IncidentState::kInProgress, IncidentState::kResolved};
    for (const Incident* i : triage_->incidents().List(filter)) {
      if (now - i->clocks.alert > kHour) due.emplace_back(i->id, i->state);
    }
    for (const auto& [id, state] : due) {
      const IncidentChange change{{"ana", {"tier1"}, false}, "looked at", now, kAnyVersion};
      IncidentBook& book = triage_->incidents();
      if (state == IncidentState::kResolved) {
        ASSERT_TRUE(book.Close(id, Verdict::kNone, {}, change).ok());
        continue;
      }
      if (state == IncidentState::kNew) {
        ASSERT_TRUE(book.Acknowledge(id, change).ok());
      }
      const Verdict verdict =
          random_.Below(3) == 0 ? Verdict::kTruePositive : Verdict::kFalsePositive;
      ASSERT_TRUE(book.Resolve(id, verdict, {}, change).ok());
    }
  }

  void Restart() {
    const std::string snapshot = triage_->Snapshot();
    triage_ = New();
    ASSERT_TRUE(triage_->Restore(snapshot).ok());
  }

  // raw = emitted + folded + suppressed + inhibited + late + waiting
  void ExpectNothingLost(uint64_t detections) const {
    const PipelineStats s = triage_->alerts().stats();
    EXPECT_EQ(s.raw, s.emitted + s.folded + s.suppressed + s.inhibited + s.late + s.waiting);
    EXPECT_GE(s.raw, detections);
    EXPECT_EQ(s.emitted, counts.alerts);
  }

  const Triage& triage() const { return *triage_; }
  size_t correlation_bytes() const { return processor_->stats().correlation.bytes; }
  SoakCounts counts;

 private:
  std::unique_ptr<Triage> New() {
    TriageOptions o;
    o.pipeline.policy.on_close = AlertPolicy::OnClose::kRestart;
    o.pipeline.max_state_bytes = size_t{1} << 20;
    o.pipeline.max_held_kept = 100;
    o.risk.max_entities = 2'000;
    o.incidents.max_state_bytes = size_t{4} << 20;
    o.max_judged_alerts = 2'000;
    auto made = Triage::Create(o, &counts);
    EXPECT_TRUE(made.ok()) << made.status();
    return *std::move(made);
  }

  Engine engine_;
  std::unique_ptr<Triage> triage_;
  std::unique_ptr<Processor> processor_;
  JsonParser parser_;
  Lcg random_{7};
};

TEST(Soak, AWeekInFlatMemory) {
  SoakRun run;
  constexpr uint64_t kPerDay = static_cast<uint64_t>(kDay / kStep);
  std::vector<size_t> heap;
  for (uint64_t n = 0; n < kDays * kPerDay; ++n) {
    run.Add(n);
    if (HasFatalFailure()) return;
    if ((n + 1) % kPerDay != 0) continue;
    run.Restart();  // one day in the middle of incidents, folds and risk
    heap.push_back(SoakHeapBytes());
    const IncidentBookStats s = run.triage().incidents().stats();
    std::printf("day %zu: %.2f MB of heap, %llu incidents, %llu open, %llu alerts\n", heap.size(),
                static_cast<double>(heap.back()) / 1e6,
                static_cast<unsigned long long>(s.incidents),
                static_cast<unsigned long long>(s.open),
                static_cast<unsigned long long>(run.counts.alerts));
    EXPECT_LE(run.triage().alerts().stats().bytes, size_t{1} << 20);
    EXPECT_LE(run.correlation_bytes(), size_t{1} << 20);
  }
  run.ExpectNothingLost(kDays * kPerDay);
  // The budgets were full long before, or this would show nothing.
  const IncidentBookStats s = run.triage().incidents().stats();
  EXPECT_GT(s.evicted_incidents, 1'000u);
  EXPECT_LE(s.bytes, size_t{4} << 20);
  if (heap.back() == 0) {
    std::printf("SKIPPED: the heap is not told here\n");
    return;
  }
  EXPECT_LT(static_cast<double>(heap.back()), 1.1 * static_cast<double>(heap[1]));
}

}  // namespace
}  // namespace vedette::testing
