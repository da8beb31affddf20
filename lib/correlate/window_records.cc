#include "lib/correlate/window_records.h"

#include <utility>

namespace vedette::inline v0 {

void WindowRecords::Add(const WindowLimits& limits, const RecordPtr& record) {
  if (thin_ != nullptr) return AddThin(limits, record);
  whole_.push_back(record);
  if (!limits.may_thin || whole_.size() <= limits.whole_old + limits.whole_new) return;
  Ring<RecordPtr> whole = std::move(whole_);
  whole_.clear();
  thin_ = std::make_unique<Thin>();
  for (uint32_t i = 0; i < whole.size(); ++i) AddThin(limits, whole[i]);
}

void WindowRecords::AddThin(const WindowLimits& limits, const RecordPtr& record) {
  Thin& thin = *thin_;
  thin.times.push_back(record->time());
  if (!limits.one_source) thin.sources.push_back(record->source());
  thin.latest.push_back(record);
  if (thin.latest.size() <= limits.whole_new) return;
  if (thin.oldest.size() < limits.whole_old) {
    const uint64_t number = thin.first + thin.times.size() - thin.latest.size();
    thin.oldest.push_back({number, thin.latest.front()});
  }
  thin.latest.pop_front();
}

void WindowRecords::PopFront(const WindowLimits& limits, AggregateSet* aggregates) {
  if (thin_ == nullptr) {
    if (aggregates != nullptr) aggregates->RemoveOldest(*whole_.front());
    whole_.pop_front();
    return;
  }
  Thin& thin = *thin_;
  if (aggregates != nullptr) {
    aggregates->RemoveUnknown(limits.one_source ? 0 : thin.sources.front());
  }
  thin.times.pop_front();
  if (!limits.one_source) thin.sources.pop_front();
  ++thin.first;
  if (!thin.oldest.empty() && thin.oldest.front().number < thin.first) thin.oldest.pop_front();
  if (thin.latest.size() > thin.times.size()) thin.latest.pop_front();
  // Few again, and nothing is missing.
  const uint32_t held = thin.oldest.size() + thin.latest.size();
  if (held != thin.times.size() || held > (limits.whole_old + limits.whole_new) / 2) return;
  for (uint32_t i = 0; i < thin.oldest.size(); ++i) whole_.push_back(thin.oldest[i].record);
  for (uint32_t i = 0; i < thin.latest.size(); ++i) whole_.push_back(thin.latest[i]);
  thin_.reset();
}

void WindowRecords::Clear() {
  whole_.clear();
  thin_.reset();
}

void WindowRecords::FillSet(const WindowLimits& limits, AggregateSet* set) const {
  // Records that are only counted are not even looked at.
  const bool counted = limits.may_thin && limits.one_source && !set->KeepsLastOf(0);
  if (thin_ == nullptr && !counted) {
    for (uint32_t i = 0; i < whole_.size(); ++i) set->Add(whole_[i]);
    return;
  }
  for (uint32_t i = 0; i < size(); ++i) {
    set->AddUnknown(limits.one_source ? 0 : thin_->sources[i]);
  }
}

void WindowRecords::CopyEvidence(size_t most, std::vector<RecordPtr>* out) const {
  out->clear();
  const size_t old = thin_ != nullptr ? thin_->oldest.size() : whole_.size();
  const size_t n = thin_ != nullptr ? old + thin_->latest.size() : old;
  const auto at = [&](size_t i) -> const RecordPtr& {
    if (thin_ == nullptr) return whole_[static_cast<uint32_t>(i)];
    return i < old ? thin_->oldest[static_cast<uint32_t>(i)].record
                   : thin_->latest[static_cast<uint32_t>(i - old)];
  };
  const size_t head = n <= most ? n : most / 2;
  for (size_t i = 0; i < head; ++i) out->push_back(at(i));
  for (size_t i = n - (n <= most ? 0 : most - head); i < n; ++i) out->push_back(at(i));
}

size_t WindowRecords::heap_bytes() const {
  if (thin_ == nullptr) return whole_.heap_bytes();
  return sizeof(Thin) + thin_->times.heap_bytes() + thin_->sources.heap_bytes() +
         thin_->oldest.heap_bytes() + thin_->latest.heap_bytes();
}

void WindowRecords::Save(const WindowLimits& limits, SnapshotWriter* out) const {
  out->Bool(thin_ != nullptr);
  out->Unsigned(size());
  if (thin_ == nullptr) {
    for (uint32_t i = 0; i < whole_.size(); ++i) out->Record(whole_[i]);
    return;
  }
  const Thin& thin = *thin_;
  out->Signed(thin.times.front());
  for (uint32_t i = 1; i < thin.times.size(); ++i) {
    out->Unsigned(static_cast<uint64_t>(thin.times[i]) - static_cast<uint64_t>(thin.times[i - 1]));
  }
  for (uint32_t i = 0; !limits.one_source && i < thin.sources.size(); ++i) {
    out->Unsigned(thin.sources[i]);
  }
  out->Unsigned(thin.oldest.size());
  for (uint32_t i = 0; i < thin.oldest.size(); ++i) {
    out->Unsigned(thin.oldest[i].number - thin.first);
    out->Record(thin.oldest[i].record);
  }
  out->Unsigned(thin.latest.size());
  for (uint32_t i = 0; i < thin.latest.size(); ++i) out->Record(thin.latest[i]);
}

void WindowRecords::Load(const WindowLimits& limits, SnapshotReader* in) {
  if (in->Bool()) return LoadThin(limits, in);
  EventTime last = kNoEventTime;
  for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
    RecordPtr record = in->Record();
    if (!record || record->time() < last) return in->Fail();
    last = record->time();
    whole_.push_back(std::move(record));
  }
}

void WindowRecords::LoadThin(const WindowLimits& limits, SnapshotReader* in) {
  if (!limits.may_thin) return in->Fail();
  const size_t n = in->Count();
  if (n == 0) return in->Fail();
  thin_ = std::make_unique<Thin>();
  Thin& thin = *thin_;
  EventTime time = in->Signed();
  thin.times.push_back(time);
  for (size_t i = 1; i < n && in->ok(); ++i) {
    const uint64_t step = in->Unsigned();
    if (step > static_cast<uint64_t>(INT64_MAX) - static_cast<uint64_t>(time)) return in->Fail();
    time = static_cast<EventTime>(static_cast<uint64_t>(time) + step);
    thin.times.push_back(time);
  }
  for (size_t i = 0; !limits.one_source && i < n && in->ok(); ++i) {
    const uint64_t source = in->Unsigned();
    if (source >= limits.sources) return in->Fail();
    thin.sources.push_back(static_cast<uint32_t>(source));
  }
  const size_t oldest = in->Count();
  for (size_t i = 0; i < oldest && in->ok(); ++i) {
    const uint64_t number = in->Unsigned();
    RecordPtr record = in->Record();
    if (!record || number >= n || (i > 0 && number <= thin.oldest.back().number)) {
      return in->Fail();
    }
    thin.oldest.push_back({number, std::move(record)});
  }
  const size_t latest = in->Count();
  if (latest > n || latest == 0) return in->Fail();
  for (size_t i = 0; i < latest && in->ok(); ++i) {
    RecordPtr record = in->Record();
    if (!record) return in->Fail();
    thin.latest.push_back(std::move(record));
  }
  if (!thin.oldest.empty() && thin.oldest.back().number >= n - latest) in->Fail();
}

}  // namespace vedette::inline v0
