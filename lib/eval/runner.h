// Evaluates formulas of a Program on the current event of a frame.
#ifndef VEDETTE_LIB_EVAL_RUNNER_H_
#define VEDETTE_LIB_EVAL_RUNNER_H_

#include <cstdint>
#include <vector>

#include "lib/eval/frame.h"
#include "lib/eval/profiler.h"
#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

// Remembers what each predicate, and each formula that several rules have, gave for the current
// event. Thread-compatible.
class Runner {
 public:
  Runner(const ProgramLayout& layout, Frame* frame)
      : layout_(layout),
        frame_(frame),
        memo_(layout.predicates.size(), 0),
        formulas_(size_t{layout.shared_formulas} + 1, 0) {}

  // Before the first formula of an event.
  void Begin();
  // What an index has found out about the event's predicates; until the next Begin. A predicate of
  // `covered` (bits) is false unless it is marked.
  void SetCovered(const uint64_t* covered) { covered_ = covered; }
  // Told of every predicate that is evaluated, until the next Begin.
  void SetProfiler(Profiler* profiler) { profiler_ = profiler; }
  void MarkTrue(uint32_t predicate) { memo_[predicate] = stamp_ | kHolds; }
  void MarkPossible(uint32_t predicate) {
    if ((memo_[predicate] & ~kMarks) != stamp_) memo_[predicate] = stamp_ | kPossible;
  }
  // Whether the formula at `node` holds; `element` is the bound element inside an array block.
  // Recursion is bounded by the depth that the verifier allows.
  bool Holds(uint32_t node, const Value* element = nullptr);
  bool Predicate(uint32_t predicate, const Value* element);
  // The elements that a kEach node binds.
  std::span<const Value> Elements(const ProgramNode& node, const Value* element);

 private:
  bool Inner(const ProgramNode& node, const Value* element);
  bool Each(const ProgramNode& node, const Value* element);
  bool Evaluate(uint32_t predicate, const Value* element);

  const ProgramLayout& layout_;
  Frame* frame_;
  static constexpr uint32_t kHolds = 1;
  static constexpr uint32_t kPossible = 2;  // to be evaluated
  static constexpr uint32_t kMarks = 3;

  const uint64_t* covered_ = nullptr;
  Profiler* profiler_ = nullptr;
  uint32_t stamp_ = 0;              // of the current event, a multiple of 4
  std::vector<uint32_t> memo_;      // stamp and marks
  std::vector<uint32_t> formulas_;  // by ProgramNode::shared
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_RUNNER_H_
