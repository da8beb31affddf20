#include "vedette/response/executor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/response_host.h"

namespace vedette {
namespace {

using namespace vedette::testing;

const Actor kAda = {"ada", {"responder"}, false};
const Actor kBob = {"bob", {"responder"}, false};
const Actor kCem = {"cem", {"responder"}, false};
const Actor kLead = {"lea", {"lead"}, false};

class ExecutorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    policy_ = PolicyOf(ReadText("examples/data/response/policy.json"));
    playbook_ = PlaybookOf(ReadText("examples/data/response/contain_host.json"));
    ASSERT_NE(policy_, nullptr);
    ASSERT_NE(playbook_, nullptr);
    Open();
  }

  void Open() {
    auto executor = Executor::Create({policy_, nullptr, &audit_, &store_});
    ASSERT_TRUE(executor.ok()) << executor.status();
    executor_ = *std::move(executor);
    ASSERT_TRUE(executor_->AddPlaybook(playbook_).ok());
  }

  StartOptions Options(const std::string& host = "ws-7") {
    StartOptions options;
    options.playbook = playbook_->id();
    options.incident = "inc-1";
    options.initiator = kAda;
    options.variables = {{"__host__", host}, {"__attacker__", "198.51.100.7"}};
    return options;
  }

  PollResult Poll() {
    absl::StatusOr<PollResult> result = executor_->Poll(now_);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : PollResult();
  }

  std::string Begin(const StartOptions& options) {
    const absl::StatusOr<std::string> run = executor_->Start(options, now_);
    EXPECT_TRUE(run.ok()) << run.status();
    return run.value_or("");
  }

  RunRecord Report(const std::string& run) {
    const absl::StatusOr<RunRecord> record = executor_->Report(run);
    EXPECT_TRUE(record.ok());
    return record.value_or(RunRecord());
  }

  // Up to the two approvals.
  std::vector<ApprovalRequest> UpToApprovals() {
    PollResult poll = Poll();
    EXPECT_EQ(poll.commands.size(), 1u);
    EXPECT_TRUE(executor_
                    ->Complete(poll.commands.at(0).key, 200,
                               R"({"__infected__": true, "__tries__": 1})", now_)
                    .ok());
    poll = Poll();
    EXPECT_TRUE(poll.commands.empty());
    EXPECT_EQ(poll.approvals.size(), 2u);
    return poll.approvals;
  }

  absl::Status Approve(const ApprovalRequest& request, const Actor& actor) {
    return executor_->Approve(request.key, request.hash, actor, "seen", now_);
  }

  EventTime now_ = kBegin;
  AuditList audit_;
  MemoryStateStore store_;
  std::shared_ptr<const Policy> policy_;
  std::shared_ptr<const Playbook> playbook_;
  std::unique_ptr<Executor> executor_;
};

TEST_F(ExecutorTest, GoesThroughThePlaybook) {
  const std::string run = Begin(Options());
  const PollResult first = Poll();
  ASSERT_EQ(first.commands.size(), 1u);
  EXPECT_EQ(first.commands[0].command,
            R"({"action":"query","target":{"device":{"hostname":"ws-7"}},)"
            R"("args":{"response_requested":"complete"}})");
  EXPECT_EQ(first.commands[0].step_name, "Ask the endpoint agent");
  EXPECT_EQ(first.commands[0].path, "while--look#0/");
  ASSERT_TRUE(
      executor_
          ->Complete(first.commands[0].key, 200, R"({"__infected__": true, "__tries__": 1})", now_)
          .ok());
  PollResult poll = Poll();
  ASSERT_EQ(poll.approvals.size(), 2u);
  const ApprovalRequest& contain = poll.approvals[0];
  EXPECT_EQ(contain.needed, 1u);
  EXPECT_EQ(contain.undo, R"({"action":"allow","target":{"device":{"hostname":"ws-7"}}})");
  EXPECT_EQ(poll.approvals[1].needed, 2u);
  EXPECT_EQ(executor_->PendingApprovals().size(), 2u);
  ASSERT_TRUE(Approve(contain, kBob).ok());
  poll = Poll();
  ASSERT_EQ(poll.commands.size(), 1u);
  EXPECT_EQ(poll.commands[0].action, "contain");
  EXPECT_EQ(poll.commands[0].approved_by, std::vector<std::string>{"bob"});
  const EventTime contained = now_ += kMinuteNs;
  ASSERT_TRUE(executor_->Complete(poll.commands[0].key, 200, "", now_).ok());
  const ApprovalRequest block = executor_->PendingApprovals().at(0);
  ASSERT_TRUE(Approve(block, kBob).ok());
  EXPECT_TRUE(Poll().commands.empty());  // two are needed
  ASSERT_TRUE(Approve(block, kCem).ok());
  poll = Poll();
  ASSERT_EQ(poll.commands.size(), 1u);
  EXPECT_EQ(poll.commands[0].command, R"({"action":"deny","target":{"ipv4_net":"198.51.100.7"}})");
  ASSERT_TRUE(executor_->Complete(poll.commands[0].key, 200, "", now_).ok());
  EXPECT_TRUE(Poll().commands.empty());  // the last step has a delay
  EXPECT_EQ(executor_->NextDue(), now_ + kOneSecond);
  now_ += kOneSecond;
  poll = Poll();
  ASSERT_EQ(poll.commands.size(), 1u);
  EXPECT_EQ(poll.commands[0].type, "manual");
  EXPECT_EQ(poll.commands[0].arguments.at("__host__").text, "ws-7");
  ASSERT_TRUE(executor_->Complete(poll.commands[0].key, 200, "", now_).ok());
  poll = Poll();
  EXPECT_EQ(poll.finished, std::vector<std::string>{run});
  RunRecord record = Report(run);
  EXPECT_EQ(record.outcome, RunOutcome::kSuccess) << record.reason;
  EXPECT_NE(RunToJson(record).find("\"contained\":\"" + FormatEventTime(contained)),
            std::string::npos);
  EXPECT_NE(RunToMarkdown(record).find("## To take back"), std::string::npos);
  EXPECT_FALSE(executor_->Forget(run).ok());  // an undo is due

  // The undo comes by itself when the duration is over, once.
  EXPECT_EQ(executor_->NextDue(), contained + 4 * kHourNs);
  now_ = contained + 4 * kHourNs;
  poll = Poll();
  ASSERT_EQ(poll.commands.size(), 1u);
  EXPECT_TRUE(poll.commands[0].undo);
  EXPECT_EQ(poll.commands[0].action, "allow");
  ASSERT_TRUE(executor_->Complete(poll.commands[0].key, 200, "", now_).ok());
  EXPECT_TRUE(Poll().commands.empty());
  EXPECT_EQ(RunToMarkdown(Report(run)).find("## To take back"), std::string::npos);
  ASSERT_TRUE(executor_->Forget(run).ok());
  EXPECT_TRUE(executor_->runs().empty());

  EXPECT_EQ(audit_.Count("playbook.start"), 1u);
  EXPECT_EQ(audit_.Count("command.emit"), 4u);
  EXPECT_EQ(audit_.Count("command.undo"), 1u);
  EXPECT_EQ(audit_.Count("command.request"), 2u);
  EXPECT_EQ(audit_.Count("command.answer"), 5u);
  EXPECT_EQ(audit_.Count("playbook.approve"), 3u);
  EXPECT_EQ(audit_.Count("playbook.finish"), 1u);
}

TEST_F(ExecutorTest, ApprovalsAreByOthersForThisCommandInTime) {
  Begin(Options());
  const std::vector<ApprovalRequest> requests = UpToApprovals();
  const ApprovalRequest& contain = requests.at(0);
  const ApprovalRequest& block = requests.at(1);
  EXPECT_EQ(Approve(contain, kAda).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Approve(contain, {"ADA", {"lead"}, false}).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Approve(contain, {"bot", {"responder", "engine"}, true}).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Approve(contain, {"eve", {"tier1"}, false}).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(audit_.Count("playbook.approve", false), 4u);
  ApprovalRequest wrong = contain;
  wrong.hash = block.hash;
  EXPECT_EQ(Approve(wrong, kBob).code(), absl::StatusCode::kFailedPrecondition);
  wrong.key = "none";
  EXPECT_EQ(Approve(wrong, kBob).code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(Approve(block, kBob).ok());
  EXPECT_EQ(Approve(block, {"Bob", {"responder"}, false}).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(Poll().commands.empty());
  now_ += kHourNs;  // approval_ttl, and the step's timeout
  EXPECT_EQ(Approve(contain, kBob).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Poll().commands.empty());
  EXPECT_EQ(audit_.Count("command.expire"), 2u);
}

TEST_F(ExecutorTest, ARejectionFailsTheStep) {
  const std::string run = Begin(Options());
  const std::vector<ApprovalRequest> requests = UpToApprovals();
  for (const ApprovalRequest& request : requests) {
    ASSERT_TRUE(executor_->Reject(request.key, request.hash, kBob, "too early", now_).ok());
  }
  now_ += kMinuteNs;
  PollResult poll = Poll();  // workflow_exception: tell the owner
  now_ += kMinuteNs;
  poll = Poll();
  ASSERT_EQ(poll.commands.size(), 1u);
  EXPECT_EQ(poll.commands[0].type, "manual");
  ASSERT_TRUE(executor_->Complete(poll.commands[0].key, 200, "", now_).ok());
  Poll();
  EXPECT_NE(RunToJson(Report(run)).find("rejected by bob: too early"), std::string::npos);
}

TEST_F(ExecutorTest, ProtectedAndUnknownTargetsAreRefused) {
  for (const char* const host : {"dc-1", "WS-SOC-3.corp.example", "ws-1\n"}) {
    const std::string run = Begin(Options(host));
    const PollResult poll = Poll();
    for (const CommandRequest& request : poll.commands) EXPECT_EQ(request.type, "manual");
    const RunRecord record = Report(run);
    ASSERT_FALSE(record.commands.empty());
    EXPECT_EQ(record.commands[0].state, "refused");
    EXPECT_EQ(record.commands[0].status, 403);
  }
  EXPECT_EQ(audit_.Count("command.refuse", false), 3u);
}

TEST_F(ExecutorTest, ValuesAreDataForEver) {
  const std::string nasty = "ws-\"},\"action\":\"delete\",\"x\":{\"__attacker__:value";
  Begin(Options(nasty));
  const PollResult poll = Poll();
  ASSERT_EQ(poll.commands.size(), 1u);
  EXPECT_EQ(poll.commands[0].command,
            R"({"action":"query","target":{"device":{"hostname":)"
            R"("ws-\"},\"action\":\"delete\",\"x\":{\"__attacker__:value"}},)"
            R"("args":{"response_requested":"complete"}})");
}

TEST_F(ExecutorTest, VariablesAreTyped) {
  StartOptions options = Options();
  options.variables["__attacker__"] = "10.0.0.1; rm -rf /";
  EXPECT_EQ(executor_->Start(options, now_).status().code(), absl::StatusCode::kInvalidArgument);
  options = Options();
  options.variables.erase("__host__");
  EXPECT_EQ(executor_->Start(options, now_).status().code(), absl::StatusCode::kInvalidArgument);
  options = Options();
  options.variables["__tries__"] = "1";  // not external
  EXPECT_EQ(executor_->Start(options, now_).status().code(), absl::StatusCode::kInvalidArgument);
  // A result of another type fails the step.
  const std::string run = Begin(Options());
  const PollResult poll = Poll();
  ASSERT_TRUE(
      executor_->Complete(poll.commands[0].key, 200, R"({"__tries__": "many"})", now_).ok());
  Poll();
  EXPECT_EQ(Report(run).steps.at(1).outcome, "the result __tries__ is no value of type integer");
}

TEST_F(ExecutorTest, TimeoutsFailTheStep) {
  const std::string run = Begin(Options());
  const PollResult poll = Poll();
  EXPECT_EQ(poll.commands[0].deadline, now_ + 10 * kMinuteNs);
  EXPECT_EQ(executor_->NextDue(), now_ + 10 * kMinuteNs);
  now_ += 10 * kMinuteNs;
  Poll();
  RunRecord record = Report(run);
  EXPECT_EQ(record.steps.at(1).outcome, "ACTION_TIMEOUT");
  EXPECT_EQ(record.commands.at(0).state, "abandoned");
  // Too late: nothing changes, and that is no error.
  EXPECT_TRUE(executor_->Complete(poll.commands[0].key, 200, "", now_).ok());
  EXPECT_EQ(Report(run).commands.at(0).state, "abandoned");
}

TEST_F(ExecutorTest, WhatWasDoneTooLateIsTakenBack) {
  const std::string run = Begin(Options());
  const ApprovalRequest contain = UpToApprovals().at(0);
  ASSERT_TRUE(Approve(contain, kBob).ok());
  ASSERT_EQ(Poll().commands.size(), 1u);
  now_ += 10 * kMinuteNs;
  Poll();
  ASSERT_TRUE(executor_->Complete(contain.key, 200, "", now_).ok());
  ASSERT_TRUE(executor_->Complete(contain.key, 200, "", now_).ok());
  EXPECT_EQ(audit_.Count("command.late"), 1u);
  EXPECT_NE(RunToMarkdown(Report(run)).find("## To take back"), std::string::npos);
  now_ += 4 * kHourNs;
  const PollResult poll = Poll();
  ASSERT_FALSE(poll.commands.empty());
  EXPECT_TRUE(poll.commands.back().undo);
}

TEST_F(ExecutorTest, RetriesHaveTheSameKey) {
  Begin(Options());
  const ApprovalRequest contain = UpToApprovals().at(0);
  ASSERT_TRUE(Approve(contain, kBob).ok());
  PollResult poll = Poll();
  for (uint32_t attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_EQ(poll.commands.size(), 1u);
    EXPECT_EQ(poll.commands[0].key, contain.key);
    EXPECT_EQ(poll.commands[0].attempt, attempt);
    ASSERT_TRUE(executor_->Complete(contain.key, 503, "", now_).ok());
    EXPECT_TRUE(Poll().commands.empty());
    now_ += 30 * kOneSecond;
    poll = Poll();
  }
  EXPECT_TRUE(poll.commands.empty());
  EXPECT_EQ(audit_.Count("command.request"), 2u);  // nobody is asked twice
}

TEST_F(ExecutorTest, AnswersAreCheckedAndIdempotent) {
  Begin(Options());
  const std::string key = Poll().commands.at(0).key;
  EXPECT_EQ(executor_->Complete("none", 200, "", now_).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(executor_->Complete(key, 299, "", now_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(executor_->Complete(key, 200, "[1]", now_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(executor_->Complete(key, 200, "{", now_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(executor_->Complete(key, 102, "", now_).ok());
  EXPECT_TRUE(executor_->Complete(key, 200, R"({"__tries__":1})", now_).ok());
  EXPECT_TRUE(executor_->Complete(key, 200, R"({"__tries__":1})", now_).ok());
  EXPECT_EQ(executor_->Complete(key, 404, "", now_).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ExecutorTest, TheKillSwitchStopsEverything) {
  Begin(Options());
  EXPECT_EQ(executor_->SetKillSwitch(true, kAda, "", now_).code(),
            absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(executor_->SetKillSwitch(true, kLead, "something is wrong", now_).ok());
  PollResult poll = Poll();
  EXPECT_TRUE(poll.halted);
  EXPECT_TRUE(poll.commands.empty());
  Open();  // it outlives a restart
  EXPECT_TRUE(executor_->kill_switch());
  EXPECT_TRUE(Poll().commands.empty());
  ASSERT_TRUE(executor_->SetKillSwitch(false, kLead, "fine", now_).ok());
  EXPECT_EQ(Poll().commands.size(), 1u);
  EXPECT_EQ(audit_.Count("playbook.kill"), 2u);
  EXPECT_EQ(audit_.Count("playbook.kill", false), 1u);
}

TEST_F(ExecutorTest, LimitsStopAndAsk) {
  policy_ = PolicyOf(R"({"format": "vedette-policy-1", "version": "1", "fleet": {"device": 100},
    "roles": {"responder": {"allow": ["*"]}},
    "commands": [{"action": "query", "target": "device", "scope": ["*"], "approvals": 0,
                  "max_per_hour": 3, "limit_approvals": 1}]})");
  Open();
  for (int i = 0; i < 3; ++i) {
    Begin(Options("ws-" + std::to_string(i)));
    EXPECT_EQ(Poll().commands.size(), 1u);
  }
  Begin(Options("ws-3"));
  PollResult poll = Poll();
  EXPECT_TRUE(poll.commands.empty());
  ASSERT_EQ(poll.approvals.size(), 1u);
  EXPECT_EQ(poll.approvals[0].reason, "limit: more than 3 an hour");
  Open();  // what was emitted is remembered
  Begin(Options("ws-4"));
  poll = Poll();
  ASSERT_EQ(poll.approvals.size(), 1u);
  ASSERT_TRUE(Approve(poll.approvals[0], kBob).ok());
  EXPECT_EQ(Poll().commands.size(), 1u);
}

TEST_F(ExecutorTest, APartOfTheFleetIsALimitToo) {
  policy_ = PolicyOf(R"({"format": "vedette-policy-1", "version": "1", "fleet": {"device": 100},
    "roles": {"responder": {"allow": ["*"]}},
    "commands": [{"action": "query", "target": "device", "scope": ["*"], "approvals": 0,
                  "max_fleet_percent": 2}]})");
  Open();
  for (const char* const host : {"ws-1", "ws-2", "WS-1", "ws-2"}) {  // two of a hundred
    Begin(Options(host));
    EXPECT_EQ(Poll().commands.size(), 1u) << host;
    now_ += kOneSecond;
  }
  Begin(Options("ws-3"));
  const PollResult poll = Poll();
  EXPECT_TRUE(poll.commands.empty());
  ASSERT_EQ(poll.approvals.size(), 1u);
  EXPECT_EQ(poll.approvals[0].needed, 2u);
}

TEST_F(ExecutorTest, DryRunsAskNobodyAndDoNothing) {
  StartOptions options = Options();
  options.mode = RunMode::kDryRun;
  const auto dry = [&](bool infected) {
    const std::string run = Begin(options);
    for (int i = 0; i < 20 && Report(run).outcome == RunOutcome::kRunning; ++i) {
      const PollResult poll = Poll();
      EXPECT_TRUE(poll.approvals.empty());
      for (const CommandRequest& request : poll.commands) {
        EXPECT_TRUE(request.dry_run);
        const std::string results = infected ? R"({"__infected__":true,"__tries__":1})"
                                             : R"({"__infected__":false,"__tries__":1})";
        EXPECT_TRUE(executor_->Complete(request.key, 200, results, now_).ok());
      }
      now_ += kOneSecond;
    }
    return Report(run);
  };
  const RunRecord healthy = dry(false);
  const RunRecord infected = dry(true);
  EXPECT_EQ(DiffCommands(healthy, healthy), "");
  const std::string diff = DiffCommands(healthy, infected);
  EXPECT_NE(diff.find("+ if--infected.true/parallel--act.0/action--contain "), std::string::npos)
      << diff;
  EXPECT_EQ(diff.find("\n- "), std::string::npos) << diff;
  EXPECT_NE(RunToMarkdown(infected).find("**Dry run: nothing was done.**"), std::string::npos);
}

TEST_F(ExecutorTest, NothingHappensThatIsNotOnRecord) {
  Begin(Options());
  audit_.fail_after = audit_.entries.size();
  EXPECT_FALSE(executor_->Poll(now_).ok());
  EXPECT_FALSE(executor_->Start(Options(), now_).ok());
  audit_.fail_after = SIZE_MAX;
  EXPECT_EQ(Poll().commands.size(), 1u);
}

TEST_F(ExecutorTest, CancelledRunsEndAndAreOnRecord) {
  const std::string run = Begin(Options());
  Poll();
  EXPECT_EQ(executor_->Cancel(run, {"eve", {}, false}, "", now_).code(),
            absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(executor_->Cancel(run, kBob, "a false alarm", now_).ok());
  EXPECT_EQ(Report(run).outcome, RunOutcome::kCancelled);
  EXPECT_TRUE(Poll().commands.empty());
  EXPECT_FALSE(executor_->Cancel(run, kBob, "", now_).ok());
  EXPECT_TRUE(executor_->Forget(run).ok());
}

TEST_F(ExecutorTest, LongRunsEnd) {
  const std::string run = Begin(Options());
  Poll();
  now_ += 8 * kHourNs;
  const PollResult poll = Poll();
  EXPECT_EQ(poll.finished, std::vector<std::string>{run});
  EXPECT_EQ(Report(run).outcome, RunOutcome::kTimeout);
}

TEST_F(ExecutorTest, StartsAreAuthorizedAndUnique) {
  StartOptions options = Options();
  options.initiator = {"eve", {}, false};
  EXPECT_EQ(executor_->Start(options, now_).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(audit_.Count("playbook.start", false), 1u);
  options = Options();
  options.run_id = "mine";
  ASSERT_TRUE(executor_->Start(options, now_).ok());
  EXPECT_EQ(executor_->Start(options, now_).status().code(), absl::StatusCode::kAlreadyExists);
  options.playbook = "playbook--none";
  EXPECT_EQ(executor_->Start(options, now_).status().code(), absl::StatusCode::kNotFound);
}

// The store is cut after every record, and the world goes on from there: what was asked for and
// not answered is asked again under its key, and everything is done once.
TEST_F(ExecutorTest, ACrashAtEveryStepGivesOneEffectPerKey) {
  const auto world = [] {
    return World([](const CommandRequest& request) -> std::pair<int, std::string> {
      if (request.attempt == 1 && request.action == "contain") return {503, ""};
      return {200, R"({"__infected__":true,"__tries__":1})"};
    });
  };
  // Crashes before call number `crash` has an effect in the world, or after it, before the answer.
  const auto play = [&](int crash, bool before, std::vector<std::string>* effects) {
    store_ = MemoryStateStore();
    now_ = kBegin;
    Open();
    World outside = world();
    const std::string run = Begin(Options());
    int calls = 0;
    for (int i = 0; i < 2000 && now_ < kBegin + 6 * kHourNs; ++i) {
      const PollResult poll = Poll();
      bool crashed = false;
      for (const CommandRequest& request : poll.commands) {
        const bool now = ++calls == crash;
        if (now && before) crashed = true;
        if (crashed) break;
        const auto [status, results] = outside.Do(request);
        if (now) crashed = true;
        if (crashed) break;
        EXPECT_TRUE(executor_->Complete(request.key, status, results, now_).ok());
      }
      if (crashed) {
        Open();
        continue;
      }
      for (const ApprovalRequest& request : executor_->PendingApprovals()) {
        if (++calls == crash) {
          Open();
          break;
        }
        EXPECT_TRUE(Approve(request, kBob).ok());
        EXPECT_TRUE(request.needed < 2 || Approve(request, kCem).ok());
      }
      now_ += i < 100 ? kOneSecond * 10 : kMinuteNs * 10;
    }
    *effects = outside.effects();
    EXPECT_EQ(Report(run).outcome, RunOutcome::kSuccess) << Report(run).reason;
    return calls;
  };
  std::vector<std::string> straight;
  const int calls = play(-1, false, &straight);
  EXPECT_EQ(straight.size(), 5u);
  EXPECT_GT(calls, 6);
  for (int crash = 1; crash <= calls; ++crash) {
    for (const bool before : {true, false}) {
      std::vector<std::string> effects;
      play(crash, before, &effects);
      std::ranges::sort(effects);
      std::vector<std::string> expected = straight;
      std::ranges::sort(expected);
      EXPECT_EQ(effects, expected) << "crash at call " << crash << (before ? " before" : " after");
    }
  }
}

TEST_F(ExecutorTest, SnapshotsHoldEverything) {
  Begin(Options());
  UpToApprovals();
  ASSERT_TRUE(executor_->Compact().ok());
  EXPECT_EQ(store_.records(), 0u);
  Open();
  EXPECT_EQ(executor_->PendingApprovals().size(), 2u);
  const StoredState before = *store_.Load();
  ASSERT_TRUE(executor_->Compact().ok());
  EXPECT_EQ(store_.Load()->snapshot, before.snapshot);
}

}  // namespace
}  // namespace vedette
