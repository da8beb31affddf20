// From detections to alerts: folding, suppression, inhibition and budgets.
#ifndef VEDETTE_ALERT_PIPELINE_H_
#define VEDETTE_ALERT_PIPELINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/entity.h"
#include "vedette/alert/hooks.h"
#include "vedette/alert/id.h"
#include "vedette/alert/suppression.h"
#include "vedette/detection.h"
#include "vedette/event.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

class VerdictBook;

// How alerts of a rule become one. Value type.
struct AlertPolicy {
  // Fields whose values, with the rule, make the fingerprint. Empty: the group key of a rule over
  // several events, else device, acting user and process.
  std::vector<std::string> key_fields;
  enum class Nulls : uint8_t {
    kNullGroups,  // a missing field is a value like others
    kEachAlone,   // an alert that lacks one is never folded
    kDropKey,     // the others are the key
  } nulls = Nulls::kNullGroups;
  enum class Multi : uint8_t {
    kWholeSet,  // all values together, in whatever order
    kPerValue,  // one alert for each
  } multi = Multi::kWholeSet;
  enum class Window : uint8_t {
    kSliding,       // ends when nothing has come for `window_ns`
    kFixed,         // ends `window_ns` after the first
    kUntilVerdict,  // ends when an analyst has judged
  } window = Window::kSliding;
  int64_t window_ns = 3600 * kNsPerSecond;
  // When the alert is closed, does the next one alert again (kRestart), or is it folded until the
  // window ends (kContinue)? There is no default: people were surprised by both.
  enum class OnClose : uint8_t { kRestart, kContinue };
  std::optional<OnClose> on_close;
  uint32_t samples = 5;  // places of folded events that are kept
  bool groups = true;    // false: each alert is an incident of its own
  // 0 to 100; nothing: the rule's own ("confidence"), else by its status.
  std::optional<uint8_t> confidence;
  std::vector<std::string> triage_steps;  // none: the rule's own
  std::string playbook;                   // empty: the rule's own
};

// At most so many alerts of one rule an hour of event time. Value type.
struct AlertBudget {
  uint64_t per_rule_per_hour = 0;  // 0: no budget
  bool suppress = false;           // else overspending is only reported
  // Alerts from this severity on, and escalations, are never held back.
  Level spare_from = Level::kHigh;
  uint32_t canary = 1000;
};

struct PipelineOptions {
  AlertPolicy policy;                                              // `on_close` must be set
  std::vector<std::pair<std::string, AlertPolicy>> rule_policies;  // by rule id; on_close too
  std::shared_ptr<const EntityTable> entities;                     // null: an empty one
  AlertBudget budget;
  // Holds detections back until others of an earlier time can no longer come, so that their order
  // of arrival does not matter; 0: as they come, at once.
  int64_t reorder_ns = 0;
  // What is older than the newest by more is late.
  int64_t late_after_ns = 300 * kNsPerSecond;
  bool late_to_side = false;  // OnLate instead of treating late ones like others
  // An event so far ahead of the host's clock moves no time.
  int64_t max_future_skew_ns = 3600 * kNsPerSecond;
  size_t max_state_bytes = size_t{200} << 20;  // of folds; idle ones go first, counted
  size_t max_held_kept = 10'000;               // alerts held back that can be looked at
  AlertProvenance provenance;
  // May be null: then everybody may do everything, and nothing is put on record. Must outlive it.
  const Authorizer* authorizer = nullptr;
  AuditSink* audit = nullptr;
  const VerdictBook* verdicts = nullptr;  // for precision and past verdicts; may be null
};

// The event that detections are about to be made of. All is borrowed until the next SetEvent.
struct EventContext {
  const EventView* event = nullptr;  // null: only what the detection itself says is known
  std::string_view raw;              // bytes the event was read from
  std::string_view raw_digest;       // "sha256:..." of them, where custody needs one
  std::string_view tenant;
  EventTime ingest_time = kNoEventTime;
  EventTime now = kNoEventTime;  // by the host's clock; kNoEventTime: the detection's time
};

// An alert that joined one that is out. Borrowed during the call.
struct FoldUpdate {
  Id128 alert;  // that was emitted
  Id128 fingerprint;
  std::string_view rule_id;  // during the call
  uint64_t count = 0;        // alerts it stands for, itself included
  EventTime first_seen = kNoEventTime;
  EventTime last_seen = kNoEventTime;
  const Detection* detection = nullptr;
};

// What is known of an emitted alert and what was folded into it. Value type.
struct FoldInfo {
  Id128 alert;
  Id128 fingerprint;
  std::string rule_id;
  uint64_t count = 0;
  EventTime first_seen = kNoEventTime;
  EventTime last_seen = kNoEventTime;
  Level max_severity = Level::kUnset;
  std::vector<EventPlace> samples;  // the first ones folded
};

// A rule that has used up its budget of the hour; told once an hour.
struct BudgetNotice {
  std::string rule_id;
  EventTime hour = kNoEventTime;  // its beginning
  uint64_t alerts = 0;
};

// Receives what becomes of alerts, on the pipeline's thread; must not call back into it. The first
// status that is not ok is returned by the call that made it.
class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual absl::Status OnAlert(const Alert& alert) = 0;
  virtual absl::Status OnFold(const FoldUpdate& /*fold*/) { return absl::OkStatus(); }
  virtual absl::Status OnHeld(const HeldAlert& /*held*/) { return absl::OkStatus(); }
  virtual absl::Status OnLate(const Alert& /*alert*/) { return absl::OkStatus(); }
  virtual absl::Status OnBudget(const BudgetNotice& /*notice*/) { return absl::OkStatus(); }
};

// raw == emitted + folded + suppressed + inhibited + late + waiting, at any time.
struct PipelineStats {
  uint64_t detections = 0;
  uint64_t raw = 0;      // alerts they gave: kPerValue gives more
  uint64_t emitted = 0;  // escalations and canaries among them
  uint64_t escalations = 0;
  uint64_t canaries = 0;
  uint64_t folded = 0;
  uint64_t suppressed = 0;  // by exception, maintenance or budget
  uint64_t inhibited = 0;
  uint64_t late = 0;        // to the side
  uint64_t waiting = 0;     // for `reorder_ns` now
  uint64_t late_taken = 0;  // late, but treated like others
  uint64_t future_events = 0;
  uint64_t key_combinations_cut = 0;  // kPerValue of more than 64
  uint64_t budget_exceeded = 0;       // hours of rules
  uint64_t open_folds = 0;            // now
  uint64_t evicted_samples = 0;
  uint64_t evicted_folds = 0;
  uint64_t evicted_held = 0;
  uint64_t evicted_inhibitors = 0;  // values for which an inhibition no longer knows its sources
  size_t bytes = 0;                 // of folds now, an estimate
};

// A stage behind a processor: give it as the processor's sink, and call SetEvent before each
// Process. Belongs to one thread at a time (thread-compatible); reads no clock. The same calls give
// the same alerts.
class AlertPipeline : public DetectionSink {
 public:
  // InvalidArgument for options that make no sense, with why. `sink` must outlive the pipeline.
  static absl::StatusOr<std::unique_ptr<AlertPipeline>> Create(PipelineOptions options,
                                                               AlertSink* sink);
  ~AlertPipeline() override;

  void SetEvent(const EventContext& context);
  absl::Status OnDetection(const Detection& detection) override;
  // No detection of an earlier event comes any more: decides those that wait, ends idle folds.
  absl::Status AdvanceWatermark(EventTime watermark);
  // Decides all that wait.
  absl::Status Flush() override;

  // Changes of what is held back: each asks the authorizer ("suppression.add", ".remove",
  // "inhibition.add", ...) and goes on record, refused or not. PermissionDenied, InvalidArgument
  // (see Validate), AlreadyExists, NotFound, or the audit sink's error.
  absl::Status AddSuppression(const Suppression& s, const Actor& actor, EventTime now);
  absl::Status RemoveSuppression(std::string_view id, const Actor& actor, std::string_view reason,
                                 EventTime now);
  absl::Status AddInhibition(const Inhibition& i, const Actor& actor, EventTime now);
  absl::Status RemoveInhibition(std::string_view id, const Actor& actor, std::string_view reason,
                                EventTime now);
  std::vector<Suppression> suppressions() const;
  std::vector<Inhibition> inhibitions() const;
  std::vector<HoldStats> hold_stats() const;  // in the order they were added, then the budget
  std::vector<HeldAlert> held() const;        // the newest ones, oldest first

  // An analyst has judged the alert: by `on_close` its fold ends or goes on.
  void CloseAlert(const Id128& alert);
  std::optional<FoldInfo> FindFold(const Id128& alert) const;
  void SetEntities(std::shared_ptr<const EntityTable> entities);

  PipelineStats stats() const;
  // The whole state; see docs/alerts.md, "Restarts". Restore: DataLoss for bytes that are none or
  // damaged, Unimplemented for another form; the state is as before then.
  std::string Snapshot() const;
  absl::Status Restore(std::string_view snapshot);

 private:
  struct Impl;
  explicit AlertPipeline(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_PIPELINE_H_
