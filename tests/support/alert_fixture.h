// Rules, events and a pipeline for tests of alerts.
#ifndef VEDETTE_TESTS_SUPPORT_ALERT_FIXTURE_H_
#define VEDETTE_TESTS_SUPPORT_ALERT_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/alert/hooks.h"
#include "vedette/alert/pipeline.h"
#include "vedette/engine.h"
#include "vedette/json.h"

namespace vedette::testing {

inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kMinute = 60 * kSecond;
inline constexpr int64_t kHour = 60 * kMinute;
inline constexpr int64_t kDay = 24 * kHour;
// 2026-11-25T10:00:00Z
inline constexpr EventTime kAlertEpoch = 1'795'600'800 * kSecond;

// Rules named "low", "medium", "high", "critical" (tactics execution, execution, credential-access,
// impact), which hold if the event's field `r` lists their name, and "burst": three of "low" of
// one Computer within a minute.
std::shared_ptr<const Program> AlertProgram(std::vector<std::string> evidence_fields = {});

// One Sysmon-like event: `more` are further JSON members, with a comma before each.
std::string AlertEvent(std::string_view rules, std::string_view host, std::string_view user,
                       std::string_view more = {});

// Says yes to everything but action names that are listed; remembers what was put on record.
class ScriptedPolicy : public Authorizer, public AuditSink {
 public:
  Authorization Authorize(const Actor& actor, const Action& action) const override;
  absl::Status Append(const AuditEntry& entry) override;

  std::vector<std::string> denied;
  absl::Status fails = absl::OkStatus();  // what Append gives
  std::vector<AuditEntry> log;
};

// Collects what comes out of a pipeline.
class AlertList : public AlertSink {
 public:
  absl::Status OnAlert(const Alert& alert) override;
  absl::Status OnFold(const FoldUpdate& fold) override;
  absl::Status OnHeld(const HeldAlert& alert) override;
  absl::Status OnLate(const Alert& alert) override;
  absl::Status OnBudget(const BudgetNotice& notice) override;

  std::vector<Alert> alerts;
  std::vector<FoldUpdate> folds;
  std::vector<HeldAlert> held;
  std::vector<Alert> late;
  std::vector<BudgetNotice> budgets;
};

// Options with `on_close: restart`.
PipelineOptions RestartOptions();

// Events through rules into a pipeline; everything must be taken.
class AlertRunner {
 public:
  explicit AlertRunner(PipelineOptions options = RestartOptions(),
                       std::shared_ptr<const Program> program = AlertProgram());
  // An event at kAlertEpoch + `at_ns`, with the clock at the same time. `line` is its place in the
  // stream; 0: the next.
  void Add(std::string_view json, int64_t at_ns, uint64_t line = 0);
  void Flush();
  // raw = emitted + folded + suppressed + inhibited + late + waiting, and the sink has seen them.
  void ExpectNothingLost() const;
  // A snapshot, and a new pipeline of the same options that goes on with it.
  void Restart();

  AlertPipeline& pipeline() { return *pipeline_; }
  AlertList out;

 private:
  PipelineOptions options_;
  std::unique_ptr<AlertPipeline> pipeline_;
  std::unique_ptr<DetectionSink> relay_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Processor> processor_;
  JsonParser parser_;
  uint64_t line_ = 0;
};

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_ALERT_FIXTURE_H_
