/* Events to an incident, and what an analyst makes of it: alerts that fold, one that is worse, a
 * verdict. */
#include <stdio.h>
#include <string.h>

#include "vedette/c/vedette.h"

static const char kRules[] =
    "title: Shell from Office\n"
    "id: 4f5b5a7e-3f2c-4d8e-9a39-0c1d7a1b0001\n"
    "level: high\n"
    "tags: [attack.execution, attack.t1059]\n"
    "logsource: {product: windows, category: process_creation}\n"
    "detection:\n"
    "  s: {Image|endswith: '\\cmd.exe', ParentImage|endswith: '\\winword.exe'}\n"
    "  condition: s\n"
    "---\n"
    "title: Dump of LSASS by comsvcs\n"
    "id: 4f5b5a7e-3f2c-4d8e-9a39-0c1d7a1b0002\n"
    "level: critical\n"
    "tags: [attack.credential-access, attack.t1003.001]\n"
    "logsource: {product: windows, category: process_creation}\n"
    "detection:\n"
    "  s: {CommandLine|contains: 'comsvcs.dll, MiniDump'}\n"
    "  condition: s\n";

#define EVENT(second, guid, parent, image, parent_image, command)                           \
  "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"                    \
  "\"UtcTime\":\"2026-11-25 10:00:" second                                                  \
  ".000\",\"Computer\":\"WS7\","                                                            \
  "\"User\":\"CORP\\\\al\",\"ProcessGuid\":\"{" guid "}\",\"ParentProcessGuid\":\"{" parent \
  "}\",\"Image\":\"C:\\\\Windows\\\\" image "\",\"ParentImage\":\"C:\\\\" parent_image      \
  "\",\"CommandLine\":\"" command "\"}\n"
static const char kEvents[] = EVENT("10", "A-1", "A-0", "cmd.exe", "Office\\\\WINWORD.EXE", "cmd")
    EVENT("11", "A-1", "A-0", "cmd.exe", "Office\\\\WINWORD.EXE", "cmd") EVENT(
        "12", "A-2", "A-1", "rundll32.exe", "Windows\\\\cmd.exe", "comsvcs.dll, MiniDump 640");

/* What an alert says goes where the host wants it: here its own JSON; OCSF and ECS are others. */
static int32_t OnAlert(const vedette_alert* alert, void* user) {
  vedette_bytes* json = NULL;
  if (vedette_alert_json(alert, VEDETTE_FORM_JSON, &json, NULL) != VEDETTE_OK) return 1;
  puts(vedette_bytes_data(json));
  vedette_bytes_free(json);
  ++*(int*)user;
  return 0;
}

static int32_t OnFold(const vedette_fold* fold, void* user) {
  (void)user;
  printf("alert %s stands for %llu by now\n", fold->alert.text, (unsigned long long)fold->count);
  return 0;
}

/* Takes the most urgent one. */
static int32_t TakeIncident(const vedette_incident* incident, const vedette_notice* notice,
                            void* user) {
  (void)notice;
  return vedette_incident_copy(incident, user, NULL) == VEDETTE_OK ? 1 : 0;
}

static vedette_status NewTriage(int* alerts, vedette_triage** triage, vedette_error** error) {
  vedette_alert_policy policy;
  vedette_triage_options options;
  vedette_alert_policy_init(&policy, sizeof policy);
  policy.on_close = VEDETTE_ON_CLOSE_RESTART; /* once judged, the next one alerts again */
  vedette_triage_options_init(&options, sizeof options);
  options.policy = &policy;
  options.tenant = vedette_string_of("acme");
  options.on_alert = OnAlert;
  options.on_fold = OnFold;
  options.user = alerts;
  return vedette_triage_new(&options, triage, error);
}

/* An analyst judges the incident; with the version that he has seen, once. */
static int Judge(vedette_triage* triage) {
  vedette_incident* incident = NULL;
  vedette_incident_info info = {.struct_size = sizeof info};
  vedette_change change;
  vedette_bytes* report = NULL;
  int ok = vedette_triage_list(triage, NULL, TakeIncident, &incident, NULL) == VEDETTE_STOPPED &&
           vedette_incident_get(incident, &info, NULL) == VEDETTE_OK && info.alert_count == 2;
  vedette_change_init(&change, sizeof change);
  change.actor = vedette_string_of("ann");
  change.reason = vedette_string_of("dump of credentials, host taken off the network");
  change.now = info.first_alert + INT64_C(600000000000); /* a host asks its clock */
  change.version = info.version;
  ok = ok && vedette_incident_resolve(triage, &info.id, VEDETTE_VERDICT_TRUE_POSITIVE, NULL,
                                      &change, NULL, NULL) == VEDETTE_OK;
  ok = ok && vedette_incident_close(triage, &info.id, VEDETTE_VERDICT_NONE, NULL, &change, NULL,
                                    NULL) == VEDETTE_CONFLICT;
  vedette_incident_free(incident);
  incident = NULL;
  ok = ok && vedette_triage_incident(triage, &info.id, &incident, NULL) == VEDETTE_OK &&
       vedette_incident_json(incident, VEDETTE_FORM_MARKDOWN, &report, NULL) == VEDETTE_OK;
  fputs(vedette_bytes_data(report), stdout);
  vedette_bytes_free(report);
  vedette_incident_free(incident);
  return ok;
}

int main(void) {
  vedette_error* error = NULL;
  vedette_rules* rules = NULL;
  vedette_program* program = NULL;
  vedette_engine* engine = NULL;
  vedette_processor* processor = NULL;
  vedette_triage* triage = NULL;
  int alerts = 0;
  vedette_status status = vedette_rules_new(&rules, &error);
  if (status == VEDETTE_OK) {
    status = vedette_rules_add(rules, VEDETTE_SOURCE_RULES, "a.yml", strlen("a.yml"), kRules,
                               strlen(kRules), &error);
  }
  if (status == VEDETTE_OK) status = vedette_compile(rules, NULL, &program, NULL, &error);
  if (status == VEDETTE_OK) status = vedette_engine_new(program, &engine, &error);
  if (status == VEDETTE_OK) {
    status = vedette_processor_new(engine, NULL, NULL, NULL, &processor, &error);
  }
  if (status == VEDETTE_OK) status = NewTriage(&alerts, &triage, &error);
  if (status == VEDETTE_OK) status = vedette_processor_set_triage(processor, triage, &error);
  if (status == VEDETTE_OK) {
    status = vedette_processor_process_ndjson(processor, kEvents, strlen(kEvents), 0, NULL, NULL,
                                              &error);
  }
  if (status == VEDETTE_OK) status = vedette_processor_flush(processor, &error);
  if (status != VEDETTE_OK) {
    fprintf(stderr, "%s: %s\n", vedette_status_name(status), vedette_error_message(error).data);
  }
  const int judged = status == VEDETTE_OK && Judge(triage);
  vedette_error_free(error);
  vedette_triage_free(triage);
  vedette_processor_free(processor);
  vedette_engine_free(engine);
  vedette_program_free(program);
  vedette_rules_free(rules);
  return judged && alerts == 2 ? 0 : 1;
}
