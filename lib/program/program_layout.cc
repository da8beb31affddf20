#include "lib/program/program_layout.h"

#include <algorithm>

#include "lib/program/shared_formulas.h"

namespace vedette::inline v0 {

namespace {

void DeriveRequiredFields(ProgramLayout* layout) {
  std::vector<bool> used(layout->fields.size(), false);
  const auto use = [&used](const CompiledExpr& expr) {
    for (const uint32_t field : expr.fields) used[field] = true;
  };
  for (const CompiledPredicate& p : layout->predicates) {
    if (p.op == CompiledPredicate::Op::kKeyword) layout->searches_whole_event = true;
    if (!p.relative && p.field != kNoField) used[p.field] = true;
    if (!p.relative && p.other_field != kNoField) used[p.other_field] = true;
    if (!p.relative && p.subject != nullptr) use(*p.subject);
  }
  for (const ProgramRule& rule : layout->rules) {
    for (const auto& [name, value] : rule.outcomes) use(value);
    for (const CompiledKey& key : rule.suppress_by) use(key.expr);
  }
  for (const CorrelationFeed& feed : layout->feeds) {
    if (feed.from_correlation) continue;
    for (const CompiledKey& key : feed.keys) use(key.expr);
    for (const CompiledColumn& column : feed.columns) use(column.expr);
  }
  for (const ProgramNode& node : layout->nodes) {
    if (node.kind == ProgramNode::Kind::kEach && !node.relative) used[node.field] = true;
  }
  for (size_t i = 0; i < used.size(); ++i) {
    if (used[i]) layout->field_names.push_back(layout->fields[i].text());
  }
  std::sort(layout->field_names.begin(), layout->field_names.end());
}

}  // namespace

void DeriveRest(ProgramLayout* layout) {
  DeriveRequiredFields(layout);
  for (uint32_t i = 0; i < layout->feeds.size(); ++i) {
    const CorrelationFeed& feed = layout->feeds[i];
    std::vector<uint32_t>& feeds = feed.from_correlation ? layout->correlations[feed.from].feeds
                                                         : layout->rules[feed.from].feeds;
    feeds.push_back(i);
  }
  ShareFormulas(layout);
}

}  // namespace vedette::inline v0
