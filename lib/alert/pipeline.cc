#include "vedette/alert/pipeline.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/alert/alert_rule.h"
#include "lib/alert/pipeline_impl.h"
#include "lib/base/strings.h"

namespace vedette::inline v0 {
namespace {

constexpr int64_t kHour = 3600 * kNsPerSecond;
constexpr size_t kMaxSamples = 1000;

EventTime Minus(EventTime t, int64_t ns) {
  return t < std::numeric_limits<EventTime>::min() + ns ? std::numeric_limits<EventTime>::min()
                                                        : t - ns;
}

// What is worse when it is new: something that was blocked gets through.
int RankOf(Outcome outcome) {
  return outcome == Outcome::kBlocked ? 0 : outcome == Outcome::kUnknown ? 1 : 2;
}

// Why the alert is worse than what it would be folded into; empty if it is not.
std::string EscalationOf(const RawAlert& raw, const Fold& fold) {
  const auto names = [](std::string_view from, std::string_view to) {
    return absl::StrCat(" from ", ToAbsl(from), " to ", ToAbsl(to));
  };
  if (raw.severity > fold.severity) {
    return "severity rose" + names(LevelName(fold.severity), LevelName(raw.severity));
  }
  if ((raw.tactics & ~fold.tactics) != 0) return "a tactic is new";
  if (raw.criticality > fold.criticality) {
    return "asset criticality rose" +
           names(CriticalityName(fold.criticality), CriticalityName(raw.criticality));
  }
  if (RankOf(raw.outcome) > RankOf(fold.outcome)) {
    return "outcome changed" + names(OutcomeName(fold.outcome), OutcomeName(raw.outcome));
  }
  return {};
}

void Widen(const RawAlert& raw, Fold* fold) {
  fold->severity = std::max(fold->severity, raw.severity);
  fold->tactics |= raw.tactics;
  fold->criticality = std::max(fold->criticality, raw.criticality);
  if (RankOf(raw.outcome) > RankOf(fold->outcome)) fold->outcome = raw.outcome;
  fold->first = std::min(fold->first, raw.time);
  fold->last = std::max(fold->last, raw.time);
}

absl::Status CheckPolicy(const AlertPolicy& policy, std::string_view of) {
  const auto bad = [of](std::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("the policy of ", ToAbsl(of), " ", ToAbsl(why)));
  };
  if (!policy.on_close.has_value()) {
    return bad("does not say on_close: restart or continue");
  }
  if (policy.window_ns <= 0 && policy.window != AlertPolicy::Window::kUntilVerdict) {
    return bad("has no window");
  }
  if (policy.window == AlertPolicy::Window::kUntilVerdict &&
      *policy.on_close == AlertPolicy::OnClose::kContinue) {
    return bad("folds until the verdict, and after it, too: it would never alert again");
  }
  if (policy.samples > kMaxSamples) return bad("keeps more than 1,000 samples");
  if (policy.confidence.value_or(0) > 100) return bad("has a confidence above 100");
  for (const std::string& field : policy.key_fields) {
    if (field.empty()) return bad("names a field without a name");
  }
  return absl::OkStatus();
}

}  // namespace

AlertPipeline::Impl::Impl(PipelineOptions o) : options(std::move(o)), reading(&options) {
  for (const auto& [id, policy] : options.rule_policies) policies.emplace(id, &policy);
}

absl::StatusOr<std::unique_ptr<AlertPipeline>> AlertPipeline::Create(PipelineOptions options,
                                                                     AlertSink* sink) {
  if (sink == nullptr) return absl::InvalidArgumentError("there is no sink for alerts");
  if (absl::Status s = CheckPolicy(options.policy, "all rules"); !s.ok()) return s;
  for (const auto& [id, policy] : options.rule_policies) {
    if (absl::Status s = CheckPolicy(policy, "rule " + id); !s.ok()) return s;
  }
  for (const int64_t n : {options.reorder_ns, options.late_after_ns, options.max_future_skew_ns}) {
    if (n < 0) return absl::InvalidArgumentError("a span of time is negative");
  }
  if (options.entities == nullptr) options.entities = EntityTable::Build({}).value();
  auto impl = std::make_unique<Impl>(std::move(options));
  impl->sink = sink;
  return std::unique_ptr<AlertPipeline>(new AlertPipeline(std::move(impl)));
}

AlertPipeline::AlertPipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AlertPipeline::~AlertPipeline() = default;

void AlertPipeline::SetEvent(const EventContext& context) { impl_->context = context; }

absl::Status AlertPipeline::OnDetection(const Detection& detection) {
  return impl_->Take(detection);
}

const AlertPolicy* AlertPipeline::Impl::PolicyOf(std::string_view rule_id) const {
  const auto it = policies.find(rule_id);
  return it == policies.end() ? &options.policy : it->second;
}

const RuleEntry& AlertPipeline::Impl::EntryOf(const Detection& detection) {
  if (program != detection.program) {
    program = detection.program;
    rules.assign(program->rule_count(), {});
    correlations.assign(program->correlation_count(), {});
  }
  const bool correlation = detection.evidence != nullptr;
  RuleEntry& entry = correlation ? correlations[detection.rule] : rules[detection.rule];
  if (entry.rule != nullptr) return entry;
  AlertRule rule = AlertRuleOf(*program, detection.rule, correlation);
  entry.policy = PolicyOf(rule.id);
  if (!entry.policy->triage_steps.empty()) rule.triage_steps = entry.policy->triage_steps;
  if (!entry.policy->playbook.empty()) rule.playbook = entry.policy->playbook;
  entry.confidence = entry.policy->confidence.value_or(ConfidenceOf(detection.meta()));
  entry.tactics = TacticBits(rule);
  entry.rule = std::make_shared<AlertRule>(std::move(rule));
  return entry;
}

absl::Status AlertPipeline::Impl::Take(const Detection& detection) {
  ++stats.detections;
  reading.Begin(detection, EntryOf(detection), context);
  stats.key_combinations_cut += reading.MakeKeys();
  LiveAlert first(&reading, 0);
  const EventTime time = first.time;
  const bool future = context.now != kNoEventTime && time > context.now &&
                      Minus(time, options.max_future_skew_ns) > context.now;
  if (future) ++stats.future_events;
  const bool late = newest != kNoEventTime &&
                    time < Minus(newest, std::max(options.late_after_ns, options.reorder_ns));
  absl::Status status = absl::OkStatus();
  for (size_t i = 0; i < reading.key_count() && status.ok(); ++i) {
    ++stats.raw;
    std::optional<LiveAlert> other;
    if (i > 0) other.emplace(&reading, i);
    LiveAlert& raw = i > 0 ? *other : first;
    if (late && options.late_to_side) {
      ++stats.late;
      status = sink->OnLate(raw.Build());
      continue;
    }
    if (late) ++stats.late_taken;
    // What comes behind those that were decided cannot be put among them any more.
    const bool waits = options.reorder_ns > 0 && !future &&
                       (newest == kNoEventTime || time >= Minus(newest, options.reorder_ns));
    status = waits ? Wait(i) : Decide(&raw);
  }
  if (!future && time > newest) {
    newest = time;
    if (options.reorder_ns > 0 && status.ok()) {
      status = Release(Minus(newest, options.reorder_ns));
    }
  }
  return status;
}

absl::Status AlertPipeline::Impl::Wait(size_t i) {
  LiveAlert raw(&reading, i);
  WaitingAlert w;
  w.alert = raw.Build();
  w.key = raw.key;
  w.key_missing = raw.key_missing;
  w.time = raw.time;
  FieldTexts texts;
  for (const std::string& field : hold_fields) {
    raw.Texts(field, &texts);
    for (std::string& text : texts) w.fields.emplace_back(field, std::move(text));
  }
  waiting.insert(std::move(w));
  stats.waiting = waiting.size();
  return absl::OkStatus();
}

absl::Status AlertPipeline::Impl::Release(EventTime watermark) {
  while (!waiting.empty() && waiting.begin()->time < watermark) {
    auto node = waiting.extract(waiting.begin());
    stats.waiting = waiting.size();
    KeptAlert raw(&node.value(), PolicyOf(node.value().alert.rule->id));
    if (absl::Status s = Decide(&raw); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status AlertPipeline::Impl::Decide(RawAlert* raw) {
  HeldBy by;
  if (holds.Suppresses(raw, &by)) {
    if (by.canary) return Emit(raw, nullptr, EmitReason::kCanary, {}, &by);
    ++stats.suppressed;
    return Hold(raw, by);
  }
  if (holds.Inhibits(raw, &by)) {
    ++stats.inhibited;
    return Hold(raw, by);
  }
  const uint32_t stream = folds.StreamOf(raw->tenant, raw->rule->id);
  const bool alone = raw->key_missing && raw->policy->nulls == AlertPolicy::Nulls::kEachAlone;
  Fold* fold = alone ? nullptr : folds.Find(stream, raw->key, raw->time);
  std::string escalation = fold == nullptr ? std::string() : EscalationOf(*raw, *fold);
  if (fold != nullptr && escalation.empty()) {
    holds.NoteSource(raw);
    return TakeFold(raw, fold);
  }
  bool held_back = false;
  if (absl::Status s = Spend(raw, stream, fold != nullptr, &by, &held_back); !s.ok()) return s;
  if (held_back) {
    if (by.canary) return Emit(raw, nullptr, EmitReason::kCanary, {}, &by);
    ++stats.suppressed;
    return Hold(raw, by);
  }
  holds.NoteSource(raw);
  if (alone) return Emit(raw, nullptr, EmitReason::kAlone, {}, nullptr);
  const EmitReason reason = fold == nullptr ? EmitReason::kFirst : EmitReason::kEscalation;
  if (fold == nullptr) {
    fold = folds.Open(stream, raw->key);
    fold->first = fold->last = raw->time;
    fold->criticality = raw->criticality;
    fold->outcome = raw->outcome;
    fold->window = raw->policy->window;
    fold->window_ns = raw->policy->window_ns;
    fold->ends_on_close = *raw->policy->on_close == AlertPolicy::OnClose::kRestart;
  }
  return Emit(raw, fold, reason, std::move(escalation), nullptr);
}

absl::Status AlertPipeline::Impl::TakeFold(RawAlert* raw, Fold* fold) {
  ++stats.folded;
  ++fold->count;
  ++fold->since;
  Widen(*raw, fold);
  const size_t kept = fold->samples == nullptr ? 0 : fold->samples->size();
  if (kept < raw->policy->samples) folds.AddSample(fold, raw->Place());
  FoldUpdate update;
  update.alert = fold->alert;
  update.fingerprint = FingerprintOf(raw->tenant, raw->rule->id, raw->key);
  update.rule_id = raw->rule->id;
  update.count = fold->count;
  update.first_seen = fold->first;
  update.last_seen = fold->last;
  update.detection = raw->detection;
  if (folds.bytes() > options.max_state_bytes) folds.Shrink(options.max_state_bytes, &stats);
  folds.Sweep(raw->time);
  return sink->OnFold(update);
}

absl::Status AlertPipeline::Impl::Emit(RawAlert* raw, Fold* fold, EmitReason reason,
                                       std::string text, const HeldBy* by) {
  ++stats.emitted;
  if (reason == EmitReason::kEscalation) ++stats.escalations;
  if (reason == EmitReason::kCanary) ++stats.canaries;
  Alert alert = raw->Build();
  alert.reason = reason;
  alert.reason_text = std::move(text);
  if (by != nullptr) {
    alert.suppressed_by = by->id;
    alert.folded_before = by->since_canary;
    alert.reason_text =
        absl::StrCat("one of ", by->since_canary + 1, " that ", by->id, " holds back");
  }
  if (fold != nullptr) {
    if (reason == EmitReason::kEscalation) {
      alert.escalates = fold->alert;
      alert.folded_before = std::exchange(fold->since, 0);
    }
    ++fold->count;
    Widen(*raw, fold);
    folds.SetAlert(fold, alert.id);
    if (folds.bytes() > options.max_state_bytes) folds.Shrink(options.max_state_bytes, &stats);
    folds.Sweep(raw->time);
  }
  if (options.verdicts != nullptr) {
    alert.precision = options.verdicts->PrecisionOf(alert.rule->id);
    alert.past_verdicts = options.verdicts->OfFingerprint(alert.fingerprint);
    alert.after_negative = !alert.past_verdicts.empty() &&
                           (alert.past_verdicts[0].verdict == Verdict::kFalsePositive ||
                            alert.past_verdicts[0].verdict == Verdict::kBenign);
  }
  return sink->OnAlert(alert);
}

absl::Status AlertPipeline::Impl::Hold(RawAlert* raw, const HeldBy& by) {
  HeldAlert h;
  h.kind = by.kind;
  h.by = by.id;
  const Alert alert = raw->Build();
  h.id = alert.id;
  h.fingerprint = alert.fingerprint;
  h.tenant = alert.tenant;
  h.rule_id = alert.rule->id;
  h.title = alert.rule->title;
  h.severity = alert.severity;
  h.event_time = alert.event_time;
  for (const AlertEntity& e : alert.entities) {
    if (!h.entities.empty()) h.entities += ' ';
    absl::StrAppend(&h.entities, ToAbsl(EntityTypeName(e.entity.type)), "=", e.entity.value);
  }
  h.source = alert.place.source;
  h.line = alert.place.line;
  const absl::Status status = sink->OnHeld(h);
  held.push_back(std::move(h));
  if (held.size() > options.max_held_kept) {
    held.pop_front();
    ++stats.evicted_held;
  }
  return status;
}

absl::Status AlertPipeline::Impl::Spend(RawAlert* raw, uint32_t stream, bool spared, HeldBy* by,
                                        bool* held_back) {
  const AlertBudget& budget = options.budget;
  if (budget.per_rule_per_hour == 0) return absl::OkStatus();
  FoldStream& s = folds.stream(stream);
  EventTime hour = raw->time - raw->time % kHour;
  if (raw->time % kHour < 0) hour -= kHour;
  if (s.hour == kNoEventTime || hour > s.hour) {
    s.hour = hour;
    s.emitted = 0;
    s.told = false;
  }
  ++s.emitted;
  if (s.emitted <= budget.per_rule_per_hour) return absl::OkStatus();
  absl::Status status = absl::OkStatus();
  if (!s.told) {
    s.told = true;
    ++stats.budget_exceeded;
    status = sink->OnBudget({raw->rule->id, s.hour, s.emitted});
  }
  if (!budget.suppress || spared || raw->severity >= budget.spare_from) return status;
  *held_back = true;
  by->kind = HoldKind::kBudget;
  by->id = "budget";
  by->canary = budget.canary > 0 && (budget_held + budget_canaries + 1) % budget.canary == 0;
  by->since_canary = budget.canary > 0 ? budget.canary - 1 : 0;
  ++(by->canary ? budget_canaries : budget_held);
  budget_last = std::max(budget_last, raw->time);
  return status;
}

absl::Status AlertPipeline::AdvanceWatermark(EventTime watermark) {
  if (watermark > impl_->newest) impl_->newest = watermark;
  absl::Status status = impl_->Release(watermark);
  impl_->folds.Sweep(watermark);
  return status;
}

absl::Status AlertPipeline::Flush() {
  return impl_->Release(std::numeric_limits<EventTime>::max());
}

void AlertPipeline::CloseAlert(const Id128& alert) { impl_->folds.Close(alert); }

void AlertPipeline::SetEntities(std::shared_ptr<const EntityTable> entities) {
  if (entities != nullptr) impl_->options.entities = std::move(entities);
}

std::optional<FoldInfo> AlertPipeline::FindFold(const Id128& alert) const {
  const Fold* fold = impl_->folds.ByAlert(alert);
  if (fold == nullptr) return std::nullopt;
  FoldInfo info;
  info.alert = fold->alert;
  info.rule_id = impl_->folds.RuleOf(*fold);
  info.fingerprint = impl_->folds.FingerprintOfFold(*fold);
  info.count = fold->count;
  info.first_seen = fold->first;
  info.last_seen = fold->last;
  info.max_severity = fold->severity;
  if (fold->samples != nullptr) info.samples = *fold->samples;
  return info;
}

PipelineStats AlertPipeline::stats() const {
  PipelineStats stats = impl_->stats;
  stats.open_folds = impl_->folds.size();
  stats.evicted_inhibitors = impl_->holds.evicted();
  stats.bytes = impl_->folds.bytes();
  return stats;
}

std::vector<HeldAlert> AlertPipeline::held() const {
  return {impl_->held.begin(), impl_->held.end()};
}

}  // namespace vedette::inline v0
