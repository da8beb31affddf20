// Section 3: windows; `all` and `sample`, which are windows with a condition of their own.
#include <algorithm>
#include <functional>
#include <set>

#include "tests/reference/correlation_match.h"

namespace vedette::reference {
namespace {

using Shape = CorrelationRule::Shape;
using Window = CorrelationRule::Window;

Nanos FloorDiv(Nanos a, Nanos b) {
  const Nanos q = a / b;
  return q * b > a ? q - 1 : q;
}

using Ordinal = std::tuple<Nanos, uint32_t, uint64_t>;

// Whether there are different events, one for each source, those from the first one on.
bool EverySourceSeen(const std::vector<std::set<Ordinal>>& of) {
  const size_t n = of.size();
  std::map<Ordinal, size_t> taken;  // by which source
  std::set<Ordinal> tried;
  const std::function<bool(size_t)> find_event = [&](size_t source) {
    for (const Ordinal& ordinal : of[source]) {
      if (!tried.insert(ordinal).second) continue;
      const auto it = taken.find(ordinal);
      if (it != taken.end() && !find_event(it->second)) continue;
      taken[ordinal] = source;
      return true;
    }
    return false;
  };
  for (size_t source = 0; source < n; ++source) {
    tried.clear();
    if (!find_event(source)) return false;
  }
  return true;
}

// Of several choices the latest: one record for each source, or none.
Records Chosen(const CorrelationRule& rule, const Records& window) {
  std::vector<std::set<Ordinal>> of(rule.sources.size());
  for (const RecordPtr& record : window) of[record->source].insert(record->ordinal());
  if (!EverySourceSeen(of)) return {};
  Records out;
  for (size_t source = 0; source < of.size(); ++source) {
    const std::set<Ordinal> own = of[source];
    for (auto ordinal = own.rbegin(); ordinal != own.rend(); ++ordinal) {
      of[source] = {*ordinal};
      if (EverySourceSeen(of)) break;
    }
    for (auto record = window.rbegin(); record != window.rend(); ++record) {
      if ((*record)->source != source || !of[source].contains((*record)->ordinal())) continue;
      out.push_back(*record);
      break;
    }
  }
  std::sort(out.begin(), out.end(), [](const RecordPtr& a, const RecordPtr& b) {
    return std::make_pair(a->ordinal(), a->arrival) < std::make_pair(b->ordinal(), b->arrival);
  });
  return out;
}

class WindowRun {
 public:
  explicit WindowRun(const CorrelationRule& rule)
      : rule_(rule),
        rearm_(rule),
        rising_(rule.having == nullptr || IsRising(rule.having)),
        endless_(rule.shape == Shape::kSample) {}

  std::vector<Firing> Run(const Records& records) {
    const bool sliding = rule_.window == Window::kSliding;
    for (const RecordPtr& record : records) {
      if (sliding && rising_) {
        Slide(record);
      } else {
        Place(record);
      }
    }
    Close();
    return std::move(firings_);
  }

 private:
  void Judge(Nanos t, Cause cause, Nanos start, Nanos end, const RecordPtr& at) {
    Firing firing{t, cause, start, end, window_, {}, at};
    bool holds = false;
    if (rule_.having == nullptr) {
      firing.records = Chosen(rule_, window_);
      holds = !firing.records.empty();
      if (holds && endless_) firing.start = firing.records.front()->t;
      firing.window = window_;
    } else {
      holds = MatchValues(rule_, window_).Holds(rule_.having);
    }
    if (!rearm_.Judge(holds, t)) return;
    firings_.push_back(firing);
    if (rearm_.resets()) window_.clear();
  }

  void Slide(const RecordPtr& record) {
    const Nanos start = record->t - rule_.span;
    if (!endless_) {
      std::erase_if(window_, [start](const RecordPtr& r) { return r->t < start; });
    }
    if (window_.empty()) rearm_.Renew();
    window_.push_back(record);
    Judge(record->t, Cause::kRecord, start, record->t, record);
  }

  // Into a window that is judged as a whole, or is at least new at some time.
  void Place(const RecordPtr& record) {
    const Nanos t = record->t;
    const bool belongs = open_ && (rule_.window != Window::kSession
                                       ? t <= end_
                                       : t - last_ <= rule_.gap && t - start_ <= rule_.span);
    if (!belongs) {
      Close();
      Open(t);
    }
    last_ = t;
    if (rule_.window == Window::kSession) {
      end_ = std::min<Nanos>(last_ + rule_.gap, start_ + rule_.span);
    }
    window_.push_back(record);
    if (!rising_) return;
    const bool session = rule_.window == Window::kSession;
    const size_t before = firings_.size();
    Judge(t, Cause::kRecord, start_, Shown(), record);
    // With its state cleared there is no session for the next record to belong to.
    if (session && rearm_.resets() && firings_.size() > before) open_ = false;
  }

  void Open(Nanos t) {
    open_ = true;
    start_ = rule_.window == Window::kTumbling ? FloorDiv(t, rule_.span) * rule_.span : t;
    end_ = start_ + rule_.span - (rule_.window == Window::kTumbling ? 1 : 0);
    rearm_.Renew();
  }

  // A tumbling window is judged a nanosecond before its end.
  Nanos Shown() const { return end_ + (rule_.window == Window::kTumbling ? 1 : 0); }

  void Close() {
    if (open_ && !rising_) Judge(end_, Cause::kClose, start_, Shown(), nullptr);
    window_.clear();
    open_ = false;
  }

  const CorrelationRule& rule_;
  RearmOfKey rearm_;
  bool rising_;
  bool endless_;
  Records window_;
  bool open_ = false;
  Nanos start_ = 0;
  Nanos end_ = 0;  // of the open window: also its deadline
  Nanos last_ = 0;
  std::vector<Firing> firings_;
};

}  // namespace

std::vector<Firing> RunWindows(const CorrelationRule& rule, const Records& records) {
  return WindowRun(rule).Run(records);
}

}  // namespace vedette::reference
