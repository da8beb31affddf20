// All of it together: detections in, alerts, risk and incidents out, one state to save.
#ifndef VEDETTE_ALERT_TRIAGE_H_
#define VEDETTE_ALERT_TRIAGE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/alert/hooks.h"
#include "vedette/alert/incidents.h"
#include "vedette/alert/pipeline.h"
#include "vedette/alert/risk.h"
#include "vedette/alert/verdicts.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

struct TriageOptions {
  PipelineOptions pipeline;  // `policy.on_close` must be set
  RiskOptions risk;
  IncidentOptions incidents;
  size_t max_judged_alerts = 100'000;
  // Of all parts; those of the parts are overwritten by it. May be null; must outlive the triage.
  const Authorizer* authorizer = nullptr;
  AuditSink* audit = nullptr;
};

// Receives everything; by default nothing of it is looked at.
class TriageSink : public AlertSink, public IncidentSink {
 public:
  absl::Status OnAlert(const Alert& /*alert*/) override { return absl::OkStatus(); }
  virtual absl::Status OnRisk(const RiskNotice& /*notice*/) { return absl::OkStatus(); }
  absl::Status OnIncident(const IncidentNotice& /*notice*/) override { return absl::OkStatus(); }
};

// A pipeline whose alerts go into a risk book and an incident book, and whose folds end when
// incidents are resolved. Give it as the processor's sink. Thread-compatible; reads no clock.
class Triage : public DetectionSink {
 public:
  static absl::StatusOr<std::unique_ptr<Triage>> Create(TriageOptions options, TriageSink* sink);
  ~Triage() override;

  void SetEvent(const EventContext& context);
  absl::Status OnDetection(const Detection& detection) override;
  absl::Status AdvanceWatermark(EventTime watermark);
  absl::Status Flush() override;
  // Notices that are due go to the sink; promises that were not kept are returned, once.
  absl::StatusOr<std::vector<SlaBreach>> AdvanceTime(EventTime now);

  // The parts. Do not Restore them one by one: they belong together.
  AlertPipeline& alerts();
  RiskBook& risk();
  IncidentBook& incidents();
  VerdictBook& verdicts();
  const AlertPipeline& alerts() const;
  const RiskBook& risk() const;
  const IncidentBook& incidents() const;
  const VerdictBook& verdicts() const;

  // The whole state between two calls; see docs/alerts.md, "Restarts". Restore: DataLoss,
  // Unimplemented for another form; the state is as before then.
  std::string Snapshot() const;
  absl::Status Restore(std::string_view snapshot);

 private:
  struct Impl;
  explicit Triage(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_TRIAGE_H_
