// What holds alerts back on purpose: exceptions, maintenance and inhibitions. Each has an owner, a
// reason and an end, and nothing is held back without being counted and kept to be looked at.
#ifndef VEDETTE_ALERT_SUPPRESSION_H_
#define VEDETTE_ALERT_SUPPRESSION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "vedette/alert/id.h"
#include "vedette/event.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;
inline constexpr int64_t kMaxSuppressionNs = 90 * int64_t{24} * 3600 * kNsPerSecond;

// One test of an alert. `field` is "rule" (id or title), "tag", "tactic", "severity", "outcome",
// "tenant", "source", "entity" (any), "entity.TYPE", or else a field of the event, the rule's key
// or its matches. A field with several values satisfies the test if one value does. Texts are
// compared without case. Value type.
struct AlertTest {
  enum class Op : uint8_t { kEquals, kPrefix, kSuffix, kContains, kCidr, kExists };
  std::string field;
  Op op = Op::kEquals;
  std::vector<std::string> values;  // one of them; none for kExists
  bool negate = false;
};

// All tests must hold. Value type.
struct AlertMatcher {
  std::vector<AlertTest> tests;
};

// Value type.
struct Suppression {
  enum class Kind : uint8_t {
    kException,    // known to be harmless
    kMaintenance,  // somebody works there from `starts_at` to `expires_at`
  };
  std::string id;
  Kind kind = Kind::kException;
  AlertMatcher matcher;
  std::string owner;
  std::string reason;
  std::vector<std::string> tenants;    // the scope: names, or "*" for all; never empty
  EventTime starts_at = kNoEventTime;  // by event time; kNoEventTime: since ever
  EventTime expires_at = kNoEventTime;
  uint32_t canary = 1000;  // emits each so many-th one all the same; 0: none
};

// While alerts that match `source` come, those that match `target` and have equal `equal` fields
// are held back, until `duration_ns` of event time after the last one. An alert that matches both
// is not held back by its like, and one that was held back holds back no other. Value type.
struct Inhibition {
  std::string id;
  AlertMatcher source;
  AlertMatcher target;
  std::vector<std::string> equal;  // fields as in AlertTest; never empty. A missing one equals none
  int64_t duration_ns = 3600 * kNsPerSecond;
  std::string owner;
  std::string reason;
  EventTime expires_at = kNoEventTime;
};

// InvalidArgument for what has no id, owner, reason, end or scope, ends later than
// kMaxSuppressionNs from `now` or before it, or matches everything.
absl::Status Validate(const Suppression& suppression, EventTime now);
absl::Status Validate(const Inhibition& inhibition, EventTime now);

// Why an alert was held back.
enum class HoldKind : uint8_t { kException, kMaintenance, kInhibition, kBudget };
std::string_view HoldKindName(HoldKind kind);

// An alert that was held back, as much as is kept of it. Value type.
struct HeldAlert {
  HoldKind kind = HoldKind::kException;
  std::string by;  // id of the suppression or inhibition; "budget"
  Id128 id;        // as if it had been emitted
  Id128 fingerprint;
  std::string tenant;
  std::string rule_id;
  std::string title;
  Level severity = Level::kMedium;
  EventTime event_time = kNoEventTime;
  std::string entities;  // "device=ws1 user=corp\\al"
  std::string source;
  uint64_t line = 0;
};

// How a suppression or inhibition has worked. Value type.
struct HoldStats {
  std::string id;
  HoldKind kind = HoldKind::kException;
  std::string owner;
  std::string reason;
  EventTime expires_at = kNoEventTime;
  uint64_t held = 0;
  uint64_t canaries = 0;
  EventTime last = kNoEventTime;  // event time of the last one held
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_SUPPRESSION_H_
