#include "vedette/correlator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/correlate/correlator_impl.h"
#include "lib/correlate/partition.h"

namespace vedette::inline v0 {
namespace {

std::unique_ptr<Operator> NewOperator(const OperatorContext& context) {
  using Shape = ProgramCorrelation::Shape;
  switch (context.spec->shape) {
    case Shape::kWindow:
    case Shape::kAll:
    case Shape::kSample:
      return NewWindowOperator(context);
    case Shape::kSequence:
      return NewSequenceOperator(context);
    case Shape::kAbsence:
      return NewAbsenceOperator(context);
    case Shape::kNewValue:
      return NewNewValueOperator(context);
    case Shape::kLineage:
      break;
  }
  return NewLineageOperator(context);
}

}  // namespace

bool IsKey(const ProgramCorrelation& spec, std::string_view key) {
  Value part;
  for (size_t i = 0; i < spec.key_names.size(); ++i) {
    if (!TakeKeyPart(&key, &part)) return false;
  }
  return key.empty();
}

Correlator::Impl::Impl(std::shared_ptr<const Program> p, DetectionSink* s, CorrelatorOptions o)
    : program(std::move(p)),
      layout(program->layout()),
      sink(s),
      options(o),
      pool(layout.correlations.size()) {
  options.partitions = std::max(options.partitions, 1U);
  uint32_t deepest = 0;
  for (const ProgramCorrelation& spec : layout.correlations) {
    deepest = std::max(deepest, spec.depth);
  }
  const auto key_of = [this](uint32_t correlation, uint32_t slot) {
    return runners[correlation]->op->KeyOfSlot(slot);
  };
  for (uint32_t i = 0; i < deepest; ++i) depths.emplace_back(key_of);
  for (uint32_t i = 0; i < layout.correlations.size(); ++i) {
    runners.push_back(std::make_unique<CorrelationRunner>(this, i));
    CorrelationRunner& runner = *runners.back();
    runner.op = NewOperator({&runner.spec(), i, &depths[runner.spec().depth - 1].timers, &runner,
                             &pool, options.indicator_sets});
    Account(&runner);
  }
}

absl::Status Correlator::Impl::CheckRecord(const MatchRecord& r) const {
  if (r.correlation >= layout.correlations.size()) {
    return absl::InvalidArgumentError("a record of no correlation of the program");
  }
  const ProgramCorrelation& spec = layout.correlations[r.correlation];
  if (r.source >= spec.sources.size()) {
    return absl::InvalidArgumentError("a record of no source of its correlation");
  }
  if (r.values.size() != spec.sources[r.source].columns.size()) {
    return absl::InvalidArgumentError(absl::StrCat("a record with ", r.values.size(),
                                                   " values instead of ",
                                                   spec.sources[r.source].columns.size()));
  }
  if (r.depth >= spec.depth) {
    return absl::InvalidArgumentError("a record that comes from deeper than its correlation");
  }
  if (!IsKey(spec, r.key)) {
    return absl::InvalidArgumentError("a record whose key is malformed");
  }
  // The ends of time are watermarks.
  if (r.time == kNoEventTime || r.time == kEndOfTime) {
    return absl::InvalidArgumentError("a record without a time");
  }
  return absl::OkStatus();
}

bool Correlator::Impl::IsMine(const MatchRecord& record) const {
  return options.partitions == 1 ||
         PartitionOf(*program, record, options.partitions) == options.partition;
}

void Correlator::Impl::Push(const MatchRecord& record) {
  Depth& depth = depths[layout.correlations[record.correlation].depth - 1];
  Enqueue(&depth, pool.Make(record, arrivals++, options.max_value_bytes));
}

bool Correlator::Impl::IsAfter(const RecordPtr& a, const RecordPtr& b) const {
  if (a->ordinal() != b->ordinal()) return a->ordinal() > b->ordinal();
  // One correlation after the other: they do not see each other's records.
  if (a->correlation() != b->correlation()) return a->correlation() > b->correlation();
  if (a->source() != b->source()) {
    using Shape = ProgramCorrelation::Shape;
    const Shape shape = layout.correlations[a->correlation()].shape;
    // Stages of a sequence are tried last to first; what ends a wait comes before what starts one.
    if (shape == Shape::kSequence) return a->source() < b->source();
    if (shape == Shape::kAbsence) return a->source() > b->source();
  }
  return ArrivesBefore(*b, *a);
}

void Correlator::Impl::Enqueue(Depth* depth, RecordPtr record) {
  waiting_bytes += record->bytes();
  depth->waiting.push_back(std::move(record));
  std::push_heap(depth->waiting.begin(), depth->waiting.end(),
                 [this](const RecordPtr& a, const RecordPtr& b) { return IsAfter(a, b); });
}

void Correlator::Impl::AddRecordOf(const MatchRecord& record) {
  if (IsMine(record)) return Push(record);
  if (options.records == nullptr) return;
  const absl::Status status = options.records->OnForeignRecord(record);
  if (record_status.ok()) record_status = status;
}

void Correlator::Impl::Account(CorrelationRunner* runner) {
  const size_t now = runner->op->bytes() + runner->suppression.bytes();
  runner_bytes += now - runner->counted_bytes;
  runner->counted_bytes = now;
  const size_t keys = runner->op->key_count();
  Depth& depth = depths[runner->spec().depth - 1];
  depth.keys += keys - runner->counted_keys;
  runner->counted_keys = keys;
}

size_t Correlator::Impl::bytes() const {
  size_t total = pool.bytes() + runner_bytes;
  for (const Depth& depth : depths) {
    total += depth.timers.bytes() + depth.waiting.capacity() * sizeof(RecordPtr);
  }
  return total;
}

void Correlator::Impl::Deliver(const RecordPtr& record) {
  CorrelationRunner& runner = *runners[record->correlation()];
  ++runner.stats.records;
  tiebreak = record->ordinal().tiebreak;
  runner.op->OnRecord(record);
  Account(&runner);
}

void Correlator::Impl::Fired(const Timer& timer) {
  CorrelationRunner& runner = *runners[timer.correlation];
  tiebreak = UINT64_MAX;
  runner.op->OnTimer(timer.deadline, timer.slot, timer.generation);
  Account(&runner);
}

void Correlator::Impl::Run(Depth* depth, EventTime limit, bool inclusive) {
  std::vector<RecordPtr>& waiting = depth->waiting;
  while (true) {
    const bool has_record = !waiting.empty() && (waiting.front()->time() < limit ||
                                                 (inclusive && waiting.front()->time() == limit));
    const EventTime bound = has_record ? waiting.front()->time() : limit;
    for (Timer timer; depth->timers.Pop(bound, &timer);) Fired(timer);
    if (!has_record) break;
    std::pop_heap(waiting.begin(), waiting.end(),
                  [this](const RecordPtr& a, const RecordPtr& b) { return IsAfter(a, b); });
    const RecordPtr record = std::move(waiting.back());
    waiting.pop_back();
    waiting_bytes -= record->bytes();
    Deliver(record);
    // Keys that come and go leave their timers behind; a live key has two at most.
    if (depth->timers.size() > 4 * depth->keys + 4096) DropStaleTimers(depth);
    StayInBudget();
  }
  depth->decided = std::max(depth->decided, limit);
}

void Correlator::Impl::RunAll(EventTime limit, bool inclusive) {
  for (Depth& depth : depths) Run(&depth, limit, inclusive);
}

void Correlator::Impl::DropStaleTimers(Depth* depth) {
  depth->timers.Purge([this](const Timer& timer) {
    return !runners[timer.correlation]->op->IsLive(timer.slot, timer.generation);
  });
}

// Evicts from whoever uses most; a part of its keys at a time, so that finding it, and looking
// through all timers, stays cheap when every record brings a new key.
void Correlator::Impl::StayInBudget() {
  if (bytes() <= options.max_state_bytes) return;
  // Timers without a key do not count: a correlator that was restored has none.
  for (Depth& depth : depths) DropStaleTimers(&depth);
  while (bytes() > options.max_state_bytes) {
    CorrelationRunner* largest = nullptr;
    size_t most = 0;
    for (const auto& runner : runners) {
      const size_t used = runner->bytes();
      if (runner->op->key_count() > 0 && used > most) {
        largest = runner.get();
        most = used;
      }
    }
    if (largest == nullptr) return;
    const size_t keys = largest->op->key_count();
    for (size_t i = 0; i < keys / 16 + 1 && largest->op->EvictOldest(); ++i) {
      ++largest->stats.evicted_keys;
      ++stats.evicted_keys;
    }
    largest->degraded = true;
    Account(largest);
    if (bytes() > options.max_state_bytes) DropStaleTimers(&depths[largest->spec().depth - 1]);
  }
}

absl::Status Correlator::Impl::Emit() {
  std::stable_sort(found.begin(), found.end(),
                   [](const PendingDetection& a, const PendingDetection& b) {
                     const Detection& x = a.detection;
                     const Detection& y = b.detection;
                     if (x.time != y.time) return x.time < y.time;
                     if (a.depth != b.depth) return a.depth < b.depth;
                     if (x.rule != y.rule) return x.rule < y.rule;
                     if (x.evidence->cause != y.evidence->cause) {
                       return x.evidence->cause < y.evidence->cause;
                     }
                     return a.key < b.key;
                   });
  absl::Status status = std::exchange(record_status, absl::OkStatus());
  size_t done = 0;
  while (status.ok() && done < found.size()) {
    ++stats.detections;
    status = sink->OnDetection(found[done++].detection);
  }
  found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(done));
  return status;
}

Correlator::Correlator(std::shared_ptr<const Program> program, DetectionSink* sink,
                       CorrelatorOptions options)
    : impl_(std::make_unique<Impl>(std::move(program), sink, options)) {}
Correlator::~Correlator() = default;

absl::Status Correlator::Add(const MatchRecord& record) {
  Impl& impl = *impl_;
  if (absl::Status status = impl.CheckRecord(record); !status.ok()) return status;
  ++impl.stats.records;
  Impl::Depth& depth = impl.depths[impl.layout.correlations[record.correlation].depth - 1];
  if (record.time < depth.decided) {
    ++impl.stats.late_records;
    if (impl.options.records == nullptr) return absl::OkStatus();
    return impl.options.records->OnLateRecord(record);
  }
  impl.Push(record);
  if (impl.options.eager) {
    impl.RunAll(record.time, true);
    return impl.Emit();
  }
  // A flood that waits for a watermark that does not come is decided early, oldest first.
  while (impl.waiting_bytes > impl.options.max_state_bytes / 2) {
    EventTime oldest = kEndOfTime;
    for (const Impl::Depth& d : impl.depths) {
      if (!d.waiting.empty()) oldest = std::min(oldest, d.waiting.front()->time());
    }
    const size_t before = impl.waiting_bytes;
    impl.RunAll(oldest + 1, false);
    ++impl.stats.forced_records;
    if (impl.waiting_bytes >= before) break;
  }
  return impl.found.empty() ? absl::OkStatus() : impl.Emit();
}

absl::Status Correlator::AdvanceWatermark(EventTime watermark) {
  Impl& impl = *impl_;
  impl.stats.watermark = std::max(impl.stats.watermark, watermark);
  impl.RunAll(impl.stats.watermark, false);
  return impl.Emit();
}

absl::Status Correlator::AdvanceDepth(uint32_t depth, EventTime watermark) {
  Impl& impl = *impl_;
  if (depth == 0 || depth > impl.depths.size()) return absl::OkStatus();
  impl.stats.watermark = std::max(impl.stats.watermark, watermark);
  impl.Run(&impl.depths[depth - 1], std::max(impl.depths[depth - 1].decided, watermark), false);
  return impl.Emit();
}

const Program& Correlator::program() const { return *impl_->program; }

CorrelatorStats Correlator::stats() const {
  CorrelatorStats stats = impl_->stats;
  stats.bytes = impl_->bytes();
  for (const auto& runner : impl_->runners) stats.suppressed += runner->stats.suppressed;
  for (const Impl::Depth& depth : impl_->depths) stats.pending_records += depth.waiting.size();
  return stats;
}

CorrelationStats Correlator::stats(size_t correlation) const {
  const CorrelationRunner& runner = *impl_->runners[correlation];
  CorrelationStats stats = runner.stats;
  stats.keys = runner.op->key_count();
  stats.bytes = runner.bytes();
  return stats;
}

std::vector<std::string> Correlator::DescribeState(size_t correlation, size_t max_keys,
                                                   std::string_view key) const {
  return impl_->runners[correlation]->op->Describe(max_keys, impl_->stats.watermark, key);
}

}  // namespace vedette::inline v0
