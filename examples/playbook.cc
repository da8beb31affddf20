// A playbook under a policy, with an audit log: what a host does around the response library. Here
// the host's tools are a function, and the persons who approve always agree.
//
// Usage: playbook (from the top of the tree)
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "vedette/response/audit.h"
#include "vedette/response/executor.h"

namespace {

constexpr vedette::EventTime kSecond = 1'000'000'000;

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A real host appends to a file and syncs it before it returns.
class LinesInMemory : public vedette::AuditWriter {
 public:
  absl::Status Write(std::string_view line) override {
    text.append(line);
    return absl::OkStatus();
  }
  std::string text;
};

// Sends the command to whatever carries it out. The key makes that safe to repeat.
std::string CarryOut(const vedette::CommandRequest& request) {
  std::printf("%s  %s\n", request.key.c_str(), request.shown.c_str());
  return request.action == "query" ? R"({"__infected__": true, "__tries__": 1})" : "{}";
}

void Explain(const std::vector<vedette::Diagnostic>& diagnostics) {
  for (const vedette::Diagnostic& d : diagnostics) {
    std::fputs(vedette::FormatDiagnostic(d).c_str(), stderr);
  }
}

int Run(vedette::Executor* executor, const std::string& run, vedette::EventTime now) {
  const vedette::Actor bob = {"bob", {"responder"}, false};
  const vedette::Actor lea = {"lea", {"lead"}, false};
  for (int i = 0; i < 100; ++i) {
    const auto poll = executor->Poll(now);
    if (!poll.ok()) return 1;
    for (const vedette::CommandRequest& request : poll->commands) {
      const std::string results = CarryOut(request);
      if (!executor->Complete(request.key, 200, results, now).ok()) return 1;
    }
    for (const vedette::ApprovalRequest& request : poll->approvals) {
      std::printf("asks for %u approvals: %s\n", request.needed, request.shown.c_str());
      if (!executor->Approve(request.key, request.hash, bob, "seen", now).ok()) return 1;
      if (request.needed < 2) continue;
      if (!executor->Approve(request.key, request.hash, lea, "seen", now).ok()) return 1;
    }
    const auto record = executor->Report(run);
    if (!record.ok()) return 1;
    if (record->outcome != vedette::RunOutcome::kRunning) {
      std::printf("\n%s", vedette::RunToMarkdown(*record).c_str());
      return record->outcome == vedette::RunOutcome::kSuccess ? 0 : 1;
    }
    now += kSecond;
  }
  return 1;
}

}  // namespace

int main() {
  const auto policy =
      vedette::Policy::Load("policy.json", ReadFile("examples/data/response/policy.json"));
  const auto playbook = vedette::Playbook::Load(
      "contain_host.json", ReadFile("examples/data/response/contain_host.json"));
  Explain(policy.diagnostics);
  Explain(playbook.diagnostics);
  if (policy.policy == nullptr || playbook.playbook == nullptr) return 1;

  LinesInMemory lines;
  vedette::AuditLog log({.log_id = "example", .tenant = "example"}, {}, &lines);
  vedette::MemoryStateStore store;  // SqliteStore keeps it over a restart
  auto executor = vedette::Executor::Create(
      {.policy = policy.policy, .authorizer = nullptr, .audit = &log, .store = &store});
  if (!executor.ok() || !(*executor)->AddPlaybook(playbook.playbook).ok()) return 1;

  const vedette::EventTime now = 1'795'773'600 * kSecond;
  vedette::StartOptions options;
  options.playbook = playbook.playbook->id();
  options.incident = "inc-1";
  options.initiator = {"ada", {"tier1"}, false};
  options.variables = {{"__host__", "ws-7"}, {"__attacker__", "198.51.100.7"}};
  const auto run = (*executor)->Start(options, now);
  if (!run.ok() || Run(executor->get(), *run, now) != 0) return 1;

  // A first-tier analyst may not close a critical incident; that is on record, too.
  const vedette::Action close = {"incident.close", "incident", "inc-1", {{"severity", "critical"}}};
  const absl::Status refused =
      vedette::AuthorizeOnRecord(*policy.policy, &log, now, options.initiator, close, "done");
  const vedette::AuditReport report = vedette::VerifyAuditLog(lines.text);
  std::printf("\naudit log: %s, %llu records\n", report.ok ? "good" : report.problem.c_str(),
              static_cast<unsigned long long>(report.records));
  return report.ok && !refused.ok() ? 0 : 1;
}
