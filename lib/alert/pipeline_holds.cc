// Changing what a pipeline holds back, and its state as bytes.
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/alert/archive_alert.h"
#include "lib/alert/authorize.h"
#include "lib/alert/pipeline_impl.h"

namespace vedette::inline v0 {
namespace {

Action ActionOf(std::string name, std::string kind, std::string_view id) {
  Action action;
  action.name = std::move(name);
  action.kind = std::move(kind);
  action.object_id = id;
  return action;
}

}  // namespace

absl::Status AlertPipeline::Impl::Allow(const Actor& actor, Action action, std::string_view reason,
                                        EventTime now, const absl::Status& valid) const {
  return Authorize(options.authorizer, options.audit, actor, std::move(action), reason, now, valid);
}

absl::Status AlertPipeline::AddSuppression(const Suppression& s, const Actor& actor,
                                           EventTime now) {
  Action action = ActionOf("suppression.add", "suppression", s.id);
  action.attributes = {{"owner", s.owner}, {"expires_at", FormatEventTime(s.expires_at)}};
  // Tried on a copy: what cannot be made is refused before it is on record as made.
  absl::Status valid = Validate(s, now);
  if (valid.ok()) valid = impl_->holds.CheckAdd(s);
  if (absl::Status status = impl_->Allow(actor, std::move(action), s.reason, now, valid);
      !status.ok()) {
    return status;
  }
  const absl::Status added = impl_->holds.Add(s);
  impl_->hold_fields = impl_->holds.Fields();
  return added;
}

absl::Status AlertPipeline::RemoveSuppression(std::string_view id, const Actor& actor,
                                              std::string_view reason, EventTime now) {
  const absl::Status valid = impl_->holds.CheckSuppression(id);
  if (absl::Status status = impl_->Allow(actor, ActionOf("suppression.remove", "suppression", id),
                                         reason, now, valid);
      !status.ok()) {
    return status;
  }
  impl_->holds.RemoveSuppression(id);
  impl_->hold_fields = impl_->holds.Fields();
  return absl::OkStatus();
}

absl::Status AlertPipeline::AddInhibition(const Inhibition& i, const Actor& actor, EventTime now) {
  Action action = ActionOf("inhibition.add", "inhibition", i.id);
  action.attributes = {{"owner", i.owner}, {"expires_at", FormatEventTime(i.expires_at)}};
  absl::Status valid = Validate(i, now);
  if (valid.ok()) valid = impl_->holds.CheckAdd(i);
  if (absl::Status status = impl_->Allow(actor, std::move(action), i.reason, now, valid);
      !status.ok()) {
    return status;
  }
  const absl::Status added = impl_->holds.Add(i);
  impl_->hold_fields = impl_->holds.Fields();
  return added;
}

absl::Status AlertPipeline::RemoveInhibition(std::string_view id, const Actor& actor,
                                             std::string_view reason, EventTime now) {
  const absl::Status valid = impl_->holds.CheckInhibition(id);
  if (absl::Status status =
          impl_->Allow(actor, ActionOf("inhibition.remove", "inhibition", id), reason, now, valid);
      !status.ok()) {
    return status;
  }
  impl_->holds.RemoveInhibition(id);
  impl_->hold_fields = impl_->holds.Fields();
  return absl::OkStatus();
}

std::vector<Suppression> AlertPipeline::suppressions() const { return impl_->holds.suppressions(); }
std::vector<Inhibition> AlertPipeline::inhibitions() const { return impl_->holds.inhibitions(); }

std::vector<HoldStats> AlertPipeline::hold_stats() const {
  std::vector<HoldStats> out;
  impl_->holds.AppendStats(&out);
  if (impl_->options.budget.per_rule_per_hour > 0) {
    out.push_back({"budget", HoldKind::kBudget, "", "more alerts of a rule than its hour may have",
                   kNoEventTime, impl_->budget_held, impl_->budget_canaries, impl_->budget_last});
  }
  return out;
}

template <typename A>
void ArchiveHeld(A& a, HeldAlert& h) {
  Enum(a, h.kind, HoldKind::kBudget);
  Part(a, h.by);
  Part(a, h.id);
  Part(a, h.fingerprint);
  for (std::string* s : {&h.tenant, &h.rule_id, &h.title}) Part(a, *s);
  Enum(a, h.severity, Level::kCritical);
  Part(a, h.event_time);
  Part(a, h.entities);
  Part(a, h.source);
  Part(a, h.line);
}

template <typename A>
void ArchiveStats(A& a, PipelineStats& s) {
  for (uint64_t* n :
       {&s.detections, &s.raw, &s.emitted, &s.escalations, &s.canaries, &s.folded, &s.suppressed,
        &s.inhibited, &s.late, &s.late_taken, &s.future_events, &s.key_combinations_cut,
        &s.budget_exceeded, &s.evicted_samples, &s.evicted_folds, &s.evicted_held}) {
    Part(a, *n);
  }
}

template <typename A>
void AlertPipeline::Impl::Archive(A& a) {
  ArchiveStats(a, stats);
  Part(a, newest);
  folds.Archive(a);
  holds.Archive(a);
  Part(a, budget_held);
  Part(a, budget_canaries);
  Part(a, budget_last);
  std::vector<HeldAlert> kept(held.begin(), held.end());
  Items(a, kept, [&a](HeldAlert& h) { ArchiveHeld(a, h); });
  std::vector<WaitingAlert> waits(waiting.begin(), waiting.end());
  Items(a, waits, [&a](WaitingAlert& w) {
    vedette::Archive(a, w.alert);
    Part(a, w.key);
    Part(a, w.key_missing);
    Part(a, w.time);
    Pairs(a, w.fields);
  });
  if constexpr (A::kLoads) {
    held.assign(kept.begin(), kept.end());
    for (WaitingAlert& w : waits) {
      if (w.alert.rule == nullptr) return a.Fail("an alert has no rule");
      waiting.insert(std::move(w));
    }
    stats.waiting = waiting.size();
    hold_fields = holds.Fields();
  }
}

std::string AlertPipeline::Snapshot() const {
  std::string body;
  Saver out(&body);
  impl_->Archive(out);
  return SealState('P', body);
}

absl::Status AlertPipeline::Restore(std::string_view snapshot) {
  const auto body = OpenState('P', snapshot);
  if (!body.ok()) return body.status();
  Loader in(*body);
  auto fresh = std::make_unique<Impl>(impl_->options);
  fresh->sink = impl_->sink;
  fresh->Archive(in);
  if (absl::Status s = EndOf(in); !s.ok()) return s;
  fresh->context = impl_->context;
  while (fresh->held.size() > fresh->options.max_held_kept) fresh->held.pop_front();
  impl_ = std::move(fresh);
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
