// What alerts and incidents say.
#include "lib/capi/alert.h"

#include "vedette/alert/export.h"

using vedette::Alert;
using vedette::AlertEntity;
using vedette::Incident;
using vedette::IncidentEntity;
using vedette::capi::FillStruct;
using vedette::capi::Guard;
using vedette::capi::NullPointer;
using vedette::capi::Out;
using vedette::capi::Outcome;

namespace vedette::inline v0::capi {

vedette_id Out(const Id128& id) {
  vedette_id out = {};
  if (id.empty()) return out;
  const std::string text = id.ToText();
  std::memcpy(out.text, text.data(), std::min(text.size(), sizeof out.text - 1));
  return out;
}

Outcome ReadId(const vedette_id* given, Id128* id) {
  if (given == nullptr) return NullPointer("an id");
  *id = {};
  const std::string_view text(given->text, strnlen(given->text, sizeof given->text));
  if (text.empty()) return {};
  const std::optional<Id128> parsed = Id128::Parse(text);
  if (!parsed.has_value()) {
    return {VEDETTE_INVALID_ARGUMENT, "an id is 32 hexadecimal digits in lower case"};
  }
  *id = *parsed;
  return {};
}

std::unique_ptr<vedette_incident> CopyOf(const Incident& incident) {
  auto copy = std::make_unique<vedette_incident>();
  copy->owned = std::make_unique<const Incident>(incident);
  copy->incident = copy->owned.get();
  return copy;
}

namespace {

vedette_entity EntityOf(const Entity& entity, Criticality criticality) {
  vedette_entity out = {};
  out.criticality = static_cast<int32_t>(criticality);
  out.type = capi::Out(EntityTypeName(entity.type));
  out.value = capi::Out(entity.value);
  out.role = out.field = out.original = capi::Out("");
  return out;
}

vedette_alert_info InfoOf(const Alert& a) {
  vedette_alert_info out = {};
  out.severity = static_cast<int32_t>(a.severity);
  out.reason = static_cast<int32_t>(a.reason);
  out.control = static_cast<int32_t>(a.outcome);
  out.criticality = static_cast<int32_t>(a.criticality);
  out.confidence = a.confidence;
  out.entity_count = static_cast<uint32_t>(a.entities.size());
  out.after_negative = a.after_negative ? 1 : 0;
  out.id = capi::Out(a.id);
  out.fingerprint = capi::Out(a.fingerprint);
  out.escalates = capi::Out(a.escalates);
  out.tenant = capi::Out(a.tenant);
  out.rule_id = capi::Out(a.rule->id);
  out.title = capi::Out(a.rule->title);
  out.reason_text = capi::Out(a.reason_text);
  out.stream = capi::Out(a.place.source);
  out.line = a.place.line;
  out.folded_before = a.folded_before;
  out.event_time = a.event_time;
  out.last_event_time = a.last_event_time;
  out.alert_time = a.alert_time;
  return out;
}

vedette_incident_info InfoOf(const Incident& i) {
  vedette_incident_info out = {};
  out.state = static_cast<int32_t>(i.state);
  out.severity = static_cast<int32_t>(i.severity);
  out.criticality = static_cast<int32_t>(i.criticality);
  out.verdict = static_cast<int32_t>(i.verdict);
  out.priority = i.priority;
  out.refired = i.refired ? 1 : 0;
  out.id = capi::Out(i.id);
  out.duplicate_of = capi::Out(i.duplicate_of);
  out.merged_into = capi::Out(i.merged_into);
  out.tenant = capi::Out(i.tenant);
  out.title = capi::Out(i.title);
  out.assignee = capi::Out(i.assignee);
  out.group = capi::Out(i.group);
  out.version = i.version;
  out.number = i.number;
  out.alert_count = i.alerts.size();
  out.entity_count = i.entities.size();
  out.reopened = i.reopened;
  out.first_event = i.clocks.first_event;
  out.first_alert = i.clocks.alert;
  out.acknowledged = i.clocks.ack;
  out.contained = i.clocks.contain;
  out.resolved = i.clocks.resolve;
  out.closed = i.clocks.close;
  return out;
}

Outcome NoSuchForm(const char* of) {
  return {VEDETTE_INVALID_ARGUMENT, std::string("no such form of ") + of};
}

}  // namespace
}  // namespace vedette::inline v0::capi

vedette_status vedette_id_parse(const char* text, size_t size, vedette_id* id,
                                vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (id == nullptr || !vedette::capi::IsText(text, size)) return NullPointer("text or id");
    *id = {};
    const auto parsed = vedette::Id128::Parse(vedette::capi::Text(text, size));
    if (!parsed.has_value()) {
      return {VEDETTE_INVALID_ARGUMENT, "an id is 32 hexadecimal digits in lower case"};
    }
    *id = Out(*parsed);
    return {};
  });
}

vedette_status vedette_alert_copy(const vedette_alert* alert, vedette_alert** copy,
                                  vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (copy != nullptr) *copy = nullptr;
    if (alert == nullptr || copy == nullptr) return NullPointer("alert or copy");
    auto made = std::make_unique<vedette_alert>();
    made->owned = std::make_unique<const Alert>(*alert->alert);
    made->alert = made->owned.get();
    *copy = made.release();
    return {};
  });
}

void vedette_alert_free(vedette_alert* alert) {
  if (alert != nullptr && alert->owned != nullptr) delete alert;
}

vedette_status vedette_alert_get(const vedette_alert* alert, vedette_alert_info* info,
                                 vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (alert == nullptr) return NullPointer("alert");
    return FillStruct(vedette::capi::InfoOf(*alert->alert), info);
  });
}

vedette_status vedette_alert_entity(const vedette_alert* alert, size_t index,
                                    vedette_entity* entity, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (alert == nullptr || index >= alert->alert->entities.size()) {
      return {VEDETTE_INVALID_ARGUMENT, "the alert has no such entity"};
    }
    const AlertEntity& e = alert->alert->entities[index];
    vedette_entity out = vedette::capi::EntityOf(e.entity, e.criticality);
    out.role = Out(e.role);
    out.field = Out(e.field);
    out.original = Out(e.original);
    return FillStruct(out, entity);
  });
}

vedette_status vedette_alert_json(const vedette_alert* alert, int32_t form, vedette_bytes** json,
                                  vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (json != nullptr) *json = nullptr;
    if (alert == nullptr || json == nullptr) return NullPointer("alert or json");
    switch (form) {
      case VEDETTE_FORM_JSON:
        vedette::capi::SetBytes(vedette::AlertToJson(*alert->alert), json);
        return {};
      case VEDETTE_FORM_OCSF:
        vedette::capi::SetBytes(vedette::AlertToOcsfJson(*alert->alert), json);
        return {};
      case VEDETTE_FORM_ECS:
        vedette::capi::SetBytes(vedette::AlertToEcsJson(*alert->alert), json);
        return {};
      default:
        return vedette::capi::NoSuchForm("alerts");
    }
  });
}

vedette_status vedette_incident_copy(const vedette_incident* incident, vedette_incident** copy,
                                     vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (copy != nullptr) *copy = nullptr;
    if (incident == nullptr || copy == nullptr) return NullPointer("incident or copy");
    *copy = vedette::capi::CopyOf(*incident->incident).release();
    return {};
  });
}

void vedette_incident_free(vedette_incident* incident) {
  if (incident != nullptr && incident->owned != nullptr) delete incident;
}

vedette_status vedette_incident_get(const vedette_incident* incident, vedette_incident_info* info,
                                    vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (incident == nullptr) return NullPointer("incident");
    return FillStruct(vedette::capi::InfoOf(*incident->incident), info);
  });
}

vedette_status vedette_incident_entity(const vedette_incident* incident, size_t index,
                                       vedette_entity* entity, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (incident == nullptr || index >= incident->incident->entities.size()) {
      return {VEDETTE_INVALID_ARGUMENT, "the incident has no such entity"};
    }
    const IncidentEntity& e = incident->incident->entities[index];
    return FillStruct(vedette::capi::EntityOf(e.entity, e.criticality), entity);
  });
}

vedette_status vedette_incident_alert(const vedette_incident* incident, size_t index,
                                      vedette_id* alert, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (alert == nullptr) return NullPointer("alert");
    if (incident == nullptr || index >= incident->incident->alerts.size()) {
      return {VEDETTE_INVALID_ARGUMENT, "the incident has no such alert"};
    }
    *alert = Out(incident->incident->alerts[index].id);
    return {};
  });
}

vedette_status vedette_incident_json(const vedette_incident* incident, int32_t form,
                                     vedette_bytes** json, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (json != nullptr) *json = nullptr;
    if (incident == nullptr || json == nullptr) return NullPointer("incident or json");
    const Incident& i = *incident->incident;
    switch (form) {
      case VEDETTE_FORM_JSON:
      case VEDETTE_FORM_JSON_WITH_ALERTS:
        vedette::capi::SetBytes(vedette::IncidentToJson(i, form == VEDETTE_FORM_JSON_WITH_ALERTS),
                                json);
        return {};
      case VEDETTE_FORM_OCSF:
        vedette::capi::SetBytes(vedette::IncidentToOcsfJson(i), json);
        return {};
      case VEDETTE_FORM_MARKDOWN:
        vedette::capi::SetBytes(vedette::IncidentToMarkdown(i), json);
        return {};
      default:
        return vedette::capi::NoSuchForm("incidents");
    }
  });
}
