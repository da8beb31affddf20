// The C interface, seventh part: what people and the host change in a triage. docs/alerts.md has
// the states, and what is held back when. base.h says what holds for every function.
#ifndef VEDETTE_C_LIFECYCLE_H_
#define VEDETTE_C_LIFECYCLE_H_

#include "vedette/c/triage.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VEDETTE_ANY_VERSION UINT64_MAX

// Who changes something, why, when, and which version of it he has seen.
typedef struct vedette_change {
  uint32_t struct_size;
  uint32_t automation;  // 1: a program, not a person
  vedette_string actor;
  vedette_string reason;
  vedette_time now;  // by the host's clock; must be given
  uint64_t version;  // of the incident; VEDETTE_ANY_VERSION: whichever it is
} vedette_change;
VEDETTE_API void vedette_change_init(vedette_change* change, size_t size);

// ---- Lives of incidents -----------------------------------------------------------------------

// What holds for all of them: `version` (may be NULL) gets the new version. NOT_FOUND; CONFLICT,
// another version than was seen; FAILED_PRECONDITION, not from this state. Nothing is changed then.
VEDETTE_API vedette_status vedette_incident_acknowledge(vedette_triage* triage,
                                                        const vedette_id* incident,
                                                        const vedette_change* change,
                                                        uint64_t* version, vedette_error** error);
VEDETTE_API vedette_status vedette_incident_assign(vedette_triage* triage,
                                                   const vedette_id* incident,
                                                   vedette_string assignee, vedette_string group,
                                                   const vedette_change* change, uint64_t* version,
                                                   vedette_error** error);
// The promised times pause until it is resumed.
VEDETTE_API vedette_status vedette_incident_hold(vedette_triage* triage, const vedette_id* incident,
                                                 const vedette_change* change, uint64_t* version,
                                                 vedette_error** error);
VEDETTE_API vedette_status vedette_incident_resume(vedette_triage* triage,
                                                   const vedette_id* incident,
                                                   const vedette_change* change, uint64_t* version,
                                                   vedette_error** error);
// `duplicate_of`: with VEDETTE_VERDICT_DUPLICATE, here and below; else NULL.
VEDETTE_API vedette_status vedette_incident_resolve(vedette_triage* triage,
                                                    const vedette_id* incident, int32_t verdict,
                                                    const vedette_id* duplicate_of,
                                                    const vedette_change* change, uint64_t* version,
                                                    vedette_error** error);
// A new one with its verdict; else VEDETTE_VERDICT_NONE keeps that of the resolution.
VEDETTE_API vedette_status vedette_incident_close(vedette_triage* triage,
                                                  const vedette_id* incident, int32_t verdict,
                                                  const vedette_id* duplicate_of,
                                                  const vedette_change* change, uint64_t* version,
                                                  vedette_error** error);
// Corrects that of a resolved or closed one.
VEDETTE_API vedette_status vedette_incident_set_verdict(vedette_triage* triage,
                                                        const vedette_id* incident, int32_t verdict,
                                                        const vedette_change* change,
                                                        uint64_t* version, vedette_error** error);
// 1 (most urgent) to 4.
VEDETTE_API vedette_status vedette_incident_set_priority(vedette_triage* triage,
                                                         const vedette_id* incident,
                                                         uint32_t priority,
                                                         const vedette_change* change,
                                                         uint64_t* version, vedette_error** error);
// When the attack was first stopped.
VEDETTE_API vedette_status vedette_incident_mark_contained(
    vedette_triage* triage, const vedette_id* incident, vedette_time when,
    const vedette_change* change, uint64_t* version, vedette_error** error);
VEDETTE_API vedette_status vedette_incident_comment(vedette_triage* triage,
                                                    const vedette_id* incident, vedette_string text,
                                                    const vedette_change* change, uint64_t* version,
                                                    vedette_error** error);
// The two are one from now on; `kept` (may be NULL) is the older one's id.
VEDETTE_API vedette_status vedette_incident_link(vedette_triage* triage, const vedette_id* incident,
                                                 const vedette_id* other,
                                                 const vedette_change* change, vedette_id* kept,
                                                 vedette_error** error);
// The alerts become an incident of their own, `made` (may be NULL), for good.
VEDETTE_API vedette_status vedette_incident_unlink(vedette_triage* triage,
                                                   const vedette_id* incident,
                                                   const vedette_id* alerts, size_t count,
                                                   const vedette_change* change, vedette_id* made,
                                                   vedette_error** error);
// Judges one alert.
VEDETTE_API vedette_status vedette_alert_judge(vedette_triage* triage, const vedette_id* alert,
                                               int32_t verdict, const vedette_change* change,
                                               vedette_error** error);

// ---- What is held back ------------------------------------------------------------------------

enum {
  VEDETTE_TEST_EQUALS = 0,
  VEDETTE_TEST_PREFIX = 1,
  VEDETTE_TEST_SUFFIX = 2,
  VEDETTE_TEST_CONTAINS = 3,
  VEDETTE_TEST_CIDR = 4,
  VEDETTE_TEST_EXISTS = 5
};
// Tests of alerts, all of which must hold. One thread at a time.
typedef struct vedette_matcher vedette_matcher;
VEDETTE_API vedette_status vedette_matcher_new(vedette_matcher** matcher, vedette_error** error);
// One of `values` (none for EXISTS) or, with `negate`, none of them. `field`: "rule" (id or title),
// "tag", "tactic", "severity", "outcome", "tenant", "source", "entity", "entity.TYPE", or a field
// of the event. Copies its texts.
VEDETTE_API vedette_status vedette_matcher_add(vedette_matcher* matcher, vedette_string field,
                                               int32_t test, int32_t negate,
                                               const vedette_string* values, size_t value_count,
                                               vedette_error** error);
VEDETTE_API void vedette_matcher_free(vedette_matcher* matcher);

enum { VEDETTE_SUPPRESS_EXCEPTION = 0, VEDETTE_SUPPRESS_MAINTENANCE = 1 };
typedef struct vedette_suppression {
  uint32_t struct_size;
  int32_t kind;  // VEDETTE_SUPPRESS_*
  vedette_string id;
  vedette_string owner;
  vedette_string reason;
  const vedette_matcher* matcher;
  const vedette_string* tenants;  // names, or "*"
  size_t tenant_count;
  vedette_time starts_at;   // by event time; VEDETTE_NO_TIME: since ever
  vedette_time expires_at;  // at most 90 days from `now` of the change
  uint32_t canary;          // each so many-th one comes out all the same; 1,000; 0: none
  uint32_t reserved;
} vedette_suppression;
VEDETTE_API void vedette_suppression_init(vedette_suppression* suppression, size_t size);
// INVALID_ARGUMENT for what has no id, owner, reason, end or scope, or matches everything; CONFLICT
// for an id that is there. Of `change` actor and now are read, here and below.
VEDETTE_API vedette_status vedette_triage_add_suppression(vedette_triage* triage,
                                                          const vedette_suppression* suppression,
                                                          const vedette_change* change,
                                                          vedette_error** error);
// Of `change` the reason, too. NOT_FOUND.
VEDETTE_API vedette_status vedette_triage_remove_suppression(vedette_triage* triage,
                                                             vedette_string id,
                                                             const vedette_change* change,
                                                             vedette_error** error);

// While alerts that match `source` come, those that match `target` and have equal `equal` fields
// are held back, until `duration` of event time after the last one.
typedef struct vedette_inhibition {
  uint32_t struct_size;
  uint32_t reserved;
  vedette_string id;
  vedette_string owner;
  vedette_string reason;
  const vedette_matcher* source;
  const vedette_matcher* target;
  const vedette_string* equal;
  size_t equal_count;
  int64_t duration;  // nanoseconds; an hour
  vedette_time expires_at;
} vedette_inhibition;
VEDETTE_API void vedette_inhibition_init(vedette_inhibition* inhibition, size_t size);
VEDETTE_API vedette_status vedette_triage_add_inhibition(vedette_triage* triage,
                                                         const vedette_inhibition* inhibition,
                                                         const vedette_change* change,
                                                         vedette_error** error);
VEDETTE_API vedette_status vedette_triage_remove_inhibition(vedette_triage* triage,
                                                            vedette_string id,
                                                            const vedette_change* change,
                                                            vedette_error** error);

// ---- What the host knows of entities ----------------------------------------------------------

typedef struct vedette_entity_row {
  uint32_t struct_size;
  int32_t criticality;  // VEDETTE_CRITICALITY_*; NORMAL
  vedette_string type;  // as in vedette_entity
  vedette_string value;
  vedette_string canonical;  // the entity's one name; "": its own
  vedette_string fence;      // incidents do not grow across different ones; "": none
  const vedette_string* tags;
  size_t tag_count;
} vedette_entity_row;
VEDETTE_API void vedette_entity_row_init(vedette_entity_row* row, size_t size);
// Rows to be. One thread at a time.
typedef struct vedette_entities vedette_entities;
VEDETTE_API vedette_status vedette_entities_new(vedette_entities** entities, vedette_error** error);
VEDETTE_API vedette_status vedette_entities_add(vedette_entities* entities,
                                                const vedette_entity_row* row,
                                                vedette_error** error);
// A CIDR block of internal addresses; the first one replaces the private ranges.
VEDETTE_API vedette_status vedette_entities_add_internal(vedette_entities* entities,
                                                         vedette_string block,
                                                         vedette_error** error);
VEDETTE_API void vedette_entities_free(vedette_entities* entities);
// Copies the rows in place of those before. INVALID_ARGUMENT for two rows of one entity, or a
// canonical name that has another one.
VEDETTE_API vedette_status vedette_triage_set_entities(vedette_triage* triage,
                                                       const vedette_entities* entities,
                                                       vedette_error** error);

#ifdef __cplusplus
}
#endif

#endif  // VEDETTE_C_LIFECYCLE_H_
