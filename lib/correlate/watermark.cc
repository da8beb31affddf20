#include "lib/correlate/watermark.h"

#include <algorithm>

#include "lib/correlate/event_time.h"

namespace vedette::inline v0 {
namespace {

// Whether `t` is more than `by` after `since`; not if it is before it.
bool IsBeyond(EventTime t, EventTime since, int64_t by) {
  return t > since && IsPast(since, by, t);
}

}  // namespace

WatermarkTracker::Stream* WatermarkTracker::Find(std::string_view name) {
  if (last_ < streams_.size() && streams_[last_].name == name) return &streams_[last_];
  const auto it = index_.find(absl::string_view(name.data(), name.size()));
  if (it != index_.end()) {
    last_ = it->second;
  } else if (streams_.size() < kMaxStreams) {
    last_ = streams_.size();
    index_.emplace(std::string(name), last_);
    streams_.push_back({std::string(name)});
  } else {
    last_ = kMaxStreams - 1;
    ++pooled_events_;
  }
  return &streams_[last_];
}

EventTime WatermarkTracker::Least() const {
  EventTime least = newest_;
  for (const Stream& s : streams_) {
    const bool idle =
        options_.idle_timeout_ns > 0 && IsBeyond(newest_, s.newest, options_.idle_timeout_ns);
    if (!idle && s.newest != kNoEventTime) least = std::min(least, s.newest);
  }
  return least;
}

EventTime WatermarkTracker::Observe(std::string_view stream, EventTime t) {
  Stream* const s = Find(stream);
  const EventTime base = s->newest == kNoEventTime ? newest_ : s->newest;
  const bool ahead = options_.max_future_skew_ns > 0 && base != kNoEventTime &&
                     IsBeyond(t, base, options_.max_future_skew_ns);
  if (ahead && ++s->ahead < kGapEvents) {
    ++future_events_;
    return watermark_;
  }
  if (!ahead || s->ahead >= kGapEvents) s->ahead = 0;
  s->newest = std::max(s->newest, t);
  newest_ = std::max(newest_, s->newest);
  if (newest_ == kNoEventTime) return watermark_;
  const EventTime least = streams_.size() == 1 ? s->newest : Least();
  watermark_ = std::max(watermark_, TimeBefore(least, options_.allowed_lateness_ns));
  return watermark_;
}

WatermarkStats WatermarkTracker::stats() const {
  return {future_events_, pooled_events_, streams_.size()};
}

void WatermarkTracker::Save(SnapshotWriter* out) const {
  out->Signed(newest_);
  out->Signed(watermark_);
  out->Unsigned(streams_.size());
  for (const Stream& s : streams_) {
    out->Bytes(s.name);
    out->Signed(s.newest);
    out->Unsigned(s.ahead);
  }
}

void WatermarkTracker::Load(SnapshotReader* in) {
  newest_ = in->Signed();
  watermark_ = in->Signed();
  const size_t n = in->Count();
  if (n > kMaxStreams) in->Fail();
  for (size_t i = 0; i < n && in->ok(); ++i) {
    Stream s;
    s.name = in->Bytes();
    s.newest = in->Signed();
    s.ahead = static_cast<uint32_t>(std::min<uint64_t>(in->Unsigned(), kGapEvents));
    if (!index_.emplace(s.name, i).second) in->Fail();
    streams_.push_back(std::move(s));
  }
}

}  // namespace vedette::inline v0
