#include "vedette/program.h"

#include <algorithm>
#include <utility>

#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

size_t MetaBytes(const RuleMeta& m) {
  size_t bytes = m.title.size() + m.description.size() + m.author.size() + m.id.size();
  for (const auto* list : {&m.tags, &m.references, &m.false_positives, &m.fields}) {
    for (const std::string& s : *list) bytes += sizeof s + s.size();
  }
  return bytes;
}

size_t BytesBehind(const CompiledPredicate& p) {
  return p.matcher.memory_bytes() + p.text.capacity() + p.number_text.capacity() +
         (p.regex == nullptr ? 0 : p.regex->memory_bytes());
}

namespace {

size_t ExprBytes(const CompiledExpr& expr) {
  size_t bytes = expr.nodes.capacity() * sizeof(CompiledExpr::Node) +
                 expr.fields.capacity() * sizeof(uint32_t);
  for (const std::string& text : expr.texts) bytes += sizeof text + text.size();
  return bytes;
}

}  // namespace

Program::Program(std::unique_ptr<ProgramLayout> layout) {
  layout->rule_json =
      std::make_unique<MadeOnce>(layout->rules.size() + layout->correlations.size());
  layout_ = std::move(layout);
}
Program::~Program() = default;

size_t Program::rule_count() const { return layout_->visible_rules; }
size_t Program::predicate_count() const { return layout_->predicates.size(); }
const RuleMeta& Program::rule(size_t index) const { return layout_->rules[index].meta; }
uint64_t Program::fingerprint(size_t index) const { return layout_->rules[index].fingerprint; }
uint64_t Program::fingerprint() const { return layout_->fingerprint; }

int Program::FindRule(std::string_view id_name_or_title) const {
  int by_name = -1;
  int by_title = -1;
  for (size_t i = layout_->visible_rules; i-- > 0;) {
    const RuleMeta& meta = layout_->rules[i].meta;
    if (meta.id == id_name_or_title) return static_cast<int>(i);
    if (meta.name == id_name_or_title) by_name = static_cast<int>(i);
    if (meta.title == id_name_or_title) by_title = static_cast<int>(i);
  }
  return by_name >= 0 ? by_name : by_title;
}

size_t Program::correlation_count() const { return layout_->correlations.size(); }
const RuleMeta& Program::correlation(size_t index) const {
  return layout_->correlations[index].meta;
}
uint64_t Program::correlation_fingerprint(size_t index) const {
  return layout_->correlations[index].fingerprint;
}
uint32_t Program::correlation_depth() const {
  uint32_t depth = 0;
  for (const ProgramCorrelation& c : layout_->correlations) depth = std::max(depth, c.depth);
  return depth;
}
std::string Program::DumpCorrelation(size_t index) const {
  return layout_->correlations[index].dump;
}
std::span<const std::string> Program::required_fields() const { return layout_->field_names; }
bool Program::searches_whole_event() const { return layout_->searches_whole_event; }
const LogSourceTable& Program::log_sources() const { return layout_->log_sources; }

size_t Program::memory_bytes() const {
  size_t bytes = sizeof(ProgramLayout) + layout_->nodes.capacity() * sizeof(ProgramNode) +
                 layout_->predicates.capacity() * sizeof(CompiledPredicate) +
                 layout_->fields.capacity() * sizeof(FieldPath);
  for (const CompiledPredicate& p : layout_->predicates) bytes += BytesBehind(p);
  for (const ProgramRule& rule : layout_->rules) bytes += sizeof rule + MetaBytes(rule.meta);
  for (const ProgramCorrelation& c : layout_->correlations) {
    bytes += sizeof c + c.dump.size() + MetaBytes(c.meta) + ExprBytes(c.having);
    for (const CorrelationInput& input : c.sources) bytes += sizeof input + ExprBytes(input.join);
    for (const CompiledExpr& test : c.tests) bytes += sizeof test + ExprBytes(test);
    for (const auto& [name, expr] : c.outcomes) bytes += sizeof expr + ExprBytes(expr);
    bytes += c.aggregates.capacity() * sizeof(CorrelationAggregate) +
             c.slots.capacity() * sizeof(CorrelationSlot);
  }
  for (const CorrelationFeed& feed : layout_->feeds) {
    bytes += sizeof feed;
    for (const CompiledKey& key : feed.keys) bytes += sizeof key + ExprBytes(key.expr);
    for (const CompiledColumn& column : feed.columns) {
      bytes += sizeof column + ExprBytes(column.expr);
    }
  }
  for (const std::string& label : layout_->labels) bytes += sizeof label + label.size();
  return bytes;
}

}  // namespace vedette::inline v0
