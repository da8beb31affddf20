// State to bytes and back.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/correlate/correlator_impl.h"
#include "lib/correlate/snapshot_format.h"

namespace vedette::inline v0 {
namespace {

std::vector<uint32_t> ColumnsOf(const ProgramCorrelation& spec) {
  std::vector<uint32_t> columns;
  for (const CorrelationInput& source : spec.sources) {
    columns.push_back(static_cast<uint32_t>(source.columns.size()));
  }
  return columns;
}

SavedCorrelation Save(const CorrelationRunner& runner, const RecordPool& pool) {
  SavedCorrelation saved;
  const ProgramCorrelation& spec = runner.spec();
  saved.fingerprint = spec.fingerprint;
  saved.name = spec.meta.display_name();
  saved.degraded = runner.degraded;
  saved.partition = PartitionRule::Of(spec);
  saved.columns = ColumnsOf(spec);
  std::vector<std::pair<std::string_view, uint32_t>> slots;
  runner.op->ListKeys(&slots);
  std::sort(slots.begin(), slots.end());
  for (const auto& [key, slot] : slots) {
    std::string state;
    SnapshotWriter writer(pool, &state);
    runner.op->SaveKey(slot, &writer);
    saved.keys.emplace_back(key, std::move(state));
  }
  saved.emitted = runner.suppression.Entries();
  return saved;
}

// Which saved correlation goes to which of the program: equal fingerprints, names first.
std::vector<int> MatchUp(const SavedState& state, const ProgramLayout& layout) {
  std::vector<int> target(state.correlations.size(), -1);
  std::set<size_t> taken;
  for (const bool by_name : {true, false}) {
    for (size_t i = 0; i < target.size(); ++i) {
      const SavedCorrelation& saved = state.correlations[i];
      for (size_t j = 0; j < layout.correlations.size() && target[i] < 0; ++j) {
        const ProgramCorrelation& spec = layout.correlations[j];
        const bool fits =
            spec.fingerprint == saved.fingerprint && ColumnsOf(spec) == saved.columns &&
            (!by_name || spec.meta.display_name() == saved.name) && !taken.contains(j);
        if (!fits) continue;
        taken.insert(j);
        target[i] = static_cast<int>(j);
      }
    }
  }
  return target;
}

// In the order of docs/correlator.md, section 1, read from the records' own bytes.
void SortWaiting(std::vector<SavedRecord>* waiting) {
  std::vector<std::pair<std::tuple<Ordinal, std::string, uint64_t>, SavedRecord>> ordered;
  for (SavedRecord& record : *waiting) {
    ByteReader in(record.bytes);
    in.Varint();  // that a record follows
    Ordinal ordinal;
    ordinal.time = in.Zigzag();
    ordinal.depth = in.Index(UINT32_MAX, "a depth");
    ordinal.tiebreak = in.Varint();
    std::string origin(ordinal.depth > 0 ? in.Text() : std::string_view());
    ordered.push_back({{ordinal, std::move(origin), in.Varint()}, std::move(record)});
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < ordered.size(); ++i) (*waiting)[i] = std::move(ordered[i].second);
}

absl::Status Damaged(std::string_view what, const std::string& name) {
  return absl::DataLossError(
      absl::StrCat("the snapshot is damaged: ", std::string(what), " of '", name, "'"));
}

}  // namespace

std::string Correlator::Snapshot() const {
  const Impl& impl = *impl_;
  SavedState state;
  state.watermark = impl.stats.watermark;
  state.arrivals = impl.arrivals;
  std::vector<RecordPtr> waiting;
  for (const Impl::Depth& depth : impl.depths) {
    state.decided.push_back(depth.decided);
    waiting.insert(waiting.end(), depth.waiting.begin(), depth.waiting.end());
  }
  for (const auto& runner : impl.runners) state.correlations.push_back(Save(*runner, impl.pool));
  // A heap's order depends on its history; the records' own does not.
  std::sort(waiting.begin(), waiting.end(), [](const RecordPtr& a, const RecordPtr& b) {
    if (a->ordinal() != b->ordinal()) return a->ordinal() < b->ordinal();
    return ArrivesBefore(*a, *b);
  });
  for (const RecordPtr& record : waiting) {
    SavedRecord saved;
    saved.key = record->key();
    SnapshotWriter(impl.pool, &saved.bytes).Record(record);
    state.correlations[record->correlation()].waiting.push_back(std::move(saved));
  }
  return WriteState(state);
}

absl::Status Correlator::Impl::Load(const SavedState& state, RestoreReport* report) {
  stats.watermark = state.watermark;
  arrivals = state.arrivals;
  EventTime latest = kNoEventTime;
  for (const EventTime t : state.decided) latest = std::max(latest, t);
  for (size_t i = 0; i < depths.size(); ++i) {
    depths[i].decided = i < state.decided.size() ? state.decided[i] : latest;
  }
  const std::vector<int> targets = MatchUp(state, layout);
  std::vector<bool> has_state(runners.size(), false);
  for (size_t i = 0; i < targets.size(); ++i) {
    const SavedCorrelation& saved = state.correlations[i];
    if (targets[i] < 0) {
      report->dropped.push_back(saved.name);
      continue;
    }
    report->kept.push_back(saved.name);
    const auto index = static_cast<uint32_t>(targets[i]);
    has_state[index] = true;
    if (absl::Status status = LoadOne(saved, index); !status.ok()) return status;
    report->keys += saved.keys.size();
  }
  for (size_t i = 0; i < runners.size(); ++i) {
    if (!has_state[i]) report->fresh.emplace_back(runners[i]->spec().meta.display_name());
  }
  return absl::OkStatus();
}

absl::Status Correlator::Impl::LoadOne(const SavedCorrelation& saved, uint32_t index) {
  CorrelationRunner& runner = *runners[index];
  runner.degraded = saved.degraded;
  for (const auto& [key, bytes] : saved.keys) {
    if (!IsKey(runner.spec(), key)) return Damaged("a key", saved.name);
    SnapshotReader reader(bytes, &pool, index, &saved.columns);
    const absl::Status status = runner.op->LoadKey(key, &reader);
    if (!status.ok() || !reader.ok() || !reader.at_end()) {
      return Damaged("the state of a key", saved.name);
    }
  }
  runner.suppression.Load(saved.emitted);
  Account(&runner);
  Depth& depth = depths[runner.spec().depth - 1];
  for (const SavedRecord& record : saved.waiting) {
    SnapshotReader reader(record.bytes, &pool, index, &saved.columns);
    const RecordPtr read = reader.Record();
    const bool fits = read && reader.at_end() && IsKey(runner.spec(), read->key()) &&
                      read->ordinal().depth < runner.spec().depth && read->time() != kNoEventTime &&
                      read->time() != kEndOfTime;
    if (!fits) return Damaged("a waiting record", saved.name);
    Enqueue(&depth, read);
  }
  return absl::OkStatus();
}

absl::StatusOr<RestoreReport> Correlator::Restore(std::string_view snapshot) {
  const absl::StatusOr<SavedState> state = ReadState(snapshot);
  if (!state.ok()) return state.status();
  auto fresh = std::make_unique<Impl>(impl_->program, impl_->sink, impl_->options);
  RestoreReport report;
  if (absl::Status status = fresh->Load(*state, &report); !status.ok()) return status;
  impl_->found.swap(fresh->found);
  impl_ = std::move(fresh);
  return report;
}

RestoreReport Correlator::SetProgram(std::shared_ptr<const Program> program) {
  const absl::StatusOr<SavedState> state = ReadState(Snapshot());
  auto fresh = std::make_unique<Impl>(std::move(program), impl_->sink, impl_->options);
  RestoreReport report;
  // What this very version wrote is read by it; were it not, the correlations start anew.
  if (!state.ok() || !fresh->Load(*state, &report).ok()) {
    fresh = std::make_unique<Impl>(fresh->program, impl_->sink, impl_->options);
  }
  fresh->found = std::move(impl_->found);
  const CorrelatorStats counted = impl_->stats;
  fresh->stats = counted;
  impl_ = std::move(fresh);
  return report;
}

absl::StatusOr<std::vector<std::string>> SplitSnapshot(std::string_view snapshot,
                                                       uint32_t partitions) {
  if (partitions == 0) return absl::InvalidArgumentError("no partitions");
  const absl::StatusOr<SavedState> whole = ReadState(snapshot);
  if (!whole.ok()) return whole.status();
  std::vector<SavedState> parts(partitions);
  for (SavedState& part : parts) {
    part.watermark = whole->watermark;
    part.arrivals = whole->arrivals;
    part.decided = whole->decided;
  }
  for (const SavedCorrelation& c : whole->correlations) {
    for (SavedState& part : parts) {
      SavedCorrelation empty = c;
      empty.keys.clear();
      empty.emitted.clear();
      empty.waiting.clear();
      part.correlations.push_back(std::move(empty));
    }
    const auto part_of = [&](std::string_view key) -> SavedCorrelation& {
      return parts[c.partition.Partition(c.fingerprint, key, partitions)].correlations.back();
    };
    for (const auto& key : c.keys) part_of(key.first).keys.push_back(key);
    for (const SavedRecord& record : c.waiting) part_of(record.key).waiting.push_back(record);
    // A suppression key is what decides, or all share a partition.
    PartitionRule by_suppression;
    for (const auto& entry : c.emitted) {
      const std::string_view deciding =
          c.partition.parts.empty() ? std::string_view() : std::string_view(entry.first);
      parts[by_suppression.Partition(c.fingerprint, deciding, partitions)]
          .correlations.back()
          .emitted.push_back(entry);
    }
  }
  std::vector<std::string> out;
  for (const SavedState& part : parts) out.push_back(WriteState(part));
  return out;
}

absl::StatusOr<std::string> MergeSnapshots(const std::vector<std::string>& parts) {
  if (parts.empty()) return absl::InvalidArgumentError("no parts");
  SavedState whole;
  for (size_t i = 0; i < parts.size(); ++i) {
    absl::StatusOr<SavedState> part = ReadState(parts[i]);
    if (!part.ok()) return part.status();
    if (i == 0) {
      whole = *std::move(part);
      continue;
    }
    const bool fits =
        part->decided == whole.decided && part->correlations.size() == whole.correlations.size();
    if (!fits) return absl::InvalidArgumentError("the parts are of different programs or times");
    whole.arrivals = std::max(whole.arrivals, part->arrivals);
    whole.watermark = std::min(whole.watermark, part->watermark);
    for (size_t c = 0; c < whole.correlations.size(); ++c) {
      SavedCorrelation& to = whole.correlations[c];
      SavedCorrelation& from = part->correlations[c];
      if (to.fingerprint != from.fingerprint || to.columns != from.columns) {
        return absl::InvalidArgumentError("the parts are of different programs");
      }
      to.degraded = to.degraded || from.degraded;
      std::move(from.keys.begin(), from.keys.end(), std::back_inserter(to.keys));
      std::move(from.emitted.begin(), from.emitted.end(), std::back_inserter(to.emitted));
      std::move(from.waiting.begin(), from.waiting.end(), std::back_inserter(to.waiting));
    }
  }
  for (SavedCorrelation& c : whole.correlations) {
    std::sort(c.keys.begin(), c.keys.end());
    std::sort(c.emitted.begin(), c.emitted.end());
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    const bool twice =
        std::adjacent_find(c.keys.begin(), c.keys.end(), same) != c.keys.end() ||
        std::adjacent_find(c.emitted.begin(), c.emitted.end(), same) != c.emitted.end();
    if (twice) return absl::InvalidArgumentError("two parts have the same key");
    std::stable_sort(c.emitted.begin(), c.emitted.end(),
                     [](const auto& a, const auto& b) { return a.second < b.second; });
    if (parts.size() > 1) SortWaiting(&c.waiting);
  }
  return WriteState(whole);
}

}  // namespace vedette::inline v0
