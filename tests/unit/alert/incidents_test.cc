// Grouping, lifecycle, clocks, verdicts.
#include "vedette/alert/incidents.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"

namespace vedette::testing {
namespace {

using State = IncidentState;

class IncidentList : public IncidentSink {
 public:
  absl::Status OnIncident(const IncidentNotice& notice) override {
    told.push_back(std::string(IncidentNoticeKindName(notice.kind)));
    pages.push_back(notice.page);
    return absl::OkStatus();
  }
  std::vector<std::string> told;
  std::vector<bool> pages;
};

struct Who {
  EntityType type;
  std::string value;
  JoinStrength strength;
  std::string fence = {};
};

Who Host(std::string name) { return {EntityType::kDevice, std::move(name), JoinStrength::kMedium}; }
Who Proc(std::string name) {
  return {EntityType::kProcess, std::move(name), JoinStrength::kStrong};
}
Who Ip(std::string name) { return {EntityType::kExternalIp, std::move(name), JoinStrength::kWeak}; }

class Incidents : public ::testing::Test {
 protected:
  Incidents() { Make({}); }
  void Make(IncidentOptions o) {
    o.verdicts = &verdicts;
    o.authorizer = &policy;
    o.audit = &policy;
    options = o;
    auto made = IncidentBook::Create(o, &sink);
    ASSERT_TRUE(made.ok()) << made.status();
    book = *std::move(made);
  }
  Alert AlertOf(int64_t at, const std::vector<Who>& who, Level level = Level::kMedium,
                std::string rule_id = "r") {
    AlertRule rule;
    rule.id = std::move(rule_id);
    rule.title = "Rule " + rule.id;
    rule.tactics = tactics;
    Alert a;
    a.rule = std::make_shared<AlertRule>(rule);
    a.id = MakeId("alert" + std::to_string(++made));
    a.fingerprint = MakeId(rule.id + (who.empty() ? "" : who[0].value));
    a.tenant = tenant;
    a.severity = level;
    a.event_time = a.last_event_time = kAlertEpoch + at;
    a.ingest_time = a.alert_time = kAlertEpoch + at + kSecond;
    for (const Who& w : who) {
      AlertEntity e;
      e.entity = {w.type, w.value};
      e.strength = w.strength;
      e.fence = w.fence;
      a.entities.push_back(std::move(e));
    }
    return a;
  }
  // Adds an alert and returns its incident.
  Id128 Add(int64_t at, const std::vector<Who>& who, Level level = Level::kMedium,
            std::string rule = "r") {
    last = AlertOf(at, who, level, std::move(rule));
    const auto id = book->Add(last);
    EXPECT_TRUE(id.ok()) << id.status();
    return id.ok() ? *id : Id128();
  }
  IncidentChange By(std::string who, int64_t at = 0, std::string reason = "because") {
    return {{std::move(who), {"tier2"}, false}, std::move(reason), kAlertEpoch + at, kAnyVersion};
  }
  const Incident& Of(const Id128& id) { return *book->Find(id); }
  void Close(const Id128& id, Verdict v, int64_t at) {
    ASSERT_TRUE(book->Resolve(id, v, {}, By("ann", at)).ok());
    ASSERT_TRUE(book->Close(id, Verdict::kNone, {}, By("ann", at)).ok());
  }

  ScriptedPolicy policy;
  VerdictBook verdicts;
  IncidentList sink;
  IncidentOptions options;
  std::unique_ptr<IncidentBook> book;
  std::string tenant = "t1";
  std::vector<std::string> tactics = {"execution"};
  Alert last;
  int made = 0;
};

TEST_F(Incidents, JoinByStrength) {
  const Id128 a = Add(0, {Host("h"), Proc("p"), Ip("1.1.1.1"), Ip("1.1.1.2")});
  EXPECT_EQ(Add(23 * kHour, {Host("x"), Proc("p")}), a);         // one strong, within a day
  EXPECT_EQ(Add(kMinute, {Host("h")}), a);                       // one medium, within an hour
  EXPECT_NE(Add(5 * kHour, {Host("h")}), a);                     // an hour has passed
  EXPECT_EQ(Add(5 * kHour, {Ip("1.1.1.1"), Ip("1.1.1.2")}), a);  // two weak
  EXPECT_NE(Add(5 * kHour, {Ip("1.1.1.1"), Host("z")}), a);      // one weak
  EXPECT_NE(Add(48 * kHour, {Proc("p")}), a);                    // a day has passed
  EXPECT_EQ(Of(a).alerts[1].joined_by, "strong: process p");
  EXPECT_EQ(Of(a).alerts.size(), 4u);
  EXPECT_EQ(Of(a).title, "Rule r on h");
  EXPECT_EQ(book->OfAlert(Of(a).alerts[2].id)->id, a);
}

TEST_F(Incidents, TheSameAlertAgainChangesNothing) {
  const Id128 a = Add(0, {Host("h")});
  EXPECT_EQ(*book->Add(last), a);
  EXPECT_EQ(Of(a).alerts.size(), 1u);
  EXPECT_EQ(book->stats().alerts, 1u);
}

TEST_F(Incidents, OneAlertMergesTwo) {
  const Id128 a = Add(0, {Host("h1")});
  const Id128 b = Add(1, {Host("h2")}, Level::kHigh);
  EXPECT_NE(a, b);
  EXPECT_EQ(Add(2, {Host("h1"), Host("h2")}), a);  // the oldest id stays
  EXPECT_EQ(Of(b).merged_into, a);
  EXPECT_TRUE(Of(b).alerts.empty());
  EXPECT_EQ(book->Current(b)->id, a);
  EXPECT_EQ(Of(a).alerts.size(), 3u);
  EXPECT_EQ(Of(a).severity, Level::kHigh);
  EXPECT_EQ(Of(a).title, "Rule r on h2");
  EXPECT_EQ(Of(a).log.back().kind, "merged");
  EXPECT_EQ(Of(b).log.back().kind, "merged_into");
  EXPECT_EQ(book->stats().merges, 1u);
  EXPECT_EQ(book->List({}).size(), 1u);
  EXPECT_TRUE(std::any_of(policy.log.begin(), policy.log.end(), [](const AuditEntry& e) {
    return e.action.name == "incident.merge" && e.actor.automation;
  }));
}

TEST_F(Incidents, GuardsKeepThemApart) {
  const auto try_merge = [this](const std::string& x, const std::string& y) {
    Add(100, {Host(x), Host(y)});
    return book->stats().merges;
  };
  // Two assignees.
  Id128 a = Add(0, {Host("a1")});
  Id128 b = Add(0, {Host("a2")});
  ASSERT_TRUE(book->Assign(a, "ann", "", By("ann")).ok());
  ASSERT_TRUE(book->Assign(b, "bob", "", By("bob")).ok());
  EXPECT_EQ(try_merge("a1", "a2"), 0u);
  ASSERT_EQ(Of(a).links.size(), 1u);
  EXPECT_EQ(Of(a).links[0].reason, "they have two assignees");
  EXPECT_EQ(Of(b).links[0].other, a);
  // Resolved: it is not merged into another.
  a = Add(0, {Host("b1")});
  b = Add(0, {Host("b2"), Proc("pb")});
  ASSERT_TRUE(book->Resolve(a, Verdict::kTruePositive, {}, By("ann")).ok());
  Add(100, {Host("b1"), Host("b2"), Proc("pb")});
  EXPECT_EQ(book->stats().merges, 0u);
  EXPECT_EQ(Of(a).state, State::kResolved);
  EXPECT_EQ(Of(b).alerts.size(), 2u);
  // Tenants have nothing in common.
  a = Add(0, {Proc("c")});
  tenant = "t2";
  EXPECT_NE(Add(0, {Proc("c")}), a);
  tenant = "t1";
  // A fence.
  Who north = Host("d");
  north.fence = "north";
  Who south = Host("e");
  south.fence = "south";
  a = Add(0, {north, Proc("dp")});
  b = Add(1, {south, Proc("dp")});
  EXPECT_NE(a, b);
  EXPECT_EQ(Of(b).links[0].reason, "a fence stands between");
  // The policy says no.
  policy.denied = {"incident.merge"};
  a = Add(0, {Host("f1")});
  b = Add(0, {Host("f2")});
  EXPECT_EQ(try_merge("f1", "f2"), 0u);
  EXPECT_EQ(Of(a).links[0].reason, "nobody may");
  EXPECT_EQ(book->stats().alerts, 13u);
}

TEST_F(Incidents, ContradictingVerdictsKeepThemApart) {
  const Id128 a = Add(0, {Host("a1")});
  const Id128 b = Add(0, {Host("a2")});
  ASSERT_TRUE(book->Resolve(a, Verdict::kTruePositive, {}, By("ann")).ok());
  ASSERT_TRUE(book->Resolve(b, Verdict::kBenign, {}, By("ann")).ok());
  ASSERT_TRUE(book->Acknowledge(a, By("ann")).ok());
  ASSERT_TRUE(book->Acknowledge(b, By("ann")).ok());
  EXPECT_EQ(Of(a).state, State::kInProgress);
  Add(100, {Host("a1"), Host("a2")});
  EXPECT_EQ(book->stats().merges, 0u);
  EXPECT_EQ(Of(a).links[0].reason, "their verdicts contradict each other");
}

TEST_F(Incidents, HubsStopJoining) {
  IncidentOptions o;
  o.hub_degree = 5;
  Make(o);
  std::vector<Id128> ids;
  for (int i = 0; i < 12; ++i) {
    ids.push_back(Add(i * kSecond, {Host("scanner"), Host("h" + std::to_string(i))}));
  }
  EXPECT_EQ(ids[4], ids[0]);
  EXPECT_NE(ids[6], ids[0]);
  EXPECT_NE(ids[11], ids[6]);
  EXPECT_EQ(book->stats().hubs, 1u);
  EXPECT_NE(std::find(sink.told.begin(), sink.told.end(), "hub"), sink.told.end());
  // Hours later it joins again.
  const Id128 later = Add(5 * kHour, {Host("scanner")});
  EXPECT_EQ(Add(5 * kHour, {Host("scanner")}), later);
}

TEST_F(Incidents, ManyProcessesMakeNoHub) {
  IncidentOptions o;
  o.hub_degree = 5;
  Make(o);
  const Id128 a = Add(0, {Host("h")});
  for (int i = 1; i < 50; ++i) EXPECT_EQ(Add(i, {Host("h"), Proc(std::to_string(i))}), a);
}

TEST_F(Incidents, FullOnesGetSiblingsAndLoseNothing) {
  IncidentOptions o;
  o.max_alerts = 10;
  o.max_entities = 20;
  Make(o);
  for (int i = 0; i < 35; ++i) Add(i, {Host("h")});
  const auto all = book->List({});
  ASSERT_EQ(all.size(), 4u);
  size_t alerts = 0;
  for (const Incident* i : all) {
    EXPECT_LE(i->alerts.size(), 10u);
    alerts += i->alerts.size();
  }
  EXPECT_EQ(alerts, 35u);
  EXPECT_EQ(book->stats().siblings, 3u);
  EXPECT_EQ(all[0]->links[0].kind, IncidentLinkKind::kSibling);
  for (int i = 0; i < 30; ++i) Add(kDay * 2 + i, {Host("g"), Proc(std::to_string(i))});
  for (const Incident* i : book->List({})) EXPECT_LE(i->entities.size(), 20u);
  EXPECT_EQ(book->stats().alerts, 65u);
}

TEST_F(Incidents, SomeRulesDoNotGroup) {
  Alert a = AlertOf(0, {Host("h")});
  a.groups = false;
  const Id128 alone = *book->Add(a);
  Alert b = AlertOf(1, {Host("h")});
  b.groups = false;
  EXPECT_NE(*book->Add(b), alone);
  const Id128 c = Add(2, {Host("h")});
  EXPECT_NE(c, alone);
  EXPECT_EQ(Add(3, {Host("h")}), c);
}

TEST_F(Incidents, UnlinkedOnesStayApart) {
  const Id128 a = Add(0, {Host("h1"), Proc("p1")});
  const Alert first = last;
  Add(1, {Proc("p1"), Proc("p2")});  // the bridge
  const Alert bridge = last;
  Add(2, {Proc("p2")});
  const Alert third = last;
  ASSERT_EQ(Of(a).alerts.size(), 3u);
  EXPECT_EQ(book->Unlink(a, {MakeId("x")}, By("ann")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(book->Unlink(a, {first.id, bridge.id, third.id}, By("ann")).status().code(),
            absl::StatusCode::kInvalidArgument);
  const auto b = book->Unlink(a, {bridge.id}, By("ann", kMinute));
  ASSERT_TRUE(b.ok()) << b.status();
  // What only the bridge held together fell apart.
  EXPECT_EQ(Of(a).alerts.size(), 1u);
  EXPECT_EQ(Of(*b).alerts.size(), 1u);
  const Incident* c = book->OfAlert(third.id);
  EXPECT_NE(c->id, a);
  EXPECT_NE(c->id, *b);
  EXPECT_EQ(book->List({}).size(), 3u);
  // An alert that joins all of them merges none with the one that was taken out.
  Add(3, {Proc("p1"), Proc("p2")});
  EXPECT_NE(book->Current(*b)->id, book->Current(a)->id);
  EXPECT_NE(book->Current(*b)->id, book->Current(c->id)->id);
  // Until an analyst puts them together again.
  const auto linked = book->Link(*b, a, By("ann"));
  ASSERT_TRUE(linked.ok()) << linked.status();
  EXPECT_EQ(book->Current(*b)->id, book->Current(a)->id);
}

TEST_F(Incidents, WhatWasLinkedByHandStaysTogether) {
  const Id128 a = Add(0, {Host("h1")});
  Add(1, {Host("h1")});
  const Alert second = last;
  const Id128 b = Add(2, {Host("other")});
  const auto linked = book->Link(b, a, By("ann"));
  ASSERT_TRUE(linked.ok());
  EXPECT_EQ(*linked, a);
  ASSERT_TRUE(book->Unlink(a, {second.id}, By("ann")).ok());
  EXPECT_EQ(Of(a).alerts.size(), 2u);
  EXPECT_EQ(book->Link(a, a, By("ann")).status().code(), absl::StatusCode::kInvalidArgument);
  tenant = "t2";
  const Id128 foreign = Add(2, {Host("h1")});
  EXPECT_EQ(book->Link(a, foreign, By("ann")).status().code(), absl::StatusCode::kInvalidArgument);
}

// docs/alerts.md has the same table.
TEST_F(Incidents, StateTable) {
  struct Row {
    State state;
    bool ack, assign, hold, resume, resolve, close_fp, close, verdict;
  };
  const Row rows[] = {
      {State::kNew, true, true, false, false, true, true, false, false},
      {State::kInProgress, true, true, true, false, true, false, false, false},
      {State::kOnHold, true, true, false, true, true, false, false, false},
      {State::kResolved, true, true, false, false, false, true, true, true},
      {State::kClosed, false, false, false, false, false, false, false, true},
  };
  const auto in_state = [this](State s) {
    const Id128 id = Add(0, {Proc(std::to_string(made) + "x")});
    if (s >= State::kInProgress) {
      EXPECT_TRUE(book->Acknowledge(id, By("ann")).ok());
    }
    if (s == State::kOnHold) {
      EXPECT_TRUE(book->Hold(id, By("ann")).ok());
    }
    if (s >= State::kResolved) {
      EXPECT_TRUE(book->Resolve(id, Verdict::kTruePositive, {}, By("ann")).ok());
    }
    if (s == State::kClosed) {
      EXPECT_TRUE(book->Close(id, Verdict::kNone, {}, By("ann")).ok());
    }
    EXPECT_EQ(Of(id).state, s);
    return id;
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(IncidentStateName(row.state));
    const auto expect = [&](bool may, const char* what, auto change) {
      const Id128 id = in_state(row.state);
      const uint64_t version = Of(id).version;
      const size_t records = policy.log.size();
      const auto result = change(id);
      EXPECT_EQ(result.ok(), may) << what << " " << result.status();
      EXPECT_EQ(policy.log.size(), records + 1) << what;  // refusals, too
      EXPECT_EQ(policy.log.back().allowed, may) << what;
      if (!may) {
        EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition) << what;
        EXPECT_EQ(Of(id).state, row.state) << what;
        EXPECT_EQ(Of(id).version, version) << what;
      } else {
        EXPECT_GT(Of(id).version, version) << what;
      }
    };
    expect(row.ack, "ack", [&](const Id128& i) { return book->Acknowledge(i, By("ann")); });
    expect(row.assign, "assign",
           [&](const Id128& i) { return book->Assign(i, "bo", "", By("a")); });
    expect(row.hold, "hold", [&](const Id128& i) { return book->Hold(i, By("ann")); });
    expect(row.resume, "resume", [&](const Id128& i) { return book->Resume(i, By("ann")); });
    expect(row.resolve, "resolve",
           [&](const Id128& i) { return book->Resolve(i, Verdict::kBenign, {}, By("ann")); });
    expect(row.close_fp, "close as false positive",
           [&](const Id128& i) { return book->Close(i, Verdict::kFalsePositive, {}, By("ann")); });
    expect(row.close, "close as true positive",
           [&](const Id128& i) { return book->Close(i, Verdict::kTruePositive, {}, By("ann")); });
    expect(row.verdict, "verdict",
           [&](const Id128& i) { return book->SetVerdict(i, Verdict::kBenign, By("ann")); });
  }
}

TEST_F(Incidents, StaleAndForbiddenChangesAreRefusedAndOnRecord) {
  const Id128 id = Add(0, {Host("h")});
  IncidentChange change = By("ann");
  change.version = Of(id).version;
  ASSERT_TRUE(book->Assign(id, "ann", "", change).ok());
  const auto stale = book->Assign(id, "bob", "", change);
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  EXPECT_FALSE(policy.log.back().allowed);
  EXPECT_EQ(Of(id).assignee, "ann");
  policy.denied = {"incident.resolve"};
  EXPECT_EQ(book->Resolve(id, Verdict::kBenign, {}, By("tier1")).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(policy.log.back().action.name, "incident.resolve");
  EXPECT_EQ(policy.log.back().actor.id, "tier1");
  EXPECT_FALSE(policy.log.back().allowed);
  policy.denied.clear();
  policy.fails = absl::UnavailableError("full");
  EXPECT_EQ(book->Resolve(id, Verdict::kBenign, {}, By("ann")).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(Of(id).state, State::kInProgress);
  EXPECT_FALSE(book->Add(AlertOf(0, {Host("new")})).ok());  // nothing that is not on record
  policy.fails = absl::OkStatus();
  EXPECT_EQ(book->Acknowledge(MakeId("no"), By("ann")).status().code(),
            absl::StatusCode::kNotFound);
  change = By("ann");
  change.now = kNoEventTime;
  EXPECT_EQ(book->Acknowledge(id, change).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(book->Comment(id, "", By("ann")).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(book->SetPriority(id, 5, By("ann")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(book->Resolve(id, Verdict::kNone, {}, By("ann")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(book->Resolve(id, Verdict::kDuplicate, {}, By("ann")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(book->Resolve(id, Verdict::kDuplicate, id, By("ann")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(Incidents, TruePositivesOpenAgainWithinADay) {
  const Id128 a = Add(0, {Proc("p")});
  Close(a, Verdict::kTruePositive, kHour);
  EXPECT_EQ(Add(2 * kHour, {Proc("p")}), a);
  EXPECT_EQ(Of(a).state, State::kInProgress);
  EXPECT_EQ(Of(a).reopened, 1u);
  EXPECT_EQ(sink.told.back(), "reopened");
  Close(a, Verdict::kTruePositive, 3 * kHour);
  const Id128 b = Add(28 * kHour, {Proc("p")});
  EXPECT_NE(b, a);
  EXPECT_EQ(Of(b).links[0].other, a);
  EXPECT_EQ(Of(b).links[0].kind, IncidentLinkKind::kRelated);
  Close(b, Verdict::kTruePositive, 28 * kHour);
  EXPECT_TRUE(Of(Add(12 * kDay, {Proc("p")})).links.empty());  // forgotten
  policy.denied = {"incident.reopen"};
  const Id128 c = Add(13 * kDay, {Proc("q")});
  Close(c, Verdict::kTruePositive, 13 * kDay);
  EXPECT_NE(Add(13 * kDay + 1, {Proc("q")}), c);
  EXPECT_EQ(Of(c).state, State::kClosed);
}

TEST_F(Incidents, ResolvedOnesOpenAgainWhenAlertsJoin) {
  const Id128 a = Add(0, {Proc("p")});
  ASSERT_TRUE(book->Resolve(a, Verdict::kFalsePositive, {}, By("ann", 1)).ok());
  EXPECT_EQ(Add(2, {Proc("p")}), a);
  EXPECT_EQ(Of(a).state, State::kInProgress);
  EXPECT_EQ(Of(a).clocks.resolve, kNoEventTime);
}

// A verdict on less must not become an attacker's blind spot.
TEST_F(Incidents, FalsePositivesThatComeAgainPageOnlyIfWorse) {
  const Id128 a = Add(0, {Proc("p")});
  Close(a, Verdict::kFalsePositive, 1);
  const Id128 same = Add(kHour, {Proc("p")});
  EXPECT_NE(same, a);
  EXPECT_TRUE(Of(same).refired);
  EXPECT_EQ(Of(same).priority, 4);  // 3 by severity
  EXPECT_EQ(verdicts.OfRule("r").refired, 1u);
  // Something worse joins it.
  EXPECT_EQ(Add(kHour + 1, {Proc("p")}, Level::kHigh), same);
  EXPECT_FALSE(Of(same).refired);
  EXPECT_EQ(Of(same).priority, 2);
  EXPECT_EQ(sink.told.back(), "escalated");
  EXPECT_TRUE(sink.pages.back());
  // And if the first is worse at once.
  const Id128 b = Add(0, {Proc("q")});
  Close(b, Verdict::kBenign, 1);
  tactics = {"exfiltration"};
  const Id128 worse = Add(kHour, {Proc("q")});
  EXPECT_FALSE(Of(worse).refired);
  EXPECT_EQ(Of(worse).priority, 3);
}

TEST_F(Incidents, DuplicatesForwardToTheirOriginal) {
  const Id128 original = Add(0, {Proc("p")});
  const Id128 copy = Add(0, {Proc("q")});
  ASSERT_TRUE(book->Close(copy, Verdict::kDuplicate, original, By("ann", 1)).ok());
  EXPECT_EQ(Add(kHour, {Proc("q")}), original);
  EXPECT_EQ(Of(original).alerts.back().joined_by, "duplicate: process q");
}

TEST_F(Incidents, VerdictsReachRulesOnce) {
  const Id128 a = Add(0, {Proc("p")});
  Add(1, {Proc("p")});
  Close(a, Verdict::kFalsePositive, kMinute);
  EXPECT_EQ(verdicts.OfRule("r").false_positives, 2u);
  ASSERT_TRUE(book->SetVerdict(a, Verdict::kTruePositive, By("bob", kHour)).ok());
  EXPECT_EQ(verdicts.OfRule("r").false_positives, 0u);
  EXPECT_EQ(verdicts.OfRule("r").true_positives, 2u);
  ASSERT_TRUE(book->JudgeAlert(last.id, Verdict::kBenign, By("ann", kHour)).ok());
  EXPECT_EQ(verdicts.OfRule("r").benign, 1u);
  EXPECT_EQ(book->JudgeAlert(MakeId("no"), Verdict::kBenign, By("ann")).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Incidents, ClocksPauseOnHold) {
  // Medium: priority 3, ack within 8 hours, resolved within a week.
  const Id128 a = Add(0, {Host("h")});
  const auto due = [this](int64_t at) {
    const auto breaches = book->AdvanceTime(kAlertEpoch + at);
    EXPECT_TRUE(breaches.ok());
    return *breaches;
  };
  EXPECT_TRUE(due(8 * kHour).empty());
  const auto ack = due(8 * kHour + 2 * kSecond);
  ASSERT_EQ(ack.size(), 1u);
  EXPECT_EQ(ack[0].clock, SlaBreach::Clock::kAck);
  EXPECT_EQ(ack[0].over_ns, kSecond);
  EXPECT_TRUE(due(9 * kHour).empty());  // once
  ASSERT_TRUE(book->Assign(a, "ann", "", By("ann", kDay)).ok());
  ASSERT_TRUE(book->Hold(a, By("ann", 2 * kDay)).ok());
  EXPECT_TRUE(due(30 * kDay).empty());
  ASSERT_TRUE(book->Resume(a, By("ann", 30 * kDay)).ok());
  EXPECT_TRUE(due(34 * kDay).empty());
  const auto resolve = due(35 * kDay + 2 * kSecond);
  ASSERT_EQ(resolve.size(), 1u);
  EXPECT_EQ(resolve[0].clock, SlaBreach::Clock::kResolve);
  EXPECT_EQ(resolve[0].over_ns, kSecond);
  EXPECT_EQ(book->stats().sla_breaches, 2u);
}

TEST_F(Incidents, EscalationEndsAHold) {
  const Id128 a = Add(0, {Host("h")});
  ASSERT_TRUE(book->Acknowledge(a, By("ann", 1)).ok());
  ASSERT_TRUE(book->Hold(a, By("ann", kMinute)).ok());
  Add(2 * kMinute, {Host("h")});
  EXPECT_EQ(Of(a).state, State::kOnHold);
  Add(3 * kMinute, {Host("h")}, Level::kCritical);
  EXPECT_EQ(Of(a).state, State::kInProgress);
  EXPECT_EQ(Of(a).clocks.held_ns, 2 * kMinute + kSecond);
  EXPECT_EQ(Of(a).priority, 1);
}

TEST_F(Incidents, MetricsAreThoseOfASpreadsheet) {
  // Ten incidents: acknowledged after 1..10 minutes, resolved after 10..100, one held for 5.
  for (int i = 1; i <= 10; ++i) {
    const Id128 id = Add(i * kSecond, {Proc(std::to_string(i))});
    const int64_t start = i * kSecond + kSecond;
    ASSERT_TRUE(book->Acknowledge(id, By("ann", start + i * kMinute)).ok());
    if (i == 10) {
      ASSERT_TRUE(book->Hold(id, By("ann", start + 20 * kMinute)).ok());
      ASSERT_TRUE(book->Resume(id, By("ann", start + 25 * kMinute)).ok());
    }
    if (i <= 3) {
      ASSERT_TRUE(
          book->MarkContained(id, kAlertEpoch + start + i * kMinute, By("ann", start + kHour))
              .ok());
    }
    const Verdict v = i <= 4 ? Verdict::kFalsePositive : Verdict::kTruePositive;
    ASSERT_TRUE(book->Resolve(id, v, {}, By("ann", start + i * 10 * kMinute)).ok());
  }
  Add(11 * kSecond, {Proc("open")}, Level::kHigh);
  const IncidentMetrics m =
      book->Metrics(kAlertEpoch, kAlertEpoch + kDay, kAlertEpoch + 12 * kSecond + kHour);
  EXPECT_EQ(m.incidents, 11u);
  EXPECT_EQ(m.open, 11u);
  EXPECT_EQ(m.all.detect.count, 11u);
  EXPECT_EQ(m.all.detect.max, kSecond);
  EXPECT_EQ(m.all.ack.count, 10u);
  EXPECT_EQ(m.all.ack.p50, 5 * kMinute);
  EXPECT_EQ(m.all.ack.p90, 9 * kMinute);
  EXPECT_EQ(m.all.ack.max, 10 * kMinute);
  EXPECT_EQ(m.all.contain.count, 3u);
  EXPECT_EQ(m.all.contain.p50, 2 * kMinute);
  EXPECT_EQ(m.all.resolve.p50, 50 * kMinute);
  EXPECT_EQ(m.all.resolve.max, 95 * kMinute);  // less the hold
  EXPECT_EQ(m.by_severity[static_cast<size_t>(Level::kHigh)].detect.count, 1u);
  EXPECT_EQ(m.false_positive_permille, 400u);
  EXPECT_EQ(m.open_age.max, kHour + 10 * kSecond);
  EXPECT_EQ(book->Metrics(kAlertEpoch + kDay, kAlertEpoch + 2 * kDay, 0).incidents, 0u);
  const std::string json = MetricsToJson(m);
  EXPECT_NE(json.find(R"("mtta":{"count":10,"p50_ns":300000000000)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("false_positive_ratio":0.4)"), std::string::npos) << json;
  PipelineStats stats;
  stats.raw = 1000;
  stats.folded = 900;
  stats.emitted = 50;
  const TriageRatios ratios = RatiosOf(stats, m, 8);
  EXPECT_EQ(ratios.folded_permille, 900u);
  EXPECT_EQ(ratios.alerts_per_incident_permille, 1000u);
  EXPECT_EQ(ratios.alerts_per_analyst_hour_permille, 6250u);
}

TEST_F(Incidents, NoticesWaitAndAreNotTooMany) {
  const Id128 a = Add(0, {Host("h")});
  const auto at = [this](int64_t t) { ASSERT_TRUE(book->AdvanceTime(kAlertEpoch + t).ok()); };
  at(30 * kSecond);
  EXPECT_TRUE(sink.told.empty());
  at(31 * kSecond);
  EXPECT_EQ(sink.told, std::vector<std::string>{"opened"});
  Add(kMinute, {Host("h")});
  Add(2 * kMinute, {Host("h")});
  at(5 * kMinute);
  EXPECT_EQ(sink.told.size(), 1u);
  at(6 * kMinute);
  EXPECT_EQ(sink.told, (std::vector<std::string>{"opened", "updated"}));
  at(60 * kMinute);
  EXPECT_EQ(sink.told.size(), 2u);
  (void)a;
}

TEST_F(Incidents, TimelineScopeAndBlastRadius) {
  const Id128 a = Add(0, {Host("h1"), Proc("p")});
  Alert second = AlertOf(kMinute, {Host("h2"), Proc("p")});
  second.entities[0].tags = {"data:payroll"};
  ASSERT_TRUE(book->Add(second).ok());
  ASSERT_TRUE(book->Comment(a, "looks bad", By("ann", 30 * kSecond)).ok());
  book->NoteFold(second.id, 8, kAlertEpoch + 2 * kMinute);
  const auto timeline = TimelineOf(Of(a));
  ASSERT_EQ(timeline.size(), 4u);
  EXPECT_EQ(timeline[0].kind, "alert");
  EXPECT_EQ(timeline[1].kind, "opened");
  EXPECT_EQ(timeline[2].kind, "comment");
  EXPECT_EQ(timeline[2].actor, "ann");
  EXPECT_EQ(timeline[3].text, "medium: Rule r (and 7 like it)");
  const auto scope = ScopeOf(Of(a));
  ASSERT_EQ(scope.size(), 3u);
  EXPECT_EQ(scope[2].entity.value, "h2");
  EXPECT_EQ(scope[1].alerts, 2u);
  const BlastRadius blast = BlastRadiusOf(Of(a));
  EXPECT_EQ(blast.devices, (std::vector<std::string>{"h1", "h2"}));
  EXPECT_EQ(blast.data, std::vector<std::string>{"payroll"});
  const std::string json = IncidentToJson(Of(a));
  for (const char* part : {R"("title":"Rule r on h1")", R"("state":"new")", R"("priority":3)",
                           R"("folded":7)", R"("joined_by":"strong: process p")",
                           R"("blast_radius":{"devices":2,"users":0,"data":["payroll"]})"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << " in " << json;
  }
  EXPECT_NE(IncidentToJson(Of(a), true).find(R"("body":{"alert_id":)"), std::string::npos);
}

TEST_F(Incidents, RiskRaisesOrOpens) {
  const Id128 a = Add(0, {Host("h")});
  RiskNotice notice;
  notice.tenant = "t1";
  notice.entity = {EntityType::kDevice, "h"};
  notice.time = kAlertEpoch + kMinute;
  notice.score = RiskScore::Points(120);
  notice.history = {{notice.time, MakeId("a"), "r", RiskScore::Points(20), notice.score}};
  EXPECT_EQ(*book->AddRisk(notice), a);
  EXPECT_EQ(Of(a).priority, 2);
  EXPECT_EQ(Of(a).risk.size(), 1u);
  notice.entity.value = "slow";
  const Id128 b = *book->AddRisk(notice);
  EXPECT_NE(b, a);
  EXPECT_EQ(Of(b).origin, IncidentOrigin::kRisk);
  EXPECT_EQ(Add(2 * kMinute, {Host("slow")}), b);
}

TEST_F(Incidents, OpenedByHand) {
  const auto id = book->Open("t1", "Hunt: odd logons", IncidentOrigin::kHunt, 2,
                             {{EntityType::kDevice, "H9"}}, By("ann", 0));
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(Add(kMinute, {Host("h9")}), *id);
  EXPECT_EQ(Of(*id).origin, IncidentOrigin::kHunt);
  EXPECT_FALSE(book->Open("t1", "", IncidentOrigin::kHunt, 2, {}, By("ann", 0)).ok());
  policy.denied = {"incident.open"};
  EXPECT_EQ(book->Open("t1", "x", IncidentOrigin::kHunt, 2, {}, By("ann", 0)).status().code(),
            absl::StatusCode::kPermissionDenied);
  Add(0, {Host("z")});  // but no alert is lost for it
}

TEST_F(Incidents, ListsByUrgencyAndFilter) {
  const Id128 low = Add(0, {Host("a")}, Level::kLow);
  const Id128 high = Add(0, {Host("b")}, Level::kCritical);
  ASSERT_TRUE(book->Assign(low, "ann", "", By("ann")).ok());
  auto list = book->List({});
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]->id, high);
  IncidentFilter filter;
  filter.assignee = "ann";
  EXPECT_EQ(book->List(filter).size(), 1u);
  filter = {};
  filter.states = {State::kNew};
  EXPECT_EQ(book->List(filter)[0]->id, high);
  filter = {};
  filter.entity = "A";
  EXPECT_EQ(book->List(filter)[0]->id, low);
  filter = {};
  filter.tenant = "t2";
  EXPECT_TRUE(book->List(filter).empty());
}

TEST_F(Incidents, MemoryForgetsBodiesThenClosedOnesNeverOpenOnes) {
  IncidentOptions o;
  o.max_state_bytes = 100'000;
  Make(o);
  for (int i = 0; i < 150; ++i) {
    const Id128 id = Add(i * kHour, {Proc("closed" + std::to_string(i))});
    Close(id, Verdict::kTruePositive, i * kHour + 1);
    Add(i * kHour, {Proc("open" + std::to_string(i))});
  }
  const IncidentBookStats s = book->stats();
  EXPECT_GT(s.evicted_alert_bodies, 0u);
  EXPECT_GT(s.evicted_incidents, 0u);
  EXPECT_EQ(s.open, 150u);
  IncidentFilter filter;
  filter.states = {State::kNew};
  EXPECT_EQ(book->List(filter).size(), 150u);
  EXPECT_EQ(s.incidents, 300u);
  EXPECT_EQ(book->List({}).size() + s.evicted_incidents, 300u);
}

TEST_F(Incidents, OptionsAreChecked) {
  IncidentOptions o;
  o.max_alerts = 1;
  EXPECT_FALSE(IncidentBook::Create(o, &sink).ok());
  o = {};
  o.join_window_ns = -1;
  EXPECT_FALSE(IncidentBook::Create(o, &sink).ok());
  EXPECT_FALSE(IncidentBook::Create({}, nullptr).ok());
}

}  // namespace
}  // namespace vedette::testing
