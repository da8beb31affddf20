#include "lib/eval/records.h"

#include <algorithm>

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxCombinations = 64;

bool IsField(const CompiledExpr& expr) {
  return expr.nodes.size() == 1 && expr.nodes[0].kind == CompiledExpr::Node::Kind::kField;
}

// What a record can hold of a value: an object has no value of its own.
Value Kept(const Value& v) { return v.is_scalar() || v.is_list() ? v : Value::Null(); }

}  // namespace

void RecordMaker::Make(const EventView& event, std::span<const uint32_t> rules,
                       EvaluatorStats* stats) {
  records_.clear();
  for (const uint32_t rule : rules) {
    for (const uint32_t feed : layout_.rules[rule].feeds) {
      MakeOf(layout_.feeds[feed], event, stats);
    }
  }
  // Rules come in the order of the program; the records of one correlation come in that of its
  // sources.
  const auto before = [](const MatchRecord& a, const MatchRecord& b) {
    return a.correlation != b.correlation ? a.correlation < b.correlation : a.source < b.source;
  };
  if (!std::is_sorted(records_.begin(), records_.end(), before)) {
    std::stable_sort(records_.begin(), records_.end(), before);
  }
  stats->records += records_.size();
}

void RecordMaker::MakeOf(const CorrelationFeed& feed, const EventView& event,
                         EvaluatorStats* stats) {
  if (!CollectKeys(feed)) {
    ++stats->records_without_key;
    return;
  }
  const std::span<Value> values = frame_->arena()->NewValues(feed.columns.size());
  if (!FillColumns(feed, values)) {
    ++stats->rules_undecided;
    return;
  }
  MatchRecord record;
  record.correlation = feed.correlation;
  record.source = feed.source;
  record.time = event.time();
  record.tiebreak = event.tiebreak().value_or(0);
  record.values = values;
  record.ref = event.ref();
  Combine(record, stats);
}

bool RecordMaker::CollectKeys(const CorrelationFeed& feed) {
  keys_.clear();
  parts_.clear();
  for (const CompiledKey& key : feed.keys) {
    KeyValues values;
    values.first = parts_.size();
    CollectKey(key, &values);
    if (values.count == 0) return false;
    keys_.push_back(values);
  }
  return true;
}

void RecordMaker::CollectKey(const CompiledKey& key, KeyValues* out) {
  const auto add = [&](const Value& value) {
    if (!value.is_scalar() || value.is_null()) return;
    scratch_.clear();
    AppendKeyPart(value, &scratch_);
    const auto known = std::span(parts_).subspan(out->first);
    if (std::find(known.begin(), known.end(), scratch_) != known.end()) return;
    if (out->count == kMaxCombinations) {
      ++out->dropped;
      return;
    }
    parts_.push_back(frame_->arena()->CopyString(scratch_));
    ++out->count;
  };
  if (IsField(key.expr)) {
    for (const Scalar& scalar : frame_->Field(key.expr.fields[0]).scalars) add(scalar.value);
  } else {
    size_t choices = 0;
    frame_->AnyValue(key.expr, nullptr, [&](const Value& value) {
      add(value);
      return ++choices == kMaxChoices;  // one more would count as over the budget
    });
  }
  if (out->count == 0 && key.optional) {
    scratch_.clear();
    AppendKeyPart(Value::Null(), &scratch_);
    parts_.push_back(frame_->arena()->CopyString(scratch_));
    out->count = 1;
  }
}

bool RecordMaker::FillColumns(const CorrelationFeed& feed, std::span<Value> out) {
  for (size_t i = 0; i < feed.columns.size(); ++i) {
    const CompiledColumn& column = feed.columns[i];
    switch (column.kind) {
      case CompiledColumn::Kind::kField:
        out[i] = Kept(frame_->Field(column.expr.fields[0]).value);
        break;
      case CompiledColumn::Kind::kExpr: {
        choices_.clear();
        size_t tried = 0;
        frame_->AnyValue(column.expr, nullptr, [&](const Value& value) {
          if (value.is_scalar()) choices_.push_back(value);
          return ++tried == kMaxChoices;  // one more would count as over the budget
        });
        out[i] = OneOrList(choices_, frame_->arena());
        break;
      }
      case CompiledColumn::Kind::kFormula:
        out[i] = Value::Bool(runner_->Holds(column.node));
        if (frame_->over_budget()) return false;
        break;
    }
  }
  return true;
}

// One record for each combination of the keys' values; the last key changes fastest.
void RecordMaker::Combine(const MatchRecord& like, EvaluatorStats* stats) {
  size_t total = 1;
  bool more = false;  // than can be counted
  for (const KeyValues& key : keys_) {
    more = more || total > (size_t{1} << 32);
    if (!more) total *= key.count + key.dropped;
  }
  at_.assign(keys_.size(), 0);
  size_t made = 0;
  for (bool left = true; left && made < kMaxCombinations; ++made) {
    scratch_.clear();
    for (size_t i = 0; i < keys_.size(); ++i) scratch_ += parts_[keys_[i].first + at_[i]];
    MatchRecord& record = records_.emplace_back(like);
    record.key = frame_->arena()->CopyString(scratch_);
    size_t i = keys_.size();
    while (i > 0 && ++at_[i - 1] == keys_[i - 1].count) at_[--i] = 0;
    left = i > 0;
  }
  stats->key_combinations_dropped += total - made;
}

}  // namespace vedette::inline v0
