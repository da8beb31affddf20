// Generated playbooks under generated policies: no path emits a command outside the allow-list, no
// key has two effects, approvals are never passed by, and every run ends.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/lcg.h"
#include "tests/support/response_host.h"

namespace vedette {
namespace {

using namespace vedette::testing;

constexpr const char* kActions[] = {"query", "contain", "deny", "allow", "restart"};
constexpr const char* kHosts[] = {"ws-1", "ws-2", "ws-3", "srv-1", "dc-1"};

// Makes a workflow: lines of steps, with branches and loops within.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  uint32_t Pick(uint32_t n) { return random_.Below(n); }

  std::string Playbook() {
    const std::string first = Line(0);
    std::string out = R"({"type": "playbook", "spec_version": "cacao-2.0",)"
                      R"("id": "playbook--1", "name": "p", "modified": "m",)"
                      R"("workflow_start": "start",)";
    if (Pick(2) == 0) {
      const std::string handler = Line(3);
      out += R"("workflow_exception": ")" + handler + "\",";
    }
    out += R"("playbook_variables": {"__n__": {"type": "integer", "value": 0},)"
           R"("__h__": {"type": "string", "external": true}},)"
           R"("workflow": {"start": {"type": "start", "on_completion": ")" +
           first + "\"}" + steps_ + "}}";
    return out;
  }

  std::string Policy() {
    std::string out = R"({"format": "vedette-policy-1", "version": "1",)"
                      R"("roles": {"r": {"allow": ["*"]}}, "commands": [)";
    for (int i = 0; i < 4; ++i) {
      const std::string action = kActions[Pick(5)];
      const std::string host = kHosts[Pick(5)];
      const uint32_t approvals = Pick(3);
      out += std::string(i > 0 ? "," : "") + R"({"action": ")" + action +
             R"(", "target": "device", "scope": [")" + host + R"("], "approvals": )" +
             std::to_string(approvals) + R"(, "retries": )" + std::to_string(Pick(3)) + "}";
      allowed.try_emplace({action, host}, approvals);  // the first entry counts
    }
    out += R"(], "protected": [{"target": "device", "names": ["dc-*"]}]})";
    return out;
  }

  std::map<std::pair<std::string, std::string>, uint32_t> allowed;

 private:
  // Ids of a line's first step.
  std::string Line(int depth) {
    const std::string id = "s" + std::to_string(next_++);
    const bool last = depth > 4 || Pick(4) == 0;
    std::string next;
    if (!last) next = Line(depth + 1);
    std::string then;
    if (!next.empty()) {
      const uint32_t how = Pick(3);
      if (how == 0) then = R"(, "on_completion": ")" + next + "\"";
      if (how == 1) then = R"(, "on_success": ")" + next + "\"";
      if (how == 2) {
        then = R"(, "on_success": ")" + next + R"(", "on_failure": ")" + Line(5) + "\"";
      }
      if (how == 1 && Pick(2) == 0) then += R"(, "delay": 1500)";
    }
    steps_ += ", \"" + id + "\": {" + Body(depth) + then + "}";
    return id;
  }

  std::string Body(int depth) {
    const uint32_t kind = depth > 3 ? 0 : Pick(6);
    const std::string condition =
        R"("condition": "__n__:value < )" + std::to_string(Pick(4)) + "\"";
    switch (kind) {
      case 1:
        return R"("type": "if-condition", )" + condition + R"(, "on_true": ")" + Line(depth + 2) +
               R"(", "on_false": ")" + Line(depth + 2) + "\"";
      case 2:
        return R"("type": "while-condition", )" + condition + R"(, "on_true": ")" +
               Line(depth + 3) + R"(", "x_max_iterations": 3, "x_max_time": 600000)";
      case 3:
        return R"("type": "parallel", "next_steps": [")" + Line(depth + 2) + R"(", ")" +
               Line(depth + 2) + "\"]";
      case 4:
        return R"("type": "switch-condition", "switch": "__n__:value", "cases": {"1": ")" +
               Line(depth + 3) + R"(", "default": ")" + Line(depth + 3) + "\"}";
      default:
        return R"("type": "action", "timeout": 60000, "out_args": ["__n__"], "commands": [)" +
               Command() + (Pick(3) == 0 ? "," + Command() : "") + "]";
    }
  }

  std::string Command() {
    const std::string host = Pick(2) == 0 ? "__h__:value" : std::string(kHosts[Pick(5)]);
    std::string out = R"({"type": "openc2-http", "content": {"action": ")" +
                      std::string(kActions[Pick(5)]) + R"(", "target": {"device": {"hostname": ")" +
                      host + R"("}}, "args": {"duration": 5000}})";
    if (Pick(3) == 0) {
      out += R"(, "x_undo": {"at_duration": true, "content": {"action": ")" +
             std::string(kActions[Pick(5)]) + R"(", "target": {"device": {"hostname": ")" + host +
             R"("}}}})";
    }
    return out + "}";
  }

  Lcg random_;
  int next_ = 0;
  std::string steps_;
};

struct Totals {
  size_t emitted = 0;
  size_t refused = 0;
  size_t undone = 0;
  size_t restarts = 0;
  std::set<RunOutcome> outcomes;
};

void Play(uint32_t seed, Totals* totals) {
  Generator make(seed);
  const std::string text = make.Playbook();
  const auto policy = PolicyOf(make.Policy());
  const auto playbook = PlaybookOf(text);
  ASSERT_NE(playbook, nullptr) << text;
  AuditList audit;
  MemoryStateStore store;
  std::unique_ptr<Executor> executor;
  const auto open = [&] {
    auto created = Executor::Create({policy, nullptr, &audit, &store});
    ASSERT_TRUE(created.ok());
    executor = *std::move(created);
    ASSERT_TRUE(executor->AddPlaybook(playbook).ok());
  };
  open();
  StartOptions options;
  options.playbook = playbook->id();
  options.incident = "inc";
  options.initiator = {"ada", {"r"}, false};
  options.variables["__h__"] = kHosts[make.Pick(5)];
  EventTime now = kBegin;
  const auto run = executor->Start(options, now);
  ASSERT_TRUE(run.ok()) << run.status();
  std::map<std::string, std::string> keys;
  for (int i = 0; i < 3000; ++i) {
    const auto poll = executor->Poll(now);
    ASSERT_TRUE(poll.ok()) << poll.status();
    for (const CommandRequest& request : poll->commands) {
      ++totals->emitted;
      totals->undone += request.undo ? 1 : 0;
      ASSERT_EQ(request.target.names.size(), 1u);
      // The oracle: a list of pairs, and a prefix.
      const auto found = make.allowed.find({request.action, request.target.names[0]});
      ASSERT_NE(found, make.allowed.end()) << request.command << "\n" << text;
      ASSERT_FALSE(request.target.names[0].starts_with("dc-"));
      ASSERT_TRUE(request.undo || request.approved_by.size() >= found->second) << request.command;
      const auto [known, fresh] = keys.emplace(request.key, request.command);
      ASSERT_EQ(known->second, request.command);
      ASSERT_TRUE(fresh || request.resend || request.attempt > 1);
      static constexpr int kAnswers[] = {200, 200, 200, 200, 404, 503, 500, 102};
      const int status = kAnswers[make.Pick(8)];
      const std::string results = "{\"__n__\": " + std::to_string(make.Pick(4)) + "}";
      ASSERT_TRUE(executor->Complete(request.key, status, results, now).ok());
    }
    for (const ApprovalRequest& request : executor->PendingApprovals()) {
      const Actor actor = {"a" + std::to_string(make.Pick(4)), {"r"}, false};
      if (make.Pick(10) == 0) {
        ASSERT_TRUE(executor->Reject(request.key, request.hash, actor, "", now).ok());
      } else {
        const absl::Status status = executor->Approve(request.key, request.hash, actor, "", now);
        ASSERT_TRUE(status.ok() || absl::IsAlreadyExists(status)) << status;
      }
    }
    if (make.Pick(20) == 0) {
      ++totals->restarts;
      ASSERT_TRUE(make.Pick(2) == 0 || executor->Compact().ok());
      open();
    }
    if (executor->Forget(*run).ok()) break;
    totals->outcomes.insert(executor->Report(*run)->outcome);
    now += (i < 500 ? 1 : 300) * kOneSecond;
  }
  EXPECT_TRUE(executor->runs().empty()) << "seed " << seed << " does not end: " << text;
  totals->refused += audit.Count("command.refuse", false);
}

TEST(PlaybookPropertyTest, NoPathLeavesTheAllowList) {
  Totals totals;
  for (uint32_t seed = 1; seed <= 1500 && !HasFatalFailure(); ++seed) Play(seed, &totals);
  // The test has seen something.
  EXPECT_GT(totals.emitted, 600u);
  EXPECT_GT(totals.refused, 1000u);
  EXPECT_GT(totals.undone, 10u);
  EXPECT_GT(totals.restarts, 100u);
  EXPECT_TRUE(totals.outcomes.contains(RunOutcome::kRunning));
}

}  // namespace
}  // namespace vedette
