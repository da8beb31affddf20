// A host of the alert library, against the installed package: the stage behind a processor, asked
// for what no detection has given yet, and saved and taken up again.
#include <cstdio>
#include <memory>
#include <string>

#include "vedette/alert/triage.h"

int main() {
  vedette::TriageOptions options;
  vedette::TriageSink nobody;
  // How a closed alert goes on must be said.
  if (vedette::Triage::Create(options, &nobody).ok()) return 1;
  options.pipeline.policy.on_close = vedette::AlertPolicy::OnClose::kRestart;
  auto triage = vedette::Triage::Create(options, &nobody);
  if (!triage.ok()) return 1;
  vedette::IncidentChange change;
  change.actor.id = "ann";
  change.now = 1'795'600'800 * vedette::kNsPerSecond;
  const auto opened =
      (*triage)->incidents().Open("acme", "Lost laptop", vedette::IncidentOrigin::kManual, 2,
                                  {{vedette::EntityType::kDevice, "ws7"}}, change);
  if (!opened.ok()) return 1;
  auto again = vedette::Triage::Create(options, &nobody);
  if (!again.ok() || !(*again)->Restore((*triage)->Snapshot()).ok()) return 1;
  const vedette::Incident* const incident = (*again)->incidents().Find(*opened);
  if (incident == nullptr || incident->title != "Lost laptop") return 1;
  std::printf("%s\n", vedette::IncidentToJson(*incident).c_str());
  return 0;
}
