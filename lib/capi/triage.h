// What stands behind vedette_triage.
#ifndef VEDETTE_LIB_CAPI_TRIAGE_H_
#define VEDETTE_LIB_CAPI_TRIAGE_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/capi/adapter.h"
#include "lib/capi/handles.h"
#include "vedette/alert/triage.h"
#include "vedette/c/lifecycle.h"

namespace vedette::inline v0::capi {

// The host's callbacks as a TriageSink. A callback that says stop is remembered, not obeyed at
// once: else the alert would be in no incident.
class TriageCallbacks final : public TriageSink {
 public:
  explicit TriageCallbacks(const vedette_triage_options& options) : callbacks_(options) {}

  absl::Status OnAlert(const Alert& alert) override;
  absl::Status OnFold(const FoldUpdate& fold) override;
  absl::Status OnHeld(const HeldAlert& held) override;
  absl::Status OnRisk(const RiskNotice& notice) override;
  absl::Status OnIncident(const IncidentNotice& notice) override;
  void OnBreach(const SlaBreach& breach);

  // Whether a callback has said stop since the last time this was asked.
  bool TakeStopped() { return std::exchange(stopped_, false); }

 private:
  // Calls `callback`, if there is one.
  template <typename Callback, typename Argument>
  absl::Status Call(Callback callback, const Argument& argument) {
    if (callback != nullptr && callback(&argument, callbacks_.user) != 0) stopped_ = true;
    return absl::OkStatus();
  }

  const vedette_triage_options callbacks_;  // its pointers other than the callbacks are not used
  bool stopped_ = false;
};

// Shared by a handle and the processors that feed it. Used under a Claim only.
struct TriageState {
  explicit TriageState(const vedette_triage_options& options)
      : tenant(Text(options.tenant)), callbacks(options) {}

  // Detections that come until the next call are of this event; null: of none that is known.
  void SetEvent(const EventView* event, const vedette_event_info* info, std::string_view raw);
  // What a watermark of the host is to the pipeline: at the end of time nothing waits, but an event
  // that comes all the same is not late.
  absl::Status AdvanceWatermark(EventTime watermark) {
    return watermark == VEDETTE_END_OF_TIME ? triage->Flush() : triage->AdvanceWatermark(watermark);
  }
  // `status`, or Cancelled if it is ok and a callback has said stop.
  absl::Status UnlessStopped(absl::Status status);
  // The pipeline remembers adapters by their address.
  void KeepAdapter(const std::shared_ptr<const CallbackAdapter>& adapter);

  const std::string tenant;
  TriageCallbacks callbacks;
  std::unique_ptr<Triage> triage;
  std::vector<std::shared_ptr<const CallbackAdapter>> adapters;
  std::atomic<bool> busy{false};
};

// The event of one call; what it borrows is forgotten with the call.
class EventOfCall {
 public:
  // `state` may be null.
  EventOfCall(TriageState* state, const EventView* event, const vedette_event_info* info,
              std::string_view raw)
      : state_(state) {
    if (state_ != nullptr) state_->SetEvent(event, info, raw);
  }
  ~EventOfCall() {
    if (state_ != nullptr) state_->SetEvent(nullptr, nullptr, {});
  }
  EventOfCall(const EventOfCall&) = delete;
  EventOfCall& operator=(const EventOfCall&) = delete;

 private:
  TriageState* state_;
};

// Runs `function` on a triage that no other call has.
template <typename Function>
Outcome Claimed(TriageState* state, Function function) {
  const Claim claim(state);
  if (!claim.ok()) {
    return {VEDETTE_BUSY, "the triage is in another call: of a callback's, or of a thread's"};
  }
  state->callbacks.TakeStopped();  // of a call that ended otherwise
  return function();
}

}  // namespace vedette::inline v0::capi

struct vedette_triage {
  std::shared_ptr<vedette::capi::TriageState> state;
};

namespace vedette::inline v0::capi {

// The same for a function of the C interface; `function` gets the state.
template <typename Function>
vedette_status With(vedette_triage* triage, vedette_error** error, Function function) {
  return Guard(error, [&]() -> Outcome {
    if (triage == nullptr) return NullPointer("triage");
    const std::shared_ptr<TriageState> state = triage->state;  // a callback may free the handle
    return Claimed(state.get(), [&] { return function(state.get()); });
  });
}

}  // namespace vedette::inline v0::capi

#endif  // VEDETTE_LIB_CAPI_TRIAGE_H_
