// What an Evaluator holds; shared by evaluator.cc and explain.cc.
#ifndef VEDETTE_LIB_EVAL_EVALUATOR_IMPL_H_
#define VEDETTE_LIB_EVAL_EVALUATOR_IMPL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/eval/frame.h"
#include "lib/eval/plan.h"
#include "lib/eval/profiler.h"
#include "lib/eval/records.h"
#include "lib/eval/runner.h"
#include "lib/eval/value_memo.h"
#include "vedette/evaluator.h"

namespace vedette::inline v0 {

struct Evaluator::Impl {
  Impl(std::shared_ptr<const Program> p, EvaluatorOptions o)
      : program(std::move(p)),
        layout(program->layout()),
        options(o),
        memo(o.memo_bytes),
        planner(layout),
        frame(layout, o.max_scan_bytes, o.indicator_sets),
        runner(layout, &frame),
        records(layout, &frame, &runner),
        profiler(layout, o.profile_every, o.profile_clock) {}

  // Makes `event` the current one and finds its plan.
  void Begin(const EventView& event);
  // Calls `visit` for each rule of the event's plan that may hold, ascending.
  template <typename Visit>
  void VisitCandidates(Visit visit);
  // Evaluates all rules of the event's plan that may hold; how many could not be decided.
  uint64_t EvaluateRules();
  // The same, counted and timed.
  uint64_t EvaluateSampled(int64_t start);
  void Decide(uint32_t rule, bool holds, uint64_t* undecided);
  // The plan's index; null while it has seen too few events to be worth one.
  RuleIndex* IndexOf(Plan* plan);

  std::shared_ptr<const Program> program;
  const ProgramLayout& layout;
  EvaluatorOptions options;
  ValueMemo memo;
  uint32_t next_index = 0;
  Planner planner;
  Frame frame;
  Runner runner;
  RecordMaker records;
  Profiler profiler;
  std::vector<Match> matches;
  std::vector<uint32_t> feeding;  // rules that hold for the event and feed correlations
  bool records_made = false;      // for the event
  EvaluatorStats stats;
};

// A value for people: a scalar's text, anything else as JSON.
std::string DisplayText(const Value& value);
// Whether the predicate is `inSet(..)` and nothing else.
bool AsksIndicatorSet(const CompiledPredicate& p);
// As MatchedField::indicator.
std::vector<std::pair<std::string, std::string>> DescribeIndicator(const IndicatorLookup::Hit& hit);
// The children of a node in the order in which the author wrote them.
std::vector<uint32_t> ChildrenInOrder(const ProgramLayout& layout, const ProgramNode& node);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_EVALUATOR_IMPL_H_
