// Alerts and incidents in the words of other systems: OCSF and the Elastic Common Schema.
#ifndef VEDETTE_ALERT_EXPORT_H_
#define VEDETTE_ALERT_EXPORT_H_

#include <string>
#include <string_view>

#include "vedette/alert/alert.h"
#include "vedette/alert/incident.h"

namespace vedette::inline v0 {

// The schemas that the functions below write.
inline constexpr std::string_view kOcsfVersion = "1.8.0";
inline constexpr std::string_view kEcsVersion = "8.17.0";

// Each gives one JSON object on one line, the same for the same input, valid UTF-8 whatever the
// input. They only read; any number of threads may call them. docs/outputs.md has the mapping.

// OCSF Detection Finding (class_uid 2004), activity Create. What OCSF has no attribute for is in
// `unmapped`. Times are milliseconds, as OCSF wants them.
std::string AlertToOcsfJson(const Alert& alert);

// An ECS document of event.kind "alert"; no field outside of ECS. What ECS has no field for is in
// `labels`.
std::string AlertToEcsJson(const Alert& alert);

// OCSF Incident Finding (class_uid 2005): Create for a new one, Close for a closed one, else
// Update. OCSF demands an assignee or a group: without both the group "unassigned" is given.
std::string IncidentToOcsfJson(const Incident& incident);

// The incident report for people, Markdown: summary, clocks, timeline, scope, actions, evidence
// with hashes of the original bytes. Text of events is escaped: it is an attacker's.
std::string IncidentToMarkdown(const Incident& incident);

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_EXPORT_H_
