// The C interface, fifth part: what alerts and incidents say. triage.h makes them of detections;
// docs/alerts.md says what they mean. base.h says what holds for every function.
#ifndef VEDETTE_C_ALERT_H_
#define VEDETTE_C_ALERT_H_

#include "vedette/c/base.h"
#include "vedette/c/rules.h"

#ifdef __cplusplus
extern "C" {
#endif

// The name of an alert, a fingerprint or an incident: 32 hexadecimal digits and a 0 byte; the first
// byte is 0 where there is none. The same input gives the same id everywhere.
typedef struct vedette_id {
  char text[40];
} vedette_id;
// INVALID_ARGUMENT unless the text is 32 hexadecimal digits in lower case. Thread-safe.
VEDETTE_API vedette_status vedette_id_parse(const char* text, size_t size, vedette_id* id,
                                            vedette_error** error);

// In whose words an alert or incident is written; one line each, but for the last.
enum {
  VEDETTE_FORM_JSON = 0,              // Vedette's own
  VEDETTE_FORM_OCSF = 1,              // Detection Finding, Incident Finding
  VEDETTE_FORM_ECS = 2,               // alerts only
  VEDETTE_FORM_JSON_WITH_ALERTS = 3,  // incidents only
  VEDETTE_FORM_MARKDOWN = 4           // incidents only: a report for people
};

// How much an asset matters.
enum {
  VEDETTE_CRITICALITY_LOW = 0,
  VEDETTE_CRITICALITY_NORMAL = 1,
  VEDETTE_CRITICALITY_HIGH = 2,
  VEDETTE_CRITICALITY_CRITICAL = 3
};

// Who or what an alert or incident is about.
typedef struct vedette_entity {
  uint32_t struct_size;
  int32_t criticality;
  vedette_string type;      // "device", "user", "process", "session", "file_hash", "internal_ip",
                            // "external_ip", "domain", "email"
  vedette_string value;     // normalised: case folded, the canonical name
  vedette_string role;      // of alerts: "device", "actor", "target", "source", ...
  vedette_string field;     // of alerts: where it was read
  vedette_string original;  // of alerts: as the event has it, if that is another name
} vedette_entity;

// ---- Alerts -----------------------------------------------------------------------------------

// A detection with all that triage needs. One that a callback gets is borrowed until the callback
// returns; a copy belongs to the host. Immutable and thread-safe.
typedef struct vedette_alert vedette_alert;
VEDETTE_API vedette_status vedette_alert_copy(const vedette_alert* alert, vedette_alert** copy,
                                              vedette_error** error);
// Frees a copy; one that a callback got is left alone.
VEDETTE_API void vedette_alert_free(vedette_alert* alert);

// Why an alert came out rather than being folded or held back.
enum {
  VEDETTE_EMIT_FIRST = 0,       // nothing like it is open
  VEDETTE_EMIT_ESCALATION = 1,  // something like it is, but this is worse
  VEDETTE_EMIT_CANARY = 2,      // one of many that are held back, so that somebody looks
  VEDETTE_EMIT_ALONE = 3        // a key field is missing, and the policy wants those alone
};
// What a control did about what happened.
enum { VEDETTE_CONTROL_UNKNOWN = 0, VEDETTE_CONTROL_ALLOWED = 1, VEDETTE_CONTROL_BLOCKED = 2 };

typedef struct vedette_alert_info {
  uint32_t struct_size;
  int32_t severity;     // VEDETTE_LEVEL_*
  int32_t reason;       // VEDETTE_EMIT_*
  int32_t control;      // VEDETTE_CONTROL_*
  int32_t criticality;  // the highest of its entities
  uint32_t confidence;  // 0 to 100
  uint32_t entity_count;
  uint32_t after_negative;  // 1: its like was last judged a false positive or benign
  vedette_id id;
  vedette_id fingerprint;  // of what folds together
  vedette_id escalates;    // the alert that it would have been folded into
  vedette_string tenant;
  vedette_string rule_id;  // else the rule's name or title
  vedette_string title;
  vedette_string reason_text;
  vedette_string stream;  // where the event came from
  uint64_t line;
  uint64_t folded_before;  // alerts like it since the one that it escalates, or held back ones
  vedette_time event_time;
  vedette_time last_event_time;
  vedette_time alert_time;
} vedette_alert_info;
// The texts live as long as the alert.
VEDETTE_API vedette_status vedette_alert_get(const vedette_alert* alert, vedette_alert_info* info,
                                             vedette_error** error);
VEDETTE_API vedette_status vedette_alert_entity(const vedette_alert* alert, size_t index,
                                                vedette_entity* entity, vedette_error** error);
// All that the alert says. INVALID_ARGUMENT for a form that is of incidents only.
VEDETTE_API vedette_status vedette_alert_json(const vedette_alert* alert, int32_t form,
                                              vedette_bytes** json, vedette_error** error);

// ---- Incidents --------------------------------------------------------------------------------

// Alerts that belong together, and what people did about them. Borrowed and copied like alerts; a
// copy is the incident as it was then. Immutable and thread-safe.
typedef struct vedette_incident vedette_incident;
VEDETTE_API vedette_status vedette_incident_copy(const vedette_incident* incident,
                                                 vedette_incident** copy, vedette_error** error);
// Frees a copy; one that a callback got is left alone.
VEDETTE_API void vedette_incident_free(vedette_incident* incident);

// OCSF's numbers.
enum {
  VEDETTE_INCIDENT_NEW = 1,
  VEDETTE_INCIDENT_IN_PROGRESS = 2,
  VEDETTE_INCIDENT_ON_HOLD = 3,
  VEDETTE_INCIDENT_RESOLVED = 4,
  VEDETTE_INCIDENT_CLOSED = 5
};
enum {
  VEDETTE_VERDICT_NONE = 0,
  VEDETTE_VERDICT_FALSE_POSITIVE = 1,
  VEDETTE_VERDICT_TRUE_POSITIVE = 2,
  VEDETTE_VERDICT_SUSPICIOUS = 4,
  VEDETTE_VERDICT_BENIGN = 5,  // a true alarm with a legitimate cause
  VEDETTE_VERDICT_TEST = 6,
  VEDETTE_VERDICT_INSUFFICIENT = 7,
  VEDETTE_VERDICT_DUPLICATE = 10
};

typedef struct vedette_incident_info {
  uint32_t struct_size;
  int32_t state;        // VEDETTE_INCIDENT_*
  int32_t severity;     // VEDETTE_LEVEL_*: the highest of its alerts
  int32_t criticality;  // VEDETTE_CRITICALITY_*
  int32_t verdict;      // VEDETTE_VERDICT_*
  uint32_t priority;    // 1 (most urgent) to 4
  uint32_t refired;     // 1: came again after a negative verdict, with nothing worse
  uint32_t reserved;
  vedette_id id;
  vedette_id duplicate_of;
  vedette_id merged_into;  // then its alerts are there
  vedette_string tenant;
  vedette_string title;
  vedette_string assignee;
  vedette_string group;
  uint64_t version;  // of what people changed: see vedette_change
  uint64_t number;   // counts up within a triage
  uint64_t alert_count;
  uint64_t entity_count;
  uint64_t reopened;
  vedette_time first_event;  // VEDETTE_NO_TIME: not yet
  vedette_time first_alert;
  vedette_time acknowledged;
  vedette_time contained;
  vedette_time resolved;
  vedette_time closed;
} vedette_incident_info;
// The texts live as long as the incident.
VEDETTE_API vedette_status vedette_incident_get(const vedette_incident* incident,
                                                vedette_incident_info* info, vedette_error** error);
VEDETTE_API vedette_status vedette_incident_entity(const vedette_incident* incident, size_t index,
                                                   vedette_entity* entity, vedette_error** error);
// In the order in which they joined.
VEDETTE_API vedette_status vedette_incident_alert(const vedette_incident* incident, size_t index,
                                                  vedette_id* alert, vedette_error** error);
// INVALID_ARGUMENT for a form that is of alerts only.
VEDETTE_API vedette_status vedette_incident_json(const vedette_incident* incident, int32_t form,
                                                 vedette_bytes** json, vedette_error** error);

#ifdef __cplusplus
}
#endif

#endif  // VEDETTE_C_ALERT_H_
