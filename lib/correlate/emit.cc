// From a firing to a detection, and to records of the rules on top.
#include <algorithm>
#include <utility>

#include "lib/correlate/correlator_impl.h"
#include "lib/correlate/key_text.h"
#include "lib/program/choices.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxKeyCombinations = 64;

}  // namespace

CorrelationRunner::CorrelationRunner(Correlator::Impl* owner, uint32_t index)
    : suppression(owner->layout.correlations[index].suppress_ns),
      owner_(owner),
      index_(index),
      spec_(owner->layout.correlations[index]),
      exprs_(spec_, owner->options.indicator_sets) {}

bool CorrelationRunner::MayAddKey() {
  const bool full = owner_->options.overflow == CorrelatorOptions::Overflow::kReject &&
                    owner_->bytes() >= owner_->options.max_state_bytes;
  if (full) {
    ++stats.refused_records;
    degraded = true;
  }
  return !full;
}

size_t CorrelationRunner::max_evidence() const { return owner_->options.max_evidence_events; }

size_t CorrelationRunner::bytes() const {
  return op->bytes() + suppression.bytes() + owner_->pool.bytes_of(index_);
}

void CorrelationRunner::Fire(const Firing& firing) {
  exprs_.Begin(firing.time);
  const std::span<Value> outcomes = exprs_.arena()->NewValues(spec_.outcomes.size());
  for (size_t i = 0; i < outcomes.size(); ++i) {
    outcomes[i] = exprs_.First(spec_.outcomes[i].second, firing.key, firing.bindings);
  }
  if (!spec_.feeds.empty()) Feed(firing, outcomes);
  if (IsSuppressed(firing)) {
    ++stats.suppressed;
    return;
  }
  ++stats.detections;
  if (spec_.emits) Emit(firing, outcomes);
}

bool CorrelationRunner::IsSuppressed(const Firing& firing) {
  if (spec_.suppress_ns == 0) return false;
  suppression_key_.clear();
  for (const CompiledKey& key : spec_.suppress_by) {
    const Value part = exprs_.FirstScalar(key.expr, firing.key, firing.bindings);
    if (!part.is_scalar() && !key.optional) return false;
    AppendKeyPart(part, &suppression_key_);
  }
  return suppression.Suppressed(suppression_key_, firing.time);
}

void CorrelationRunner::Emit(const Firing& firing, std::span<const Value> outcomes) {
  PendingDetection found;
  Detection& d = found.detection;
  d.program = owner_->program;
  d.rule = index_;
  d.time = firing.time;
  d.log_source = spec_.meta.log_source;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    d.outcomes.emplace_back(spec_.outcomes[i].first, outcomes[i].ToJson());
  }
  d.evidence = MakeEvidence(firing);
  found.depth = spec_.depth;
  found.key = firing.key;
  owner_->found.push_back(std::move(found));
}

std::shared_ptr<const Evidence> CorrelationRunner::MakeEvidence(const Firing& firing) {
  auto evidence = std::make_shared<Evidence>();
  evidence->cause = firing.cause;
  evidence->key = KeyParts(spec_, firing.key);
  evidence->window_start = firing.window_start;
  evidence->window_end = firing.window_end;
  evidence->first = firing.first;
  evidence->last = firing.last;
  evidence->total_events = firing.total_records;
  evidence->degraded = firing.degraded || degraded;
  for (uint32_t i = 0; i < spec_.aggregates.size(); ++i) {
    evidence->aggregates.emplace_back(spec_.aggregates[i].text,
                                      firing.bindings->Aggregate(i, exprs_.arena()).ToJson());
  }
  const size_t most = max_evidence();
  const size_t n = firing.records.size();
  const size_t head = n <= most ? n : most / 2;
  for (size_t i = 0; i < n; ++i) {
    if (i >= head && n - i > most - head) continue;
    const StoredRecord& record = *firing.records[i];
    const CorrelationInput& source = spec_.sources[record.source()];
    EvidenceEvent event;
    event.source = source.alias;
    event.time = record.time();
    event.event_source = owner_->pool.StreamName(record.stream());
    event.event_line = record.line();
    for (size_t c = 0; c < source.columns.size(); ++c) {
      const Value& value = record.values()[c];
      // Columns without a name are tests that the rule made, not fields of the event.
      if (source.columns[c].empty() || value.is_null() || value.absent()) continue;
      event.fields.emplace_back(source.columns[c], value.ToJson());
    }
    evidence->events.push_back(std::move(event));
  }
  return evidence;
}

// The fields of a detection as a record: its keys, then its outcomes.
void CorrelationRunner::Feed(const Firing& firing, std::span<const Value> outcomes) {
  const size_t keys = spec_.key_names.size();
  const std::span<Value> fields = exprs_.arena()->NewValues(keys + outcomes.size());
  std::string_view rest = firing.key;
  for (size_t i = 0; i < keys; ++i) {
    if (!TakeKeyPart(&rest, &fields[i])) fields[i] = Value::Null();
  }
  std::copy(outcomes.begin(), outcomes.end(), fields.begin() + static_cast<std::ptrdiff_t>(keys));
  // Of one time: in the order of rules, then of keys; those of one key in the order they are made.
  origin_.clear();
  for (int shift = 24; shift >= 0; shift -= 8) {
    origin_.push_back(static_cast<char>(index_ >> shift));
  }
  origin_ += firing.key;
  for (const uint32_t feed : spec_.feeds) FeedOne(owner_->layout.feeds[feed], firing, fields);
}

void CorrelationRunner::FeedOne(const CorrelationFeed& feed, const Firing& firing,
                                std::span<const Value> fields) {
  ValueArena* arena = exprs_.arena();
  const auto run = [&](const CompiledExpr& expr, auto f) {
    const auto choices = [&](size_t i) { return ChoicesOf(fields[expr.fields[i]], arena); };
    AnyChoice(expr, choices, &stack_, arena, f, nullptr, exprs_.sets());
  };
  MatchRecord record;
  record.correlation = feed.correlation;
  record.source = feed.source;
  record.depth = spec_.depth;
  record.ref.source = spec_.meta.name.empty() ? spec_.meta.display_name() : spec_.meta.name;
  record.time = firing.time;
  record.tiebreak = owner_->tiebreak;
  record.origin = origin_;
  const std::span<Value> values = arena->NewValues(feed.columns.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const CompiledColumn& column = feed.columns[i];
    values[i] = Value::Null();
    if (column.kind == CompiledColumn::Kind::kField && !column.expr.fields.empty()) {
      values[i] = fields[column.expr.fields[0]];
    } else if (column.kind != CompiledColumn::Kind::kFormula) {
      std::vector<Value> choices;
      run(column.expr, [&choices](const Value& v) {
        if (v.is_scalar()) choices.push_back(v);
        return false;
      });
      values[i] = OneOrList(choices, arena);
    }
  }
  record.values = values;
  std::vector<std::string> keys = {""};
  for (const CompiledKey& key : feed.keys) {
    std::vector<std::string> parts;
    run(key.expr, [&](const Value& v) {
      if (!v.is_scalar()) return false;
      std::string part;
      AppendKeyPart(v, &part);
      if (std::find(parts.begin(), parts.end(), part) == parts.end()) {
        parts.push_back(std::move(part));
      }
      return parts.size() == kMaxKeyCombinations;
    });
    if (parts.empty() && key.optional) AppendKeyPart(Value::Null(), &parts.emplace_back());
    std::vector<std::string> longer;
    for (const std::string& prefix : keys) {
      for (const std::string& part : parts) longer.push_back(prefix + part);
    }
    if (longer.size() > kMaxKeyCombinations) longer.resize(kMaxKeyCombinations);
    keys = std::move(longer);
  }
  for (const std::string& key : keys) {
    record.key = key;
    owner_->AddRecordOf(record);
  }
}

}  // namespace vedette::inline v0
