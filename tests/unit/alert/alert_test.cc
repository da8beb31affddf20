// What an emitted alert says, and the parts that say it.
#include "vedette/alert/alert.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "vedette/alert/entity.h"
#include "vedette/alert/verdicts.h"

namespace vedette::testing {
namespace {

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const AlertEntity* Find(const Alert& a, EntityType type, std::string_view value) {
  for (const AlertEntity& e : a.entities) {
    if (e.entity.type == type && e.entity.value == value) return &e;
  }
  return nullptr;
}

TEST(AlertId, ReadsItsOwnText) {
  const Id128 id = MakeId("something");
  EXPECT_EQ(id.ToText().size(), 32u);
  EXPECT_EQ(Id128::Parse(id.ToText()), id);
  EXPECT_NE(MakeId("something"), MakeId("somethinh"));
  for (const char* bad :
       {"", "12", "0123456789abcdef0123456789abcdeg", "0123456789ABCDEF0123456789abcdef"}) {
    EXPECT_FALSE(Id128::Parse(bad).has_value()) << bad;
  }
  // Stored ids stay what they are.
  EXPECT_EQ(MakeId("vedette").ToText(), "79f536bc9181a176cfba76c01f31e3fe");
}

TEST(AlertContents, SaysAllThatTriageNeeds) {
  AlertRunner run;
  const std::string json = AlertEvent(
      "low", "WS1", "CORP\\\\al",
      R"(,"ProcessGuid":"{AB-1}","CommandLine":"a.exe -x","EventRecordID":77,"DestinationIp":"203.0.113.9")");
  run.Add(json, 0);
  ASSERT_EQ(run.out.alerts.size(), 1u);
  const Alert& a = run.out.alerts[0];
  EXPECT_EQ(a.place.uid, "ws1/Microsoft-Windows-Sysmon/Operational/77");
  EXPECT_EQ(a.place.raw_size, json.size());
  const std::string text = AlertToJson(a);
  for (const char* part : {R"("severity":"low")",
                           R"("title":"Low thing")",
                           R"({"type":"device","value":"ws1","role":"device","field":"Computer")",
                           R"({"type":"user","value":"corp\\al","role":"actor")",
                           R"({"type":"process","value":"{ab-1}","role":"process")",
                           R"({"type":"external_ip","value":"203.0.113.9","role":"destination")",
                           R"("command_line":"a.exe -x")",
                           R"("event":"2026-11-25T10:00:00Z")",
                           R"("line":1)",
                           R"("raw_hash":"xxh64:)",
                           R"("matched":[{"field":"r")",
                           R"("confidence":70)",
                           R"("false_positives":["Administrators"])",
                           R"("tactics":["execution"])",
                           R"("techniques":["T1059.001"])",
                           R"("triage_steps":["Look at the parent.","Ask the user."])",
                           R"("playbook":"pb-low")",
                           R"("rule_author":"Ada")",
                           R"("rule_license":"Apache-2.0")",
                           R"("rule_hash":")",
                           R"("engine":"0.1.0")",
                           R"("asset_criticality":"normal")",
                           R"("outcome":"unknown")"}) {
    EXPECT_TRUE(Has(text, part)) << part << "\nin\n" << text;
  }
  EXPECT_FALSE(Has(text, "\n"));
}

TEST(AlertContents, CorrelationsSayWhatTheySaw) {
  AlertRunner run;
  for (int i = 0; i < 3; ++i) run.Add(AlertEvent("low", "WS1", "al"), i * kSecond);
  run.Flush();
  ASSERT_EQ(run.out.alerts.size(), 2u);
  const Alert& a = run.out.alerts[1];
  EXPECT_EQ(a.rule->id, "rule-burst");
  EXPECT_TRUE(a.rule->correlation);
  EXPECT_EQ(a.event_time, kAlertEpoch);
  EXPECT_EQ(a.last_event_time, kAlertEpoch + 2 * kSecond);
  EXPECT_EQ(a.place.line, 1u);
  ASSERT_NE(Find(a, EntityType::kDevice, "ws1"), nullptr);
  ASSERT_EQ(a.key.size(), 1u);
  EXPECT_EQ(a.key[0], (std::pair<std::string, std::string>("Computer", "ws1")));
  EXPECT_TRUE(Has(AlertToJson(a), R"("events":{"key":{"Computer":"WS1"})"));
}

TEST(AlertContents, CorrelationsKnowTheEntitiesOfTheirEventsIfTheseWereKept) {
  const auto entities_of = [](std::shared_ptr<const Program> program) {
    AlertRunner run(RestartOptions(), std::move(program));
    for (int i = 0; i < 3; ++i) {
      run.Add(AlertEvent("low", "WS1", i == 1 ? "bo" : "al", R"(,"DestinationIp":"203.0.113.9")"),
              i * kSecond);
    }
    run.Flush();
    EXPECT_EQ(run.out.alerts.back().rule->id, "rule-burst");
    return run.out.alerts.back();
  };
  const Alert without = entities_of(AlertProgram());
  EXPECT_EQ(Find(without, EntityType::kUser, "al"), nullptr);
  const Alert with = entities_of(AlertProgram(EntityFields()));
  EXPECT_NE(Find(with, EntityType::kUser, "al"), nullptr);
  EXPECT_NE(Find(with, EntityType::kUser, "bo"), nullptr);
  EXPECT_NE(Find(with, EntityType::kExternalIp, "203.0.113.9"), nullptr);
  EXPECT_EQ(with.process, R"(C:\Tools\a.exe)");
  EXPECT_EQ(with.key, without.key);
  EXPECT_EQ(with.fingerprint, without.fingerprint);
}

TEST(AlertContents, IdsDoNotDependOnWhoMadeThem) {
  AlertRunner a;
  AlertRunner b;
  b.Add(AlertEvent("high", "other", "x"), -kHour);
  const std::string event = AlertEvent("low", "WS1", "al", R"(,"EventRecordID":5)");
  a.Add(event, 0);
  b.Add(event, 0);
  EXPECT_EQ(a.out.alerts.back().id, b.out.alerts.back().id);
  EXPECT_EQ(a.out.alerts.back().fingerprint, b.out.alerts.back().fingerprint);
  AlertRunner c;
  c.Add(AlertEvent("low", "WS1", "al", R"(,"EventRecordID":6)"), 0);
  EXPECT_NE(c.out.alerts.back().id, a.out.alerts.back().id);
  EXPECT_EQ(c.out.alerts.back().fingerprint, a.out.alerts.back().fingerprint);
}

TEST(AlertContents, BlockedIsLessSevere) {
  AlertRunner run;
  run.Add(AlertEvent("high", "a", "u", R"(,"Action":"Blocked")"), 0);
  run.Add(AlertEvent("high", "b", "u", R"(,"Action":"allowed")"), 0);
  EXPECT_EQ(run.out.alerts[0].severity, Level::kMedium);
  EXPECT_EQ(run.out.alerts[0].outcome, Outcome::kBlocked);
  EXPECT_EQ(run.out.alerts[1].severity, Level::kHigh);
  EXPECT_EQ(run.out.alerts[1].outcome, Outcome::kAllowed);
}

struct ShapeCase {
  const char* name;
  const char* json;
  std::vector<Entity> entities;
};

// The same things under the names of each vocabulary.
TEST(AlertEntities, ComeFromEveryVocabulary) {
  const ShapeCase cases[] = {
      {"sysmon",
       R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":3,"r":"low","Computer":"H1.corp.example",)"
       R"("User":"CORP\\al","ProcessGuid":"{G-1}","SourceIp":"10.0.0.5","DestinationIp":"198.51.100.7",)"
       R"("Image":"C:\\x\\y.exe","Hashes":"MD5=d41d8cd98f00b204e9800998ecf8427e,SHA256=)"
       R"(E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855,IMPHASH=00000000000000000000000000000000"})",
       {{EntityType::kDevice, "h1.corp.example"},
        {EntityType::kUser, "corp\\al"},
        {EntityType::kProcess, "{g-1}"},
        {EntityType::kInternalIp, "10.0.0.5"},
        {EntityType::kExternalIp, "198.51.100.7"},
        {EntityType::kFileHash,
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}},
      {"evtx security",
       R"({"Event":{"System":{"Channel":"Security","EventID":4624,"Computer":"DC1"},"EventData":)"
       R"({"r":"low","TargetUserName":"bo","TargetDomainName":"CORP","TargetUserSid":"S-1-5-21-1-2-3-1001",)"
       R"("LogonGuid":"{L-9}","IpAddress":"::ffff:10.1.2.3","SubjectUserName":"-"}}})",
       {{EntityType::kDevice, "dc1"},
        {EntityType::kUser, "corp\\bo"},
        {EntityType::kUser, "s-1-5-21-1-2-3-1001"},
        {EntityType::kSession, "{l-9}"},
        {EntityType::kInternalIp, "10.1.2.3"}}},
      {"ecs",
       R"({"@timestamp":"2026-11-25T10:00:00Z","ecs":{"version":"8.0"},"event":{"category":"process","type":"start"},"host":{"name":"H2","os":{"type":"windows"}},)"
       R"("user":{"name":"al","domain":"CORP"},"process":{"entity_id":"P9","executable":"C:\\t.exe"},)"
       R"("dns":{"question":{"name":"Evil.Example."}},"source":{"ip":"fd00::1"},"email":{"message_id":"<m1@x>"},"r":"low"})",
       {{EntityType::kDevice, "h2"},
        {EntityType::kUser, "corp\\al"},
        {EntityType::kProcess, "p9"},
        {EntityType::kDomain, "evil.example"},
        {EntityType::kInternalIp, "fd00::1"},
        {EntityType::kEmail, "<m1@x>"}}},
      {"ocsf",
       R"({"class_uid":1007,"activity_id":1,"time":1795600800000,"metadata":{"version":"1.8.0","uid":"E-1"},)"
       R"("device":{"hostname":"H3","os":{"type_id":100}},"actor":{"user":{"name":"al"},"session":{"uid":"S7"}},)"
       R"("process":{"uid":"P3","file":{"path":"/x","hashes":[{"value":"d41d8cd98f00b204e9800998ecf8427e"}]}},"r":"low"})",
       {{EntityType::kDevice, "h3"},
        {EntityType::kUser, "al"},
        {EntityType::kProcess, "p3"},
        {EntityType::kSession, "s7"},
        {EntityType::kFileHash, "d41d8cd98f00b204e9800998ecf8427e"}}},
      {"cloudtrail",
       R"({"eventVersion":"1.08","eventSource":"iam.amazonaws.com","eventName":"CreateUser","eventTime":"2026-11-25T10:00:00Z",)"
       R"("userIdentity":{"arn":"arn:aws:iam::1:user/Al","accessKeyId":"ASIA1","principalId":"AIDAX:al"},)"
       R"("sourceIPAddress":"203.0.113.5","requestParameters":{"userName":"eve"},"r":"low","eventID":"ev-1"})",
       {{EntityType::kUser, "arn:aws:iam::1:user/al"},
        {EntityType::kUser, "aidax:al"},
        {EntityType::kUser, "eve"},
        {EntityType::kSession, "asia1"},
        {EntityType::kExternalIp, "203.0.113.5"}}},
      {"zeek http",
       R"({"_path":"http","ts":1795600800.5,"id.orig_h":"10.0.0.5","id.resp_h":"203.0.113.66",)"
       R"("host":"cdn.example.net","uri":"/x","r":"low"})",
       {{EntityType::kInternalIp, "10.0.0.5"}, {EntityType::kExternalIp, "203.0.113.66"}}},
  };
  for (const ShapeCase& c : cases) {
    SCOPED_TRACE(c.name);
    Event event;
    JsonParser parser;
    ASSERT_TRUE(parser.Parse(c.json, &event).ok());
    Detection d;
    d.program = AlertProgram();
    d.rule = static_cast<uint32_t>(d.program->FindRule("low"));
    d.time = kAlertEpoch;
    AlertList out;
    auto pipeline = AlertPipeline::Create(RestartOptions(), &out);
    ASSERT_TRUE(pipeline.ok());
    const EventView view = event.view();
    EventContext context;
    context.event = &view;
    (*pipeline)->SetEvent(context);
    ASSERT_TRUE((*pipeline)->OnDetection(d).ok());
    ASSERT_EQ(out.alerts.size(), 1u);
    std::vector<Entity> found;
    for (const AlertEntity& e : out.alerts[0].entities) found.push_back(e.entity);
    for (const Entity& e : c.entities) {
      EXPECT_NE(std::find(found.begin(), found.end(), e), found.end())
          << EntityTypeName(e.type) << " " << e.value;
    }
    EXPECT_EQ(found.size(), c.entities.size()) << AlertToJson(out.alerts[0]);
  }
}

TEST(AlertEntities, OneUserByThreeNames) {
  PipelineOptions options = RestartOptions();
  auto table = EntityTable::Build({
      {{EntityType::kUser, "S-1-5-21-7"}, "al", Criticality::kNormal, {}, ""},
      {{EntityType::kUser, "al@corp.example"}, "al", Criticality::kNormal, {}, ""},
      {{EntityType::kUser, "arn:aws:iam::1:user/al"}, "AL", Criticality::kNormal, {}, ""},
      {{EntityType::kUser, "al"}, "", Criticality::kHigh, {"vip"}, "finance"},
  });
  ASSERT_TRUE(table.ok()) << table.status();
  options.entities = *table;
  AlertRunner run(options);
  for (const char* name : {"S-1-5-21-7", "al@corp.example", "arn:aws:iam::1:user/al", "Al"}) {
    run.Add(AlertEvent("low", "", name), 0);
  }
  ASSERT_EQ(run.out.alerts.size(), 1u);  // they fold: it is one user
  EXPECT_EQ(run.out.folds.size(), 3u);
  const AlertEntity* al = Find(run.out.alerts[0], EntityType::kUser, "al");
  ASSERT_NE(al, nullptr);
  EXPECT_EQ(al->original, "s-1-5-21-7");
  EXPECT_EQ(al->fence, "finance");
  EXPECT_EQ(run.out.alerts[0].criticality, Criticality::kHigh);
}

TEST(AlertEntities, TablesThatMakeNoSenseAreRefused) {
  const auto refused = [](std::vector<EntityRow> rows, std::vector<std::string> blocks = {}) {
    return EntityTable::Build(std::move(rows), blocks).status().code() ==
           absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused({{{EntityType::kUser, " "}, "", Criticality::kNormal, {}, ""}}));
  EXPECT_TRUE(refused({{{EntityType::kUser, "a"}, "", Criticality::kNormal, {}, ""},
                       {{EntityType::kUser, "A "}, "", Criticality::kNormal, {}, ""}}));
  EXPECT_TRUE(refused({{{EntityType::kUser, "a"}, "b", Criticality::kNormal, {}, ""},
                       {{EntityType::kUser, "b"}, "c", Criticality::kNormal, {}, ""}}));
  EXPECT_TRUE(refused({}, {"10.0.0.1/8"}));
  EXPECT_FALSE(refused({{{EntityType::kUser, "a"}, "", Criticality::kNormal, {}, ""},
                        {{EntityType::kDevice, "a"}, "", Criticality::kNormal, {}, ""}},
                       {"100.64.0.0/10"}));
}

TEST(AlertEntities, WhatEveryMachineHasJoinsNothing) {
  AlertRunner run;
  run.Add(
      R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"r":"low","Computer":"h",)"
      R"("User":"NT AUTHORITY\\SYSTEM","Image":"C:\\Windows\\System32\\cmd.exe",)"
      R"("Hashes":"MD5=d41d8cd98f00b204e9800998ecf8427e"})",
      0);
  const Alert& a = run.out.alerts.at(0);
  EXPECT_EQ(Find(a, EntityType::kUser, "nt authority\\system")->strength, JoinStrength::kNone);
  EXPECT_EQ(Find(a, EntityType::kFileHash, "d41d8cd98f00b204e9800998ecf8427e")->strength,
            JoinStrength::kNone);
  EXPECT_EQ(Find(a, EntityType::kDevice, "h")->strength, JoinStrength::kMedium);
}

TEST(AlertVerdicts, LastOneCountsAndRepeatsDoNot) {
  VerdictBook book;
  const auto judge = [&book](int alert, const char* who, Verdict v) {
    return book.Record({MakeId(std::to_string(alert)), MakeId("f"), "r", who, v, alert});
  };
  EXPECT_TRUE(judge(1, "ann", Verdict::kFalsePositive));
  EXPECT_FALSE(judge(1, "ann", Verdict::kFalsePositive));
  EXPECT_EQ(book.OfRule("r").false_positives, 1u);
  EXPECT_TRUE(judge(1, "bob", Verdict::kTruePositive));
  EXPECT_EQ(book.OfRule("r").false_positives, 0u);
  EXPECT_EQ(book.OfRule("r").true_positives, 1u);
  EXPECT_EQ(book.OfAlert(MakeId("1")).size(), 2u);
  EXPECT_FALSE(book.PrecisionOf("r").has_value());
  for (int i = 2; i < 9; ++i) judge(i, "ann", Verdict::kTruePositive);
  ASSERT_TRUE(book.PrecisionOf("r").has_value());
  EXPECT_EQ(book.PrecisionOf("r")->n, 8u);
  EXPECT_EQ(book.OfFingerprint(MakeId("f")).size(), 5u);
  EXPECT_EQ(book.OfFingerprint(MakeId("f"))[0].alert, MakeId("8"));
  VerdictBook other;
  ASSERT_TRUE(other.Restore(book.Snapshot()).ok());
  EXPECT_EQ(other.Snapshot(), book.Snapshot());
  EXPECT_EQ(other.PrecisionOf("r")->lower, book.PrecisionOf("r")->lower);
}

TEST(AlertVerdicts, LowerBoundIsThatOfBeta) {
  // 5 % quantiles of Beta(1 + h, 1 + m): for m = 0 it is 0.05^(1/(h+1)), for h = 0 it is
  // 1 - 0.95^(1/(m+1)); Beta(3, 3) has its at 0.1893, Beta(11, 2) at 0.6613.
  EXPECT_EQ(BetaLowerPermille(0, 0), 50u);
  EXPECT_EQ(BetaLowerPermille(1, 0), 223u);
  EXPECT_EQ(BetaLowerPermille(9, 0), 741u);
  EXPECT_EQ(BetaLowerPermille(0, 9), 5u);
  EXPECT_EQ(BetaLowerPermille(2, 2), 189u);
  EXPECT_EQ(BetaLowerPermille(10, 1), 661u);
  EXPECT_EQ(BetaLowerPermille(5000, 5000), 491u);
  EXPECT_NEAR(BetaLowerPermille(500'000'000, 500'000'000), 494, 6);
}

}  // namespace
}  // namespace vedette::testing
