// The C interface, sixth part: from detections to alerts, risk and incidents, and through their
// lives. docs/alerts.md says what all of it does. base.h says what holds for every function.
#ifndef VEDETTE_C_TRIAGE_H_
#define VEDETTE_C_TRIAGE_H_

#include "vedette/c/alert.h"
#include "vedette/c/base.h"
#include "vedette/c/detection.h"
#include "vedette/c/event.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Making one -------------------------------------------------------------------------------

// A missing key field: a value like others; alerts without one are never folded; the others are the
// key.
enum { VEDETTE_NULLS_GROUP = 0, VEDETTE_NULLS_EACH_ALONE = 1, VEDETTE_NULLS_DROP_KEY = 2 };
// Several values of a key field: all together, or an alert for each.
enum { VEDETTE_MULTI_WHOLE_SET = 0, VEDETTE_MULTI_PER_VALUE = 1 };
// When folding ends: nothing has come for `window`; `window` after the first; an analyst judged.
enum { VEDETTE_WINDOW_SLIDING = 0, VEDETTE_WINDOW_FIXED = 1, VEDETTE_WINDOW_UNTIL_VERDICT = 2 };
// Whether the next one alerts again once an alert is closed, or is folded until the window ends.
enum { VEDETTE_ON_CLOSE_RESTART = 1, VEDETTE_ON_CLOSE_CONTINUE = 2 };

// How alerts of a rule become one.
typedef struct vedette_alert_policy {
  uint32_t struct_size;
  int32_t on_close;  // must be set: people were surprised by both
  int32_t nulls;
  int32_t multi;
  int32_t window_kind;
  uint32_t samples;                  // places of folded events that are kept; 5
  int32_t confidence;                // 0 to 100; -1: the rule's own
  uint32_t alone;                    // 1: each alert is an incident of its own; 0
  int64_t window;                    // nanoseconds; an hour
  const vedette_string* key_fields;  // with the rule the fingerprint; none: see docs/alerts.md
  size_t key_field_count;
} vedette_alert_policy;
VEDETTE_API void vedette_alert_policy_init(vedette_alert_policy* policy, size_t size);
typedef struct vedette_rule_policy {
  vedette_string rule_id;
  const vedette_alert_policy* policy;
} vedette_rule_policy;

// Callbacks run on the thread of the call that led to them and must not call functions of the
// triage or of its processors (VEDETTE_BUSY). 0: go on. Anything else ends the call with STOPPED as
// soon as the detection at hand has been dealt with: nothing of it is lost.
typedef int32_t (*vedette_on_alert)(const vedette_alert* alert, void* user);

// More has been folded into an alert that is out.
typedef struct vedette_fold {
  uint32_t struct_size;
  uint32_t reserved;
  vedette_id alert;
  vedette_id fingerprint;
  uint64_t count;  // alerts that it stands for, itself included
  vedette_time first_seen;
  vedette_time last_seen;
} vedette_fold;
typedef int32_t (*vedette_on_fold)(const vedette_fold* fold, void* user);

enum {
  VEDETTE_HELD_EXCEPTION = 0,
  VEDETTE_HELD_MAINTENANCE = 1,
  VEDETTE_HELD_INHIBITION = 2,
  VEDETTE_HELD_BUDGET = 3
};
typedef struct vedette_held {
  uint32_t struct_size;
  int32_t kind;       // VEDETTE_HELD_*
  vedette_string by;  // the id of the suppression or inhibition; "budget"
  vedette_id id;      // as if it had come out
  vedette_string tenant;
  vedette_string rule_id;
  vedette_string title;
  vedette_string entities;  // for people: "device=ws1 user=corp\\al"
  vedette_string stream;
  uint64_t line;
  vedette_time event_time;
  int32_t severity;  // VEDETTE_LEVEL_*
  uint32_t reserved;
} vedette_held;
typedef int32_t (*vedette_on_held)(const vedette_held* held, void* user);

// An entity's risk has reached the threshold.
typedef struct vedette_risk {
  uint32_t struct_size;
  uint32_t rule_count;  // rules that took part
  vedette_string tenant;
  vedette_string type;  // of the entity
  vedette_string entity;
  double score;  // points
  vedette_time time;
} vedette_risk;
typedef int32_t (*vedette_on_risk)(const vedette_risk* risk, void* user);

enum {
  VEDETTE_NOTICE_OPENED = 0,
  VEDETTE_NOTICE_UPDATED = 1,
  VEDETTE_NOTICE_ESCALATED = 2,
  VEDETTE_NOTICE_REOPENED = 3,
  VEDETTE_NOTICE_MERGED = 4,   // the incident has taken another in
  VEDETTE_NOTICE_SIBLING = 5,  // opened beside one that may not grow
  VEDETTE_NOTICE_HUB = 6       // an entity has stopped joining alerts
};
typedef struct vedette_notice {
  uint32_t struct_size;
  int32_t kind;
  vedette_string text;
  uint64_t new_alerts;  // since the last notice
  uint32_t page;        // 0: lower priority, it came before and was nothing
  uint32_t reserved;
} vedette_notice;
// `notice` is NULL in vedette_triage_list.
typedef int32_t (*vedette_on_incident)(const vedette_incident* incident,
                                       const vedette_notice* notice, void* user);

enum { VEDETTE_SLA_ACK = 0, VEDETTE_SLA_CONTAIN = 1, VEDETTE_SLA_RESOLVE = 2 };
// A promise that was not kept.
typedef struct vedette_breach {
  uint32_t struct_size;
  int32_t clock;  // VEDETTE_SLA_*
  vedette_id incident;
  int64_t over;  // nanoseconds beyond the promise
  uint32_t priority;
  uint32_t reserved;
} vedette_breach;
typedef int32_t (*vedette_on_breach)(const vedette_breach* breach, void* user);

enum {
  VEDETTE_TRIAGE_BUDGET_SUPPRESS = 1,  // what is beyond the budget is held back, not only counted
  VEDETTE_TRIAGE_CLOSE_NEW = 2         // what nobody has taken yet may be closed with any verdict
};

// Spans of time are nanoseconds. What a comment ends with is the default.
typedef struct vedette_triage_options {
  uint32_t struct_size;
  uint32_t flags;                      // VEDETTE_TRIAGE_*
  const vedette_alert_policy* policy;  // of all rules; required
  const vedette_rule_policy* rule_policies;
  size_t rule_policy_count;
  vedette_string tenant;          // of events that name none
  uint64_t budget_per_rule_hour;  // alerts; 0: no budget
  int64_t reorder;                // waits so long, so that the order of arrival does not matter; 0
  int64_t late_after;             // behind the newest: counted as late; 5 minutes
  int64_t max_future_skew;        // ahead of the event's `now`: moves no time; 1 hour
  int64_t risk_half_life;         // 24 hours
  uint32_t risk_threshold;        // points; 100
  uint32_t hub_degree;            // partners within an hour: joins nothing any more; 50
  int64_t join_window;            // since the entity was last seen; 24 hours
  int64_t reopen_window;          // a closed incident is remembered; 7 days
  int64_t group_wait;             // before an incident is told of; 30 s
  int64_t group_interval;         // between updates of it; 5 minutes
  uint32_t max_alerts;            // of an incident; 500
  uint32_t max_entities;          // of an incident; 200
  int64_t sla[4][3];              // by priority 1 to 4, by VEDETTE_SLA_*; 0: no promise
  uint64_t max_fold_bytes;        // 200 MiB
  uint64_t max_incident_bytes;    // 256 MiB
  uint64_t max_risk_entities;     // 100,000
  uint64_t max_judged_alerts;     // 100,000
  vedette_on_alert on_alert;      // callbacks may be NULL
  vedette_on_fold on_fold;
  vedette_on_held on_held;
  vedette_on_risk on_risk;
  vedette_on_incident on_incident;
  vedette_on_breach on_breach;
  void* user;  // given to the callbacks; must live as long as the triage and its processors
} vedette_triage_options;
VEDETTE_API void vedette_triage_options_init(vedette_triage_options* options, size_t size);

// Detections in; alerts, risk and incidents out. One thread at a time, its processors' calls
// included; a call that meets another gives VEDETTE_BUSY and does nothing. Who may do what is for
// the host to decide before it calls.
typedef struct vedette_triage vedette_triage;
VEDETTE_API vedette_status vedette_triage_new(const vedette_triage_options* options,
                                              vedette_triage** triage, vedette_error** error);
// Processors that feed it keep it.
VEDETTE_API void vedette_triage_free(vedette_triage* triage);

// ---- Feeding ----------------------------------------------------------------------------------

// vedette_processor_set_triage feeds detections with their events. This is the other way: copies
// of detections, from processors on other threads, say; what an alert knows is then what its
// detection says. Of `info` (may be NULL) tenant, now and ingest_time are read.
VEDETTE_API vedette_status vedette_triage_add_detection(vedette_triage* triage,
                                                        const vedette_detection* detection,
                                                        const vedette_event_info* info,
                                                        vedette_error** error);
// No detection of an earlier event comes: what waits is decided, idle folds end. A watermark and a
// flush of a processor do the same.
VEDETTE_API vedette_status vedette_triage_advance_watermark(vedette_triage* triage,
                                                            vedette_time watermark,
                                                            vedette_error** error);
VEDETTE_API vedette_status vedette_triage_flush(vedette_triage* triage, vedette_error** error);
// By the host's clock: notices that are due go to on_incident, promises that were not kept to
// on_breach, each once. Call it every few seconds.
VEDETTE_API vedette_status vedette_triage_advance_time(vedette_triage* triage, vedette_time now,
                                                       vedette_error** error);

// ---- Incidents --------------------------------------------------------------------------------

// As a copy. Of one that was merged: the one that has its alerts. NOT_FOUND.
VEDETTE_API vedette_status vedette_triage_incident(vedette_triage* triage, const vedette_id* id,
                                                   vedette_incident** incident,
                                                   vedette_error** error);
// Likewise, the one that the alert is in.
VEDETTE_API vedette_status vedette_triage_incident_of_alert(vedette_triage* triage,
                                                            const vedette_id* alert,
                                                            vedette_incident** incident,
                                                            vedette_error** error);
typedef struct vedette_incident_filter {
  uint32_t struct_size;
  uint32_t states;        // bits 1 << VEDETTE_INCIDENT_*; 0: all
  vedette_string tenant;  // "": all, here and below
  vedette_string assignee;
  vedette_string entity;  // one of its entities has this value
} vedette_incident_filter;
// Most urgent first, then oldest. `filter` may be NULL. STOPPED if the callback says so.
VEDETTE_API vedette_status vedette_triage_list(vedette_triage* triage,
                                               const vedette_incident_filter* filter,
                                               vedette_on_incident callback, void* user,
                                               vedette_error** error);

// ---- State ------------------------------------------------------------------------------------

// The whole state between two calls; that of processors is apart (vedette_processor_snapshot).
VEDETTE_API vedette_status vedette_triage_snapshot(vedette_triage* triage, vedette_bytes** snapshot,
                                                   vedette_error** error);
// Replaces the state. DATA_LOSS (no snapshot, damaged) and UNSUPPORTED (of another form) leave it
// as it was. Options must be those of the triage that was saved.
VEDETTE_API vedette_status vedette_triage_restore(vedette_triage* triage, const char* snapshot,
                                                  size_t size, vedette_error** error);

// raw == emitted + folded + suppressed + inhibited + waiting, at any time.
typedef struct vedette_triage_stats {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t detections;
  uint64_t raw;      // alerts that they gave
  uint64_t emitted;  // escalations and canaries among them
  uint64_t folded;
  uint64_t suppressed;  // by exception, maintenance or budget
  uint64_t inhibited;
  uint64_t waiting;  // for `reorder`, now
  uint64_t escalations;
  uint64_t canaries;
  uint64_t late;  // behind by more than `late_after`, but treated like others
  uint64_t future_events;
  uint64_t key_combinations_cut;  // VEDETTE_MULTI_PER_VALUE of more than 64
  uint64_t budget_exceeded;       // hours of rules
  uint64_t open_folds;            // now
  uint64_t incidents;             // opened
  uint64_t open_incidents;        // now
  uint64_t merges;
  uint64_t siblings;
  uint64_t reopened;
  uint64_t sla_breaches;
  uint64_t risk_entities;         // now
  uint64_t fold_bytes;            // now
  uint64_t incident_bytes;        // now
  uint64_t evicted_folds;         // forgotten for want of memory, here and below
  uint64_t evicted_alert_bodies;  // of incidents
  uint64_t evicted_incidents;     // closed ones
  uint64_t evicted_risk;          // entities
} vedette_triage_stats;
VEDETTE_API vedette_status vedette_triage_get_stats(vedette_triage* triage,
                                                    vedette_triage_stats* stats,
                                                    vedette_error** error);

#ifdef __cplusplus
}
#endif

#endif  // VEDETTE_C_TRIAGE_H_
