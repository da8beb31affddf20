// Grouping of streams whose attacks are known; restarts; what holds of any stream of changes.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "tests/support/attack_alerts.h"
#include "tests/support/lcg.h"
#include "vedette/alert/incidents.h"

namespace vedette::testing {
namespace {

class Telling : public IncidentSink {
 public:
  absl::Status OnIncident(const IncidentNotice& n) override {
    text += std::string(IncidentNoticeKindName(n.kind)) + " " + n.incident->id.ToText() + " " +
            n.text + " " + std::to_string(n.new_alerts) + (n.page ? " page\n" : "\n");
    return absl::OkStatus();
  }
  std::string text;
};

std::unique_ptr<IncidentBook> BookOf(IncidentSink* sink, IncidentOptions o = {}) {
  auto book = IncidentBook::Create(std::move(o), sink);
  EXPECT_TRUE(book.ok()) << book.status();
  return *std::move(book);
}

// Cluster and truth of each alert; benign ones are attacks of their own.
GroupingScore Score(const IncidentBook& book, const std::vector<LabelledAlert>& alerts) {
  std::map<Id128, int> numbers;
  std::vector<int> cluster;
  std::vector<int> truth;
  for (size_t i = 0; i < alerts.size(); ++i) {
    const Incident* incident = book.OfAlert(alerts[i].alert.id);
    EXPECT_NE(incident, nullptr) << "an alert is lost";
    if (incident == nullptr) continue;
    cluster.push_back(
        numbers.try_emplace(incident->id, static_cast<int>(numbers.size())).first->second);
    truth.push_back(alerts[i].attack >= 0 ? alerts[i].attack : -1 - static_cast<int>(i));
  }
  return ScoreGrouping(cluster, truth);
}

TEST(GroupingScores, AreThoseOfTheDefinition) {
  const GroupingScore same = ScoreGrouping({1, 1, 2}, {5, 5, 6});
  EXPECT_EQ(same.precision, 1);
  EXPECT_EQ(same.recall, 1);
  EXPECT_EQ(same.over_merged + same.under_merged, 0);
  const GroupingScore one = ScoreGrouping({1, 1, 1, 1}, {5, 5, 6, 6});
  EXPECT_EQ(one.precision, 0.5);
  EXPECT_EQ(one.recall, 1);
  EXPECT_EQ(one.over_merged, 1);
  const GroupingScore each = ScoreGrouping({1, 2}, {5, 5});
  EXPECT_EQ(each.recall, 0.5);
  EXPECT_EQ(each.under_merged, 1);
}

AttackStreamOptions Few() {
  AttackStreamOptions o;
  o.attacks = 6;
  o.benign = 20;
  return o;
}

AttackStreamOptions Dense() {
  AttackStreamOptions o;
  o.attacks = 4;
  o.benign = 200;
  o.span_ns = 4 * kHour;
  return o;
}

class KnownAttacks : public ::testing::TestWithParam<uint32_t> {};

TEST_P(KnownAttacks, AreFoundWholeAndApart) {
  const auto alerts = AttackAlerts(GetParam());
  Telling sink;
  const auto book = BookOf(&sink);
  for (const LabelledAlert& l : alerts) ASSERT_TRUE(book->Add(l.alert).ok());
  const GroupingScore score = Score(*book, alerts);
  EXPECT_GE(score.precision, 0.99);
  EXPECT_GE(score.recall, 0.97);
  EXPECT_EQ(score.over_merged, 0);
  EXPECT_LE(score.under_merged, 1);
  EXPECT_EQ(book->stats().alerts, alerts.size());
  RecordProperty("precision", std::to_string(score.precision));
  RecordProperty("recall", std::to_string(score.recall));
}

// Everybody talks to one address and works on one jump host: the hub guard keeps attacks apart.
TEST_P(KnownAttacks, AHubDoesNotPutThemTogether) {
  auto alerts = AttackAlerts(GetParam(), Dense());
  for (LabelledAlert& l : alerts) {
    AlertEntity jump;
    jump.entity = {EntityType::kDevice, "jump"};
    jump.strength = JoinStrength::kMedium;
    l.alert.entities.push_back(jump);
  }
  Telling sink;
  IncidentOptions guarded;
  guarded.hub_degree = 10;
  const auto with = BookOf(&sink, guarded);
  IncidentOptions none;
  none.hub_degree = 100'000;
  none.max_alerts = none.max_entities = 100'000;
  const auto without = BookOf(&sink, none);
  for (const LabelledAlert& l : alerts) {
    ASSERT_TRUE(with->Add(l.alert).ok());
    ASSERT_TRUE(without->Add(l.alert).ok());
  }
  EXPECT_GT(Score(*with, alerts).precision, 0.6);
  EXPECT_LT(Score(*without, alerts).precision, 0.3);
  EXPECT_GT(with->stats().hubs, 0u);
}

// A stream of alerts and of what analysts do, in an order that the seed says.
void Step(IncidentBook* book, Lcg* lcg, const LabelledAlert& l) {
  const EventTime now = l.alert.alert_time;
  ASSERT_TRUE(book->Add(l.alert).ok());
  ASSERT_TRUE(book->AdvanceTime(now).ok());
  const auto all = book->List({});
  const Incident& i = *all[lcg->Below(static_cast<uint32_t>(all.size()))];
  const Id128 id = i.id;
  const IncidentChange by{{lcg->Below(2) == 0 ? "ann" : "bob", {}, false}, "r", now, kAnyVersion};
  const Verdict verdict = static_cast<Verdict>(1 + lcg->Below(2));
  switch (lcg->Below(12)) {
    case 0:
      book->Assign(id, by.actor.id, "", by).IgnoreError();
      break;
    case 1:
      book->Hold(id, by).IgnoreError();
      break;
    case 2:
      book->Resume(id, by).IgnoreError();
      break;
    case 3:
      book->Resolve(id, verdict, {}, by).IgnoreError();
      break;
    case 4:
      book->Close(id, Verdict::kFalsePositive, {}, by).IgnoreError();
      break;
    case 5:
      book->Link(id, all[0]->id, by).IgnoreError();
      break;
    case 6:
      if (i.alerts.size() > 1) book->Unlink(id, {i.alerts[0].id}, by).IgnoreError();
      break;
    case 7:
      book->Comment(id, "c", by).IgnoreError();
      break;
    case 8:
      book->Close(id, Verdict::kDuplicate, all[0]->id, by).IgnoreError();
      break;
    default:
      break;
  }
}

std::vector<const Incident*> All(const IncidentBook& book) {
  IncidentFilter filter;
  filter.merged = true;
  return book.List(filter);
}

std::string Everything(const IncidentBook& book) {
  std::string out;
  for (const Incident* i : All(book)) out += IncidentToJson(*i) + "\n";
  return out;
}

// Each alert is in exactly one incident, caps hold, entities are those of the alerts.
void ExpectSound(const IncidentBook& book, size_t alerts, const IncidentOptions& o) {
  size_t found = 0;
  for (const Incident* i : All(book)) {
    found += i->alerts.size();
    EXPECT_LE(i->alerts.size(), o.max_alerts);
    EXPECT_LE(i->entities.size(), o.max_entities);
    std::vector<uint64_t> counts(i->entities.size());
    for (const IncidentAlert& a : i->alerts) {
      for (const uint32_t e : a.entities) ++counts.at(e);
      EXPECT_EQ(book.OfAlert(a.id), i);
    }
    for (size_t e = 0; e < counts.size(); ++e) EXPECT_EQ(counts[e], i->entities[e].alerts);
    EXPECT_EQ(i->state == IncidentState::kClosed, i->clocks.close != kNoEventTime);
    if (i->state >= IncidentState::kResolved) {
      EXPECT_NE(i->verdict, Verdict::kNone);
    }
    EXPECT_EQ(i->state == IncidentState::kOnHold && i->merged_into.empty(),
              i->clocks.held_since != kNoEventTime);
  }
  EXPECT_EQ(found, alerts);
}

TEST_P(KnownAttacks, WhateverAnalystsDoNothingIsLost) {
  const auto alerts = AttackAlerts(GetParam(), Few());
  Telling sink;
  IncidentOptions o;
  o.max_alerts = 12;
  o.max_entities = 30;
  const auto book = BookOf(&sink, o);
  Lcg lcg(GetParam());
  size_t n = 0;
  for (const LabelledAlert& l : alerts) {
    Step(book.get(), &lcg, l);
    ExpectSound(*book, ++n, o);
    if (HasFailure()) return;
  }
}

TEST_P(KnownAttacks, RestartAtEveryRecordChangesNothing) {
  const auto alerts = AttackAlerts(GetParam(), Few());
  IncidentOptions o;
  o.max_alerts = 12;
  o.hub_degree = 4;
  o.max_state_bytes = 100'000;
  Telling straight_told;
  Telling restarted_told;
  const auto straight = BookOf(&straight_told, o);
  auto restarted = BookOf(&restarted_told, o);
  Lcg a(GetParam());
  Lcg b(GetParam());
  for (const LabelledAlert& l : alerts) {
    Step(straight.get(), &a, l);
    Step(restarted.get(), &b, l);
    const std::string snapshot = restarted->Snapshot();
    restarted = BookOf(&restarted_told, o);
    const absl::Status status = restarted->Restore(snapshot);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_TRUE(restarted->Snapshot() == snapshot);
  }
  EXPECT_EQ(straight_told.text, restarted_told.text);
  EXPECT_EQ(Everything(*straight), Everything(*restarted));
  EXPECT_TRUE(straight->Snapshot() == restarted->Snapshot());
}

INSTANTIATE_TEST_SUITE_P(Seeds, KnownAttacks, ::testing::Range(1u, 9u));

}  // namespace
}  // namespace vedette::testing
