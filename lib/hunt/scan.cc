#include "vedette/hunt/scan.h"

#include <algorithm>
#include <tuple>

namespace vedette::inline v0 {
namespace {

class Scan {
 public:
  Scan(std::span<const SegmentReader* const> segments, const ScanOptions& options,
       const std::function<bool(const EventView&, const HuntPlace&)>& visit)
      : segments_(segments), options_(options), visit_(visit) {
    ranged_ = options.from != kNoEventTime || options.to != kEndOfTime;
    if (options.places != nullptr) next_ = options.places->begin();
  }

  absl::StatusOr<ScanResult> Run() {
    for (size_t s = 0; s < segments_.size() && !stopped_; ++s) {
      const auto reader = segments_[s]->NewBlockReader({});
      for (size_t b = 0; b < segments_[s]->info().blocks.size() && !stopped_; ++b) {
        if (MaySkip(s, b)) {
          ++result_.blocks_skipped;
        } else if (absl::Status status = Read(s, b, reader.get()); !status.ok()) {
          return status;
        }
      }
    }
    return std::move(result_);
  }

 private:
  bool WantsSource(std::string_view name) const {
    const auto& all = options_.sources;
    return all.empty() || std::find(all.begin(), all.end(), name) != all.end();
  }

  bool MaySkip(size_t s, size_t b) {
    const SegmentInfo& info = segments_[s]->info();
    const BlockInfo& block = info.blocks[b];
    if (ranged_ && (block.min_time == kNoEventTime || block.max_time < options_.from ||
                    block.min_time >= options_.to)) {
      return true;
    }
    if (std::none_of(block.sources.begin(), block.sources.end(), [&](const BlockSource& source) {
          return WantsSource(info.sources[source.source]);
        })) {
      return true;
    }
    if (options_.places == nullptr) return false;
    const HuntPlace first{s, b, 0};
    next_ = std::lower_bound(next_, options_.places->end(), first);
    return next_ == options_.places->end() || next_->segment != s || next_->block != b;
  }

  bool Wants(const Event& event, const HuntPlace& place) {
    if (options_.places != nullptr) {
      while (next_ != options_.places->end() && *next_ < place) ++next_;
      if (next_ == options_.places->end() || !(*next_ == place)) return false;
    }
    if (!WantsSource(event.ref().source)) return false;
    const EventTime t = event.time();
    return !ranged_ || (t != kNoEventTime && t >= options_.from && t < options_.to);
  }

  absl::Status Read(size_t s, size_t b, BlockReader* reader) {
    HuntPlace place{s, b, 0};
    absl::Status status = reader->Read(b, [&](const Event& event) {
      if (Wants(event, place)) {
        ++result_.events;
        stopped_ = !visit_(event.view(), place);
      }
      ++place.index;
      return stopped_ ? absl::CancelledError() : absl::OkStatus();
    });
    if (stopped_) return absl::OkStatus();
    if (absl::IsDataLoss(status)) {
      result_.events_lost += segments_[s]->info().blocks[b].events - place.index;
      if (result_.losses.size() < kMaxHuntLosses) {
        result_.losses.push_back({s, b, std::string(status.message())});
      }
      return absl::OkStatus();
    }
    ++result_.blocks_read;
    return status;
  }

  std::span<const SegmentReader* const> segments_;
  const ScanOptions& options_;
  const std::function<bool(const EventView&, const HuntPlace&)>& visit_;
  bool ranged_ = false;
  bool stopped_ = false;
  std::vector<HuntPlace>::const_iterator next_;
  ScanResult result_;
};

}  // namespace

bool operator<(const HuntPlace& a, const HuntPlace& b) {
  return std::tie(a.segment, a.block, a.index) < std::tie(b.segment, b.block, b.index);
}
bool operator==(const HuntPlace& a, const HuntPlace& b) {
  return std::tie(a.segment, a.block, a.index) == std::tie(b.segment, b.block, b.index);
}

absl::StatusOr<ScanResult> ScanEvents(
    std::span<const SegmentReader* const> segments, const ScanOptions& options,
    const std::function<bool(const EventView& event, const HuntPlace& place)>& visit) {
  return Scan(segments, options, visit).Run();
}

}  // namespace vedette::inline v0
