#include "lib/program/cost_build.h"

namespace vedette::inline v0 {
namespace {

double TextCost(const TextPattern& pattern) {
  const auto is_run = [&pattern](size_t i) {
    return pattern.pieces[i].kind == PatternPiece::Kind::kAnyRun;
  };
  const size_t n = pattern.pieces.size();
  if (n == 0) return 2;
  double cost = 0;
  for (size_t i = 0; i < n; ++i) {
    if (pattern.pieces[i].kind != PatternPiece::Kind::kLiteral) continue;
    const bool anchored = (i == 0) || (i + 1 == n) || (!is_run(i - 1) && i == 1);
    cost += anchored ? 4 : 50;
  }
  return cost + 2 * static_cast<double>(n);
}

double ExprCost(const Expr& e) {
  double cost = e.kind == Expr::Kind::kCall ? 20 : e.kind == Expr::Kind::kField ? 5 : 1;
  if (e.kind == Expr::Kind::kCall && e.function == Function::kHost) cost = 1000;
  for (const Expr& arg : e.args) cost += ExprCost(arg);
  return cost;
}

double OperatorCost(const Predicate& p) {
  switch (p.op) {
    case PredicateOp::kExists:
    case PredicateOp::kIsNull:
      return 1;
    case PredicateOp::kNumberEq:
    case PredicateOp::kNumberLt:
    case PredicateOp::kNumberLe:
    case PredicateOp::kNumberGt:
    case PredicateOp::kNumberGe:
      return p.time_part == TimePart::kNone ? 3 : 30;
    case PredicateOp::kText:
      return TextCost(p.pattern);
    case PredicateOp::kRegex:
      return 500;
    case PredicateOp::kCidr:
      return 40;
    case PredicateOp::kFieldText:
      return 20;
    case PredicateOp::kKeyword:
      return 20 * TextCost(p.pattern);
    case PredicateOp::kHolds:
      return 1;
  }
  return 1;
}

double PredicateCost(const Predicate& p) {
  return OperatorCost(p) + (p.subject != nullptr ? ExprCost(*p.subject) : 0);
}

}  // namespace

double EstimateCost(const Formula& f) {
  if (f.kind == NodeKind::kPredicate) return PredicateCost(f.predicate);
  double cost = f.kind == NodeKind::kEach ? 200 : 1;
  for (const Formula& child : f.children) cost += EstimateCost(child);
  return cost;
}

}  // namespace vedette::inline v0
