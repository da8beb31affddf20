/* The C interface: events to detections, state, programs that change. */
#include "tests/support/c_host.h"
#include "vedette/c/event.h"

static void TestDetection(void) {
  vedette_program* program = ProgramOf("shell.yml", kSigma);
  Seen seen = {0};
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_event_info info;
  vedette_matched_field matched = {.struct_size = sizeof matched};
  vedette_evidence evidence = {.struct_size = sizeof evidence};
  vedette_bytes* json = NULL;
  vedette_event_info_init(&info, sizeof info);
  info.stream = vedette_string_of("agent-7");
  info.line = 12;
  CHECK_OK(
      vedette_processor_process_json(processor, kShellEvent, strlen(kShellEvent), &info, &error));
  CHECK(seen.count == 1);
  /* The copy outlives everything. */
  vedette_processor_free(processor);
  vedette_program_free(program);
  const vedette_detection* d = seen.copy;
  CHECK(IsString(vedette_detection_rule_id(d), "5f8a2c3e-0000-4000-8000-000000000001"));
  CHECK(IsString(vedette_detection_title(d), "Shell from Office"));
  CHECK(vedette_detection_level(d) == VEDETTE_LEVEL_HIGH);
  CHECK(vedette_detection_time(d) == INT64_C(1795600800000000000));
  CHECK(IsString(vedette_detection_stream(d), "agent-7") && vedette_detection_line(d) == 12);
  CHECK(IsString(vedette_detection_log_source(d, VEDETTE_RULE_PRODUCT), "windows"));
  CHECK(IsString(vedette_detection_log_source(d, VEDETTE_RULE_CATEGORY), "process_creation"));
  CHECK(IsString(vedette_detection_log_source(d, VEDETTE_RULE_SERVICE), "sysmon"));
  CHECK(IsString(vedette_detection_log_source(d, VEDETTE_RULE_ID), ""));
  CHECK(vedette_detection_matched_count(d) == 2);
  CHECK_OK(vedette_detection_matched(d, 0, &matched, &error));
  CHECK(IsString(matched.field, "Image") && IsString(matched.value, "C:\\Windows\\cmd.exe"));
  CHECK(IsString(matched.selection, "shell") && Contains(matched.test.data, "endswith"));
  CHECK(matched.indicator_count == 0);
  CHECK(IsString(vedette_detection_indicator(d, 0, 0).name, ""));
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, vedette_detection_matched(d, 2, &matched, &error));
  CHECK(vedette_detection_has_evidence(d) == 0 && vedette_detection_outcome_count(d) == 0);
  CHECK_STATUS(VEDETTE_NOT_FOUND, vedette_detection_evidence(d, &evidence, &error));
  CHECK(IsString(vedette_detection_key(d, 0).name, ""));
  CHECK(IsString(vedette_detection_event_field(d, 0, 0).value, ""));
  CHECK_OK(vedette_detection_json(d, &json, &error));
  CHECK(Contains(vedette_bytes_data(json), "\"title\":\"Shell from Office\",\"level\":\"high\""));
  CHECK(Contains(vedette_bytes_data(json), "\"event\":{\"source\":\"agent-7\",\"line\":12}"));
  vedette_bytes_free(json);
  vedette_detection_free(seen.copy);
}

static void TestBrokenJson(void) {
  vedette_program* program = ProgramOf("shell.yml", kSigma);
  Seen seen = {0};
  vedette_processor_options options;
  vedette_processor_options_init(&options, sizeof options);
  options.max_event_bytes = 400;
  vedette_processor* processor = ProcessorOf(program, &options, &seen);
  vedette_processor_stats stats = {.struct_size = sizeof stats};
  vedette_error* refused = NULL;
  vedette_event_info info;
  vedette_event_info_init(&info, sizeof info);
  info.stream = vedette_string_of("s");
  info.line = 3;
  CHECK(vedette_processor_process_json(processor, "{\"a\":", 5, &info, &refused) ==
        VEDETTE_BROKEN_EVENT);
  CHECK(IsString(vedette_error_file(refused), "s") && vedette_error_line(refused) == 3);
  vedette_error_free(refused);
  CHECK_STATUS(VEDETTE_BROKEN_EVENT,
               vedette_processor_process_json(processor, "[1]", 3, NULL, &error));
  CHECK_STATUS(VEDETTE_BROKEN_EVENT,
               vedette_processor_process_json(processor, NULL, 0, NULL, &error));
  char large[512];
  memset(large, ' ', sizeof large);
  memcpy(large, "{\"a\":1", 6);
  large[511] = '}';
  CHECK_STATUS(VEDETTE_LIMIT,
               vedette_processor_process_json(processor, large, sizeof large, NULL, &error));
  CHECK_OK(vedette_processor_get_stats(processor, &stats, &error));
  CHECK(stats.events == 0 && stats.broken == 3 && stats.oversized == 1);
  vedette_processor_free(processor);
  vedette_program_free(program);
}

static void TestNdjson(void) {
  static const char kRule[] =
      "title: A\nlogsource: {category: c}\ndetection:\n  s: {f: 1}\n  condition: s\n";
  static const char kLines[] =
      "\xEF\xBB\xBF{\"f\":1}\r\n\n  \t\n{\"f\":\nnot json\n{\"f\":2}\n{\"f\":1}\n{\"f\":1}";
  vedette_program* program = ProgramOf("a.yml", kRule);
  Seen seen = {0};
  vedette_processor_options options;
  vedette_processor_options_init(&options, sizeof options);
  options.on_broken = OnBroken;
  vedette_processor* processor = ProcessorOf(program, &options, &seen);
  vedette_ndjson_result result = {.struct_size = sizeof result};
  vedette_processor_stats stats = {.struct_size = sizeof stats};
  vedette_event_info info;
  vedette_event_info_init(&info, sizeof info);
  info.category = vedette_string_of("c");
  const size_t size = strlen(kLines);
  CHECK_OK(vedette_processor_process_ndjson(processor, kLines, size, 0, &info, &result, &error));
  CHECK(result.consumed == size && result.lines == 8 && result.events == 4);
  CHECK(result.broken == 2 && result.blank == 2 && result.oversized == 0);
  CHECK(seen.count == 3 && seen.broken == 2 && seen.broken_line == 5 && seen.reason[0] != 0);
  CHECK(vedette_detection_line(seen.copy) == 8);

  /* A part of a stream: the last line is not whole, and comes again with the next part. */
  CHECK_OK(vedette_processor_process_ndjson(processor, kLines, size, VEDETTE_NDJSON_MORE, &info,
                                            &result, &error));
  CHECK(result.consumed == size - 7 && result.lines == 7 && seen.count == 5);

  /* A callback that stops: what was taken is told, and the host goes on behind it. */
  seen.count = 0;
  seen.stop_at = 1;
  size_t at = 0;
  uint64_t calls = 0;
  vedette_status status = VEDETTE_OK;
  info.line = 1;
  do {
    status = vedette_processor_process_ndjson(processor, kLines + at, size - at, 0, &info, &result,
                                              &error);
    CHECK(status == VEDETTE_OK || status == VEDETTE_STOPPED);
    if (status == VEDETTE_STOPPED) {
      CHECK(vedette_error_line(error) == (calls == 0 ? 1 : calls + 6));
    }
    vedette_error_free(error);
    error = NULL;
    at += result.consumed;
    info.line += result.lines;
    ++calls;
    seen.count = 0;
  } while (status == VEDETTE_STOPPED && calls < 10);
  CHECK(calls == 4 && at == size && info.line == 9);
  CHECK_OK(vedette_processor_process_ndjson(processor, NULL, 0, 0, NULL, NULL, &error));
  CHECK_STATUS(VEDETTE_UNSUPPORTED,
               vedette_processor_process_ndjson(processor, "{}", 2, 8, NULL, &result, &error));
  CHECK_OK(vedette_processor_get_stats(processor, &stats, &error));
  CHECK(stats.events == 4 + 3 + 4 && stats.broken == 6 && stats.blank == 6);
  vedette_detection_free(seen.copy);
  vedette_processor_free(processor);
  vedette_program_free(program);
}

/* ---- Events of the host --------------------------------------------------------------------- */

typedef struct HostEvent {
  const char* image;
  int64_t pid;
  const char* groups[3];
  size_t group_count;
  const char* extra; /* seen by keyword searches only */
  int bad;           /* which wrong value `Bad` has */
} HostEvent;

enum { kImage, kPid, kGroups, kOwner, kBad };

static int32_t Bind(const char* field, size_t size, void* user) {
  static const char* kNames[] = {"Image", "ProcessId", "groups", "owner", "Bad"};
  ++*(int*)user;
  for (int32_t i = 0; i < 5; ++i) {
    if (strlen(kNames[i]) == size && memcmp(kNames[i], field, size) == 0) return i;
  }
  return -1;
}

static void SetBad(int bad, vedette_arena* arena, vedette_value* value) {
  value->size = 5;
  value->kind = bad == 1 ? VEDETTE_VALUE_STRING : bad == 2 ? VEDETTE_VALUE_LIST : 77;
  if (bad == 3) value->kind = VEDETTE_VALUE_OBJECT;
  if (bad == 4) { /* endless */
    value->kind = VEDETTE_VALUE_LIST;
    value->size = 1;
    vedette_value* inner = vedette_arena_allocate(arena, sizeof *inner);
    if (inner == NULL) return;
    inner->kind = VEDETTE_VALUE_LIST;
    inner->reserved = 0;
    inner->size = 1;
    inner->as.list = inner;
    value->as.list = inner;
  }
}

static void Get(const void* event, const char* field, size_t size, int32_t binding,
                vedette_arena* arena, vedette_value* value, void* user) {
  const HostEvent* e = event;
  (void)user;
  CHECK(field != NULL && size > 0 && value->kind == VEDETTE_VALUE_ABSENT);
  if (binding == kImage && e->image != NULL) {
    vedette_value_set_string(value, e->image, strlen(e->image));
  } else if (binding == kPid) {
    vedette_value_set_int(value, e->pid);
  } else if (binding == kGroups) {
    vedette_value* items = vedette_arena_allocate(arena, e->group_count * sizeof *items);
    if (items == NULL) return;
    for (size_t i = 0; i < e->group_count; ++i) {
      vedette_value_set_string(&items[i], e->groups[i], strlen(e->groups[i]));
    }
    value->kind = VEDETTE_VALUE_LIST;
    value->size = e->group_count;
    value->as.list = items;
  } else if (binding == kOwner) {
    vedette_member* member = vedette_arena_allocate(arena, sizeof *member);
    if (member == NULL) return;
    memset(member, 0, sizeof *member);
    member->name = vedette_string_of("name");
    vedette_value_set_string(&member->value, "root", 4);
    value->kind = VEDETTE_VALUE_OBJECT;
    value->size = 1;
    value->as.members = member;
  } else if (binding == kBad && e->bad != 0) {
    SetBad(e->bad, arena, value);
  }
}

static void Visit(const void* event, vedette_arena* arena, vedette_visitor* visitor, void* user) {
  const HostEvent* e = event;
  vedette_value value = {0};
  (void)user;
  (void)arena;
  if (e->extra == NULL) return;
  vedette_value_set_string(&value, e->extra, strlen(e->extra));
  vedette_visit(visitor, &value);
}

static void TestHostEvents(void) {
  static const char kRules[] =
      "title: image\nlogsource: {category: process_creation}\ndetection:\n"
      "  s: {process.executable|endswith: /sh, ProcessId: 42}\n  condition: s\n---\n"
      "title: list\nlogsource: {category: process_creation}\ndetection:\n"
      "  s: {groups: wheel}\n  condition: s\n---\n"
      "title: bad\nlogsource: {category: process_creation}\ndetection:\n"
      "  s: {Bad|exists: true}\n  condition: s\n---\n"
      "title: keyword\nlogsource: {category: process_creation}\ndetection:\n"
      "  s: [needle]\n  condition: s\n";
  vedette_program* program = ProgramOf("host.yml", kRules);
  Seen seen = {0};
  int binds = 0;
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_adapter_options options;
  vedette_adapter* adapter = NULL;
  vedette_event_info info;
  vedette_bytes* text = NULL;
  vedette_explain_options explain;
  HostEvent event = {"/bin/sh", 42, {"users", "wheel"}, 2, "a needle in hay", 0};
  vedette_adapter_options_init(&options, sizeof options);
  options.bind = Bind;
  options.get = Get;
  options.visit = Visit;
  options.user = &binds;
  CHECK_OK(vedette_adapter_new(&options, &adapter, &error));
  vedette_event_info_init(&info, sizeof info);
  info.category = vedette_string_of("process_creation");
  info.time = 1000;
  info.has_tiebreak = 1;
  CHECK_OK(vedette_processor_process_event(processor, adapter, &event, &info, &error));
  CHECK(seen.count == 3 && strcmp(seen.title, "keyword") == 0);
  CHECK(vedette_detection_time(seen.copy) == 1000);
  const int first_binds = binds;
  CHECK(first_binds > 0);
  CHECK_OK(vedette_processor_process_event(processor, adapter, &event, &info, &error));
  CHECK(seen.count == 6 && binds == first_binds); /* bound once */

  /* Values that are none count as absent, and are counted. */
  for (event.bad = 1; event.bad <= 5; ++event.bad) {
    seen.count = 0;
    CHECK_OK(vedette_processor_process_event(processor, adapter, &event, &info, &error));
    CHECK(seen.count == 3);
    CHECK(vedette_adapter_invalid_values(adapter) == (uint64_t)event.bad);
  }
  event.bad = 0;
  event.image = NULL;
  event.group_count = 0;
  event.extra = NULL;
  seen.count = 0;
  CHECK_OK(vedette_processor_process_event(processor, adapter, &event, &info, &error));
  CHECK(seen.count == 0);

  event.image = "/bin/sh";
  vedette_explain_options_init(&explain, sizeof explain);
  explain.format = VEDETTE_EXPLAIN_JSON;
  explain.info = &info;
  CHECK_OK(vedette_explain_event(program, "image", 5, adapter, &event, &explain, &text, &error));
  CHECK(Contains(vedette_bytes_data(text), "\"result\":true"));
  CHECK(!Contains(vedette_bytes_data(text), "\"result\":false"));
  vedette_bytes_free(text);

  /* The processor may still have the adapter when the host frees it. */
  vedette_adapter_free(adapter);
  adapter = NULL;
  /* One adapter for each object is refused before it becomes a leak. */
  int made = 0;
  vedette_status status = VEDETTE_OK;
  while (status == VEDETTE_OK && made < 100) {
    CHECK_OK(vedette_adapter_new(&options, &adapter, &error));
    status = vedette_processor_process_event(processor, adapter, &event, &info, NULL);
    vedette_adapter_free(adapter);
    ++made;
  }
  CHECK(status == VEDETTE_LIMIT && made == 64);
  vedette_detection_free(seen.copy);
  vedette_processor_free(processor);
  vedette_program_free(program);
}

/* ---- Rules over several events -------------------------------------------------------------- */

static void Login(vedette_processor* processor, const char* user, const char* time) {
  char json[256];
  snprintf(json, sizeof json,
           "{\"@timestamp\":\"2026-11-25T10:%sZ\",\"event\":{\"category\":\"authentication\","
           "\"outcome\":\"failure\"},\"user\":{\"name\":\"%s\"}}",
           time, user);
  CHECK_OK(vedette_processor_process_json(processor, json, strlen(json), NULL, &error));
}

static void CheckBruteForce(const vedette_detection* d) {
  vedette_evidence evidence = {.struct_size = sizeof evidence};
  vedette_evidence_event event = {.struct_size = sizeof event};
  CHECK(vedette_detection_has_evidence(d) == 1);
  CHECK(IsString(vedette_detection_title(d), "brute_force"));
  CHECK(vedette_detection_level(d) == VEDETTE_LEVEL_MEDIUM);
  CHECK_OK(vedette_detection_evidence(d, &evidence, &error));
  CHECK(evidence.cause == VEDETTE_CAUSE_EVENT && evidence.degraded == 0);
  CHECK(evidence.total_events == 3 && evidence.event_count == 3 && evidence.key_count == 1);
  CHECK(evidence.last - evidence.first == INT64_C(120000000000));
  CHECK(vedette_detection_time(d) == evidence.last);
  CHECK(IsString(vedette_detection_key(d, 0).name, "user.name"));
  CHECK(IsString(vedette_detection_key(d, 0).value, "\"ann\""));
  CHECK(IsString(vedette_detection_key(d, 1).name, ""));
  CHECK(evidence.aggregate_count == 1);
  CHECK(IsString(vedette_detection_aggregate(d, 0).name, "count(fails)"));
  CHECK(IsString(vedette_detection_aggregate(d, 0).value, "3"));
  CHECK(vedette_detection_outcome_count(d) == 1);
  CHECK(IsString(vedette_detection_outcome(d, 0).name, "tries"));
  CHECK(IsString(vedette_detection_outcome(d, 0).value, "3"));
  CHECK_OK(vedette_detection_event(d, 0, &event, &error));
  CHECK(IsString(event.source, "fails") && event.time == evidence.first);
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, vedette_detection_event(d, 3, &event, &error));
}

static void TestCorrelation(void) {
  vedette_program* program = ProgramOf("b.vdt", kBruteForce);
  Seen seen = {0};
  vedette_bytes* snapshot = NULL;
  vedette_bytes* text = NULL;
  vedette_restored* restored = NULL;
  vedette_processor_stats stats = {.struct_size = sizeof stats};
  vedette_processor_options options;
  vedette_processor_options_init(&options, sizeof options);
  options.allowed_lateness = INT64_C(60) * 1000000000;
  vedette_processor* processor = ProcessorOf(program, &options, &seen);
  Login(processor, "ann", "00:00");
  Login(processor, "ben", "00:30");
  Login(processor, "ann", "01:00");
  CHECK_OK(vedette_processor_advance_watermark(processor, INT64_C(1795600861000000000), &error));
  CHECK_OK(
      vedette_processor_describe_state(processor, "brute_force", 11, "ann", 3, 10, &text, &error));
  CHECK(Contains(vedette_bytes_data(text), "2 of 3"));
  CHECK(!Contains(vedette_bytes_data(text), "ben"));
  vedette_bytes_free(text);
  CHECK_OK(vedette_processor_get_stats(processor, &stats, &error));
  CHECK(stats.events == 3 && stats.records == 3 && stats.state_bytes > 0);
  CHECK(stats.watermark == INT64_C(1795600861000000000));

  /* The process ends; another one goes on. */
  CHECK_OK(vedette_processor_snapshot(processor, &snapshot, &error));
  vedette_processor_free(processor);
  processor = ProcessorOf(program, &options, &seen);
  CHECK_OK(vedette_processor_restore(processor, vedette_bytes_data(snapshot),
                                     vedette_bytes_size(snapshot), &restored, &error));
  CHECK(vedette_restored_keys(restored) == 2);
  CHECK(vedette_restored_count(restored, VEDETTE_RESTORED_KEPT) == 1);
  CHECK(vedette_restored_count(restored, VEDETTE_RESTORED_DROPPED) == 0);
  CHECK(vedette_restored_count(restored, VEDETTE_RESTORED_FRESH) == 0);
  CHECK(vedette_restored_count(restored, 99) == 0);
  CHECK(IsString(vedette_restored_name(restored, VEDETTE_RESTORED_KEPT, 0), "brute_force"));
  CHECK(IsString(vedette_restored_name(restored, VEDETTE_RESTORED_KEPT, 1), ""));
  vedette_restored_free(restored);
  Login(processor, "ann", "02:00");
  CHECK(seen.count == 0); /* a minute of lateness is not over */
  CHECK_OK(vedette_processor_flush(processor, &error));
  CHECK(seen.count == 1);
  CheckBruteForce(seen.copy);
  CHECK_OK(vedette_processor_get_stats(processor, &stats, &error));
  CHECK(stats.correlation_detections == 1);
  for (size_t cut = 0; cut < vedette_bytes_size(snapshot); cut += 5) {
    CHECK_STATUS(
        VEDETTE_DATA_LOSS,
        vedette_processor_restore(processor, vedette_bytes_data(snapshot), cut, &restored, &error));
    CHECK(restored == NULL);
  }
  CHECK_STATUS(VEDETTE_NOT_FOUND,
               vedette_processor_describe_state(processor, "no", 2, NULL, 0, 10, &text, &error));
  vedette_processor_free(processor);

  /* Each event judged when it comes. */
  options.flags = VEDETTE_PROCESSOR_EAGER;
  seen.count = 0;
  processor = ProcessorOf(program, &options, &seen);
  for (const char* time = "00:00\00001:00\00002:00"; *time != 0; time += 6) {
    Login(processor, "ann", time);
    if (strcmp(time, "02:00") == 0) break;
  }
  CHECK(seen.count == 1);
  CheckBruteForce(seen.copy);
  vedette_detection_free(seen.copy);
  vedette_processor_free(processor);
  vedette_bytes_free(snapshot);
  vedette_program_free(program);
}

/* ---- Programs that change ------------------------------------------------------------------- */

typedef struct Swap {
  vedette_engine* engine;
  const vedette_program* next;
  int first;
  int second;
} Swap;

static int32_t SwapInCallback(const vedette_detection* detection, void* user) {
  Swap* swap = user;
  if (IsString(vedette_detection_title(detection), "first")) {
    ++swap->first;
    CHECK_OK(vedette_engine_set_program(swap->engine, swap->next, &error));
  } else {
    ++swap->second;
  }
  return 0;
}

static void TestHotSwap(void) {
  static const char kFirst[] =
      "title: first\nlogsource: {category: c}\ndetection:\n  s: {f: 1}\n  condition: s\n";
  static const char kSecond[] =
      "title: second\nlogsource: {category: c}\ndetection:\n  s: {f: 1}\n  condition: s\n";
  vedette_program* first = ProgramOf("1.yml", kFirst);
  vedette_program* second = ProgramOf("2.yml", kSecond);
  vedette_program* current = NULL;
  vedette_processor* processor = NULL;
  vedette_processor_stats stats = {.struct_size = sizeof stats};
  vedette_event_info info;
  Swap swap = {NULL, second, 0, 0};
  vedette_event_info_init(&info, sizeof info);
  info.category = vedette_string_of("c");
  CHECK_OK(vedette_engine_new(first, &swap.engine, &error));
  CHECK_OK(vedette_processor_new(swap.engine, NULL, SwapInCallback, &swap, &processor, &error));
  for (int i = 0; i < 3; ++i) {
    CHECK_OK(vedette_processor_process_json(processor, "{\"f\":1}", 7, &info, &error));
  }
  CHECK(swap.first == 1 && swap.second == 2);
  CHECK_OK(vedette_engine_program(swap.engine, &current, &error));
  CHECK(vedette_program_find_rule(current, "second", 6) != NULL);
  CHECK_OK(vedette_processor_get_stats(processor, &stats, &error));
  CHECK(stats.program_swaps == 1 && stats.detections == 3);
  vedette_program_free(current);
  vedette_program_free(first);
  vedette_program_free(second);
  vedette_engine_free(swap.engine);
  CHECK_OK(vedette_processor_process_json(processor, "{\"f\":1}", 7, &info, &error));
  CHECK(swap.second == 3);
  vedette_processor_free(processor);
}

static void TestIndicators(void) {
  static const char kRule[] = "rule known_bad { match any where source.ip in set(\"c2\") }\n";
  static const char kFeed[] = "value,source,confidence\n203.0.113.0/24,lab,80\nnot-an-ip,lab,900\n";
  static const char kEvent[] = "{\"source\":{\"ip\":\"203.0.113.9\"}}";
  vedette_indicators* indicators = NULL;
  vedette_report* report = NULL;
  vedette_diagnostic d = {.struct_size = sizeof d};
  vedette_matched_field matched = {.struct_size = sizeof matched};
  vedette_processor_options options;
  vedette_processor_stats stats = {.struct_size = sizeof stats};
  vedette_bytes* text = NULL;
  vedette_explain_options explain;
  Seen seen = {0};
  vedette_program* program = ProgramOf("bad.vdt", kRule);
  CHECK_OK(vedette_indicators_new(&indicators, &error));
  vedette_processor_options_init(&options, sizeof options);
  options.indicators = indicators;
  vedette_processor* processor = ProcessorOf(program, &options, &seen);
  CHECK_OK(vedette_processor_process_json(processor, kEvent, strlen(kEvent), NULL, &error));
  CHECK(seen.count == 0);
  CHECK_OK(vedette_indicators_set(indicators, "c2", 2, "feed.csv", 8, kFeed, strlen(kFeed), &report,
                                  &error));
  CHECK(vedette_report_count(report) == 1);
  CHECK_OK(vedette_report_get(report, 0, &d, &error));
  CHECK(d.line == 3 && IsString(d.file, "feed.csv") && IsString(d.code, "IND0002"));
  CHECK(vedette_report_note(report, 0, d.note_count).size == 0);
  vedette_report_free(report);
  CHECK_OK(vedette_processor_process_json(processor, kEvent, strlen(kEvent), NULL, &error));
  CHECK(seen.count == 1);
  CHECK_OK(vedette_detection_matched(seen.copy, 0, &matched, &error));
  CHECK(matched.indicator_count > 0);
  CHECK(vedette_detection_indicator(seen.copy, 0, 0).name.size > 0);

  vedette_explain_options_init(&explain, sizeof explain);
  CHECK_OK(vedette_explain_json(program, "known_bad", 9, kEvent, strlen(kEvent), &explain, &text,
                                &error));
  CHECK(vedette_bytes_data(text)[0] == '-');
  vedette_bytes_free(text);
  explain.indicators = indicators;
  CHECK_OK(vedette_explain_json(program, "known_bad", 9, kEvent, strlen(kEvent), &explain, &text,
                                &error));
  CHECK(vedette_bytes_data(text)[0] == '+');
  vedette_bytes_free(text);

  CHECK_OK(vedette_indicators_remove(indicators, "c2", 2, &error));
  /* The processor keeps the sets. */
  vedette_indicators_free(indicators);
  CHECK_OK(vedette_processor_process_json(processor, kEvent, strlen(kEvent), NULL, &error));
  CHECK(seen.count == 1);
  CHECK_OK(vedette_processor_get_stats(processor, &stats, &error));
  CHECK(stats.missing_indicator_sets == 2);
  vedette_detection_free(seen.copy);
  vedette_processor_free(processor);
  vedette_program_free(program);
}

int main(void) {
  TestDetection();
  TestBrokenJson();
  TestNdjson();
  TestHostEvents();
  TestCorrelation();
  TestHotSwap();
  TestIndicators();
  return CheckResult();
}
