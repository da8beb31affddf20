// Conditions: everything that is true or false of an event.
#include <algorithm>
#include <utility>

#include "lib/ir/pattern_text.h"
#include "lib/ir/printer.h"
#include "lib/lang/vedette/check_regex.h"
#include "lib/lang/vedette/lower.h"

namespace vedette::inline v0::lang {
namespace {

constexpr size_t kMaxNodes = 200000;
// The parser bounds what is written; lets that use lets go deeper. The compiler's own limit of 128
// comes after the copying.
constexpr int kMaxDepth = 256;

constexpr std::pair<std::string_view, TimePart> kTimeParts[] = {
    {"minute", TimePart::kMinute}, {"hour", TimePart::kHour},   {"day", TimePart::kDay},
    {"week", TimePart::kWeek},     {"month", TimePart::kMonth}, {"year", TimePart::kYear}};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool SameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

TextPattern Literal(std::string_view text, bool cased) {
  TextPattern pattern;
  pattern.cased = cased;
  if (!text.empty()) pattern.pieces.push_back({PatternPiece::Kind::kLiteral, std::string(text)});
  return pattern;
}

TextPattern Around(TextPattern pattern, bool run_before, bool run_after) {
  const PatternPiece run{PatternPiece::Kind::kAnyRun, ""};
  if (run_before) pattern.pieces.insert(pattern.pieces.begin(), run);
  if (run_after) pattern.pieces.push_back(run);
  Canonicalize(&pattern);
  return pattern;
}

Formula Negate(Formula f, bool negated) {
  return negated ? Formula::Not(std::move(f)) : std::move(f);
}

Formula BooleanConstant(bool value) { return value ? Formula::True() : Formula::False(); }

// `a < b` read from the right.
std::string Mirrored(const std::string& sign) {
  if (sign == "<") return ">";
  if (sign == "<=") return ">=";
  if (sign == ">") return "<";
  if (sign == ">=") return "<=";
  return sign;
}

}  // namespace

std::nullopt_t ExpressionLowering::Fail(std::string_view code, SourceSpan span, std::string message,
                                        std::string hint) {
  reporter_->Error(code, span, std::move(message), std::move(hint));
  return std::nullopt;
}

bool ExpressionLowering::Charge(const Ast& ast) {
  if (++nodes_ <= kMaxNodes) return true;
  if (nodes_ == kMaxNodes + 1) {
    reporter_->Error("VDT0004", ast.span, "the rules of this file are larger than 200,000 parts",
                     "a `let` is copied to each place that uses it");
  }
  return false;
}

std::optional<Formula> ExpressionLowering::Query(const QueryAst& query, const Scope& scope) {
  const EventClass* const around =
      std::exchange(class_, category_field_ == "event.category" ? ClassOf(query) : nullptr);
  std::optional<Formula> condition = Condition(query.condition, scope);
  const EventClass* const own = std::exchange(class_, around);
  if (!condition.has_value() || query.category.empty()) return condition;
  Predicate category;
  if (own != nullptr) {
    category.op = PredicateOp::kNumberEq;
    category.field = "class_uid";
    category.number.i = own->class_uid;
    category.number.d = own->class_uid;
  } else {
    category.op = PredicateOp::kText;
    category.field = category_field_;
    category.pattern = Literal(query.category, true);
  }
  std::vector<Formula> parts;
  parts.push_back(Formula::Of(std::move(category), query.category_span));
  if (condition->kind != NodeKind::kTrue) parts.push_back(*std::move(condition));
  return Formula::And(std::move(parts));
}

std::optional<Formula> ExpressionLowering::Let(const LetAst& let, const Scope& scope) {
  used_lets_.insert(let.name);
  if (std::find(open_lets_.begin(), open_lets_.end(), &let) != open_lets_.end()) {
    return Fail("VDT0011", let.span, "the let " + Quoted(let.name) + " refers to itself");
  }
  open_lets_.push_back(&let);
  // A let means the same wherever it is used: it sees no variables and no aliases.
  std::vector<std::string> elements = std::move(elements_);
  elements_.clear();
  Scope own = scope;
  own.aliases.clear();
  own.later.clear();
  own.only_sources = false;
  std::optional<Formula> formula =
      let.has_category ? Query(let.query, own) : Condition(let.query.condition, own);
  elements_ = std::move(elements);
  open_lets_.pop_back();
  if (!formula.has_value()) return std::nullopt;
  if (formula->label.empty()) {
    formula->label = let.name;
    return formula;
  }
  std::vector<Formula> only;
  only.push_back(*std::move(formula));
  return Formula::And(std::move(only), let.name);
}

std::optional<Formula> ExpressionLowering::Condition(const Ast& ast, const Scope& scope) {
  if (!Charge(ast)) return std::nullopt;
  if (depth_ >= kMaxDepth) {
    return Fail("VDT0004", ast.span, "the lets of this condition nest too deeply");
  }
  ++depth_;
  std::optional<Formula> formula = ConditionAt(ast, scope);
  --depth_;
  return formula;
}

std::optional<Formula> ExpressionLowering::ConditionAt(const Ast& ast, const Scope& scope) {
  switch (ast.kind) {
    case Ast::Kind::kBoolean:
      return BooleanConstant(ast.boolean);
    case Ast::Kind::kName:
      return Name(ast, scope);
    case Ast::Kind::kCall:
      return Call(ast, scope);
    case Ast::Kind::kCompare:
      return Compare(ast, scope);
    case Ast::Kind::kTest:
      return Test(ast, scope);
    case Ast::Kind::kEach:
      return Each(ast, scope);
    case Ast::Kind::kNot: {
      std::optional<Formula> child = Condition(ast.children[0], scope);
      if (!child.has_value()) return std::nullopt;
      return Formula::Not(*std::move(child));
    }
    case Ast::Kind::kAnd:
    case Ast::Kind::kOr: {
      std::vector<Formula> children;
      bool ok = true;
      for (const Ast& part : ast.children) {
        std::optional<Formula> child = Condition(part, scope);
        ok = ok && child.has_value();
        if (ok) children.push_back(*std::move(child));
      }
      if (!ok) return std::nullopt;
      return ast.kind == Ast::Kind::kAnd ? Formula::And(std::move(children))
                                         : Formula::Or(std::move(children));
    }
    default:
      return Fail("VDT0010", ast.span, "a condition is needed here, not a value",
                  "compare the value with something");
  }
}

std::optional<Formula> ExpressionLowering::Holds(Expr expr, const Ast& ast) {
  if (expr.kind == Expr::Kind::kBoolean) return BooleanConstant(expr.boolean);
  if (expr.kind == Expr::Kind::kNull) return Formula::False();
  Predicate p;
  p.op = PredicateOp::kHolds;
  p.subject = std::make_shared<const Expr>(std::move(expr));
  return Formula::Of(std::move(p), ast.span);
}

std::optional<Formula> ExpressionLowering::Name(const Ast& ast, const Scope& scope) {
  if (!ast.quoted && elements_.empty()) {
    if (const auto let = scope.lets.find(ast.text); let != scope.lets.end()) {
      return Let(*let->second, scope);
    }
  }
  std::optional<Subject> subject = SubjectOf(ast, scope);
  if (!subject.has_value()) return std::nullopt;
  if (subject->type == ExprType::kNumber || subject->type == ExprType::kString) {
    std::vector<std::string_view> names;
    for (const auto& [name, let] : scope.lets) names.push_back(name);
    std::string hint = Suggest(ast.text, names);
    if (hint.empty()) hint = "compare it: `" + ast.text + " != null` is true if the event has it";
    return Fail("VDT0010", ast.span,
                Quoted(ast.text) + " is a " + std::string(ExprTypeName(subject->type)) +
                    ", not a condition",
                std::move(hint));
  }
  if (subject->expr != nullptr) return Holds(*subject->expr, ast);
  Predicate p;
  p.op = PredicateOp::kText;
  p.field = subject->field;
  p.pattern = Literal("true", true);
  return Formula::Of(std::move(p), ast.span);
}

std::optional<ExpressionLowering::Subject> ExpressionLowering::SubjectOf(const Ast& ast,
                                                                         const Scope& scope) {
  Subject subject;
  if (ast.kind == Ast::Kind::kStar) {
    if (!elements_.empty()) {
      return Fail("VDT0012", ast.span, "`*` is any value of the event, not of an element");
    }
    subject.is_any = true;
    return subject;
  }
  if (ast.kind == Ast::Kind::kCall && !ast.ignore_case) {
    for (const auto& [name, part] : kTimeParts) {
      if (!SameWord(name, ast.text)) continue;
      if (ast.children.size() != 1 || ast.children[0].kind != Ast::Kind::kName) {
        return Fail("VDT0013", ast.span, Quoted(ast.text) + " takes one field with a time");
      }
      std::optional<Typed> field = Field(ast.children[0], scope);
      if (!field.has_value()) return std::nullopt;
      if (field->expr.source != Expr::kThisEvent) {
        return Fail("VDT0013", ast.span, "parts of times can be had of the event itself only");
      }
      subject.field = field->expr.text;
      subject.time_part = part;
      subject.type = ExprType::kNumber;
      return subject;
    }
  }
  std::optional<Typed> value = Value(ast, scope);
  if (!value.has_value()) return std::nullopt;
  subject.type = value->type;
  if (value->expr.kind == Expr::Kind::kField && value->expr.source == Expr::kThisEvent) {
    subject.field = value->expr.text;
  } else {
    subject.expr = std::make_shared<const Expr>(std::move(value->expr));
  }
  return subject;
}

// ---- Calls -----------------------------------------------------------------------------------

std::optional<Formula> ExpressionLowering::CidrMatch(const Ast& ast, const Scope& scope) {
  if (ast.children.size() < 2) {
    return Fail("VDT0013", ast.span, "`cidrMatch` takes a field and one or more blocks");
  }
  std::optional<Subject> subject = SubjectOf(ast.children[0], scope);
  if (!subject.has_value()) return std::nullopt;
  if (subject->is_any || subject->time_part != TimePart::kNone) {
    return Fail("VDT0013", ast.span, "`cidrMatch` takes a field with an address");
  }
  std::vector<Ast> blocks;
  for (size_t i = 1; i < ast.children.size(); ++i) {
    if (!Strings(ast.children[i], scope, &blocks)) return std::nullopt;
  }
  std::vector<Formula> any;
  bool ok = true;
  for (const Ast& block : blocks) {
    std::string error;
    const std::optional<Cidr> cidr = ParseCidr(block.text, &error);
    if (!cidr.has_value()) {
      Fail("VDT0014", block.span, error);
      ok = false;
      continue;
    }
    Predicate p;
    p.op = PredicateOp::kCidr;
    p.field = subject->field;
    p.subject = subject->expr;
    p.cidr = *cidr;
    any.push_back(Formula::Of(std::move(p), block.span));
  }
  if (!ok) return std::nullopt;
  return Formula::Or(std::move(any));
}

// `wildcard(s, ..)` with constant patterns is `s like (..)`; with others it stays what it is.
std::optional<Ast> ExpressionLowering::WildcardTest(const Ast& ast, const Scope& scope) {
  Ast test = ast;
  for (size_t i = 1; i < test.children.size(); ++i) {
    Ast& pattern = test.children[i];
    if (pattern.kind == Ast::Kind::kString) continue;
    const std::optional<Typed> value = Value(pattern, scope);
    if (!value.has_value()) return std::nullopt;
    if (!value->expr.is_constant() || value->expr.kind == Expr::Kind::kNull) return ast;
    pattern = TextConstant(value->expr, pattern.span);
    pattern.pattern = PatternOfText(pattern.text);
  }
  test.kind = Ast::Kind::kTest;
  test.op = TextOp::kLike;
  test.is_list = true;
  return test;
}

std::optional<Formula> ExpressionLowering::Call(const Ast& ast, const Scope& scope) {
  if (SameWord(ast.text, "exists")) {
    if (ast.children.size() != 1 || ast.children[0].kind != Ast::Kind::kName) {
      return Fail("VDT0013", ast.span, "`exists` takes one field");
    }
    std::optional<Subject> subject = SubjectOf(ast.children[0], scope);
    if (!subject.has_value()) return std::nullopt;
    if (subject->expr != nullptr) {
      return Fail("VDT0013", ast.span, "`exists` takes a field of the event itself");
    }
    Predicate p;
    p.op = PredicateOp::kExists;
    p.field = subject->field;
    return Formula::Of(std::move(p), ast.span);
  }
  if (SameWord(ast.text, "cidrMatch")) return CidrMatch(ast, scope);
  if (SameWord(ast.text, "wildcard") && ast.children.size() >= 2) {
    std::optional<Ast> test = WildcardTest(ast, scope);
    if (!test.has_value()) return std::nullopt;
    if (test->kind == Ast::Kind::kTest) return Test(*test, scope);
  }
  // With a constant text these are the operators.
  constexpr std::pair<std::string_view, TextOp> kTests[] = {{"startsWith", TextOp::kStarts},
                                                            {"endsWith", TextOp::kEnds},
                                                            {"stringContains", TextOp::kContains}};
  for (const auto& [name, op] : kTests) {
    if (!SameWord(ast.text, name) || ast.children.size() != 2) continue;
    Ast wanted = ast.children[1];
    if (wanted.kind == Ast::Kind::kCall) {
      std::optional<Typed> value = Value(wanted, scope);
      if (!value.has_value()) return std::nullopt;
      if (value->expr.kind == Expr::Kind::kString) {
        wanted.kind = Ast::Kind::kString;
        wanted.text = value->expr.text;
      }
    }
    if (wanted.kind != Ast::Kind::kString) break;
    if (op == TextOp::kContains && wanted.text.empty()) return Formula::False();
    Ast test;
    test.kind = Ast::Kind::kTest;
    test.op = op;
    test.ignore_case = ast.ignore_case;
    test.span = ast.span;
    test.children = {ast.children[0], std::move(wanted)};
    return Test(test, scope);
  }
  std::optional<Typed> value = CallValue(ast, scope);
  if (!value.has_value() || !Fits(*value, ExprType::kBoolean, ast, "a condition")) {
    return std::nullopt;
  }
  return Holds(std::move(value->expr), ast);
}

// ---- Comparisons -----------------------------------------------------------------------------

std::optional<Formula> ExpressionLowering::Compare(const Ast& ast, const Scope& scope) {
  const Ast& left_ast = ast.children[0];
  const Ast& right_ast = ast.children[1];
  std::optional<Subject> left = SubjectOf(left_ast, scope);
  std::optional<Subject> right = SubjectOf(right_ast, scope);
  if (!left.has_value() || !right.has_value()) return std::nullopt;
  const auto constant = [](const Subject& s) { return s.expr != nullptr && s.expr->is_constant(); };
  if (constant(*right) && !constant(*left)) {
    return CompareConstant(ast, *left, ast.sign, *right->expr);
  }
  if (constant(*left) && !constant(*right)) {
    return CompareConstant(ast, *right, Mirrored(ast.sign), *left->expr);
  }
  if (left->is_any || right->is_any || left->time_part != TimePart::kNone ||
      right->time_part != TimePart::kNone) {
    return Fail("VDT0010", ast.span, "this can be compared with a constant only");
  }
  if (left->expr == nullptr && right->expr == nullptr && (ast.sign == "==" || ast.sign == "!=")) {
    Ast equal = ast;
    equal.op = TextOp::kIn;
    std::optional<Formula> f = TestField(equal, *left, Expr::Field(right->field));
    if (!f.has_value()) return std::nullopt;
    return Negate(*std::move(f), ast.sign == "!=");
  }
  const auto typed = [](const Subject& s) {
    return Typed{s.expr != nullptr ? *s.expr : Expr::Field(s.field), s.type};
  };
  return CompareValues(ast, typed(*left), typed(*right));
}

bool ExpressionLowering::Comparable(const Ast& ast, ExprType left, ExprType right) {
  const auto open = [](ExprType type) { return type == ExprType::kAny || type == ExprType::kNull; };
  if (left == right || open(left) || open(right)) return true;
  Fail("VDT0010", ast.span,
       "a " + std::string(ExprTypeName(left)) + " is compared with a " +
           std::string(ExprTypeName(right)));
  return false;
}

std::optional<Formula> ExpressionLowering::CompareValues(const Ast& ast, Typed left, Typed right) {
  if (!Comparable(ast, left.type, right.type)) return std::nullopt;
  Function f = Function::kEqual;
  if (ast.sign == "<") f = Function::kLess;
  if (ast.sign == "<=") f = Function::kLessEqual;
  if (ast.sign == ">") f = Function::kGreater;
  if (ast.sign == ">=") f = Function::kGreaterEqual;
  Expr call = Expr::Call(f, {std::move(left.expr), std::move(right.expr)});
  if (call.args[0].is_constant() && call.args[1].is_constant()) {
    if (call.args[0].kind == Expr::Kind::kNull || call.args[1].kind == Expr::Kind::kNull) {
      const bool both = call.args[0] == call.args[1];
      return BooleanConstant(ast.sign == "==" ? both : ast.sign == "!=" ? !both : false);
    }
    ValueArena arena;
    const auto value = [](const Expr& e) {
      switch (e.kind) {
        case Expr::Kind::kBoolean:
          return vedette::Value::Bool(e.boolean);
        case Expr::Kind::kNumber:
          return e.number.is_int ? vedette::Value::Int(e.number.i)
                                 : vedette::Value::Double(e.number.d);
        default:
          return vedette::Value::String(e.text);
      }
    };
    const vedette::Value args[] = {value(call.args[0]), value(call.args[1])};
    const vedette::Value result = CallFunction(f, false, args, &arena);
    const bool holds = result.kind() == ValueKind::kBool && result.boolean();
    return BooleanConstant(ast.sign == "!=" ? !holds : holds);
  }
  std::optional<Formula> formula = Holds(std::move(call), ast);
  if (!formula.has_value()) return std::nullopt;
  return Negate(*std::move(formula), ast.sign == "!=");
}

std::optional<Formula> ExpressionLowering::CompareConstant(const Ast& ast, const Subject& subject,
                                                           const std::string& sign,
                                                           const Expr& constant) {
  const bool equality = sign == "==" || sign == "!=";
  Predicate p;
  p.field = subject.field;
  p.subject = subject.expr;
  p.time_part = subject.time_part;
  if (constant.kind == Expr::Kind::kNull) {
    if (!equality || subject.is_any || subject.time_part != TimePart::kNone) {
      return Fail("VDT0010", ast.span, std::string(kNullHasNoOrder));
    }
    p.op = PredicateOp::kIsNull;
    return Negate(Formula::Of(std::move(p), ast.span), sign == "!=");
  }
  const bool wrong_kind =
      (subject.type == ExprType::kNumber && constant.kind != Expr::Kind::kNumber) ||
      (subject.type == ExprType::kBoolean && constant.kind != Expr::Kind::kBoolean &&
       !(constant.kind == Expr::Kind::kString &&
         (constant.text == "true" || constant.text == "false"))) ||
      (subject.type == ExprType::kString && subject.expr != nullptr &&
       constant.kind != Expr::Kind::kString);
  if (wrong_kind) {
    static constexpr std::string_view kKinds[] = {"null", "a boolean", "a number", "a string"};
    const bool is_field = subject.expr == nullptr && subject.time_part == TimePart::kNone;
    const std::string what = is_field ? Quoted(subject.field) : "this";
    return Fail("VDT0010", ast.span,
                what + " is a " + std::string(ExprTypeName(subject.type)) + " and never equals " +
                    std::string(kKinds[static_cast<size_t>(constant.kind)]),
                subject.type == ExprType::kNumber ? "write the number without quotes" : "");
  }
  if (constant.kind == Expr::Kind::kNumber && !subject.is_any) {
    p.op = equality       ? PredicateOp::kNumberEq
           : sign == "<"  ? PredicateOp::kNumberLt
           : sign == "<=" ? PredicateOp::kNumberLe
           : sign == ">"  ? PredicateOp::kNumberGt
                          : PredicateOp::kNumberGe;
    p.number = constant.number;
    return Negate(Formula::Of(std::move(p), ast.span), sign == "!=");
  }
  if (equality) {
    const std::string text = constant.kind == Expr::Kind::kString   ? constant.text
                             : constant.kind == Expr::Kind::kNumber ? constant.number.Text()
                             : constant.boolean                     ? "true"
                                                                    : "false";
    p.op = subject.is_any ? PredicateOp::kKeyword : PredicateOp::kText;
    p.pattern = Literal(text, true);
    return Negate(Formula::Of(std::move(p), ast.span), sign == "!=");
  }
  if (subject.is_any || constant.kind == Expr::Kind::kBoolean ||
      subject.time_part != TimePart::kNone) {
    return Fail("VDT0010", ast.span, "these have no order");
  }
  Ast compare = ast;
  compare.sign = sign;
  return CompareValues(
      compare, {subject.expr != nullptr ? *subject.expr : Expr::Field(subject.field), subject.type},
      {constant, ExprType::kString});
}

// ---- Tests of texts --------------------------------------------------------------------------

// The constants that an item of a test stands for: itself, or a named list.
bool ExpressionLowering::Strings(const Ast& item, const Scope& scope, std::vector<Ast>* out) {
  if (item.kind == Ast::Kind::kName && !item.quoted) {
    const auto list = scope.lists.find(item.text);
    if (list != scope.lists.end()) {
      for (const Ast& constant : list->second->items) {
        if (!Charge(item)) return false;
        out->push_back(constant);
      }
      return true;
    }
  }
  if (item.kind == Ast::Kind::kString) {
    out->push_back(item);
    return true;
  }
  Fail("VDT0010", item.span, "a string is needed here");
  return false;
}

std::optional<Formula> ExpressionLowering::Test(const Ast& ast, const Scope& scope) {
  std::optional<Subject> subject = SubjectOf(ast.children[0], scope);
  if (!subject.has_value()) return std::nullopt;
  if (subject->time_part != TimePart::kNone && ast.op != TextOp::kIn) {
    return Fail("VDT0010", ast.span, "a part of a time is a number");
  }
  std::vector<Formula> any;
  for (size_t i = 1; i < ast.children.size(); ++i) {
    const Ast& item = ast.children[i];
    const bool named =
        item.kind == Ast::Kind::kName && !item.quoted && scope.lists.contains(item.text);
    if (named) {
      std::vector<Ast> constants;
      for (const Ast& constant : scope.lists.find(item.text)->second->items) {
        if (!Charge(item)) return std::nullopt;
        std::optional<Formula> one = TestOne(ast, *subject, constant, scope);
        if (!one.has_value()) return std::nullopt;
        any.push_back(*std::move(one));
      }
      continue;
    }
    if (const Encoding* encoding = EncodingOf(item); encoding != nullptr) {
      if (!TestEncoded(ast, *subject, item, *encoding, scope, &any)) return std::nullopt;
      continue;
    }
    std::optional<Formula> one = TestOne(ast, *subject, item, scope);
    if (!one.has_value()) return std::nullopt;
    any.push_back(*std::move(one));
  }
  const bool is_list = any.size() != 1;
  Formula formula = is_list ? Formula::Or(std::move(any)) : std::move(any[0]);
  if (formula.span.line == 0) formula.span = ast.span;  // an empty list
  return Negate(std::move(formula), ast.negated);
}

std::optional<Formula> ExpressionLowering::TestOne(const Ast& ast, const Subject& subject,
                                                   const Ast& item, const Scope& scope) {
  if (!Charge(item)) return std::nullopt;
  if (item.kind == Ast::Kind::kName) {
    if (ast.op == TextOp::kIn && !ast.is_list) {
      std::vector<std::string_view> names;
      for (const auto& [name, list] : scope.lists) names.push_back(name);
      return Fail("VDT0012", item.span, "there is no list " + Quoted(item.text),
                  Suggest(item.text, names));
    }
    std::optional<Typed> other = Field(item, scope);
    if (!other.has_value()) return std::nullopt;
    return TestField(ast, subject, other->expr);
  }
  if (item.kind == Ast::Kind::kCall && ast.op == TextOp::kIn && SameWord(item.text, "set")) {
    if (item.children.size() != 1 || item.children[0].kind != Ast::Kind::kString) {
      return Fail("VDT0013", item.span, "`set` takes the name of an indicator set");
    }
    if (subject.is_any || subject.time_part != TimePart::kNone) {
      return Fail("VDT0010", ast.span, "only a value can be in an indicator set");
    }
    Expr value = subject.expr != nullptr ? *subject.expr : Expr::Field(subject.field);
    return Holds(
        Expr::Call(Function::kInSet, {std::move(value), Expr::Text(item.children[0].text)}), ast);
  }
  if (ast.op == TextOp::kIn && item.kind != Ast::Kind::kString) {
    std::optional<Typed> constant = Value(item, scope);
    if (!constant.has_value()) return std::nullopt;
    if (!constant->expr.is_constant()) {
      return Fail("VDT0010", item.span, "a list holds constants");
    }
    return CompareConstant(ast, subject, "==", constant->expr);
  }
  if (item.kind == Ast::Kind::kString) return TestText(ast, subject, item);
  if (!IsComputed(item)) {
    return Fail("VDT0010", item.span, "this operator takes strings",
                item.kind == Ast::Kind::kNumber ? "compare numbers by `==`" : "");
  }
  std::optional<Typed> value = Value(item, scope);
  if (!value.has_value()) return std::nullopt;
  if (!value->expr.is_constant()) return TestField(ast, subject, value->expr);
  return TestText(ast, subject, TextConstant(value->expr, item.span));
}

std::optional<Formula> ExpressionLowering::TestText(const Ast& ast, const Subject& subject,
                                                    const Ast& item) {
  if (subject.time_part != TimePart::kNone) {
    return Fail("VDT0010", item.span, "a part of a time is a number");
  }
  if (ast.op == TextOp::kIn && subject.type == ExprType::kNumber) {
    return CompareConstant(ast, subject, "==", Expr::Text(item.text));
  }
  Predicate p;
  p.op = subject.is_any ? PredicateOp::kKeyword : PredicateOp::kText;
  p.field = subject.field;
  p.subject = subject.expr;
  const bool is_pattern = item.encoded || ast.op == TextOp::kMatches || ast.op == TextOp::kLike;
  TextPattern text = Literal(item.text, !ast.ignore_case);
  if (is_pattern) text.pieces = item.pattern;
  switch (ast.op) {
    case TextOp::kIn:
    case TextOp::kMatches:
    case TextOp::kLike:
      p.pattern = std::move(text);
      break;
    case TextOp::kContains:
      p.pattern = Around(std::move(text), true, true);
      break;
    case TextOp::kStarts:
      p.pattern = Around(std::move(text), false, true);
      break;
    case TextOp::kEnds:
      p.pattern = Around(std::move(text), true, false);
      break;
    case TextOp::kRegex:
    case TextOp::kSearch:
      if (subject.is_any) {
        return Fail("VDT0010", ast.span, "a regular expression needs a field");
      }
      // Brackets that do not pair would pair with those around a whole text.
      if (const std::string error = RegexError(item.text); !error.empty()) {
        return Fail("VDT0016", item.span, "invalid regular expression: " + error);
      }
      p.op = PredicateOp::kRegex;
      if (ast.op == TextOp::kRegex) {
        p.regex = WholeText(item.text);
        p.regex_flags.dot_all = true;
      } else {
        p.regex = item.text;
        NormalizeRegex(&p);
      }
      if (ast.ignore_case) p.regex_flags.ignore_case = true;
      break;
  }
  return Formula::Of(std::move(p), item.span.line != 0 ? item.span : ast.span);
}

// The text of one field against that of another.
std::optional<Formula> ExpressionLowering::TestField(const Ast& ast, const Subject& subject,
                                                     const Expr& other) {
  if (subject.is_any || subject.time_part != TimePart::kNone) {
    return Fail("VDT0010", ast.span, "this can be compared with a constant only");
  }
  FieldCompare compare = FieldCompare::kEqual;
  Function function = Function::kEqual;
  switch (ast.op) {
    case TextOp::kIn:
    case TextOp::kMatches:
      break;
    case TextOp::kContains:
      compare = FieldCompare::kContains;
      function = Function::kIncludes;
      break;
    case TextOp::kStarts:
      compare = FieldCompare::kStartsWith;
      function = Function::kStartsWith;
      break;
    case TextOp::kEnds:
      compare = FieldCompare::kEndsWith;
      function = Function::kEndsWith;
      break;
    default:
      return Fail("VDT0010", ast.span, "a pattern must be a constant");
  }
  if (subject.expr == nullptr && other.kind == Expr::Kind::kField &&
      other.source == Expr::kThisEvent) {
    Predicate p;
    p.op = PredicateOp::kFieldText;
    p.field = subject.field;
    p.other_field = other.text;
    p.compare = compare;
    p.cased = !ast.ignore_case;
    return Formula::Of(std::move(p), ast.span);
  }
  Expr left = subject.expr != nullptr ? *subject.expr : Expr::Field(subject.field);
  return Holds(Expr::Call(function, {std::move(left), other}, ast.ignore_case), ast);
}

// ---- Array blocks ----------------------------------------------------------------------------

std::optional<Formula> ExpressionLowering::Each(const Ast& ast, const Scope& scope) {
  std::optional<Typed> field = Field(ast.children[0], scope);
  if (!field.has_value()) return std::nullopt;
  if (field->expr.source != Expr::kThisEvent) {
    return Fail("VDT0012", ast.span, "only lists of the event itself can be looked through");
  }
  if (std::find(elements_.begin(), elements_.end(), ast.text) != elements_.end() ||
      IsKeyword(ast.text)) {
    return Fail("VDT0005", ast.span, "the variable needs a name of its own");
  }
  elements_.push_back(ast.text);
  std::optional<Formula> condition = Condition(ast.children[1], scope);
  elements_.pop_back();
  if (!condition.has_value()) return std::nullopt;
  Formula each;
  each.kind = NodeKind::kEach;
  each.field = field->expr.text;
  each.quantifier = ast.quantifier;
  each.span = ast.span;
  each.children.push_back(*std::move(condition));
  return each;
}

}  // namespace vedette::inline v0::lang
