/* Rules, events and callbacks that the tests of the C interface share. */
#ifndef VEDETTE_TESTS_SUPPORT_C_HOST_H_
#define VEDETTE_TESTS_SUPPORT_C_HOST_H_

#include "tests/support/c_check.h"
#include "vedette/c/vedette.h"

static const char kSigma[] =
    "title: Shell from Office\n"
    "id: 5f8a2c3e-0000-4000-8000-000000000001\n"
    "name: office_shell\n"
    "description: a shell\n"
    "status: test\n"
    "level: high\n"
    "author: us\n"
    "date: 2026-01-02\n"
    "tags: [attack.t1059, attack.execution]\n"
    "references: ['https://example.org/a']\n"
    "falsepositives: [none known]\n"
    "fields: [Image]\n"
    "team: blue\n"
    "logsource: {product: windows, category: process_creation}\n"
    "detection:\n"
    "  shell:\n"
    "    Image|endswith: '\\cmd.exe'\n"
    "  office:\n"
    "    ParentImage|endswith: '\\winword.exe'\n"
    "  condition: shell and office\n";
static const char kBruteForce[] =
    "rule brute_force {\n"
    "  meta { severity = medium }\n"
    "  match window 10m by user.name\n"
    "    fails: [authentication where event.outcome == \"failure\"]\n"
    "  having count(fails) >= 3\n"
    "  outcome { tries = count(fails) }\n"
    "}\n";
static const char kShellEvent[] =
    "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"
    "\"UtcTime\":\"2026-11-25 10:00:00.000\",\"Image\":\"C:\\\\Windows\\\\cmd.exe\","
    "\"ParentImage\":\"C:\\\\Office\\\\WINWORD.EXE\"}";

static vedette_error* error = NULL;

static inline void Add(vedette_rules* rules, const char* name, const char* text) {
  CHECK_OK(vedette_rules_add(rules, VEDETTE_SOURCE_RULES, name, strlen(name), text, strlen(text),
                             &error));
}

/* A program of one text; NULL name: of none. */
static inline vedette_program* ProgramOf(const char* name, const char* text) {
  vedette_rules* rules = NULL;
  vedette_program* program = NULL;
  vedette_compile_options options;
  vedette_compile_options_init(&options, sizeof options);
  options.flags = VEDETTE_COMPILE_STRICT;
  CHECK_OK(vedette_rules_new(&rules, &error));
  if (name != NULL) Add(rules, name, text);
  CHECK_OK(vedette_compile(rules, &options, &program, NULL, &error));
  vedette_rules_free(rules);
  return program;
}

/* What a callback saw of detections. */
typedef struct Seen {
  int count;
  int stop_at; /* stops when this many were seen; 0: never */
  char title[64];
  vedette_detection* copy; /* of the last one */
  uint64_t broken;
  uint64_t broken_line;
  char reason[128];
} Seen;

static inline int32_t OnDetection(const vedette_detection* detection, void* user) {
  Seen* seen = user;
  ++seen->count;
  snprintf(seen->title, sizeof seen->title, "%s", vedette_detection_title(detection).data);
  vedette_detection_free(seen->copy);
  CHECK_OK(vedette_detection_copy(detection, &seen->copy, &error));
  return seen->stop_at != 0 && seen->count >= seen->stop_at;
}

static inline void OnBroken(uint64_t line, const char* reason, size_t size, void* user) {
  Seen* seen = user;
  ++seen->broken;
  seen->broken_line = line;
  CHECK(strlen(reason) == size && size > 0);
  snprintf(seen->reason, sizeof seen->reason, "%s", reason);
}

/* An engine and a processor of it; the engine's handle is freed at once, as any host may do. */
static inline vedette_processor* ProcessorOf(const vedette_program* program,
                                             const vedette_processor_options* options, Seen* seen) {
  vedette_engine* engine = NULL;
  vedette_processor* processor = NULL;
  CHECK_OK(vedette_engine_new(program, &engine, &error));
  CHECK_OK(vedette_processor_new(engine, options, OnDetection, seen, &processor, &error));
  vedette_engine_free(engine);
  return processor;
}

#endif /* VEDETTE_TESTS_SUPPORT_C_HOST_H_ */
