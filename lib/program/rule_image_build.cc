// Rules compiled by themselves, and how they become parts of programs.
#include <memory>
#include <utility>
#include <vector>

#include "lib/program/program_build.h"

namespace vedette::inline v0 {
namespace {

// Numbers of a rule's own tables, by place, as those of the program.
using Numbers = std::vector<uint32_t>;

// What follows takes structs apart by structured bindings: a new member does not compile here until
// somebody has thought about it.

CompiledExpr Moved(const CompiledExpr& expr, const Numbers& fields) {
  CompiledExpr out;
  out.nodes = expr.nodes;
  out.texts = expr.texts;
  out.hosts = expr.hosts;
  for (const uint32_t field : expr.fields) out.fields.push_back(fields[field]);
  for (CompiledExpr::Node& node : out.nodes) {
    if (node.kind == CompiledExpr::Node::Kind::kConstant && node.constant.is_string()) {
      node.constant = Value::String(out.texts[node.index]);
    }
  }
  return out;
}

CompiledPredicate Moved(const CompiledPredicate& predicate, const Numbers& fields) {
  const auto& [op, time_part, compare, cased, relative, field, other_field, matcher, number,
               number_text, regex, cidr, subject, text] = predicate;
  CompiledPredicate out;
  out.op = op;
  out.time_part = time_part;
  out.compare = compare;
  out.cased = cased;
  out.relative = relative;
  if (field != kNoField) out.field = fields[field];
  if (other_field != kNoField) out.other_field = fields[other_field];
  out.matcher = matcher;
  out.number = number;
  out.number_text = number_text;
  out.regex = regex;
  out.cidr = cidr;
  if (subject != nullptr)
    out.subject = std::make_unique<const CompiledExpr>(Moved(*subject, fields));
  out.text = text;
  return out;
}

ProgramNode Moved(const ProgramNode& node, uint32_t first_node, const Numbers& fields,
                  const Numbers& labels, const Numbers& predicates) {
  const auto& [kind, quantifier, relative, first, count, field, label, rank, shared] = node;
  ProgramNode out;
  out.kind = kind;
  out.quantifier = quantifier;
  out.relative = relative;
  out.first = kind == ProgramNode::Kind::kPredicate ? predicates[first] : first + first_node;
  out.count = count;
  if (field != kNoField) out.field = fields[field];
  out.label = labels[label];
  out.rank = rank;
  return out;
}

size_t BytesOf(const std::string& text) { return sizeof text + text.capacity(); }

}  // namespace

RuleImage ProgramBuilder::MakeImage(IrRule rule, const Formula& meaning, int64_t max_regex_bytes,
                                    const FunctionRegistry* functions) {
  ProgramBuilder builder(max_regex_bytes, functions);
  RuleImage image;
  image.status = builder.AddRule(std::move(rule), meaning, &image.key).status();
  if (image.status.ok()) builder.layout_->rules[0].meta = {};
  image.predicate_keys.resize(builder.layout_->predicates.size());
  for (auto& [key, index] : builder.predicate_index_) image.predicate_keys[index] = key;
  builder.layout_->nodes.shrink_to_fit();
  builder.layout_->predicates.shrink_to_fit();
  builder.layout_->labels.shrink_to_fit();
  image.of = std::move(builder.layout_);
  return image;
}

absl::StatusOr<uint32_t> ProgramBuilder::AddImage(const RuleImage& image, RuleMeta meta) {
  Numbers fields;
  // Those of a rule that failed stay, as AddRule leaves them.
  for (const FieldPath& field : image.of->fields) {
    const auto [it, is_new] =
        field_index_.try_emplace(field.text(), static_cast<uint32_t>(layout_->fields.size()));
    if (is_new) layout_->fields.push_back(field);
    fields.push_back(it->second);
  }
  if (!image.status.ok()) return image.status;
  Numbers labels;
  for (const std::string& label : image.of->labels) labels.push_back(InternLabel(label));
  Numbers predicates;
  for (size_t i = 0; i < image.predicate_keys.size(); ++i) {
    const auto [it, is_new] = predicate_index_.try_emplace(
        image.predicate_keys[i], static_cast<uint32_t>(layout_->predicates.size()));
    if (is_new) layout_->predicates.push_back(Moved(image.of->predicates[i], fields));
    predicates.push_back(it->second);
  }
  const auto first_node = static_cast<uint32_t>(layout_->nodes.size());
  for (const ProgramNode& node : image.of->nodes) {
    layout_->nodes.push_back(Moved(node, first_node, fields, labels, predicates));
  }
  // Feeds are found when the program is whole.
  const auto& [no_meta, root, fingerprint, outcomes, suppress_by, suppress_ns, silent, feeds] =
      image.of->rules[0];
  ProgramRule out;
  out.meta = std::move(meta);
  out.root = root + first_node;
  out.fingerprint = fingerprint;
  for (const auto& [name, value] : outcomes) out.outcomes.emplace_back(name, Moved(value, fields));
  for (const CompiledKey& key : suppress_by) {
    out.suppress_by.push_back({Moved(key.expr, fields), key.optional});
  }
  out.suppress_ns = suppress_ns;
  out.silent = silent;
  return Append(std::move(out), image.key);
}

size_t RuleImage::memory_bytes() const {
  size_t bytes = sizeof *this + sizeof *of + BytesOf(key);
  for (const std::string& text : predicate_keys) bytes += BytesOf(text);
  for (const std::string& label : of->labels) bytes += BytesOf(label);
  for (const FieldPath& field : of->fields) bytes += sizeof field + 2 * field.text().size();
  bytes += of->nodes.capacity() * sizeof(ProgramNode);
  for (const CompiledPredicate& p : of->predicates) {
    bytes += sizeof p + BytesBehind(p);
  }
  return bytes;
}

}  // namespace vedette::inline v0
