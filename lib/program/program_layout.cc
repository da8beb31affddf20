#include "lib/program/program_layout.h"

#include <algorithm>

namespace vedette::inline v0 {

void DeriveRequiredFields(ProgramLayout* layout) {
  std::vector<bool> used(layout->fields.size(), false);
  for (const CompiledPredicate& p : layout->predicates) {
    if (p.op == CompiledPredicate::Op::kKeyword) layout->searches_whole_event = true;
    if (!p.relative && p.field != kNoField) used[p.field] = true;
    if (!p.relative && p.other_field != kNoField) used[p.other_field] = true;
    if (!p.relative && p.subject != nullptr) {
      for (const uint32_t field : p.subject->fields) used[field] = true;
    }
  }
  for (const ProgramRule& rule : layout->rules) {
    for (const auto& [name, value] : rule.outcomes) {
      for (const uint32_t field : value.fields) used[field] = true;
    }
  }
  for (const ProgramNode& node : layout->nodes) {
    if (node.kind == ProgramNode::Kind::kEach && !node.relative) used[node.field] = true;
  }
  for (size_t i = 0; i < used.size(); ++i) {
    if (used[i]) layout->field_names.push_back(layout->fields[i].text());
  }
  std::sort(layout->field_names.begin(), layout->field_names.end());
}

}  // namespace vedette::inline v0
