// Events through everything: alerts, risk, incidents, verdicts that come back, one snapshot.
#include "vedette/alert/triage.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "tests/support/lcg.h"
#include "vedette/engine.h"
#include "vedette/json.h"

namespace vedette::testing {
namespace {

class TriageStory : public TriageSink {
 public:
  absl::Status OnAlert(const Alert& a) override {
    text += AlertToJson(a) + "\n";
    alerts.push_back(a);
    return absl::OkStatus();
  }
  absl::Status OnRisk(const RiskNotice& n) override {
    text += "risk " + n.entity.value + " " + n.score.ToText() + "\n";
    ++risks;
    return absl::OkStatus();
  }
  absl::Status OnIncident(const IncidentNotice& n) override {
    text += std::string(IncidentNoticeKindName(n.kind)) + " " + n.incident->id.ToText() + "\n";
    return absl::OkStatus();
  }
  std::string text;
  std::vector<Alert> alerts;
  int risks = 0;
};

class TriageRun : public DetectionSink {
 public:
  TriageRun() : engine_(AlertProgram()) {
    triage_ = New();
    processor_ = engine_.NewProcessor(this);
  }
  absl::Status OnDetection(const Detection& d) override { return triage_->OnDetection(d); }
  absl::Status Flush() override { return triage_->Flush(); }
  std::unique_ptr<Triage> New() {
    TriageOptions o;
    o.pipeline.policy.on_close = AlertPolicy::OnClose::kRestart;
    auto made = Triage::Create(o, &story);
    EXPECT_TRUE(made.ok()) << made.status();
    return *std::move(made);
  }
  void Add(std::string_view json, int64_t at) {
    Event event;
    ASSERT_TRUE(parser_.Parse(json, &event).ok());
    EventView view = event.view();
    view.set_time(kAlertEpoch + at);
    view.set_ref({"s", ++line_});
    EventContext context;
    context.event = &view;
    context.now = kAlertEpoch + at;
    triage_->SetEvent(context);
    ASSERT_TRUE(processor_->Process(view).ok());
    ASSERT_TRUE(triage_->AdvanceTime(kAlertEpoch + at).ok());
  }
  void Restart() {
    const std::string snapshot = triage_->Snapshot();
    triage_ = New();
    const absl::Status status = triage_->Restore(snapshot);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_TRUE(triage_->Snapshot() == snapshot);
  }
  Triage& triage() { return *triage_; }
  TriageStory story;

 private:
  Engine engine_;
  std::unique_ptr<Triage> triage_;
  std::unique_ptr<Processor> processor_;
  JsonParser parser_;
  uint64_t line_ = 0;
};

TEST(TriageFlow, VerdictsEndFoldsAndComeBackWithTheNextAlert) {
  TriageRun run;
  run.Add(AlertEvent("medium", "h", "al"), 0);
  run.Add(AlertEvent("medium", "h", "al"), kSecond);
  ASSERT_EQ(run.story.alerts.size(), 1u);
  IncidentBook& book = run.triage().incidents();
  const Incident* incident = book.OfAlert(run.story.alerts[0].id);
  ASSERT_NE(incident, nullptr);
  EXPECT_EQ(incident->alerts[0].folded, 1u);
  const IncidentChange by{{"ann", {}, false}, "nothing", kAlertEpoch + kMinute, kAnyVersion};
  const Id128 id = incident->id;
  ASSERT_TRUE(book.Close(id, Verdict::kFalsePositive, {}, by).ok());
  run.Add(AlertEvent("medium", "h", "al"), 2 * kMinute);
  ASSERT_EQ(run.story.alerts.size(), 2u);
  EXPECT_TRUE(run.story.alerts[1].after_negative);
  const Incident* again = book.OfAlert(run.story.alerts[1].id);
  EXPECT_NE(again->id, id);
  EXPECT_TRUE(again->refired);
}

TEST(TriageFlow, RiskRaisesTheIncident) {
  TriageRun run;
  run.Add(AlertEvent("high critical medium", "h", "al"), 0);
  EXPECT_EQ(run.story.risks, 0);
  run.Add(AlertEvent("high critical medium", "h", "bo"), kMinute);
  EXPECT_EQ(run.story.risks, 1);
  const auto all = run.triage().incidents().List({});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_FALSE(all[0]->risk.empty());
  EXPECT_EQ(all[0]->alerts.size(), 6u);
}

class TriageRestarts : public ::testing::TestWithParam<uint32_t> {};

TEST_P(TriageRestarts, ChangeNothing) {
  static const std::vector<std::string> kRuleLists = {"low", "medium", "high critical", "low high"};
  TriageRun straight;
  TriageRun restarted;
  Lcg lcg(GetParam());
  int64_t at = 0;
  for (int i = 0; i < 80; ++i) {
    at += static_cast<int64_t>(lcg.Below(1800)) * kSecond;
    const std::string event =
        AlertEvent(lcg.Of(kRuleLists), "h" + std::to_string(lcg.Below(5)),
                   "u" + std::to_string(lcg.Below(4)), ",\"EventRecordID\":" + std::to_string(i));
    straight.Add(event, at);
    restarted.Add(event, at);
    if (lcg.Below(4) == 0) {
      for (TriageRun* run : {&straight, &restarted}) {
        const Incident* first = run->triage().incidents().List({})[0];
        const IncidentChange by{{"ann", {}, false}, "r", kAlertEpoch + at, kAnyVersion};
        run->triage()
            .incidents()
            .Resolve(first->id, i % 3 == 0 ? Verdict::kTruePositive : Verdict::kBenign, {}, by)
            .IgnoreError();
      }
    }
    restarted.Restart();
  }
  EXPECT_EQ(straight.story.text, restarted.story.text);
  EXPECT_TRUE(straight.triage().Snapshot() == restarted.triage().Snapshot());
}

INSTANTIATE_TEST_SUITE_P(Seeds, TriageRestarts, ::testing::Range(1u, 7u));

TEST(TriageSnapshots, ArePutBackWholeOrNotAtAll) {
  TriageRun run;
  for (int i = 0; i < 10; ++i) run.Add(AlertEvent("low high", "h", "u" + std::to_string(i)), i);
  const std::string good = run.triage().Snapshot();
  Lcg lcg(3);
  for (int i = 0; i < 300; ++i) {
    std::string bad = good;
    const size_t place = (lcg.Next() << 8 | lcg.Below(256)) % bad.size();
    bad[place] = static_cast<char>(bad[place] ^ 1);
    EXPECT_FALSE(run.triage().Restore(bad).ok()) << place;
  }
  EXPECT_TRUE(run.triage().Snapshot() == good);
  EXPECT_FALSE(run.triage().Restore(run.triage().alerts().Snapshot()).ok());
  EXPECT_EQ(Triage::Create({}, &run.story).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace vedette::testing
