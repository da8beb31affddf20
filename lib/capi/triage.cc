// Detections to alerts and incidents: options, callbacks, time, state.
#include "lib/capi/triage.h"

#include <array>
#include <utility>

#include "lib/capi/alert.h"

using vedette::Id128;
using vedette::Incident;
using vedette::capi::FillStruct;
using vedette::capi::Guard;
using vedette::capi::IsText;
using vedette::capi::NullPointer;
using vedette::capi::Outcome;
using vedette::capi::Text;
using vedette::capi::TriageState;

namespace vedette::inline v0::capi {
namespace {

constexpr uint32_t kTriageFlags = VEDETTE_TRIAGE_BUDGET_SUPPRESS | VEDETTE_TRIAGE_CLOSE_NEW;

template <typename Struct>
Struct Sized() {
  Struct out = {};
  out.struct_size = sizeof(Struct);
  return out;
}

Outcome OutOfRange(const char* member) {
  return {VEDETTE_INVALID_ARGUMENT, std::string(member) + " is out of its range"};
}

Outcome PolicyOf(const vedette_alert_policy* given, AlertPolicy* out) {
  if (given == nullptr) return NullPointer("an alert policy");
  vedette_alert_policy p;
  vedette_alert_policy_init(&p, sizeof p);
  Outcome outcome = ReadStruct(given, &p);
  if (!outcome.ok()) return outcome;
  if (!IsTextList(p.key_fields, p.key_field_count)) return NullPointer("key_fields");
  if (p.on_close < 0 || p.on_close > VEDETTE_ON_CLOSE_CONTINUE) return OutOfRange("on_close");
  if (p.nulls < 0 || p.nulls > VEDETTE_NULLS_DROP_KEY) return OutOfRange("nulls");
  if (p.multi < 0 || p.multi > VEDETTE_MULTI_PER_VALUE) return OutOfRange("multi");
  if (p.window_kind < 0 || p.window_kind > VEDETTE_WINDOW_UNTIL_VERDICT) {
    return OutOfRange("window_kind");
  }
  if (p.confidence < -1 || p.confidence > 100) return OutOfRange("confidence");
  if (p.on_close != 0) {
    out->on_close = p.on_close == VEDETTE_ON_CLOSE_RESTART ? AlertPolicy::OnClose::kRestart
                                                           : AlertPolicy::OnClose::kContinue;
  }
  out->nulls = static_cast<AlertPolicy::Nulls>(p.nulls);
  out->multi = static_cast<AlertPolicy::Multi>(p.multi);
  out->window = static_cast<AlertPolicy::Window>(p.window_kind);
  out->window_ns = p.window;
  out->samples = p.samples;
  out->groups = p.alone == 0;
  if (p.confidence >= 0) out->confidence = static_cast<uint8_t>(p.confidence);
  out->key_fields = TextsOf(p.key_fields, p.key_field_count);
  return {};
}

Outcome ReadTriageOptions(const vedette_triage_options* given, vedette_triage_options* options) {
  vedette_triage_options_init(options, sizeof *options);
  Outcome outcome = ReadStruct(given, options);
  if (!outcome.ok()) return outcome;
  if ((options->flags & ~kTriageFlags) != 0) {
    return {VEDETTE_UNSUPPORTED, "flags has bits that this version does not know"};
  }
  if (!IsText(options->tenant)) return NullPointer("tenant");
  if (options->rule_policies == nullptr && options->rule_policy_count > 0) {
    return NullPointer("rule_policies");
  }
  for (const int64_t n :
       {options->reorder, options->late_after, options->max_future_skew, options->join_window,
        options->reopen_window, options->group_wait, options->group_interval}) {
    if (n < 0) return {VEDETTE_INVALID_ARGUMENT, "times of the options must not be negative"};
  }
  for (const auto& promises : options->sla) {
    for (const int64_t n : promises) {
      if (n < 0) return {VEDETTE_INVALID_ARGUMENT, "times of the options must not be negative"};
    }
  }
  return {};
}

Outcome TriageOptionsOf(const vedette_triage_options& o, TriageOptions* out) {
  PipelineOptions& pipeline = out->pipeline;
  Outcome outcome = PolicyOf(o.policy, &pipeline.policy);
  for (size_t i = 0; i < o.rule_policy_count && outcome.ok(); ++i) {
    const vedette_rule_policy& rule = o.rule_policies[i];
    if (!IsText(rule.rule_id)) return NullPointer("rule_id");
    pipeline.rule_policies.emplace_back(Text(rule.rule_id), AlertPolicy());
    outcome = PolicyOf(rule.policy, &pipeline.rule_policies.back().second);
  }
  if (!outcome.ok()) return outcome;
  pipeline.budget.per_rule_per_hour = o.budget_per_rule_hour;
  pipeline.budget.suppress = (o.flags & VEDETTE_TRIAGE_BUDGET_SUPPRESS) != 0;
  pipeline.reorder_ns = o.reorder;
  pipeline.late_after_ns = o.late_after;
  pipeline.max_future_skew_ns = o.max_future_skew;
  pipeline.max_state_bytes = o.max_fold_bytes;
  out->risk.half_life_ns = o.risk_half_life;
  out->risk.threshold = o.risk_threshold;
  out->risk.max_entities = o.max_risk_entities;
  IncidentOptions& incidents = out->incidents;
  incidents.close_new_with_any_verdict = (o.flags & VEDETTE_TRIAGE_CLOSE_NEW) != 0;
  incidents.hub_degree = o.hub_degree;
  incidents.join_window_ns = o.join_window;
  incidents.reopen_window_ns = o.reopen_window;
  incidents.group_wait_ns = o.group_wait;
  incidents.group_interval_ns = o.group_interval;
  incidents.max_alerts = o.max_alerts;
  incidents.max_entities = o.max_entities;
  incidents.max_state_bytes = o.max_incident_bytes;
  for (size_t i = 0; i < incidents.sla.size(); ++i) {
    incidents.sla[i] = {o.sla[i][VEDETTE_SLA_ACK], o.sla[i][VEDETTE_SLA_CONTAIN],
                        o.sla[i][VEDETTE_SLA_RESOLVE]};
  }
  out->max_judged_alerts = o.max_judged_alerts;
  return {};
}

vedette_triage_stats StatsOf(const Triage& triage) {
  const PipelineStats alerts = triage.alerts().stats();
  const IncidentBookStats incidents = triage.incidents().stats();
  vedette_triage_stats out = {};
  out.detections = alerts.detections;
  out.raw = alerts.raw;
  out.emitted = alerts.emitted;
  out.folded = alerts.folded;
  out.suppressed = alerts.suppressed;
  out.inhibited = alerts.inhibited;
  out.waiting = alerts.waiting;
  out.escalations = alerts.escalations;
  out.canaries = alerts.canaries;
  out.late = alerts.late_taken;
  out.future_events = alerts.future_events;
  out.key_combinations_cut = alerts.key_combinations_cut;
  out.budget_exceeded = alerts.budget_exceeded;
  out.open_folds = alerts.open_folds;
  out.incidents = incidents.incidents;
  out.open_incidents = incidents.open;
  out.merges = incidents.merges;
  out.siblings = incidents.siblings;
  out.reopened = incidents.reopened;
  out.sla_breaches = incidents.sla_breaches;
  out.risk_entities = triage.risk().size();
  out.fold_bytes = alerts.bytes;
  out.incident_bytes = incidents.bytes;
  out.evicted_folds = alerts.evicted_folds;
  out.evicted_alert_bodies = incidents.evicted_alert_bodies;
  out.evicted_incidents = incidents.evicted_incidents;
  out.evicted_risk = triage.risk().evicted();
  return out;
}

Outcome FilterOf(const vedette_incident_filter* given, IncidentFilter* out) {
  auto filter = Sized<vedette_incident_filter>();
  Outcome outcome = ReadStruct(given, &filter);
  if (!outcome.ok()) return outcome;
  if (!IsText(filter.tenant) || !IsText(filter.assignee) || !IsText(filter.entity)) {
    return NullPointer("a text of vedette_incident_filter that has a size");
  }
  out->tenant = Text(filter.tenant);
  out->assignee = Text(filter.assignee);
  out->entity = Text(filter.entity);
  for (uint32_t state = VEDETTE_INCIDENT_NEW; state <= VEDETTE_INCIDENT_CLOSED; ++state) {
    if ((filter.states >> state & 1) == 0) continue;
    out->states.push_back(static_cast<IncidentState>(state));
    filter.states &= ~(1U << state);
  }
  if (filter.states != 0) return {VEDETTE_UNSUPPORTED, "there are no such states of incidents"};
  return {};
}

Outcome GiveCopy(const Incident* found, vedette_incident** incident) {
  if (found == nullptr) return {VEDETTE_NOT_FOUND, "there is no such incident"};
  *incident = CopyOf(*found).release();
  return {};
}

}  // namespace

absl::Status TriageCallbacks::OnAlert(const Alert& alert) {
  vedette_alert handle;
  handle.alert = &alert;
  return Call(callbacks_.on_alert, handle);
}

absl::Status TriageCallbacks::OnFold(const FoldUpdate& fold) {
  auto out = Sized<vedette_fold>();
  out.alert = Out(fold.alert);
  out.fingerprint = Out(fold.fingerprint);
  out.count = fold.count;
  out.first_seen = fold.first_seen;
  out.last_seen = fold.last_seen;
  return Call(callbacks_.on_fold, out);
}

absl::Status TriageCallbacks::OnHeld(const HeldAlert& held) {
  auto out = Sized<vedette_held>();
  out.kind = static_cast<int32_t>(held.kind);
  out.by = Out(held.by);
  out.id = Out(held.id);
  out.tenant = Out(held.tenant);
  out.rule_id = Out(held.rule_id);
  out.title = Out(held.title);
  out.entities = Out(held.entities);
  out.stream = Out(held.source);
  out.line = held.line;
  out.event_time = held.event_time;
  out.severity = static_cast<int32_t>(held.severity);
  return Call(callbacks_.on_held, out);
}

absl::Status TriageCallbacks::OnRisk(const RiskNotice& notice) {
  auto out = Sized<vedette_risk>();
  out.rule_count = static_cast<uint32_t>(notice.rules.size());
  out.tenant = Out(notice.tenant);
  out.type = Out(EntityTypeName(notice.entity.type));
  out.entity = Out(notice.entity.value);
  out.score = static_cast<double>(notice.score.q32) / 4294967296.0;
  out.time = notice.time;
  return Call(callbacks_.on_risk, out);
}

absl::Status TriageCallbacks::OnIncident(const IncidentNotice& notice) {
  if (callbacks_.on_incident == nullptr) return absl::OkStatus();
  auto out = Sized<vedette_notice>();
  out.kind = static_cast<int32_t>(notice.kind);
  out.text = Out(notice.text);
  out.new_alerts = notice.new_alerts;
  out.page = notice.page ? 1 : 0;
  vedette_incident incident;
  incident.incident = notice.incident;
  if (callbacks_.on_incident(&incident, &out, callbacks_.user) != 0) stopped_ = true;
  return absl::OkStatus();
}

void TriageCallbacks::OnBreach(const SlaBreach& breach) {
  auto out = Sized<vedette_breach>();
  out.clock = static_cast<int32_t>(breach.clock);
  out.incident = Out(breach.incident);
  out.over = breach.over_ns;
  out.priority = breach.priority;
  (void)Call(callbacks_.on_breach, out);
}

void TriageState::SetEvent(const EventView* event, const vedette_event_info* info,
                           std::string_view raw) {
  EventContext context;
  context.event = event;
  context.raw = raw;
  context.tenant = tenant;
  if (info != nullptr) {
    if (info->tenant.size > 0) context.tenant = Text(info->tenant);
    context.ingest_time = info->ingest_time;
    context.now = info->now;
  }
  triage->SetEvent(context);
}

void TriageState::KeepAdapter(const std::shared_ptr<const CallbackAdapter>& adapter) {
  if (std::ranges::find(adapters, adapter) == adapters.end()) adapters.push_back(adapter);
}

absl::Status TriageState::UnlessStopped(absl::Status status) {
  const bool stopped = callbacks.TakeStopped();
  if (!status.ok() || !stopped) return status;
  return absl::CancelledError("a callback of the triage stopped the call");
}

}  // namespace vedette::inline v0::capi

using vedette::capi::With;

void vedette_alert_policy_init(vedette_alert_policy* policy, size_t size) {
  const vedette::AlertPolicy ours;
  vedette_alert_policy defaults = {};
  defaults.nulls = static_cast<int32_t>(ours.nulls);
  defaults.multi = static_cast<int32_t>(ours.multi);
  defaults.window_kind = static_cast<int32_t>(ours.window);
  defaults.samples = ours.samples;
  defaults.confidence = -1;
  defaults.window = ours.window_ns;
  vedette::capi::InitStruct(defaults, policy, size);
}

void vedette_triage_options_init(vedette_triage_options* options, size_t size) {
  const vedette::PipelineOptions pipeline;
  const vedette::RiskOptions risk;
  const vedette::IncidentOptions incidents;
  vedette_triage_options defaults = {};
  defaults.late_after = pipeline.late_after_ns;
  defaults.max_future_skew = pipeline.max_future_skew_ns;
  defaults.max_fold_bytes = pipeline.max_state_bytes;
  defaults.risk_half_life = risk.half_life_ns;
  defaults.risk_threshold = risk.threshold;
  defaults.max_risk_entities = risk.max_entities;
  defaults.hub_degree = incidents.hub_degree;
  defaults.join_window = incidents.join_window_ns;
  defaults.reopen_window = incidents.reopen_window_ns;
  defaults.group_wait = incidents.group_wait_ns;
  defaults.group_interval = incidents.group_interval_ns;
  defaults.max_alerts = static_cast<uint32_t>(incidents.max_alerts);
  defaults.max_entities = static_cast<uint32_t>(incidents.max_entities);
  defaults.max_incident_bytes = incidents.max_state_bytes;
  for (size_t i = 0; i < incidents.sla.size(); ++i) {
    defaults.sla[i][VEDETTE_SLA_ACK] = incidents.sla[i].ack_ns;
    defaults.sla[i][VEDETTE_SLA_CONTAIN] = incidents.sla[i].contain_ns;
    defaults.sla[i][VEDETTE_SLA_RESOLVE] = incidents.sla[i].resolve_ns;
  }
  defaults.max_judged_alerts = vedette::TriageOptions().max_judged_alerts;
  vedette::capi::InitStruct(defaults, options, size);
}

vedette_status vedette_triage_new(const vedette_triage_options* options, vedette_triage** triage,
                                  vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (triage != nullptr) *triage = nullptr;
    if (options == nullptr || triage == nullptr) return NullPointer("options or triage");
    vedette_triage_options ours;
    Outcome outcome = vedette::capi::ReadTriageOptions(options, &ours);
    vedette::TriageOptions parsed;
    if (outcome.ok()) outcome = vedette::capi::TriageOptionsOf(ours, &parsed);
    if (!outcome.ok()) return outcome;
    auto state = std::make_shared<TriageState>(ours);
    auto made = vedette::Triage::Create(std::move(parsed), &state->callbacks);
    if (!made.ok()) return made.status();
    state->triage = *std::move(made);
    state->SetEvent(nullptr, nullptr, {});
    *triage = new vedette_triage{std::move(state)};
    return {};
  });
}

void vedette_triage_free(vedette_triage* triage) { delete triage; }

vedette_status vedette_triage_add_detection(vedette_triage* triage,
                                            const vedette_detection* detection,
                                            const vedette_event_info* info, vedette_error** error) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    if (detection == nullptr) return NullPointer("detection");
    vedette_event_info ours;
    Outcome outcome = vedette::capi::ReadInfo(info, &ours);
    if (!outcome.ok()) return outcome;
    const vedette::capi::EventOfCall event(state, nullptr, &ours, {});
    return state->UnlessStopped(state->triage->OnDetection(*detection->detection));
  });
}

vedette_status vedette_triage_advance_watermark(vedette_triage* triage, vedette_time watermark,
                                                vedette_error** error) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    return state->UnlessStopped(state->AdvanceWatermark(watermark));
  });
}

vedette_status vedette_triage_flush(vedette_triage* triage, vedette_error** error) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    return state->UnlessStopped(state->triage->Flush());
  });
}

vedette_status vedette_triage_advance_time(vedette_triage* triage, vedette_time now,
                                           vedette_error** error) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    const auto breaches = state->triage->AdvanceTime(now);
    if (breaches.ok()) {
      for (const vedette::SlaBreach& breach : *breaches) state->callbacks.OnBreach(breach);
    }
    return state->UnlessStopped(breaches.status());
  });
}

vedette_status vedette_triage_incident(vedette_triage* triage, const vedette_id* id,
                                       vedette_incident** incident, vedette_error** error) {
  if (incident != nullptr) *incident = nullptr;
  return With(triage, error, [&](TriageState* state) -> Outcome {
    if (incident == nullptr) return NullPointer("incident");
    Id128 wanted;
    Outcome outcome = vedette::capi::ReadId(id, &wanted);
    if (!outcome.ok()) return outcome;
    return vedette::capi::GiveCopy(state->triage->incidents().Current(wanted), incident);
  });
}

vedette_status vedette_triage_incident_of_alert(vedette_triage* triage, const vedette_id* alert,
                                                vedette_incident** incident,
                                                vedette_error** error) {
  if (incident != nullptr) *incident = nullptr;
  return With(triage, error, [&](TriageState* state) -> Outcome {
    if (incident == nullptr) return NullPointer("incident");
    Id128 wanted;
    Outcome outcome = vedette::capi::ReadId(alert, &wanted);
    if (!outcome.ok()) return outcome;
    return vedette::capi::GiveCopy(state->triage->incidents().OfAlert(wanted), incident);
  });
}

vedette_status vedette_triage_list(vedette_triage* triage, const vedette_incident_filter* filter,
                                   vedette_on_incident callback, void* user,
                                   vedette_error** error) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    if (callback == nullptr) return NullPointer("callback");
    vedette::IncidentFilter ours;
    Outcome outcome = vedette::capi::FilterOf(filter, &ours);
    if (!outcome.ok()) return outcome;
    for (const Incident* found : state->triage->incidents().List(ours)) {
      vedette_incident handle;
      handle.incident = found;
      if (callback(&handle, nullptr, user) != 0) {
        return {VEDETTE_STOPPED, "the callback stopped the call"};
      }
    }
    return {};
  });
}

vedette_status vedette_triage_snapshot(vedette_triage* triage, vedette_bytes** snapshot,
                                       vedette_error** error) {
  if (snapshot != nullptr) *snapshot = nullptr;
  return With(triage, error, [&](TriageState* state) -> Outcome {
    if (snapshot == nullptr) return NullPointer("snapshot");
    vedette::capi::SetBytes(state->triage->Snapshot(), snapshot);
    return {};
  });
}

vedette_status vedette_triage_restore(vedette_triage* triage, const char* snapshot, size_t size,
                                      vedette_error** error) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    if (!IsText(snapshot, size)) return NullPointer("snapshot");
    return state->triage->Restore(Text(snapshot, size));
  });
}

vedette_status vedette_triage_get_stats(vedette_triage* triage, vedette_triage_stats* stats,
                                        vedette_error** error) {
  return With(triage, error, [&](TriageState* state) -> Outcome {
    return FillStruct(vedette::capi::StatsOf(*state->triage), stats);
  });
}
