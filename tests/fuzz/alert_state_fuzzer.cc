// Hostile snapshots of pipelines, risk, verdicts and incidents: refused, or a state that goes on
// and is written as it was read. The first byte chooses which; the rest is the contents behind the
// header, whose checksum is made to fit.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/alert/archive.h"
#include "vedette/alert/triage.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"

namespace {

using namespace vedette;

constexpr int64_t kSecond = kNsPerSecond;
constexpr int64_t kHour = 3600 * kSecond;
constexpr EventTime kStart = 1'795'600'800 * kSecond;  // around the times of the seeds

class NoAlerts : public AlertSink {
 public:
  absl::Status OnAlert(const Alert& a) override {
    return AlertToJson(a).empty() ? absl::InternalError("an alert says nothing") : absl::OkStatus();
  }
};

class NoIncidents : public IncidentSink {
 public:
  absl::Status OnIncident(const IncidentNotice&) override { return absl::OkStatus(); }
};

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

const std::shared_ptr<const Program>& TheProgram() {
  static const auto* const program = [] {
    Compiler compiler;
    compiler.AddFrontend(SigmaFrontend());
    RuleSet rules;
    for (const char* const level : {"low", "medium", "high", "critical"}) {
      rules.Add(level, std::string("title: T\nid: rule-") + level + "\nlevel: " + level +
                           "\nlogsource: {product: windows}\n"
                           "detection: {s: {r: 1}, condition: s}\n");
    }
    return new std::shared_ptr<const Program>(compiler.Compile(rules)->program);
  }();
  return *program;
}

Alert AlertNumber(int i) {
  static const auto* const rule = new std::shared_ptr<const AlertRule>(
      std::make_shared<AlertRule>(AlertRuleOf(*TheProgram(), 2, false)));
  Alert a;
  a.rule = *rule;
  a.id = MakeId("fuzz" + std::to_string(i));
  a.fingerprint = MakeId(std::to_string(i % 7));
  a.tenant = "t1";
  a.severity = static_cast<Level>(1 + i % 5);
  a.event_time = a.last_event_time = kStart + i * 600 * kSecond;
  a.alert_time = a.ingest_time = a.event_time + kSecond;
  const auto add = [&a](EntityType type, std::string value, JoinStrength strength) {
    AlertEntity e;
    e.entity = {type, std::move(value)};
    e.strength = strength;
    a.entities.push_back(std::move(e));
  };
  add(EntityType::kDevice, "host" + std::to_string(i % 5), JoinStrength::kMedium);
  if (i % 3 == 0) add(EntityType::kProcess, std::to_string(i % 9), JoinStrength::kStrong);
  if (i % 4 == 0) add(EntityType::kUser, "u" + std::to_string(i % 2), JoinStrength::kMedium);
  return a;
}

// Alerts and changes after the restart.
void GoOn(IncidentBook* book) {
  for (int n = 0; n < 30; ++n) {
    const Alert alert = AlertNumber(n);
    Require(book->Add(alert).ok());
    Require(book->AdvanceTime(alert.alert_time).ok());
    for (const Incident* i : book->List({})) {
      Require(!IncidentToJson(*i, true).empty());
      const IncidentChange by{{"a", {}, false}, "r", alert.alert_time, kAnyVersion};
      if (i->alerts.size() > 1) {
        book->Unlink(i->id, {i->alerts[0].id}, by).IgnoreError();
        break;
      }
      book->Resolve(i->id, Verdict::kBenign, {}, by).IgnoreError();
      book->Close(i->id, Verdict::kNone, {}, by).IgnoreError();
      break;
    }
  }
  book->Metrics(INT64_MIN, INT64_MAX, 0);
}

void TryIncidents(std::string_view snapshot) {
  NoIncidents sink;
  IncidentOptions options;
  options.max_alerts = 8;
  options.max_state_bytes = 50'000;
  auto book = IncidentBook::Create(options, &sink);
  const absl::Status restored = (*book)->Restore(snapshot);
  if (restored.ok()) {
    const std::string first = (*book)->Snapshot();
    Require((*book)->Restore(first).ok());
    Require((*book)->Snapshot() == first);
  }
  GoOn(book->get());
  const std::string later = (*book)->Snapshot();
  Require((*book)->Restore(later).ok());
  Require((*book)->Snapshot() == later);
}

void TryPipeline(std::string_view snapshot) {
  NoAlerts sink;
  PipelineOptions options;
  options.policy.on_close = AlertPolicy::OnClose::kRestart;
  options.reorder_ns = 60 * kSecond;
  options.max_state_bytes = 20'000;
  auto pipeline = AlertPipeline::Create(options, &sink);
  if ((*pipeline)->Restore(snapshot).ok()) {
    const std::string first = (*pipeline)->Snapshot();
    Require((*pipeline)->Restore(first).ok());
    Require((*pipeline)->Snapshot() == first);
  }
  Detection d;
  d.program = TheProgram();
  for (int i = 0; i < 40; ++i) {
    d.rule = static_cast<uint32_t>(i) % 4;
    d.time = kStart + i * 20 * kSecond;
    d.matched = {{"Computer", i % 3 == 0 ? "h1" : "h2", "t", "s", {}}};
    Require((*pipeline)->OnDetection(d).ok());
  }
  const std::string later = (*pipeline)->Snapshot();
  Require((*pipeline)->Restore(later).ok());
  Require((*pipeline)->Snapshot() == later);
  Require((*pipeline)->Flush().ok());
}

void TryRisk(std::string_view snapshot) {
  auto book = RiskBook::Create({});
  if ((*book)->Restore(snapshot).ok()) {
    const std::string first = (*book)->Snapshot();
    Require((*book)->Restore(first).ok());
    Require((*book)->Snapshot() == first);
  }
  for (int i = 0; i < 20; ++i) {
    RiskEvent e;
    e.tenant = "t1";
    e.entity = {EntityType::kDevice, i % 2 == 0 ? "h" : "g"};
    e.rule_id = i % 3 == 0 ? "A" : "B";
    e.time = kStart + i * kHour;
    e.weight = RiskScore::Points(40);
    (*book)->Add(e);
  }
  (*book)->Top(3, kStart);
}

void TryVerdicts(std::string_view snapshot) {
  VerdictBook book(8);
  if (book.Restore(snapshot).ok()) {
    const std::string first = book.Snapshot();
    Require(book.Restore(first).ok());
    Require(book.Snapshot() == first);
  }
  for (int i = 0; i < 20; ++i) {
    book.Record({MakeId(std::to_string(i % 12)), MakeId("f"), "r", "a",
                 i % 2 == 0 ? Verdict::kTruePositive : Verdict::kBenign, i});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view body = bytes.substr(1);
  switch (bytes[0]) {
    case 'I':
      TryIncidents(SealState('I', body));
      break;
    case 'P':
      TryPipeline(SealState('P', body));
      break;
    case 'R':
      TryRisk(SealState('R', body));
      break;
    case 'V':
      TryVerdicts(SealState('V', body));
      break;
    default:
      TryIncidents(bytes);
      TryPipeline(bytes);
  }
  return 0;
}
