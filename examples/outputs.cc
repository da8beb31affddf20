// What other systems and people get: OCSF, ECS, coverage layers, a scorecard, health.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "vedette/alert/coverage.h"
#include "vedette/alert/export.h"
#include "vedette/alert/health.h"
#include "vedette/alert/pipeline.h"
#include "vedette/alert/scorecard.h"
#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

constexpr char kRules[] = R"(
title: Shell from Office
id: 4f5b5a7e-3f2c-4d8e-9a39-0c1d7a1b0001
status: stable
level: high
tags: [attack.execution, attack.t1059.003]
logsource: {product: windows, category: process_creation}
detection:
  s: {Image|endswith: '\cmd.exe', ParentImage|endswith: '\winword.exe'}
  condition: s
---
title: Name of a miner
id: 4f5b5a7e-3f2c-4d8e-9a39-0c1d7a1b0003
level: medium
tags: [attack.impact, attack.t1496]
logsource: {product: windows, category: dns_query}
detection:
  s: {QueryName|endswith: '.pool.example'}
  condition: s
)";

struct Desk : vedette::AlertSink {
  absl::Status OnAlert(const vedette::Alert& alert) override {
    std::puts(vedette::AlertToOcsfJson(alert).c_str());
    std::puts(vedette::AlertToEcsJson(alert).c_str());
    scores.OnAlert(alert);
    rule_id = alert.rule->id;
    return absl::OkStatus();
  }
  absl::Status OnFold(const vedette::FoldUpdate& fold) override {
    scores.OnFold(fold);
    return absl::OkStatus();
  }
  vedette::ScorecardCounter scores;
  std::string rule_id;  // of the last alert
};

int main() {
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::SigmaFrontend());
  vedette::RuleSet rules;
  rules.Add("rules.yml", kRules);
  const auto built = compiler.Compile(rules);
  if (!built.ok()) return 1;
  Desk desk;
  vedette::PipelineOptions options;
  options.policy.on_close = vedette::AlertPolicy::OnClose::kRestart;
  const auto pipeline = vedette::AlertPipeline::Create(options, &desk);
  if (!pipeline.ok()) return 1;
  vedette::Engine engine(built->program);
  const auto processor = engine.NewProcessor(pipeline->get());
  vedette::Evaluator evaluator(built->program);
  vedette::HealthMonitor health(built->program);
  vedette::CoverageInput coverage;
  vedette::JsonParser parser;
  vedette::Event event;
  for (int second = 10; second < 13; ++second) {
    const std::string text =
        R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,)"
        R"("UtcTime":"2026-11-25 10:00:)" +
        std::to_string(second) +
        R"(.000","Computer":"WS7","User":"CORP\\al","ProcessGuid":"{A-1}",)"
        R"("Image":"C:\\Windows\\System32\\cmd.exe","ParentImage":"C:\\Office\\WINWORD.EXE"})";
    if (!parser.Parse(text, &event).ok()) return 1;
    event.set_ref("sysmon", static_cast<uint64_t>(second));
    const vedette::EventView view = event.view();
    vedette::EventContext context;
    context.event = &view;
    context.raw = text;
    (*pipeline)->SetEvent(context);
    if (!processor->Process(view).ok()) return 1;
    coverage.seen = evaluator.LogSourcesOf(view);
    health.Observe(view, coverage.seen);
  }
  coverage.fired_live = {{desk.rule_id, 3}};
  std::puts(vedette::CoverageToJson(vedette::MeasureCoverage(*built->program, coverage)).c_str());
  const vedette::Scorecard card =
      desk.scores.Report(built->program.get(), nullptr, event.time(), event.time());
  std::puts(vedette::ScorecardToMarkdown(card).c_str());
  const std::vector<vedette::BlindRule> blind = health.BlindRules();
  std::puts(vedette::BlindRulesToJson(blind).c_str());
  // One alert and two more folded into it; nobody sends names that were asked for.
  return card.rules.at(0).raw == 3 && card.rules.at(0).emitted == 1 && blind.size() == 1 ? 0 : 1;
}
