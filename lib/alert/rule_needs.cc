#include "lib/alert/rule_needs.h"

#include <algorithm>

namespace vedette::inline v0 {
namespace {

void Collect(const ProgramLayout& layout, uint32_t index, std::vector<uint32_t>* out) {
  const ProgramNode& node = layout.nodes[index];
  switch (node.kind) {
    case ProgramNode::Kind::kTrue:
    case ProgramNode::Kind::kFalse:
      return;
    case ProgramNode::Kind::kPredicate: {
      const CompiledPredicate& p = layout.predicates[node.first];
      if (p.relative) return;  // stands in an element, not in the event
      if (p.field != kNoField) out->push_back(p.field);
      if (p.other_field != kNoField) out->push_back(p.other_field);
      if (p.subject != nullptr) {
        out->insert(out->end(), p.subject->fields.begin(), p.subject->fields.end());
      }
      return;
    }
    case ProgramNode::Kind::kEach:
      if (!node.relative && node.field != kNoField) out->push_back(node.field);
      break;
    case ProgramNode::Kind::kAnd:
    case ProgramNode::Kind::kOr:
    case ProgramNode::Kind::kNot:
      break;
  }
  for (uint32_t i = 0; i < node.count; ++i) Collect(layout, node.first + i, out);
}

bool CouldPredicate(const CompiledPredicate& p, const std::vector<bool>& seen) {
  // Of a computed value or an element: who knows.
  if (p.relative || p.subject != nullptr) return true;
  if (p.op == CompiledPredicate::Op::kIsNull || p.op == CompiledPredicate::Op::kKeyword ||
      p.op == CompiledPredicate::Op::kHolds) {
    return true;
  }
  return (p.field == kNoField || seen[p.field]) &&
         (p.other_field == kNoField || seen[p.other_field]);
}

bool CouldNode(const ProgramLayout& layout, uint32_t index, const std::vector<bool>& seen) {
  const ProgramNode& node = layout.nodes[index];
  const auto child = [&](uint32_t i) { return CouldNode(layout, node.first + i, seen); };
  switch (node.kind) {
    case ProgramNode::Kind::kTrue:
    case ProgramNode::Kind::kNot:
      return true;
    case ProgramNode::Kind::kFalse:
      return false;
    case ProgramNode::Kind::kPredicate:
      return CouldPredicate(layout.predicates[node.first], seen);
    case ProgramNode::Kind::kAnd:
      for (uint32_t i = 0; i < node.count; ++i) {
        if (!child(i)) return false;
      }
      return true;
    case ProgramNode::Kind::kOr:
      for (uint32_t i = 0; i < node.count; ++i) {
        if (child(i)) return true;
      }
      return false;
    case ProgramNode::Kind::kEach:
      return node.relative || node.field == kNoField || seen[node.field] ||
             node.quantifier == ProgramNode::Quantifier::kAllOrEmpty ||
             node.quantifier == ProgramNode::Quantifier::kNone;
  }
  return true;
}

}  // namespace

std::vector<uint32_t> FieldsOfRule(const ProgramLayout& layout, const ProgramRule& rule) {
  std::vector<uint32_t> out;
  Collect(layout, rule.root, &out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool CouldHold(const ProgramLayout& layout, const ProgramRule& rule,
               const std::vector<bool>& seen) {
  return CouldNode(layout, rule.root, seen);
}

}  // namespace vedette::inline v0
