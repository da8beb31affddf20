#include "lib/eval/runner.h"

#include <algorithm>

#include "lib/eval/kernels.h"

namespace vedette::inline v0 {

void Runner::Begin() {
  stamp_ += 2;
  if (stamp_ == 0) {
    // The counter wrapped: old marks would look new.
    std::fill(memo_.begin(), memo_.end(), 0);
    stamp_ = 2;
  }
}

bool Runner::Predicate(uint32_t predicate, const Value* element) {
  const CompiledPredicate& p = layout_.predicates[predicate];
  if (p.relative) return PredicateHolds(p, element, frame_);
  uint32_t& memo = memo_[predicate];
  if ((memo & ~1U) == stamp_) return (memo & 1U) != 0;
  const bool holds = PredicateHolds(p, nullptr, frame_);
  memo = stamp_ | (holds ? 1U : 0U);
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
