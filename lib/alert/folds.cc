#include "lib/alert/folds.h"

#include <algorithm>
#include <utility>

#include "lib/program/byte_reader.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

bool Before(EventTime end, int64_t span, EventTime time) {
  return time > end &&
         static_cast<uint64_t>(time) - static_cast<uint64_t>(end) > static_cast<uint64_t>(span);
}

}  // namespace

FoldTable::FoldTable()
    : by_key_(0, KeyHash{&folds_}, KeyEq{&folds_}),
      by_alert_(0, AlertHash{&folds_}, AlertEq{&folds_}) {}

uint32_t FoldTable::StreamOf(std::string_view tenant, std::string_view rule_id) {
  std::string& key = scratch_;
  key.clear();
  AppendText(tenant, &key);
  key += rule_id;
  const auto it = stream_numbers_.find(key);
  if (it != stream_numbers_.end()) return it->second;
  const auto n = static_cast<uint32_t>(streams_.size());
  stream_numbers_.emplace(key, n);
  streams_.push_back({std::string(tenant), std::string(rule_id), kNoEventTime, 0, false});
  return n;
}

void FoldTable::MakeKey(uint32_t stream, std::string_view key) {
  scratch_.clear();
  AppendVarint(stream, &scratch_);
  scratch_ += key;
}

bool FoldTable::Ended(const Fold& fold, EventTime time) {
  switch (fold.window) {
    case AlertPolicy::Window::kSliding:
      return Before(fold.last, fold.window_ns, time);
    case AlertPolicy::Window::kFixed:
      return Before(fold.first, fold.window_ns, time);
    case AlertPolicy::Window::kUntilVerdict:
      break;
  }
  return false;
}

Fold* FoldTable::Find(uint32_t stream, std::string_view key, EventTime time) {
  ++since_sweep_;
  MakeKey(stream, key);
  const auto it = by_key_.find(std::string_view(scratch_));
  if (it == by_key_.end()) return nullptr;
  const uint32_t i = *it;
  if (Ended(folds_[i], time)) {
    Remove(i);
    return nullptr;
  }
  if (newest_ != i) {
    Detach(i);
    Append(i);
  }
  return &folds_[i];
}

Fold* FoldTable::Open(uint32_t stream, std::string_view key) {
  MakeKey(stream, key);
  uint32_t i = static_cast<uint32_t>(folds_.size());
  if (free_.empty()) {
    folds_.emplace_back();
  } else {
    i = free_.back();
    free_.pop_back();
  }
  Fold& f = folds_[i];
  f.key = scratch_;
  text_bytes_ += f.key.size();
  by_key_.insert(i);
  Append(i);
  return &f;
}

void FoldTable::SetAlert(Fold* fold, const Id128& alert) {
  const auto it = by_key_.find(std::string_view(fold->key));
  const uint32_t i = *it;
  if (!fold->alert.empty()) by_alert_.erase(fold->alert);
  fold->alert = alert;
  by_alert_.insert(i);
}

void FoldTable::AddSample(Fold* fold, EventPlace place) {
  if (fold->samples == nullptr) fold->samples = std::make_unique<std::vector<EventPlace>>();
  fold->samples->push_back(std::move(place));
  text_bytes_ += kSampleBytes;
}

const Fold* FoldTable::ByAlert(const Id128& alert) const {
  const auto it = by_alert_.find(alert);
  return it == by_alert_.end() ? nullptr : &folds_[*it];
}

const std::string& FoldTable::RuleOf(const Fold& fold) const {
  static const std::string none;
  ByteReader in(fold.key);
  const uint64_t n = in.Varint();
  return in.ok() && n < streams_.size() ? streams_[static_cast<size_t>(n)].rule_id : none;
}

Id128 FoldTable::FingerprintOfFold(const Fold& fold) const {
  ByteReader in(fold.key);
  const FoldStream& stream = streams_[static_cast<size_t>(in.Varint())];
  return FingerprintOf(stream.tenant, stream.rule_id, in.Take(in.left()));
}

void FoldTable::Close(const Id128& alert) {
  const auto it = by_alert_.find(alert);
  if (it != by_alert_.end() && folds_[*it].ends_on_close) Remove(*it);
}

void FoldTable::Sweep(EventTime time) {
  if (since_sweep_ < 1024 || since_sweep_ < size()) return;
  since_sweep_ = 0;
  for (uint32_t i = oldest_; i != kNone;) {
    const uint32_t next = folds_[i].newer;
    if (Ended(folds_[i], time)) Remove(i);
    i = next;
  }
}

void FoldTable::Shrink(size_t max_bytes, PipelineStats* stats) {
  // What is in use stays: the newest is the one that an alert is being put into.
  for (uint32_t i = oldest_; i != newest_ && bytes() > max_bytes; i = folds_[i].newer) {
    Fold& f = folds_[i];
    if (f.samples == nullptr) continue;
    stats->evicted_samples += f.samples->size();
    text_bytes_ -= f.samples->size() * kSampleBytes;
    f.samples.reset();
  }
  while (bytes() > max_bytes && oldest_ != newest_) {
    Remove(oldest_);
    ++stats->evicted_folds;
  }
}

size_t FoldTable::bytes() const {
  // The two sets take a little more than a number each, at most half full after they have grown.
  return size() * (sizeof(Fold) + 2 * 2 * (sizeof(uint32_t) + 1)) + text_bytes_;
}

void FoldTable::Remove(uint32_t i) {
  Fold& f = folds_[i];
  by_key_.erase(i);
  if (!f.alert.empty()) by_alert_.erase(i);
  text_bytes_ -= f.key.size();
  if (f.samples != nullptr) text_bytes_ -= f.samples->size() * kSampleBytes;
  Detach(i);
  f = Fold();
  free_.push_back(i);
}

void FoldTable::Append(uint32_t i) {
  folds_[i].older = newest_;
  folds_[i].newer = kNone;
  if (newest_ != kNone) folds_[newest_].newer = i;
  newest_ = i;
  if (oldest_ == kNone) oldest_ = i;
}

void FoldTable::Detach(uint32_t i) {
  const Fold& f = folds_[i];
  if (f.older != kNone) folds_[f.older].newer = f.newer;
  if (f.newer != kNone) folds_[f.newer].older = f.older;
  if (oldest_ == i) oldest_ = f.newer;
  if (newest_ == i) newest_ = f.older;
}

void FoldTable::Reset() {
  by_key_.clear();
  by_alert_.clear();
  folds_.clear();
  free_.clear();
  oldest_ = newest_ = kNone;
  text_bytes_ = 0;
}

}  // namespace vedette::inline v0
