/* Rules from a string, JSON events, detections on standard output: the whole of a host in C. */
#include <stdio.h>
#include <string.h>

#include "vedette/c/vedette.h"

static const char kRules[] =
    "title: Shell from Office\n"
    "level: high\n"
    "logsource: {product: windows, category: process_creation}\n"
    "detection:\n"
    "  s:\n"
    "    Image|endswith: '\\cmd.exe'\n"
    "    ParentImage|endswith: '\\winword.exe'\n"
    "  condition: s\n"
    "---\n"
    "title: A rule with a mistake\n"
    "logsource: {product: windows, category: process_creation}\n"
    "detection:\n"
    "  s:\n"
    "    Image|endswit: '\\cmd.exe'\n"
    "  condition: s\n";

static const char kEvents[] =
    "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"
    "\"UtcTime\":\"2026-11-25 10:00:00.000\",\"Image\":\"C:\\\\Windows\\\\cmd.exe\","
    "\"ParentImage\":\"C:\\\\Office\\\\WINWORD.EXE\"}\n"
    "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"
    "\"UtcTime\":\"2026-11-25 10:00:01.000\",\"Image\":\"C:\\\\Windows\\\\notepad.exe\"}\n";

/* Called for each detection, on the thread that processes the event. */
static int32_t OnDetection(const vedette_detection* detection, void* user) {
  vedette_matched_field matched = {.struct_size = sizeof matched};
  printf("%s (%s)\n", vedette_detection_title(detection).data,
         vedette_rule_text(vedette_detection_rule(detection), VEDETTE_RULE_LEVEL).data);
  for (size_t i = 0; i < vedette_detection_matched_count(detection); ++i) {
    if (vedette_detection_matched(detection, i, &matched, NULL) != VEDETTE_OK) return 1;
    printf("  %s = %s (%s)\n", matched.field.data, matched.value.data, matched.test.data);
  }
  ++*(int*)user;
  return 0; /* go on */
}

static void PrintReport(const vedette_report* report) {
  vedette_bytes* text = NULL;
  for (size_t i = 0; i < vedette_report_count(report); ++i) {
    if (vedette_report_text(report, i, 0, &text, NULL) != VEDETTE_OK) return;
    fputs(vedette_bytes_data(text), stderr);
    vedette_bytes_free(text);
  }
}

int main(void) {
  vedette_error* error = NULL;
  vedette_rules* rules = NULL;
  vedette_report* report = NULL;
  vedette_program* program = NULL;
  vedette_engine* engine = NULL;
  vedette_processor* processor = NULL;
  int detections = 0;

  vedette_status status = vedette_rules_new(&rules, &error);
  if (status == VEDETTE_OK) {
    status = vedette_rules_add(rules, VEDETTE_SOURCE_RULES, "rules.yml", strlen("rules.yml"),
                               kRules, strlen(kRules), &error);
  }
  if (status == VEDETTE_OK) status = vedette_compile(rules, NULL, &program, &report, &error);
  PrintReport(report); /* names the rule that was left out, and why */
  if (status == VEDETTE_OK) status = vedette_engine_new(program, &engine, &error);
  if (status == VEDETTE_OK) {
    status = vedette_processor_new(engine, NULL, OnDetection, &detections, &processor, &error);
  }
  if (status == VEDETTE_OK) {
    status = vedette_processor_process_ndjson(processor, kEvents, strlen(kEvents), 0, NULL, NULL,
                                              &error);
  }
  if (status == VEDETTE_OK) status = vedette_processor_flush(processor, &error);
  if (status != VEDETTE_OK) {
    fprintf(stderr, "%s: %s\n", vedette_status_name(status), vedette_error_message(error).data);
  }
  vedette_error_free(error);
  vedette_processor_free(processor);
  vedette_engine_free(engine);
  vedette_program_free(program);
  vedette_report_free(report);
  vedette_rules_free(rules);
  return status == VEDETTE_OK && detections == 1 ? 0 : 1;
}
