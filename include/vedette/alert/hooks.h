// What alerts, incidents and playbooks ask of the host before and after they change: may this actor
// do that, and put it on record. No clock and no file: the host gives the time with each call.
#ifndef VEDETTE_ALERT_HOOKS_H_
#define VEDETTE_ALERT_HOOKS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// Who does something: a person or an automation.
struct Actor {
  std::string id;
  std::vector<std::string> roles;  // as the policy names them: "tier1", "responder"
  bool automation = false;         // a rule or playbook of the library, not a person
};

// What an actor wants to do.
struct Action {
  std::string name;       // "incident.close", "suppression.add", "playbook.approve"
  std::string kind;       // what it is done to: "incident", "alert", "suppression", "playbook_run"
  std::string object_id;  // its id
  // What a policy may look at, names and texts: "severity" "critical", "verdict" "benign".
  std::vector<std::pair<std::string, std::string>> attributes;
};

struct Authorization {
  bool allowed = false;
  std::string reason;          // why not, or which entry of the policy allowed it
  std::string policy_version;  // of the policy that decided
};

// Says who may do what. Asked before every change of state. Implementations are thread-compatible
// unless they say otherwise, must not call back into the caller and always come to an answer.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  virtual Authorization Authorize(const Actor& actor, const Action& action) const = 0;
};

// One thing that happened, for the audit log. Attributes hold what is needed to understand it
// later; secrets never.
struct AuditEntry {
  EventTime time = kNoEventTime;  // nanoseconds, by the clock the host gave
  Actor actor;
  Action action;
  bool allowed = true;         // false: refused, and nothing was changed
  std::string reason;          // the actor's own words, or why it was refused
  std::string policy_version;  // that decided
};

// Takes the entries in order. Thread-compatible. A status that is not ok stops the change: nothing
// happens that is not on record.
class AuditSink {
 public:
  virtual ~AuditSink() = default;
  virtual absl::Status Append(const AuditEntry& entry) = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_HOOKS_H_
