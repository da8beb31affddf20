// Alerts in OCSF and ECS: names, types and numbers against tables made from the schemas.
#include "vedette/alert/export.h"

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "tests/support/shape_table.h"
#include "tests/support/tree.h"
#include "vedette/proto/event.pb.h"
#include "vedette/protobuf.h"

namespace vedette::testing {
namespace {

bool Says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// OCSF 1.8.0: what the attributes that we write are, which are required, and the constraints.
ShapeTable OcsfFindingTable() {
  return {
      {"finding",
       "activity_id i(1)!, activity_name s(Create), category_uid i(2)!, category_name s(Findings),"
       "class_uid i(2004)!, class_name s, type_uid i(200401)!, type_name s, time i+!,"
       "start_time i+, end_time i+, severity_id i(0 1 2 3 4 5 6)!,"
       "severity s(Unknown Informational Low Medium High Critical Fatal),"
       "status_id i(0 1 2 3 4 5 6), status s(New), is_alert b, confidence_id i(0 1 2 3),"
       "confidence s(Unknown Low Medium High), confidence_score i+, message s,"
       "action_id i(0 1 2 3 4), action s(Allowed Denied), disposition_id i(1 2),"
       "disposition s(Allowed Blocked), metadata metadata!, finding_info finding_info!,"
       "evidences [evidence], device device, resources [resource], observables [observable],"
       "raw_data_hash fingerprint, unmapped j"},
      {"metadata",
       "version s(1.8.0)!, product product!, uid s, tenant_uid s, log_name s, logged_time i+,"
       "original_time s, profiles [s(host security_control)]"},
      {"product", "name s!, vendor_name s, version s"},
      {"finding_info",
       "uid s!, title s, desc s, analytic analytic, attacks [attack], created_time i+,"
       "first_seen_time i+, last_seen_time i+, data_sources [s], related_events [related_event],"
       "related_events_count i+, tags [key_value]"},
      {"analytic",
       "type_id i(1)!, type s(Rule), uid s, name s, version s, category s, any(name uid)"},
      {"attack",
       "tactic tactic, technique technique, sub_technique technique,"
       "any(tactic technique sub_technique)"},
      {"tactic", "uid s, name s, any(uid name)"},
      {"technique", "uid s, any(uid name)"},
      {"related_event", "uid s!, title s, first_seen_time i+"},
      {"key_value", "name s!, values [s], any(value values)"},
      {"evidence",
       "name s, uid s, process process, file file, actor actor, user user, src_endpoint endpoint,"
       "dst_endpoint endpoint, query query, data j,"
       "any(actor data device dst_endpoint file process query src_endpoint user)"},
      {"process",
       "uid s, name s, file file, cmd_line s, parent_process process, any(pid uid cpid)"},
      {"file", "name s!, path s, type_id i(0 1 2 3 4 5 6 7 99)!, type s"},
      {"actor", "user user, session session, any(process user session)"},
      {"session", "uid s"},
      {"user", "name s, domain s, uid s, any(account name uid)"},
      {"endpoint", "ip s, hostname s, any(ip uid name hostname)"},
      {"query", "hostname s!"},
      {"device", "hostname s, type_id i(0)!, type s(Unknown), any(ip uid name hostname)"},
      {"resource", "name s, type s, criticality s, labels [s], any(name uid)"},
      {"observable", "name s, type_id i(1 2 4 8 9 13 31 39 99)!, type s, value s"},
      {"fingerprint", "algorithm_id i(0 1 2 3 4 99)!, algorithm s, value s!"},
  };
}

// ECS 8.17: the fields that we write. Lists of keywords are written as lists.
ShapeTable EcsAlertTable() {
  return {
      {"alert",
       "@timestamp s!, ecs ecs!, message s, event event!, rule rule, threat threat, host host,"
       "user user, process process, source address, destination address, dns dns,"
       "related related, log log, organization organization, observer observer, tags [s],"
       "labels labels"},
      {"ecs", "version s(8.17.0)!"},
      {"event",
       "kind s(alert)!, category [s(intrusion_detection)], type [s(allowed denied info)], id s,"
       "severity i+, provider s, dataset s, created s, ingested s, start s, end s, hash s,"
       "reason s, reference s"},
      {"rule",
       "id s, name s, description s, author [s], license s, reference s, version s, ruleset s"},
      {"threat", "framework s, tactic tactic, technique technique"},
      {"tactic", "id [s], name [s]"},
      {"technique", "id [s], subtechnique subtechnique"},
      {"subtechnique", "id [s]"},
      {"host", "name s"},
      {"user", "name s, domain s, id s, target target"},
      {"target", "name s, domain s, id s"},
      {"process", "entity_id s, executable s, name s, command_line s, parent parent"},
      {"parent", "entity_id s"},
      {"address", "ip s, domain s"},
      {"dns", "question question"},
      {"question", "name s"},
      {"related", "hash [s], hosts [s], ip [s], user [s]"},
      {"log", "file log_file"},
      {"log_file", "path s"},
      {"organization", "id s"},
      {"observer", "product s, vendor s, version s"},
      {"labels",
       "fingerprint s, severity s, confidence s, outcome s, asset_criticality s, emitted s,"
       "escalates s, folded_before s, playbook s, rule_status s, event_uid s"},
  };
}

const std::vector<std::string> kNone;

void ExpectBothValid(const Alert& a) {
  const std::string ocsf = AlertToOcsfJson(a);
  EXPECT_EQ(ShapeProblems(OcsfFindingTable(), "finding", ocsf), kNone) << ocsf;
  const std::string ecs = AlertToEcsJson(a);
  EXPECT_EQ(ShapeProblems(EcsAlertTable(), "alert", ecs), kNone) << ecs;
  EXPECT_FALSE(Says(ocsf + ecs, "\n"));
  EXPECT_EQ(ocsf, AlertToOcsfJson(Alert(a)));
  EXPECT_EQ(ecs, AlertToEcsJson(Alert(a)));
}

Alert RichAlert() {
  AlertRunner run;
  run.Add(
      AlertEvent(
          "low", "WS1", "CORP\\\\al",
          R"(,"ProcessGuid":"{AB-1}","ParentProcessGuid":"{AB-0}")"
          R"(,"CommandLine":"a.exe -x","EventRecordID":77,"DestinationIp":"203.0.113.9")"
          R"(,"SourceIp":"10.0.0.5","TargetUserSid":"S-1-5-21-1-2-3-1001")"
          R"(,"Hashes":"SHA256=00000000000000000000000000000000000000000000000000000000000000aa")"
          R"(,"DestinationHostname":"evil.example")"),
      0);
  return run.out.alerts.at(0);
}

TEST(AlertExport, FindingHasWhatTheSchemaAsksFor) {
  const Alert a = RichAlert();
  ExpectBothValid(a);
  const std::string json = AlertToOcsfJson(a);
  for (
      const char* part :
      {R"("type_uid":200401)", R"("time":1795600800000)", R"("severity_id":2,"severity":"Low")",
       R"("process":{"uid":"{ab-1}","name":"a.exe","file":{"name":"a.exe","path":"C:\\Tools\\a.exe")",
       R"("actor":{"user":{"name":"al","domain":"corp"}})",
       R"("user":{"uid":"s-1-5-21-1-2-3-1001"})", R"("tactic":{"uid":"TA0002","name":"Execution"})",
       R"("technique":{"uid":"T1059"},"sub_technique":{"uid":"T1059.001"})",
       R"({"name":"evidences.dst_endpoint.ip","type_id":2,"type":"IP Address","value":"203.0.113.9"})",
       R"({"type_id":8,"type":"Hash","value":"00000000)",
       R"("dst_endpoint":{"ip":"203.0.113.9","hostname":"evil.example"})",
       R"("device":{"hostname":"ws1","type_id":0)", R"("algorithm_id":99,"algorithm":"xxh64")"}) {
    EXPECT_TRUE(Says(json, part)) << part << "\nin\n" << json;
  }
}

TEST(AlertExport, FindingAsProtobuf) {
  const Alert a = RichAlert();
  const Event event = testing::EventOf(AlertToOcsfJson(a));
  proto::Event out;
  ASSERT_TRUE(OcsfToProtobuf(event.root(), &out).ok());
  ASSERT_TRUE(out.has_detection_finding()) << out.DebugString();
  const proto::DetectionFinding& finding = out.detection_finding();
  EXPECT_EQ(finding.finding_info().uid(), a.id.ToText());
  ASSERT_EQ(finding.finding_info().attacks_size(), 2);
  EXPECT_EQ(finding.finding_info().attacks(0).tactic().uid(), "TA0002");
  EXPECT_EQ(finding.finding_info().attacks(1).sub_technique().uid(), "T1059.001");
  EXPECT_EQ(finding.evidences(0).process().file().path(), "C:\\Tools\\a.exe");
  EXPECT_EQ(finding.evidences(0).dst_endpoint().hostname(), "evil.example");
  EXPECT_EQ(out.time(), 1795600800000);
  EXPECT_EQ(out.metadata().uid(), a.id.ToText());
  EXPECT_EQ(out.unmapped().count("finding_info.title"), 0u);
}

TEST(AlertExport, EcsHasItsFields) {
  const std::string json = AlertToEcsJson(RichAlert());
  for (const char* part :
       {R"("@timestamp":"2026-11-25T10:00:00Z")", R"("kind":"alert")",
        R"("user":{"name":"al","domain":"corp","target":{"id":"s-1-5-21-1-2-3-1001"}})",
        R"("process":{"entity_id":"{ab-1}","executable":"C:\\Tools\\a.exe","name":"a.exe")",
        R"("tactic":{"id":["TA0002"],"name":["Execution"]})",
        R"("technique":{"id":["T1059"],"subtechnique":{"id":["T1059.001"]}})",
        R"("related":{"hash":["00000000)", R"("message":"Low thing: r=low")"}) {
    EXPECT_TRUE(Says(json, part)) << part << "\nin\n" << json;
  }
}

TEST(AlertExport, CorrelationsListTheirEvents) {
  AlertRunner run;
  for (int i = 0; i < 3; ++i) run.Add(AlertEvent("low", "WS1", "al"), i * kSecond);
  run.Flush();
  ASSERT_EQ(run.out.alerts.size(), 2u);
  ExpectBothValid(run.out.alerts[1]);
  const std::string json = AlertToOcsfJson(run.out.alerts[1]);
  EXPECT_TRUE(Says(json, R"("related_events_count":3)"));
  EXPECT_TRUE(Says(json, R"("start_time":1795600800000,"end_time":1795600802000)"));
}

TEST(AlertExport, BlockedIsTold) {
  AlertRunner run;
  run.Add(AlertEvent("high", "WS1", "al", R"(,"Action":"blocked")"), 0);
  ASSERT_EQ(run.out.alerts.at(0).outcome, Outcome::kBlocked);
  ExpectBothValid(run.out.alerts[0]);
  const std::string json = AlertToOcsfJson(run.out.alerts[0]);
  EXPECT_TRUE(Says(json, R"("action_id":2,"action":"Denied","disposition_id":2)"));
  EXPECT_TRUE(Says(json, R"("profiles":["host","security_control"])"));
  EXPECT_TRUE(Says(AlertToEcsJson(run.out.alerts[0]), R"("type":["denied"])"));
}

// Without a process id there is no OCSF process: its file and command line are told.
TEST(AlertExport, ProcessWithoutId) {
  AlertRunner run;
  run.Add(AlertEvent("low", "WS1", "al", R"(,"CommandLine":"sh -c id")"), 0);
  ExpectBothValid(run.out.alerts.at(0));
  const std::string json = AlertToOcsfJson(run.out.alerts[0]);
  EXPECT_FALSE(Says(json, R"("process":{)"));
  EXPECT_TRUE(Says(json, R"("file":{"name":"a.exe","path":"C:\\Tools\\a.exe","type_id":1)"));
  EXPECT_TRUE(Says(json, R"("name":"evidences.data.cmd_line","type_id":13)"));
}

TEST(AlertExport, AnAlertThatKnowsNothing) {
  Alert a;
  auto rule = std::make_shared<AlertRule>();
  rule->id = "r";
  rule->title = "t";
  a.rule = rule;
  ExpectBothValid(a);
}

// Whatever entities, texts and outcomes an alert has, nothing but the schemas' words comes out.
TEST(AlertExport, AnyAlertIsValid) {
  std::mt19937 random(7);
  const auto pick = [&random](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  const std::vector<std::string> values = {
      "a",        "corp\\bob", "s-1-5-18", "arn:aws:iam::1:user/x", "\\", "\xff\xfe\"\n",
      "10.0.0.1", "\\x",       "x\\",      std::string(3000, 'q')};
  const std::vector<std::string> roles = {"device", "actor", "target",      "process", "parent",
                                          "source", "query", "destination", "",        "session"};
  for (int i = 0; i < 500; ++i) {
    Alert a;
    auto rule = std::make_shared<AlertRule>();
    rule->id = "r" + values[pick(10)];
    rule->title = values[pick(10)];
    if (pick(2) == 0) rule->tactics = {"stealth", "command-and-control", values[pick(10)]};
    if (pick(2) == 0) rule->techniques = {"T1059", "T1059.001", "T1003.001"};
    if (pick(2) == 0) rule->tags = {values[pick(10)]};
    if (pick(2) == 0) rule->author = values[pick(10)];
    rule->level = static_cast<Level>(pick(6));
    a.rule = rule;
    a.severity = static_cast<Level>(pick(6));
    a.confidence = static_cast<uint8_t>(pick(101));
    a.outcome = static_cast<Outcome>(pick(3));
    if (pick(2) == 0) a.process = values[pick(10)];
    if (pick(2) == 0) a.command_line = values[pick(10)];
    if (pick(2) == 0) a.place.raw_hash = "sha256:" + values[pick(10)];
    if (pick(2) == 0) a.place.source = values[pick(10)];
    if (pick(2) == 0) a.log_source.category = "dns_query";
    if (pick(2) == 0) a.event_time = a.last_event_time = kAlertEpoch + i;
    for (uint32_t n = pick(8); n > 0; --n) {
      AlertEntity& e = a.entities.emplace_back();
      e.entity = {static_cast<EntityType>(pick(kEntityTypeCount)), values[pick(10)]};
      e.role = roles[pick(10)];
      if (pick(3) == 0) e.tags = {"dc"};
    }
    if (pick(2) == 0) a.matched.push_back({"f", values[pick(10)], "is", "s", {}});
    if (pick(3) == 0) {
      auto evidence = std::make_shared<Evidence>();
      evidence->events.resize(pick(3));
      for (EvidenceEvent& e : evidence->events) {
        e.source = "stage";
        if (pick(2) == 0) e.event_source = values[pick(10)];
        e.fields = {{"n", "1"}};
      }
      a.evidence = evidence;
    }
    ExpectBothValid(a);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace vedette::testing
