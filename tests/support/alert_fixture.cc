#include "tests/support/alert_fixture.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"

namespace vedette::testing {
namespace {

constexpr char kRules[] = R"(
title: Low thing
name: low
id: rule-low
status: test
level: low
author: Ada
license: Apache-2.0
tags: [attack.execution, attack.t1059.001]
falsepositives: [Administrators]
references: ['https://example.org/low']
triage: |
  - Look at the parent.
  - Ask the user.
playbook: pb-low
logsource: {product: windows}
detection: {s: {r: low}, condition: s}
---
title: Medium thing
name: medium
id: rule-medium
status: stable
level: medium
tags: [attack.execution]
logsource: {product: windows}
detection: {s: {r: medium}, condition: s}
---
title: High thing
name: high
id: rule-high
level: high
tags: [attack.credential_access, attack.t1003]
logsource: {product: windows}
detection: {s: {r: high}, condition: s}
---
title: Critical thing
name: critical
id: rule-critical
level: critical
tags: [attack.impact]
logsource: {product: windows}
detection: {s: {r: critical}, condition: s}
---
title: Burst of low things
name: burst
id: rule-burst
level: high
tags: [attack.discovery]
correlation:
  type: event_count
  rules: [low]
  group-by: [Computer]
  timespan: 1m
  condition: {gte: 3}
  generate: true
)";

// The processor's sink: the pipeline may change behind it.
class Relay : public DetectionSink {
 public:
  explicit Relay(std::unique_ptr<AlertPipeline>* pipeline) : pipeline_(pipeline) {}
  absl::Status OnDetection(const Detection& d) override { return (*pipeline_)->OnDetection(d); }
  absl::Status Flush() override { return (*pipeline_)->Flush(); }

 private:
  std::unique_ptr<AlertPipeline>* pipeline_;
};

}  // namespace

std::shared_ptr<const Program> AlertProgram(std::vector<std::string> evidence_fields) {
  const auto compile = [&evidence_fields] {
    CompilerOptions options;
    options.evidence_fields = std::move(evidence_fields);
    Compiler compiler(options);
    compiler.AddFrontend(SigmaFrontend());
    RuleSet rules;
    rules.Add("alert.yml", kRules);
    auto built = compiler.Compile(rules);
    EXPECT_TRUE(built.ok()) << built.status();
    for (const Diagnostic& d : built->diagnostics) {
      EXPECT_NE(d.severity, Severity::kError) << FormatDiagnostic(d);
    }
    return built->program;
  };
  if (!evidence_fields.empty()) return compile();
  static const auto* const program = new std::shared_ptr<const Program>(compile());
  return *program;
}

std::string AlertEvent(std::string_view rules, std::string_view host, std::string_view user,
                       std::string_view more) {
  std::string out = R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"r":[)";
  size_t begin = 0;
  while (begin <= rules.size()) {
    const size_t end = std::min(rules.find(' ', begin), rules.size());
    if (begin > 0) out += ',';
    out += '"';
    out += rules.substr(begin, end - begin);
    out += '"';
    begin = end + 1;
  }
  out += ']';
  const auto add = [&out](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out.append(",\"").append(name).append("\":\"").append(value).append("\"");
  };
  add("Computer", host);
  add("User", user);
  add("Image", R"(C:\\Tools\\a.exe)");
  return out.append(more).append("}");
}

Authorization ScriptedPolicy::Authorize(const Actor& /*actor*/, const Action& action) const {
  Authorization a;
  a.allowed = std::find(denied.begin(), denied.end(), action.name) == denied.end();
  a.reason = a.allowed ? "all may" : "nobody may";
  a.policy_version = "p1";
  return a;
}

absl::Status ScriptedPolicy::Append(const AuditEntry& entry) {
  log.push_back(entry);
  return fails;
}

absl::Status AlertList::OnAlert(const Alert& alert) {
  alerts.push_back(alert);
  return absl::OkStatus();
}
absl::Status AlertList::OnFold(const FoldUpdate& fold) {
  EXPECT_FALSE(fold.rule_id.empty());
  folds.push_back(fold);
  folds.back().rule_id = {};  // borrowed
  return absl::OkStatus();
}
absl::Status AlertList::OnHeld(const HeldAlert& alert) {
  held.push_back(alert);
  return absl::OkStatus();
}
absl::Status AlertList::OnLate(const Alert& alert) {
  late.push_back(alert);
  return absl::OkStatus();
}
absl::Status AlertList::OnBudget(const BudgetNotice& notice) {
  budgets.push_back(notice);
  return absl::OkStatus();
}

PipelineOptions RestartOptions() {
  PipelineOptions options;
  options.policy.on_close = AlertPolicy::OnClose::kRestart;
  return options;
}

AlertRunner::AlertRunner(PipelineOptions options, std::shared_ptr<const Program> program)
    : options_(std::move(options)) {
  auto made = AlertPipeline::Create(options_, &out);
  EXPECT_TRUE(made.ok()) << made.status();
  pipeline_ = *std::move(made);
  relay_ = std::make_unique<Relay>(&pipeline_);
  engine_ = std::make_unique<Engine>(std::move(program));
  processor_ = engine_->NewProcessor(relay_.get());
}

void AlertRunner::Add(std::string_view json, int64_t at_ns, uint64_t line) {
  Event event;
  ASSERT_TRUE(parser_.Parse(json, &event).ok()) << json;
  EventView view = event.view();
  view.set_time(kAlertEpoch + at_ns);
  view.set_ref({"stream", line > 0 ? line : ++line_});
  EventContext context;
  context.event = &view;
  context.raw = json;
  context.tenant = "t1";
  context.now = kAlertEpoch + at_ns;
  pipeline_->SetEvent(context);
  const absl::Status status = processor_->Process(view);
  ASSERT_TRUE(status.ok()) << status;
}

void AlertRunner::Flush() { ASSERT_TRUE(processor_->Flush().ok()); }

void AlertRunner::ExpectNothingLost() const {
  const PipelineStats s = pipeline_->stats();
  EXPECT_EQ(s.raw, s.emitted + s.folded + s.suppressed + s.inhibited + s.late + s.waiting);
  EXPECT_EQ(s.emitted, out.alerts.size());
  EXPECT_EQ(s.folded, out.folds.size());
  EXPECT_EQ(s.suppressed + s.inhibited, out.held.size());
  EXPECT_EQ(s.late, out.late.size());
}

void AlertRunner::Restart() {
  const std::string snapshot = pipeline_->Snapshot();
  auto made = AlertPipeline::Create(options_, &out);
  ASSERT_TRUE(made.ok()) << made.status();
  const absl::Status restored = (*made)->Restore(snapshot);
  ASSERT_TRUE(restored.ok()) << restored;
  EXPECT_TRUE((*made)->Snapshot() == snapshot);
  pipeline_ = *std::move(made);
}

}  // namespace vedette::testing
