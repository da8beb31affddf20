// What people and the host change in a triage.
#include "vedette/c/lifecycle.h"

#include <optional>

#include "lib/capi/alert.h"
#include "lib/capi/triage.h"

using vedette::Id128;
using vedette::IncidentBook;
using vedette::IncidentChange;
using vedette::Verdict;
using vedette::capi::Guard;
using vedette::capi::IsText;
using vedette::capi::IsTextList;
using vedette::capi::NullPointer;
using vedette::capi::Outcome;
using vedette::capi::ReadId;
using vedette::capi::ReadStruct;
using vedette::capi::Text;
using vedette::capi::TextsOf;
using vedette::capi::TriageState;
using vedette::capi::With;

struct vedette_matcher {
  vedette::AlertMatcher matcher;
};

struct vedette_entities {
  std::vector<vedette::EntityRow> rows;
  std::vector<std::string> internal;
};

namespace vedette::inline v0::capi {
namespace {

Outcome ReadChange(const vedette_change* given, IncidentChange* out) {
  if (given == nullptr) return NullPointer("change");
  vedette_change c;
  vedette_change_init(&c, sizeof c);
  Outcome outcome = ReadStruct(given, &c);
  if (!outcome.ok()) return outcome;
  if (!IsText(c.actor) || !IsText(c.reason)) return NullPointer("actor or reason");
  if (c.now == VEDETTE_NO_TIME) return {VEDETTE_INVALID_ARGUMENT, "a change needs `now`"};
  out->actor.id = Text(c.actor);
  out->actor.automation = c.automation != 0;
  out->reason = Text(c.reason);
  out->now = c.now;
  out->version = c.version;
  return {};
}

Outcome ReadVerdict(int32_t given, Verdict* out) {
  switch (given) {
    case VEDETTE_VERDICT_NONE:
    case VEDETTE_VERDICT_FALSE_POSITIVE:
    case VEDETTE_VERDICT_TRUE_POSITIVE:
    case VEDETTE_VERDICT_SUSPICIOUS:
    case VEDETTE_VERDICT_BENIGN:
    case VEDETTE_VERDICT_TEST:
    case VEDETTE_VERDICT_INSUFFICIENT:
    case VEDETTE_VERDICT_DUPLICATE:
      *out = static_cast<Verdict>(given);
      return {};
    default:
      return {VEDETTE_INVALID_ARGUMENT, "no such verdict: " + std::to_string(given)};
  }
}

// Runs `function(book, id, change)`, on an incident or an alert.
template <typename Function>
vedette_status Change(vedette_triage* triage, const vedette_id* id, const vedette_change* change,
                      vedette_error** error, Function function) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    IncidentChange ours;
    Id128 of;
    Outcome outcome = ReadId(id, &of);
    if (outcome.ok()) outcome = ReadChange(change, &ours);
    if (!outcome.ok()) return outcome;
    return function(state->triage->incidents(), of, ours);
  });
}

Outcome GiveVersion(const absl::StatusOr<uint64_t>& made, uint64_t* version) {
  if (made.ok() && version != nullptr) *version = *made;
  return made.status();
}

Outcome GiveId(const absl::StatusOr<Id128>& made, vedette_id* id) {
  if (made.ok() && id != nullptr) *id = Out(*made);
  return made.status();
}

// The end of an incident: `function` is Resolve or Close.
template <typename Function>
vedette_status End(vedette_triage* triage, const vedette_id* incident, int32_t verdict,
                   const vedette_id* duplicate_of, const vedette_change* change, uint64_t* version,
                   vedette_error** error, Function function) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  Verdict ours;
                  Id128 original;
                  Outcome outcome = ReadVerdict(verdict, &ours);
                  if (outcome.ok() && duplicate_of != nullptr) {
                    outcome = ReadId(duplicate_of, &original);
                  }
                  if (!outcome.ok()) return outcome;
                  return GiveVersion((book.*function)(id, ours, original, c), version);
                });
}

Outcome ReadSuppression(const vedette_suppression* given, Suppression* out) {
  if (given == nullptr) return NullPointer("suppression");
  vedette_suppression s;
  vedette_suppression_init(&s, sizeof s);
  Outcome outcome = ReadStruct(given, &s);
  if (!outcome.ok()) return outcome;
  if (!IsText(s.id) || !IsText(s.owner) || !IsText(s.reason) || s.matcher == nullptr ||
      !IsTextList(s.tenants, s.tenant_count)) {
    return NullPointer("matcher, tenants or a text of vedette_suppression");
  }
  if (s.kind != VEDETTE_SUPPRESS_EXCEPTION && s.kind != VEDETTE_SUPPRESS_MAINTENANCE) {
    return {VEDETTE_INVALID_ARGUMENT, "no such kind of suppression: " + std::to_string(s.kind)};
  }
  out->id = Text(s.id);
  out->kind = static_cast<Suppression::Kind>(s.kind);
  out->matcher = s.matcher->matcher;
  out->owner = Text(s.owner);
  out->reason = Text(s.reason);
  out->tenants = TextsOf(s.tenants, s.tenant_count);
  out->starts_at = s.starts_at;
  out->expires_at = s.expires_at;
  out->canary = s.canary;
  return {};
}

Outcome ReadInhibition(const vedette_inhibition* given, Inhibition* out) {
  if (given == nullptr) return NullPointer("inhibition");
  vedette_inhibition i;
  vedette_inhibition_init(&i, sizeof i);
  Outcome outcome = ReadStruct(given, &i);
  if (!outcome.ok()) return outcome;
  if (!IsText(i.id) || !IsText(i.owner) || !IsText(i.reason) || i.source == nullptr ||
      i.target == nullptr || !IsTextList(i.equal, i.equal_count)) {
    return NullPointer("source, target, equal or a text of vedette_inhibition");
  }
  if (i.duration < 0) return {VEDETTE_INVALID_ARGUMENT, "the duration is negative"};
  out->id = Text(i.id);
  out->source = i.source->matcher;
  out->target = i.target->matcher;
  out->equal = TextsOf(i.equal, i.equal_count);
  out->duration_ns = i.duration;
  out->owner = Text(i.owner);
  out->reason = Text(i.reason);
  out->expires_at = i.expires_at;
  return {};
}

// Runs `function(pipeline, change)` on what holds alerts back.
template <typename Function>
vedette_status ChangeHolds(vedette_triage* triage, const vedette_change* change,
                           vedette_error** error, Function function) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    IncidentChange ours;
    Outcome outcome = ReadChange(change, &ours);
    return outcome.ok() ? function(state->triage->alerts(), ours) : outcome;
  });
}

}  // namespace
}  // namespace vedette::inline v0::capi

using vedette::AlertPipeline;
using vedette::capi::Change;
using vedette::capi::ChangeHolds;
using vedette::capi::End;
using vedette::capi::GiveId;
using vedette::capi::GiveVersion;

void vedette_change_init(vedette_change* change, size_t size) {
  vedette_change defaults = {};
  defaults.now = VEDETTE_NO_TIME;
  defaults.version = VEDETTE_ANY_VERSION;
  vedette::capi::InitStruct(defaults, change, size);
}

vedette_status vedette_incident_acknowledge(vedette_triage* triage, const vedette_id* incident,
                                            const vedette_change* change, uint64_t* version,
                                            vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  return GiveVersion(book.Acknowledge(id, c), version);
                });
}

vedette_status vedette_incident_assign(vedette_triage* triage, const vedette_id* incident,
                                       vedette_string assignee, vedette_string group,
                                       const vedette_change* change, uint64_t* version,
                                       vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  if (!IsText(assignee) || !IsText(group)) return NullPointer("assignee or group");
                  return GiveVersion(book.Assign(id, Text(assignee), Text(group), c), version);
                });
}

vedette_status vedette_incident_hold(vedette_triage* triage, const vedette_id* incident,
                                     const vedette_change* change, uint64_t* version,
                                     vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  return GiveVersion(book.Hold(id, c), version);
                });
}

vedette_status vedette_incident_resume(vedette_triage* triage, const vedette_id* incident,
                                       const vedette_change* change, uint64_t* version,
                                       vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  return GiveVersion(book.Resume(id, c), version);
                });
}

vedette_status vedette_incident_resolve(vedette_triage* triage, const vedette_id* incident,
                                        int32_t verdict, const vedette_id* duplicate_of,
                                        const vedette_change* change, uint64_t* version,
                                        vedette_error** error) {
  return End(triage, incident, verdict, duplicate_of, change, version, error,
             &IncidentBook::Resolve);
}

vedette_status vedette_incident_close(vedette_triage* triage, const vedette_id* incident,
                                      int32_t verdict, const vedette_id* duplicate_of,
                                      const vedette_change* change, uint64_t* version,
                                      vedette_error** error) {
  return End(triage, incident, verdict, duplicate_of, change, version, error, &IncidentBook::Close);
}

vedette_status vedette_incident_set_verdict(vedette_triage* triage, const vedette_id* incident,
                                            int32_t verdict, const vedette_change* change,
                                            uint64_t* version, vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  Verdict ours;
                  Outcome outcome = vedette::capi::ReadVerdict(verdict, &ours);
                  if (!outcome.ok()) return outcome;
                  return GiveVersion(book.SetVerdict(id, ours, c), version);
                });
}

vedette_status vedette_incident_set_priority(vedette_triage* triage, const vedette_id* incident,
                                             uint32_t priority, const vedette_change* change,
                                             uint64_t* version, vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  if (priority > UINT8_MAX)
                    return {VEDETTE_INVALID_ARGUMENT, "a priority is 1 to 4"};
                  return GiveVersion(
                      book.SetPriority(id, static_cast<vedette::Priority>(priority), c), version);
                });
}

vedette_status vedette_incident_mark_contained(vedette_triage* triage, const vedette_id* incident,
                                               vedette_time when, const vedette_change* change,
                                               uint64_t* version, vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  return GiveVersion(book.MarkContained(id, when, c), version);
                });
}

vedette_status vedette_incident_comment(vedette_triage* triage, const vedette_id* incident,
                                        vedette_string text, const vedette_change* change,
                                        uint64_t* version, vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  if (!IsText(text)) return NullPointer("text");
                  return GiveVersion(book.Comment(id, Text(text), c), version);
                });
}

vedette_status vedette_incident_link(vedette_triage* triage, const vedette_id* incident,
                                     const vedette_id* other, const vedette_change* change,
                                     vedette_id* kept, vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  Id128 second;
                  Outcome outcome = ReadId(other, &second);
                  return outcome.ok() ? GiveId(book.Link(id, second, c), kept) : outcome;
                });
}

vedette_status vedette_incident_unlink(vedette_triage* triage, const vedette_id* incident,
                                       const vedette_id* alerts, size_t count,
                                       const vedette_change* change, vedette_id* made,
                                       vedette_error** error) {
  return Change(triage, incident, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  if (alerts == nullptr && count > 0) return NullPointer("alerts");
                  std::vector<Id128> ids(count);
                  Outcome outcome;
                  for (size_t i = 0; i < count && outcome.ok(); ++i)
                    outcome = ReadId(&alerts[i], &ids[i]);
                  return outcome.ok() ? GiveId(book.Unlink(id, ids, c), made) : outcome;
                });
}

vedette_status vedette_alert_judge(vedette_triage* triage, const vedette_id* alert, int32_t verdict,
                                   const vedette_change* change, vedette_error** error) {
  return Change(triage, alert, change, error,
                [&](IncidentBook& book, const Id128& id, const IncidentChange& c) -> Outcome {
                  Verdict ours;
                  Outcome outcome = vedette::capi::ReadVerdict(verdict, &ours);
                  return outcome.ok() ? Outcome(book.JudgeAlert(id, ours, c)) : outcome;
                });
}

vedette_status vedette_matcher_new(vedette_matcher** matcher, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (matcher == nullptr) return NullPointer("matcher");
    *matcher = nullptr;
    *matcher = new vedette_matcher;
    return {};
  });
}

vedette_status vedette_matcher_add(vedette_matcher* matcher, vedette_string field, int32_t test,
                                   int32_t negate, const vedette_string* values, size_t value_count,
                                   vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (matcher == nullptr || !IsText(field) || !IsTextList(values, value_count)) {
      return NullPointer("matcher, field or values");
    }
    if (field.size == 0) return {VEDETTE_INVALID_ARGUMENT, "a test names no field"};
    if (test < VEDETTE_TEST_EQUALS || test > VEDETTE_TEST_EXISTS) {
      return {VEDETTE_INVALID_ARGUMENT, "no such test: " + std::to_string(test)};
    }
    if ((test == VEDETTE_TEST_EXISTS) != (value_count == 0)) {
      return {VEDETTE_INVALID_ARGUMENT, "all tests but EXISTS need values, and that one has none"};
    }
    vedette::AlertTest ours;
    ours.field = Text(field);
    ours.op = static_cast<vedette::AlertTest::Op>(test);
    ours.values = TextsOf(values, value_count);
    ours.negate = negate != 0;
    matcher->matcher.tests.push_back(std::move(ours));
    return {};
  });
}

void vedette_matcher_free(vedette_matcher* matcher) { delete matcher; }

void vedette_suppression_init(vedette_suppression* suppression, size_t size) {
  const vedette::Suppression ours;
  vedette_suppression defaults = {};
  defaults.starts_at = ours.starts_at;
  defaults.expires_at = ours.expires_at;
  defaults.canary = ours.canary;
  vedette::capi::InitStruct(defaults, suppression, size);
}

vedette_status vedette_triage_add_suppression(vedette_triage* triage,
                                              const vedette_suppression* suppression,
                                              const vedette_change* change, vedette_error** error) {
  return ChangeHolds(
      triage, change, error, [&](AlertPipeline& alerts, const IncidentChange& c) -> Outcome {
        vedette::Suppression ours;
        Outcome outcome = vedette::capi::ReadSuppression(suppression, &ours);
        return outcome.ok() ? Outcome(alerts.AddSuppression(ours, c.actor, c.now)) : outcome;
      });
}

vedette_status vedette_triage_remove_suppression(vedette_triage* triage, vedette_string id,
                                                 const vedette_change* change,
                                                 vedette_error** error) {
  return ChangeHolds(triage, change, error,
                     [&](AlertPipeline& alerts, const IncidentChange& c) -> Outcome {
                       if (!IsText(id)) return NullPointer("id");
                       return alerts.RemoveSuppression(Text(id), c.actor, c.reason, c.now);
                     });
}

void vedette_inhibition_init(vedette_inhibition* inhibition, size_t size) {
  const vedette::Inhibition ours;
  vedette_inhibition defaults = {};
  defaults.duration = ours.duration_ns;
  defaults.expires_at = ours.expires_at;
  vedette::capi::InitStruct(defaults, inhibition, size);
}

vedette_status vedette_triage_add_inhibition(vedette_triage* triage,
                                             const vedette_inhibition* inhibition,
                                             const vedette_change* change, vedette_error** error) {
  return ChangeHolds(
      triage, change, error, [&](AlertPipeline& alerts, const IncidentChange& c) -> Outcome {
        vedette::Inhibition ours;
        Outcome outcome = vedette::capi::ReadInhibition(inhibition, &ours);
        return outcome.ok() ? Outcome(alerts.AddInhibition(ours, c.actor, c.now)) : outcome;
      });
}

vedette_status vedette_triage_remove_inhibition(vedette_triage* triage, vedette_string id,
                                                const vedette_change* change,
                                                vedette_error** error) {
  return ChangeHolds(triage, change, error,
                     [&](AlertPipeline& alerts, const IncidentChange& c) -> Outcome {
                       if (!IsText(id)) return NullPointer("id");
                       return alerts.RemoveInhibition(Text(id), c.actor, c.reason, c.now);
                     });
}

void vedette_entity_row_init(vedette_entity_row* row, size_t size) {
  vedette_entity_row defaults = {};
  defaults.criticality = static_cast<int32_t>(vedette::EntityRow().criticality);
  vedette::capi::InitStruct(defaults, row, size);
}

vedette_status vedette_entities_new(vedette_entities** entities, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (entities == nullptr) return NullPointer("entities");
    *entities = nullptr;
    *entities = new vedette_entities;
    return {};
  });
}

vedette_status vedette_entities_add(vedette_entities* entities, const vedette_entity_row* row,
                                    vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (entities == nullptr || row == nullptr) return NullPointer("entities or row");
    vedette_entity_row r;
    vedette_entity_row_init(&r, sizeof r);
    Outcome outcome = ReadStruct(row, &r);
    if (!outcome.ok()) return outcome;
    if (!IsText(r.type) || !IsText(r.value) || !IsText(r.canonical) || !IsText(r.fence) ||
        !IsTextList(r.tags, r.tag_count)) {
      return NullPointer("tags or a text of vedette_entity_row");
    }
    const std::optional<vedette::EntityType> type = vedette::EntityTypeByName(Text(r.type));
    if (!type.has_value()) {
      return {VEDETTE_INVALID_ARGUMENT, "no such type of entity: " + std::string(Text(r.type))};
    }
    if (r.criticality < VEDETTE_CRITICALITY_LOW || r.criticality > VEDETTE_CRITICALITY_CRITICAL) {
      return {VEDETTE_INVALID_ARGUMENT, "no such criticality: " + std::to_string(r.criticality)};
    }
    vedette::EntityRow ours;
    ours.entity = {*type, std::string(Text(r.value))};
    ours.canonical = Text(r.canonical);
    ours.criticality = static_cast<vedette::Criticality>(r.criticality);
    ours.tags = TextsOf(r.tags, r.tag_count);
    ours.fence = Text(r.fence);
    entities->rows.push_back(std::move(ours));
    return {};
  });
}

vedette_status vedette_entities_add_internal(vedette_entities* entities, vedette_string block,
                                             vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (entities == nullptr || !IsText(block)) return NullPointer("entities or block");
    entities->internal.emplace_back(Text(block));
    return {};
  });
}

void vedette_entities_free(vedette_entities* entities) { delete entities; }

vedette_status vedette_triage_set_entities(vedette_triage* triage, const vedette_entities* entities,
                                           vedette_error** error) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    if (entities == nullptr) return NullPointer("entities");
    auto table = vedette::EntityTable::Build(entities->rows, entities->internal);
    if (table.ok()) state->triage->alerts().SetEntities(*std::move(table));
    return table.status();
  });
}
