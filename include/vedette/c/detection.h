// The C interface, fourth part: what a detection says. base.h says what holds for every function.
#ifndef VEDETTE_C_DETECTION_H_
#define VEDETTE_C_DETECTION_H_

#include "vedette/c/base.h"
#include "vedette/c/rules.h"

#ifdef __cplusplus
extern "C" {
#endif

// A rule that fired. One that a callback gets is borrowed until the callback returns; a copy
// belongs to the host. Immutable and thread-safe; all texts live as long as the detection.
typedef struct vedette_detection vedette_detection;

VEDETTE_API vedette_status vedette_detection_copy(const vedette_detection* detection,
                                                  vedette_detection** copy, vedette_error** error);
// Frees a copy; one that a callback got is left alone.
VEDETTE_API void vedette_detection_free(vedette_detection* detection);

// The rule; never NULL. Short forms of what most hosts want of it follow.
VEDETTE_API const vedette_rule* vedette_detection_rule(const vedette_detection* detection);
VEDETTE_API vedette_string vedette_detection_rule_id(const vedette_detection* detection);
VEDETTE_API vedette_string vedette_detection_title(const vedette_detection* detection);
VEDETTE_API int32_t vedette_detection_level(const vedette_detection* detection);
// The event's time or, of rules over several events, when it was judged.
VEDETTE_API vedette_time vedette_detection_time(const vedette_detection* detection);
// Where the event came from (vedette_event_info); of rules over several events see the evidence.
VEDETTE_API vedette_string vedette_detection_stream(const vedette_detection* detection);
VEDETTE_API uint64_t vedette_detection_line(const vedette_detection* detection);
// The log source of the event that the rule accepts: VEDETTE_RULE_PRODUCT, _CATEGORY or _SERVICE.
VEDETTE_API vedette_string vedette_detection_log_source(const vedette_detection* detection,
                                                        int32_t property);

// One JSON object on one line, with all of this; the form of `vedette detect --output ndjson`.
VEDETTE_API vedette_status vedette_detection_json(const vedette_detection* detection,
                                                  vedette_bytes** json, vedette_error** error);

// Values that made a rule hold for the event.
typedef struct vedette_matched_field {
  uint32_t struct_size;
  uint32_t indicator_count;
  vedette_string field;      // as the rule calls it; "" for a keyword
  vedette_string value;      // the event's text, cut to `max_value_bytes`
  vedette_string test;       // what the rule asked
  vedette_string selection;  // the rule's name for the part
} vedette_matched_field;
VEDETTE_API size_t vedette_detection_matched_count(const vedette_detection* detection);
VEDETTE_API vedette_status vedette_detection_matched(const vedette_detection* detection,
                                                     size_t index, vedette_matched_field* matched,
                                                     vedette_error** error);
// What is known of a value that is in an indicator set; values are JSON. Empty beyond the end.
VEDETTE_API vedette_pair vedette_detection_indicator(const vedette_detection* detection,
                                                     size_t matched, size_t index);

// What the rule computed; values are JSON. Empty beyond the end.
VEDETTE_API size_t vedette_detection_outcome_count(const vedette_detection* detection);
VEDETTE_API vedette_pair vedette_detection_outcome(const vedette_detection* detection,
                                                   size_t index);

// What a rule over several events saw.
enum {
  VEDETTE_CAUSE_EVENT = 0,  // an event made the condition true
  VEDETTE_CAUSE_CLOSE = 1,  // a window closed
  VEDETTE_CAUSE_TIMER = 2   // something did not come in time
};
typedef struct vedette_evidence {
  uint32_t struct_size;
  int32_t cause;
  vedette_time window_start;  // VEDETTE_NO_TIME for what the rule does not have
  vedette_time window_end;
  vedette_time first;  // of the events
  vedette_time last;
  uint64_t total_events;
  uint64_t event_count;  // kept: the first and the last ones, at most `max_evidence_events`
  uint64_t key_count;
  uint64_t aggregate_count;
  uint32_t degraded;  // 1: state was forgotten before for want of memory; numbers may be too low
  uint32_t reserved;
} vedette_evidence;
// Whether the rule is over several events: 1 or 0.
VEDETTE_API int32_t vedette_detection_has_evidence(const vedette_detection* detection);
// NOT_FOUND for a rule over single events.
VEDETTE_API vedette_status vedette_detection_evidence(const vedette_detection* detection,
                                                      vedette_evidence* evidence,
                                                      vedette_error** error);
// Names and values, as JSON, of the group key and of the aggregates ("count(fails)"). Empty beyond
// the end.
VEDETTE_API vedette_pair vedette_detection_key(const vedette_detection* detection, size_t index);
VEDETTE_API vedette_pair vedette_detection_aggregate(const vedette_detection* detection,
                                                     size_t index);

typedef struct vedette_evidence_event {
  uint32_t struct_size;
  uint32_t field_count;
  vedette_time time;
  uint64_t line;
  vedette_string source;  // the rule's name for the stage or source
  vedette_string stream;
} vedette_evidence_event;
VEDETTE_API vedette_status vedette_detection_event(const vedette_detection* detection, size_t index,
                                                   vedette_evidence_event* event,
                                                   vedette_error** error);
// The fields of the event that the rule looks at; values are JSON. Empty beyond the end.
VEDETTE_API vedette_pair vedette_detection_event_field(const vedette_detection* detection,
                                                       size_t event, size_t index);

#ifdef __cplusplus
}
#endif

#endif  // VEDETTE_C_DETECTION_H_
