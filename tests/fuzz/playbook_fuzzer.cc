// Hostile playbooks and conditions. What loads is run dry and live with a host that says yes; the
// policy allows queries of devices alone, so that nothing else may come out.
#include <cstddef>
#include <cstdint>
#include <string>

#include "vedette/response/executor.h"

namespace {

using namespace vedette;

class NoAudit : public AuditSink {
 public:
  absl::Status Append(const AuditEntry&) override { return absl::OkStatus(); }
};

std::shared_ptr<const Policy> QueriesOnly() {
  static const auto* const policy = new std::shared_ptr<const Policy>(
      Policy::Load("p", R"({"format": "vedette-policy-1", "version": "1",
        "roles": {"r": {"allow": ["*"]}},
        "commands": [{"action": "query", "target": "device", "scope": ["*"], "approvals": 0}]})")
          .policy);
  return *policy;
}

void Run(const std::shared_ptr<const Playbook>& playbook, RunMode mode) {
  NoAudit audit;
  MemoryStateStore store;
  auto executor = Executor::Create({QueriesOnly(), nullptr, &audit, &store});
  if (!executor.ok() || !(*executor)->AddPlaybook(playbook).ok()) __builtin_trap();
  StartOptions options;
  options.playbook = playbook->id();
  options.initiator = {"ada", {"r"}, false};
  options.mode = mode;
  for (const VariableInfo& v : playbook->variables()) {
    if (v.external && !v.constant) options.variables[v.name] = "1";
  }
  EventTime now = 1'000'000'000;
  const auto run = (*executor)->Start(options, now);
  if (!run.ok()) return;
  for (int i = 0; i < 40; ++i) {
    const auto poll = (*executor)->Poll(now);
    if (!poll.ok()) __builtin_trap();
    for (const CommandRequest& request : poll->commands) {
      if (request.action != "query" || request.target.type != "device") __builtin_trap();
      if (!(*executor)->Complete(request.key, 200, "{}", now).ok()) __builtin_trap();
    }
    const EventTime due = (*executor)->NextDue();
    if (due == kNoEventTime) break;
    now = due > now ? due : now + 1;
  }
  const auto record = (*executor)->Report(*run);
  if (!record.ok() || RunToJson(*record).empty() || RunToMarkdown(*record).empty()) {
    __builtin_trap();
  }
  // What was written is read again.
  if (!(*executor)->Compact().ok()) __builtin_trap();
  if (!Executor::Create({QueriesOnly(), nullptr, &audit, &store}).ok()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  PlaybookOptions options;
  options.host_command_types = {"bash"};
  const Playbook::Loaded loaded = Playbook::Load("fuzz", text, options);
  size_t errors = 0;
  for (const Diagnostic& d : loaded.diagnostics) {
    if (d.severity == Severity::kError) ++errors;
    if (!d.code.starts_with("PBK") || FormatDiagnostic(d).empty()) __builtin_trap();
  }
  if ((loaded.playbook == nullptr) != (errors > 0)) __builtin_trap();
  if (loaded.playbook == nullptr) return 0;
  Run(loaded.playbook, RunMode::kDryRun);
  Run(loaded.playbook, RunMode::kLive);
  return 0;
}
