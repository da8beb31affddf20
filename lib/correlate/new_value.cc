#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "lib/base/state_limits.h"
#include "lib/correlate/key_timer.h"
#include "lib/correlate/keyed_operator.h"
#include "lib/correlate/rearm.h"
#include "lib/correlate/recent_set.h"
#include "lib/correlate/record_bindings.h"

namespace vedette::inline v0 {
namespace {

using Rearm = ProgramCorrelation::Rearm;

constexpr size_t kMaxCombinations = 4'096;  // of one record

struct NewValueState {
  RearmState rearm;
  KeyTimer timer;
  bool forgot = false;          // values that still count
  RecentSet<EventTime> values;  // as group-key bytes, and when they were seen last
};

// Records come in order, so the order of last use is that of the times.
class NewValueOperator final : public KeyedOperator<NewValueState> {
 public:
  explicit NewValueOperator(const OperatorContext& context)
      : KeyedOperator(context), plan_(spec_), choices_(spec_.new_value_columns) {}

  void OnRecord(const RecordPtr& record) override {
    if (!ListChoices(*record)) return;
    const uint32_t slot = SlotFor(record->key());
    if (slot == kNoSlot) return;
    NewValueState& state = table_[slot];
    if (IsDone(state)) return;
    if (spec_.history_ns > 0) {
      Change(&state, [&] {
        while (!state.values.empty() &&
               IsPast(state.values[state.values.oldest()], spec_.history_ns, record->time())) {
          state.values.Remove(state.values.oldest());
        }
        if (state.values.empty()) state.forgot = false;
      });
    }
    TryAll(record, slot);
    if (state.values.empty() && !state.rearm.Matters(spec_, record->time())) return RemoveKey(slot);
    if (spec_.history_ns > 0 && !state.values.empty()) LinkTimer(ExpiryOf(state), slot);
  }

  void OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) override {
    if (!table_.IsLive(slot, generation)) return;
    NewValueState& state = table_[slot];
    if (!state.timer.Take(deadline)) return;
    Change(&state, [&] {
      while (!state.values.empty() &&
             TimeAfter(state.values[state.values.oldest()], spec_.history_ns) <= deadline) {
        state.values.Remove(state.values.oldest());
      }
      state.values.ShrinkIfSparse();
    });
    if (IsDone(state)) return;
    if (!state.values.empty()) return LinkTimer(ExpiryOf(state), slot);
    state.forgot = false;
    const EventTime armed = TimeAfter(state.rearm.last, spec_.rearm_ns);
    if (spec_.rearm == Rearm::kAfter && state.rearm.fired && armed > deadline) {
      return LinkTimer(armed, slot);
    }
    RemoveKey(slot);
  }

  void SaveKey(uint32_t slot, SnapshotWriter* out) const override {
    const NewValueState& state = table_[slot];
    state.rearm.Save(out);
    state.timer.Save(out);
    out->Bool(state.forgot);
    out->Unsigned(state.values.size());
    EventTime before = 0;
    for (uint32_t i = state.values.oldest(); i != kNone; i = state.values.NewerThan(i)) {
      out->Bytes(state.values.bytes_of(i));
      out->Unsigned(TimeBetween(before, state.values[i]));
      before = state.values[i];
    }
  }

  absl::Status LoadKey(std::string_view key, SnapshotReader* in) override {
    NewValueState state;
    state.rearm.Load(in);
    state.timer.Load(in);
    state.forgot = in->Bool();
    const size_t count = in->Count();
    if (count > kMaxNewValues) in->Fail();
    EventTime before = 0;
    for (size_t i = 0; i < count && in->ok(); ++i) {
      const std::string_view bytes = in->Bytes();
      const auto seen = static_cast<EventTime>(static_cast<uint64_t>(before) + in->Unsigned());
      const bool in_order = seen != kNoEventTime && (i == 0 || seen >= before);
      if (!IsTuple(bytes) || !in_order || state.values.Find(bytes) != kNone) in->Fail();
      if (in->ok()) state.values.Add(bytes, seen);
      before = seen;
    }
    if (in->ok() && (!MakesSense(state) || table_.Find(key) != kNoSlot)) in->Fail();
    if (!in->ok()) return absl::DataLossError(in->error());
    const uint32_t slot = table_.Add(key);
    table_[slot] = std::move(state);
    Charge(0, OwnedBytes(table_[slot]));
    if (table_[slot].timer.is_linked()) AddTimer(table_[slot].timer.linked, slot);
    return absl::OkStatus();
  }

 protected:
  size_t OwnedBytes(const NewValueState& state) const override {
    return state.values.owned_bytes();
  }
  std::string DescribeState(const NewValueState& state, EventTime /*now*/) const override {
    const size_t n = state.values.size();
    std::string text = std::to_string(n) + (n == 1 ? " value" : " values");
    if (n > 0) text += ", last seen " + FormatEventTime(state.values[state.values.newest()]);
    return text;
  }

 private:
  static constexpr uint32_t kNone = RecentSet<EventTime>::kNone;

  // One detection was all.
  bool IsDone(const NewValueState& state) const {
    return spec_.rearm == Rearm::kNever && state.rearm.fired;
  }
  EventTime ExpiryOf(const NewValueState& state) const {
    return TimeAfter(state.values[state.values.newest()], spec_.history_ns);
  }
  void LinkTimer(EventTime deadline, uint32_t slot) {
    KeyTimer& timer = table_[slot].timer;
    if (!timer.is_linked() && timer.Link(deadline)) AddTimer(deadline, slot);
  }
  template <typename F>
  void Change(NewValueState* state, F f) {
    const size_t before = OwnedBytes(*state);
    f();
    Charge(before, OwnedBytes(*state));
  }

  // The values that each column may take; false if one has none.
  bool ListChoices(const StoredRecord& record) {
    any_list_ = false;
    for (size_t c = 0; c < choices_.size(); ++c) {
      choices_[c].clear();
      if (c >= record.values().size()) return false;
      const Value& value = record.values()[c];
      any_list_ |= value.is_list();
      ForEachElement(value, [&](const Value& v) { choices_[c].push_back(v); });
      if (choices_[c].empty()) return false;
    }
    return !choices_.empty();
  }

  // Each combination of the columns' values, the last column fastest.
  void TryAll(const RecordPtr& record, uint32_t slot) {
    tried_.clear();
    std::vector<size_t>& at = at_;
    at.assign(choices_.size(), 0);
    for (size_t n = 0; n < kMaxCombinations; ++n) {
      Try(record, slot);
      size_t c = choices_.size();
      while (c > 0 && ++at[c - 1] == choices_[c - 1].size()) at[--c] = 0;
      if (c == 0 || IsDone(table_[slot])) return;
    }
    // The detections of what was left out are missing.
    context_.host->CountOverflow(1);
    table_[slot].forgot = true;
  }

  void Try(const RecordPtr& record, uint32_t slot) {
    NewValueState& state = table_[slot];
    bytes_.clear();
    for (size_t c = 0; c < choices_.size(); ++c) AppendKeyPart(choices_[c][at_[c]], &bytes_);
    // A reset forgets what this record has had before, too.
    if (any_list_ && spec_.rearm == Rearm::kReset && !tried_.insert(bytes_).second) return;
    const uint32_t known = state.values.Find(bytes_);
    if (known != kNone) {
      state.values[known] = record->time();
      state.values.Touch(known);
      return;
    }
    Change(&state, [&] {
      if (state.values.size() == kMaxNewValues) {
        state.values.Remove(state.values.oldest());
        state.forgot = true;
        context_.host->CountOverflow(1);
      }
      state.values.Add(bytes_, record->time());
    });
    state.rearm.Renew();
    if (!state.rearm.Judge(spec_, true, record->time())) return;
    Fire(record, slot);
    if (spec_.rearm != Rearm::kReset && spec_.rearm != Rearm::kNever) return;
    Change(&state, [&] { state.values.Clear(); });
    state.forgot = false;
  }

  void Fire(const RecordPtr& record, uint32_t slot) {
    const RecordPtr shown = any_list_ ? WithChosen(*record) : record;
    RecordBindings bindings(plan_, {&shown, 1});
    Firing firing;
    firing.key = table_.key(slot);
    firing.time = firing.window_end = firing.first = firing.last = record->time();
    firing.window_start = TimeBefore(record->time(), spec_.history_ns);
    firing.bindings = &bindings;
    firing.records = {&shown, 1};
    firing.total_records = 1;
    firing.degraded = degraded_ || table_[slot].forgot;
    context_.host->Fire(firing);
  }

  // The record with the new values in place of the lists that they are from.
  RecordPtr WithChosen(const StoredRecord& record) {
    std::vector<Value> values(record.values().begin(), record.values().end());
    for (size_t c = 0; c < choices_.size(); ++c) values[c] = choices_[c][at_[c]];
    MatchRecord copy;
    copy.correlation = record.correlation();
    copy.source = record.source();
    copy.depth = record.ordinal().depth;
    copy.time = record.time();
    copy.tiebreak = record.ordinal().tiebreak;
    copy.origin = record.origin();
    copy.key = record.key();
    copy.values = values;
    copy.ref = {context_.pool->StreamName(record.stream()), record.line()};
    return context_.pool->Make(copy, record.arrival(), SIZE_MAX);
  }

  bool IsTuple(std::string_view bytes) const {
    Value value;
    for (size_t c = 0; c < choices_.size(); ++c) {
      if (!TakeKeyPart(&bytes, &value) || !value.is_scalar()) return false;
    }
    return bytes.empty();
  }
  bool MakesSense(const NewValueState& state) const {
    if (IsDone(state)) return state.values.empty();
    if (state.values.empty() && (spec_.rearm != Rearm::kAfter || !state.rearm.fired)) return false;
    return state.timer.is_linked() == (spec_.history_ns > 0);
  }

  AggregatePlan plan_;
  // Scratch for one record.
  std::vector<std::vector<Value>> choices_;  // of each column of the tuple
  std::vector<size_t> at_;
  bool any_list_ = false;
  absl::flat_hash_set<std::string> tried_;
  std::string bytes_;
};

}  // namespace

std::unique_ptr<Operator> NewNewValueOperator(const OperatorContext& context) {
  return std::make_unique<NewValueOperator>(context);
}

}  // namespace vedette::inline v0
