// What the board shows, as JSON.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "lib/base/strings.h"
#include "lib/board/board.h"
#include "vedette/alert/metrics.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kNamesInQueue = 4;
constexpr std::array<std::string_view, 3> kClockNames = {"acknowledge", "contain", "resolve"};

// The changes that its state allows (docs/alerts.md, "States").
std::vector<std::string> PossibleChanges(const Incident& incident) {
  if (!incident.merged_into.empty()) return {};
  switch (incident.state) {
    case IncidentState::kNew:
      return {"acknowledge", "assign",    "resolve", "close", "priority",
              "comment",     "contained", "link",    "unlink"};
    case IncidentState::kInProgress:
      return {"acknowledge", "assign",    "hold", "resolve", "priority",
              "comment",     "contained", "link", "unlink"};
    case IncidentState::kOnHold:
      return {"assign", "resume", "resolve", "priority", "comment", "contained", "link", "unlink"};
    case IncidentState::kResolved:
      return {"acknowledge", "close", "verdict", "priority", "comment", "contained"};
    case IncidentState::kClosed:
      return {"verdict", "comment"};
  }
  return {};
}

std::vector<std::string> FirstOf(std::vector<std::string> names) {
  if (names.size() > kNamesInQueue) names.resize(kNamesInQueue);
  return names;
}

// Processes are known by ids that say nothing to people: what ran under each.
std::map<std::string_view, std::string_view> ProgramNames(const Incident& incident) {
  std::map<std::string_view, std::string_view> names;
  for (const IncidentAlert& a : incident.alerts) {
    if (a.alert == nullptr || a.alert->process.empty()) continue;
    const std::string_view path = a.alert->process;
    const size_t slash = path.find_last_of("/\\");
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    for (const AlertEntity& e : a.alert->entities) {
      if (e.role == "process") names[e.entity.value] = name;
    }
  }
  return names;
}

// Its entities in the order that `entity` of the alerts counts them by.
void WriteGraph(const Incident& incident, JsonWriter* w) {
  const auto programs = ProgramNames(incident);
  w->BeginList("nodes");
  for (const IncidentEntity& e : incident.entities) {
    w->Begin();
    w->Text("type", EntityTypeName(e.entity.type));
    w->Text("value", e.entity.value);
    if (const auto name = programs.find(e.entity.value); name != programs.end()) {
      w->Text("label", name->second);
    }
    w->Text("joins", JoinStrengthName(e.strength));
    w->Text("criticality", CriticalityName(e.criticality));
    w->Number("alerts", e.alerts);
    w->End();
  }
  w->EndList();
  w->BeginList("edges");
  for (const IncidentAlert& a : incident.alerts) {
    w->Begin();
    w->Text("alert", a.id.ToText());
    std::string places = "[";
    for (const uint32_t place : a.entities) {
      places.append(places.size() > 1 ? "," : "").append(std::to_string(place));
    }
    w->Raw("entities", places + "]");
    w->End();
  }
  w->EndList();
}

// What the incident's rules say, each rule once.
void WriteRules(const Incident& incident, JsonWriter* w) {
  std::set<std::string_view> seen;
  w->BeginList("rules");
  for (const IncidentAlert& a : incident.alerts) {
    if (!seen.insert(a.rule->id).second) continue;
    w->Begin();
    w->Text("rule_id", a.rule->id);
    w->Text("title", a.rule->title);
    w->Text("level", LevelName(a.rule->level));
    w->Texts("tactics", a.rule->tactics);
    w->Texts("techniques", a.rule->techniques);
    w->Texts("triage_steps", a.rule->triage_steps);
    w->Texts("false_positives", a.rule->false_positives);
    w->TextIf("playbook", a.rule->playbook);
    w->End();
  }
  w->EndList();
}

}  // namespace

std::vector<std::string> Board::BreachesOf(const Id128& id) const {
  std::vector<std::string> out;
  const auto found = breaches_.find(id);
  if (found == breaches_.end()) return out;
  for (size_t i = 0; i < kClockNames.size(); ++i) {
    if ((found->second >> i & 1U) != 0) out.emplace_back(kClockNames[i]);
  }
  return out;
}

void Board::WriteSummary(const Incident& i, JsonWriter* w) const {
  uint64_t folded = 0;
  EventTime first = kNoEventTime;
  EventTime last = kNoEventTime;
  for (const IncidentAlert& a : i.alerts) {
    folded += a.folded;
    if (a.event_time == kNoEventTime) continue;
    if (first == kNoEventTime || a.event_time < first) first = a.event_time;
    last = std::max({last, a.event_time, a.last_event_time});
  }
  const BlastRadius reach = BlastRadiusOf(i);
  w->Begin();
  w->Text("incident_id", i.id.ToText());
  w->Number("number", i.number);
  w->Number("version", i.version);
  w->Text("title", i.title);
  w->Text("state", IncidentStateName(i.state));
  w->Number("priority", i.priority);
  w->Text("severity", LevelName(i.severity));
  w->Texts("tactics", i.tactics);
  w->TextIf("assignee", i.assignee);
  w->TextIf("group", i.group);
  w->TextIf("verdict", VerdictName(i.verdict));
  w->BoolIf("refired_after_negative_verdict", i.refired);
  w->Number("alerts", i.alerts.size());
  w->Number("folded", folded);
  w->Number("device_count", reach.devices.size());
  w->Number("user_count", reach.users.size());
  w->Texts("devices", FirstOf(reach.devices));
  w->Texts("users", FirstOf(reach.users));
  w->Time("first_event", first);
  w->Time("last_event", last);
  w->Time("alert", i.clocks.alert);
  w->Texts("overdue", BreachesOf(i.id));
  w->End();
}

std::string Board::SessionJson(const Asker& asker) const {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Text("user", asker.actor.id);
  w.List("roles", asker.actor.roles);
  w.Text("tenant", options_.tenant);
  w.Number("version", version_);
  w.Bool("playbooks", executor_ != nullptr);
  w.TextIf("policy", options_.policy == nullptr ? "" : options_.policy->stamp());
  w.End();
  return out;
}

std::string Board::QueueJson(size_t most) const {
  std::vector<const Incident*> incidents = triage_->incidents().List({});
  std::stable_partition(incidents.begin(), incidents.end(), [](const Incident* i) {
    return i->state != IncidentState::kClosed && i->state != IncidentState::kResolved;
  });
  const PipelineStats stats = triage_->alerts().stats();
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Number("version", version_);
  w.Number("events", events_);
  w.Number("detections", stats.detections);
  w.Number("alerts", stats.emitted);
  w.Bool("input_ended", input_ended_);
  w.Time("last_event", last_event_);
  w.Number("total", incidents.size());
  w.BeginList("incidents");
  for (size_t i = 0; i < incidents.size() && i < most; ++i) WriteSummary(*incidents[i], &w);
  w.EndList();
  w.End();
  return out;
}

void Board::WriteProposals(const Id128& id, JsonWriter* w) const {
  w->BeginList("proposals");
  for (const Proposal& p : proposals_) {
    if (!id.empty() && p.incident != id) continue;
    w->Begin();
    w->Number("number", p.number);
    w->Text("incident", p.incident.ToText());
    w->Text("action", p.action);
    w->Text("by", p.actor.id);
    w->Time("time", p.time);
    w->End();
  }
  w->EndList();
}

absl::StatusOr<std::string> Board::IncidentJson(const Id128& id) const {
  const Incident* const incident = triage_->incidents().Find(id);
  if (incident == nullptr) return absl::NotFoundError("there is no such incident");
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Number("version", version_);
  w.Raw("incident", IncidentToJson(*incident));
  WriteGraph(*incident, &w);
  WriteRules(*incident, &w);
  w.List("changes", PossibleChanges(*incident));
  w.Texts("overdue", BreachesOf(id));
  WriteProposals(id, &w);
  WriteRuns(id.ToText(), &w);
  w.End();
  return out;
}

absl::StatusOr<std::string> Board::AlertJson(const Id128& id) const {
  const Incident* const incident = triage_->incidents().OfAlert(id);
  if (incident == nullptr) return absl::NotFoundError("there is no such alert");
  for (const IncidentAlert& a : incident->alerts) {
    if (a.id != id) continue;
    std::string out;
    JsonWriter w(&out);
    w.Begin();
    w.Text("incident", incident->id.ToText());
    w.Text("joined_by", a.joined_by);
    w.Number("folded", a.folded);
    w.BeginList("verdicts");
    for (const JudgedAlert& v : triage_->verdicts().OfAlert(id)) {
      w.Begin();
      w.Text("verdict", VerdictName(v.verdict));
      w.Text("analyst", v.analyst);
      w.Time("time", v.time);
      w.End();
    }
    w.EndList();
    // Null once memory ran short: the summary in the incident is all there is.
    w.Raw("alert", a.alert == nullptr ? "null" : AlertToJson(*a.alert));
    w.End();
    return out;
  }
  return absl::NotFoundError("there is no such alert");
}

std::string Board::ScorecardJson(EventTime now) const {
  return ScorecardToJson(
      scorecard_.Report(options_.program.get(), &triage_->verdicts(), started_, now));
}

std::string Board::MatrixJson() const {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.BeginList("rules");
  for (const AlertRule& rule : rules_) {
    if (rule.techniques.empty() && rule.tactics.empty()) continue;
    const auto fired = fired_.find(rule.id);
    w.Begin();
    w.Text("rule_id", rule.id);
    w.Text("title", rule.title);
    w.Text("level", LevelName(rule.level));
    w.Texts("tactics", rule.tactics);
    w.Texts("techniques", rule.techniques);
    w.Number("alerts", fired == fired_.end() ? 0 : fired->second);
    w.End();
  }
  w.EndList();
  w.End();
  return out;
}

void Board::WriteRuns(std::string_view incident, JsonWriter* w) const {
  w->BeginList("runs");
  const auto ids = executor_ == nullptr ? std::vector<std::string>() : executor_->runs();
  for (const std::string& id : ids) {
    const auto record = executor_->Report(id);
    if (!record.ok() || (!incident.empty() && record->incident != incident)) continue;
    w->Begin();
    w->Raw("record", RunToJson(*record));
    w->End();
  }
  w->EndList();
}

namespace {

void WritePlaybook(const Playbook& playbook, JsonWriter* w) {
  w->Begin();
  w->Text("id", playbook.id());
  w->Text("name", playbook.name());
  w->Text("version", playbook.version());
  w->Bool("verified", playbook.is_verified());
  w->BeginList("variables");
  for (const VariableInfo& v : playbook.variables()) {
    if (!v.external || v.constant) continue;
    w->Begin();
    w->Text("name", v.name);
    w->Text("type", VariableTypeName(v.type));
    w->Bool("needed", !v.has_value);
    w->TextIf("description", v.description);
    w->End();
  }
  w->EndList();
  w->End();
}

void WriteApproval(const ApprovalRequest& a, JsonWriter* w) {
  w->Begin();
  w->Text("key", a.key);
  w->Text("hash", a.hash);
  w->Text("run", a.run);
  w->Text("incident", a.incident);
  w->Text("step", a.step);
  w->Raw("command", a.shown);
  if (!a.undo.empty()) w->Raw("undo", a.undo);
  w->Text("reason", a.reason);
  w->Number("needed", a.needed);
  w->List("approved_by", a.approved_by);
  w->List("approver_roles", a.approver_roles);
  w->Time("expires", a.expires);
  w->End();
}

}  // namespace

std::string Board::ResponseJson() const {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Number("version", version_);
  w.Bool("enabled", executor_ != nullptr);
  w.Bool("kill_switch", executor_ != nullptr && executor_->kill_switch());
  w.BeginList("playbooks");
  for (const auto& playbook : options_.playbooks) WritePlaybook(*playbook, &w);
  w.EndList();
  w.BeginList("approvals");
  if (executor_ != nullptr) {
    for (const ApprovalRequest& a : executor_->PendingApprovals()) WriteApproval(a, &w);
  }
  w.EndList();
  w.BeginList("commands");
  for (const auto& [key, open] : commands_) {
    const CommandRequest& r = open.request;
    w.Begin();
    w.Text("key", key);
    w.Text("run", r.run);
    w.Text("incident", r.incident);
    w.Text("step", r.step_name.empty() ? r.step : r.step_name);
    w.Text("type", r.type);
    w.Raw("command", r.shown.empty() ? "null" : r.shown);
    w.TextIf("text", r.text);
    w.Bool("dry_run", r.dry_run);
    w.BoolIf("undo", r.undo);
    w.Time("since", open.since);
    w.Time("deadline", r.deadline);
    w.TextIf("failure", open.failure);
    w.End();
  }
  w.EndList();
  WriteProposals({}, &w);
  WriteRuns({}, &w);
  w.End();
  return out;
}

std::string Board::HealthJson(EventTime now) const {
  const PipelineStats p = triage_->alerts().stats();
  const IncidentBookStats b = triage_->incidents().stats();
  const std::array<std::pair<std::string_view, uint64_t>, 21> counts = {{
      {"events", events_},
      {"detections", p.detections},
      {"raw_alerts", p.raw},
      {"emitted", p.emitted},
      {"folded", p.folded},
      {"suppressed", p.suppressed},
      {"inhibited", p.inhibited},
      {"late", p.late},
      {"waiting", p.waiting},
      {"escalations", p.escalations},
      {"open_folds", p.open_folds},
      {"evicted_folds", p.evicted_folds},
      {"incidents", b.incidents},
      {"open_incidents", b.open},
      {"merges", b.merges},
      {"merges_refused", b.merges_refused},
      {"hubs", b.hubs},
      {"entities", b.entities},
      {"evicted_incidents", b.evicted_incidents},
      {"sla_breaches", b.sla_breaches},
      {"state_bytes", p.bytes + b.bytes},
  }};
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Number("version", version_);
  w.Bool("input_ended", input_ended_);
  w.Time("started", started_);
  w.Time("last_event", last_event_);
  w.Begin("counts");
  for (const auto& [name, count] : counts) w.Number(name, count);
  w.End();
  w.Raw("blind", BlindRulesToJson(health_.BlindRules()));
  w.BeginList("findings");
  for (const HealthFinding& finding : findings_) {
    w.Begin();
    w.Raw("finding", HealthFindingToJson(finding));
    w.End();
  }
  w.EndList();
  w.Raw("metrics", MetricsToJson(triage_->incidents().Metrics(INT64_MIN + 1, INT64_MAX, now)));
  w.End();
  return out;
}

std::string Board::AuditJson() const {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Number("records", audit_->head().records);
  w.Text("head", audit_->head().hash);
  w.Bool("kept", options_.audit != nullptr);
  std::string lines = "[";
  for (const std::string& line : audit_tail_.lines()) {
    lines.append(lines.size() > 1 ? "," : "").append(line);
  }
  w.Raw("lines", lines + "]");
  w.End();
  return out;
}

}  // namespace vedette::inline v0
