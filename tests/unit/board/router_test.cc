#include "lib/board/router.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/board_host.h"

namespace vedette {
namespace {

using testing::BoardFile;
using testing::BoardHost;

// The text of the first member of that name.
std::string MemberOf(const std::string& json, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  const size_t at = json.find(key);
  if (at == std::string::npos) return "";
  const size_t from = at + key.size();
  if (json[from] == '"') return json.substr(from + 1, json.find('"', from + 1) - from - 1);
  return json.substr(from, json.find_first_of(",]}", from) - from);
}

bool Has(const HttpResponse& r, const std::string& text) {
  return r.body.find(text) != std::string::npos;
}

std::string FirstIncident(BoardHost* host) {
  return MemberOf(host->Send("GET", "/api/queue").body, "incident_id");
}

TEST(RouterTest, TheQueueHasIncidentsMostUrgentFirst) {
  BoardHost host;
  host.Add("logon", "ws-1");
  host.Add("shell", "ws-2");
  host.Add("dump", "ws-2");
  const HttpResponse r = host.Send("GET", "/api/queue");
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.type, "application/json");
  EXPECT_TRUE(Has(r, R"("events":3,"detections":3,"alerts":3,"input_ended":false)"));
  EXPECT_TRUE(Has(r, R"("total":2)"));
  EXPECT_EQ(MemberOf(r.body, "devices"), R"(["ws-2")");
  EXPECT_EQ(MemberOf(r.body, "severity"), "critical");
}

TEST(RouterTest, AnIncidentHasItsGraphAndRules) {
  BoardHost host;
  host.Add("shell", "ws-2", R"(,"User":"CORP\\al")");
  host.Add("dump", "ws-2");
  const HttpResponse r = host.Send("GET", "/api/incidents/" + FirstIncident(&host));
  EXPECT_EQ(r.status, 200);
  EXPECT_TRUE(Has(r, R"("nodes":[{"type":"device","value":"ws-2")"));
  EXPECT_TRUE(Has(r, R"("type":"user","value":"corp\\al")"));
  EXPECT_TRUE(Has(r, R"("techniques":["T1003.001"])"));
  EXPECT_TRUE(Has(r, R"("triage_steps":["Which document was open?"])"));
  EXPECT_TRUE(Has(r, R"("changes":["acknowledge","assign","resolve","close")"));
  const std::string alert = MemberOf(r.body, "alert_id");
  const HttpResponse body = host.Send("GET", "/api/alerts/" + alert);
  EXPECT_EQ(body.status, 200);
  EXPECT_TRUE(Has(body, R"("why":{"emitted":"first","matched":[{"field":"r")"));
  EXPECT_TRUE(Has(body, R"("raw_hash":"xxh64:)"));
}

TEST(RouterTest, AVerdictEndsInTheQueueAndOnRecord) {
  BoardHost host;
  host.Add("dump", "ws-2");
  const std::string path = "/api/incidents/" + FirstIncident(&host);
  const uint64_t before = host.board->version();
  EXPECT_EQ(host.Send("POST", path + "/acknowledge", R"({"version":1})").status, 200);
  EXPECT_NE(host.board->version(), before);
  const HttpResponse done =
      host.Send("POST", path + "/resolve",
                R"({"version":2,"verdict":"true_positive","reason":"it was, password=hunter2"})");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(MemberOf(done.body, "version"), "3");
  EXPECT_TRUE(Has(host.Send("GET", "/api/queue"),
                  R"("state":"resolved","priority":1,"severity":"critical")"));
  EXPECT_TRUE(Has(host.Send("GET", "/api/queue"), R"("verdict":"true_positive")"));
  EXPECT_TRUE(Has(host.Send("GET", "/api/scorecard"), R"("true_positives":1)"));
  EXPECT_TRUE(VerifyAuditLog(host.audit).ok);
  EXPECT_NE(host.audit.find(R"("name":"incident.resolve")"), std::string::npos);
  EXPECT_EQ(host.audit.find("hunter2"), std::string::npos) << "secrets are masked";
  EXPECT_TRUE(Has(host.Send("GET", "/api/audit"), "incident.resolve"));
}

TEST(RouterTest, AStaleVersionIsRefused) {
  BoardHost host;
  host.Add("dump", "ws-2");
  const std::string path = "/api/incidents/" + FirstIncident(&host);
  EXPECT_EQ(host.Send("POST", path + "/acknowledge", R"({"version":1})").status, 200);
  const HttpResponse stale = host.Send("POST", path + "/hold", R"({"version":1,"reason":"r"})");
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(MemberOf(stale.body, "code"), "stale_version");
  EXPECT_EQ(host.Send("POST", path + "/hold", R"({"reason":"r"})").status, 400)
      << "a change says what it has seen";
  EXPECT_EQ(host.Send("POST", path + "/comment", R"({"text":"hello"})").status, 200);
}

TEST(RouterTest, EveryChangeOfAnIncident) {
  BoardHost host;
  host.Add("dump", "ws-2");
  host.Add("shell", "ws-3");
  const std::string first = FirstIncident(&host);
  const std::string path = "/api/incidents/" + first;
  int version = 1;
  const auto change = [&](const std::string& what, const std::string& members) {
    const HttpResponse r = host.Send("POST", path + "/" + what,
                                     R"({"version":)" + std::to_string(version) + members + "}");
    EXPECT_EQ(r.status, 200) << what << r.body;
    version = std::atoi(MemberOf(r.body, "version").c_str());
  };
  change("assign", R"(,"assignee":"bob")");
  change("hold", R"(,"reason":"waits for the owner")");
  change("resume", "");
  change("priority", R"(,"priority":2)");
  change("contained", R"(,"reason":"cable pulled")");
  change("resolve", R"(,"verdict":"benign")");
  change("verdict", R"(,"verdict":"false_positive")");
  change("close", "");
  const HttpResponse closed = host.Send("GET", path);
  EXPECT_EQ(MemberOf(closed.body, "state"), "closed");
  EXPECT_TRUE(Has(closed, R"("changes":["verdict","comment"])"));
  EXPECT_EQ(host.Send("POST", path + "/hold", R"({"version":9,"reason":"r"})").status, 422);
}

TEST(RouterTest, IncidentsAreTakenApartAndPutTogether) {
  BoardHost host;
  host.Add("shell", "ws-2");
  host.Add("dump", "ws-2");
  host.Add("logon", "ws-9");
  const std::string id = FirstIncident(&host);
  const HttpResponse whole = host.Send("GET", "/api/incidents/" + id);
  const std::string alert = MemberOf(whole.body, "alert_id");
  const HttpResponse apart = host.Send("POST", "/api/incidents/" + id + "/unlink",
                                       R"({"version":1,"alerts":[")" + alert + R"("]})");
  EXPECT_EQ(apart.status, 200) << apart.body;
  EXPECT_TRUE(Has(host.Send("GET", "/api/queue"), R"("total":3)"));
  const HttpResponse split = host.Send("GET", "/api/alerts/" + alert);
  const std::string other = MemberOf(split.body, "incident");
  EXPECT_NE(other, id);
  const HttpResponse together = host.Send("POST", "/api/incidents/" + id + "/link",
                                          R"({"version":2,"other":")" + other + R"("})");
  EXPECT_EQ(together.status, 200) << together.body;
  EXPECT_TRUE(Has(host.Send("GET", "/api/queue"), R"("total":2)"));
  EXPECT_EQ(host.Send("POST", "/api/incidents/" + id + "/unlink", R"({"version":3,"alerts":["x"]})")
                .status,
            400);
}

TEST(RouterTest, ThePolicySaysWhoMayAndASecondPersonAgrees) {
  BoardHost host(BoardFile("policy.json"));
  host.Add("dump", "ws-2");
  const std::string id = FirstIncident(&host);
  const std::string path = "/api/incidents/" + id;
  EXPECT_EQ(host.Send("POST", path + "/resolve", R"({"version":1,"verdict":"benign"})").status,
            200);
  const HttpResponse refused = host.Send("POST", path + "/close", R"({"version":2})", "ada");
  EXPECT_EQ(refused.status, 403) << "tier1 may not close a critical incident";
  EXPECT_TRUE(Has(host.Send("GET", "/api/response"), R"("proposals":[])"));
  const HttpResponse proposed = host.Send("POST", path + "/close", R"({"version":2})", "lea");
  EXPECT_EQ(proposed.status, 200);
  EXPECT_EQ(MemberOf(proposed.body, "proposal"), "1");
  EXPECT_EQ(MemberOf(host.Send("GET", path).body, "state"), "resolved");
  // Neither the one who proposed it nor somebody without the right.
  EXPECT_EQ(host.Send("POST", "/api/proposals/1/confirm", "{}", "lea").status, 403);
  EXPECT_EQ(host.Send("POST", "/api/proposals/1/confirm", "{}", "ada").status, 403);
  EXPECT_EQ(host.Send("POST", "/api/proposals/1/confirm", "{}", "max").status, 200);
  EXPECT_EQ(MemberOf(host.Send("GET", path).body, "state"), "closed");
  EXPECT_EQ(host.Send("POST", "/api/proposals/1/confirm", "{}", "max").status, 404);
  EXPECT_EQ(host.Send("POST", "/api/proposals/7/drop", "{}", "max").status, 404);
  EXPECT_TRUE(VerifyAuditLog(host.audit).ok);
}

TEST(RouterTest, AProposalIsTakenBackOnRecord) {
  BoardHost host(BoardFile("policy.json"));
  host.Add("dump", "ws-2");
  const std::string path = "/api/incidents/" + FirstIncident(&host);
  host.Send("POST", path + "/resolve", R"({"version":1,"verdict":"benign"})");
  host.Send("POST", path + "/close", R"({"version":2})", "lea");
  EXPECT_EQ(host.Send("POST", "/api/proposals/1/drop", "{}", "lea").status, 200);
  EXPECT_TRUE(Has(host.Send("GET", path), R"("proposals":[])"));
  EXPECT_NE(host.audit.find("incident.proposal.drop"), std::string::npos);
}

TEST(RouterTest, APlaybookIsStartedApprovedAnswered) {
  BoardHost host(BoardFile("policy.json"), BoardFile("contain_host.json"));
  host.Add("dump", "ws-7");
  const std::string incident = FirstIncident(&host);
  const std::string playbook = MemberOf(host.Send("GET", "/api/response").body, "id");
  const HttpResponse run = host.Send(
      "POST", "/api/runs",
      R"({"playbook":")" + playbook + R"(","incident":")" + incident +
          R"(","mode":"live","variables":{"__host__":"ws-7","__attacker__":"198.51.100.7"}})");
  ASSERT_EQ(run.status, 200) << run.body;
  ASSERT_EQ(host.handed_out.size(), 1U);
  EXPECT_EQ(MemberOf(host.handed_out[0], "action"), "query");
  const std::string key = MemberOf(host.handed_out[0], "key");
  const std::string answer =
      R"({"status":200,"results":"{\"__infected__\":true,\"__tries__\":1}"})";
  EXPECT_EQ(host.Send("POST", "/api/commands/" + key + "/answer", answer, "ada").status, 403);
  EXPECT_EQ(host.Send("POST", "/api/commands/" + key + "/answer", answer, "bob").status, 200);
  const HttpResponse waiting = host.Send("GET", "/api/response");
  const size_t approvals = waiting.body.find("\"approvals\":");
  const std::string rest = waiting.body.substr(approvals);
  const std::string wanted = MemberOf(rest, "key");
  const std::string hash = MemberOf(rest, "hash");
  const std::string decide = "/api/approvals/" + wanted + "/approve";
  const std::string body = R"({"hash":")" + hash + R"(","reason":"seen"})";
  EXPECT_EQ(host.Send("POST", decide, body, "ada").status, 403) << "she has started it";
  EXPECT_EQ(host.Send("POST", decide, R"({"hash":"00","reason":""})", "bob").status, 422);
  EXPECT_EQ(host.Send("POST", decide, body, "bob").status, 200);
  ASSERT_EQ(host.handed_out.size(), 2U);
  EXPECT_EQ(MemberOf(host.handed_out[1], "action"), "contain");
  EXPECT_TRUE(host.handed_out[1].find(R"("approved_by":["bob"])") != std::string::npos);
  EXPECT_EQ(host.Send("POST", "/api/commands/" + MemberOf(host.handed_out[1], "key") + "/answer",
                      R"({"status":200})", "bob")
                .status,
            200);
  const HttpResponse contained = host.Send("GET", "/api/incidents/" + incident);
  EXPECT_TRUE(Has(contained, R"("contained":"2026-11-25T)"));
  EXPECT_TRUE(Has(contained, R"("runs":[{"record":{"type":"playbook-run")"));
  EXPECT_TRUE(VerifyAuditLog(host.audit).ok);
}

TEST(RouterTest, NothingOfADryRunIsHandedOut) {
  BoardHost host(BoardFile("policy.json"), BoardFile("contain_host.json"));
  host.Add("dump", "ws-7");
  const std::string playbook = MemberOf(host.Send("GET", "/api/response").body, "id");
  const std::string start = R"({"playbook":")" + playbook + R"(","incident":")" +
                            FirstIncident(&host) +
                            R"(","variables":{"__host__":"ws-7","__attacker__":"198.51.100.7"})";
  const HttpResponse run = host.Send("POST", "/api/runs", start + "}");
  ASSERT_EQ(run.status, 200) << run.body;
  EXPECT_TRUE(host.handed_out.empty());
  EXPECT_TRUE(Has(host.Send("GET", "/api/response"), R"("dry_run":true)"));
  EXPECT_EQ(host.Send("POST", "/api/runs", start + R"(,"mode":"now"})").status, 400);
  const std::string id = MemberOf(run.body, "run");
  EXPECT_EQ(
      host.Send("POST", "/api/runs/" + id + "/cancel", R"({"reason":"enough"})", "bob").status,
      200);
  EXPECT_TRUE(Has(host.Send("GET", "/api/response"), R"("commands":[],"proposals")"))
      << "a cancelled run waits for nobody";
}

TEST(RouterTest, TheKillSwitchStopsCommands) {
  BoardHost host(BoardFile("policy.json"), BoardFile("contain_host.json"));
  EXPECT_EQ(host.Send("POST", "/api/kill-switch", R"({"on":true,"reason":"drill"})", "ada").status,
            403);
  EXPECT_EQ(host.Send("POST", "/api/kill-switch", R"({"on":true,"reason":"drill"})", "lea").status,
            200);
  EXPECT_TRUE(Has(host.Send("GET", "/api/response"), R"("kill_switch":true)"));
}

TEST(RouterTest, WithoutAPolicyThereAreNoPlaybooks) {
  BoardHost host;
  EXPECT_EQ(host.Send("POST", "/api/runs", "{}").status, 422);
  EXPECT_EQ(host.Send("POST", "/api/kill-switch", R"({"on":true})").status, 422);
  EXPECT_TRUE(Has(host.Send("GET", "/api/response"), R"("enabled":false)"));
}

TEST(RouterTest, WhatCannotBePutOnRecordIsNotDone) {
  BoardHost host;
  host.Add("dump", "ws-2");
  const std::string path = "/api/incidents/" + FirstIncident(&host);
  host.audit_fails = true;
  EXPECT_EQ(host.Send("POST", path + "/acknowledge", R"({"version":1})").status, 503);
  EXPECT_EQ(MemberOf(host.Send("GET", path).body, "state"), "new");
}

TEST(RouterTest, WrongBodiesAreToldFromWrongPaths) {
  BoardHost host;
  host.Add("dump", "ws-2");
  const std::string path = "/api/incidents/" + FirstIncident(&host);
  for (const char* body : {"[]", "{", "7", R"({"version":"1"})", R"({"version":-1})",
                           R"({"version":1,"verdict":"fine"})", R"({"version":1,"reason":7})",
                           R"({"version":1,"duplicate_of":"x","verdict":"duplicate"})"}) {
    EXPECT_EQ(host.Send("POST", path + "/resolve", body).status, 400) << body;
  }
  EXPECT_EQ(host.Send("POST", path + "/explode", R"({"version":1})").status, 404);
  EXPECT_EQ(host.Send("POST", "/api/incidents/zz/close", R"({"version":1})").status, 404);
  EXPECT_EQ(host.Send("GET", "/api/incidents/" + std::string(32, '1')).status, 404);
  EXPECT_EQ(host.Send("GET", "/api/../etc/passwd").status, 404);
  EXPECT_EQ(host.Send("DELETE", path).status, 405);
  EXPECT_EQ(host.Send("GET", "/" + std::string(3000, 'a')).status, 414);
  EXPECT_EQ(host.Send("POST", path + "/comment", std::string(300'000, ' ')).status, 413);
  EXPECT_EQ(host.Send("HEAD", "/api/queue").body, "");
}

TEST(RouterTest, ChangesSayWhetherThereIsSomethingNew) {
  BoardHost host;
  host.Add("dump", "ws-2");
  const std::string now = std::to_string(host.board->version());
  EXPECT_TRUE(host.Send("GET", "/api/changes?since=" + now).unchanged_since.has_value());
  EXPECT_FALSE(host.Send("GET", "/api/changes?since=0").unchanged_since.has_value());
  EXPECT_EQ(host.Send("GET", "/api/changes?since=").status, 400);
  EXPECT_EQ(host.Send("GET", "/api/changes").status, 400);
  host.Add("shell", "ws-2");
  EXPECT_FALSE(host.Send("GET", "/api/changes?since=" + now).unchanged_since.has_value());
}

TEST(RouterTest, PromisesThatWereNotKeptShow) {
  BoardHost host;
  host.Add("dump", "ws-2");
  host.now += int64_t{20} * 60 * 1'000'000'000;
  EXPECT_TRUE(host.board->Tick(host.now).ok());
  EXPECT_TRUE(Has(host.Send("GET", "/api/queue"), R"("overdue":["acknowledge"])"));
  EXPECT_TRUE(Has(host.Send("GET", "/api/health"), R"("sla_breaches":1)"));
}

TEST(RouterTest, OneAlertIsJudgedAlone) {
  BoardHost host;
  host.Add("dump", "ws-2");
  const std::string id = FirstIncident(&host);
  const std::string alert = MemberOf(host.Send("GET", "/api/incidents/" + id).body, "alert_id");
  EXPECT_EQ(host.Send("POST", "/api/alerts/" + alert + "/verdict", R"({"verdict":"test"})").status,
            200);
  EXPECT_TRUE(Has(host.Send("GET", "/api/alerts/" + alert),
                  R"("verdicts":[{"verdict":"test","analyst":"ada")"));
  EXPECT_EQ(host.Send("POST", "/api/alerts/" + alert + "/verdict", "{}").status, 400);
  EXPECT_EQ(host.Send("POST", "/api/alerts/" + alert + "/rename", "{}").status, 404);
}

TEST(RouterTest, TheMatrixCountsWhatFired) {
  BoardHost host;
  host.Add("dump", "ws-2");
  const HttpResponse r = host.Send("GET", "/api/matrix");
  EXPECT_TRUE(Has(r, R"("techniques":["T1003.001"],"alerts":1})"));
  EXPECT_TRUE(Has(r, R"("techniques":["T1059.001"],"alerts":0})"));
}

TEST(RouterTest, HealthNamesRulesThatNothingCouldMakeTrue) {
  BoardHost host;
  EXPECT_TRUE(Has(host.Send("GET", "/api/health"), R"("blind_rules":[])"))
      << "no event, no judgement";
  host.Add("dump", "ws-2");
  const HttpResponse r = host.Send("GET", "/api/health");
  EXPECT_TRUE(Has(r, R"("rule_id":"rule-elsewhere")"));
  EXPECT_TRUE(Has(r, R"("why":"no_log_source","log_source":"linux/-/-")"));
  EXPECT_FALSE(Has(r, R"("rule_id":"rule-dump")"));
}

TEST(RouterTest, HostileTextStaysJson) {
  BoardHost host;
  host.Add("dump", "ws-2", R"(,"User":"<script>alert(1)</script>\u202e\" 'x")");
  const HttpResponse r = host.Send("GET", "/api/incidents/" + FirstIncident(&host));
  EXPECT_TRUE(Has(r, R"(<script>alert(1)</script>)"));
  EXPECT_TRUE(Has(r, R"(\" 'x)"));
}

}  // namespace
}  // namespace vedette
