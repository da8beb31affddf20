#include "vedette/response/policy.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "vedette/response/audit.h"

namespace vedette {
namespace {

std::shared_ptr<const Policy> SamplePolicy() {
  std::ifstream file("examples/data/response/policy.json");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_FALSE(text.empty());
  Policy::Loaded loaded = Policy::Load("policy.json", std::move(text));
  for (const Diagnostic& d : loaded.diagnostics) ADD_FAILURE() << FormatDiagnostic(d);
  return loaded.policy;
}

Action Close(const char* severity) {
  return {"incident.close", "incident", "inc-1", {{"severity", severity}}};
}

CommandTarget Of(std::string type, std::vector<std::string> names) {
  return {std::move(type), std::move(names)};
}

class PolicyLines : public AuditWriter {
 public:
  absl::Status Write(std::string_view line) override {
    text.append(line);
    return absl::OkStatus();
  }
  std::string text;
};

TEST(PolicyTest, Tier1MayNotCloseACriticalIncidentAndThatIsOnRecord) {
  const auto policy = SamplePolicy();
  ASSERT_NE(policy, nullptr);
  PolicyLines lines;
  AuditLog log({}, {}, &lines);
  const Actor ada = {"ada", {"tier1"}, false};
  const absl::Status refused =
      AuthorizeOnRecord(*policy, &log, 7, ada, Close("critical"), "looks like noise");
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_NE(lines.text.find(R"("name":"incident.close")"), std::string::npos);
  EXPECT_NE(lines.text.find(
                R"("allowed":false,"reason":"role tier1 may not incident.close with severity )"
                R"(high/critical","policy":"2026.11@)"),
            std::string::npos)
      << lines.text;
  EXPECT_TRUE(AuthorizeOnRecord(*policy, &log, 8, ada, Close("low"), "noise").ok());
  EXPECT_NE(lines.text.find(R"("allowed":true,"reason":"noise")"), std::string::npos);
  EXPECT_TRUE(VerifyAuditLog(lines.text).ok);
}

TEST(PolicyTest, RolesAddUpAndAutomationsNeedRolesOfTheirOwn) {
  const auto policy = SamplePolicy();
  EXPECT_TRUE(policy->Authorize({"eve", {"tier1", "responder"}, false}, Close("high")).allowed);
  EXPECT_FALSE(policy->Authorize({"eve", {}, false}, Close("low")).allowed);
  EXPECT_FALSE(policy->Authorize({"", {"lead"}, false}, Close("low")).allowed);
  EXPECT_FALSE(policy->Authorize({"eve", {"nobody"}, false}, Close("low")).allowed);
  const Action start = {"playbook.start", "playbook", "p", {}};
  EXPECT_TRUE(policy->Authorize({"engine-1", {"engine"}, true}, start).allowed);
  const Authorization refused = policy->Authorize({"engine-1", {"lead"}, true}, start);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.reason, "role lead is not for automations");
  const Action kill = {"playbook.kill", "playbook", "", {}};
  EXPECT_FALSE(policy->Authorize({"r", {"responder"}, false}, kill).allowed);
  EXPECT_TRUE(policy->Authorize({"l", {"lead"}, false}, kill).allowed);
}

TEST(PolicyTest, FourEyesAreTwoPersons) {
  const auto policy = SamplePolicy();
  const Actor lead = {"lea", {"lead"}, false};
  Action close = Close("critical");
  EXPECT_TRUE(policy->NeedsFourEyes(close));
  EXPECT_FALSE(policy->NeedsFourEyes(Close("low")));
  EXPECT_FALSE(policy->Authorize(lead, close).allowed);
  close.attributes.emplace_back("approved_by", "LEA");
  EXPECT_FALSE(policy->Authorize(lead, close).allowed);
  close.attributes.back().second = "bob";
  EXPECT_TRUE(policy->Authorize(lead, close).allowed);
}

TEST(PolicyTest, CommandsAreAllowedByNameOnly) {
  const auto policy = SamplePolicy();
  CommandVerdict verdict = policy->CheckCommand("contain", Of("device", {"WS-12"}));
  EXPECT_TRUE(verdict.allowed) << verdict.reason;
  EXPECT_EQ(verdict.rule->approvals, 1u);
  EXPECT_EQ(verdict.rule->retries, 2u);
  EXPECT_FALSE(policy->CheckCommand("contain", Of("device", {"srv-1"})).allowed);
  EXPECT_FALSE(policy->CheckCommand("contain", Of("device", {})).allowed);
  EXPECT_FALSE(policy->CheckCommand("contain", Of("device", {""})).allowed);
  EXPECT_FALSE(policy->CheckCommand("contain", Of("device", {"ws-1\n"})).allowed);
  // Every name must be in scope, not only one.
  EXPECT_FALSE(policy->CheckCommand("contain", Of("device", {"ws-1", "srv-1"})).allowed);
  EXPECT_FALSE(policy->CheckCommand("delete", Of("device", {"ws-1"})).allowed);
  EXPECT_FALSE(policy->CheckCommand("contain", Of("x-user", {"ws-1"})).allowed);
}

TEST(PolicyTest, ProtectedTargetsAreRefusedInEveryDress) {
  const auto policy = SamplePolicy();
  for (const char* const name :
       {"ws-soc-1", "WS-SOC-1", "ws-soc-1.", "ws-soc-1.corp.example", "dc-1", "breakglass-1"}) {
    const CommandVerdict verdict = policy->CheckCommand("query", Of("device", {name}));
    EXPECT_FALSE(verdict.allowed) << name;
    EXPECT_TRUE(verdict.reason.starts_with("protected: ")) << verdict.reason;
  }
  EXPECT_TRUE(policy->CheckCommand("query", Of("device", {"ws-1.corp.example"})).allowed);
  for (const char* const net : {"10.1.2.3", "10.0.0.0/8", "0.0.0.0/0", "192.0.2.0/24", "192.0.2.53",
                                "::ffff:10.1.2.3", "8.0.0.0/6"}) {
    EXPECT_FALSE(policy->CheckCommand("deny", Of("ipv4_net", {net})).allowed) << net;
  }
  EXPECT_TRUE(policy->CheckCommand("deny", Of("ipv4_net", {"198.51.100.7"})).allowed);
  EXPECT_TRUE(policy->CheckCommand("deny", Of("ipv4_net", {"198.51.100.0/24"})).allowed);
}

TEST(PolicyTest, GoalsAreData) {
  const auto policy = SamplePolicy();
  EXPECT_EQ(policy->Criticality("device", "dc-7.corp.example"), "critical");
  EXPECT_EQ(policy->Criticality("device", "printer"), "");
  ASSERT_NE(policy->Sla("critical"), nullptr);
  EXPECT_EQ(policy->Sla("critical")->contain_ns, 3'600'000'000'000);
  EXPECT_EQ(policy->Sla("low"), nullptr);
  EXPECT_EQ(policy->FleetSize("device"), 1200u);
  EXPECT_EQ(policy->bundle().coverage.size(), 2u);
  EXPECT_EQ(policy->stamp(), "2026.11@" + policy->hash().substr(0, 12));
}

TEST(PolicyTest, SignaturesAreTheHosts) {
  const std::string text = R"({"format": "vedette-policy-1", "version": "1"})";
  const auto refuse = [](std::string_view) { return absl::PermissionDeniedError("not ours"); };
  const Policy::Loaded refused = Policy::Load("p", text, refuse);
  EXPECT_EQ(refused.policy, nullptr);
  ASSERT_EQ(refused.diagnostics.size(), 1u);
  EXPECT_EQ(refused.diagnostics[0].code, "POL0010");
  const auto accept = [&text](std::string_view seen) {
    return seen == text ? absl::OkStatus() : absl::PermissionDeniedError("other bytes");
  };
  EXPECT_NE(Policy::Load("p", text, accept).policy, nullptr);
}

}  // namespace
}  // namespace vedette
