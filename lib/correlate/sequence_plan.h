// What a sequence operator knows about its rule: stages with their repetitions written out.
#ifndef VEDETTE_LIB_CORRELATE_SEQUENCE_PLAN_H_
#define VEDETTE_LIB_CORRELATE_SEQUENCE_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lib/base/state_limits.h"
#include "lib/correlate/event_time.h"
#include "lib/program/correlation_layout.h"
#include "vedette/correlator.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// Of one ordinal and key, negations with conditions only: others are kept once.
inline constexpr size_t kMaxConcurrentKills = 1024;

// Nanoseconds from one time to a later one, 0 for an earlier one: no overflow.
inline uint64_t Elapsed(EventTime from, EventTime to) {
  return to <= from ? 0 : TimeBetween(from, to);
}

// The terms are those of docs/correlator.md, section 4; stages are counted from 0, so that a
// partial of level n has its stages 0 .. n-1 filled and waits for stage n.
struct SequencePlan {
  struct Stage {
    uint32_t source = 0;
    const CorrelationInput* input = nullptr;
    bool quantified = false;
    bool wide = false;  // the level of partials whose last stage this is
  };
  struct Source {
    CorrelationInput::Role role = CorrelationInput::Role::kStage;
    uint32_t first = 0;  // kStage: its first stage; kNegated: so many stages come before
    uint32_t stages = 0;
  };

  explicit SequencePlan(const ProgramCorrelation& spec);
  uint32_t levels() const { return static_cast<uint32_t>(stages.size()); }
  // Whether a record of the source may be the first of a key that is kept.
  bool OpensKey(const Source& source) const {
    return source.role == CorrelationInput::Role::kUntil || source.first == 0;
  }
  bool IsTrailing(const Source& source) const {
    return source.role == CorrelationInput::Role::kNegated && source.first == levels();
  }

  std::vector<Stage> stages;
  std::vector<Source> sources;  // as the rule's
  bool has_leading = false;
  bool has_trailing = false;
  bool has_groups = false;  // some stage is quantified
  // Expired partials must go before a record is tried, not only when they are met.
  bool must_expire = false;
  size_t picks = 1;  // candidates that a record extends
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_SEQUENCE_PLAN_H_
