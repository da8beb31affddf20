#include "lib/ir/ir.h"

#include <utility>

namespace vedette::inline v0 {

void Canonicalize(TextPattern* pattern) {
  using Kind = PatternPiece::Kind;
  std::vector<PatternPiece> out;
  for (PatternPiece& piece : pattern->pieces) {
    if (piece.kind == Kind::kLiteral) {
      if (piece.text.empty()) continue;
      if (!out.empty() && out.back().kind == Kind::kLiteral) {
        out.back().text += piece.text;
        continue;
      }
    } else {
      piece.text.clear();
      if (piece.kind == Kind::kAnyRun && !out.empty() && out.back().kind == Kind::kAnyRun) {
        continue;
      }
    }
    out.push_back(std::move(piece));
  }
  // `*?` and `?*` mean the same; runs go last, so that equal patterns are equal pieces.
  for (size_t i = 1; i < out.size(); ++i) {
    for (size_t j = i; j > 0 && out[j].kind == Kind::kAnyOne && out[j - 1].kind == Kind::kAnyRun;
         --j) {
      std::swap(out[j], out[j - 1]);
    }
  }
  pattern->pieces.clear();
  for (PatternPiece& piece : out) {
    if (piece.kind == Kind::kAnyRun && !pattern->pieces.empty() &&
        pattern->pieces.back().kind == Kind::kAnyRun) {
      continue;
    }
    pattern->pieces.push_back(std::move(piece));
  }
}

bool operator==(const Predicate& a, const Predicate& b) {
  const bool same_subject =
      a.subject == b.subject ||
      (a.subject != nullptr && b.subject != nullptr && *a.subject == *b.subject);
  return same_subject && a.op == b.op && a.field == b.field && a.pattern == b.pattern &&
         a.number == b.number && a.time_part == b.time_part && a.regex == b.regex &&
         a.regex_flags == b.regex_flags && a.cidr == b.cidr && a.other_field == b.other_field &&
         a.compare == b.compare && a.cased == b.cased;
}

void NormalizeRegex(Predicate* p) {
  while (p->regex.starts_with("(?")) {
    const size_t end = p->regex.find_first_not_of("ims", 2);
    if (end == std::string::npos || end == 2 || p->regex[end] != ')') return;
    for (size_t i = 2; i < end; ++i) {
      if (p->regex[i] == 'i') p->regex_flags.ignore_case = true;
      if (p->regex[i] == 'm') p->regex_flags.multi_line = true;
      if (p->regex[i] == 's') p->regex_flags.dot_all = true;
    }
    p->regex.erase(0, end + 1);
  }
}

bool operator==(const CorrelationSpec& a, const CorrelationSpec& b) {
  return a.shape == b.shape && a.sources == b.sources && a.until == b.until &&
         a.span_ns == b.span_ns && a.window == b.window && a.gap_ns == b.gap_ns &&
         a.having == b.having && a.new_values == b.new_values && a.history_ns == b.history_ns &&
         a.any_generation == b.any_generation && a.lineage_id == b.lineage_id &&
         a.lineage_parent == b.lineage_parent && a.select == b.select &&
         a.select_limit == b.select_limit && a.rearm == b.rearm && a.rearm_ns == b.rearm_ns &&
         a.actions == b.actions && a.emits == b.emits && a.generate == b.generate &&
         a.silences == b.silences;
}

bool Silences(const CorrelationSpec& spec, const RuleReference& reference, const IrModule& module) {
  if (!spec.silences || spec.generate) return false;
  const RuleMeta& named = reference.is_correlation ? module.correlations[reference.index].meta
                                                   : module.rules[reference.index].meta;
  return named.source == spec.meta.source;
}

Formula Formula::False() {
  Formula f;
  f.kind = NodeKind::kFalse;
  return f;
}

Formula Formula::Of(Predicate p, SourceSpan span) {
  Formula f;
  f.kind = NodeKind::kPredicate;
  f.predicate = std::move(p);
  f.span = span;
  return f;
}

namespace {

Formula Join(NodeKind kind, std::vector<Formula> children, std::string label) {
  if (children.size() == 1 && (label.empty() || children[0].label.empty())) {
    Formula only = std::move(children[0]);
    if (!label.empty()) only.label = std::move(label);
    return only;
  }
  Formula f;
  f.kind = kind;
  f.children = std::move(children);
  f.label = std::move(label);
  if (!f.children.empty()) f.span = f.children[0].span;
  return f;
}

}  // namespace

Formula Formula::And(std::vector<Formula> children, std::string label) {
  return Join(NodeKind::kAnd, std::move(children), std::move(label));
}

Formula Formula::Or(std::vector<Formula> children, std::string label) {
  return Join(NodeKind::kOr, std::move(children), std::move(label));
}

Formula Formula::Not(Formula child) {
  Formula f;
  f.kind = NodeKind::kNot;
  f.span = child.span;
  f.children.push_back(std::move(child));
  return f;
}

bool operator==(const Formula& a, const Formula& b) {
  if (a.kind != b.kind || a.children.size() != b.children.size()) return false;
  if (a.kind == NodeKind::kPredicate && !(a.predicate == b.predicate)) return false;
  if (a.kind == NodeKind::kEach && (a.field != b.field || a.quantifier != b.quantifier)) {
    return false;
  }
  for (size_t i = 0; i < a.children.size(); ++i) {
    if (!(a.children[i] == b.children[i])) return false;
  }
  return true;
}

}  // namespace vedette::inline v0
