// Incidents: alerts that belong together, and what people did about them.
#ifndef VEDETTE_ALERT_INCIDENT_H_
#define VEDETTE_ALERT_INCIDENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/alert/alert.h"
#include "vedette/alert/entity.h"
#include "vedette/alert/id.h"
#include "vedette/alert/risk.h"
#include "vedette/event.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

// OCSF's status_id.
enum class IncidentState : uint8_t {
  kNew = 1,
  kInProgress = 2,
  kOnHold = 3,
  kResolved = 4,
  kClosed = 5,
};
std::string_view IncidentStateName(IncidentState state);  // "new", "in_progress", ...
std::optional<IncidentState> IncidentStateByName(std::string_view name);

enum class IncidentOrigin : uint8_t { kAlert, kRisk, kHunt, kExposure, kManual };
std::string_view IncidentOriginName(IncidentOrigin origin);

// 1 is the most urgent, 4 the least.
using Priority = uint8_t;

// A member of an incident. Value type.
struct IncidentAlert {
  Id128 id;
  Id128 fingerprint;
  std::shared_ptr<const AlertRule> rule;
  EventTime event_time = kNoEventTime;
  EventTime last_event_time = kNoEventTime;
  EventTime alert_time = kNoEventTime;
  Level severity = Level::kMedium;
  Outcome outcome = Outcome::kUnknown;
  uint64_t folded = 0;                 // alerts that were folded into it
  std::vector<uint32_t> entities;      // places in Incident::entities
  std::string joined_by;               // why it is here: "strong: process {1}", "first"
  std::shared_ptr<const Alert> alert;  // all of it; null once memory ran short
};

// Value type.
struct IncidentEntity {
  Entity entity;
  Criticality criticality = Criticality::kNormal;
  JoinStrength strength = JoinStrength::kNone;
  std::vector<std::string> tags;
  std::string fence;
  EventTime first_seen = kNoEventTime;
  EventTime last_seen = kNoEventTime;
  uint64_t alerts = 0;
};

enum class IncidentLinkKind : uint8_t { kRelated, kSibling, kDuplicateOf, kMergedFrom };
std::string_view IncidentLinkKindName(IncidentLinkKind kind);

struct IncidentLink {
  Id128 other;
  IncidentLinkKind kind = IncidentLinkKind::kRelated;
  std::string reason;
  EventTime time = kNoEventTime;
};

// Something that happened to an incident: a change, a comment, in Timeline() also an alert.
struct TimelineEntry {
  EventTime time = kNoEventTime;
  std::string kind;   // "opened", "assigned", "alert", "merged", "comment", ...
  std::string actor;  // empty: the library
  std::string text;
  Id128 alert;  // of kind "alert"
};

// kNoEventTime: not yet.
struct IncidentClocks {
  EventTime first_event = kNoEventTime;
  EventTime ingest = kNoEventTime;
  EventTime alert = kNoEventTime;  // the first; what all others are counted from
  EventTime ack = kNoEventTime;
  EventTime contain = kNoEventTime;
  EventTime resolve = kNoEventTime;
  EventTime close = kNoEventTime;
  EventTime held_since = kNoEventTime;  // while on hold
  int64_t held_ns = 0;                  // in holds that are over
};

// What triage sees of an incident. Value type; books own theirs.
struct Incident {
  Id128 id;
  uint64_t number = 0;   // counts up within a book
  uint64_t version = 1;  // of what people changed; alerts that join do not count
  std::string tenant;
  std::string title;
  IncidentState state = IncidentState::kNew;
  IncidentOrigin origin = IncidentOrigin::kAlert;
  Priority priority = 4;
  bool priority_set = false;               // by a person: the library only raises it
  Level severity = Level::kInformational;  // the highest of its alerts
  Criticality criticality = Criticality::kLow;
  Outcome outcome = Outcome::kBlocked;  // the worst
  std::vector<std::string> tactics;     // sorted
  std::string assignee;
  std::string group;
  Verdict verdict = Verdict::kNone;
  Id128 duplicate_of;
  Id128 merged_into;   // then this is only a pointer to where its alerts are
  bool groups = true;  // false: nothing joins it
  uint64_t reopened = 0;
  bool refired = false;  // after a false positive or benign one, with nothing worse than there
  bool suspected_hub = false;         // an entity of it joins too much to join anything
  std::vector<IncidentAlert> alerts;  // in the order in which they joined
  std::vector<IncidentEntity> entities;
  std::vector<IncidentLink> links;
  std::vector<TimelineEntry> log;      // without alerts
  std::vector<RiskContribution> risk;  // of the entity that raised it or joined it last
  IncidentClocks clocks;

  bool open() const { return state != IncidentState::kClosed && merged_into.empty(); }
};

// How far an incident reaches. Value type.
struct BlastRadius {
  std::vector<std::string> devices;
  std::vector<std::string> users;
  std::vector<std::string> data;  // "data:NAME" tags of its entities
};

// Alerts and changes by time; alerts stand at their event time.
std::vector<TimelineEntry> TimelineOf(const Incident& incident);
// Its entities by when they were first seen.
std::vector<IncidentEntity> ScopeOf(const Incident& incident);
BlastRadius BlastRadiusOf(const Incident& incident);

// One JSON object on one line, the same for the same incident. With `alerts` each member is there
// as AlertToJson has it, if it is still known.
std::string IncidentToJson(const Incident& incident, bool alerts = false);

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_INCIDENT_H_
