// Hostile policies. One that loads comes to an answer about every actor and command, the same
// twice.
#include <cstddef>
#include <cstdint>
#include <string>

#include "vedette/response/policy.h"

namespace {

using namespace vedette;

void Ask(const Policy& policy, const std::string& word) {
  const Actor actor = {word, {"tier1", "lead", word}, word.size() % 2 == 1};
  const Action action = {"incident.close", "incident", word, {{"severity", word}}};
  const Authorization once = policy.Authorize(actor, action);
  if (once.allowed != policy.Authorize(actor, action).allowed) __builtin_trap();
  for (const CommandRule& rule : policy.bundle().commands) {
    const CommandVerdict verdict = policy.CheckCommand(rule.action, {rule.target, {word, "ws-1"}});
    if (verdict.allowed != (verdict.rule != nullptr)) __builtin_trap();
    if (!verdict.allowed && verdict.reason.empty()) __builtin_trap();
  }
  policy.Criticality("device", word);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Policy::Loaded loaded = Policy::Load("fuzz", text);
  size_t errors = 0;
  for (const Diagnostic& d : loaded.diagnostics) {
    if (d.severity == Severity::kError) ++errors;
    if (!d.code.starts_with("POL") || FormatDiagnostic(d).empty()) __builtin_trap();
  }
  if ((loaded.policy == nullptr) != (errors > 0)) __builtin_trap();
  if (loaded.policy == nullptr) return 0;
  Ask(*loaded.policy, "dc-1");
  Ask(*loaded.policy, "10.0.0.0/8");
  Ask(*loaded.policy, text.substr(0, 40));
  return 0;
}
