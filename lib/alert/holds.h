// Suppressions and inhibitions at work.
#ifndef VEDETTE_LIB_ALERT_HOLDS_H_
#define VEDETTE_LIB_ALERT_HOLDS_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/alert/archive.h"
#include "lib/alert/matcher.h"
#include "lib/alert/raw_alert.h"
#include "lib/base/strings.h"
#include "vedette/alert/suppression.h"

namespace vedette::inline v0 {

// Who holds an alert back; `canary`: it counts as held, but is let through.
struct HeldBy {
  HoldKind kind = HoldKind::kException;
  std::string id;
  bool canary = false;
  uint64_t since_canary = 0;
};

// Thread-compatible.
class Holds {
 public:
  // Whether there is room for it and its id is new; NotFound if there is none.
  absl::Status CheckAdd(const Suppression& s) const;
  absl::Status CheckAdd(const Inhibition& i) const;
  absl::Status CheckSuppression(std::string_view id) const;
  absl::Status CheckInhibition(std::string_view id) const;
  absl::Status Add(const Suppression& s);
  absl::Status Add(const Inhibition& i);
  bool RemoveSuppression(std::string_view id);
  bool RemoveInhibition(std::string_view id);

  // The first suppression that holds the alert back; counts it.
  bool Suppresses(RawAlert* raw, HeldBy* by);
  bool Inhibits(RawAlert* raw, HeldBy* by);
  // The alert is out or folded: as a source it inhibits others from now on.
  void NoteSource(RawAlert* raw);
  // The event fields that the matchers name.
  std::vector<std::string> Fields() const;

  std::vector<Suppression> suppressions() const;
  std::vector<Inhibition> inhibitions() const;
  void AppendStats(std::vector<HoldStats>* out) const;
  uint64_t evicted() const { return evicted_; }

  template <typename A>
  void Archive(A& a);

 private:
  struct Suppressor {
    Suppression spec;
    CompiledMatcher matcher;
    uint64_t held = 0;
    uint64_t canaries = 0;
    EventTime last = kNoEventTime;
  };
  // A time in which sources of one set of equal values were active.
  struct Active {
    EventTime since = kNoEventTime;
    EventTime last = kNoEventTime;
  };
  struct Inhibitor {
    Inhibition spec;
    CompiledMatcher source;
    CompiledMatcher target;
    uint64_t held = 0;
    EventTime last = kNoEventTime;
    // By equal values; before them 't' if the source was a target, too, else 's'.
    absl::flat_hash_map<std::string, Active, StringHash, StringEq> active;
  };

  bool MakeEqualKey(const Inhibitor& inhibitor, RawAlert* raw, std::string* key);
  void Shrink(Inhibitor* inhibitor, EventTime time);

  std::vector<Suppressor> suppressors_;
  std::vector<Inhibitor> inhibitors_;
  uint64_t evicted_ = 0;
};

template <typename A>
void ArchiveMatcher(A& a, AlertMatcher& m) {
  Items(a, m.tests, [&a](AlertTest& t) {
    Part(a, t.field);
    Enum(a, t.op, AlertTest::Op::kExists);
    Texts(a, t.values);
    Part(a, t.negate);
  });
}

// Reads a matcher that was compiled before.
template <typename A>
void ArchiveCompiled(A& a, AlertMatcher& m, CompiledMatcher* compiled) {
  ArchiveMatcher(a, m);
  if constexpr (A::kLoads) {
    auto made = CompiledMatcher::Compile(m);
    if (!made.ok()) return a.Fail("a matcher makes no sense");
    *compiled = *std::move(made);
  }
}

template <typename A>
void Holds::Archive(A& a) {
  Items(a, suppressors_, [&a](Suppressor& s) {
    Part(a, s.spec.id);
    Enum(a, s.spec.kind, Suppression::Kind::kMaintenance);
    ArchiveCompiled(a, s.spec.matcher, &s.matcher);
    Part(a, s.spec.owner);
    Part(a, s.spec.reason);
    Texts(a, s.spec.tenants);
    for (EventTime* t : {&s.spec.starts_at, &s.spec.expires_at, &s.last}) Part(a, *t);
    Part(a, s.spec.canary);
    Part(a, s.held);
    Part(a, s.canaries);
  });
  Items(a, inhibitors_, [&a](Inhibitor& i) {
    Part(a, i.spec.id);
    ArchiveCompiled(a, i.spec.source, &i.source);
    ArchiveCompiled(a, i.spec.target, &i.target);
    Texts(a, i.spec.equal);
    Part(a, i.spec.duration_ns);
    if (A::kLoads && i.spec.duration_ns < 0) a.Fail("a duration is negative");
    Part(a, i.spec.owner);
    Part(a, i.spec.reason);
    for (EventTime* t : {&i.spec.expires_at, &i.last}) Part(a, *t);
    Part(a, i.held);
    std::vector<std::pair<std::string, Active>> active(i.active.begin(), i.active.end());
    std::sort(active.begin(), active.end(),
              [](const auto& x, const auto& y) { return x.first < y.first; });
    Items(a, active, [&a](std::pair<std::string, Active>& entry) {
      Part(a, entry.first);
      Part(a, entry.second.since);
      Part(a, entry.second.last);
    });
    if constexpr (A::kLoads) i.active = {active.begin(), active.end()};
  });
  Part(a, evicted_);
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_HOLDS_H_
