#include "vedette/response/playbook.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/response/condition.h"
#include "tests/support/response_host.h"

namespace vedette {
namespace {

using namespace vedette::testing;

TEST(ConditionTest, ComparesTypedValues) {
  const std::map<std::string, TypedValue, std::less<>> values = {
      {"__s__", {VariableType::kString, "ws-12"}},
      {"__n__", {VariableType::kInteger, "-7"}},
      {"__m__", {VariableType::kInteger, "10"}},
      {"__b__", {VariableType::kBool, "true"}},
      {"__ip__", {VariableType::kIpv4, "10.1.2.3"}},
      {"__net__", {VariableType::kIpv4, "10.0.0.0/8"}}};
  const TypeOf type_of = [&](std::string_view name) -> std::optional<VariableType> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second.type;
  };
  const ValueOf value_of = [&](std::string_view name) { return &values.find(name)->second; };
  const std::vector<std::pair<std::string, bool>> cases = {
      {"__s__:value = 'ws-12'", true},
      {"__s__:value == 'WS-12'", false},
      {"__s__:value != 'x'", true},
      {"__s__:value <> 'ws-12'", false},
      {"__n__:value < 0", true},
      {"__n__:value < __m__:value", true},
      {"__m__:value > 9", true},  // as numbers: "10" < "9" as texts
      {"__m__:value >= 10", true},
      {"__m__:value <= 9", false},
      {"__b__:value = true", true},
      {"__b__:value = false", false},
      {"__s__:value IN ('a', 'ws-12')", true},
      {"__n__:value NOT IN (1, 2)", true},
      {"__s__:value LIKE 'ws-%'", true},
      {"__s__:value LIKE 'ws-_'", false},
      {"__s__:value LIKE '%_'", true},
      {"__s__:value MATCHES '^ws-[0-9]+$'", true},
      {"__s__:value NOT MATCHES '2'", false},
      {"__ip__:value ISSUBSET '10.0.0.0/8'", true},
      {"__ip__:value ISSUBSET __net__:value", true},
      {"__net__:value ISSUPERSET '10.9.0.0/16'", true},
      {"__ip__:value ISSUBSET '11.0.0.0/8'", false},
      {"NOT __b__:value = true", false},
      {"__b__:value = false OR __n__:value = -7 AND __m__:value = 10", true},
      {"(__b__:value = true OR __n__:value = 0) AND __m__:value = 1", false},
      {"__s__:value = 'it\\'s'", false},
  };
  for (const auto& [text, expected] : cases) {
    ConditionError error;
    const auto condition = ParseCondition(text, type_of, &error);
    ASSERT_TRUE(condition.has_value()) << text << ": " << error.message;
    const absl::StatusOr<bool> result = EvaluateCondition(*condition, value_of);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(*result, expected) << text;
  }
  // A value that is missing is no verdict, not even where the rest would decide.
  ConditionError error;
  const auto condition = ParseCondition("__b__:value = true OR __s__:value = 'x'", type_of, &error);
  const ValueOf missing = [&](std::string_view name) {
    return name == "__s__" ? nullptr : &values.find(name)->second;
  };
  EXPECT_FALSE(EvaluateCondition(*condition, missing).ok());
  for (const char* const bad :
       {"", "__s__:value", "__s__:value = ", "= 'x'", "__s__:value = 'x' 'y'", "(__n__:value = 1",
        "__n__:value = 99999999999999999999", "__ip__:value = '10.0.0.999'", "__s__ = 'x'",
        "__n__:value LIKE '1'", "__s__:value ISSUBSET '10.0.0.0/8'", "not __b__:value = true"}) {
    EXPECT_FALSE(ParseCondition(bad, type_of, &error).has_value()) << bad;
  }
  std::string deep(2000, '(');
  EXPECT_FALSE(ParseCondition(deep, type_of, &error).has_value());
  std::string nots;
  for (int i = 0; i < 2000; ++i) nots += "NOT ";
  EXPECT_FALSE(ParseCondition(nots + "__b__:value = true", type_of, &error).has_value());
}

TEST(TypedValueTest, ValuesAreChecked) {
  const std::vector<std::tuple<VariableType, std::string, bool>> cases = {
      {VariableType::kInteger, "12", true},
      {VariableType::kInteger, "012", false},
      {VariableType::kInteger, "1e3", false},
      {VariableType::kInteger, "9223372036854775808", false},
      {VariableType::kBool, "True", false},
      {VariableType::kUuid, "5f2b4c1e-7a3d-4e0b-9c55-0d9a6b1f2e31", true},
      {VariableType::kUuid, "5f2b4c1e7a3d4e0b9c550d9a6b1f2e31xxxx", false},
      {VariableType::kMacAddress, "00:1a:2b:3c:4d:5e", true},
      {VariableType::kMacAddress, "00:1a:2b:3c:4d", false},
      {VariableType::kIpv4, "10.0.0.0/8", true},
      {VariableType::kIpv4, "::1", false},
      {VariableType::kIpv6, "fe80::/10", true},
      {VariableType::kUri, "https://a.example/x", true},
      {VariableType::kUri, "https://a.example/x y", false},
      {VariableType::kUri, "nothing", false},
      {VariableType::kSha256, std::string(64, 'a'), true},
      {VariableType::kSha256, std::string(63, 'a'), false},
      {VariableType::kHex, "0aF", false},
      {VariableType::kDictionary, R"({"a": [1]})", true},
      {VariableType::kDictionary, "[1]", false},
      {VariableType::kString, std::string(70000, 'x'), false},
  };
  for (const auto& [type, text, good] : cases) {
    EXPECT_EQ(MakeValue(type, text).ok(), good) << VariableTypeName(type) << " " << text;
  }
  EXPECT_EQ(ValueToJson({VariableType::kString, "a\"b"}), R"("a\"b")");
  EXPECT_EQ(ValueToJson({VariableType::kInteger, "5"}), "5");
}

std::string Simple(const std::string& id, const std::string& top, const std::string& step) {
  return R"({"type": "playbook", "spec_version": "cacao-2.0", "id": ")" + id +
         R"(", "name": "n", "modified": "m", "workflow_start": "s",)" + top +
         R"("workflow": {"s": {"type": "start", "on_completion": "a"}, "a": )" + step + "}}";
}

constexpr const char* kQuery =
    R"({"type": "action", "timeout": 1000, "commands": [{"type": "openc2-http",
        "content": {"action": "query", "target": {"device": {"hostname": "ws-1"}}}}]})";

std::string Nested(const std::string& id) {
  return R"({"type": "playbook-action", "timeout": 9000, "playbook_id": ")" + id + "\"}";
}

class NestedTest : public ::testing::Test {
 protected:
  NestedTest() {
    policy_ = PolicyOf(R"({"format": "vedette-policy-1", "version": "1",
      "roles": {"r": {"allow": ["*"]}}, "commands": [
        {"action": "query", "target": "device", "scope": ["*"], "approvals": 0},
        {"action": "x-note", "target": "x-channel", "scope": ["*"], "approvals": 0},
        {"action": "command:bash", "target": "x-command", "scope": ["bash"], "approvals": 0}]})");
    executor_ = *Executor::Create({policy_, nullptr, &audit_, &store_});
  }
  void Add(const std::string& text, const PlaybookOptions& options = {}) {
    const auto playbook = PlaybookOf(text, options);
    ASSERT_NE(playbook, nullptr);
    ASSERT_TRUE(executor_->AddPlaybook(playbook).ok());
  }
  absl::StatusOr<std::string> Start(const std::string& id,
                                    std::map<std::string, std::string> variables = {}) {
    StartOptions options;
    options.playbook = id;
    options.initiator = {"ada", {"r"}, false};
    options.variables = std::move(variables);
    return executor_->Start(options, kBegin);
  }
  AuditList audit_;
  MemoryStateStore store_;
  std::shared_ptr<const Policy> policy_;
  std::unique_ptr<Executor> executor_;
};

TEST_F(NestedTest, PlaybooksRunPlaybooks) {
  Add(Simple("playbook--1",
             R"("playbook_variables": {"__h__": {"type": "string", "external": true},
                "__r__": {"type": "integer", "value": 0}},)",
             R"({"type": "playbook-action", "timeout": 9000, "playbook_id": "playbook--2",
                "in_args": ["__h__"], "out_args": ["__r__"], "on_success": "b"},
                "b": {"type": "if-condition", "condition": "__r__:value = 7", "on_true": "c"},
                "c": )" +
                 std::string(kQuery)));
  EXPECT_EQ(Start("playbook--1", {{"__h__", "ws-9"}}).status().code(), absl::StatusCode::kNotFound);
  Add(Simple(
      "playbook--2",
      R"("playbook_variables": {"__h__": {"type": "string"}, "__r__": {"type": "integer"}},)",
      R"({"type": "action", "timeout": 1000, "out_args": ["__r__"], "commands": [
                {"type": "openc2-http", "content": {"action": "query",
                 "target": {"device": {"hostname": "__h__:value"}}}}]})"));
  const auto run = Start("playbook--1", {{"__h__", "ws-9"}});
  ASSERT_TRUE(run.ok()) << run.status();
  auto poll = executor_->Poll(kBegin);
  ASSERT_EQ(poll->commands.size(), 1u);
  EXPECT_EQ(poll->commands[0].path, "a!/");
  EXPECT_EQ(poll->commands[0].target.names, std::vector<std::string>{"ws-9"});
  ASSERT_TRUE(executor_->Complete(poll->commands[0].key, 200, R"({"__r__": 7})", kBegin).ok());
  poll = executor_->Poll(kBegin);
  ASSERT_EQ(poll->commands.size(), 1u);
  EXPECT_EQ(poll->commands[0].target.names, std::vector<std::string>{"ws-1"});
}

TEST_F(NestedTest, CirclesAndDepthsAreRefused) {
  Add(Simple("playbook--a", "", Nested("playbook--b")));
  Add(Simple("playbook--b", "", Nested("playbook--a")));
  EXPECT_EQ(Start("playbook--a").status().code(), absl::StatusCode::kFailedPrecondition);
  for (int i = 0; i < 9; ++i) {
    const std::string id = "playbook--" + std::to_string(i);
    Add(Simple(id, "", i == 0 ? kQuery : Nested("playbook--" + std::to_string(i - 1))));
  }
  EXPECT_TRUE(Start("playbook--7").ok());
  EXPECT_EQ(executor_->Poll(kBegin)->commands.size(), 1u);
  EXPECT_EQ(Start("playbook--8").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(NestedTest, TimesAndSignaturesAreEnforced) {
  Add(Simple("playbook--old", R"("valid_until": "2026-01-01T00:00:00Z",)", kQuery));
  Add(Simple("playbook--new", R"("valid_from": "2030-01-01T00:00:00Z",)", kQuery));
  EXPECT_EQ(Start("playbook--old").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Start("playbook--new").status().code(), absl::StatusCode::kFailedPrecondition);
  const std::string text =
      Simple("playbook--s", R"("signatures": [{"value": "good", "n": 1}],)", kQuery);
  PlaybookOptions options;
  options.verifier = [](std::string_view, std::string_view signatures) {
    return signatures == R"([{"value":"good","n":1}])"
               ? absl::OkStatus()
               : absl::PermissionDeniedError(absl::string_view("not ours"));
  };
  Add(text, options);
  Add(Simple("playbook--u", "", kQuery));
  const Playbook::Loaded unsigned_one =
      Playbook::Load("p", Simple("playbook--x", "", kQuery), options);
  EXPECT_EQ(unsigned_one.playbook, nullptr);
  EXPECT_EQ(unsigned_one.diagnostics.back().code, "PBK0025");
  executor_->SetPolicy(PolicyOf(R"({"format": "vedette-policy-1", "version": "2",
    "require_signed_playbooks": true, "roles": {"r": {"allow": ["*"]}}})"));
  EXPECT_TRUE(Start("playbook--s").ok());
  EXPECT_EQ(Start("playbook--u").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(NestedTest, HostTypesAreGivenAsTheyStand) {
  PlaybookOptions options;
  options.host_command_types = {"bash"};
  Add(Simple("playbook--1",
             R"re("playbook_variables": {"__h__": {"type": "string", "value": "$(reboot)"}},)re",
             R"({"type": "action", "timeout": 1000, "in_args": ["__h__"],
                "commands": [{"type": "bash", "command": "ping \"$1\""}]})"),
      options);
  ASSERT_TRUE(Start("playbook--1").ok());
  const auto poll = executor_->Poll(kBegin);
  ASSERT_EQ(poll->commands.size(), 1u);
  EXPECT_EQ(poll->commands[0].text, "ping \"$1\"");
  EXPECT_EQ(poll->commands[0].arguments.at("__h__").text, "$(reboot)");
}

TEST_F(NestedTest, SecretsAreNotShown) {
  Add(Simple("playbook--1",
             R"("playbook_variables": {"__k__": {"type": "x-secret", "external": true}},)",
             R"({"type": "action", "timeout": 1000, "commands": [{"type": "x-host-action",
                "content": {"action": "x-note", "target": {"x-channel": "soc"},
                            "args": {"x-key": "__k__:value"}}}]})"));
  const auto run = Start("playbook--1", {{"__k__", "s3cr3t-value"}});
  ASSERT_TRUE(run.ok());
  const auto poll = executor_->Poll(kBegin);
  ASSERT_EQ(poll->commands.size(), 1u);
  EXPECT_NE(poll->commands[0].command.find("s3cr3t-value"), std::string::npos);
  EXPECT_EQ(poll->commands[0].shown.find("s3cr3t-value"), std::string::npos);
  const RunRecord record = *executor_->Report(*run);
  EXPECT_EQ(RunToJson(record).find("s3cr3t-value"), std::string::npos);
  EXPECT_EQ(RunToMarkdown(record).find("s3cr3t-value"), std::string::npos);
  for (const AuditEntry& entry : audit_.entries) {
    for (const auto& [name, value] : entry.action.attributes) {
      EXPECT_EQ(value.find("s3cr3t-value"), std::string::npos) << name;
    }
  }
}

TEST(PlaybookTest, SaysWhatItIs) {
  const auto playbook = PlaybookOf(ReadText("examples/data/response/contain_host.json"));
  ASSERT_NE(playbook, nullptr);
  EXPECT_EQ(playbook->name(), "Contain a workstation");
  EXPECT_EQ(playbook->hash().size(), 64u);
  EXPECT_FALSE(playbook->is_verified());
  EXPECT_EQ(playbook->steps().size(), 9u);
  EXPECT_TRUE(playbook->playbooks_used().empty());
  size_t external = 0;
  for (const VariableInfo& v : playbook->variables()) external += v.external ? 1 : 0;
  EXPECT_EQ(external, 2u);
}

}  // namespace
}  // namespace vedette
