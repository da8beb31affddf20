#include "vedette/alert/triage.h"

#include <utility>

#include "lib/alert/archive.h"

namespace vedette::inline v0 {

struct Triage::Impl : public AlertSink {
  absl::Status OnAlert(const Alert& alert) override {
    if (absl::Status s = sink->OnAlert(alert); !s.ok()) return s;
    const absl::StatusOr<Id128> incident = incidents->Add(alert);
    if (!incident.ok()) return incident.status();
    for (const RiskNotice& notice : risk->Add(alert)) {
      if (absl::Status s = sink->OnRisk(notice); !s.ok()) return s;
      const absl::StatusOr<Id128> raised = incidents->AddRisk(notice);
      if (!raised.ok()) return raised.status();
    }
    return absl::OkStatus();
  }
  absl::Status OnFold(const FoldUpdate& fold) override {
    incidents->NoteFold(fold.alert, fold.count, fold.last_seen);
    return sink->OnFold(fold);
  }
  absl::Status OnHeld(const HeldAlert& held) override { return sink->OnHeld(held); }
  absl::Status OnLate(const Alert& alert) override { return sink->OnLate(alert); }
  absl::Status OnBudget(const BudgetNotice& notice) override { return sink->OnBudget(notice); }

  TriageSink* sink = nullptr;
  std::unique_ptr<VerdictBook> verdicts;
  std::unique_ptr<RiskBook> risk;
  std::unique_ptr<IncidentBook> incidents;
  std::unique_ptr<AlertPipeline> pipeline;
};

absl::StatusOr<std::unique_ptr<Triage>> Triage::Create(TriageOptions options, TriageSink* sink) {
  if (sink == nullptr) return absl::InvalidArgumentError("there is no sink");
  auto impl = std::make_unique<Impl>();
  impl->sink = sink;
  impl->verdicts = std::make_unique<VerdictBook>(options.max_judged_alerts);
  options.pipeline.authorizer = options.incidents.authorizer = options.authorizer;
  options.pipeline.audit = options.incidents.audit = options.audit;
  options.pipeline.verdicts = options.risk.verdicts = impl->verdicts.get();
  options.incidents.verdicts = impl->verdicts.get();
  options.incidents.close_alert = [raw = impl.get()](const Id128& alert) {
    raw->pipeline->CloseAlert(alert);
  };
  auto risk = RiskBook::Create(std::move(options.risk));
  if (!risk.ok()) return risk.status();
  impl->risk = *std::move(risk);
  auto incidents = IncidentBook::Create(std::move(options.incidents), sink);
  if (!incidents.ok()) return incidents.status();
  impl->incidents = *std::move(incidents);
  auto pipeline = AlertPipeline::Create(std::move(options.pipeline), impl.get());
  if (!pipeline.ok()) return pipeline.status();
  impl->pipeline = *std::move(pipeline);
  return std::unique_ptr<Triage>(new Triage(std::move(impl)));
}

Triage::Triage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Triage::~Triage() = default;

void Triage::SetEvent(const EventContext& context) { impl_->pipeline->SetEvent(context); }
absl::Status Triage::OnDetection(const Detection& detection) {
  return impl_->pipeline->OnDetection(detection);
}
absl::Status Triage::AdvanceWatermark(EventTime watermark) {
  return impl_->pipeline->AdvanceWatermark(watermark);
}
absl::Status Triage::Flush() { return impl_->pipeline->Flush(); }
absl::StatusOr<std::vector<SlaBreach>> Triage::AdvanceTime(EventTime now) {
  return impl_->incidents->AdvanceTime(now);
}

AlertPipeline& Triage::alerts() { return *impl_->pipeline; }
RiskBook& Triage::risk() { return *impl_->risk; }
IncidentBook& Triage::incidents() { return *impl_->incidents; }
VerdictBook& Triage::verdicts() { return *impl_->verdicts; }
const AlertPipeline& Triage::alerts() const { return *impl_->pipeline; }
const RiskBook& Triage::risk() const { return *impl_->risk; }
const IncidentBook& Triage::incidents() const { return *impl_->incidents; }
const VerdictBook& Triage::verdicts() const { return *impl_->verdicts; }

std::string Triage::Snapshot() const {
  std::string body;
  Saver out(&body);
  out.Text(impl_->verdicts->Snapshot());
  out.Text(impl_->risk->Snapshot());
  out.Text(impl_->incidents->Snapshot());
  out.Text(impl_->pipeline->Snapshot());
  return SealState('T', body);
}

absl::Status Triage::Restore(std::string_view snapshot) {
  const auto body = OpenState('T', snapshot);
  if (!body.ok()) return body.status();
  Loader in(*body);
  const std::string_view verdicts = in.Text();
  const std::string_view risk = in.Text();
  const std::string_view incidents = in.Text();
  const std::string_view pipeline = in.Text();
  if (absl::Status s = EndOf(in); !s.ok()) return s;
  // Each part is left as it was if it is refused; those before it go back then.
  const std::string old_verdicts = impl_->verdicts->Snapshot();
  const std::string old_risk = impl_->risk->Snapshot();
  const std::string old_incidents = impl_->incidents->Snapshot();
  absl::Status status = impl_->verdicts->Restore(verdicts);
  if (status.ok()) status = impl_->risk->Restore(risk);
  if (status.ok()) status = impl_->incidents->Restore(incidents);
  if (status.ok()) status = impl_->pipeline->Restore(pipeline);
  if (status.ok()) return status;
  if (!impl_->verdicts->Restore(old_verdicts).ok() || !impl_->risk->Restore(old_risk).ok() ||
      !impl_->incidents->Restore(old_incidents).ok()) {
    return absl::InternalError("the state from before the restart could not be put back");
  }
  return status;
}

}  // namespace vedette::inline v0
