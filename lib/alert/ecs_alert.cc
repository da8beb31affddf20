// Alerts as documents of the Elastic Common Schema.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/alert/alert_parts.h"
#include "lib/event/json_writer.h"
#include "vedette/alert/export.h"
#include "vedette/version.h"

namespace vedette::inline v0 {
namespace {

void WriteEvent(const Alert& a, JsonWriter* w) {
  w->Begin("event");
  w->Text("kind", "alert");
  w->Texts("category", {"intrusion_detection"});
  w->Texts("type", {a.outcome == Outcome::kBlocked   ? "denied"
                    : a.outcome == Outcome::kAllowed ? "allowed"
                                                     : "info"});
  w->Text("id", a.id.ToText());
  w->Number("severity", static_cast<uint64_t>(a.severity));
  w->Text("provider", "vedette");
  w->TextIf("dataset", a.log_source.empty() ? std::string() : a.log_source.ToString());
  w->Time("created", TimeOfAlert(a));
  w->Time("ingested", a.ingest_time);
  w->Time("start", a.event_time);
  w->Time("end", a.last_event_time);
  w->TextIf("hash", a.place.raw_hash);
  w->TextIf("reason", a.reason_text);
  w->TextIf("reference", a.rule->references.empty() ? std::string() : a.rule->references[0]);
  w->End();
}

void WriteRule(const AlertRule& rule, JsonWriter* w) {
  w->Begin("rule");
  w->Text("id", rule.id);
  w->Text("name", rule.title);
  w->TextIf("description", rule.description);
  if (!rule.author.empty()) w->Texts("author", {rule.author});
  w->TextIf("license", rule.license);
  if (!rule.references.empty()) w->Text("reference", rule.references[0]);
  w->Text("version", Id128{0, rule.fingerprint}.ToText().substr(16));
  w->TextIf("ruleset", rule.source);
  w->End();
}

// ECS lists techniques and their sub-techniques side by side.
void WriteThreat(const AlertRule& rule, JsonWriter* w) {
  if (rule.tactics.empty() && rule.techniques.empty()) return;
  w->Begin("threat");
  w->Text("framework", "MITRE ATT&CK");
  if (!rule.tactics.empty()) {
    std::vector<std::string> ids;
    std::vector<std::string> names;
    for (const std::string& tactic : rule.tactics) {
      names.push_back(TacticTitle(tactic));
      if (const std::string_view id = TacticUid(tactic); !id.empty()) ids.emplace_back(id);
    }
    w->Begin("tactic");
    w->Texts("id", ids);
    w->Texts("name", names);
    w->End();
  }
  if (!rule.techniques.empty()) {
    std::vector<std::string> ids;
    std::vector<std::string> sub_ids;
    for (const std::string& technique : rule.techniques) {
      const size_t dot = technique.find('.');
      std::string id = technique.substr(0, dot);
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(std::move(id));
      if (dot != std::string::npos) sub_ids.push_back(technique);
    }
    w->Begin("technique");
    w->Texts("id", ids);
    if (!sub_ids.empty()) {
      w->Begin("subtechnique");
      w->Texts("id", sub_ids);
      w->End();
    }
    w->End();
  }
  w->End();
}

void WriteUserFields(const UserParts& user, JsonWriter* w) {
  w->TextIf("name", user.name);
  w->TextIf("domain", user.domain);
  w->TextIf("id", user.uid);
}

void WriteWho(const Alert& a, const AlertParts& p, JsonWriter* w) {
  if (!p.device.empty()) {
    w->Begin("host");
    w->Text("name", p.device);
    w->End();
  }
  if (p.actor.has_value() || p.target.has_value()) {
    w->Begin("user");
    if (p.actor.has_value()) WriteUserFields(*p.actor, w);
    if (p.target.has_value()) {
      w->Begin("target");
      WriteUserFields(*p.target, w);
      w->End();
    }
    w->End();
  }
  if (!a.process.empty() || !a.command_line.empty() || !p.process_uid.empty() ||
      !p.parent_uid.empty()) {
    w->Begin("process");
    w->TextIf("entity_id", p.process_uid);
    w->TextIf("executable", a.process);
    w->TextIf("name", FileNameOf(a.process));
    w->TextIf("command_line", a.command_line);
    if (!p.parent_uid.empty()) {
      w->Begin("parent");
      w->Text("entity_id", p.parent_uid);
      w->End();
    }
    w->End();
  }
}

void WriteNetwork(const Alert& a, const AlertParts& p, JsonWriter* w) {
  if (!p.source_ip.empty()) {
    w->Begin("source");
    w->Text("ip", p.source_ip);
    w->End();
  }
  if (!p.destination_ip.empty() || !p.destination_name.empty()) {
    w->Begin("destination");
    w->TextIf("ip", p.destination_ip);
    w->TextIf("domain", p.destination_name);
    w->End();
  }
  if (!p.query.empty() && a.log_source.category.starts_with("dns")) {
    w->Begin("dns");
    w->Begin("question");
    w->Text("name", p.query);
    w->End();
    w->End();
  }
}

void WriteRelated(const Alert& a, JsonWriter* w) {
  std::vector<std::string> hashes;
  std::vector<std::string> hosts;
  std::vector<std::string> ips;
  std::vector<std::string> users;
  const auto add = [](const std::string& value, std::vector<std::string>* list) {
    if (std::find(list->begin(), list->end(), value) == list->end()) list->push_back(value);
  };
  for (const AlertEntity& e : a.entities) {
    switch (e.entity.type) {
      case EntityType::kDevice:
      case EntityType::kDomain:
        add(e.entity.value, &hosts);
        break;
      case EntityType::kUser:
        add(e.entity.value, &users);
        break;
      case EntityType::kFileHash:
        add(e.entity.value, &hashes);
        break;
      case EntityType::kInternalIp:
      case EntityType::kExternalIp:
        add(e.entity.value, &ips);
        break;
      case EntityType::kProcess:
      case EntityType::kSession:
      case EntityType::kEmail:
        break;
    }
  }
  if (hashes.empty() && hosts.empty() && ips.empty() && users.empty()) return;
  w->Begin("related");
  w->Texts("hash", hashes);
  w->Texts("hosts", hosts);
  w->Texts("ip", ips);
  w->Texts("user", users);
  w->End();
}

// Labels are text in ECS, and their names have no dots.
void WriteLabels(const Alert& a, JsonWriter* w) {
  w->Begin("labels");
  w->Text("fingerprint", a.fingerprint.ToText());
  w->TextIf("severity", LevelName(a.severity));
  w->Text("confidence", std::to_string(a.confidence));
  w->Text("outcome", OutcomeName(a.outcome));
  w->Text("asset_criticality", CriticalityName(a.criticality));
  w->Text("emitted", EmitReasonName(a.reason));
  if (!a.escalates.empty()) w->Text("escalates", a.escalates.ToText());
  if (a.folded_before > 0) w->Text("folded_before", std::to_string(a.folded_before));
  w->TextIf("playbook", a.rule->playbook);
  w->TextIf("rule_status", a.rule->status);
  w->TextIf("event_uid", EventUidOf(a.place));
  w->End();
}

// "field: value" of what matched, for who reads nothing else.
std::string MessageOf(const Alert& a) {
  std::string out = a.rule->title;
  for (const MatchedField& m : a.matched) {
    out.append(&m == &a.matched.front() ? ": " : ", ");
    if (!m.field.empty()) out.append(m.field).append("=");
    out.append(m.value);
    if (out.size() > 1024) break;
  }
  return out;
}

}  // namespace

std::string AlertToEcsJson(const Alert& a) {
  const AlertParts p = PartsOf(a);
  std::string out;
  out.reserve(2048);
  JsonWriter w(&out);
  w.Begin();
  w.Time("@timestamp", TimeOfAlert(a));
  w.Begin("ecs");
  w.Text("version", kEcsVersion);
  w.End();
  w.Text("message", MessageOf(a));
  WriteEvent(a, &w);
  WriteRule(*a.rule, &w);
  WriteThreat(*a.rule, &w);
  WriteWho(a, p, &w);
  WriteNetwork(a, p, &w);
  WriteRelated(a, &w);
  if (!a.place.source.empty()) {
    w.Begin("log");
    w.Begin("file");
    w.Text("path", a.place.source);
    w.End();
    w.End();
  }
  if (!a.tenant.empty()) {
    w.Begin("organization");
    w.Text("id", a.tenant);
    w.End();
  }
  w.Begin("observer");
  w.Text("product", "Vedette");
  w.Text("vendor", "Vedette");
  w.Text("version", kVersion);
  w.End();
  w.Texts("tags", a.rule->tags);
  WriteLabels(a, &w);
  w.End();
  return out;
}

}  // namespace vedette::inline v0
