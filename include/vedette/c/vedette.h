// Vedette for C and for every language that calls C: rules in, events in, detections out, and
// alerts (triage.h) for those who want them.
//
//   vedette_rules* rules = NULL;
//   vedette_program* program = NULL;
//   vedette_engine* engine = NULL;
//   vedette_processor* processor = NULL;
//   vedette_rules_new(&rules, NULL);
//   vedette_rules_add(rules, VEDETTE_SOURCE_RULES, "a.yml", 5, text, text_size, NULL);
//   vedette_compile(rules, NULL, &program, NULL, NULL);
//   vedette_engine_new(program, &engine, NULL);
//   vedette_processor_new(engine, NULL, OnDetection, user, &processor, NULL);
//   vedette_processor_process_json(processor, json, json_size, NULL, NULL);
//
// examples/c/quickstart.c is a whole host. base.h says what holds for every function: errors,
// ownership, lifetimes, threads.
#ifndef VEDETTE_C_VEDETTE_H_
#define VEDETTE_C_VEDETTE_H_

#include "vedette/c/base.h"
#include "vedette/c/detection.h"
#include "vedette/c/event.h"
#include "vedette/c/lifecycle.h"
#include "vedette/c/reader.h"
#include "vedette/c/rules.h"
#include "vedette/c/triage.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Engine -----------------------------------------------------------------------------------

// Holds the current program. Thread-safe.
typedef struct vedette_engine vedette_engine;
VEDETTE_API vedette_status vedette_engine_new(const vedette_program* program,
                                              vedette_engine** engine, vedette_error** error);
// Each processor takes the new program before its next event; no event is lost between, and rules
// over several events that did not change keep their state. Also from within callbacks.
VEDETTE_API vedette_status vedette_engine_set_program(vedette_engine* engine,
                                                      const vedette_program* program,
                                                      vedette_error** error);
// The current program, as a handle of its own for the caller to free.
VEDETTE_API vedette_status vedette_engine_program(const vedette_engine* engine,
                                                  vedette_program** program, vedette_error** error);
VEDETTE_API void vedette_engine_free(vedette_engine* engine);

// ---- Processor --------------------------------------------------------------------------------

// Gets each detection, on the thread that processes the event. 0: go on; anything else stops the
// call, which gives VEDETTE_STOPPED. Must not call functions of this processor (VEDETTE_BUSY).
typedef int32_t (*vedette_on_detection)(const vedette_detection* detection, void* user);
// Gets each line of NDJSON that was no event: its 1-based number and the reason.
typedef void (*vedette_on_broken)(uint64_t line, const char* reason, size_t reason_size,
                                  void* user);

enum {
  // Only vedette_processor_advance_watermark moves the watermark.
  VEDETTE_PROCESSOR_HOST_WATERMARKS = 1,
  // Rules over several events judge each event when it comes: lowest latency, and results depend on
  // the order of arrival.
  VEDETTE_PROCESSOR_EAGER = 2,
  // At `max_state_bytes` no new keys are taken, instead of forgetting the oldest.
  VEDETTE_PROCESSOR_REJECT_NEW_KEYS = 4
};

typedef struct vedette_processor_options {
  uint32_t struct_size;
  uint32_t flags;  // VEDETTE_PROCESSOR_*
  // How far, in nanoseconds, an event may come behind the newest of its stream and still count
  // where it belongs; rules over several events wait that long. 0.
  int64_t allowed_lateness;
  // A stream that says nothing while others advance so far, in nanoseconds, no longer holds the
  // watermark back; 0: it always does.
  int64_t idle_timeout;
  // An event ahead of all others by more, in nanoseconds, does not move time until more of them
  // follow; 0: it does. 24 hours.
  int64_t max_future_skew;
  uint64_t max_state_bytes;              // of rules over several events; 256 MiB
  uint64_t max_scan_bytes;               // searched in long values of one event; 1 GiB
  uint64_t memo_bytes;                   // for values that come again; 4 MiB, 0: none
  uint64_t max_event_bytes;              // of one JSON event; 64 MiB, at most 1 GiB
  uint32_t max_event_depth;              // objects and arrays further down read as null; 64
  uint32_t max_value_bytes;              // of a matched value in a detection; 512
  uint32_t max_matched_fields;           // in a detection; 32
  uint32_t max_evidence_events;          // in a detection; 16
  const vedette_indicators* indicators;  // kept by the processor; NULL: no value is in any set
  vedette_on_broken on_broken;           // may be NULL
} vedette_processor_options;
VEDETTE_API void vedette_processor_options_init(vedette_processor_options* options, size_t size);

// Feeds events: one for each thread. One thread at a time; a call from within a callback of the
// same processor, and one that meets another on a second thread, gives VEDETTE_BUSY.
typedef struct vedette_processor vedette_processor;

// Each processor correlates what it sees itself: events of one group key must go to one processor.
// `options` and `on_detection` may be NULL (detections are only counted then). `user` is given to
// both callbacks and must live as long as the processor.
VEDETTE_API vedette_status vedette_processor_new(vedette_engine* engine,
                                                 const vedette_processor_options* options,
                                                 vedette_on_detection on_detection, void* user,
                                                 vedette_processor** processor,
                                                 vedette_error** error);
// Nothing within a callback of this processor.
VEDETTE_API void vedette_processor_free(vedette_processor* processor);
// From now on each detection goes to the triage, with its event, once `on_detection` has seen it
// (and not if it stopped the call); NULL: to none. The processor keeps the triage. Several may feed
// one, and then are used by one thread at a time, too: a call of a processor is one of its triage.
VEDETTE_API vedette_status vedette_processor_set_triage(vedette_processor* processor,
                                                        vedette_triage* triage,
                                                        vedette_error** error);

// One JSON object. `info` may be NULL. BROKEN_EVENT (no JSON, no object), LIMIT (too large),
// STOPPED (what else the event would have given is lost). `json` need not outlive the call.
VEDETTE_API vedette_status vedette_processor_process_json(vedette_processor* processor,
                                                          const char* json, size_t json_size,
                                                          const vedette_event_info* info,
                                                          vedette_error** error);

typedef struct vedette_ndjson_result {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t consumed;  // bytes that need not be given again, whatever the status
  uint64_t lines;     // begun lines in them: the next one is info.line + lines
  uint64_t events;
  uint64_t broken;  // lines that were no event
  uint64_t oversized;
  uint64_t blank;
} vedette_ndjson_result;
enum {
  // The buffer is a part of a stream: a last line without its end is left for the next call.
  VEDETTE_NDJSON_MORE = 1
};
// JSON objects, one a line. Lines that are none are counted, shown to `on_broken` and passed over;
// they fail nothing. `info` (may be NULL) is that of the first line. When a callback stops the
// call, `consumed` ends behind the event that it saw. `result` may be NULL.
VEDETTE_API vedette_status vedette_processor_process_ndjson(
    vedette_processor* processor, const char* data, size_t size, uint32_t flags,
    const vedette_event_info* info, vedette_ndjson_result* result, vedette_error** error);
enum {
  VEDETTE_STREAM_END = 1  // no piece follows: what is left is the last record
};
// The next piece of a stream: all events that are whole by now are processed, each under its own
// place in the stream. Records that are no event are counted (vedette_reader_get_stats, and in the
// processor's), shown to `on_broken` and passed over. `info` may be NULL; its stream and line are
// not used, and dates without a year are of the latest year at its `now`. When a callback stops the
// call, the rest waits for the next, which may have no bytes. DATA_LOSS: a packed stream is
// damaged; the stream has ended then. FAILED_PRECONDITION: it had ended before.
VEDETTE_API vedette_status vedette_processor_process_stream(
    vedette_processor* processor, vedette_reader* reader, const char* data, size_t size,
    uint32_t flags, const vedette_event_info* info, vedette_error** error);
// An object of the host, read in place by the adapter's callbacks; `event` may be anything that
// they understand. LIMIT for the 65th adapter of one processor: make one for each kind of object,
// not for each object.
VEDETTE_API vedette_status vedette_processor_process_event(vedette_processor* processor,
                                                           const vedette_adapter* adapter,
                                                           const void* event,
                                                           const vedette_event_info* info,
                                                           vedette_error** error);

// ---- Time -------------------------------------------------------------------------------------

// No further event before `watermark` comes: rules over several events judge what is older, timers
// fire. A lower one than before is ignored. Needed when a stream rests, and with HOST_WATERMARKS.
VEDETTE_API vedette_status vedette_processor_advance_watermark(vedette_processor* processor,
                                                               vedette_time watermark,
                                                               vedette_error** error);
// The stream has ended: everything that waits is judged.
VEDETTE_API vedette_status vedette_processor_flush(vedette_processor* processor,
                                                   vedette_error** error);

// ---- State ------------------------------------------------------------------------------------

// The state of rules over several events and of suppression, between two events.
VEDETTE_API vedette_status vedette_processor_snapshot(vedette_processor* processor,
                                                      vedette_bytes** snapshot,
                                                      vedette_error** error);

// What became of the state in a snapshot. Immutable and thread-safe.
typedef struct vedette_restored vedette_restored;
// Replaces the state. Rules over several events that mean the same as then keep theirs. DATA_LOSS
// (no snapshot, damaged) and UNSUPPORTED (of a later version) leave the state as it was. `restored`
// may be NULL. Options must be those of the processor that was saved.
VEDETTE_API vedette_status vedette_processor_restore(vedette_processor* processor,
                                                     const char* snapshot, size_t size,
                                                     vedette_restored** restored,
                                                     vedette_error** error);
enum {
  VEDETTE_RESTORED_KEPT = 0,
  VEDETTE_RESTORED_DROPPED = 1,  // in the snapshot, but changed or no longer there
  VEDETTE_RESTORED_FRESH = 2     // in the program, but not in the snapshot
};
// How many group keys have state, and the rules by what became of theirs.
VEDETTE_API uint64_t vedette_restored_keys(const vedette_restored* restored);
VEDETTE_API size_t vedette_restored_count(const vedette_restored* restored, int32_t outcome);
VEDETTE_API vedette_string vedette_restored_name(const vedette_restored* restored, int32_t outcome,
                                                 size_t index);
VEDETTE_API void vedette_restored_free(vedette_restored* restored);

// For people: what is open for the most recent keys of a rule over several events, one line each
// (`host="h1": 4 of 5 within 3m12s`). `rule`: its id, name or title; `key`: only keys whose text
// has this in it. NOT_FOUND.
VEDETTE_API vedette_status vedette_processor_describe_state(vedette_processor* processor,
                                                            const char* rule, size_t rule_size,
                                                            const char* key, size_t key_size,
                                                            size_t max_keys, vedette_bytes** text,
                                                            vedette_error** error);

// Counters since the processor was made.
typedef struct vedette_processor_stats {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t events;
  uint64_t broken;                  // JSON that was no event
  uint64_t oversized;               // JSON beyond the limits
  uint64_t blank;                   // empty lines
  uint64_t detections;              // of single events
  uint64_t suppressed;              // of single events
  uint64_t correlation_detections;  // of several events
  uint64_t correlation_suppressed;
  uint64_t events_without_log_source;  // only rules without a log source saw them
  uint64_t events_without_rules;       // log source known, no rule for it
  uint64_t events_undecided;           // beyond max_scan_bytes: some rules were not judged
  uint64_t rules_undecided;            // for those events, in all
  uint64_t events_without_time;        // of use to rules over several events, but for that
  uint64_t future_events;              // ahead by more than max_future_skew
  uint64_t records;                    // of events for rules over several events
  uint64_t records_without_key;        // left out: a part of the group key is missing
  uint64_t late_records;               // came below the watermark, left out
  uint64_t forced_records;             // judged before the watermark, for want of memory
  uint64_t pending_records;            // waiting for the watermark now
  uint64_t evicted_keys;               // forgotten for want of memory
  uint64_t state_bytes;                // now
  uint64_t missing_indicator_sets;     // times that a rule asked for a set that is not there
  uint64_t program_swaps;
  vedette_time watermark;
} vedette_processor_stats;
VEDETTE_API vedette_status vedette_processor_get_stats(vedette_processor* processor,
                                                       vedette_processor_stats* stats,
                                                       vedette_error** error);

// ---- Explanations -----------------------------------------------------------------------------

enum { VEDETTE_EXPLAIN_TEXT = 0, VEDETTE_EXPLAIN_JSON = 1 };
typedef struct vedette_explain_options {
  uint32_t struct_size;
  int32_t format;  // TEXT: an indented tree for people; JSON: {text, result, detail, children}
  const vedette_event_info* info;        // may be NULL
  const vedette_indicators* indicators;  // may be NULL
} vedette_explain_options;
VEDETTE_API void vedette_explain_options_init(vedette_explain_options* options, size_t size);

// Why a rule over single events, named by its id, name or title, holds for an event or not: every
// part of it with what it gave. `options` may be NULL. NOT_FOUND, BROKEN_EVENT. Makes what it needs
// each time: for people, not for every event. Thread-safe.
VEDETTE_API vedette_status vedette_explain_json(const vedette_program* program, const char* rule,
                                                size_t rule_size, const char* json,
                                                size_t json_size,
                                                const vedette_explain_options* options,
                                                vedette_bytes** text, vedette_error** error);
VEDETTE_API vedette_status vedette_explain_event(const vedette_program* program, const char* rule,
                                                 size_t rule_size, const vedette_adapter* adapter,
                                                 const void* event,
                                                 const vedette_explain_options* options,
                                                 vedette_bytes** text, vedette_error** error);

#ifdef __cplusplus
}
#endif

#endif  // VEDETTE_C_VEDETTE_H_
