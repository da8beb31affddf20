// Groups alerts into incidents and leads these through their lives.
#ifndef VEDETTE_ALERT_INCIDENTS_H_
#define VEDETTE_ALERT_INCIDENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/hooks.h"
#include "vedette/alert/id.h"
#include "vedette/alert/incident.h"
#include "vedette/alert/metrics.h"
#include "vedette/alert/risk.h"
#include "vedette/alert/suppression.h"
#include "vedette/alert/verdicts.h"

namespace vedette::inline v0 {

// Within how long something must be done, from the first alert on; 0: no such promise.
struct SlaTargets {
  int64_t ack_ns = 0;
  int64_t contain_ns = 0;
  int64_t resolve_ns = 0;
};

struct IncidentOptions {
  int64_t join_window_ns = 24 * 3600 * kNsPerSecond;  // since the entity was last seen
  int64_t medium_window_ns = 3600 * kNsPerSecond;     // one medium entity joins alone that long
  uint32_t hub_degree = 50;                           // partners within hub_window_ns
  int64_t hub_window_ns = 3600 * kNsPerSecond;
  size_t max_alerts = 500;  // of an incident; then a sibling is opened
  size_t max_entities = 200;
  int64_t reopen_window_ns = 7 * 24 * 3600 * kNsPerSecond;  // a closed one is remembered
  int64_t reopen_same_ns = 24 * 3600 * kNsPerSecond;        // and opened again, if it was true
  int64_t group_wait_ns = 30 * kNsPerSecond;                // before an incident is told of
  int64_t group_interval_ns = 300 * kNsPerSecond;           // between updates of it
  // Close what nobody has taken yet with any verdict, not only duplicates, tests and false
  // positives.
  bool close_new_with_any_verdict = false;
  std::array<SlaTargets, 4> sla = {
      {{900 * kNsPerSecond, 3600 * kNsPerSecond, 86'400 * kNsPerSecond},
       {3600 * kNsPerSecond, 14'400 * kNsPerSecond, 259'200 * kNsPerSecond},
       {28'800 * kNsPerSecond, 0, 604'800 * kNsPerSecond},
       {86'400 * kNsPerSecond, 0, 2'592'000 * kNsPerSecond}}};
  // Beyond it bodies of alerts go, oldest first, then closed incidents; never open ones. Counted.
  size_t max_state_bytes = size_t{256} << 20;
  // May be null: then everybody may do everything, nothing is put on record.
  const Authorizer* authorizer = nullptr;
  AuditSink* audit = nullptr;
  VerdictBook* verdicts = nullptr;  // learns verdicts; may be null
  // Called for each alert of an incident that is resolved or closed: AlertPipeline::CloseAlert.
  std::function<void(const Id128&)> close_alert;
};

struct IncidentNotice {
  enum class Kind : uint8_t {
    kOpened,     // after group_wait_ns
    kUpdated,    // alerts have joined; at most every group_interval_ns
    kEscalated,  // at once: severity, tactic, criticality or outcome got worse
    kReopened,
    kMerged,   // `incident` has taken another in
    kSibling,  // opened beside one that is full or may not grow
    kHub,      // an entity has stopped joining
  };
  Kind kind = Kind::kOpened;
  const Incident* incident = nullptr;  // during the call
  std::string text;
  uint64_t new_alerts = 0;  // since the last notice
  bool page = true;         // false: lower priority, as it came before and was nothing
};
std::string_view IncidentNoticeKindName(IncidentNotice::Kind kind);

// Called on the book's thread; must not call back into it.
class IncidentSink {
 public:
  virtual ~IncidentSink() = default;
  virtual absl::Status OnIncident(const IncidentNotice& notice) = 0;
};

struct SlaBreach {
  enum class Clock : uint8_t { kAck, kContain, kResolve };
  Id128 incident;
  Clock clock = Clock::kAck;
  Priority priority = 4;
  int64_t over_ns = 0;  // beyond the target, holds not counted
};

inline constexpr uint64_t kAnyVersion = UINT64_MAX;

// Who changes an incident, why, when, and which version of it he has seen.
struct IncidentChange {
  Actor actor;
  std::string reason;
  EventTime now = kNoEventTime;  // must be given
  uint64_t version = kAnyVersion;
};

struct IncidentFilter {
  std::string tenant;                 // empty: all
  std::vector<IncidentState> states;  // none: all
  std::string assignee;
  std::string entity;   // one of its entities has this value
  bool merged = false;  // also those that were merged into others
};

struct IncidentBookStats {
  uint64_t alerts = 0;     // taken; each is in one incident
  uint64_t incidents = 0;  // opened, splits among them
  uint64_t open = 0;       // now
  uint64_t merges = 0;
  uint64_t merges_refused = 0;  // by a guard; linked instead
  uint64_t siblings = 0;
  uint64_t reopened = 0;
  uint64_t refired = 0;
  uint64_t hubs = 0;  // entities that became one
  uint64_t sla_breaches = 0;
  uint64_t evicted_alert_bodies = 0;
  uint64_t evicted_incidents = 0;  // closed ones
  uint64_t entities = 0;           // known now
  size_t bytes = 0;                // now, an estimate
};

// Belongs to one thread at a time (thread-compatible); reads no clock. The same calls give the same
// incidents. Changes give the new version, or: NotFound, Aborted (another version than was seen),
// FailedPrecondition (not from this state, docs/alerts.md), InvalidArgument, PermissionDenied, or
// the audit sink's error. Refusals go on record, too. Pointers last until the next call that is not
// const.
class IncidentBook {
 public:
  static absl::StatusOr<std::unique_ptr<IncidentBook>> Create(IncidentOptions options,
                                                              IncidentSink* sink);
  ~IncidentBook();

  // Puts the alert into an incident, which it returns. An alert that is there already changes
  // nothing.
  absl::StatusOr<Id128> Add(const Alert& alert);
  // More alerts have been folded into one (FoldUpdate): `count` with itself.
  void NoteFold(const Id128& alert, uint64_t count, EventTime last_seen);
  // The entity's open incident, or a new one, gets the history.
  absl::StatusOr<Id128> AddRisk(const RiskNotice& notice);
  absl::StatusOr<Id128> Open(std::string_view tenant, std::string_view title, IncidentOrigin origin,
                             Priority priority, const std::vector<Entity>& entities,
                             const IncidentChange& change);

  // One incident of alerts that a person has found to belong together: those of a hunt. They join
  // nothing and page nobody; later alerts may join them. An empty title is made of the alerts. The
  // clocks are those of the alerts. What is in an incident already stays there, and the two are
  // linked; FailedPrecondition if that is all of them.
  absl::StatusOr<Id128> Promote(const std::vector<Alert>& alerts, std::string_view title,
                                IncidentOrigin origin, const IncidentChange& change);

  absl::StatusOr<uint64_t> Acknowledge(const Id128& id, const IncidentChange& change);
  absl::StatusOr<uint64_t> Assign(const Id128& id, std::string_view assignee,
                                  std::string_view group, const IncidentChange& change);
  absl::StatusOr<uint64_t> Hold(const Id128& id, const IncidentChange& change);
  absl::StatusOr<uint64_t> Resume(const Id128& id, const IncidentChange& change);
  absl::StatusOr<uint64_t> Resolve(const Id128& id, Verdict verdict, const Id128& duplicate_of,
                                   const IncidentChange& change);
  // From kNew with the verdict that it must have; else kNone keeps that of Resolve.
  absl::StatusOr<uint64_t> Close(const Id128& id, Verdict verdict, const Id128& duplicate_of,
                                 const IncidentChange& change);
  // Corrects the verdict of a resolved or closed one.
  absl::StatusOr<uint64_t> SetVerdict(const Id128& id, Verdict verdict,
                                      const IncidentChange& change);
  absl::StatusOr<uint64_t> SetPriority(const Id128& id, Priority priority,
                                       const IncidentChange& change);
  // When the attack was first stopped (MTTC).
  absl::StatusOr<uint64_t> MarkContained(const Id128& id, EventTime when,
                                         const IncidentChange& change);
  absl::StatusOr<uint64_t> Comment(const Id128& id, std::string_view text,
                                   const IncidentChange& change);
  // The two are one, and stay one. Returns the id that is kept, the older one's.
  absl::StatusOr<Id128> Link(const Id128& a, const Id128& b, const IncidentChange& change);
  // The alerts are another incident, whose id it returns, and the two are never merged again. What
  // only they held together falls apart, too.
  absl::StatusOr<Id128> Unlink(const Id128& id, const std::vector<Id128>& alerts,
                               const IncidentChange& change);
  // Judges one alert.
  absl::Status JudgeAlert(const Id128& alert, Verdict verdict, const IncidentChange& change);

  // Tells what is due: notices to the sink, breaches to the caller, each once.
  absl::StatusOr<std::vector<SlaBreach>> AdvanceTime(EventTime now);

  // Null if unknown. One that was merged is found as it was; Current follows merged_into.
  const Incident* Find(const Id128& id) const;
  const Incident* Current(const Id128& id) const;
  const Incident* OfAlert(const Id128& alert) const;
  // Most urgent first, then oldest.
  std::vector<const Incident*> List(const IncidentFilter& filter) const;
  // Of incidents whose first alert is in [from, to).
  IncidentMetrics Metrics(EventTime from, EventTime to, EventTime now) const;
  IncidentBookStats stats() const;

  std::string Snapshot() const;
  absl::Status Restore(std::string_view snapshot);

 private:
  struct Impl;
  explicit IncidentBook(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_INCIDENTS_H_
