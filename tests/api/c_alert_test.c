/* The C interface: detections to alerts and incidents, their lives, what is held back, restarts. */
#include "tests/support/c_host.h"
#include "vedette/c/lifecycle.h"

static const char kTriageRules[] =
    "title: Shell from Office\n"
    "id: 4f5b5a7e-0000-4000-8000-000000000001\n"
    "status: stable\n"
    "level: high\n"
    "tags: [attack.execution, attack.t1059]\n"
    "logsource: {product: windows, category: process_creation}\n"
    "detection:\n"
    "  s: {Image|endswith: '\\cmd.exe'}\n"
    "  condition: s\n"
    "---\n"
    "title: Dump of LSASS\n"
    "id: 4f5b5a7e-0000-4000-8000-000000000002\n"
    "status: stable\n"
    "level: critical\n"
    "tags: [attack.credential-access, attack.t1003.001]\n"
    "logsource: {product: windows, category: process_creation}\n"
    "detection:\n"
    "  s: {CommandLine|contains: 'MiniDump'}\n"
    "  condition: s\n";
static const char kShellRule[] = "4f5b5a7e-0000-4000-8000-000000000001";
#define SECOND INT64_C(1000000000)
/* 2026-11-25T10:00:00Z */
#define START (INT64_C(1795600800) * SECOND)

/* What the callbacks of a triage saw. */
typedef struct Desk {
  int alerts;
  int folds;
  int held;
  int risks;
  int notices;
  int breaches;
  int stop; /* what on_alert returns */
  uint64_t folded;
  vedette_alert* copy; /* of the last alert */
  int32_t notice;      /* kind of the last one */
  char held_by[32];
  char entity[64]; /* of the last risk */
} Desk;

static int32_t OnAlert(const vedette_alert* alert, void* user) {
  Desk* desk = user;
  ++desk->alerts;
  vedette_alert_free(desk->copy);
  CHECK_OK(vedette_alert_copy(alert, &desk->copy, &error));
  vedette_alert_free((vedette_alert*)(uintptr_t)alert); /* not the host's: left alone */
  return desk->stop;
}
static int32_t OnFold(const vedette_fold* fold, void* user) {
  Desk* desk = user;
  CHECK(fold->struct_size == sizeof *fold && strlen(fold->alert.text) == 32);
  ++desk->folds;
  desk->folded = fold->count;
  return 0;
}
static int32_t OnHeld(const vedette_held* held, void* user) {
  Desk* desk = user;
  ++desk->held;
  snprintf(desk->held_by, sizeof desk->held_by, "%s", held->by.data);
  CHECK(IsString(held->rule_id, kShellRule) && held->severity == VEDETTE_LEVEL_HIGH);
  CHECK(Contains(held->entities.data, "device=ws7"));
  return 0;
}
static int32_t OnRisk(const vedette_risk* risk, void* user) {
  Desk* desk = user;
  ++desk->risks;
  CHECK(risk->score >= 100 && risk->rule_count == 2);
  snprintf(desk->entity, sizeof desk->entity, "%s=%s", risk->type.data, risk->entity.data);
  return 0;
}
static int32_t OnIncident(const vedette_incident* incident, const vedette_notice* notice,
                          void* user) {
  Desk* desk = user;
  vedette_incident_info info = {.struct_size = sizeof info};
  CHECK_OK(vedette_incident_get(incident, &info, &error));
  ++desk->notices;
  desk->notice = notice->kind;
  return 0;
}
static int32_t OnBreach(const vedette_breach* breach, void* user) {
  Desk* desk = user;
  CHECK(breach->over > 0 && breach->priority >= 1 && breach->priority <= 4);
  ++desk->breaches;
  return 0;
}

static vedette_triage_options OptionsOf(vedette_alert_policy* policy, Desk* desk) {
  vedette_triage_options options;
  vedette_alert_policy_init(policy, sizeof *policy);
  policy->on_close = VEDETTE_ON_CLOSE_RESTART;
  vedette_triage_options_init(&options, sizeof options);
  options.policy = policy;
  options.tenant = vedette_string_of("acme");
  options.on_alert = OnAlert;
  options.on_fold = OnFold;
  options.on_held = OnHeld;
  options.on_risk = OnRisk;
  options.on_incident = OnIncident;
  options.on_breach = OnBreach;
  options.user = desk;
  return options;
}

static vedette_triage* TriageOf(Desk* desk) {
  vedette_alert_policy policy;
  const vedette_triage_options options = OptionsOf(&policy, desk);
  vedette_triage* triage = NULL;
  CHECK_OK(vedette_triage_new(&options, &triage, &error));
  return triage;
}

/* A process on WS7 at a second after START: a shell, or a dump by its child. */
static vedette_status Feed(vedette_processor* processor, int second, int dump,
                           const vedette_event_info* info) {
  char json[512];
  const int size = snprintf(
      json, sizeof json,
      "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"
      "\"UtcTime\":\"2026-11-25 10:00:%02d.000\",\"Computer\":\"WS7\",\"User\":\"CORP\\\\al\","
      "\"ProcessGuid\":\"{A-%d}\",\"ParentProcessGuid\":\"{A-%d}\",\"Image\":\"C:\\\\%s\","
      "\"CommandLine\":\"%s\"}",
      second, dump ? 2 : 1, dump ? 1 : 0, dump ? "rundll32.exe" : "cmd.exe",
      dump ? "comsvcs.dll, MiniDump 640" : "cmd");
  vedette_error* refused = NULL;
  const vedette_status status =
      vedette_processor_process_json(processor, json, (size_t)size, info, &refused);
  vedette_error_free(refused);
  return status;
}

static vedette_change ChangeBy(const char* actor, int second) {
  vedette_change change;
  vedette_change_init(&change, sizeof change);
  change.actor = vedette_string_of(actor);
  change.reason = vedette_string_of("a reason");
  change.now = START + second * SECOND;
  return change;
}

static vedette_triage_stats StatsOf(vedette_triage* triage) {
  vedette_triage_stats s = {.struct_size = sizeof s};
  CHECK_OK(vedette_triage_get_stats(triage, &s, &error));
  CHECK(s.raw == s.emitted + s.folded + s.suppressed + s.inhibited + s.waiting);
  return s;
}

/* The first of the list. */
typedef struct First {
  int count;
  vedette_incident_info info;
  vedette_incident* copy;
} First;
static int32_t TakeFirst(const vedette_incident* incident, const vedette_notice* notice,
                         void* user) {
  First* first = user;
  CHECK(notice == NULL);
  if (++first->count > 1) return 0;
  CHECK_OK(vedette_incident_copy(incident, &first->copy, &error));
  return 0;
}
static First ListFirst(vedette_triage* triage, const vedette_incident_filter* filter) {
  First first = {.info = {.struct_size = sizeof first.info}};
  CHECK_OK(vedette_triage_list(triage, filter, TakeFirst, &first, &error));
  if (first.copy != NULL) CHECK_OK(vedette_incident_get(first.copy, &first.info, &error));
  return first;
}

static void CheckJson(const vedette_alert* alert) {
  static const char* const kParts[] = {"\"what\":{", "\"class_uid\":2004", "\"ecs\":{"};
  for (int32_t form = VEDETTE_FORM_JSON; form <= VEDETTE_FORM_ECS; ++form) {
    vedette_bytes* json = NULL;
    CHECK_OK(vedette_alert_json(alert, form, &json, &error));
    CHECK(Contains(vedette_bytes_data(json), kParts[form]));
    /* Made of the event's bytes. */
    CHECK(form != VEDETTE_FORM_JSON || Contains(vedette_bytes_data(json), "xxh64:"));
    CHECK(vedette_bytes_data(json)[0] == '{' && strchr(vedette_bytes_data(json), '\n') == NULL);
    vedette_bytes_free(json);
  }
  vedette_bytes* none = NULL;
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT,
               vedette_alert_json(alert, VEDETTE_FORM_MARKDOWN, &none, &error));
  CHECK(none == NULL);
}

static void CheckAlert(const vedette_alert* alert) {
  vedette_alert_info info = {.struct_size = sizeof info};
  vedette_entity entity = {.struct_size = sizeof entity};
  CHECK_OK(vedette_alert_get(alert, &info, &error));
  CHECK(IsString(info.rule_id, "4f5b5a7e-0000-4000-8000-000000000002"));
  CHECK(IsString(info.title, "Dump of LSASS") && IsString(info.tenant, "acme"));
  CHECK(info.severity == VEDETTE_LEVEL_CRITICAL && info.confidence == 90);
  CHECK(info.reason == VEDETTE_EMIT_FIRST && info.escalates.text[0] == 0);
  CHECK(info.event_time == START + 30 * SECOND && info.alert_time == START + 30 * SECOND);
  CHECK(strlen(info.id.text) == 32 && strcmp(info.id.text, info.fingerprint.text) != 0);
  int devices = 0;
  for (size_t i = 0; i < info.entity_count; ++i) {
    CHECK_OK(vedette_alert_entity(alert, i, &entity, &error));
    if (!IsString(entity.type, "device")) continue;
    ++devices;
    CHECK(IsString(entity.value, "ws7") && IsString(entity.field, "Computer"));
    CHECK(entity.criticality == VEDETTE_CRITICALITY_NORMAL);
  }
  CHECK(devices == 1);
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT,
               vedette_alert_entity(alert, info.entity_count, &entity, &error));
  CheckJson(alert);
}

static void CheckIncident(vedette_triage* triage, const vedette_incident* incident,
                          const vedette_id* dump) {
  static const struct {
    int32_t form;
    const char* part;
  } kForms[] = {{VEDETTE_FORM_JSON, "\"tenant\":\"acme\""},
                {VEDETTE_FORM_OCSF, "\"class_uid\":2005"},
                {VEDETTE_FORM_JSON_WITH_ALERTS, "\"how_sure\":{"},
                {VEDETTE_FORM_MARKDOWN, "# "}};
  vedette_incident* again = NULL;
  vedette_id alert;
  vedette_entity entity = {.struct_size = sizeof entity};
  for (size_t i = 0; i < sizeof kForms / sizeof kForms[0]; ++i) {
    vedette_bytes* json = NULL;
    CHECK_OK(vedette_incident_json(incident, kForms[i].form, &json, &error));
    CHECK(Contains(vedette_bytes_data(json), kForms[i].part));
    vedette_bytes_free(json);
  }
  vedette_bytes* none = NULL;
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT,
               vedette_incident_json(incident, VEDETTE_FORM_ECS, &none, &error));
  CHECK_OK(vedette_incident_alert(incident, 1, &alert, &error));
  CHECK(strcmp(alert.text, dump->text) == 0);
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, vedette_incident_alert(incident, 2, &alert, &error));
  CHECK_OK(vedette_incident_entity(incident, 0, &entity, &error));
  CHECK(entity.type.size > 0 && IsString(entity.role, ""));
  CHECK_OK(vedette_triage_incident_of_alert(triage, dump, &again, &error));
  CHECK(again != NULL && again != incident);
  vedette_incident_free(again);
}

/* Two that fold and a worse one: two alerts, one incident. */
static void TestAlerts(void) {
  Desk desk = {0};
  Seen seen = {0};
  vedette_program* program = ProgramOf("a.yml", kTriageRules);
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_triage* triage = TriageOf(&desk);
  vedette_alert_info info = {.struct_size = sizeof info};
  CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
  CHECK(Feed(processor, 10, 0, NULL) == VEDETTE_OK && desk.alerts == 1 && seen.count == 1);
  CHECK(Feed(processor, 20, 0, NULL) == VEDETTE_OK && desk.alerts == 1 && seen.count == 2);
  CHECK(desk.folds == 1 && desk.folded == 2);
  CHECK(Feed(processor, 30, 1, NULL) == VEDETTE_OK && desk.alerts == 2);
  CHECK(desk.risks > 0 && Contains(desk.entity, "="));
  CheckAlert(desk.copy);
  CHECK_OK(vedette_alert_get(desk.copy, &info, &error));

  const First open = ListFirst(triage, NULL);
  CHECK(open.count == 1 && open.info.alert_count == 2 && open.info.priority == 1);
  CHECK(open.info.state == VEDETTE_INCIDENT_NEW && open.info.acknowledged == VEDETTE_NO_TIME);
  CHECK(open.info.first_event == START + 10 * SECOND && IsString(open.info.tenant, "acme"));
  CheckIncident(triage, open.copy, &info.id);
  const vedette_triage_stats stats = StatsOf(triage);
  CHECK(stats.detections == 3 && stats.emitted == 2 && stats.folded == 1);
  CHECK(stats.incidents == 1 && stats.open_incidents == 1 && stats.risk_entities == 2);

  /* Both notices are due: it was opened, and nobody has taken it in time. */
  CHECK_OK(vedette_triage_advance_time(triage, START + 3600 * SECOND, &error));
  CHECK(desk.notices >= 1 && desk.breaches >= 1);
  const int breaches = desk.breaches;
  CHECK_OK(vedette_triage_advance_time(triage, START + 3600 * SECOND, &error));
  CHECK(desk.breaches == breaches);

  /* Taken off, the processor gives detections only. */
  CHECK_OK(vedette_processor_set_triage(processor, NULL, &error));
  CHECK(Feed(processor, 40, 1, NULL) == VEDETTE_OK && seen.count == 4 && desk.alerts == 2);
  CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
  vedette_triage_free(triage); /* the processor keeps it */
  CHECK(Feed(processor, 50, 0, NULL) == VEDETTE_OK && desk.folds == 2 && desk.folded == 3);
  vedette_processor_free(processor);
  vedette_incident_free(open.copy);
  CheckJson(desk.copy); /* the copies outlive all of it */
  vedette_alert_free(desk.copy);
  vedette_detection_free(seen.copy);
  vedette_program_free(program);
}

/* Through all states, with a restart between; who has seen another version is refused. */
static void TestLife(void) {
  Desk desk = {0};
  Seen seen = {0};
  uint64_t version = 0;
  vedette_program* program = ProgramOf("a.yml", kTriageRules);
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_triage* triage = TriageOf(&desk);
  vedette_bytes* state = NULL;
  CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
  CHECK(Feed(processor, 10, 0, NULL) == VEDETTE_OK && Feed(processor, 30, 1, NULL) == VEDETTE_OK);
  const First open = ListFirst(triage, NULL);
  const vedette_id id = open.info.id;
  vedette_change change = ChangeBy("ann", 100);
  change.version = open.info.version;
  CHECK_OK(vedette_incident_acknowledge(triage, &id, &change, &version, &error));
  CHECK(version > change.version);
  CHECK_STATUS(VEDETTE_CONFLICT, vedette_incident_comment(triage, &id, vedette_string_of("late"),
                                                          &change, NULL, &error));
  change.version = version;
  CHECK_OK(vedette_incident_assign(triage, &id, vedette_string_of("ann"), vedette_string_of("soc"),
                                   &change, &version, &error));
  change.version = VEDETTE_ANY_VERSION;
  CHECK_OK(vedette_incident_hold(triage, &id, &change, &version, &error));
  CHECK_OK(vedette_triage_snapshot(triage, &state, &error));
  vedette_triage_free(triage);

  triage = TriageOf(&desk);
  CHECK_OK(
      vedette_triage_restore(triage, vedette_bytes_data(state), vedette_bytes_size(state), &error));
  CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
  change.now += 50 * SECOND;
  CHECK_OK(vedette_incident_resume(triage, &id, &change, &version, &error));
  CHECK_OK(vedette_incident_set_priority(triage, &id, 2, &change, &version, &error));
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT,
               vedette_incident_set_priority(triage, &id, 5, &change, &version, &error));
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT,
               vedette_incident_set_priority(triage, &id, 257, &change, &version, &error));
  CHECK_OK(vedette_incident_mark_contained(triage, &id, change.now, &change, &version, &error));
  CHECK_OK(vedette_incident_comment(triage, &id, vedette_string_of("off the network"), &change,
                                    &version, &error));
  CHECK_STATUS(
      VEDETTE_FAILED_PRECONDITION,
      vedette_incident_close(triage, &id, VEDETTE_VERDICT_NONE, NULL, &change, &version, &error));
  CHECK_OK(vedette_incident_resolve(triage, &id, VEDETTE_VERDICT_TRUE_POSITIVE, NULL, &change,
                                    &version, &error));
  CHECK_OK(
      vedette_incident_set_verdict(triage, &id, VEDETTE_VERDICT_BENIGN, &change, &version, &error));
  CHECK_OK(
      vedette_incident_close(triage, &id, VEDETTE_VERDICT_NONE, NULL, &change, &version, &error));
  vedette_incident_filter filter = {.struct_size = sizeof filter};
  filter.states = 1u << VEDETTE_INCIDENT_CLOSED;
  filter.assignee = vedette_string_of("ann");
  const First closed = ListFirst(triage, &filter);
  CHECK(closed.count == 1 && closed.info.verdict == VEDETTE_VERDICT_BENIGN);
  CHECK(closed.info.version == version && IsString(closed.info.group, "soc"));
  CHECK(closed.info.closed == change.now && closed.info.contained == change.now);
  filter.states = 1u << VEDETTE_INCIDENT_NEW;
  CHECK(ListFirst(triage, &filter).count == 0);
  /* The verdict ended the folds: the next one alerts again. */
  const int before = desk.alerts;
  CHECK(Feed(processor, 40, 0, NULL) == VEDETTE_OK && desk.alerts == before + 1);
  vedette_alert_info again = {.struct_size = sizeof again};
  CHECK_OK(vedette_alert_get(desk.copy, &again, &error));
  CHECK(again.after_negative == 1);
  CHECK_STATUS(VEDETTE_DATA_LOSS, vedette_triage_restore(triage, "no state", 8, &error));
  vedette_incident_free(open.copy);
  vedette_incident_free(closed.copy);
  vedette_bytes_free(state);
  vedette_triage_free(triage);
  vedette_processor_free(processor);
  vedette_alert_free(desk.copy);
  vedette_detection_free(seen.copy);
  vedette_program_free(program);
}

/* Taken apart and put together by hand; judged one by one. */
static void TestLinks(void) {
  Desk desk = {0};
  Seen seen = {0};
  vedette_program* program = ProgramOf("a.yml", kTriageRules);
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_triage* triage = TriageOf(&desk);
  CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
  CHECK(Feed(processor, 10, 0, NULL) == VEDETTE_OK && Feed(processor, 30, 1, NULL) == VEDETTE_OK);
  const First open = ListFirst(triage, NULL);
  const vedette_change change = ChangeBy("ann", 100);
  vedette_id alert;
  vedette_id other;
  vedette_id kept;
  vedette_incident* found = NULL;
  CHECK_OK(vedette_incident_alert(open.copy, 1, &alert, &error));
  CHECK_OK(vedette_alert_judge(triage, &alert, VEDETTE_VERDICT_SUSPICIOUS, &change, &error));
  CHECK_OK(vedette_incident_unlink(triage, &open.info.id, &alert, 1, &change, &other, &error));
  const First apart = ListFirst(triage, NULL);
  CHECK(apart.count == 2 && strcmp(other.text, open.info.id.text) != 0);
  vedette_incident_free(apart.copy);
  CHECK_OK(vedette_incident_link(triage, &other, &open.info.id, &change, &kept, &error));
  CHECK(strcmp(kept.text, open.info.id.text) == 0);
  /* The one that was merged leads to where its alerts are. */
  CHECK_OK(vedette_triage_incident(triage, &other, &found, &error));
  vedette_incident_info info = {.struct_size = sizeof info};
  CHECK_OK(vedette_incident_get(found, &info, &error));
  CHECK(strcmp(info.id.text, kept.text) == 0 && info.alert_count == 2);
  CHECK(StatsOf(triage).merges == 1);
  vedette_incident_free(found);
  CHECK_OK(vedette_id_parse(alert.text, 32, &other, &error));
  CHECK(strcmp(other.text, alert.text) == 0);
  other.text[0] = other.text[0] == 'f' ? 'e' : 'f';
  CHECK_STATUS(VEDETTE_NOT_FOUND, vedette_triage_incident(triage, &other, &found, &error));
  CHECK_STATUS(VEDETTE_NOT_FOUND,
               vedette_alert_judge(triage, &other, VEDETTE_VERDICT_TEST, &change, &error));
  vedette_incident_free(open.copy);
  vedette_triage_free(triage);
  vedette_processor_free(processor);
  vedette_alert_free(desk.copy);
  vedette_detection_free(seen.copy);
  vedette_program_free(program);
}

static void AddSuppression(vedette_triage* triage, vedette_status wanted) {
  const vedette_string rule = vedette_string_of(kShellRule);
  const vedette_string all = vedette_string_of("*");
  const vedette_change change = ChangeBy("ann", 0);
  vedette_matcher* matcher = NULL;
  vedette_suppression s;
  vedette_suppression_init(&s, sizeof s);
  CHECK_OK(vedette_matcher_new(&matcher, &error));
  CHECK_OK(vedette_matcher_add(matcher, vedette_string_of("rule"), VEDETTE_TEST_EQUALS, 0, &rule, 1,
                               &error));
  s.id = vedette_string_of("ex-1");
  s.owner = vedette_string_of("ann");
  s.reason = vedette_string_of("tested today");
  s.matcher = matcher;
  s.tenants = &all;
  s.tenant_count = 1;
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, /* no end */
               vedette_triage_add_suppression(triage, &s, &change, &error));
  s.expires_at = START + 86400 * SECOND;
  CHECK_STATUS(wanted, vedette_triage_add_suppression(triage, &s, &change, &error));
  vedette_matcher_free(matcher);
}

static void AddInhibition(vedette_triage* triage) {
  const vedette_string critical = vedette_string_of("critical");
  const vedette_string rule = vedette_string_of(kShellRule);
  const vedette_string device = vedette_string_of("entity.device");
  const vedette_change change = ChangeBy("ann", 0);
  vedette_matcher* source = NULL;
  vedette_matcher* target = NULL;
  vedette_inhibition i;
  vedette_inhibition_init(&i, sizeof i);
  CHECK_OK(vedette_matcher_new(&source, &error));
  CHECK_OK(vedette_matcher_new(&target, &error));
  CHECK_OK(vedette_matcher_add(source, vedette_string_of("severity"), VEDETTE_TEST_EQUALS, 0,
                               &critical, 1, &error));
  CHECK_OK(vedette_matcher_add(target, vedette_string_of("rule"), VEDETTE_TEST_EQUALS, 0, &rule, 1,
                               &error));
  i.id = vedette_string_of("in-1");
  i.owner = vedette_string_of("ann");
  i.reason = vedette_string_of("the dump says it all");
  i.source = source;
  i.target = target;
  i.equal = &device;
  i.equal_count = 1;
  i.expires_at = START + 86400 * SECOND;
  CHECK_OK(vedette_triage_add_inhibition(triage, &i, &change, &error));
  vedette_matcher_free(source);
  vedette_matcher_free(target);
}

static void TestHolds(void) {
  Desk desk = {0};
  Seen seen = {0};
  vedette_program* program = ProgramOf("a.yml", kTriageRules);
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_triage* triage = TriageOf(&desk);
  const vedette_change change = ChangeBy("ann", 50);
  CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
  AddSuppression(triage, VEDETTE_OK);
  AddSuppression(triage, VEDETTE_CONFLICT);
  CHECK(Feed(processor, 10, 0, NULL) == VEDETTE_OK && desk.alerts == 0 && desk.held == 1);
  CHECK(strcmp(desk.held_by, "ex-1") == 0 && StatsOf(triage).suppressed == 1);
  CHECK_OK(vedette_triage_remove_suppression(triage, vedette_string_of("ex-1"), &change, &error));
  CHECK_STATUS(VEDETTE_NOT_FOUND, vedette_triage_remove_suppression(
                                      triage, vedette_string_of("ex-1"), &change, &error));
  AddInhibition(triage);
  CHECK(Feed(processor, 20, 1, NULL) == VEDETTE_OK && desk.alerts == 1);
  CHECK(Feed(processor, 30, 0, NULL) == VEDETTE_OK && desk.alerts == 1 && desk.held == 2);
  CHECK(strcmp(desk.held_by, "in-1") == 0 && StatsOf(triage).inhibited == 1);
  CHECK_OK(vedette_triage_remove_inhibition(triage, vedette_string_of("in-1"), &change, &error));
  CHECK(Feed(processor, 40, 0, NULL) == VEDETTE_OK && desk.alerts == 2);
  vedette_triage_free(triage);
  vedette_processor_free(processor);
  vedette_alert_free(desk.copy);
  vedette_detection_free(seen.copy);
  vedette_program_free(program);
}

static void TestEntitiesAndTenants(void) {
  static const vedette_string kTags[] = {{"data:payroll", 12}};
  Desk desk = {0};
  Seen seen = {0};
  vedette_program* program = ProgramOf("a.yml", kTriageRules);
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_triage* triage = TriageOf(&desk);
  vedette_entities* entities = NULL;
  vedette_entity_row row;
  vedette_alert_info alert = {.struct_size = sizeof alert};
  vedette_event_info info;
  CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
  CHECK_OK(vedette_entities_new(&entities, &error));
  vedette_entity_row_init(&row, sizeof row);
  CHECK(row.criticality == VEDETTE_CRITICALITY_NORMAL);
  row.type = vedette_string_of("device");
  row.value = vedette_string_of("WS7");
  row.criticality = VEDETTE_CRITICALITY_HIGH;
  row.tags = kTags;
  row.tag_count = 1;
  CHECK_OK(vedette_entities_add(entities, &row, &error));
  CHECK_OK(vedette_triage_set_entities(triage, entities, &error));
  CHECK_OK(vedette_entities_add(entities, &row, &error)); /* twice */
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, vedette_triage_set_entities(triage, entities, &error));
  vedette_entities_free(entities);

  vedette_event_info_init(&info, sizeof info);
  info.tenant = vedette_string_of("globex");
  info.now = START + 500 * SECOND;
  CHECK(Feed(processor, 10, 0, &info) == VEDETTE_OK && desk.alerts == 1);
  CHECK_OK(vedette_alert_get(desk.copy, &alert, &error));
  CHECK(alert.criticality == VEDETTE_CRITICALITY_HIGH && IsString(alert.tenant, "globex"));
  CHECK(alert.alert_time == START + 500 * SECOND);
  /* A host of an earlier version, whose struct has no tenant: the triage's own, and no fold. */
  info.struct_size = offsetof(vedette_event_info, tenant);
  CHECK(Feed(processor, 11, 0, &info) == VEDETTE_OK && desk.alerts == 2);
  CHECK_OK(vedette_alert_get(desk.copy, &alert, &error));
  CHECK(IsString(alert.tenant, "acme") && alert.alert_time == START + 11 * SECOND);
  vedette_triage_free(triage);
  vedette_processor_free(processor);
  vedette_alert_free(desk.copy);
  vedette_detection_free(seen.copy);
  vedette_program_free(program);
}

/* A callback that stops the call loses nothing of the detection. */
static void TestStop(void) {
  Desk desk = {.stop = 1};
  Seen seen = {0};
  vedette_program* program = ProgramOf("a.yml", kTriageRules);
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_triage* triage = TriageOf(&desk);
  CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
  CHECK(Feed(processor, 10, 0, NULL) == VEDETTE_STOPPED && desk.alerts == 1);
  CHECK(StatsOf(triage).incidents == 1);
  desk.stop = 0;
  CHECK(Feed(processor, 20, 1, NULL) == VEDETTE_OK && desk.alerts == 2);
  /* One that on_detection stops is not triaged. */
  seen.stop_at = 3;
  CHECK(Feed(processor, 30, 1, NULL) == VEDETTE_STOPPED && StatsOf(triage).detections == 2);
  vedette_triage_free(triage);
  vedette_processor_free(processor);
  vedette_alert_free(desk.copy);
  vedette_detection_free(seen.copy);
  vedette_program_free(program);
}

/* Detections that waited in a queue, and a triage that waits for the order of events. */
static void TestQueue(void) {
  Desk desk = {0};
  Seen seen = {0};
  vedette_alert_policy policy;
  vedette_triage* triage = NULL;
  vedette_program* program = ProgramOf("a.yml", kTriageRules);
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_triage_options options = OptionsOf(&policy, &desk);
  options.reorder = 60 * SECOND;
  CHECK_OK(vedette_triage_new(&options, &triage, &error));
  CHECK(Feed(processor, 10, 0, NULL) == VEDETTE_OK && seen.copy != NULL);
  CHECK_OK(vedette_triage_add_detection(triage, seen.copy, NULL, &error));
  CHECK(desk.alerts == 0 && StatsOf(triage).waiting == 1);
  CHECK_OK(vedette_triage_advance_watermark(triage, START + 30 * SECOND, &error));
  CHECK(desk.alerts == 1 && StatsOf(triage).waiting == 0);
  /* The watermark and the flush of a processor reach it, too. */
  CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
  CHECK(Feed(processor, 40, 1, NULL) == VEDETTE_OK && desk.alerts == 1);
  CHECK_OK(vedette_processor_advance_watermark(processor, START + 50 * SECOND, &error));
  CHECK(desk.alerts == 2);
  CHECK(Feed(processor, 55, 0, NULL) == VEDETTE_OK && StatsOf(triage).waiting == 1);
  CHECK_OK(vedette_processor_flush(processor, &error));
  CHECK(StatsOf(triage).waiting == 0 && StatsOf(triage).detections == 3);
  CHECK_OK(vedette_triage_flush(triage, &error));
  vedette_triage_free(triage);
  vedette_processor_free(processor);
  vedette_alert_free(desk.copy);
  vedette_detection_free(seen.copy);
  vedette_program_free(program);
}

static void GetShell(const void* event, const char* field, size_t size, int32_t binding,
                     vedette_arena* arena, vedette_value* value, void* user) {
  (void)binding;
  (void)arena;
  (void)user;
  if (size == 5 && memcmp(field, "Image", 5) == 0) {
    vedette_value_set_string(value, "C:\\cmd.exe", 10);
  } else if (size == 8 && memcmp(field, "Computer", 8) == 0) {
    vedette_value_set_string(value, event, strlen(event));
  }
}

/* Entities are read from the host's objects; the triage outlives processor and adapter. */
static void TestAdapters(void) {
  Desk desk = {0};
  vedette_program* program = ProgramOf("a.yml", kTriageRules);
  vedette_triage* triage = TriageOf(&desk);
  for (int i = 0; i < 3; ++i) {
    Seen seen = {0};
    vedette_processor* processor = ProcessorOf(program, NULL, &seen);
    vedette_adapter* adapter = NULL;
    vedette_adapter_options options;
    vedette_event_info info;
    vedette_entity entity = {.struct_size = sizeof entity};
    char host[8];
    snprintf(host, sizeof host, "ws%d", i);
    vedette_adapter_options_init(&options, sizeof options);
    options.get = GetShell;
    options.shape = VEDETTE_SHAPE_WINDOWS_FLAT;
    CHECK_OK(vedette_adapter_new(&options, &adapter, &error));
    vedette_event_info_init(&info, sizeof info);
    info.product = vedette_string_of("windows");
    info.category = vedette_string_of("process_creation");
    info.time = START + i * SECOND;
    CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
    CHECK_OK(vedette_processor_process_event(processor, adapter, host, &info, &error));
    CHECK(desk.alerts == i + 1);
    CHECK_OK(vedette_alert_entity(desk.copy, 0, &entity, &error));
    CHECK(IsString(entity.type, "device") && IsString(entity.value, host));
    vedette_adapter_free(adapter);
    vedette_processor_free(processor);
    vedette_detection_free(seen.copy);
  }
  CHECK(StatsOf(triage).incidents == 3);
  vedette_triage_free(triage);
  vedette_alert_free(desk.copy);
  vedette_program_free(program);
}

/* Whether an alert of a rule over several events has a user, whom the rule does not look at. */
static int HasUser(const vedette_alert* alert) {
  vedette_alert_info info = {.struct_size = sizeof info};
  vedette_entity entity = {.struct_size = sizeof entity};
  int found = 0;
  CHECK_OK(vedette_alert_get(alert, &info, &error));
  for (size_t i = 0; i < info.entity_count; ++i) {
    CHECK_OK(vedette_alert_entity(alert, i, &entity, &error));
    found |= IsString(entity.type, "user");
  }
  return found;
}

static void TestEntityFields(void) {
  for (int kept = 0; kept < 2; ++kept) {
    Desk desk = {0};
    Seen seen = {0};
    vedette_rules* rules = NULL;
    vedette_program* program = NULL;
    vedette_compile_options options;
    vedette_compile_options_init(&options, sizeof options);
    if (kept) options.flags = VEDETTE_COMPILE_ENTITY_FIELDS;
    CHECK_OK(vedette_rules_new(&rules, &error));
    Add(rules, "r.vdt",
        "rule twice { match window 1h by Computer s: [any where EventID == 1] having count(s) >= 2 "
        "}\n");
    CHECK_OK(vedette_compile(rules, &options, &program, NULL, &error));
    vedette_rules_free(rules);
    vedette_triage* triage = TriageOf(&desk);
    vedette_processor* processor = ProcessorOf(program, NULL, &seen);
    CHECK_OK(vedette_processor_set_triage(processor, triage, &error));
    for (int i = 0; i < 2; ++i) CHECK_OK(Feed(processor, i, 0, NULL));
    CHECK_OK(vedette_processor_flush(processor, &error));
    CHECK(desk.alerts == 1);
    CHECK(desk.alerts == 1 && HasUser(desk.copy) == kept);
    vedette_processor_free(processor);
    vedette_triage_free(triage);
    vedette_detection_free(seen.copy);
    vedette_alert_free(desk.copy);
    vedette_program_free(program);
  }
}

int main(void) {
  TestAlerts();
  TestEntityFields();
  TestLife();
  TestLinks();
  TestHolds();
  TestEntitiesAndTenants();
  TestStop();
  TestQueue();
  TestAdapters();
  return CheckResult();
}
