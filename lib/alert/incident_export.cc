// Incidents as OCSF Incident Findings and as reports for people.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/alert/alert_parts.h"
#include "lib/alert/markdown.h"
#include "lib/alert/ocsf_parts.h"
#include "lib/event/json_writer.h"
#include "vedette/alert/export.h"
#include "vedette/alert/suppression.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxReportLines = 500;  // of one part

std::string_view OcsfStatus(IncidentState state) {
  switch (state) {
    case IncidentState::kNew:
      return "New";
    case IncidentState::kInProgress:
      return "In Progress";
    case IncidentState::kOnHold:
      return "On Hold";
    case IncidentState::kResolved:
      return "Resolved";
    case IncidentState::kClosed:
      return "Closed";
  }
  return "Unknown";
}

std::string_view OcsfVerdict(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNone:
      return "Unknown";
    case Verdict::kFalsePositive:
      return "False Positive";
    case Verdict::kTruePositive:
      return "True Positive";
    case Verdict::kSuspicious:
      return "Suspicious";
    case Verdict::kBenign:
      return "Benign";
    case Verdict::kTest:
      return "Test";
    case Verdict::kInsufficient:
      return "Insufficient Data";
    case Verdict::kDuplicate:
      return "Duplicate";
  }
  return "Unknown";
}

// OCSF counts up from Low to Critical, we down from 1.
uint32_t OcsfPriority(Priority priority) {
  return priority >= 1 && priority <= 4 ? 5U - priority : 0;
}

std::string_view OcsfPriorityName(uint32_t id) {
  constexpr std::string_view kNames[] = {"Unknown", "Low", "Medium", "High", "Critical"};
  return kNames[id % 5];
}

EventTime TimeOfIncident(const Incident& i) {
  EventTime t = std::max(i.clocks.alert, i.clocks.close);
  for (const IncidentAlert& a : i.alerts) t = std::max({t, a.alert_time, a.event_time});
  for (const TimelineEntry& e : i.log) t = std::max(t, e.time);
  return t == kNoEventTime ? 0 : t;
}

void WriteFindingInfos(const Incident& i, JsonWriter* w) {
  w->BeginList("finding_info_list");
  for (const IncidentAlert& a : i.alerts) {
    w->Begin();
    w->Text("uid", a.id.ToText());
    w->Text("title", a.rule->title);
    WriteOcsfAnalytic(*a.rule, w);
    WriteOcsfAttacks(a.rule->tactics, a.rule->techniques, w);
    WriteOcsfTime("created_time", a.alert_time, w);
    WriteOcsfTime("first_seen_time", a.event_time, w);
    WriteOcsfTime("last_seen_time", a.last_event_time, w);
    w->Number("related_events_count", a.folded + 1);
    w->End();
  }
  // The list must not be empty: one that no alert has opened is its own finding.
  if (i.alerts.empty()) {
    w->Begin();
    w->Text("uid", i.id.ToText());
    w->Text("title", i.title);
    w->End();
  }
  w->EndList();
}

void WriteUnmappedOfIncident(const Incident& i, JsonWriter* w) {
  w->Begin("unmapped");
  w->Number("number", i.number);
  w->Text("origin", IncidentOriginName(i.origin));
  w->Text("asset_criticality", CriticalityName(i.criticality));
  w->Text("outcome", OutcomeName(i.outcome));
  if (!i.duplicate_of.empty()) w->Text("duplicate_of", i.duplicate_of.ToText());
  if (!i.merged_into.empty()) w->Text("merged_into", i.merged_into.ToText());
  w->Number("reopened", i.reopened);
  WriteOcsfTime("acknowledged_time", i.clocks.ack, w);
  WriteOcsfTime("contained_time", i.clocks.contain, w);
  WriteOcsfTime("resolved_time", i.clocks.resolve, w);
  w->BeginList("entities");
  for (const IncidentEntity& e : ScopeOf(i)) {
    w->Begin();
    w->Text("type", EntityTypeName(e.entity.type));
    w->Text("value", e.entity.value);
    w->End();
  }
  w->EndList();
  w->End();
}

void Line(std::string_view label, std::string_view text, std::string* out) {
  absl::StrAppend(out, "- ", std::string(label), ": ", MarkdownText(text), "\n");
}

void Clock(std::string_view label, EventTime t, EventTime from, std::string* out) {
  absl::StrAppend(out, "| ", std::string(label), " | ");
  if (t == kNoEventTime) {
    absl::StrAppend(out, "not yet | - |\n");
    return;
  }
  const std::string after =
      from == kNoEventTime ? "-" : absl::StrCat((t - from) / kNsPerSecond, " s");
  absl::StrAppend(out, FormatEventTime(t), " | ", after, " |\n");
}

void Clocks(const Incident& i, std::string* out) {
  const IncidentClocks& c = i.clocks;
  absl::StrAppend(out, "\n## Clocks\n\n| Clock | Time | After the first alert |\n|---|---|--:|\n");
  Clock("First event", c.first_event, c.alert, out);
  Clock("First alert", c.alert, c.alert, out);
  Clock("Acknowledged", c.ack, c.alert, out);
  Clock("Contained", c.contain, c.alert, out);
  Clock("Resolved", c.resolve, c.alert, out);
  Clock("Closed", c.close, c.alert, out);
  if (c.held_ns > 0) absl::StrAppend(out, "\nOn hold for ", c.held_ns / kNsPerSecond, " s.\n");
}

void Entries(std::string_view title, const std::vector<TimelineEntry>& entries, std::string* out) {
  absl::StrAppend(out, "\n## ", std::string(title),
                  "\n\n| Time | What | Who | Text |\n|---|---|---|---|\n");
  size_t n = 0;
  for (const TimelineEntry& e : entries) {
    if (n++ == kMaxReportLines) {
      absl::StrAppend(out, "\n", entries.size() - kMaxReportLines, " more are left out.\n");
      return;
    }
    absl::StrAppend(out, "| ", FormatEventTime(e.time), " | ", MarkdownText(e.kind), " | ",
                    MarkdownText(e.actor.empty() ? "library" : e.actor), " | ",
                    MarkdownText(e.text), " |\n");
  }
}

void Scope(const Incident& i, std::string* out) {
  const BlastRadius blast = BlastRadiusOf(i);
  absl::StrAppend(out, "\n## Scope\n\n", blast.devices.size(), " devices, ", blast.users.size(),
                  " users.\n\n| Entity | Type | Criticality | First seen | Last seen | Alerts |\n"
                  "|---|---|---|---|---|--:|\n");
  size_t n = 0;
  for (const IncidentEntity& e : ScopeOf(i)) {
    if (n++ == kMaxReportLines) break;
    absl::StrAppend(out, "| ", MarkdownText(e.entity.value), " | ",
                    std::string(EntityTypeName(e.entity.type)), " | ",
                    std::string(CriticalityName(e.criticality)), " | ");
    absl::StrAppend(out, FormatEventTime(e.first_seen), " | ", FormatEventTime(e.last_seen), " | ",
                    e.alerts, " |\n");
  }
  if (!blast.data.empty()) {
    out->append("\nData:");
    for (const std::string& data : blast.data) absl::StrAppend(out, " ", MarkdownText(data));
    out->append("\n");
  }
}

void EvidenceTable(const Incident& i, std::string* out) {
  absl::StrAppend(out,
                  "\n## Evidence\n\n| Alert | Rule | Event | Where | Bytes' hash |\n"
                  "|---|---|---|---|---|\n");
  size_t n = 0;
  for (const IncidentAlert& a : i.alerts) {
    if (n++ == kMaxReportLines) break;
    absl::StrAppend(out, "| ", a.id.ToText(), " | ", MarkdownText(a.rule->title), " | ",
                    FormatEventTime(a.event_time), " | ");
    if (a.alert == nullptr) {
      out->append("no longer kept | - |\n");
      continue;
    }
    const std::string uid = EventUidOf(a.alert->place);
    const std::string& hash = a.alert->place.raw_hash;
    absl::StrAppend(out, uid.empty() ? "-" : MarkdownText(uid), " | ",
                    hash.empty() ? "not given" : MarkdownText(hash), " |\n");
  }
  if (i.alerts.size() > kMaxReportLines) {
    absl::StrAppend(out, "\n", i.alerts.size() - kMaxReportLines, " more are left out.\n");
  }
}

}  // namespace

std::string IncidentToOcsfJson(const Incident& i) {
  std::string out;
  JsonWriter w(&out);
  const bool created = i.state == IncidentState::kNew && i.version == 1;
  const bool closed = i.state == IncidentState::kClosed;
  std::vector<std::string> techniques;
  for (const IncidentAlert& a : i.alerts) {
    techniques.insert(techniques.end(), a.rule->techniques.begin(), a.rule->techniques.end());
  }
  std::sort(techniques.begin(), techniques.end());
  techniques.erase(std::unique(techniques.begin(), techniques.end()), techniques.end());
  EventTime last = i.clocks.first_event;
  for (const IncidentAlert& a : i.alerts) last = std::max({last, a.event_time, a.last_event_time});
  w.Begin();
  WriteOcsfClass(2005, "Incident Finding",
                 closed    ? 3
                 : created ? 1
                           : 2,
                 closed    ? "Close"
                 : created ? "Create"
                           : "Update",
                 &w);
  WriteOcsfTime("time", TimeOfIncident(i), &w);
  WriteOcsfTime("start_time", i.clocks.first_event, &w);
  WriteOcsfTime("end_time", last, &w);
  w.Signed("severity_id", OcsfSeverity(i.severity));
  w.Text("severity", OcsfSeverityName(OcsfSeverity(i.severity)));
  w.Number("status_id", static_cast<uint64_t>(i.state));
  w.Text("status", OcsfStatus(i.state));
  w.Number("priority_id", OcsfPriority(i.priority));
  w.Text("priority", OcsfPriorityName(OcsfPriority(i.priority)));
  w.Number("verdict_id", static_cast<uint64_t>(i.verdict));
  w.Text("verdict", OcsfVerdict(i.verdict));
  w.TextIf("desc", i.title);
  w.Begin("metadata");
  w.Text("version", kOcsfVersion);
  WriteOcsfProduct(&w);
  w.Text("uid", absl::StrCat(i.id.ToText(), ".", i.version));
  w.TextIf("tenant_uid", i.tenant);
  w.Text("correlation_uid", i.id.ToText());
  w.End();
  if (!i.assignee.empty()) {
    w.Begin("assignee");
    w.Text("name", i.assignee);
    w.End();
  }
  if (!i.group.empty() || i.assignee.empty()) {
    w.Begin("assignee_group");
    w.Text("name", i.group.empty() ? std::string_view("unassigned") : std::string_view(i.group));
    w.End();
  }
  WriteOcsfAttacks(i.tactics, techniques, &w);
  WriteFindingInfos(i, &w);
  WriteUnmappedOfIncident(i, &w);
  w.End();
  return out;
}

std::string IncidentToMarkdown(const Incident& i) {
  std::string out = absl::StrCat("# Incident ", i.number, ": ", MarkdownText(i.title), "\n\n");
  Line("Id", i.id.ToText(), &out);
  if (!i.tenant.empty()) Line("Tenant", i.tenant, &out);
  Line("State", OcsfStatus(i.state), &out);
  Line("Priority", absl::StrCat("P", static_cast<uint32_t>(i.priority)), &out);
  Line("Severity", LevelName(i.severity), &out);
  Line("Verdict", OcsfVerdict(i.verdict), &out);
  Line("Outcome", OutcomeName(i.outcome), &out);
  Line("Assignee", i.assignee.empty() ? std::string_view("nobody") : i.assignee, &out);
  if (!i.group.empty()) Line("Group", i.group, &out);
  for (const std::string& tactic : i.tactics) Line("Tactic", TacticTitle(tactic), &out);
  Clocks(i, &out);
  Entries("Timeline", TimelineOf(i), &out);
  Scope(i, &out);
  Entries("Actions", i.log, &out);
  EvidenceTable(i, &out);
  if (!i.links.empty()) {
    out.append("\n## Other incidents\n\n");
    for (const IncidentLink& link : i.links) {
      absl::StrAppend(&out, "- ", std::string(IncidentLinkKindName(link.kind)), " ",
                      link.other.ToText(), ": ", MarkdownText(link.reason), "\n");
    }
  }
  return out;
}

}  // namespace vedette::inline v0
