#include "lib/opt/simplify.h"

#include <random>

#include "gtest/gtest.h"
#include "lib/ir/printer.h"
#include "lib/ir/verifier.h"

namespace vedette {
namespace {

Formula Variable(unsigned i) {
  Predicate p;
  p.op = PredicateOp::kExists;
  p.field = std::string(1, static_cast<char>('a' + i));
  return Formula::Of(p);
}

Formula Random(std::mt19937* random, int depth) {
  switch ((*random)() % (depth == 0 ? 4 : 8)) {
    case 0:
      return Formula::True();
    case 1:
      return Formula::False();
    case 2:
    case 3:
      return Variable((*random)() % 4);
    case 4:
      return Formula::Not(Random(random, depth - 1));
    default: {
      Formula f;
      f.kind = (*random)() % 2 == 0 ? NodeKind::kAnd : NodeKind::kOr;
      for (unsigned n = (*random)() % 4; n > 0; --n)
        f.children.push_back(Random(random, depth - 1));
      if ((*random)() % 4 == 0) f.label = "x";
      return f;
    }
  }
}

bool Holds(const Formula& f, unsigned values) {
  switch (f.kind) {
    case NodeKind::kTrue:
      return true;
    case NodeKind::kFalse:
      return false;
    case NodeKind::kPredicate:
      return ((values >> (f.predicate.field[0] - 'a')) & 1U) != 0;
    case NodeKind::kNot:
      return !Holds(f.children[0], values);
    case NodeKind::kAnd:
      for (const Formula& c : f.children) {
        if (!Holds(c, values)) return false;
      }
      return true;
    default:
      for (const Formula& c : f.children) {
        if (Holds(c, values)) return true;
      }
      return false;
  }
}

TEST(Simplify, KeepsTheMeaning) {
  std::mt19937 random(11);
  for (int i = 0; i < 20000; ++i) {
    const Formula before = Random(&random, 4);
    const Formula after = Simplify(before);
    IrRule rule;
    rule.condition = after;
    ASSERT_TRUE(VerifyRule(rule).ok());
    for (unsigned values = 0; values < 16; ++values) {
      ASSERT_EQ(Holds(before, values), Holds(after, values)) << PrintFormula(before) << "\n"
                                                             << PrintFormula(after);
    }
    ASSERT_EQ(PrintFormula(Simplify(after)), PrintFormula(after));
  }
}

}  // namespace
}  // namespace vedette
