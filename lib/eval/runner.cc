#include "lib/eval/runner.h"

#include <algorithm>

#include "lib/eval/kernels.h"

namespace vedette::inline v0 {

void Runner::Begin() {
  covered_ = nullptr;
  profiler_ = nullptr;
  stamp_ += kMarks + 1;
  if (stamp_ == 0) {
    // The counter wrapped: old marks would look new.
    std::fill(memo_.begin(), memo_.end(), 0);
    std::fill(formulas_.begin(), formulas_.end(), 0);
    stamp_ = kMarks + 1;
  }
}

bool Runner::Evaluate(uint32_t predicate, const Value* element) {
  const CompiledPredicate& p = layout_.predicates[predicate];
  if (profiler_ == nullptr) [[likely]]
    return PredicateHolds(p, element, frame_);
  const int64_t start = profiler_->Now();
  const bool holds = PredicateHolds(p, element, frame_);
  profiler_->AddPredicate(predicate, holds, profiler_->Now() - start);
  return holds;
}

bool Runner::Predicate(uint32_t predicate, const Value* element) {
  uint32_t& memo = memo_[predicate];
  if ((memo & ~kMarks) == stamp_) {
    if ((memo & kPossible) == 0) return (memo & kHolds) != 0;
  } else if (covered_ != nullptr && (covered_[predicate / 64] >> (predicate % 64) & 1) != 0) {
    return false;
  }
  if (layout_.predicates[predicate].relative) return Evaluate(predicate, element);
  const bool holds = Evaluate(predicate, nullptr);
  memo = stamp_ | (holds ? kHolds : 0U);
  return holds;
}

std::span<const Value> Runner::Elements(const ProgramNode& node, const Value* element) {
  const Value v = node.relative && element != nullptr
                      ? frame_->RelativeField(*element, node.field).value
                      : frame_->Field(node.field).value;
  if (v.absent() || v.is_null()) return {};
  if (v.is_list()) return v.list();
  const std::span<Value> single = frame_->arena()->NewValues(1);
  single[0] = v;
  return single;
}

bool Runner::Each(const ProgramNode& node, const Value* element) {
  using Quantifier = ProgramNode::Quantifier;
  const std::span<const Value> elements = Elements(node, element);
  const bool all =
      node.quantifier == Quantifier::kAll || node.quantifier == Quantifier::kAllOrEmpty;
  if (elements.empty()) {
    return node.quantifier == Quantifier::kAllOrEmpty || node.quantifier == Quantifier::kNone;
  }
  for (const Value& item : elements) {
    const bool holds = Holds(node.first, &item);
    if (all && !holds) return false;
    if (!all && holds) return node.quantifier == Quantifier::kAny;
  }
  return all || node.quantifier == Quantifier::kNone;
}

bool Runner::Holds(uint32_t index, const Value* element) {
  const ProgramNode& node = layout_.nodes[index];
  if (node.kind == ProgramNode::Kind::kPredicate) return Predicate(node.first, element);
  if (node.shared == 0) return Inner(node, element);
  uint32_t& memo = formulas_[node.shared];
  if ((memo & ~kMarks) == stamp_) return (memo & kHolds) != 0;
  const bool holds = Inner(node, element);
  memo = stamp_ | (holds ? kHolds : 0U);
  return holds;
}

bool Runner::Inner(const ProgramNode& node, const Value* element) {
  switch (node.kind) {
    case ProgramNode::Kind::kTrue:
      return true;
    case ProgramNode::Kind::kFalse:
      return false;
    case ProgramNode::Kind::kPredicate:
      return Predicate(node.first, element);
    case ProgramNode::Kind::kAnd:
      for (uint32_t i = 0; i < node.count; ++i) {
        if (!Holds(node.first + i, element)) return false;
      }
      return true;
    case ProgramNode::Kind::kOr:
      for (uint32_t i = 0; i < node.count; ++i) {
        if (Holds(node.first + i, element)) return true;
      }
      return false;
    case ProgramNode::Kind::kNot:
      return !Holds(node.first, element);
    case ProgramNode::Kind::kEach:
      return Each(node, element);
  }
  return false;
}

}  // namespace vedette::inline v0
