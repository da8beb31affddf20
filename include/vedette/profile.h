// What rules and their parts cost, sampled while an Evaluator runs.
#ifndef VEDETTE_PROFILE_H_
#define VEDETTE_PROFILE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace vedette::inline v0 {

// Times are in the unit of EvaluatorOptions::profile_clock (nanoseconds, by convention), 0 without
// a clock. A test that several rules share is paid by the first that asks.
struct RuleCost {
  uint64_t faced = 0;      // sampled events of its log source
  uint64_t evaluated = 0;  // of them: the rule could hold
  uint64_t held = 0;
  int64_t time = 0;  // of its formula, with the tests made for it
  // Nothing in the rule says for which events it cannot hold: it is evaluated for each.
  bool always = false;
};

struct TestCost {
  std::string field;  // empty for keywords and expressions
  std::string test;   // in the Vedette language
  bool regex = false;
  uint64_t rules = 0;      // that contain it
  uint64_t evaluated = 0;  // beyond what the index decided
  uint64_t held = 0;
  int64_t time = 0;
};

// A copy of the counts so far. Value type.
struct EvaluationProfile {
  uint64_t events = 0;  // that were sampled
  int64_t time = 0;     // of their evaluation
  int64_t index_time = 0;
  std::vector<RuleCost> rules;  // by index in the program, then conditions of correlation sources
  // Those that were evaluated, the costliest first (without times, the most evaluated).
  std::vector<TestCost> tests;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_PROFILE_H_
