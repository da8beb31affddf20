// OCSF Detection Findings.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/alert/alert_parts.h"
#include "lib/alert/ocsf_parts.h"
#include "lib/alert/permille.h"
#include "vedette/alert/export.h"
#include "vedette/version.h"

namespace vedette::inline v0 {
namespace {

// Of OCSF's observable types.
constexpr uint32_t kHostname = 1;
constexpr uint32_t kIpAddress = 2;
constexpr uint32_t kUserName = 4;
constexpr uint32_t kHash = 8;
constexpr uint32_t kProcessName = 9;
constexpr uint32_t kCommandLine = 13;
constexpr uint32_t kUserUid = 31;
constexpr uint32_t kProcessUid = 39;
constexpr uint32_t kOther = 99;

void WriteUser(std::string_view name, const UserParts& user, JsonWriter* w) {
  w->Begin(name);
  w->TextIf("name", user.name);
  w->TextIf("domain", user.domain);
  w->TextIf("uid", user.uid);
  w->End();
}

void WriteFile(std::string_view path, JsonWriter* w) {
  w->Begin("file");
  w->Text("name", FileNameOf(path));
  w->Text("path", path);
  w->Number("type_id", 1);
  w->Text("type", "Regular File");
  w->End();
}

// A process of OCSF must have an id; without one its file is told alone.
void WriteProcess(const Alert& a, const AlertParts& p, JsonWriter* w) {
  if (p.process_uid.empty()) {
    if (!a.process.empty()) WriteFile(a.process, w);
    return;
  }
  w->Begin("process");
  w->Text("uid", p.process_uid);
  if (!a.process.empty()) {
    w->Text("name", FileNameOf(a.process));
    WriteFile(a.process, w);
  }
  w->TextIf("cmd_line", a.command_line);
  if (!p.parent_uid.empty()) {
    w->Begin("parent_process");
    w->Text("uid", p.parent_uid);
    w->End();
  }
  w->End();
}

void WriteEndpoints(const Alert& a, const AlertParts& p, JsonWriter* w) {
  if (!p.source_ip.empty()) {
    w->Begin("src_endpoint");
    w->Text("ip", p.source_ip);
    w->End();
  }
  if (!p.destination_ip.empty() || !p.destination_name.empty()) {
    w->Begin("dst_endpoint");
    w->TextIf("ip", p.destination_ip);
    w->TextIf("hostname", p.destination_name);
    w->End();
  }
  if (!p.query.empty() && a.log_source.category.starts_with("dns")) {
    w->Begin("query");
    w->Text("hostname", p.query);
    w->End();
  }
}

void WriteMatched(const Alert& a, JsonWriter* w) {
  w->Begin("data");
  w->BeginList("matched");
  for (const MatchedField& m : a.matched) {
    w->Begin();
    w->TextIf("field", m.field);
    w->Text("value", m.value);
    w->Text("test", m.test);
    w->TextIf("selection", m.selection);
    if (!m.indicator.empty()) w->Pairs("indicator", m.indicator, /*values_are_json=*/true);
    w->End();
  }
  w->EndList();
  if (!a.command_line.empty()) w->Text("cmd_line", a.command_line);
  w->End();
}

void WriteEvidences(const Alert& a, const AlertParts& p, JsonWriter* w) {
  w->BeginList("evidences");
  w->Begin();
  w->Text("name", "detection");
  WriteProcess(a, p, w);
  if (p.actor.has_value() || !p.session.empty()) {
    w->Begin("actor");
    if (p.actor.has_value()) WriteUser("user", *p.actor, w);
    if (!p.session.empty()) {
      w->Begin("session");
      w->Text("uid", p.session);
      w->End();
    }
    w->End();
  }
  if (p.target.has_value()) WriteUser("user", *p.target, w);
  WriteEndpoints(a, p, w);
  WriteMatched(a, w);
  w->End();
  if (a.evidence != nullptr) {
    for (const EvidenceEvent& e : a.evidence->events) {
      w->Begin();
      w->TextIf("name", e.source);
      w->TextIf("uid", EventUidOf(e));
      w->Pairs("data", e.fields, /*values_are_json=*/true);
      w->End();
    }
  }
  w->EndList();
}

void WriteRelatedEvents(const Alert& a, JsonWriter* w) {
  if (a.evidence == nullptr) {
    const std::string uid = EventUidOf(a.place);
    if (!uid.empty()) {
      w->BeginList("related_events");
      w->Begin();
      w->Text("uid", uid);
      WriteOcsfTime("first_seen_time", a.event_time, w);
      w->End();
      w->EndList();
    }
    w->Number("related_events_count", 1);
    return;
  }
  bool any = false;
  for (const EvidenceEvent& e : a.evidence->events) {
    const std::string uid = EventUidOf(e);
    if (uid.empty()) continue;
    if (!any) w->BeginList("related_events");
    any = true;
    w->Begin();
    w->Text("uid", uid);
    w->TextIf("title", e.source);
    WriteOcsfTime("first_seen_time", e.time, w);
    w->End();
  }
  if (any) w->EndList();
  w->Number("related_events_count", a.evidence->total_events);
}

void WriteFindingInfo(const Alert& a, JsonWriter* w) {
  w->Begin("finding_info");
  w->Text("uid", a.id.ToText());
  w->Text("title", a.rule->title);
  w->TextIf("desc", a.rule->description);
  WriteOcsfAnalytic(*a.rule, w);
  WriteOcsfAttacks(a.rule->tactics, a.rule->techniques, w);
  WriteOcsfTime("created_time", TimeOfAlert(a), w);
  WriteOcsfTime("first_seen_time", a.event_time, w);
  WriteOcsfTime("last_seen_time", a.last_event_time, w);
  if (!a.log_source.empty()) w->Texts("data_sources", {a.log_source.ToString()});
  WriteRelatedEvents(a, w);
  if (!a.rule->tags.empty()) {
    w->BeginList("tags");
    w->Begin();
    w->Text("name", "rule.tags");
    w->Texts("values", a.rule->tags);
    w->End();
    w->EndList();
  }
  w->End();
}

void WriteMetadata(const Alert& a, bool device, JsonWriter* w) {
  w->Begin("metadata");
  w->Text("version", kOcsfVersion);
  WriteOcsfProduct(w);
  w->Text("uid", a.id.ToText());
  w->TextIf("tenant_uid", a.tenant);
  w->TextIf("log_name", a.place.source);
  WriteOcsfTime("logged_time", a.ingest_time, w);
  w->TextIf("original_time", FormatEventTime(a.event_time));
  std::vector<std::string> profiles;
  if (device) profiles.emplace_back("host");
  if (a.outcome != Outcome::kUnknown) profiles.emplace_back("security_control");
  w->Texts("profiles", profiles);
  w->End();
}

// `name` says where in the finding the value stands; empty if it stands nowhere else.
void Observable(std::string_view name, uint32_t type_id, std::string_view type,
                std::string_view value, JsonWriter* w) {
  if (value.empty()) return;
  w->Begin();
  w->TextIf("name", name);
  w->Number("type_id", type_id);
  w->Text("type", type);
  w->Text("value", value);
  w->End();
}

std::string_view UserPointer(const AlertEntity& e, const AlertParts& p) {
  const UserParts user = SplitUser(e.entity.value);
  const bool target = e.role == "target";
  const std::optional<UserParts>& part = target ? p.target : p.actor;
  if (!part.has_value() || part->name != user.name || part->domain != user.domain ||
      part->uid != user.uid) {
    return {};
  }
  if (!user.uid.empty()) return target ? "evidences.user.uid" : "evidences.actor.user.uid";
  return target ? "evidences.user.name" : "evidences.actor.user.name";
}

// Where the finding has the entity's value.
std::string_view PointerOf(const AlertEntity& e, const AlertParts& p, bool dns) {
  const std::string_view value = e.entity.value;
  switch (e.entity.type) {
    case EntityType::kDevice:
      return value == p.device ? "device.hostname" : "";
    case EntityType::kUser:
      return UserPointer(e, p);
    case EntityType::kProcess:
      if (p.process_uid.empty()) return {};
      if (e.role == "process" && value == p.process_uid) return "evidences.process.uid";
      if (e.role != "parent" || value != p.parent_uid) return {};
      return "evidences.process.parent_process.uid";
    case EntityType::kSession:
      return value == p.session ? "evidences.actor.session.uid" : "";
    case EntityType::kInternalIp:
    case EntityType::kExternalIp:
      if (e.role == "source" && value == p.source_ip) return "evidences.src_endpoint.ip";
      return e.role == "destination" && value == p.destination_ip ? "evidences.dst_endpoint.ip"
                                                                  : "";
    case EntityType::kDomain:
      if (e.role == "query") return dns && value == p.query ? "evidences.query.hostname" : "";
      return value == p.destination_name ? "evidences.dst_endpoint.hostname" : "";
    case EntityType::kFileHash:
    case EntityType::kEmail:
      break;
  }
  return {};
}

void EntityObservable(const AlertEntity& e, std::string_view name, JsonWriter* w) {
  const std::string_view value = e.entity.value;
  switch (e.entity.type) {
    case EntityType::kDevice:
    case EntityType::kDomain:
      return Observable(name, kHostname, "Hostname", value, w);
    case EntityType::kInternalIp:
    case EntityType::kExternalIp:
      return Observable(name, kIpAddress, "IP Address", value, w);
    case EntityType::kUser:
      if (!SplitUser(value).uid.empty()) {
        return Observable(name, kUserUid, "User: Unique ID", value, w);
      }
      return Observable(name, kUserName, "User Name", value, w);
    case EntityType::kProcess:
      return Observable(name, kProcessUid, "Process Entity: Unique ID", value, w);
    case EntityType::kFileHash:
      return Observable(name, kHash, "Hash", value, w);
    case EntityType::kSession:
      return Observable(name, kOther, "Session", value, w);
    case EntityType::kEmail:
      return Observable(name, kOther, "Message", value, w);
  }
}

void WriteObservables(const Alert& a, const AlertParts& p, JsonWriter* w) {
  if (a.entities.empty() && a.process.empty() && a.command_line.empty()) return;
  const bool dns = a.log_source.category.starts_with("dns");
  const bool process = !p.process_uid.empty();
  w->BeginList("observables");
  for (const AlertEntity& e : a.entities) EntityObservable(e, PointerOf(e, p, dns), w);
  Observable(process ? "evidences.process.name" : "evidences.file.name", kProcessName,
             "Process Name", FileNameOf(a.process), w);
  Observable(process ? "evidences.process.cmd_line" : "evidences.data.cmd_line", kCommandLine,
             "Command Line", a.command_line, w);
  w->EndList();
}

// Devices, and the users that something was done to.
void WriteResources(const Alert& a, JsonWriter* w) {
  bool any = false;
  for (const AlertEntity& e : a.entities) {
    const bool device = e.entity.type == EntityType::kDevice;
    if (!device && (e.entity.type != EntityType::kUser || e.role != "target")) continue;
    if (!any) w->BeginList("resources");
    any = true;
    w->Begin();
    w->Text("name", e.entity.value);
    w->Text("type", EntityTypeName(e.entity.type));
    w->Text("criticality", CriticalityName(e.criticality));
    w->Texts("labels", e.tags);
    w->End();
  }
  if (any) w->EndList();
}

// What OCSF has no attribute for.
void WriteUnmapped(const Alert& a, JsonWriter* w) {
  const AlertRule& rule = *a.rule;
  w->Begin("unmapped");
  w->Text("fingerprint", a.fingerprint.ToText());
  w->Pairs("key", a.key, /*values_are_json=*/false);
  w->Text("emitted", EmitReasonName(a.reason));
  w->TextIf("reason", a.reason_text);
  if (!a.escalates.empty()) w->Text("escalates", a.escalates.ToText());
  if (a.folded_before > 0) w->Number("folded_before", a.folded_before);
  w->Text("asset_criticality", CriticalityName(a.criticality));
  if (a.precision.has_value()) {
    w->Raw("rule_precision_at_least",
           PermilleText(static_cast<uint64_t>(a.precision->lower * 1000 + 0.5)));
    w->Number("rule_verdicts", a.precision->n);
  }
  w->TextIf("rule_author", rule.author);
  w->TextIf("rule_license", rule.license);
  w->TextIf("rule_status", rule.status);
  w->Texts("references", rule.references);
  w->Texts("false_positives", rule.false_positives);
  w->Texts("triage_steps", rule.triage_steps);
  w->TextIf("playbook", rule.playbook);
  if (a.place.raw_size > 0) w->Number("raw_bytes", a.place.raw_size);
  w->TextIf("intel", a.provenance.intel);
  w->TextIf("policy", a.provenance.policy);
  w->End();
}

void WriteOutcome(const Alert& a, JsonWriter* w) {
  if (a.outcome == Outcome::kUnknown) return;
  const bool blocked = a.outcome == Outcome::kBlocked;
  w->Number("action_id", blocked ? 2 : 1);
  w->Text("action", blocked ? "Denied" : "Allowed");
  w->Number("disposition_id", blocked ? 2 : 1);
  w->Text("disposition", blocked ? "Blocked" : "Allowed");
}

}  // namespace

void WriteOcsfClass(uint32_t class_uid, std::string_view class_name, uint32_t activity_id,
                    std::string_view activity_name, JsonWriter* w) {
  w->Number("activity_id", activity_id);
  w->Text("activity_name", activity_name);
  w->Number("category_uid", 2);
  w->Text("category_name", "Findings");
  w->Number("class_uid", class_uid);
  w->Text("class_name", class_name);
  w->Number("type_uid", uint64_t{class_uid} * 100 + activity_id);
  w->Text("type_name", absl::StrCat(std::string(class_name), ": ", std::string(activity_name)));
}

void WriteOcsfTime(std::string_view name, EventTime t, JsonWriter* w) {
  if (t != kNoEventTime) w->Signed(name, MillisecondsOf(t));
}

void WriteOcsfProduct(JsonWriter* w) {
  w->Begin("product");
  w->Text("name", "Vedette");
  w->Text("vendor_name", "Vedette");
  w->Text("version", kVersion);
  w->End();
}

void WriteOcsfAttacks(const std::vector<std::string>& tactics,
                      const std::vector<std::string>& techniques, JsonWriter* w) {
  if (tactics.empty() && techniques.empty()) return;
  w->BeginList("attacks");
  for (const std::string& tactic : tactics) {
    w->Begin();
    w->Begin("tactic");
    w->TextIf("uid", TacticUid(tactic));
    w->Text("name", TacticTitle(tactic));
    w->End();
    w->End();
  }
  for (const std::string& technique : techniques) {
    const size_t dot = technique.find('.');
    w->Begin();
    w->Begin("technique");
    w->Text("uid", std::string_view(technique).substr(0, dot));
    w->End();
    if (dot != std::string::npos) {
      w->Begin("sub_technique");
      w->Text("uid", technique);
      w->End();
    }
    w->End();
  }
  w->EndList();
}

void WriteOcsfAnalytic(const AlertRule& rule, JsonWriter* w) {
  w->Begin("analytic");
  w->Text("uid", rule.id);
  w->Text("name", rule.title);
  w->Text("version", Id128{0, rule.fingerprint}.ToText().substr(16));
  w->Number("type_id", 1);
  w->Text("type", "Rule");
  w->Text("category", rule.correlation ? "correlation" : "single event");
  w->End();
}

std::string AlertToOcsfJson(const Alert& a) {
  const AlertParts p = PartsOf(a);
  std::string out;
  out.reserve(4096);
  JsonWriter w(&out);
  w.Begin();
  WriteOcsfClass(2004, "Detection Finding", 1, "Create", &w);
  WriteOcsfTime("time", TimeOfAlert(a), &w);
  WriteOcsfTime("start_time", a.event_time, &w);
  WriteOcsfTime("end_time", a.last_event_time, &w);
  w.Signed("severity_id", OcsfSeverity(a.severity));
  w.Text("severity", OcsfSeverityName(OcsfSeverity(a.severity)));
  w.Number("status_id", 1);
  w.Text("status", "New");
  w.Bool("is_alert", true);
  w.Signed("confidence_id", OcsfConfidence(a.confidence));
  w.Text("confidence", OcsfConfidenceName(OcsfConfidence(a.confidence)));
  w.Number("confidence_score", a.confidence);
  w.Text("message", a.rule->title);
  WriteOutcome(a, &w);
  WriteMetadata(a, !p.device.empty(), &w);
  WriteFindingInfo(a, &w);
  WriteEvidences(a, p, &w);
  if (!p.device.empty()) {
    w.Begin("device");
    w.Text("hostname", p.device);
    w.Number("type_id", 0);
    w.Text("type", "Unknown");
    w.End();
  }
  WriteResources(a, &w);
  WriteObservables(a, p, &w);
  if (const auto digest = DigestOf(a.place); digest.has_value()) {
    w.Begin("raw_data_hash");
    w.Signed("algorithm_id", digest->algorithm_id);
    w.Text("algorithm", digest->algorithm);
    w.Text("value", digest->value);
    w.End();
  }
  WriteUnmapped(a, &w);
  w.End();
  return out;
}

}  // namespace vedette::inline v0
