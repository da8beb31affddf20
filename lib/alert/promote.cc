// Incidents of alerts that people have put together.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/alert/authorize.h"
#include "lib/alert/incidents_impl.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

// Why these alerts are no incident; ok if they are.
absl::Status CheckAlerts(const std::vector<Alert>& alerts, const IncidentOptions& options,
                         EventTime now) {
  if (now == kNoEventTime) return absl::InvalidArgumentError("a change needs the time");
  if (alerts.empty()) return absl::InvalidArgumentError("there is no alert to promote");
  if (alerts.size() > options.max_alerts) {
    return absl::InvalidArgumentError(
        absl::StrCat("an incident has at most ", options.max_alerts, " alerts"));
  }
  std::set<Entity> entities;
  for (const Alert& a : alerts) {
    if (a.rule == nullptr) return absl::InvalidArgumentError("an alert has no rule");
    if (a.tenant != alerts[0].tenant) {
      return absl::InvalidArgumentError("the alerts are of two tenants");
    }
    for (const AlertEntity& e : a.entities) entities.insert(e.entity);
  }
  if (entities.size() > options.max_entities) {
    return absl::InvalidArgumentError(
        absl::StrCat("an incident has at most ", options.max_entities, " entities"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Id128> IncidentBook::Promote(const std::vector<Alert>& alerts,
                                            std::string_view title, IncidentOrigin origin,
                                            const IncidentChange& change) {
  Impl& impl = *impl_;
  absl::Status valid = CheckAlerts(alerts, impl.options, change.now);
  const auto is_new = [&impl](const Alert& a) { return !impl.by_alert.contains(a.id); };
  if (valid.ok() && std::none_of(alerts.begin(), alerts.end(), is_new)) {
    valid = absl::FailedPreconditionError(
        absl::StrCat("all of the alerts are in incidents already, the first in ",
                     impl.at(impl.by_alert[alerts[0].id]).incident.id.ToText()));
  }
  std::string bytes = "promoted";
  AppendVarint(static_cast<uint64_t>(origin), &bytes);
  for (const Alert& a : alerts) bytes += a.id.ToText();
  Id128 id = MakeId(bytes);
  while (impl.by_id.contains(id)) {
    bytes += '+';
    id = MakeId(bytes);
  }
  Action what;
  what.name = "incident.open";
  what.kind = "incident";
  what.object_id = id.ToText();
  what.attributes = {{"origin", std::string(IncidentOriginName(origin))},
                     {"tenant", alerts.empty() ? std::string() : alerts[0].tenant}};
  if (absl::Status s = Authorize(impl.options.authorizer, impl.options.audit, change.actor,
                                 std::move(what), change.reason, change.now, valid);
      !s.ok()) {
    return s;
  }
  const uint32_t slot = impl.NewRecord(id, alerts[0].tenant);
  impl.at(slot).incident.origin = origin;
  impl.at(slot).page = false;
  impl.at(slot).notice_due = change.now + impl.options.group_wait_ns;
  impl.Log(&impl.at(slot).incident, change.now, "opened",
           change.actor.automation ? "" : change.actor.id, change.reason);
  absl::Status status;
  for (const Alert& a : alerts) {
    const auto known = impl.by_alert.find(a.id);
    if (known != impl.by_alert.end()) {
      impl.LinkBoth(slot, known->second, IncidentLinkKind::kRelated, "an alert is in both",
                    change.now);
      continue;
    }
    std::vector<uint32_t> of;
    for (const AlertEntity& e : a.entities) of.push_back(impl.NodeOf(a.tenant, e.entity));
    ++impl.stats.alerts;
    const absl::Status put = impl.Put(slot, a, of, "promoted");
    if (status.ok()) status = put;
  }
  if (!title.empty()) impl.at(slot).incident.title = title;
  impl.Evict();
  if (!status.ok()) return status;
  return id;
}

}  // namespace vedette::inline v0
