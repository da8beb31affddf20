// Counts what rules and predicates cost on some of the events.
#ifndef VEDETTE_LIB_EVAL_PROFILER_H_
#define VEDETTE_LIB_EVAL_PROFILER_H_

#include <cstdint>
#include <vector>

#include "lib/program/program_layout.h"
#include "vedette/profile.h"

namespace vedette::inline v0 {

// Belongs to one evaluator. Costs the events that are not sampled one comparison.
class Profiler {
 public:
  using Clock = int64_t (*)();
  // Samples the first and then each `every`-th event; 0: none. `clock` may be null.
  Profiler(const ProgramLayout& layout, uint32_t every, Clock clock);

  // Whether the event that begins is to be sampled.
  bool Begin() {
    if (every_ == 0 || --until_ != 0) return false;
    until_ = every_;
    return true;
  }
  int64_t Now() const { return clock_ == nullptr ? 0 : clock_(); }

  void AddEvent(int64_t time, int64_t index_time) {
    ++events_;
    time_ += time;
    index_time_ += index_time;
  }
  void AddFaced(uint32_t rule) { ++rules_[rule].faced; }
  void AddRule(uint32_t rule, bool held, int64_t time) {
    RuleCost& cost = rules_[rule];
    ++cost.evaluated;
    cost.held += held ? 1 : 0;
    cost.time += time;
  }
  void AddPredicate(uint32_t predicate, bool held, int64_t time) {
    Count& count = predicates_[predicate];
    ++count.evaluated;
    count.held += held ? 1 : 0;
    count.time += time;
  }

  // RuleCost::always is left to the caller.
  EvaluationProfile Profile() const;

 private:
  struct Count {
    uint64_t evaluated = 0;
    uint64_t held = 0;
    int64_t time = 0;
  };
  std::vector<uint64_t> RulesOfPredicates() const;

  const ProgramLayout& layout_;
  uint32_t every_;
  uint32_t until_ = 1;
  Clock clock_;
  uint64_t events_ = 0;
  int64_t time_ = 0;
  int64_t index_time_ = 0;
  std::vector<RuleCost> rules_;
  std::vector<Count> predicates_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_PROFILER_H_
