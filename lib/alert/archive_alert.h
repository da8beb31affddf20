// The parts of alerts in their order in snapshots.
#ifndef VEDETTE_LIB_ALERT_ARCHIVE_ALERT_H_
#define VEDETTE_LIB_ALERT_ARCHIVE_ALERT_H_

#include <memory>
#include <utility>

#include "lib/alert/archive.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/entity.h"

namespace vedette::inline v0 {

template <typename A>
void Archive(A& a, AlertRule& r) {
  Part(a, r.id);
  Part(a, r.title);
  Part(a, r.description);
  Part(a, r.status);
  Enum(a, r.level, Level::kCritical);
  Part(a, r.author);
  Part(a, r.license);
  Part(a, r.source);
  Part(a, r.fingerprint);
  Part(a, r.correlation);
  for (auto* texts :
       {&r.tags, &r.tactics, &r.techniques, &r.references, &r.false_positives, &r.triage_steps}) {
    Texts(a, *texts);
  }
  Part(a, r.playbook);
}

template <typename A>
void Archive(A& a, EventPlace& p) {
  Part(a, p.time);
  Part(a, p.source);
  Part(a, p.line);
  Part(a, p.uid);
  Part(a, p.raw_hash);
  Part(a, p.raw_size);
}

template <typename A>
void Archive(A& a, Entity& e) {
  Enum(a, e.type, EntityType::kEmail);
  Part(a, e.value);
}

template <typename A>
void Archive(A& a, AlertEntity& e) {
  Archive(a, e.entity);
  Part(a, e.role);
  Part(a, e.field);
  Part(a, e.original);
  Enum(a, e.criticality, Criticality::kCritical);
  Enum(a, e.strength, JoinStrength::kStrong);
  Texts(a, e.tags);
  Part(a, e.fence);
}

template <typename A>
void VerdictPart(A& a, Verdict& v) {
  Enum(a, v, Verdict::kDuplicate);
}

template <typename A>
void Archive(A& a, Evidence& e) {
  Enum(a, e.cause, DetectionCause::kTimer);
  Pairs(a, e.key);
  for (EventTime* t : {&e.window_start, &e.window_end, &e.first, &e.last}) Part(a, *t);
  Pairs(a, e.aggregates);
  Items(a, e.events, [&a](EvidenceEvent& event) {
    Part(a, event.source);
    Part(a, event.time);
    Part(a, event.event_source);
    Part(a, event.event_line);
    Pairs(a, event.fields);
  });
  Part(a, e.total_events);
  Part(a, e.degraded);
}

template <typename A>
void ArchiveWhy(A& a, Alert& alert) {
  Items(a, alert.matched, [&a](MatchedField& m) {
    Part(a, m.field);
    Part(a, m.value);
    Part(a, m.test);
    Part(a, m.selection);
    Pairs(a, m.indicator);
  });
  Pairs(a, alert.outcomes);
  bool has_evidence = alert.evidence != nullptr;
  Part(a, has_evidence);
  if (has_evidence) {
    Evidence evidence;
    if constexpr (!A::kLoads) evidence = *alert.evidence;
    Archive(a, evidence);
    if constexpr (A::kLoads) alert.evidence = std::make_shared<Evidence>(std::move(evidence));
  }
  Pairs(a, alert.key);
}

template <typename A>
void Archive(A& a, Alert& alert) {
  Part(a, alert.id);
  Part(a, alert.fingerprint);
  Part(a, alert.tenant);
  a.Rule(alert.rule);
  Enum(a, alert.severity, Level::kCritical);
  Part(a, alert.confidence);
  // In thousandths: what BetaLowerPermille gives.
  uint64_t permille = 0;
  uint64_t verdicts = 0;
  if constexpr (!A::kLoads) {
    if (alert.precision.has_value()) {
      permille = static_cast<uint64_t>(alert.precision->lower * 1000 + 0.5);
      verdicts = alert.precision->n;
    }
  }
  Part(a, permille);
  Part(a, verdicts);
  if constexpr (A::kLoads) {
    if (permille > 1000) a.Fail("a precision is out of range");
    if (verdicts > 0) alert.precision = {static_cast<double>(permille) / 1000, verdicts};
  }
  for (EventTime* t :
       {&alert.event_time, &alert.last_event_time, &alert.ingest_time, &alert.alert_time}) {
    Part(a, *t);
  }
  Archive(a, alert.place);
  for (std::string* s : {&alert.log_source.product, &alert.log_source.category,
                         &alert.log_source.service, &alert.process, &alert.command_line}) {
    Part(a, *s);
  }
  Items(a, alert.entities, [&a](AlertEntity& e) { Archive(a, e); });
  ArchiveWhy(a, alert);
  Enum(a, alert.outcome, Outcome::kBlocked);
  Enum(a, alert.criticality, Criticality::kCritical);
  Part(a, alert.groups);
  Enum(a, alert.reason, EmitReason::kAlone);
  Part(a, alert.reason_text);
  Part(a, alert.escalates);
  Part(a, alert.folded_before);
  Part(a, alert.suppressed_by);
  Part(a, alert.after_negative);
  Items(a, alert.past_verdicts, [&a](PastVerdict& v) {
    VerdictPart(a, v.verdict);
    Part(a, v.alert);
    Part(a, v.analyst);
    Part(a, v.time);
  });
  for (std::string* s : {&alert.provenance.engine, &alert.provenance.schema,
                         &alert.provenance.intel, &alert.provenance.policy}) {
    Part(a, *s);
  }
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_ARCHIVE_ALERT_H_
