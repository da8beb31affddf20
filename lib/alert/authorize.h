// Before every change: is it possible, is it allowed, is it on record?
#ifndef VEDETTE_LIB_ALERT_AUTHORIZE_H_
#define VEDETTE_LIB_ALERT_AUTHORIZE_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/strings.h"
#include "vedette/alert/hooks.h"

namespace vedette::inline v0 {

// Ok if the change may be made now. `possible` says whether it could be; refusals for whatever
// reason go on record, too. Both ends may be null.
inline absl::Status Authorize(const Authorizer* authorizer, AuditSink* audit, const Actor& actor,
                              Action action, std::string_view reason, EventTime now,
                              const absl::Status& possible) {
  AuditEntry entry;
  entry.time = now;
  entry.actor = actor;
  entry.reason = reason;
  absl::Status verdict = possible;
  if (authorizer != nullptr) {
    const Authorization a = authorizer->Authorize(actor, action);
    entry.policy_version = a.policy_version;
    // Who may not do it does not learn whether it could be done.
    if (!a.allowed) verdict = absl::PermissionDeniedError(a.reason);
  }
  entry.action = std::move(action);
  if (!verdict.ok()) {
    entry.allowed = false;
    entry.reason = ToStd(verdict.message());
  }
  if (audit != nullptr) {
    if (absl::Status s = audit->Append(entry); !s.ok()) return s;
  }
  return verdict;
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_AUTHORIZE_H_
