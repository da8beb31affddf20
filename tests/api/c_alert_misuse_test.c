/* Wrong uses of the triage of the C interface: NULLs, sizes, ranges, calls from callbacks, two
 * threads at once. Each gives a status and changes nothing. */
#include <pthread.h>
#include <stdlib.h>

#include "tests/support/c_host.h"
#include "vedette/c/lifecycle.h"

/* The layouts are a promise: a struct only grows, at its end. */
#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(vedette_id) == 40, "vedette_id");
_Static_assert(sizeof(vedette_rule_policy) == 24, "vedette_rule_policy");
_Static_assert(sizeof(vedette_entity) >= 88, "vedette_entity");
_Static_assert(sizeof(vedette_alert_info) >= 272, "vedette_alert_info");
_Static_assert(offsetof(vedette_alert_info, alert_time) == 264, "no holes");
_Static_assert(sizeof(vedette_incident_info) >= 304, "vedette_incident_info");
_Static_assert(offsetof(vedette_incident_info, closed) == 296, "no holes");
_Static_assert(sizeof(vedette_alert_policy) >= 56, "vedette_alert_policy");
_Static_assert(offsetof(vedette_triage_options, user) == 312, "no holes");
_Static_assert(sizeof(vedette_fold) >= 112, "vedette_fold");
_Static_assert(sizeof(vedette_held) >= 168, "vedette_held");
_Static_assert(sizeof(vedette_risk) >= 72, "vedette_risk");
_Static_assert(sizeof(vedette_notice) >= 40, "vedette_notice");
_Static_assert(sizeof(vedette_breach) >= 64, "vedette_breach");
_Static_assert(sizeof(vedette_incident_filter) >= 56, "vedette_incident_filter");
_Static_assert(offsetof(vedette_triage_stats, evicted_risk) == 216, "no holes");
_Static_assert(sizeof(vedette_change) >= 56, "vedette_change");
_Static_assert(sizeof(vedette_suppression) >= 104, "vedette_suppression");
_Static_assert(sizeof(vedette_inhibition) >= 104, "vedette_inhibition");
_Static_assert(sizeof(vedette_entity_row) >= 88, "vedette_entity_row");
_Static_assert(offsetof(vedette_event_info, tenant) == 96, "no holes");
#endif

#define CHECK_INVALID(call) CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, call)
#define CHECK_BUSY(call) CHECK_STATUS(VEDETTE_BUSY, call)
#define CHECK_NOT_FOUND(call) CHECK_STATUS(VEDETTE_NOT_FOUND, call)

static const vedette_string kNoText = {NULL, 3}; /* a size without a text */
static const vedette_id kSomeId = {"0123456789abcdef0123456789abcdef"};

static vedette_triage* TriageOf(vedette_on_alert on_alert, void* user) {
  vedette_triage* triage = NULL;
  vedette_alert_policy policy;
  vedette_triage_options options;
  vedette_alert_policy_init(&policy, sizeof policy);
  policy.on_close = VEDETTE_ON_CLOSE_RESTART;
  vedette_triage_options_init(&options, sizeof options);
  options.policy = &policy;
  options.on_alert = on_alert;
  options.user = user;
  CHECK_OK(vedette_triage_new(&options, &triage, &error));
  return triage;
}

static vedette_change Change(void) {
  vedette_change change;
  vedette_change_init(&change, sizeof change);
  change.actor = vedette_string_of("ann");
  change.reason = vedette_string_of("why");
  change.now = 1;
  return change;
}

static void TestNullOfNoStatus(void) {
  vedette_alert_free(NULL);
  vedette_incident_free(NULL);
  vedette_triage_free(NULL);
  vedette_matcher_free(NULL);
  vedette_entities_free(NULL);
  vedette_alert_policy_init(NULL, 0);
  vedette_triage_options_init(NULL, 0);
  vedette_change_init(NULL, 0);
  vedette_suppression_init(NULL, 0);
  vedette_inhibition_init(NULL, 0);
  vedette_entity_row_init(NULL, 0);
}

static void TestNullAlerts(void) {
  vedette_alert* alert = NULL;
  vedette_incident* incident = NULL;
  vedette_bytes* json = NULL;
  vedette_id id;
  vedette_alert_info info = {.struct_size = sizeof info};
  vedette_incident_info incident_info = {.struct_size = sizeof incident_info};
  vedette_entity entity = {.struct_size = sizeof entity};
  CHECK_INVALID(vedette_id_parse(NULL, 32, &id, &error));
  CHECK_INVALID(vedette_id_parse(kSomeId.text, 32, NULL, &error));
  CHECK_INVALID(vedette_id_parse(kSomeId.text, 31, &id, &error));
  CHECK_INVALID(vedette_id_parse("0123456789ABCDEF0123456789abcdef", 32, &id, &error));
  CHECK(id.text[0] == 0);
  CHECK_INVALID(vedette_alert_copy(NULL, &alert, &error));
  CHECK_INVALID(vedette_alert_get(NULL, &info, &error));
  CHECK_INVALID(vedette_alert_entity(NULL, 0, &entity, &error));
  CHECK_INVALID(vedette_alert_json(NULL, VEDETTE_FORM_JSON, &json, &error));
  CHECK_INVALID(vedette_incident_copy(NULL, &incident, &error));
  CHECK_INVALID(vedette_incident_get(NULL, &incident_info, &error));
  CHECK_INVALID(vedette_incident_entity(NULL, 0, &entity, &error));
  CHECK_INVALID(vedette_incident_alert(NULL, 0, &id, &error));
  CHECK_INVALID(vedette_incident_json(NULL, VEDETTE_FORM_JSON, &json, &error));
}

static int32_t Never(const vedette_incident* incident, const vedette_notice* notice, void* user) {
  (void)incident;
  (void)notice;
  (void)user;
  CHECK(0);
  return 0;
}

static void TestNullTriage(vedette_triage* t) {
  vedette_incident* incident = NULL;
  vedette_bytes* bytes = NULL;
  vedette_triage_stats stats = {.struct_size = 8};
  vedette_incident_filter filter = {.struct_size = sizeof filter};
  CHECK_INVALID(vedette_processor_set_triage(NULL, t, &error));
  CHECK_INVALID(vedette_triage_add_detection(NULL, NULL, NULL, &error));
  CHECK_INVALID(vedette_triage_add_detection(t, NULL, NULL, &error));
  CHECK_INVALID(vedette_triage_advance_watermark(NULL, 0, &error));
  CHECK_INVALID(vedette_triage_flush(NULL, &error));
  CHECK_INVALID(vedette_triage_advance_time(NULL, 0, &error));
  CHECK_INVALID(vedette_triage_incident(NULL, &kSomeId, &incident, &error));
  CHECK_INVALID(vedette_triage_incident(t, NULL, &incident, &error));
  CHECK_INVALID(vedette_triage_incident(t, &kSomeId, NULL, &error));
  CHECK_NOT_FOUND(vedette_triage_incident(t, &kSomeId, &incident, &error));
  CHECK_INVALID(vedette_triage_incident_of_alert(NULL, &kSomeId, &incident, &error));
  CHECK_INVALID(vedette_triage_incident_of_alert(t, NULL, &incident, &error));
  CHECK_INVALID(vedette_triage_incident_of_alert(t, &kSomeId, NULL, &error));
  CHECK_NOT_FOUND(vedette_triage_incident_of_alert(t, &kSomeId, &incident, &error));
  CHECK_INVALID(vedette_triage_list(NULL, NULL, NULL, NULL, &error));
  CHECK_INVALID(vedette_triage_list(t, NULL, NULL, NULL, &error));
  vedette_id id = kSomeId;
  memset(id.text, 'a', sizeof id.text); /* no 0 byte anywhere */
  CHECK_INVALID(vedette_triage_incident(t, &id, &incident, &error));
  filter.tenant = kNoText;
  CHECK_INVALID(vedette_triage_list(t, &filter, Never, NULL, &error));
  filter.tenant = vedette_string_of("");
  filter.states = 1u << 6;
  CHECK_STATUS(VEDETTE_UNSUPPORTED, vedette_triage_list(t, &filter, Never, NULL, &error));
  CHECK_INVALID(vedette_triage_snapshot(NULL, &bytes, &error));
  CHECK_INVALID(vedette_triage_snapshot(t, NULL, &error));
  CHECK_INVALID(vedette_triage_restore(NULL, "", 0, &error));
  CHECK_INVALID(vedette_triage_restore(t, NULL, 1, &error));
  CHECK_STATUS(VEDETTE_DATA_LOSS, vedette_triage_restore(t, NULL, 0, &error));
  CHECK_INVALID(vedette_triage_get_stats(NULL, &stats, &error));
  CHECK_INVALID(vedette_triage_get_stats(t, NULL, &error));
  CHECK_INVALID(vedette_triage_get_stats(t, &stats, &error));
}

static void TestNullChanges(vedette_triage* t) {
  vedette_change c = Change();
  const vedette_id* id = &kSomeId;
  const vedette_string text = vedette_string_of("x");
  CHECK_INVALID(vedette_incident_acknowledge(NULL, id, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_acknowledge(t, NULL, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_acknowledge(t, id, NULL, NULL, &error));
  CHECK_NOT_FOUND(vedette_incident_acknowledge(t, id, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_assign(NULL, id, text, text, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_assign(t, id, kNoText, text, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_hold(NULL, id, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_resume(NULL, id, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_resolve(NULL, id, 1, NULL, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_resolve(t, id, 3, NULL, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_close(NULL, id, 1, NULL, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_close(t, id, -1, NULL, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_set_verdict(NULL, id, 1, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_set_verdict(t, id, 8, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_set_priority(NULL, id, 1, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_mark_contained(NULL, id, 1, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_comment(NULL, id, text, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_comment(t, id, kNoText, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_link(NULL, id, id, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_link(t, id, NULL, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_unlink(NULL, id, id, 1, &c, NULL, &error));
  CHECK_INVALID(vedette_incident_unlink(t, id, NULL, 1, &c, NULL, &error));
  CHECK_INVALID(vedette_alert_judge(NULL, id, 1, &c, &error));
  CHECK_INVALID(vedette_alert_judge(t, id, 99, &c, &error));
  c.now = VEDETTE_NO_TIME;
  CHECK_INVALID(vedette_incident_hold(t, id, &c, NULL, &error));
  c = Change();
  c.actor = kNoText;
  CHECK_INVALID(vedette_incident_hold(t, id, &c, NULL, &error));
  c = Change();
  c.struct_size = 8;
  CHECK_INVALID(vedette_incident_hold(t, id, &c, NULL, &error));
}

static void TestNullHolds(vedette_triage* t) {
  const vedette_change c = Change();
  const vedette_string text = vedette_string_of("x");
  vedette_matcher* matcher = NULL;
  vedette_suppression s;
  vedette_inhibition i;
  vedette_suppression_init(&s, sizeof s);
  vedette_inhibition_init(&i, sizeof i);
  CHECK_INVALID(vedette_matcher_new(NULL, &error));
  CHECK_OK(vedette_matcher_new(&matcher, &error));
  CHECK_INVALID(vedette_matcher_add(NULL, text, VEDETTE_TEST_EQUALS, 0, &text, 1, &error));
  CHECK_INVALID(vedette_matcher_add(matcher, kNoText, VEDETTE_TEST_EQUALS, 0, &text, 1, &error));
  CHECK_INVALID(vedette_matcher_add(matcher, text, VEDETTE_TEST_EQUALS, 0, NULL, 1, &error));
  CHECK_INVALID(vedette_matcher_add(matcher, text, VEDETTE_TEST_EQUALS, 0, &kNoText, 1, &error));
  CHECK_INVALID(vedette_matcher_add(matcher, text, VEDETTE_TEST_EQUALS, 0, &text, 0, &error));
  CHECK_INVALID(vedette_matcher_add(matcher, text, VEDETTE_TEST_EXISTS, 0, &text, 1, &error));
  CHECK_INVALID(vedette_matcher_add(matcher, text, 6, 0, &text, 1, &error));
  CHECK_INVALID(vedette_triage_add_suppression(NULL, &s, &c, &error));
  CHECK_INVALID(vedette_triage_add_suppression(t, NULL, &c, &error));
  CHECK_INVALID(vedette_triage_add_suppression(t, &s, NULL, &error));
  CHECK_INVALID(vedette_triage_add_suppression(t, &s, &c, &error)); /* no matcher */
  s.matcher = matcher;
  s.kind = 2;
  CHECK_INVALID(vedette_triage_add_suppression(t, &s, &c, &error));
  CHECK_INVALID(vedette_triage_remove_suppression(NULL, text, &c, &error));
  CHECK_INVALID(vedette_triage_remove_suppression(t, kNoText, &c, &error));
  CHECK_INVALID(vedette_triage_add_inhibition(NULL, &i, &c, &error));
  CHECK_INVALID(vedette_triage_add_inhibition(t, NULL, &c, &error));
  CHECK_INVALID(vedette_triage_add_inhibition(t, &i, &c, &error)); /* no matchers */
  i.source = i.target = matcher;
  i.duration = -1;
  CHECK_INVALID(vedette_triage_add_inhibition(t, &i, &c, &error));
  CHECK_INVALID(vedette_triage_remove_inhibition(NULL, text, &c, &error));
  CHECK_INVALID(vedette_triage_remove_inhibition(t, kNoText, &c, &error));
  CHECK_NOT_FOUND(vedette_triage_remove_inhibition(t, text, &c, &error));
  vedette_matcher_free(matcher);
}

static void TestNullEntities(vedette_triage* t) {
  vedette_entities* entities = NULL;
  vedette_entity_row row;
  vedette_entity_row_init(&row, sizeof row);
  CHECK_INVALID(vedette_entities_new(NULL, &error));
  CHECK_OK(vedette_entities_new(&entities, &error));
  CHECK_INVALID(vedette_entities_add(NULL, &row, &error));
  CHECK_INVALID(vedette_entities_add(entities, NULL, &error));
  CHECK_INVALID(vedette_entities_add(entities, &row, &error)); /* no type */
  row.type = vedette_string_of("device");
  row.criticality = 4;
  CHECK_INVALID(vedette_entities_add(entities, &row, &error));
  row.criticality = 0;
  row.value = kNoText;
  CHECK_INVALID(vedette_entities_add(entities, &row, &error));
  CHECK_INVALID(vedette_entities_add_internal(NULL, kNoText, &error));
  CHECK_INVALID(vedette_entities_add_internal(entities, kNoText, &error));
  CHECK_OK(vedette_entities_add_internal(entities, vedette_string_of("no block"), &error));
  CHECK_INVALID(vedette_triage_set_entities(NULL, entities, &error));
  CHECK_INVALID(vedette_triage_set_entities(t, NULL, &error));
  CHECK_INVALID(vedette_triage_set_entities(t, entities, &error));
  vedette_entities_free(entities);
}

static void CheckRefused(vedette_triage_options options, vedette_status status) {
  vedette_triage* none = NULL;
  CHECK_STATUS(status, vedette_triage_new(&options, &none, &error));
  CHECK(none == NULL);
}

static void TestOptions(void) {
  vedette_triage* triage = NULL;
  vedette_alert_policy policy;
  vedette_triage_options good;
  vedette_triage_options bad;
  vedette_rule_policy rule = {vedette_string_of("r"), NULL};
  vedette_alert_policy_init(&policy, sizeof policy);
  vedette_triage_options_init(&good, sizeof good);
  CHECK(good.max_alerts == 500 && good.sla[0][VEDETTE_SLA_ACK] == INT64_C(900000000000));
  CHECK_INVALID(vedette_triage_new(NULL, &triage, &error));
  CHECK_INVALID(vedette_triage_new(&good, NULL, &error));
  CheckRefused(good, VEDETTE_INVALID_ARGUMENT); /* no policy */
  good.policy = &policy;
  CheckRefused(good, VEDETTE_INVALID_ARGUMENT); /* on_close is not said */
  const int32_t kBad[][5] = {{3, 0, 0, 0, -1}, {1, 3, 0, 0, -1},  {1, 0, 2, 0, -1},
                             {1, 0, 0, 3, -1}, {1, 0, 0, 0, 101}, {2, 0, 0, 2, -1}};
  for (size_t i = 0; i < sizeof kBad / sizeof kBad[0]; ++i) {
    policy.on_close = kBad[i][0];
    policy.nulls = kBad[i][1];
    policy.multi = kBad[i][2];
    policy.window_kind = kBad[i][3];
    policy.confidence = kBad[i][4];
    CheckRefused(good, VEDETTE_INVALID_ARGUMENT);
  }
  vedette_alert_policy_init(&policy, sizeof policy);
  policy.on_close = VEDETTE_ON_CLOSE_CONTINUE;
  policy.key_fields = &kNoText;
  policy.key_field_count = 1;
  CheckRefused(good, VEDETTE_INVALID_ARGUMENT);
  policy.key_field_count = 0;
  bad = good;
  bad.flags = 4;
  CheckRefused(bad, VEDETTE_UNSUPPORTED);
  bad = good;
  bad.reorder = -1;
  CheckRefused(bad, VEDETTE_INVALID_ARGUMENT);
  bad = good;
  bad.sla[3][2] = -1;
  CheckRefused(bad, VEDETTE_INVALID_ARGUMENT);
  bad = good;
  bad.risk_half_life = 0;
  CheckRefused(bad, VEDETTE_INVALID_ARGUMENT);
  bad = good;
  bad.tenant = kNoText;
  CheckRefused(bad, VEDETTE_INVALID_ARGUMENT);
  bad = good;
  bad.rule_policy_count = 1;
  CheckRefused(bad, VEDETTE_INVALID_ARGUMENT);
  bad.rule_policies = &rule; /* without a policy */
  CheckRefused(bad, VEDETTE_INVALID_ARGUMENT);
  for (uint32_t size = 0; size < sizeof good; size += 8) {
    bad.struct_size = size;
    CheckRefused(bad, VEDETTE_INVALID_ARGUMENT);
  }
  rule.policy = &policy;
  bad.struct_size = sizeof bad;
  CHECK_OK(vedette_triage_new(&bad, &triage, &error));
  vedette_triage_free(triage);
}

typedef struct Reentry {
  vedette_processor* processor;
  vedette_triage* triage;
  int calls;
} Reentry;

static int32_t CallBack(const vedette_alert* alert, void* user) {
  Reentry* r = user;
  vedette_incident* incident = NULL;
  vedette_bytes* bytes = NULL;
  vedette_triage_stats stats = {.struct_size = sizeof stats};
  const vedette_change c = Change();
  ++r->calls;
  CHECK_BUSY(vedette_triage_add_detection(r->triage, NULL, NULL, &error));
  CHECK_BUSY(vedette_triage_advance_watermark(r->triage, 0, &error));
  CHECK_BUSY(vedette_triage_advance_time(r->triage, 0, &error));
  CHECK_BUSY(vedette_triage_flush(r->triage, &error));
  CHECK_BUSY(vedette_triage_incident(r->triage, &kSomeId, &incident, &error));
  CHECK_BUSY(vedette_triage_snapshot(r->triage, &bytes, &error));
  CHECK_BUSY(vedette_triage_restore(r->triage, "", 0, &error));
  CHECK_BUSY(vedette_triage_get_stats(r->triage, &stats, &error));
  CHECK_BUSY(vedette_incident_hold(r->triage, &kSomeId, &c, NULL, &error));
  CHECK_BUSY(vedette_triage_remove_suppression(r->triage, vedette_string_of("a"), &c, &error));
  CHECK_BUSY(vedette_processor_set_triage(r->processor, NULL, &error));
  CHECK_BUSY(vedette_processor_flush(r->processor, &error));
  CHECK_OK(vedette_alert_json(alert, VEDETTE_FORM_JSON, &bytes, &error));
  vedette_bytes_free(bytes);
  return 0;
}

static void TestReentry(const vedette_program* program) {
  Seen seen = {0};
  Reentry r = {0};
  vedette_processor* other = ProcessorOf(program, NULL, &seen);
  r.processor = ProcessorOf(program, NULL, &seen);
  r.triage = TriageOf(CallBack, &r);
  CHECK_OK(vedette_processor_set_triage(r.processor, r.triage, &error));
  CHECK_OK(vedette_processor_set_triage(other, r.triage, &error));
  CHECK_OK(
      vedette_processor_process_json(r.processor, kShellEvent, strlen(kShellEvent), NULL, &error));
  CHECK(r.calls == 1);
  /* Freed in any order. */
  vedette_triage_free(r.triage);
  vedette_processor_free(r.processor);
  CHECK_OK(vedette_processor_flush(other, &error));
  vedette_processor_free(other);
  vedette_detection_free(seen.copy);
}

/* ---- Threads -------------------------------------------------------------------------------- */

enum { kEvents = 500 };

typedef struct Worker {
  pthread_t thread;
  vedette_processor* processor;
  vedette_triage* triage;
  int taken;
  int busy;
  int other;
} Worker;

static void* Work(void* argument) {
  Worker* w = argument;
  vedette_triage_stats stats = {.struct_size = sizeof stats};
  for (int i = 0; i < kEvents; ++i) {
    const vedette_status status =
        w->processor != NULL ? vedette_processor_process_json(w->processor, kShellEvent,
                                                              strlen(kShellEvent), NULL, NULL)
                             : vedette_triage_get_stats(w->triage, &stats, NULL);
    ++*(status == VEDETTE_OK ? &w->taken : status == VEDETTE_BUSY ? &w->busy : &w->other);
  }
  return NULL;
}

static int32_t IgnoreDetection(const vedette_detection* detection, void* user) {
  (void)user;
  return detection == NULL;
}

/* Two processors feed one triage on two threads while a third asks: wrong, and told or well. */
static void TestThreads(const vedette_program* program) {
  vedette_triage* triage = TriageOf(NULL, NULL);
  vedette_engine* engine = NULL;
  Worker workers[3] = {{.triage = triage}, {.triage = triage}, {.triage = triage}};
  vedette_triage_stats stats = {.struct_size = sizeof stats};
  CHECK_OK(vedette_engine_new(program, &engine, &error));
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(
        vedette_processor_new(engine, NULL, IgnoreDetection, NULL, &workers[i].processor, &error));
    CHECK_OK(vedette_processor_set_triage(workers[i].processor, triage, &error));
  }
  for (int i = 0; i < 3; ++i) {
    CHECK(pthread_create(&workers[i].thread, NULL, Work, &workers[i]) == 0);
  }
  for (int i = 0; i < 3; ++i) {
    CHECK(pthread_join(workers[i].thread, NULL) == 0);
    CHECK(workers[i].taken + workers[i].busy == kEvents && workers[i].other == 0);
  }
  CHECK_OK(vedette_triage_get_stats(triage, &stats, &error));
  CHECK(stats.detections == (uint64_t)(workers[0].taken + workers[1].taken));
  CHECK(stats.raw == stats.emitted + stats.folded);
  for (int i = 0; i < 2; ++i) vedette_processor_free(workers[i].processor);
  vedette_engine_free(engine);
  vedette_triage_free(triage);
}

int main(void) {
  vedette_program* program = ProgramOf("shell.yml", kSigma);
  vedette_triage* triage = TriageOf(NULL, NULL);
  TestNullOfNoStatus();
  TestNullAlerts();
  TestNullTriage(triage);
  TestNullChanges(triage);
  TestNullHolds(triage);
  TestNullEntities(triage);
  vedette_triage_free(triage);
  TestOptions();
  TestReentry(program);
  TestThreads(program);
  vedette_program_free(program);
  return CheckResult();
}
