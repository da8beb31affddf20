// Stack counting, pivots, and what becomes of hits.
#include "vedette/hunt/scan.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/alert_fixture.h"
#include "tests/support/hunt_fixture.h"
#include "vedette/alert/incidents.h"
#include "vedette/hunt/log.h"
#include "vedette/hunt/pivot.h"
#include "vedette/hunt/promote.h"
#include "vedette/hunt/stack.h"
#include "vedette/json.h"

namespace vedette::testing {
namespace {

std::string Sysmon(const std::string& host, const std::string& user, const std::string& image) {
  return R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":")" + host +
         R"(","User":")" + user + R"(","Image":")" + image + R"("})";
}

// 200 events of 10 hosts and 4 programs, of which one runs on one host only.
std::vector<StoredEvent> Office() {
  std::vector<StoredEvent> events;
  const std::vector<std::string> images = {R"(C:\\W\\cmd.exe)", R"(C:\\W\\word.exe)",
                                           R"(C:\\W\\mail.exe)"};
  for (size_t i = 0; i < 200; ++i) {
    const std::string host = "ws" + std::to_string(i % 10);
    std::string image = images[i % 3];
    if (i == 77 || i == 177) image = R"(C:\\Users\\al\\Evil.exe)";
    events.push_back({Sysmon(host, "CORP\\\\u" + std::to_string(i % 7), image),
                      kAlertEpoch + static_cast<int64_t>(i) * kMinute, "office", i + 1});
  }
  return events;
}

TEST(HuntScanTest, VisitsWhatIsWanted) {
  TestSegments segments;
  SegmentWriterOptions small;
  small.block_bytes = 2000;
  segments.Add(Office(), small);
  ScanOptions options;
  options.from = kAlertEpoch + 50 * kMinute;
  options.to = kAlertEpoch + 60 * kMinute;
  std::vector<HuntPlace> places;
  const auto visit = [&places](const EventView&, const HuntPlace& place) {
    places.push_back(place);
    return true;
  };
  auto result = ScanEvents(segments.list, options, visit);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->events, 10U);
  EXPECT_GT(result->blocks_skipped, 10U);
  ScanOptions by_place;
  const std::vector<HuntPlace> wanted = {places[1], places[7]};
  by_place.places = &wanted;
  places.clear();
  result = ScanEvents(segments.list, by_place, visit);
  EXPECT_EQ(places, wanted);
  EXPECT_EQ(result->events, 2U);
}

StackOptions StackOf(std::vector<std::string> fields) {
  StackOptions options;
  options.fields = std::move(fields);
  return options;
}

TEST(StackTest, CountsExactly) {
  TestSegments segments;
  segments.Add(Office());
  // Sigma's and ECS's name of one field.
  for (const char* const name : {"Image", "process.executable"}) {
    auto stack = StackCounter::Create(StackOf({name}));
    ASSERT_TRUE(stack.ok());
    ASSERT_TRUE(ScanEvents(segments.list, {}, [&](const EventView& event, const HuntPlace&) {
                  (*stack)->Add(event);
                  return true;
                }).ok());
    const std::vector<StackRow> top = (*stack)->Top(2);
    ASSERT_EQ(top.size(), 2U);
    EXPECT_EQ(top[0].values, std::vector<std::string>{"C:\\W\\word.exe"});
    EXPECT_EQ(top[0].count, 67U);
    const std::vector<StackRow> rare = (*stack)->Rarest(1);
    EXPECT_EQ(rare[0].values, std::vector<std::string>{"C:\\Users\\al\\Evil.exe"});
    EXPECT_EQ(rare[0].count, 2U);
    EXPECT_EQ(rare[0].first, kAlertEpoch + 77 * kMinute);
    EXPECT_EQ(rare[0].last, kAlertEpoch + 177 * kMinute);
    EXPECT_TRUE((*stack)->stats().exact());
  }
}

TEST(StackTest, SaysWhatItCouldNotCount) {
  StackOptions options = StackOf({"a", "b"});
  options.max_bytes = 1000;
  auto stack = StackCounter::Create(options);
  JsonParser parser;
  Event event;
  const auto add = [&](const std::string& json) {
    ASSERT_TRUE(parser.Parse(json, &event).ok());
    (*stack)->Add(event.view());
  };
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50; ++i) {
      add(R"({"a":)" + std::to_string(i) + R"(,"b":"x"})");
    }
  }
  add(R"({"a":1})");
  const StackStats stats = (*stack)->stats();
  EXPECT_EQ(stats.events, 101U);
  EXPECT_EQ(stats.without, 1U);
  EXPECT_FALSE(stats.exact());
  EXPECT_EQ(stats.overflow, 2 * (50 - stats.combinations));
  for (const StackRow& row : (*stack)->Top(100)) EXPECT_EQ(row.count, 2U);
  auto lists = StackCounter::Create(StackOf({"a", "b"}));
  stack = std::move(lists);
  add(R"({"a":["x","y","x"],"b":[1,2,3]})");
  EXPECT_EQ((*stack)->stats().combinations, 6U);
  EXPECT_EQ(StackCounter::Create({}).status().message(), "a stack takes 1 to 16 fields");
}

TEST(PivotTest, FindsNeighbours) {
  TestSegments segments;
  segments.Add(Office());
  PivotOptions options;
  options.entity = {EntityType::kDevice, "WS7"};
  PivotCounter pivot(options);
  ASSERT_TRUE(ScanEvents(segments.list, {}, [&](const EventView& event, const HuntPlace& place) {
                pivot.AddEvent(event, place);
                return true;
              }).ok());
  const PivotResult result = pivot.Result(100);
  EXPECT_EQ(result.entity.value, "ws7");
  EXPECT_EQ(result.events_seen, 200U);
  EXPECT_EQ(result.events, 20U);
  EXPECT_EQ(result.places.size(), 20U);
  EXPECT_EQ(result.first, kAlertEpoch + 7 * kMinute);
  std::map<std::string, uint64_t> users;
  for (const Neighbour& n : result.neighbours) {
    if (n.entity.type == EntityType::kUser) users[n.entity.value] += n.events;
  }
  EXPECT_EQ(users.size(), 7U);
  EXPECT_EQ(users["corp\\u0"], 3U);  // 7, 77, 147
  for (size_t i = 1; i < result.neighbours.size(); ++i) {
    EXPECT_GE(result.neighbours[i - 1].events, result.neighbours[i].events);
  }
}

constexpr std::string_view kEvil = R"(
rule evil { meta { id = "evil" severity = high attack = ["T1204"] }
  match any where Image endswith~ "\\evil.exe" })";

struct Hunted {
  std::vector<KeptHit> hits;
  TestSegments segments;
};

class KeepHits : public HuntSink {
 public:
  explicit KeepHits(std::vector<KeptHit>* hits) : hits_(hits) {}
  absl::Status OnHit(const HuntHit& hit) override {
    hits_->push_back({*hit.detection, hit.place});
    return absl::OkStatus();
  }

 private:
  std::vector<KeptHit>* hits_;
};

void HuntEvil(Hunted* hunted) {
  SegmentWriterOptions small;
  small.block_bytes = 2000;
  hunted->segments.Add(Office(), small);
  HuntOptions options;
  options.program = VedetteProgram(kEvil);
  ASSERT_NE(options.program, nullptr);
  KeepHits keep(&hunted->hits);
  auto job = HuntJob::Start(options, hunted->segments.list, &keep);
  ASSERT_TRUE((*job)->Poll(SIZE_MAX).ok());
  ASSERT_EQ(hunted->hits.size(), 2U);
}

class NoNotices : public IncidentSink {
 public:
  absl::Status OnIncident(const IncidentNotice& notice) override {
    pages += notice.page;
    return absl::OkStatus();
  }
  int pages = 0;
};

TEST(PromoteTest, HitsBecomeAnIncidentWithTheIdsOfLiveAlerts) {
  Hunted hunted;
  HuntEvil(&hunted);
  HitAlertOptions options;
  options.pipeline = RestartOptions();
  options.tenant = "acme";
  options.now = kAlertEpoch + kDay;
  const auto alerts = AlertsOfHits(hunted.hits, hunted.segments.list, options);
  ASSERT_TRUE(alerts.ok()) << alerts.status();

  // The same events through the same pipeline as they came.
  AlertList live;
  auto pipeline = AlertPipeline::Create(RestartOptions(), &live);
  Engine engine(VedetteProgram(kEvil));
  auto processor = engine.NewProcessor(pipeline->get());
  JsonParser parser;
  Event event;
  for (const StoredEvent& stored : Office()) {
    ASSERT_TRUE(parser.Parse(stored.json, &event).ok());
    event.set_time(stored.time);
    event.set_ref(stored.source, stored.line);
    const EventView view = event.view();
    EventContext context;
    context.event = &view;
    context.raw = event.raw();
    context.tenant = "acme";
    (*pipeline)->SetEvent(context);
    ASSERT_TRUE(processor->Process(view).ok());
  }
  ASSERT_TRUE((*pipeline)->Flush().ok());
  ASSERT_EQ(alerts->size(), live.alerts.size());
  std::vector<Alert> promoted;
  for (size_t i = 0; i < alerts->size(); ++i) {
    EXPECT_EQ((*alerts)[i].alert.id, live.alerts[i].id);
    EXPECT_EQ((*alerts)[i].alert.entities.size(), live.alerts[i].entities.size());
    EXPECT_EQ((*alerts)[i].alert.place.raw_hash, live.alerts[i].place.raw_hash);
    promoted.push_back((*alerts)[i].alert);
  }

  NoNotices sink;
  auto book = IncidentBook::Create({}, &sink);
  IncidentChange change;
  change.actor.id = "ann";
  change.reason = "the hunt of Tuesday";
  change.now = options.now;
  const auto id = (*book)->Promote(promoted, "Evil again", IncidentOrigin::kHunt, change);
  ASSERT_TRUE(id.ok()) << id.status();
  const Incident* const incident = (*book)->Find(*id);
  ASSERT_NE(incident, nullptr);
  EXPECT_EQ(incident->origin, IncidentOrigin::kHunt);
  EXPECT_EQ(incident->title, "Evil again");
  EXPECT_EQ(incident->alerts.size(), promoted.size());
  EXPECT_EQ(incident->clocks.first_event, kAlertEpoch + 77 * kMinute);
  EXPECT_EQ(incident->clocks.alert, options.now);
  EXPECT_EQ(incident->severity, Level::kHigh);
  EXPECT_EQ(incident->log[0].text, "the hunt of Tuesday");
  ASSERT_TRUE((*book)->AdvanceTime(options.now + kDay).ok());
  EXPECT_EQ(sink.pages, 0);
  EXPECT_TRUE((*book)->Acknowledge(*id, change).ok());
  EXPECT_EQ((*book)->Find(*id)->clocks.ack, options.now);

  const auto again = (*book)->Promote(promoted, "", IncidentOrigin::kHunt, change);
  EXPECT_EQ(again.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE((*book)->Promote({}, "", IncidentOrigin::kHunt, change).ok());
  // What is known stays where it is.
  std::vector<Alert> more = promoted;
  more.push_back(promoted[0]);
  more.back().id = MakeId("another");
  const auto second = (*book)->Promote(more, "", IncidentOrigin::kHunt, change);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ((*book)->Find(*second)->alerts.size(), 1U);
  EXPECT_EQ((*book)->Find(*second)->links[0].other, *id);
  const std::string snapshot = (*book)->Snapshot();
  auto restored = IncidentBook::Create({}, &sink);
  ASSERT_TRUE((*restored)->Restore(snapshot).ok());
  EXPECT_EQ((*restored)->Snapshot(), snapshot);
}

TEST(PromoteTest, DraftsASuppressionOfWhatAlertsShare) {
  Hunted hunted;
  HuntEvil(&hunted);
  HitAlertOptions options;
  options.pipeline = RestartOptions();
  options.tenant = "acme";
  options.now = kAlertEpoch + kDay;
  const auto made = AlertsOfHits(hunted.hits, hunted.segments.list, options);
  std::vector<Alert> alerts;
  for (const HitAlert& a : *made) alerts.push_back(a.alert);
  const auto draft = DraftSuppression(alerts, "s1", "ann", "known tool", "acme", 30, options.now);
  ASSERT_TRUE(draft.ok()) << draft.status();
  ASSERT_GE(draft->matcher.tests.size(), 2U);
  EXPECT_EQ(draft->matcher.tests[0].values, std::vector<std::string>{"evil"});
  EXPECT_EQ(draft->matcher.tests[1].field, "entity.device");
  EXPECT_EQ(draft->matcher.tests[1].values, std::vector<std::string>{"ws7"});
  EXPECT_FALSE(DraftSuppression({}, "s1", "a", "r", "acme", 30, options.now).ok());
  alerts[0].entities.clear();
  EXPECT_FALSE(DraftSuppression(alerts, "s1", "a", "r", "acme", 30, options.now).ok());
}

EventSupply SupplyOf(std::vector<std::string> jsons) {
  return [jsons = std::move(jsons)](const std::function<void(const Event&)>& visit) {
    JsonParser parser;
    Event event;
    for (const std::string& json : jsons) {
      if (absl::Status s = parser.Parse(json, &event); !s.ok()) return s;
      visit(event);
    }
    return absl::OkStatus();
  };
}

TEST(DraftRuleTest, FindsWhatPositivesShareAndBenignEventsLack) {
  std::vector<std::string> benign;
  std::vector<std::string> positives;
  for (int i = 0; i < 60; ++i) {
    benign.push_back(Sysmon("ws" + std::to_string(i), "u",
                            i % 4 == 0 ? R"(C:\\W\\cmd.exe)" : R"(C:\\W\\word.exe)"));
  }
  for (int i = 0; i < 8; ++i) {
    positives.push_back(Sysmon("ws" + std::to_string(i), "u" + std::to_string(i),
                               R"(C:\\Users\\u)" + std::to_string(i) + R"(\\Evil.exe)"));
  }
  const auto draft = DraftRule(SupplyOf(positives), SupplyOf(benign));
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(draft->tests, std::vector<std::string>{R"(`Image` endswith~ ("\\evil.exe"))"});
  EXPECT_EQ(draft->found, 8U);
  EXPECT_EQ(draft->positives, 8U);
  EXPECT_EQ(draft->benign, 60U);
  EXPECT_EQ(draft->false_positives, 0U);
  EXPECT_NE(VedetteProgram(draft->text), nullptr);
}

TEST(DraftRuleTest, CombinesTestsAndSaysWhatIsStillWrong) {
  std::vector<std::string> positives = {R"({"a":"xxxxxx","b":"yyyyyy","c":"z"})"};
  std::vector<std::string> benign;
  for (int i = 0; i < 10; ++i) {
    benign.push_back(R"({"a":"xxxxxx","b":"other-)" + std::to_string(i) + R"(","c":"z"})");
    benign.push_back(R"({"a":"other","b":"yyyyyy","c":"z"})");
  }
  auto draft = DraftRule(SupplyOf(positives), SupplyOf(benign));
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(draft->tests.size(), 2U);
  EXPECT_EQ(draft->false_positives, 0U);
  benign.push_back(positives[0]);
  draft = DraftRule(SupplyOf(positives), SupplyOf(benign));
  EXPECT_EQ(draft->false_positives, 1U);
  EXPECT_EQ(draft->found, 1U);
  EXPECT_EQ(DraftRule(SupplyOf({}), SupplyOf(benign)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DraftRule(SupplyOf({R"({"a":"1x"})", R"({"b":"2x"})"}), SupplyOf({})).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(DraftRuleTest, QuotesWhateverValuesHold) {
  const std::vector<std::string> positives = {
      R"({"where":"a\"b\\c\n\t\u0001é*?${x}","in":"ünïcode \\\"","match":true})"};
  const auto draft = DraftRule(SupplyOf(positives), SupplyOf({R"({"where":"no","in":"b"})"}));
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(draft->found, 1U);
}

TEST(HuntLogTest, NamesGapsAndNegativeHunts) {
  std::vector<StoredEvent> events;
  for (const int64_t hour : {0, 1, 2, 9, 10, 20}) {
    for (int64_t i = 0; i < 64; ++i) {
      events.push_back({R"({"n":1})", kAlertEpoch + hour * kHour + i * kSecond, "dns", 1});
    }
  }
  TestSegments segments;
  SegmentWriterOptions options;
  options.block_span_ns = kMinute;
  segments.Add(events, options);
  const auto spans = DataSpans(segments.list, kAlertEpoch, kAlertEpoch + 30 * kHour, 4 * kHour);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].events, 384U);
  ASSERT_EQ(spans[0].gaps.size(), 3U);
  EXPECT_EQ(spans[0].gaps[0].to, kAlertEpoch + 9 * kHour);
  EXPECT_EQ(spans[0].gaps[1].from, kAlertEpoch + 10 * kHour + 63 * kSecond);
  EXPECT_EQ(spans[0].gaps[2].to, kAlertEpoch + 30 * kHour);
  HuntRecord record;
  record.name = "n";
  record.hypothesis = "a|b";
  record.data = spans;
  record.progress.state = HuntState::kCancelled;
  EXPECT_EQ(OutcomeOf(record), "incomplete");
  record.progress.state = HuntState::kDone;
  EXPECT_EQ(OutcomeOf(record), "nothing");
  record.progress.exact = false;
  EXPECT_EQ(OutcomeOf(record), "incomplete");
  EXPECT_NE(HuntRecordToMarkdown(record).find("| Hypothesis | a\\|b |"), std::string::npos);
  JsonParser parser;
  Event event;
  EXPECT_TRUE(parser.Parse(HuntRecordToJson(record), &event).ok());
}

}  // namespace
}  // namespace vedette::testing
