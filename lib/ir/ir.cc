#include "lib/ir/ir.h"

#include <utility>

#include "vedette/value.h"

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

std::string Number::Text() const {
  std::string out;
  (is_int ? Value::Int(i) : Value::Double(d)).AppendText(&out);
  return out;
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
