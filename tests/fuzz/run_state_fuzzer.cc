// Hostile state: files of frames, and records of runs behind a good checksum. It is refused, or the
// executor goes on with it.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "vedette/response/executor.h"

namespace {

using namespace vedette;

class NoAudit : public AuditSink {
 public:
  absl::Status Append(const AuditEntry&) override { return absl::OkStatus(); }
};

constexpr const char* kPolicy = R"({"format": "vedette-policy-1", "version": "1",
  "roles": {"r": {"allow": ["*"]}},
  "commands": [{"action": "query", "target": "device", "scope": ["*"], "approvals": 0}]})";
// The playbook of the seeds.
constexpr const char* kPlaybook = R"({"type": "playbook", "spec_version": "cacao-2.0",
  "id": "playbook--1", "name": "n", "modified": "m", "workflow_start": "s",
  "playbook_variables": {"__h__": {"type": "string", "external": true},
                         "__n__": {"type": "integer", "value": 0}},
  "workflow": {
    "s": {"type": "start", "on_completion": "w"},
    "w": {"type": "while-condition", "condition": "__n__:value < 2", "on_true": "p",
          "x_max_iterations": 5, "x_max_time": 100000, "on_completion": "e"},
    "p": {"type": "parallel", "next_steps": ["a", "b"]},
    "a": {"type": "action", "timeout": 1000, "out_args": ["__n__"], "commands": [
      {"type": "openc2-http", "content": {"action": "query", "target": {"device": "__h__:value"},
       "args": {"duration": 10}}, "x_undo": {"at_duration": true,
       "content": {"action": "query", "target": {"device": "__h__:value"}}}}]},
    "b": {"type": "action", "delay": 5, "timeout": 1000, "commands": [
      {"type": "openc2-http", "content": {"action": "query", "target": {"device": "x"}}}]},
    "e": {"type": "end"}}})";

void GoOn(StateStore* store) {
  static const auto* const policy =
      new std::shared_ptr<const Policy>(Policy::Load("p", kPolicy).policy);
  static const auto* const playbook =
      new std::shared_ptr<const Playbook>(Playbook::Load("p", kPlaybook).playbook);
  NoAudit audit;
  auto executor = Executor::Create({*policy, nullptr, &audit, store});
  if (!executor.ok()) return;
  if (!(*executor)->AddPlaybook(*playbook).ok()) return;
  EventTime now = 0;
  for (int i = 0; i < 20; ++i) {
    const auto poll = (*executor)->Poll(now);
    if (!poll.ok()) return;
    for (const CommandRequest& request : poll->commands) {
      (*executor)
          ->Complete(request.key, i % 3 == 2 ? 404 : 200, R"({"__n__": 1})", now)
          .IgnoreError();
    }
    const EventTime due = (*executor)->NextDue();
    if (due == kNoEventTime) break;
    now = due > now ? due : now + 1;
  }
  for (const ApprovalRequest& request : (*executor)->PendingApprovals()) {
    (*executor)->Approve(request.key, request.hash, {"x", {"r"}, false}, "", now).IgnoreError();
  }
  for (const std::string& id : (*executor)->runs()) {
    const auto record = (*executor)->Report(id);
    if (!record.ok() || RunToJson(*record).empty() || RunToMarkdown(*record).empty()) {
      __builtin_trap();
    }
    (*executor)->Forget(id).IgnoreError();
  }
  if (!(*executor)->Compact().ok()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  RecoveryReport report;
  const auto frames = ParseFrames(bytes, &report);
  if (frames.ok() && report.good_bytes + report.lost_bytes != size) __builtin_trap();
  MemoryStateStore record;
  if (!record.Append(bytes).ok()) return 0;
  GoOn(&record);
  MemoryStateStore snapshot;
  if (!snapshot.Snapshot(bytes).ok()) return 0;
  GoOn(&snapshot);
  return 0;
}
