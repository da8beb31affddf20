#include <string>

#include "lib/alert/permille.h"
#include "lib/event/json_writer.h"
#include "vedette/alert/alert.h"

namespace vedette::inline v0 {
namespace {

std::string HexOf(uint64_t n) { return Id128{0, n}.ToText().substr(16); }

void Who(const Alert& a, JsonWriter* w) {
  w->Begin("who");
  w->BeginList("entities");
  for (const AlertEntity& e : a.entities) {
    w->Begin();
    w->Text("type", EntityTypeName(e.entity.type));
    w->Text("value", e.entity.value);
    w->Text("role", e.role);
    w->Text("field", e.field);
    w->TextIf("original", e.original);
    if (e.criticality != Criticality::kNormal) {
      w->Text("criticality", CriticalityName(e.criticality));
    }
    w->Text("joins", JoinStrengthName(e.strength));
    w->Texts("tags", e.tags);
    w->TextIf("fence", e.fence);
    w->End();
  }
  w->EndList();
  w->TextIf("process", a.process);
  w->TextIf("command_line", a.command_line);
  w->End();
}

void What(const Alert& a, JsonWriter* w) {
  w->Begin("what");
  w->Text("rule_id", a.rule->id);
  w->Text("title", a.rule->title);
  w->TextIf("description", a.rule->description);
  w->Pairs("key", a.key, /*values_are_json=*/false);
  if (!a.outcomes.empty()) w->Pairs("computed", a.outcomes, /*values_are_json=*/true);
  w->End();
}

void WhenAndWhere(const Alert& a, JsonWriter* w) {
  w->Begin("when");
  w->Time("event", a.event_time);
  if (a.last_event_time != a.event_time) w->Time("last_event", a.last_event_time);
  w->Time("ingest", a.ingest_time);
  w->Time("alert", a.alert_time);
  w->End();
  w->Begin("where");
  w->Text("source", a.place.source);
  w->Number("line", a.place.line);
  w->TextIf("event_uid", a.place.uid);
  w->TextIf("raw_hash", a.place.raw_hash);
  if (a.place.raw_size > 0) w->Number("raw_bytes", a.place.raw_size);
  w->TextIf("product", a.log_source.product);
  w->TextIf("category", a.log_source.category);
  w->TextIf("service", a.log_source.service);
  w->End();
}

void AppendEvidence(const Evidence& e, JsonWriter* w) {
  w->Begin("events");
  w->Pairs("key", e.key, /*values_are_json=*/true);
  w->Time("first", e.first);
  w->Time("last", e.last);
  if (!e.aggregates.empty()) w->Pairs("aggregates", e.aggregates, /*values_are_json=*/true);
  w->Number("total", e.total_events);
  w->BoolIf("degraded", e.degraded);
  w->BeginList("members");
  for (const EvidenceEvent& event : e.events) {
    w->Begin();
    w->Text("stage", event.source);
    w->Time("time", event.time);
    w->Text("source", event.event_source);
    w->Number("line", event.event_line);
    w->Pairs("fields", event.fields, /*values_are_json=*/true);
    w->End();
  }
  w->EndList();
  w->End();
}

void Why(const Alert& a, JsonWriter* w) {
  w->Begin("why");
  w->Text("emitted", EmitReasonName(a.reason));
  w->TextIf("reason", a.reason_text);
  if (!a.escalates.empty()) w->Text("escalates", a.escalates.ToText());
  if (a.folded_before > 0) w->Number("folded_before", a.folded_before);
  w->TextIf("suppressed_by", a.suppressed_by);
  w->BoolIf("after_negative_verdict", a.after_negative);
  if (!a.matched.empty()) {
    w->BeginList("matched");
    for (const MatchedField& m : a.matched) {
      w->Begin();
      w->Text("field", m.field);
      w->Text("value", m.value);
      w->Text("test", m.test);
      w->Text("selection", m.selection);
      if (!m.indicator.empty()) w->Pairs("indicator", m.indicator, /*values_are_json=*/true);
      w->End();
    }
    w->EndList();
  }
  if (a.evidence != nullptr) AppendEvidence(*a.evidence, w);
  w->End();
}

void HowSureAndSoWhat(const Alert& a, JsonWriter* w) {
  w->Begin("how_sure");
  w->Text("rule_level", LevelName(a.rule->level));
  w->Number("confidence", a.confidence);
  w->TextIf("rule_status", a.rule->status);
  if (a.precision.has_value()) {
    w->Raw("rule_precision_at_least",
           PermilleText(static_cast<uint64_t>(a.precision->lower * 1000 + 0.5)));
    w->Number("rule_verdicts", a.precision->n);
  }
  w->Texts("false_positives", a.rule->false_positives);
  w->End();
  w->Begin("so_what");
  w->Text("asset_criticality", CriticalityName(a.criticality));
  w->Text("outcome", OutcomeName(a.outcome));
  w->Texts("tactics", a.rule->tactics);
  w->Texts("techniques", a.rule->techniques);
  w->End();
}

void WhatNext(const Alert& a, JsonWriter* w) {
  w->Begin("what_next");
  w->Texts("triage_steps", a.rule->triage_steps);
  w->TextIf("playbook", a.rule->playbook);
  w->Texts("references", a.rule->references);
  if (!a.past_verdicts.empty()) {
    w->BeginList("past_verdicts");
    for (const PastVerdict& v : a.past_verdicts) {
      w->Begin();
      w->Text("verdict", VerdictName(v.verdict));
      w->Text("alert", v.alert.ToText());
      w->Text("analyst", v.analyst);
      w->Time("time", v.time);
      w->End();
    }
    w->EndList();
  }
  w->End();
}

}  // namespace

std::string AlertToJson(const Alert& a) {
  std::string out;
  out.reserve(4096);
  JsonWriter w(&out);
  w.Begin();
  w.Text("alert_id", a.id.ToText());
  w.Text("fingerprint", a.fingerprint.ToText());
  w.TextIf("tenant", a.tenant);
  w.Text("severity", LevelName(a.severity));
  w.Text("title", a.rule->title);
  Who(a, &w);
  What(a, &w);
  WhenAndWhere(a, &w);
  Why(a, &w);
  HowSureAndSoWhat(a, &w);
  WhatNext(a, &w);
  w.Begin("credits");
  w.TextIf("rule_author", a.rule->author);
  w.TextIf("rule_license", a.rule->license);
  w.End();
  w.Begin("provenance");
  w.Text("rule_hash", HexOf(a.rule->fingerprint));
  w.TextIf("rule_file", a.rule->source);
  w.Text("engine", a.provenance.engine);
  w.TextIf("schema", a.provenance.schema);
  w.TextIf("intel", a.provenance.intel);
  w.TextIf("policy", a.provenance.policy);
  w.End();
  w.End();
  return out;
}

}  // namespace vedette::inline v0
