#include "lib/eval/profiler.h"

#include <algorithm>
#include <tuple>

namespace vedette::inline v0 {

Profiler::Profiler(const ProgramLayout& layout, uint32_t every, Clock clock)
    : layout_(layout), every_(every), clock_(clock) {
  if (every == 0) return;
  rules_.resize(layout.rules.size());
  predicates_.resize(layout.predicates.size());
}

std::vector<uint64_t> Profiler::RulesOfPredicates() const {
  std::vector<uint64_t> counts(layout_.predicates.size(), 0);
  std::vector<uint32_t> last(layout_.predicates.size(), UINT32_MAX);  // the last rule with it
  std::vector<uint32_t> open;
  for (uint32_t rule = 0; rule < layout_.rules.size(); ++rule) {
    open.assign(1, layout_.rules[rule].root);
    while (!open.empty()) {
      const ProgramNode& node = layout_.nodes[open.back()];
      open.pop_back();
      if (node.kind == ProgramNode::Kind::kPredicate) {
        if (last[node.first] != rule) ++counts[node.first];
        last[node.first] = rule;
        continue;
      }
      for (uint32_t i = 0; i < node.count; ++i) open.push_back(node.first + i);
    }
  }
  return counts;
}

EvaluationProfile Profiler::Profile() const {
  EvaluationProfile out;
  out.events = events_;
  out.time = time_;
  out.index_time = index_time_;
  out.rules = rules_;
  const std::vector<uint64_t> rules = RulesOfPredicates();
  for (size_t i = 0; i < predicates_.size(); ++i) {
    const Count& count = predicates_[i];
    if (count.evaluated == 0) continue;
    const CompiledPredicate& p = layout_.predicates[i];
    TestCost& cost = out.tests.emplace_back();
    if (p.field != kNoField && p.subject == nullptr) cost.field = layout_.fields[p.field].text();
    cost.test = p.text;
    cost.regex = p.op == CompiledPredicate::Op::kRegex;
    cost.rules = rules[i];
    cost.evaluated = count.evaluated;
    cost.held = count.held;
    cost.time = count.time;
  }
  std::stable_sort(out.tests.begin(), out.tests.end(), [](const TestCost& a, const TestCost& b) {
    return std::tie(a.time, a.evaluated) > std::tie(b.time, b.evaluated);
  });
  return out;
}

}  // namespace vedette::inline v0
