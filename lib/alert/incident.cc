#include "vedette/alert/incident.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "lib/alert/names.h"
#include "lib/base/strings.h"
#include "lib/event/json_writer.h"
#include "vedette/alert/incidents.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, 6> kStateNames = {"",        "new",      "in_progress",
                                                         "on_hold", "resolved", "closed"};
constexpr std::array<std::string_view, 5> kOriginNames = {"alert", "risk", "hunt", "exposure",
                                                          "manual"};
constexpr std::array<std::string_view, 4> kLinkNames = {"related_to", "sibling", "duplicate_of",
                                                        "merged_from"};
constexpr std::array<std::string_view, 7> kNoticeNames = {
    "opened", "updated", "escalated", "reopened", "merged", "sibling", "hub"};

void Entities(const Incident& i, JsonWriter* w) {
  w->BeginList("entities");
  for (const IncidentEntity& e : ScopeOf(i)) {
    w->Begin();
    w->Text("type", EntityTypeName(e.entity.type));
    w->Text("value", e.entity.value);
    w->Text("criticality", CriticalityName(e.criticality));
    w->Text("joins", JoinStrengthName(e.strength));
    w->Time("first_seen", e.first_seen);
    w->Time("last_seen", e.last_seen);
    w->Number("alerts", e.alerts);
    w->Texts("tags", e.tags);
    w->End();
  }
  w->EndList();
  const BlastRadius blast = BlastRadiusOf(i);
  w->Begin("blast_radius");
  w->Number("devices", blast.devices.size());
  w->Number("users", blast.users.size());
  w->Texts("data", blast.data);
  w->End();
}

void Members(const Incident& i, bool bodies, JsonWriter* w) {
  w->BeginList("alerts");
  for (const IncidentAlert& a : i.alerts) {
    w->Begin();
    w->Text("alert_id", a.id.ToText());
    w->Text("fingerprint", a.fingerprint.ToText());
    w->Text("rule_id", a.rule->id);
    w->Text("title", a.rule->title);
    w->Text("severity", LevelName(a.severity));
    w->Text("outcome", OutcomeName(a.outcome));
    w->Time("event", a.event_time);
    if (a.last_event_time != a.event_time) w->Time("last_event", a.last_event_time);
    w->Time("alert", a.alert_time);
    w->Text("joined_by", a.joined_by);
    if (a.folded > 0) w->Number("folded", a.folded);
    if (bodies && a.alert != nullptr) w->Raw("body", AlertToJson(*a.alert));
    w->End();
  }
  w->EndList();
}

void History(const Incident& i, JsonWriter* w) {
  w->BeginList("links");
  for (const IncidentLink& l : i.links) {
    w->Begin();
    w->Text("incident", l.other.ToText());
    w->Text("kind", IncidentLinkKindName(l.kind));
    w->TextIf("reason", l.reason);
    w->Time("time", l.time);
    w->End();
  }
  w->EndList();
  w->BeginList("timeline");
  for (const TimelineEntry& e : TimelineOf(i)) {
    w->Begin();
    w->Time("time", e.time);
    w->Text("kind", e.kind);
    w->TextIf("actor", e.actor);
    w->TextIf("text", e.text);
    if (!e.alert.empty()) w->Text("alert", e.alert.ToText());
    w->End();
  }
  w->EndList();
  if (i.risk.empty()) return;
  w->BeginList("risk");
  for (const RiskContribution& c : i.risk) {
    w->Begin();
    w->Time("time", c.time);
    w->Text("alert", c.alert.ToText());
    w->Text("rule_id", c.rule_id);
    w->Raw("added", c.added.ToText());
    w->Raw("score", c.score_after.ToText());
    w->End();
  }
  w->EndList();
}

void Clocks(const IncidentClocks& c, JsonWriter* w) {
  w->Begin("clocks");
  w->Time("first_event", c.first_event);
  w->Time("ingest", c.ingest);
  w->Time("alert", c.alert);
  w->Time("acknowledged", c.ack);
  w->Time("contained", c.contain);
  w->Time("resolved", c.resolve);
  w->Time("closed", c.close);
  w->Time("held_since", c.held_since);
  if (c.held_ns > 0) w->Signed("held_ns", c.held_ns);
  w->End();
}

}  // namespace

std::string_view IncidentStateName(IncidentState state) { return NameOf(kStateNames, state); }
std::optional<IncidentState> IncidentStateByName(std::string_view name) {
  if (name.empty()) return std::nullopt;
  return ByName<IncidentState>(kStateNames, name);
}
std::string_view IncidentOriginName(IncidentOrigin origin) { return NameOf(kOriginNames, origin); }
std::string_view IncidentLinkKindName(IncidentLinkKind kind) { return NameOf(kLinkNames, kind); }
std::string_view IncidentNoticeKindName(IncidentNotice::Kind kind) {
  return NameOf(kNoticeNames, kind);
}

std::vector<TimelineEntry> TimelineOf(const Incident& incident) {
  std::vector<TimelineEntry> out = incident.log;
  for (const IncidentAlert& a : incident.alerts) {
    std::string text = absl::StrCat(ToAbsl(LevelName(a.severity)), ": ", a.rule->title);
    if (a.folded > 0) absl::StrAppend(&text, " (and ", a.folded, " like it)");
    const EventTime time = a.event_time != kNoEventTime ? a.event_time : a.alert_time;
    out.push_back({time, "alert", "", std::move(text), a.id});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const TimelineEntry& a, const TimelineEntry& b) { return a.time < b.time; });
  return out;
}

std::vector<IncidentEntity> ScopeOf(const Incident& incident) {
  std::vector<IncidentEntity> out = incident.entities;
  std::sort(out.begin(), out.end(), [](const IncidentEntity& a, const IncidentEntity& b) {
    return std::tie(a.first_seen, a.entity) < std::tie(b.first_seen, b.entity);
  });
  return out;
}

BlastRadius BlastRadiusOf(const Incident& incident) {
  BlastRadius out;
  for (const IncidentEntity& e : incident.entities) {
    // What every machine has is not reached by the attack.
    if (e.strength == JoinStrength::kNone) continue;
    if (e.entity.type == EntityType::kDevice) out.devices.push_back(e.entity.value);
    if (e.entity.type == EntityType::kUser) out.users.push_back(e.entity.value);
    for (const std::string& tag : e.tags) {
      if (tag.starts_with("data:")) out.data.push_back(tag.substr(5));
    }
  }
  for (auto* names : {&out.devices, &out.users, &out.data}) {
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
  }
  return out;
}

std::string IncidentToJson(const Incident& i, bool alerts) {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Text("incident_id", i.id.ToText());
  w.Number("number", i.number);
  w.Number("version", i.version);
  w.TextIf("tenant", i.tenant);
  w.Text("title", i.title);
  w.Text("state", IncidentStateName(i.state));
  w.Text("origin", IncidentOriginName(i.origin));
  w.Number("priority", i.priority);
  w.Text("severity", LevelName(i.severity));
  w.Text("asset_criticality", CriticalityName(i.criticality));
  w.Text("outcome", OutcomeName(i.outcome));
  w.Texts("tactics", i.tactics);
  w.TextIf("assignee", i.assignee);
  w.TextIf("group", i.group);
  w.TextIf("verdict", VerdictName(i.verdict));
  if (!i.duplicate_of.empty()) w.Text("duplicate_of", i.duplicate_of.ToText());
  if (!i.merged_into.empty()) w.Text("merged_into", i.merged_into.ToText());
  if (i.reopened > 0) w.Number("reopened", i.reopened);
  w.BoolIf("refired_after_negative_verdict", i.refired);
  w.BoolIf("has_hub", i.suspected_hub);
  Clocks(i.clocks, &w);
  Entities(i, &w);
  Members(i, alerts, &w);
  History(i, &w);
  w.End();
  return out;
}

}  // namespace vedette::inline v0
