// From events to an incident: alerts that fold, risk, a verdict, and a restart in between.
#include "vedette/alert/triage.h"

#include <cstdio>
#include <memory>
#include <string>

#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

constexpr char kRules[] = R"(
title: Shell from Office
id: 4f5b5a7e-3f2c-4d8e-9a39-0c1d7a1b0001
status: stable
level: high
tags: [attack.execution, attack.t1059]
triage: |
  - Which document was open?
  - Did the shell start anything else?
logsource: {product: windows, category: process_creation}
detection:
  s: {Image|endswith: '\cmd.exe', ParentImage|endswith: '\winword.exe'}
  condition: s
---
title: Dump of LSASS by comsvcs
id: 4f5b5a7e-3f2c-4d8e-9a39-0c1d7a1b0002
status: stable
level: critical
tags: [attack.credential-access, attack.t1003.001]
logsource: {product: windows, category: process_creation}
detection:
  s: {CommandLine|contains: 'comsvcs.dll, MiniDump'}
  condition: s
)";

struct Desk : vedette::TriageSink {
  absl::Status OnAlert(const vedette::Alert& alert) override {
    std::puts(vedette::AlertToJson(alert).c_str());
    ++alerts;
    return absl::OkStatus();
  }
  absl::Status OnFold(const vedette::FoldUpdate& fold) override {
    std::printf("folded, %llu by now\n", static_cast<unsigned long long>(fold.count));
    return absl::OkStatus();
  }
  absl::Status OnRisk(const vedette::RiskNotice& n) override {
    std::printf("%s has a risk of %s\n", n.entity.value.c_str(), n.score.ToText().c_str());
    return absl::OkStatus();
  }
  int alerts = 0;
};

// The processor's sink: hands on to the triage of the moment.
struct Relay : vedette::DetectionSink {
  absl::Status OnDetection(const vedette::Detection& d) override { return triage->OnDetection(d); }
  absl::Status Flush() override { return triage->Flush(); }
  std::unique_ptr<vedette::Triage> triage;
};

std::unique_ptr<vedette::Triage> NewTriage(Desk* desk) {
  vedette::TriageOptions options;
  options.pipeline.policy.on_close = vedette::AlertPolicy::OnClose::kRestart;
  auto table = vedette::EntityTable::Build({{{vedette::EntityType::kDevice, "WS7"},
                                             "",
                                             vedette::Criticality::kHigh,
                                             {"data:payroll"},
                                             ""}});
  if (!table.ok()) return nullptr;
  options.pipeline.entities = *table;
  auto triage = vedette::Triage::Create(options, desk);
  return triage.ok() ? *std::move(triage) : nullptr;
}

std::string EventText(int second, const std::string& more) {
  return R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"UtcTime":"2026-11-25 10:00:)" +
         std::to_string(10 + second) + R"(.000","Computer":"WS7","User":"CORP\\al",)" + more + "}";
}

int main() {
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::SigmaFrontend());
  vedette::RuleSet rules;
  rules.Add("rules.yml", kRules);
  const auto built = compiler.Compile(rules);
  if (!built.ok()) return 1;
  Desk desk;
  Relay relay;
  relay.triage = NewTriage(&desk);
  if (relay.triage == nullptr) return 1;
  vedette::Engine engine(built->program);
  const auto processor = engine.NewProcessor(&relay);
  vedette::JsonParser parser;
  vedette::Event event;
  const std::string shell = R"("ProcessGuid":"{A-1}","Image":"C:\\Windows\\System32\\cmd.exe",)"
                            R"("ParentImage":"C:\\Office\\WINWORD.EXE","CommandLine":"cmd")";
  const std::string dump =
      R"("ProcessGuid":"{A-2}","ParentProcessGuid":"{A-1}","Image":"C:\\Windows\\System32\\rundll32.exe",)"
      R"("ParentImage":"C:\\Windows\\System32\\cmd.exe",)"
      R"("CommandLine":"rundll32 C:\\Windows\\System32\\comsvcs.dll, MiniDump 640 x full")";
  int second = 0;
  for (const std::string& what : {shell, shell, dump}) {
    const std::string text = EventText(++second, what);
    if (!parser.Parse(text, &event).ok()) return 1;
    const vedette::EventView view = event.view();
    vedette::EventContext context;
    context.event = &view;
    context.raw = text;
    context.tenant = "acme";
    context.now = view.time();  // a host gives its clock
    relay.triage->SetEvent(context);
    if (!processor->Process(view).ok()) return 1;
    // Kept for a restart: the state goes on from here in a new object.
    const std::string state = relay.triage->Snapshot();
    relay.triage = NewTriage(&desk);
    if (!relay.triage->Restore(state).ok()) return 1;
  }
  vedette::IncidentBook& incidents = relay.triage->incidents();
  const auto open = incidents.List({});
  if (open.size() != 1 || open[0]->alerts.size() != 2 || open[0]->priority != 1) return 1;
  vedette::IncidentChange change;
  change.actor.id = "ann";
  change.reason = "dump of credentials, host taken off the network";
  change.now = event.time() + 600 * vedette::kNsPerSecond;
  change.version = open[0]->version;
  const vedette::Id128 id = open[0]->id;
  if (!incidents.Resolve(id, vedette::Verdict::kTruePositive, {}, change).ok()) return 1;
  std::puts(vedette::IncidentToJson(*incidents.Find(id)).c_str());
  // Somebody else has seen the version before: refused.
  if (incidents.Close(id, vedette::Verdict::kNone, {}, change).ok()) return 1;
  return desk.alerts == 2 ? 0 : 1;
}
