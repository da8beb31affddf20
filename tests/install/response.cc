// A host of the response library, against the installed package: an audit log, a policy and a
// store in SQLite.
#include <cstdio>

#include "vedette/response/audit.h"
#include "vedette/response/executor.h"
#include "vedette/response/sqlite_store.h"

struct Lines : vedette::AuditWriter {
  absl::Status Write(std::string_view line) override {
    text.append(line);
    return absl::OkStatus();
  }
  std::string text;
};

int main() {
  Lines lines;
  vedette::AuditLog log({}, {}, &lines);
  const auto policy =
      vedette::Policy::Load("p", R"({"format": "vedette-policy-1", "version": "1"})");
  auto store = vedette::SqliteStore::Open(":memory:");
  if (!store.ok() || policy.policy == nullptr) return 1;
  const auto executor = vedette::Executor::Create({policy.policy, nullptr, &log, store->get()});
  if (!executor.ok() || !(*executor)->Poll(1).ok()) return 1;
  const vedette::Actor actor = {"a", {}, false};
  if ((*executor)->SetKillSwitch(true, actor, "", 1).ok()) return 1;  // no role may
  const vedette::AuditReport report = vedette::VerifyAuditLog(lines.text);
  std::printf("%llu records\n", static_cast<unsigned long long>(report.records));
  return report.ok && report.records == 2 ? 0 : 1;
}
