#include "lib/ir/key.h"

#include <array>
#include <cstdint>

namespace vedette::inline v0 {
namespace {

void AppendInteger(uint64_t n, std::string* out) {
  std::array<char, 8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(n >> (8 * i));
  out->append(bytes.data(), bytes.size());
}

// Length first, so that no text can pose as the next part.
void AppendText(std::string_view s, std::string* out) {
  AppendInteger(s.size(), out);
  out->append(s);
}

void AppendPattern(const TextPattern& pattern, std::string* out) {
  out->push_back(pattern.cased ? 1 : 0);
  AppendInteger(pattern.pieces.size(), out);
  for (const PatternPiece& piece : pattern.pieces) {
    out->push_back(static_cast<char>(piece.kind));
    AppendText(piece.text, out);
  }
}

void AppendKeys(const std::vector<Key>& keys, std::string* out) {
  AppendInteger(keys.size(), out);
  for (const Key& key : keys) {
    out->push_back(key.optional ? 1 : 0);
    AppendExprKey(key.value, out);
  }
}

}  // namespace

void AppendExprKey(const Expr& e, std::string* out) {
  out->push_back(static_cast<char>(e.kind));
  switch (e.kind) {
    case Expr::Kind::kNull:
      return;
    case Expr::Kind::kBoolean:
      out->push_back(e.boolean ? 1 : 0);
      return;
    case Expr::Kind::kNumber:
      out->push_back(e.number.is_int ? 'i' : 'd');
      AppendText(e.number.Text(), out);
      return;
    case Expr::Kind::kString:
      AppendText(e.text, out);
      return;
    case Expr::Kind::kField:
      AppendText(e.text, out);
      AppendInteger(static_cast<uint64_t>(static_cast<int64_t>(e.source)), out);
      return;
    case Expr::Kind::kCall:
      out->push_back(static_cast<char>(e.function));
      out->push_back(e.ignore_case ? 1 : 0);
      AppendText(e.text, out);
      AppendInteger(e.args.size(), out);
      for (const Expr& arg : e.args) AppendExprKey(arg, out);
      return;
  }
}

void AppendActionsKey(const RuleActions& actions, std::string* out) {
  AppendInteger(actions.outcomes.size(), out);
  for (const auto& [name, value] : actions.outcomes) {
    AppendText(name, out);
    AppendExprKey(value, out);
  }
  AppendKeys(actions.suppress_by, out);
  AppendInteger(static_cast<uint64_t>(actions.suppress_ns), out);
}

void AppendPredicateKey(const Predicate& p, std::string* out) {
  out->push_back(static_cast<char>(p.op));
  AppendText(p.field, out);
  out->push_back(p.subject != nullptr ? 1 : 0);
  if (p.subject != nullptr) AppendExprKey(*p.subject, out);
  switch (p.op) {
    case PredicateOp::kExists:
    case PredicateOp::kIsNull:
    case PredicateOp::kHolds:
      return;
    case PredicateOp::kText:
    case PredicateOp::kKeyword:
      AppendPattern(p.pattern, out);
      return;
    case PredicateOp::kNumberEq:
    case PredicateOp::kNumberLt:
    case PredicateOp::kNumberLe:
    case PredicateOp::kNumberGt:
    case PredicateOp::kNumberGe:
      out->push_back(static_cast<char>(p.time_part));
      AppendText(p.number.Text(), out);
      return;
    case PredicateOp::kRegex:
      out->push_back(static_cast<char>((p.regex_flags.ignore_case ? 1 : 0) +
                                       (p.regex_flags.multi_line ? 2 : 0) +
                                       (p.regex_flags.dot_all ? 4 : 0)));
      AppendText(p.regex, out);
      return;
    case PredicateOp::kCidr:
      out->push_back(p.cidr.v6 ? 6 : 4);
      out->push_back(static_cast<char>(p.cidr.bits));
      out->append(reinterpret_cast<const char*>(p.cidr.bytes.data()), p.cidr.bytes.size());
      return;
    case PredicateOp::kFieldText:
      out->push_back(static_cast<char>(p.compare));
      out->push_back(p.cased ? 1 : 0);
      AppendText(p.other_field, out);
      return;
  }
}

void AppendNodeKey(const Formula& f, std::string* out) {
  out->push_back(static_cast<char>(f.kind));
  if (f.kind == NodeKind::kPredicate) AppendPredicateKey(f.predicate, out);
  if (f.kind == NodeKind::kEach) {
    out->push_back(static_cast<char>(f.quantifier));
    AppendText(f.field, out);
  }
}

void AppendFormulaKey(const Formula& f, std::string* out) {
  AppendNodeKey(f, out);
  AppendInteger(f.children.size(), out);
  for (const Formula& child : f.children) AppendFormulaKey(child, out);
}

namespace {

void AppendSourceKey(const CorrelationSource& source, std::string* out) {
  AppendInteger(source.rules.size(), out);
  for (const RuleReference& reference : source.rules) AppendKeys(reference.keys, out);
  if (source.rules.empty()) AppendFormulaKey(source.condition, out);
  AppendKeys(source.keys, out);
  out->push_back(source.negated ? 1 : 0);
  for (const uint32_t n : {source.runs, source.min_count, source.max_count, source.min_distinct}) {
    AppendInteger(n, out);
  }
  AppendText(source.distinct_field, out);
  AppendInteger(static_cast<uint64_t>(source.within_previous_ns), out);
  AppendInteger(static_cast<uint64_t>(source.after_previous_ns), out);
}

}  // namespace

void AppendCorrelationKey(const CorrelationSpec& spec, std::string* out) {
  AppendText(spec.meta.log_source.ToString(), out);
  for (const uint8_t part :
       {static_cast<uint8_t>(spec.shape), static_cast<uint8_t>(spec.window),
        static_cast<uint8_t>(spec.select), static_cast<uint8_t>(spec.rearm),
        static_cast<uint8_t>(spec.any_generation), static_cast<uint8_t>(spec.until.has_value())}) {
    out->push_back(static_cast<char>(part));
  }
  for (const int64_t ns : {spec.span_ns, spec.gap_ns, spec.history_ns, spec.rearm_ns}) {
    AppendInteger(static_cast<uint64_t>(ns), out);
  }
  AppendInteger(spec.select_limit, out);
  AppendInteger(spec.sources.size(), out);
  for (const CorrelationSource& source : spec.sources) AppendSourceKey(source, out);
  if (spec.until.has_value()) AppendSourceKey(*spec.until, out);
  AppendExprKey(spec.having, out);
  AppendInteger(spec.new_values.size(), out);
  for (const Expr& value : spec.new_values) AppendExprKey(value, out);
  AppendText(spec.lineage_id, out);
  AppendText(spec.lineage_parent, out);
  AppendActionsKey(spec.actions, out);
}

}  // namespace vedette::inline v0
