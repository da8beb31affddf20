// Tests of texts where a value is needed: `if(f : "a*", ..)`, `outcome { x = (f like "b?") }`.
#include <utility>

#include "lib/ir/pattern_text.h"
#include "lib/lang/vedette/lower.h"

namespace vedette::inline v0::lang {

bool IsComputed(const Ast& ast) {
  return ast.kind == Ast::Kind::kCall || ast.kind == Ast::Kind::kArithmetic ||
         ast.kind == Ast::Kind::kNegate;
}

Ast TextConstant(const Expr& constant, SourceSpan span) {
  Ast out;
  out.kind = Ast::Kind::kString;
  out.span = span;
  if (constant.kind == Expr::Kind::kString) out.text = constant.text;
  if (constant.kind == Expr::Kind::kNumber) out.text = constant.number.Text();
  if (constant.kind == Expr::Kind::kBoolean) out.text = constant.boolean ? "true" : "false";
  if (!out.text.empty()) out.pattern.push_back({PatternPiece::Kind::kLiteral, out.text});
  return out;
}

std::string TestPattern(TextOp op, const Ast& item) {
  if (op == TextOp::kMatches || op == TextOp::kLike) return PatternText(item.pattern);
  TextPattern pattern;
  const PatternPiece run{PatternPiece::Kind::kAnyRun, ""};
  if (op == TextOp::kContains || op == TextOp::kEnds) pattern.pieces.push_back(run);
  if (item.encoded) {
    pattern.pieces.insert(pattern.pieces.end(), item.pattern.begin(), item.pattern.end());
  } else {
    pattern.pieces.push_back({PatternPiece::Kind::kLiteral, item.text});
  }
  if (op == TextOp::kContains || op == TextOp::kStarts) pattern.pieces.push_back(run);
  Canonicalize(&pattern);
  return PatternText(pattern.pieces);
}

// One thing that the subject is held against: a constant is a pattern, all else a test of its own.
bool ExpressionLowering::TestValueItem(const Ast& ast, const Typed& subject, const Ast& item,
                                       const Scope& scope, std::vector<Expr>* patterns,
                                       std::vector<Expr>* tests) {
  if (!Charge(item)) return false;
  const bool is_in = ast.op == TextOp::kIn;
  const auto fail = [&](std::string message, std::string hint = "") {
    Fail("VDT0010", item.span, std::move(message), std::move(hint));
    return false;
  };
  if (item.kind == Ast::Kind::kString) {
    if (is_in && !Comparable(ast, subject.type, ExprType::kString)) return false;
    patterns->push_back(Expr::Text(TestPattern(ast.op, item)));
    return true;
  }
  if (is_in && item.kind == Ast::Kind::kCall && item.text == "set" && item.children.size() == 1 &&
      item.children[0].kind == Ast::Kind::kString) {
    Expr in_set = Expr::Call(Function::kInSet, {subject.expr, Expr::Text(item.children[0].text)});
    tests->push_back(Expr::Call(Function::kCoalesce, {std::move(in_set), Expr::Bool(false)}));
    return true;
  }
  if (is_in) {
    if (item.kind == Ast::Kind::kName) return fail(Quoted(item.text) + " is no list here");
    Ast equal = ast;
    equal.kind = Ast::Kind::kCompare;
    equal.sign = "==";
    equal.children = {ast.children[0], item};
    std::optional<Typed> test = Value(equal, scope);
    if (test.has_value()) tests->push_back(std::move(test->expr));
    return test.has_value();
  }
  if (item.kind != Ast::Kind::kName && !IsComputed(item)) {
    return fail("this operator takes strings",
                item.kind == Ast::Kind::kNumber ? "compare numbers by `==`" : "");
  }
  std::optional<Typed> other = Value(item, scope);
  if (!other.has_value()) return false;
  if (other->expr.is_constant()) {
    patterns->push_back(Expr::Text(TestPattern(ast.op, TextConstant(other->expr, item.span))));
    return true;
  }
  if (ast.op == TextOp::kLike) return fail("a pattern must be a constant");
  const Function f = ast.op == TextOp::kMatches    ? Function::kEqual
                     : ast.op == TextOp::kContains ? Function::kIncludes
                     : ast.op == TextOp::kStarts   ? Function::kStartsWith
                                                   : Function::kEndsWith;
  Expr test = Expr::Call(f, {subject.expr, std::move(other->expr)}, ast.ignore_case);
  // A test is a condition: false, not null, if a side is missing.
  if (f != Function::kEqual) {
    test = Expr::Call(Function::kCoalesce, {std::move(test), Expr::Bool(false)});
  }
  tests->push_back(std::move(test));
  return true;
}

std::optional<Typed> ExpressionLowering::TestValue(const Ast& ast, const Scope& scope) {
  if (ast.op == TextOp::kRegex || ast.op == TextOp::kSearch) {
    return Fail("VDT0010", ast.span,
                "a regular expression gives no value that can be computed with",
                "use `like`, or move the test into the condition");
  }
  const std::optional<Typed> subject = Value(ast.children[0], scope);
  if (!subject.has_value()) return std::nullopt;
  std::vector<Expr> patterns = {subject->expr};
  std::vector<Expr> tests;
  for (size_t i = 1; i < ast.children.size(); ++i) {
    const Ast& item = ast.children[i];
    const auto list = item.kind == Ast::Kind::kName && !item.quoted ? scope.lists.find(item.text)
                                                                    : scope.lists.end();
    if (const Encoding* encoding = EncodingOf(item); encoding != nullptr) {
      std::vector<Ast> encoded;
      if (!EncodedItems(ast, item, *encoding, scope, &encoded)) return std::nullopt;
      for (const Ast& text : encoded) {
        if (!TestValueItem(ast, *subject, text, scope, &patterns, &tests)) return std::nullopt;
      }
      continue;
    }
    if (list == scope.lists.end()) {
      if (!TestValueItem(ast, *subject, item, scope, &patterns, &tests)) return std::nullopt;
      continue;
    }
    for (const Ast& constant : list->second->items) {
      if (!TestValueItem(ast, *subject, constant, scope, &patterns, &tests)) return std::nullopt;
    }
  }
  if (patterns.size() > 1) {
    tests.insert(tests.begin(),
                 Folded(Expr::Call(Function::kWildcard, std::move(patterns), ast.ignore_case),
                        ExprType::kBoolean)
                     .expr);
  }
  Expr test = tests.empty()       ? Expr::Bool(false)
              : tests.size() == 1 ? std::move(tests[0])
                                  : Expr::Call(Function::kOr, std::move(tests));
  if (ast.negated)
    test = Folded(Expr::Call(Function::kNot, {std::move(test)}), ExprType::kBoolean).expr;
  return Typed{std::move(test), ExprType::kBoolean};
}

}  // namespace vedette::inline v0::lang
