/* A host in C that was built against the installed package. */
#include <stdio.h>
#include <string.h>

#include "vedette/c/vedette.h"

static const char kRule[] =
    "title: Shell\n"
    "logsource: {product: windows, category: process_creation}\n"
    "detection:\n"
    "  s:\n"
    "    Image|endswith: '\\cmd.exe'\n"
    "  condition: s\n";
static const char kEvent[] =
    "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"
    "\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\"}";

static int32_t OnDetection(const vedette_detection* detection, void* user) {
  puts(vedette_detection_title(detection).data);
  ++*(int*)user;
  return 0;
}

int main(void) {
  vedette_rules* rules = NULL;
  vedette_program* program = NULL;
  vedette_engine* engine = NULL;
  vedette_processor* processor = NULL;
  vedette_triage* triage = NULL;
  vedette_alert_policy policy;
  vedette_triage_options options;
  vedette_triage_stats stats = {.struct_size = sizeof stats};
  int count = 0;
  vedette_alert_policy_init(&policy, sizeof policy);
  policy.on_close = VEDETTE_ON_CLOSE_RESTART;
  vedette_triage_options_init(&options, sizeof options);
  options.policy = &policy;
  if (vedette_abi_version() != VEDETTE_ABI_VERSION) return 1;
  const int ok =
      vedette_rules_new(&rules, NULL) == VEDETTE_OK &&
      vedette_rules_add(rules, VEDETTE_SOURCE_RULES, "a.yml", 5, kRule, strlen(kRule), NULL) ==
          VEDETTE_OK &&
      vedette_compile(rules, NULL, &program, NULL, NULL) == VEDETTE_OK &&
      vedette_engine_new(program, &engine, NULL) == VEDETTE_OK &&
      vedette_processor_new(engine, NULL, OnDetection, &count, &processor, NULL) == VEDETTE_OK &&
      vedette_triage_new(&options, &triage, NULL) == VEDETTE_OK &&
      vedette_processor_set_triage(processor, triage, NULL) == VEDETTE_OK &&
      vedette_processor_process_json(processor, kEvent, strlen(kEvent), NULL, NULL) == VEDETTE_OK &&
      vedette_triage_get_stats(triage, &stats, NULL) == VEDETTE_OK && stats.emitted == 1;
  vedette_triage_free(triage);
  vedette_processor_free(processor);
  vedette_engine_free(engine);
  vedette_program_free(program);
  vedette_rules_free(rules);
  return ok && count == 1 ? 0 : 1;
}
