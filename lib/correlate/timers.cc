#include "lib/correlate/timers.h"

#include <algorithm>

namespace vedette::inline v0 {
namespace {

bool Later(const Timer& a, const Timer& b) { return a.deadline > b.deadline; }

}  // namespace

void Timers::Add(const Timer& timer) {
  heap_.push_back(timer);
  std::push_heap(heap_.begin(), heap_.end(), Later);
  ++size_;
}

bool Timers::Pop(EventTime bound, Timer* out) {
  const bool more = !heap_.empty() && heap_.front().deadline < bound;
  // A timer that was added while those of its deadline are handed out comes after them.
  if (due_.empty()) {
    if (!more) return false;
    const EventTime deadline = heap_.front().deadline;
    while (!heap_.empty() && heap_.front().deadline == deadline) {
      std::pop_heap(heap_.begin(), heap_.end(), Later);
      due_.push_back(heap_.back());
      heap_.pop_back();
    }
    std::sort(due_.begin(), due_.end(), [this](const Timer& a, const Timer& b) {
      if (a.correlation != b.correlation) return a.correlation > b.correlation;
      const std::string_view ka = key_of_ ? key_of_(a.correlation, a.slot) : std::string_view();
      const std::string_view kb = key_of_ ? key_of_(b.correlation, b.slot) : std::string_view();
      return ka != kb ? ka > kb : a.slot > b.slot;
    });
  }
  if (due_.back().deadline >= bound) return false;
  *out = due_.back();
  due_.pop_back();
  --size_;
  return true;
}

void Timers::Purge(const std::function<bool(const Timer&)>& is_stale) {
  std::erase_if(heap_, is_stale);
  std::erase_if(due_, is_stale);
  std::make_heap(heap_.begin(), heap_.end(), Later);
  heap_.shrink_to_fit();
  size_ = heap_.size() + due_.size();
}

size_t Timers::bytes() const { return (heap_.capacity() + due_.capacity()) * sizeof(Timer); }

}  // namespace vedette::inline v0
