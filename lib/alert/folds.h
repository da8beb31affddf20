// Which alerts are open, and what was folded into them.
#ifndef VEDETTE_LIB_ALERT_FOLDS_H_
#define VEDETTE_LIB_ALERT_FOLDS_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "lib/alert/archive.h"
#include "lib/alert/archive_alert.h"
#include "lib/alert/raw_alert.h"
#include "lib/base/strings.h"
#include "vedette/alert/pipeline.h"

namespace vedette::inline v0 {

inline constexpr size_t kSampleBytes = 192;  // of a kept place, about

// One open alert. Small: there may be a million of them.
struct Fold {
  std::string key;  // number of its stream, then the values
  Id128 alert;      // emitted last
  EventTime first = kNoEventTime;
  EventTime last = kNoEventTime;
  uint64_t tactics = 0;  // that were seen
  uint64_t count = 0;    // alerts it stands for
  uint64_t since = 0;    // folded since the last was emitted
  std::unique_ptr<std::vector<EventPlace>> samples;
  int64_t window_ns = 0;
  AlertPolicy::Window window = AlertPolicy::Window::kSliding;
  Level severity = Level::kUnset;  // the highest
  Criticality criticality = Criticality::kLow;
  Outcome outcome = Outcome::kUnknown;  // the worst
  bool ends_on_close = true;
  uint32_t older = UINT32_MAX;  // in order of use
  uint32_t newer = UINT32_MAX;
};

// Tenant and rule: what folds have in common, once.
struct FoldStream {
  std::string tenant;
  std::string rule_id;
  EventTime hour = kNoEventTime;  // of the budget
  uint64_t emitted = 0;           // in it
  bool told = false;
};

// Thread-compatible. Finds folds by their whole key, never by a hash alone.
class FoldTable {
 public:
  FoldTable();

  // The number of a stream; made if it is new.
  uint32_t StreamOf(std::string_view tenant, std::string_view rule_id);
  FoldStream& stream(uint32_t i) { return streams_[i]; }

  // The open fold of the key at `time`, moved to the newest, or null. One that has ended goes.
  Fold* Find(uint32_t stream, std::string_view key, EventTime time);
  // Opens one; there must be none.
  Fold* Open(uint32_t stream, std::string_view key);
  // After a fold's `alert` changes.
  void SetAlert(Fold* fold, const Id128& alert);
  void AddSample(Fold* fold, EventPlace place);
  const Fold* ByAlert(const Id128& alert) const;
  const std::string& RuleOf(const Fold& fold) const;
  Id128 FingerprintOfFold(const Fold& fold) const;
  void Close(const Id128& alert);
  // Forgets what has ended at `time`, now and then.
  void Sweep(EventTime time);
  // Frees memory down to `max_bytes`: samples of the folds that rest longest, then these folds.
  void Shrink(size_t max_bytes, PipelineStats* stats);

  size_t size() const { return by_key_.size(); }
  size_t bytes() const;

  template <typename A>
  void Archive(A& a);

 private:
  struct KeyHash {
    using is_transparent = void;
    const std::deque<Fold>* folds;
    size_t operator()(uint32_t i) const { return StringHash()((*folds)[i].key); }
    size_t operator()(std::string_view key) const { return StringHash()(key); }
  };
  struct KeyEq {
    using is_transparent = void;
    const std::deque<Fold>* folds;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, std::string_view b) const { return (*folds)[a].key == b; }
    bool operator()(std::string_view a, uint32_t b) const { return (*folds)[b].key == a; }
  };
  struct AlertHash {
    using is_transparent = void;
    const std::deque<Fold>* folds;
    size_t operator()(uint32_t i) const { return absl::HashOf((*folds)[i].alert); }
    size_t operator()(const Id128& id) const { return absl::HashOf(id); }
  };
  struct AlertEq {
    using is_transparent = void;
    const std::deque<Fold>* folds;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, const Id128& b) const { return (*folds)[a].alert == b; }
    bool operator()(const Id128& a, uint32_t b) const { return (*folds)[b].alert == a; }
  };

  void MakeKey(uint32_t stream, std::string_view key);
  static bool Ended(const Fold& fold, EventTime time);
  void Remove(uint32_t i);
  void Append(uint32_t i);  // as the newest
  void Detach(uint32_t i);
  void Reset();

  std::deque<Fold> folds_;
  std::vector<uint32_t> free_;
  absl::flat_hash_set<uint32_t, KeyHash, KeyEq> by_key_;
  absl::flat_hash_set<uint32_t, AlertHash, AlertEq> by_alert_;
  std::vector<FoldStream> streams_;
  absl::flat_hash_map<std::string, uint32_t, StringHash, StringEq> stream_numbers_;
  uint32_t oldest_ = UINT32_MAX;
  uint32_t newest_ = UINT32_MAX;
  size_t text_bytes_ = 0;  // of keys and samples
  uint64_t since_sweep_ = 0;
  std::string scratch_;
};

template <typename A>
void ArchiveFold(A& a, Fold& f) {
  Part(a, f.key);
  Part(a, f.alert);
  for (EventTime* t : {&f.first, &f.last}) Part(a, *t);
  for (uint64_t* n : {&f.tactics, &f.count, &f.since}) Part(a, *n);
  std::vector<EventPlace> none;
  if (A::kLoads) f.samples = std::make_unique<std::vector<EventPlace>>();
  Items(a, f.samples == nullptr ? none : *f.samples, [&a](EventPlace& p) { Archive(a, p); });
  if (A::kLoads && f.samples->empty()) f.samples.reset();
  Part(a, f.window_ns);
  if (A::kLoads && f.window_ns < 0) a.Fail("a window is negative");
  Enum(a, f.window, AlertPolicy::Window::kUntilVerdict);
  Enum(a, f.severity, Level::kCritical);
  Enum(a, f.criticality, Criticality::kCritical);
  Enum(a, f.outcome, Outcome::kBlocked);
  Part(a, f.ends_on_close);
}

template <typename A>
void FoldTable::Archive(A& a) {
  Items(a, streams_, [&a](FoldStream& s) {
    Part(a, s.tenant);
    Part(a, s.rule_id);
    Part(a, s.hour);
    Part(a, s.emitted);
    Part(a, s.told);
  });
  Part(a, since_sweep_);
  if constexpr (A::kLoads) {
    stream_numbers_.clear();
    std::vector<FoldStream> streams = std::exchange(streams_, {});
    for (FoldStream& s : streams) {
      const uint32_t n = StreamOf(s.tenant, s.rule_id);
      if (n + 1 != streams_.size()) return a.Fail("a stream is there twice");
      streams_[n] = std::move(s);
    }
    Reset();
    for (size_t n = a.Count(); n > 0 && a.ok(); --n) {
      const auto i = static_cast<uint32_t>(folds_.size());
      Fold& f = folds_.emplace_back();
      ArchiveFold(a, f);
      if (!a.ok()) return;
      if (RuleOf(f).empty() || f.alert.empty() || !by_key_.insert(i).second ||
          !by_alert_.insert(i).second) {
        return a.Fail("a fold makes no sense or is there twice");
      }
      text_bytes_ += f.key.size();
      if (f.samples != nullptr) text_bytes_ += f.samples->size() * kSampleBytes;
      Append(i);
    }
  } else {
    a.Uint(size());
    for (uint32_t i = oldest_; i != UINT32_MAX; i = folds_[i].newer) ArchiveFold(a, folds_[i]);
  }
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_FOLDS_H_
