#include "lib/program/program_build.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lib/base/hash.h"
#include "lib/ir/key.h"
#include "lib/ir/printer.h"
#include "lib/program/cost_build.h"
#include "lib/program/text_matcher_build.h"

namespace vedette::inline v0 {
namespace {

// The run side has enums of its own, so that it needs no IR; they are the same lists.
static_assert(static_cast<int>(PredicateOp::kHolds) ==
              static_cast<int>(CompiledPredicate::Op::kHolds));
static_assert(static_cast<int>(TimePart::kYear) ==
              static_cast<int>(CompiledPredicate::TimePart::kYear));
static_assert(static_cast<int>(FieldCompare::kContains) ==
              static_cast<int>(CompiledPredicate::Compare::kContains));
static_assert(static_cast<int>(NodeKind::kEach) == static_cast<int>(ProgramNode::Kind::kEach));
static_assert(static_cast<int>(Quantifier::kNone) ==
              static_cast<int>(ProgramNode::Quantifier::kNone));

absl::StatusOr<std::shared_ptr<const ProgramRegex>> CompileRegex(const Predicate& p,
                                                                 int64_t max_bytes) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!p.regex_flags.ignore_case);
  options.set_dot_nl(p.regex_flags.dot_all);
  options.set_max_mem(max_bytes);
  const std::string text = p.regex_flags.multi_line ? "(?m)" + p.regex : p.regex;
  auto regex = std::make_unique<const RE2>(text, options);
  if (!regex->ok()) {
    if (regex->error_code() == RE2::ErrorPatternTooLarge) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the regular expression needs more than ", max_bytes, " bytes"));
    }
    return absl::InvalidArgumentError(
        absl::StrCat("the regular expression is not supported: ", regex->error()));
  }
  return std::make_shared<const ProgramRegex>(std::move(regex));
}

}  // namespace

ProgramBuilder::ProgramBuilder(const LogSourceTable& log_sources, int64_t max_regex_bytes,
                               const FunctionRegistry* functions)
    : layout_(std::make_unique<ProgramLayout>()),
      max_regex_bytes_(max_regex_bytes),
      functions_(functions) {
  layout_->labels.emplace_back();
  layout_->log_sources = log_sources;
  layout_->routing = Routing(log_sources);
}

ProgramBuilder::ProgramBuilder(int64_t max_regex_bytes, const FunctionRegistry* functions)
    : layout_(std::make_unique<ProgramLayout>()),
      max_regex_bytes_(max_regex_bytes),
      functions_(functions) {
  layout_->labels.emplace_back();
}

uint32_t ProgramBuilder::InternField(const std::string& name) {
  const auto [it, is_new] =
      field_index_.try_emplace(name, static_cast<uint32_t>(layout_->fields.size()));
  // The verifier has parsed every name already.
  if (is_new) layout_->fields.push_back(FieldPath::Parse(name).value());
  return it->second;
}

uint32_t ProgramBuilder::InternLabel(const std::string& label) {
  if (label.empty()) return 0;
  const auto [it, is_new] =
      label_index_.try_emplace(label, static_cast<uint32_t>(layout_->labels.size()));
  if (is_new) layout_->labels.push_back(label);
  return it->second;
}

// Appends `e` in postfix order; depth is bounded by the verifier.
absl::Status ProgramBuilder::CompileExpr(const Expr& e, const FieldNumber& number,
                                         CompiledExpr* out) {
  for (const Expr& arg : e.args) {
    const absl::Status status = CompileExpr(arg, number, out);
    if (!status.ok()) return status;
  }
  CompiledExpr::Node node;
  switch (e.kind) {
    case Expr::Kind::kNull:
      node.constant = Value::Null();
      break;
    case Expr::Kind::kBoolean:
      node.constant = Value::Bool(e.boolean);
      break;
    case Expr::Kind::kNumber:
      node.constant = e.number.is_int ? Value::Int(e.number.i) : Value::Double(e.number.d);
      break;
    case Expr::Kind::kString:
      node.index = static_cast<uint32_t>(out->texts.size());
      out->texts.push_back(e.text);
      node.constant = Value::String("");  // set when all texts have their place
      break;
    case Expr::Kind::kField: {
      const uint32_t field = number(e);
      if (field == kNoField) break;  // null
      node.kind = CompiledExpr::Node::Kind::kField;
      const auto known = std::find(out->fields.begin(), out->fields.end(), field);
      node.index = static_cast<uint32_t>(known - out->fields.begin());
      if (known == out->fields.end()) out->fields.push_back(field);
      break;
    }
    case Expr::Kind::kCall:
      node.kind = CompiledExpr::Node::Kind::kCall;
      node.function = e.function;
      node.ignore_case = e.ignore_case;
      node.args = static_cast<uint32_t>(e.args.size());
      if (e.function == Function::kHost) {
        auto host = functions_ == nullptr ? nullptr : functions_->Find(e.text);
        if (host == nullptr) {
          return absl::InvalidArgumentError(
              absl::StrCat("the host has no function '", e.text, "'"));
        }
        node.index = static_cast<uint32_t>(out->hosts.size());
        out->hosts.push_back(std::move(host));
      }
      break;
  }
  out->nodes.push_back(node);
  return absl::OkStatus();
}

absl::StatusOr<CompiledExpr> ProgramBuilder::Compiled(const Expr& expr) {
  return Compiled(expr, OfEvent());
}

absl::StatusOr<std::vector<CompiledKey>> ProgramBuilder::CompiledKeys(const std::vector<Key>& keys,
                                                                      const FieldNumber& number) {
  std::vector<CompiledKey> out;
  for (const Key& key : keys) {
    absl::StatusOr<CompiledExpr> value = Compiled(key.value, number);
    if (!value.ok()) return value.status();
    out.push_back({*std::move(value), key.optional});
  }
  return out;
}

absl::StatusOr<CompiledExpr> ProgramBuilder::Compiled(const Expr& expr, const FieldNumber& number) {
  CompiledExpr out;
  const absl::Status status = CompileExpr(expr, number, &out);
  if (!status.ok()) return status;
  for (CompiledExpr::Node& node : out.nodes) {
    if (node.kind == CompiledExpr::Node::Kind::kConstant && node.constant.is_string()) {
      node.constant = Value::String(out.texts[node.index]);
    }
  }
  return out;
}

absl::Status ProgramBuilder::CompilePredicate(const Predicate& p, bool relative,
                                              CompiledPredicate* out) {
  out->op = static_cast<CompiledPredicate::Op>(p.op);
  out->time_part = static_cast<CompiledPredicate::TimePart>(p.time_part);
  out->compare = static_cast<CompiledPredicate::Compare>(p.compare);
  out->cased = p.cased;
  out->relative = relative;
  out->text = PrintPredicate(p);
  switch (p.op) {
    case PredicateOp::kText:
    case PredicateOp::kKeyword:
      out->matcher = BuildTextMatcher(p.pattern);
      break;
    case PredicateOp::kRegex: {
      auto regex = CompileRegex(p, max_regex_bytes_);
      if (!regex.ok()) return regex.status();
      out->regex = *std::move(regex);
      break;
    }
    default:
      break;
  }
  out->number = p.number.is_int ? Value::Int(p.number.i) : Value::Double(p.number.d);
  if (p.op == PredicateOp::kNumberEq) out->number_text = p.number.Text();
  out->cidr = p.cidr;
  if (p.subject != nullptr) {
    auto subject = Compiled(*p.subject);
    if (!subject.ok()) return subject.status();
    out->subject = std::make_unique<const CompiledExpr>(*std::move(subject));
    return absl::OkStatus();
  }
  if (p.op != PredicateOp::kKeyword) out->field = InternField(p.field);
  if (p.op == PredicateOp::kFieldText) out->other_field = InternField(p.other_field);
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> ProgramBuilder::InternPredicate(const Predicate& p, bool relative) {
  std::string key(1, relative ? 'r' : 'e');
  AppendPredicateKey(p, &key);
  if (const auto it = predicate_index_.find(key); it != predicate_index_.end()) return it->second;
  CompiledPredicate compiled;
  const absl::Status status = CompilePredicate(p, relative, &compiled);
  if (!status.ok()) return status;
  const auto index = static_cast<uint32_t>(layout_->predicates.size());
  layout_->predicates.push_back(std::move(compiled));
  predicate_index_.emplace(std::move(key), index);
  return index;
}

absl::Status ProgramBuilder::FillNode(uint32_t index, const Formula& formula, bool relative) {
  ProgramNode node;
  node.kind = static_cast<ProgramNode::Kind>(formula.kind);
  node.label = InternLabel(formula.label);
  node.relative = relative;
  node.rank = layout_->nodes[index].rank;
  if (formula.kind == NodeKind::kPredicate) {
    const auto predicate = InternPredicate(formula.predicate, relative);
    if (!predicate.ok()) return predicate.status();
    node.first = *predicate;
    layout_->nodes[index] = node;
    return absl::OkStatus();
  }
  if (formula.kind == NodeKind::kEach) {
    node.quantifier = static_cast<ProgramNode::Quantifier>(formula.quantifier);
    node.field = InternField(formula.field);
  }
  const size_t n = formula.children.size();
  node.first = static_cast<uint32_t>(layout_->nodes.size());
  node.count = static_cast<uint32_t>(n);
  layout_->nodes[index] = node;
  layout_->nodes.resize(layout_->nodes.size() + n);
  std::vector<double> costs(n);
  std::vector<uint32_t> order(n);
  for (size_t i = 0; i < n; ++i) costs[i] = EstimateCost(formula.children[i]);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&costs](uint32_t a, uint32_t b) { return costs[a] < costs[b]; });
  for (size_t i = 0; i < n; ++i) {
    const auto child = static_cast<uint32_t>(node.first + i);
    layout_->nodes[child].rank = order[i];
    const absl::Status status =
        FillNode(child, formula.children[order[i]], relative || formula.kind == NodeKind::kEach);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> ProgramBuilder::AddFormula(const Formula& formula) {
  const auto root = static_cast<uint32_t>(layout_->nodes.size());
  layout_->nodes.emplace_back();
  const absl::Status status = FillNode(root, formula, false);
  if (!status.ok()) return status;
  return root;
}

absl::StatusOr<uint32_t> ProgramBuilder::AddRule(IrRule rule, const Formula& meaning) {
  std::string key;
  return AddRule(std::move(rule), meaning, &key);
}

absl::StatusOr<uint32_t> ProgramBuilder::AddRule(IrRule rule, const Formula& meaning,
                                                 std::string* key) {
  const Mark mark = Here();
  ProgramRule out;
  absl::StatusOr<uint32_t> root = AddFormula(rule.condition);
  absl::Status status = root.status();
  if (status.ok()) out.root = *root;
  for (const auto& [name, value] : rule.actions.outcomes) {
    if (!status.ok()) break;
    auto compiled = Compiled(value);
    status = compiled.status();
    if (compiled.ok()) out.outcomes.emplace_back(name, *std::move(compiled));
  }
  if (status.ok()) {
    auto keys = CompiledKeys(rule.actions.suppress_by, OfEvent());
    status = keys.status();
    if (keys.ok()) out.suppress_by = *std::move(keys);
    out.suppress_ns = rule.actions.suppress_ns;
  }
  if (!status.ok()) {
    Undo(mark);
    return status;
  }
  *key = rule.meta.log_source.ToString();
  AppendFormulaKey(meaning, key);
  AppendActionsKey(rule.actions, key);
  out.fingerprint = StableHash(*key);
  out.silent = !rule.emits;
  out.meta = std::move(rule.meta);
  return Append(std::move(out), *key);
}

uint32_t ProgramBuilder::Append(ProgramRule rule, const std::string& key) {
  layout_->fingerprint = StableHash(key, layout_->fingerprint + 1);
  layout_->rules.push_back(std::move(rule));
  layout_->visible_rules = layout_->rules.size();
  return static_cast<uint32_t>(layout_->visible_rules - 1);
}

size_t ProgramBuilder::memory_bytes() {
  for (; counted_.predicates < layout_->predicates.size(); ++counted_.predicates) {
    counted_.bytes +=
        sizeof(CompiledPredicate) + BytesBehind(layout_->predicates[counted_.predicates]);
  }
  for (; counted_.rules < layout_->rules.size(); ++counted_.rules) {
    counted_.bytes += sizeof(ProgramRule) + MetaBytes(layout_->rules[counted_.rules].meta);
  }
  return counted_.bytes + layout_->nodes.size() * sizeof(ProgramNode);
}

void ProgramBuilder::Undo(const Mark& mark) {
  layout_->nodes.resize(mark.nodes);
  layout_->predicates.resize(mark.predicates);
  layout_->labels.resize(mark.labels);
  absl::erase_if(predicate_index_, [&mark](const auto& e) { return e.second >= mark.predicates; });
  absl::erase_if(label_index_, [&mark](const auto& e) { return e.second >= mark.labels; });
  // Fields stay: an unused one costs nothing, and required_fields() counts only used ones.
}

std::vector<CorrelationProblem> ProgramBuilder::AddCorrelations(
    const CorrelationModule& correlations) {
  return CorrelationBuilder(this, correlations).Build();
}

std::shared_ptr<const Program> ProgramBuilder::Finish() {
  DeriveRest(layout_.get());
  layout_->nodes.shrink_to_fit();
  layout_->predicates.shrink_to_fit();
  return std::make_shared<const Program>(std::move(layout_));
}

}  // namespace vedette::inline v0
