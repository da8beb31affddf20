#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/state_limits.h"
#include "lib/correlate/key_timer.h"
#include "lib/correlate/keyed_operator.h"
#include "lib/correlate/rearm.h"
#include "lib/correlate/recent_set.h"
#include "lib/correlate/record_bindings.h"

namespace vedette::inline v0 {
namespace {

using Rearm = ProgramCorrelation::Rearm;

// How an id came into the set.
struct Descent {
  RecordPtr ancestor;              // of source 0
  uint64_t length = 0;             // events from the ancestor to the one that has the id
  std::vector<RecordPtr> between;  // the last of them, without the ancestor

  size_t owned_bytes() const { return between.capacity() * sizeof(RecordPtr); }
};

struct Put {
  std::string id;
  Descent descent;

  size_t owned_bytes() const {
    return (id.capacity() > 15 ? id.capacity() + 1 : 0) + descent.owned_bytes();
  }
};

struct LineageState {
  RearmState rearm;
  KeyTimer timer;
  bool forgot = false;
  RecentSet<Descent> ids;  // as group-key bytes
  // By records of the latest ordinal: in the set for records after it only.
  std::vector<Put> puts;
  Ordinal puts_at;
  size_t parts_bytes = 0;  // what the elements of `ids` and `puts` own
};

bool IsLaterRecord(const StoredRecord& a, const StoredRecord& b) {
  return a.ordinal() != b.ordinal() ? a.ordinal() > b.ordinal() : ArrivesBefore(b, a);
}

// Only records of source 0 make keys, so that other events cost a look-up.
class LineageOperator final : public KeyedOperator<LineageState> {
 public:
  explicit LineageOperator(const OperatorContext& context) : KeyedOperator(context), plan_(spec_) {
    const size_t shown = context.host->max_evidence();
    max_between_ = shown > 2 ? shown - 2 : 0;  // besides the first and the last event
  }

  void OnRecord(const RecordPtr& record) override {
    const bool opens = record->source() == 0;
    const uint32_t slot = opens ? SlotFor(record->key()) : table_.Find(record->key());
    if (slot == kNoSlot) return;
    LineageState& state = table_[slot];
    if (IsDone(state)) return;
    if (!opens) table_.Touch(slot);
    const size_t before = OwnedBytes(state);
    if (!state.puts.empty() && record->ordinal() > state.puts_at) Settle(&state);
    const Descent* of_parent = nullptr;
    if (opens) {
      PutIds(record, Descent{record, 1, {}}, &state);
    } else if (!IsTracked(record->source())) {
      of_parent = FindParent(*record, 0, &state);
    } else if (const Descent* parent = FindParent(*record, 1, &state); parent != nullptr) {
      PutIds(record, Below(*parent, record), &state);
    }
    Charge(before, OwnedBytes(state));
    if (of_parent != nullptr) Detect(record, *of_parent, slot);
    if (state.ids.empty() && state.puts.empty() && !state.rearm.Matters(spec_, record->time())) {
      return RemoveKey(slot);
    }
    // While there are ids a timer is linked.
    if (spec_.span_ns > 0 && opens) LinkTimer(TimeAfter(record->time(), spec_.span_ns), slot);
  }

  void OnTimer(EventTime deadline, uint32_t slot, uint32_t generation) override {
    if (!table_.IsLive(slot, generation)) return;
    LineageState& state = table_[slot];
    if (!state.timer.Take(deadline)) return;
    const size_t before = OwnedBytes(state);
    Settle(&state);
    EventTime earliest = kLastTime;
    uint32_t next = kNone;
    for (uint32_t i = state.ids.oldest(); i != kNone; i = next) {
      next = state.ids.NewerThan(i);
      const EventTime expiry = TimeAfter(state.ids[i].ancestor->time(), spec_.span_ns);
      if (expiry <= deadline) {
        Drop(i, &state);
      } else {
        earliest = std::min(earliest, expiry);
      }
    }
    state.ids.ShrinkIfSparse();
    Charge(before, OwnedBytes(state));
    if (!state.ids.empty()) {
      // Not too often: an id is looked at three times, at most, before it is gone.
      const EventTime not_before = TimeAfter(deadline, spec_.span_ns / 2);
      return LinkTimer(std::max(earliest, not_before), slot);
    }
    if (IsDone(state)) return;
    state.forgot = false;
    const EventTime armed = TimeAfter(state.rearm.last, spec_.rearm_ns);
    if (spec_.rearm == Rearm::kAfter && state.rearm.fired && armed > deadline) {
      return LinkTimer(armed, slot);
    }
    RemoveKey(slot);
  }

  void SaveKey(uint32_t slot, SnapshotWriter* out) const override;
  absl::Status LoadKey(std::string_view key, SnapshotReader* in) override;

 protected:
  size_t OwnedBytes(const LineageState& state) const override {
    return state.ids.owned_bytes() + state.puts.capacity() * sizeof(Put) + state.parts_bytes;
  }
  std::string DescribeState(const LineageState& state, EventTime /*now*/) const override {
    const size_t n = state.ids.size() + state.puts.size();
    return std::to_string(n) + (n == 1 ? " id" : " ids");
  }

 private:
  static constexpr uint32_t kNone = RecentSet<Descent>::kNone;

  // One detection was all.
  bool IsDone(const LineageState& state) const {
    return spec_.rearm == Rearm::kNever && state.rearm.fired;
  }
  bool IsTracked(uint32_t source) const {
    return spec_.sources[source].role == CorrelationInput::Role::kTrack;
  }
  void LinkTimer(EventTime deadline, uint32_t slot) {
    KeyTimer& timer = table_[slot].timer;
    if (!timer.is_linked() && timer.Link(deadline)) AddTimer(deadline, slot);
  }
  static void Drop(uint32_t i, LineageState* state) {
    state->parts_bytes -= state->ids[i].owned_bytes();
    state->ids.Remove(i);
  }
  static void ClearIds(LineageState* state) {
    state->ids.Clear();
    state->puts = std::vector<Put>();
    state->parts_bytes = 0;
    state->forgot = false;
  }

  // Calls `f` with the group-key bytes of each id of a column.
  template <typename F>
  void ForEachId(const StoredRecord& record, size_t column, F f) {
    if (column >= record.values().size()) return;
    ForEachElement(record.values()[column], [&](const Value& id) {
      bytes_.clear();
      AppendKeyPart(id, &bytes_);
      f();
    });
  }

  void PutIds(const RecordPtr& record, const Descent& descent, LineageState* state) {
    ForEachId(*record, 0, [&] {
      if (state->puts.size() == kMaxLineageIds) {
        state->forgot = true;
        return context_.host->CountOverflow(1);
      }
      state->puts.push_back({bytes_, descent});
      state->parts_bytes += state->puts.back().owned_bytes();
    });
    state->puts_at = record->ordinal();
  }

  // What the records of an ordinal put takes effect. The latest ancestor counts: it lasts longest.
  void Settle(LineageState* state) {
    for (Put& put : state->puts) {
      state->parts_bytes -= put.owned_bytes();
      uint32_t i = state->ids.Find(put.id);
      if (i != kNone) {
        state->ids.Touch(i);
        if (!IsLaterRecord(*put.descent.ancestor, *state->ids[i].ancestor)) continue;
        state->parts_bytes -= state->ids[i].owned_bytes();
        state->ids[i] = std::move(put.descent);
      } else {
        if (state->ids.size() == kMaxLineageIds) {
          Drop(state->ids.oldest(), state);
          state->forgot = true;
          context_.host->CountOverflow(1);
        }
        i = state->ids.Add(put.id, std::move(put.descent));
      }
      state->parts_bytes += state->ids[i].owned_bytes();
    }
    state->puts = std::vector<Put>();
  }

  // Of the parent ids in the set, the one of the latest ancestor; null if there is none.
  const Descent* FindParent(const StoredRecord& record, size_t column, LineageState* state) {
    const Descent* found = nullptr;
    ForEachId(record, column, [&] {
      const uint32_t i = state->ids.Find(bytes_);
      if (i == kNone) return;
      const Descent& descent = state->ids[i];
      const bool is_over =
          spec_.span_ns > 0 && IsPast(descent.ancestor->time(), spec_.span_ns, record.time());
      if (is_over) return;
      state->ids.Touch(i);
      if (found == nullptr || IsLaterRecord(*descent.ancestor, *found->ancestor)) found = &descent;
    });
    return found;
  }

  // Descents share the records between, but each has its own list: it is short, and an id that is
  // reused or forgotten cannot break a chain.
  Descent Below(const Descent& parent, const RecordPtr& record) const {
    Descent descent{parent.ancestor, parent.length + 1, {}};
    if (max_between_ == 0) return descent;
    const size_t kept = std::min(parent.between.size(), max_between_ - 1);
    descent.between.reserve(kept + 1);
    descent.between.assign(parent.between.end() - static_cast<std::ptrdiff_t>(kept),
                           parent.between.end());
    descent.between.push_back(record);
    return descent;
  }

  void Detect(const RecordPtr& record, const Descent& parent, uint32_t slot) {
    LineageState& state = table_[slot];
    state.rearm.Renew();
    if (!state.rearm.Judge(spec_, true, record->time())) return;
    std::vector<RecordPtr> chain = {parent.ancestor};
    chain.insert(chain.end(), parent.between.begin(), parent.between.end());
    chain.push_back(record);
    RecordBindings bindings(plan_, chain);
    Firing firing;
    firing.key = table_.key(slot);
    firing.time = firing.window_end = firing.last = record->time();
    firing.window_start = firing.first = parent.ancestor->time();
    firing.bindings = &bindings;
    firing.records = chain;
    firing.total_records = parent.length + 1;
    firing.degraded = degraded_ || state.forgot;
    context_.host->Fire(firing);
    if (spec_.rearm != Rearm::kReset && spec_.rearm != Rearm::kNever) return;
    const size_t before = OwnedBytes(state);
    ClearIds(&state);
    Charge(before, OwnedBytes(state));
  }

  static void SaveDescent(const Descent& descent, SnapshotWriter* out) {
    out->Record(descent.ancestor);
    out->Unsigned(descent.length);
    out->Unsigned(descent.between.size());
    for (const RecordPtr& record : descent.between) out->Record(record);
  }
  Descent LoadDescent(std::string_view key, SnapshotReader* in) const;
  static bool IsId(std::string_view bytes) {
    Value value;
    return TakeKeyPart(&bytes, &value) && value.is_scalar() && bytes.empty();
  }
  bool MakesSense(const LineageState& state) const {
    const bool is_empty = state.ids.empty() && state.puts.empty();
    if (IsDone(state)) return is_empty;
    if (is_empty && (spec_.rearm != Rearm::kAfter || !state.rearm.fired)) return false;
    return spec_.span_ns == 0 || is_empty || state.timer.is_linked();
  }

  AggregatePlan plan_;
  size_t max_between_ = 0;
  std::string bytes_;  // scratch
};

void LineageOperator::SaveKey(uint32_t slot, SnapshotWriter* out) const {
  const LineageState& state = table_[slot];
  state.rearm.Save(out);
  state.timer.Save(out);
  out->Bool(state.forgot);
  out->Unsigned(state.ids.size());
  for (uint32_t i = state.ids.oldest(); i != kNone; i = state.ids.NewerThan(i)) {
    out->Bytes(state.ids.bytes_of(i));
    SaveDescent(state.ids[i], out);
  }
  out->Unsigned(state.puts.size());
  for (const Put& put : state.puts) {
    out->Bytes(put.id);
    SaveDescent(put.descent, out);
  }
  if (state.puts.empty()) return;
  out->Signed(state.puts_at.time);
  out->Unsigned(state.puts_at.depth);
  out->Unsigned(state.puts_at.tiebreak);
}

Descent LineageOperator::LoadDescent(std::string_view key, SnapshotReader* in) const {
  Descent descent;
  descent.ancestor = in->Record();
  descent.length = in->Unsigned();
  const size_t count = in->Count();
  std::vector<RecordPtr> between;
  for (size_t i = 0; i < count && in->ok(); ++i) {
    between.push_back(in->Record());
    const StoredRecord* r = between.back().get();
    if (r == nullptr || !IsTracked(r->source()) || r->key() != key) in->Fail();
  }
  const StoredRecord* a = descent.ancestor.get();
  const bool is_sound = a != nullptr && a->source() == 0 && a->key() == key &&
                        a->time() != kNoEventTime && descent.length > count;
  if (!is_sound) in->Fail();
  if (!in->ok()) return {};
  // The options may show less than those of before.
  const size_t kept = std::min(count, max_between_);
  descent.between.reserve(kept);
  descent.between.assign(between.end() - static_cast<std::ptrdiff_t>(kept), between.end());
  return descent;
}

absl::Status LineageOperator::LoadKey(std::string_view key, SnapshotReader* in) {
  LineageState state;
  state.rearm.Load(in);
  state.timer.Load(in);
  state.forgot = in->Bool();
  const size_t ids = in->Count();
  if (ids > kMaxLineageIds) in->Fail();
  for (size_t i = 0; i < ids && in->ok(); ++i) {
    const std::string_view id = in->Bytes();
    Descent descent = LoadDescent(key, in);
    if (!IsId(id) || state.ids.Find(id) != kNone) in->Fail();
    if (!in->ok()) break;
    state.parts_bytes += descent.owned_bytes();
    state.ids.Add(id, std::move(descent));
  }
  const size_t puts = in->Count();
  if (puts > kMaxLineageIds) in->Fail();
  for (size_t i = 0; i < puts && in->ok(); ++i) {
    const std::string_view id = in->Bytes();
    Descent descent = LoadDescent(key, in);
    if (!IsId(id)) in->Fail();
    if (!in->ok()) break;
    state.puts.push_back({std::string(id), std::move(descent)});
    state.parts_bytes += state.puts.back().owned_bytes();
  }
  if (puts > 0) {
    state.puts_at.time = in->Signed();
    const uint64_t depth = in->Unsigned();
    if (depth > UINT32_MAX) in->Fail();
    state.puts_at.depth = static_cast<uint32_t>(depth);
    state.puts_at.tiebreak = in->Unsigned();
  }
  if (in->ok() && (!MakesSense(state) || table_.Find(key) != kNoSlot)) in->Fail();
  if (!in->ok()) return absl::DataLossError(in->error());
  const uint32_t slot = table_.Add(key);
  table_[slot] = std::move(state);
  Charge(0, OwnedBytes(table_[slot]));
  if (table_[slot].timer.is_linked()) AddTimer(table_[slot].timer.linked, slot);
  return absl::OkStatus();
}

}  // namespace

std::unique_ptr<Operator> NewLineageOperator(const OperatorContext& context) {
  return std::make_unique<LineageOperator>(context);
}

}  // namespace vedette::inline v0
