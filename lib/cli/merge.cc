#include "lib/cli/merge.h"

#include <algorithm>
#include <utility>

namespace vedette::inline v0::cli {

MergedReader::MergedReader(std::vector<std::unique_ptr<EventReader>> readers, OnError on_error)
    : inputs_(readers.size()), on_error_(std::move(on_error)) {
  for (size_t i = 0; i < readers.size(); ++i) inputs_[i].reader = std::move(readers[i]);
  for (size_t i = 0; i < inputs_.size(); ++i) Refill(i);
}

// For a heap with the earliest on top; no time is the least of all.
bool MergedReader::After(size_t a, size_t b) const {
  const EventTime ta = inputs_[a].next.time();
  const EventTime tb = inputs_[b].next.time();
  return ta != tb ? ta > tb : a > b;
}

void MergedReader::Refill(size_t input) {
  Input& in = inputs_[input];
  const absl::StatusOr<bool> more = in.reader->Next(&in.next);
  if (!more.ok()) on_error_(input, more.status());
  if (!more.ok() || !*more) return;
  heap_.push_back(input);
  std::push_heap(heap_.begin(), heap_.end(), [this](size_t a, size_t b) { return After(a, b); });
}

bool MergedReader::Next(Event* event) {
  if (taken_ != SIZE_MAX) Refill(std::exchange(taken_, SIZE_MAX));
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), [this](size_t a, size_t b) { return After(a, b); });
  taken_ = heap_.back();
  heap_.pop_back();
  std::swap(*event, inputs_[taken_].next);
  return true;
}

}  // namespace vedette::inline v0::cli
