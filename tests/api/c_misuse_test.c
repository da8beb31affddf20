/* Wrong uses of the C interface: NULLs, wrong sizes, calls from callbacks, two threads at once.
 * Each gives a status and changes nothing. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/support/c_check.h"
#include "vedette/c/detection.h"
#include "vedette/c/vedette.h"

/* The layouts are a promise: a struct only grows, at its end. */
#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(vedette_string) == 16, "vedette_string");
_Static_assert(sizeof(vedette_pair) == 32, "vedette_pair");
_Static_assert(sizeof(vedette_value) == 24, "vedette_value");
_Static_assert(sizeof(vedette_member) == 40, "vedette_member");
_Static_assert(sizeof(vedette_compile_options) >= 24, "vedette_compile_options");
_Static_assert(sizeof(vedette_diagnostic) >= 120, "vedette_diagnostic");
_Static_assert(sizeof(vedette_compile_stats) >= 56, "vedette_compile_stats");
_Static_assert(sizeof(vedette_adapter_options) >= 40, "vedette_adapter_options");
_Static_assert(sizeof(vedette_event_info) >= 96, "vedette_event_info");
_Static_assert(sizeof(vedette_matched_field) >= 72, "vedette_matched_field");
_Static_assert(sizeof(vedette_evidence) >= 80, "vedette_evidence");
_Static_assert(sizeof(vedette_evidence_event) >= 56, "vedette_evidence_event");
_Static_assert(sizeof(vedette_processor_options) >= 96, "vedette_processor_options");
_Static_assert(sizeof(vedette_ndjson_result) >= 56, "vedette_ndjson_result");
_Static_assert(sizeof(vedette_processor_stats) >= 200, "vedette_processor_stats");
_Static_assert(sizeof(vedette_explain_options) >= 24, "vedette_explain_options");
_Static_assert(offsetof(vedette_processor_options, indicators) == 80, "no holes");
_Static_assert(offsetof(vedette_processor_stats, watermark) == 192, "no holes");
_Static_assert(offsetof(vedette_event_info, stream) == 32, "no holes");
#endif

static const char kRule[] =
    "title: A\nlogsource: {category: c}\ndetection:\n  s: {f: 1}\n  condition: s\n";

static vedette_error* error = NULL;

#define CHECK_INVALID(call) CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, call)

typedef struct Handles {
  vedette_rules* rules;
  vedette_program* program;
  vedette_engine* engine;
  vedette_processor* processor;
  vedette_adapter* adapter;
  vedette_event_info info;
} Handles;

static void Get(const void* event, const char* field, size_t size, int32_t binding,
                vedette_arena* arena, vedette_value* value, void* user) {
  (void)event;
  (void)field;
  (void)size;
  (void)binding;
  (void)arena;
  (void)user;
  vedette_value_set_int(value, 1);
}

static Handles Open(vedette_on_detection on_detection, void* user) {
  Handles h = {0};
  vedette_adapter_options adapter;
  CHECK_OK(vedette_rules_new(&h.rules, &error));
  CHECK_OK(
      vedette_rules_add(h.rules, VEDETTE_SOURCE_RULES, "a.yml", 5, kRule, strlen(kRule), &error));
  CHECK_OK(vedette_compile(h.rules, NULL, &h.program, NULL, &error));
  CHECK_OK(vedette_engine_new(h.program, &h.engine, &error));
  CHECK_OK(vedette_processor_new(h.engine, NULL, on_detection, user, &h.processor, &error));
  vedette_adapter_options_init(&adapter, sizeof adapter);
  adapter.get = Get;
  CHECK_OK(vedette_adapter_new(&adapter, &h.adapter, &error));
  vedette_event_info_init(&h.info, sizeof h.info);
  h.info.category = vedette_string_of("c");
  return h;
}

static void Close(Handles* h) {
  vedette_adapter_free(h->adapter);
  vedette_processor_free(h->processor);
  vedette_engine_free(h->engine);
  vedette_program_free(h->program);
  vedette_rules_free(h->rules);
}

static void TestFreeOfNull(void) {
  vedette_error_free(NULL);
  vedette_bytes_free(NULL);
  vedette_rules_free(NULL);
  vedette_indicators_free(NULL);
  vedette_report_free(NULL);
  vedette_program_free(NULL);
  vedette_adapter_free(NULL);
  vedette_detection_free(NULL);
  vedette_engine_free(NULL);
  vedette_processor_free(NULL);
  vedette_restored_free(NULL);
}

static void TestAccessorsOfNull(void) {
  CHECK(vedette_error_code(NULL) == VEDETTE_OK && vedette_error_line(NULL) == 0);
  CHECK(IsString(vedette_error_message(NULL), "") && IsString(vedette_error_file(NULL), ""));
  CHECK(vedette_bytes_size(NULL) == 0 && strcmp(vedette_bytes_data(NULL), "") == 0);
  CHECK(vedette_report_count(NULL) == 0 && IsString(vedette_report_note(NULL, 0, 0), ""));
  CHECK(vedette_program_fingerprint(NULL) == 0 && vedette_program_memory(NULL) == 0);
  CHECK(vedette_program_field_count(NULL) == 0 && IsString(vedette_program_field(NULL, 0), ""));
  CHECK(vedette_program_rule_count(NULL) == 0 && vedette_program_rule(NULL, 0) == NULL);
  CHECK(vedette_program_correlation_count(NULL) == 0);
  CHECK(vedette_program_correlation(NULL, 0) == NULL);
  CHECK(vedette_program_find_rule(NULL, "a", 1) == NULL);
  CHECK(IsString(vedette_rule_text(NULL, VEDETTE_RULE_ID), ""));
  CHECK(vedette_rule_list_size(NULL, VEDETTE_RULE_TAGS) == 0);
  CHECK(IsString(vedette_rule_list_item(NULL, VEDETTE_RULE_TAGS, 0), ""));
  CHECK(vedette_rule_custom_count(NULL) == 0 && IsString(vedette_rule_custom(NULL, 0).name, ""));
  CHECK(vedette_rule_level(NULL) == VEDETTE_LEVEL_UNSET && vedette_rule_line(NULL) == 0);
  CHECK(vedette_adapter_invalid_values(NULL) == 0 && vedette_arena_allocate(NULL, 1) == NULL);
  vedette_visit(NULL, NULL);
  CHECK(vedette_detection_rule(NULL) == NULL && IsString(vedette_detection_rule_id(NULL), ""));
  CHECK(IsString(vedette_detection_title(NULL), "") && vedette_detection_level(NULL) == 0);
  CHECK(vedette_detection_time(NULL) == VEDETTE_NO_TIME && vedette_detection_line(NULL) == 0);
  CHECK(IsString(vedette_detection_stream(NULL), ""));
  CHECK(IsString(vedette_detection_log_source(NULL, VEDETTE_RULE_PRODUCT), ""));
  CHECK(vedette_detection_matched_count(NULL) == 0 && vedette_detection_outcome_count(NULL) == 0);
  CHECK(IsString(vedette_detection_indicator(NULL, 0, 0).name, ""));
  CHECK(IsString(vedette_detection_outcome(NULL, 0).name, ""));
  CHECK(vedette_detection_has_evidence(NULL) == 0);
  CHECK(IsString(vedette_detection_key(NULL, 0).name, ""));
  CHECK(IsString(vedette_detection_aggregate(NULL, 0).name, ""));
  CHECK(IsString(vedette_detection_event_field(NULL, 0, 0).name, ""));
  CHECK(vedette_restored_keys(NULL) == 0 && vedette_restored_count(NULL, 0) == 0);
  CHECK(IsString(vedette_restored_name(NULL, 0, 0), ""));
}

static void TestNullRules(const Handles* h) {
  vedette_program* program = NULL;
  vedette_report* report = NULL;
  vedette_bytes* bytes = NULL;
  vedette_indicators* sets = NULL;
  vedette_diagnostic d = {.struct_size = sizeof d};
  vedette_compile_stats stats = {.struct_size = sizeof stats};
  CHECK_INVALID(vedette_rules_new(NULL, &error));
  CHECK_INVALID(vedette_rules_add(NULL, 0, "a", 1, "b", 1, &error));
  CHECK_INVALID(vedette_rules_add(h->rules, 0, NULL, 1, "b", 1, &error));
  CHECK_INVALID(vedette_rules_add(h->rules, 0, "a", 1, NULL, 1, &error));
  CHECK_INVALID(vedette_compile(NULL, NULL, &program, &report, &error));
  CHECK_INVALID(vedette_compile(h->rules, NULL, NULL, &report, &error));
  CHECK(report == NULL);
  CHECK_INVALID(vedette_report_get(NULL, 0, &d, &error));
  CHECK_INVALID(vedette_report_text(NULL, 0, 0, &bytes, &error));
  CHECK_INVALID(vedette_report_text(NULL, 0, 0, NULL, &error));
  CHECK_INVALID(vedette_report_json(NULL, &bytes, &error));
  CHECK_INVALID(vedette_report_stats(NULL, &stats, &error));
  CHECK_OK(vedette_compile(h->rules, NULL, &program, &report, &error));
  CHECK_INVALID(vedette_report_get(report, 99, &d, &error));
  CHECK_INVALID(vedette_report_stats(report, NULL, &error));
  CHECK_INVALID(vedette_report_json(report, NULL, &error));
  vedette_report_free(report);
  vedette_program_free(program);
  CHECK_INVALID(vedette_indicators_new(NULL, &error));
  CHECK_INVALID(vedette_indicators_set(NULL, "a", 1, "f", 1, "t", 1, NULL, &error));
  CHECK_OK(vedette_indicators_new(&sets, &error));
  CHECK_INVALID(vedette_indicators_set(sets, NULL, 1, "f", 1, "t", 1, NULL, &error));
  CHECK_INVALID(vedette_indicators_set(sets, "a", 1, NULL, 1, "t", 1, NULL, &error));
  CHECK_INVALID(vedette_indicators_set(sets, "a", 1, "f", 1, NULL, 1, NULL, &error));
  CHECK_OK(vedette_indicators_set(sets, "a", 1, NULL, 0, NULL, 0, NULL, &error));
  CHECK_INVALID(vedette_indicators_remove(sets, NULL, 1, &error));
  CHECK_INVALID(vedette_indicators_remove(NULL, "a", 1, &error));
  vedette_indicators_free(sets);
  CHECK_INVALID(vedette_program_save(NULL, &bytes, &error));
  CHECK_INVALID(vedette_program_save(h->program, NULL, &error));
  CHECK_INVALID(vedette_program_load(NULL, 1, &program, &error));
  CHECK_INVALID(vedette_program_load("x", 1, NULL, &error));
  CHECK_INVALID(vedette_program_load(NULL, 0, &program, &error));
  CHECK(program == NULL);
}

static void TestNullProcessing(const Handles* h) {
  vedette_engine* engine = NULL;
  vedette_processor* processor = NULL;
  vedette_program* program = NULL;
  vedette_adapter* adapter = NULL;
  vedette_bytes* bytes = NULL;
  vedette_restored* restored = NULL;
  vedette_adapter_options options;
  vedette_processor_stats stats = {.struct_size = sizeof stats};
  vedette_adapter_options_init(&options, sizeof options);
  CHECK_INVALID(vedette_adapter_new(NULL, &adapter, &error));
  CHECK_INVALID(vedette_adapter_new(&options, &adapter, &error)); /* no get */
  options.get = Get;
  CHECK_INVALID(vedette_adapter_new(&options, NULL, &error));
  options.shape = 8;
  CHECK_INVALID(vedette_adapter_new(&options, &adapter, &error));
  CHECK_INVALID(vedette_engine_new(NULL, &engine, &error));
  CHECK_INVALID(vedette_engine_new(h->program, NULL, &error));
  CHECK_INVALID(vedette_engine_set_program(NULL, h->program, &error));
  CHECK_INVALID(vedette_engine_set_program(h->engine, NULL, &error));
  CHECK_INVALID(vedette_engine_program(NULL, &program, &error));
  CHECK_INVALID(vedette_engine_program(h->engine, NULL, &error));
  CHECK_INVALID(vedette_processor_new(NULL, NULL, NULL, NULL, &processor, &error));
  CHECK_INVALID(vedette_processor_new(h->engine, NULL, NULL, NULL, NULL, &error));
  CHECK_INVALID(vedette_processor_process_json(NULL, "{}", 2, NULL, &error));
  CHECK_INVALID(vedette_processor_process_json(h->processor, NULL, 2, NULL, &error));
  CHECK_INVALID(vedette_processor_process_ndjson(NULL, "{}", 2, 0, NULL, NULL, &error));
  CHECK_INVALID(vedette_processor_process_ndjson(h->processor, NULL, 2, 0, NULL, NULL, &error));
  CHECK_INVALID(vedette_processor_process_event(NULL, h->adapter, "", NULL, &error));
  CHECK_INVALID(vedette_processor_process_event(h->processor, NULL, "", NULL, &error));
  CHECK_INVALID(vedette_processor_advance_watermark(NULL, 0, &error));
  CHECK_INVALID(vedette_processor_flush(NULL, &error));
  CHECK_INVALID(vedette_processor_snapshot(NULL, &bytes, &error));
  CHECK_INVALID(vedette_processor_snapshot(h->processor, NULL, &error));
  CHECK_INVALID(vedette_processor_restore(NULL, "", 0, &restored, &error));
  CHECK_INVALID(vedette_processor_restore(h->processor, NULL, 1, &restored, &error));
  CHECK_STATUS(VEDETTE_DATA_LOSS, vedette_processor_restore(h->processor, NULL, 0, NULL, &error));
  CHECK_INVALID(vedette_processor_describe_state(NULL, "", 0, "", 0, 1, &bytes, &error));
  CHECK_INVALID(vedette_processor_describe_state(h->processor, NULL, 1, "", 0, 1, &bytes, &error));
  CHECK_INVALID(vedette_processor_describe_state(h->processor, "", 0, NULL, 1, 1, &bytes, &error));
  CHECK_INVALID(vedette_processor_describe_state(h->processor, "", 0, "", 0, 1, NULL, &error));
  CHECK_INVALID(vedette_processor_get_stats(NULL, &stats, &error));
  CHECK_INVALID(vedette_processor_get_stats(h->processor, NULL, &error));
  CHECK_INVALID(vedette_explain_json(NULL, "A", 1, "{}", 2, NULL, &bytes, &error));
  CHECK_INVALID(vedette_explain_json(h->program, NULL, 1, "{}", 2, NULL, &bytes, &error));
  CHECK_INVALID(vedette_explain_json(h->program, "A", 1, NULL, 2, NULL, &bytes, &error));
  CHECK_INVALID(vedette_explain_json(h->program, "A", 1, "{}", 2, NULL, NULL, &error));
  CHECK_INVALID(vedette_explain_event(h->program, "A", 1, NULL, "", NULL, &bytes, &error));
  /* Without an error object, too. */
  CHECK(vedette_processor_flush(NULL, NULL) == VEDETTE_INVALID_ARGUMENT);
  /* Nothing of this was an event. */
  CHECK_OK(vedette_processor_get_stats(h->processor, &stats, &error));
  CHECK(stats.events == 0);
}

static int32_t TakeNothing(const vedette_detection* d, void* user) {
  vedette_detection* copy = NULL;
  vedette_bytes* json = NULL;
  vedette_matched_field matched = {.struct_size = 8};
  (void)user;
  CHECK_INVALID(vedette_detection_copy(d, NULL, &error));
  CHECK_INVALID(vedette_detection_copy(NULL, &copy, &error));
  CHECK_INVALID(vedette_detection_json(d, NULL, &error));
  CHECK_INVALID(vedette_detection_json(NULL, &json, &error));
  CHECK_INVALID(vedette_detection_matched(d, 0, NULL, &error));
  CHECK_INVALID(vedette_detection_matched(d, 0, &matched, &error));
  CHECK_INVALID(vedette_detection_matched(NULL, 0, &matched, &error));
  CHECK_INVALID(vedette_detection_evidence(NULL, NULL, &error));
  CHECK_INVALID(vedette_detection_event(d, 0, NULL, &error));
  vedette_detection_free((vedette_detection*)(uintptr_t)d); /* not the host's: left alone */
  CHECK(IsString(vedette_detection_title(d), "A"));
  return 0;
}

/* Structs of older, newer and impossible sizes. */
static void TestStructSizes(Handles* h) {
  struct {
    vedette_processor_options known;
    uint64_t later;
  } options;
  struct {
    vedette_processor_stats known;
    uint64_t later;
  } stats;
  vedette_processor* processor = NULL;
  vedette_processor_options_init(&options.known, sizeof options);
  CHECK(options.known.struct_size == sizeof options && options.later == 0);
  CHECK_OK(vedette_processor_new(h->engine, &options.known, NULL, NULL, &processor, &error));
  options.later = 1;
  vedette_processor* none = NULL;
  CHECK_STATUS(VEDETTE_UNSUPPORTED,
               vedette_processor_new(h->engine, &options.known, NULL, NULL, &none, &error));
  CHECK(none == NULL);
  for (uint32_t size = 0; size < sizeof options.known; ++size) {
    options.known.struct_size = size;
    CHECK_INVALID(vedette_processor_new(h->engine, &options.known, NULL, NULL, &none, &error));
  }
  memset(&stats, 0xAB, sizeof stats);
  stats.known.struct_size = sizeof stats;
  CHECK_OK(vedette_processor_get_stats(processor, &stats.known, &error));
  CHECK(stats.known.struct_size == sizeof stats && stats.later == 0 && stats.known.events == 0);
  stats.known.struct_size = 4;
  stats.known.events = 77;
  CHECK_INVALID(vedette_processor_get_stats(processor, &stats.known, &error));
  CHECK(stats.known.events == 77);
  vedette_event_info info = h->info;
  info.struct_size = 3;
  CHECK_INVALID(vedette_processor_process_json(processor, "{}", 2, &info, &error));
  info = h->info;
  info.stream.size = 5;
  info.stream.data = NULL;
  CHECK_INVALID(vedette_processor_process_json(processor, "{}", 2, &info, &error));
  vedette_ndjson_result result = {.struct_size = 1};
  CHECK_INVALID(vedette_processor_process_ndjson(processor, "{}", 2, 0, NULL, &result, &error));
  vedette_compile_options compile;
  vedette_compile_options_init(&compile, sizeof compile);
  compile.flags = 1u << 31;
  vedette_program* program = NULL;
  CHECK_STATUS(VEDETTE_UNSUPPORTED, vedette_compile(h->rules, &compile, &program, NULL, &error));
  compile.flags = 0;
  compile.max_regex_bytes = UINT64_MAX;
  CHECK_INVALID(vedette_compile(h->rules, &compile, &program, NULL, &error));
  /* An init of a part writes no more than that. */
  uint64_t part[3] = {7, 7, 7};
  vedette_event_info_init((vedette_event_info*)(void*)part, 8);
  CHECK(part[1] == 7 && part[2] == 7);
  vedette_event_info_init(NULL, sizeof info);
  vedette_processor_options_init(NULL, 0);
  vedette_compile_options_init(NULL, 0);
  vedette_adapter_options_init(NULL, 0);
  vedette_explain_options_init(NULL, 0);
  vedette_processor_free(processor);
}

static void TestOptionRanges(const Handles* h) {
  vedette_processor_options good;
  vedette_processor_options_init(&good, sizeof good);
  vedette_processor_options bad = good;
  vedette_processor* processor = NULL;
  bad.allowed_lateness = -1;
  CHECK_INVALID(vedette_processor_new(h->engine, &bad, NULL, NULL, &processor, &error));
  bad = good;
  bad.max_event_bytes = UINT64_MAX;
  CHECK_INVALID(vedette_processor_new(h->engine, &bad, NULL, NULL, &processor, &error));
  bad = good;
  bad.flags = 8;
  CHECK_STATUS(VEDETTE_UNSUPPORTED,
               vedette_processor_new(h->engine, &bad, NULL, NULL, &processor, &error));
  /* The least of everything works. */
  memset(&bad, 0, sizeof bad);
  bad.struct_size = sizeof bad;
  CHECK_OK(vedette_processor_new(h->engine, &bad, NULL, NULL, &processor, &error));
  CHECK_STATUS(VEDETTE_LIMIT,
               vedette_processor_process_json(processor, "{\"f\":1}", 7, &h->info, &error));
  CHECK_OK(vedette_processor_process_event(processor, h->adapter, "", &h->info, &error));
  vedette_processor_free(processor);
}

typedef struct Reentry {
  Handles h;
  int calls;
} Reentry;

#define CHECK_BUSY(call) CHECK_STATUS(VEDETTE_BUSY, call)

/* Every function of the processor, from within its callback. */
static int32_t CallBack(const vedette_detection* detection, void* user) {
  Reentry* r = user;
  vedette_processor* p = r->h.processor;
  vedette_bytes* bytes = NULL;
  vedette_restored* restored = NULL;
  vedette_processor_stats stats = {.struct_size = sizeof stats};
  ++r->calls;
  CHECK_BUSY(vedette_processor_process_json(p, "{}", 2, NULL, &error));
  CHECK_BUSY(vedette_processor_process_ndjson(p, "{}", 2, 0, NULL, NULL, &error));
  CHECK_BUSY(vedette_processor_process_event(p, r->h.adapter, "", NULL, &error));
  CHECK_BUSY(vedette_processor_advance_watermark(p, 0, &error));
  CHECK_BUSY(vedette_processor_flush(p, &error));
  CHECK_BUSY(vedette_processor_snapshot(p, &bytes, &error));
  CHECK_BUSY(vedette_processor_restore(p, "", 0, &restored, &error));
  CHECK_BUSY(vedette_processor_describe_state(p, "", 0, "", 0, 1, &bytes, &error));
  CHECK_BUSY(vedette_processor_get_stats(p, &stats, &error));
  vedette_processor_free(p); /* nothing */
  /* Other handles are free to use. */
  CHECK_OK(vedette_explain_json(r->h.program, "A", 1, "{}", 2, NULL, &bytes, &error));
  vedette_bytes_free(bytes);
  CHECK_OK(vedette_detection_json(detection, &bytes, &error));
  vedette_bytes_free(bytes);
  return -1;
}

static void TestReentry(void) {
  Reentry r = {0};
  r.h = Open(CallBack, &r);
  CHECK_STATUS(VEDETTE_STOPPED,
               vedette_processor_process_json(r.h.processor, "{\"f\":1}", 7, &r.h.info, &error));
  CHECK(r.calls == 1);
  CHECK_OK(vedette_processor_process_json(r.h.processor, "{\"f\":2}", 7, &r.h.info, &error));
  Close(&r.h);
}

/* ---- Threads -------------------------------------------------------------------------------- */

enum { kEvents = 2000 };

typedef struct Worker {
  pthread_t thread;
  const Handles* h;
  vedette_processor* processor;
  int taken;
  int busy;
  int other;
} Worker;

static int32_t Ignore(const vedette_detection* detection, void* user) {
  (void)user;
  return vedette_detection_level(detection) != VEDETTE_LEVEL_UNSET;
}

static void* Feed(void* argument) {
  Worker* w = argument;
  for (int i = 0; i < kEvents; ++i) {
    const vedette_status status =
        i % 2 == 0
            ? vedette_processor_process_json(w->processor, "{\"f\":1}", 7, &w->h->info, NULL)
            : vedette_processor_process_event(w->processor, w->h->adapter, "", &w->h->info, NULL);
    ++*(status == VEDETTE_OK ? &w->taken : status == VEDETTE_BUSY ? &w->busy : &w->other);
  }
  return NULL;
}

/* Processors of one engine on threads while its program changes; then one processor on two threads,
 * which is wrong, and is told or goes well, but never goes astray. */
static void TestThreads(void) {
  Handles h = Open(Ignore, NULL);
  Worker workers[2] = {{.h = &h}, {.h = &h}};
  vedette_processor_stats stats = {.struct_size = sizeof stats};
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(vedette_processor_new(h.engine, NULL, Ignore, NULL, &workers[i].processor, &error));
    CHECK(pthread_create(&workers[i].thread, NULL, Feed, &workers[i]) == 0);
  }
  for (int i = 0; i < 50; ++i) CHECK_OK(vedette_engine_set_program(h.engine, h.program, &error));
  for (int i = 0; i < 2; ++i) {
    CHECK(pthread_join(workers[i].thread, NULL) == 0);
    CHECK(workers[i].taken == kEvents && workers[i].busy == 0 && workers[i].other == 0);
    CHECK_OK(vedette_processor_get_stats(workers[i].processor, &stats, &error));
    CHECK(stats.events == kEvents && stats.detections == kEvents);
    vedette_processor_free(workers[i].processor);
  }
  for (int i = 0; i < 2; ++i) {
    workers[i] = (Worker){.h = &h, .processor = h.processor};
    CHECK(pthread_create(&workers[i].thread, NULL, Feed, &workers[i]) == 0);
  }
  for (int i = 0; i < 2; ++i) {
    CHECK(pthread_join(workers[i].thread, NULL) == 0);
    CHECK(workers[i].taken + workers[i].busy == kEvents && workers[i].other == 0);
  }
  CHECK_OK(vedette_processor_get_stats(h.processor, &stats, &error));
  CHECK(stats.events == (uint64_t)(workers[0].taken + workers[1].taken));
  Close(&h);
}

int main(void) {
  Handles h = Open(TakeNothing, NULL);
  TestFreeOfNull();
  TestAccessorsOfNull();
  TestNullRules(&h);
  TestNullProcessing(&h);
  TestStructSizes(&h);
  TestOptionRanges(&h);
  CHECK_OK(vedette_processor_process_json(h.processor, "{\"f\":1}", 7, &h.info, &error));
  Close(&h);
  TestReentry();
  TestThreads();
  return CheckResult();
}
