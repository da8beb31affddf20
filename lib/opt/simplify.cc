#include "lib/opt/simplify.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "lib/ir/key.h"

namespace vedette::inline v0 {
namespace {

Formula Constant(bool value, Formula from) {
  Formula f = value ? Formula::True() : Formula::False();
  f.label = std::move(from.label);
  f.span = from.span;
  return f;
}

Formula SimplifyJoin(Formula f) {
  const bool is_and = f.kind == NodeKind::kAnd;
  const NodeKind neutral = is_and ? NodeKind::kTrue : NodeKind::kFalse;
  const NodeKind absorbing = is_and ? NodeKind::kFalse : NodeKind::kTrue;
  std::vector<Formula> children;
  absl::flat_hash_set<std::string> seen;
  const auto add = [&children, &seen](Formula child) {
    std::string key;
    AppendFormulaKey(child, &key);
    if (seen.insert(std::move(key)).second) children.push_back(std::move(child));
  };
  for (Formula& child : f.children) {
    child = Simplify(std::move(child));
    if (child.kind == absorbing) return Constant(!is_and, std::move(f));
    if (child.kind == neutral) continue;
    if (child.kind == f.kind && child.label.empty()) {
      for (Formula& inner : child.children) add(std::move(inner));
    } else {
      add(std::move(child));
    }
  }
  if (children.empty()) return Constant(is_and, std::move(f));
  if (children.size() == 1 && (f.label.empty() || children[0].label.empty())) {
    Formula only = std::move(children[0]);
    if (only.label.empty()) only.label = std::move(f.label);
    return only;
  }
  f.children = std::move(children);
  return f;
}

Formula SimplifyNot(Formula f) {
  Formula child = Simplify(std::move(f.children[0]));
  if (child.kind == NodeKind::kTrue || child.kind == NodeKind::kFalse) {
    return Constant(child.kind == NodeKind::kFalse, std::move(f));
  }
  if (child.kind == NodeKind::kNot && child.label.empty()) {
    Formula inner = std::move(child.children[0]);
    if (inner.label.empty()) inner.label = std::move(f.label);
    return inner;
  }
  f.children[0] = std::move(child);
  return f;
}

}  // namespace

Formula WithoutLabels(Formula f) {
  f.label.clear();
  for (Formula& child : f.children) child = WithoutLabels(std::move(child));
  return f;
}

Formula Simplify(Formula f) {
  switch (f.kind) {
    case NodeKind::kAnd:
    case NodeKind::kOr:
      return SimplifyJoin(std::move(f));
    case NodeKind::kNot:
      return SimplifyNot(std::move(f));
    case NodeKind::kEach:
      // Never folded: what holds for no element depends on the quantifier.
      f.children[0] = Simplify(std::move(f.children[0]));
      return f;
    case NodeKind::kTrue:
    case NodeKind::kFalse:
    case NodeKind::kPredicate:
      return f;
  }
  return f;
}

}  // namespace vedette::inline v0
