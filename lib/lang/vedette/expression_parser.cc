#include <algorithm>
#include <utility>

#include "lib/ir/printer.h"
#include "lib/lang/vedette/parser.h"

namespace vedette::inline v0::lang {
namespace {

constexpr int kMaxDepth = 128;

std::string Describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end of the text";
    case TokenKind::kString:
      return "a string";
    default:
      return Quoted(token.text);
  }
}

SourceSpan Cover(const SourceSpan& first, const SourceSpan& last) {
  if (last.line != first.line || last.column < first.column) return first;
  return {first.line, first.column, last.column + last.length - first.column};
}

struct TestWord {
  std::string_view word;
  TextOp op;
};
constexpr TestWord kTestWords[] = {
    {"in", TextOp::kIn},         {"like", TextOp::kLike},         {"regex", TextOp::kRegex},
    {"search", TextOp::kSearch}, {"contains", TextOp::kContains}, {"startswith", TextOp::kStarts},
    {"endswith", TextOp::kEnds},
};

}  // namespace

int TokenCursor::BracesSince(size_t position) const {
  int depth = 0;
  for (; position < at_; ++position) {
    if (tokens_[position].Is("{")) ++depth;
    if (tokens_[position].Is("}")) --depth;
  }
  return std::max(depth, 0);
}

bool TokenCursor::TakeSign(std::string_view sign) {
  if (!Peek().Is(sign)) return false;
  Take();
  return true;
}

bool TokenCursor::TakeWord(std::string_view word) {
  if (!Peek().IsWord(word)) return false;
  Take();
  return true;
}

bool TokenCursor::TakeTilde() { return !Peek().space_before && TakeSign("~"); }

bool TokenCursor::ExpectSign(std::string_view sign, std::string_view where) {
  return TakeSign(sign) || Fail("`" + std::string(sign) + "` " + std::string(where));
}

bool TokenCursor::ExpectWord(std::string_view word, std::string_view where) {
  return TakeWord(word) || Fail("`" + std::string(word) + "` " + std::string(where));
}

bool TokenCursor::Fail(std::string_view expected, std::string hint) {
  return FailAt(Peek(), "VDT0003",
                "expected " + std::string(expected) + ", not " + Describe(Peek()), std::move(hint));
}

bool TokenCursor::FailAt(const Token& token, std::string_view code, std::string message,
                         std::string hint) {
  reporter_->Error(code, token.span, std::move(message), std::move(hint));
  return false;
}

// Counts a level for as long as it lives.
class ExpressionParser::Nested {
 public:
  explicit Nested(int* depth) : depth_(depth) { ++*depth_; }
  ~Nested() { --*depth_; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;

 private:
  int* depth_;
};

bool ExpressionParser::Enter(const Token& token) {
  if (depth_ < kMaxDepth) return true;
  return c_->FailAt(token, "VDT0004", "the expression nests deeper than 128 levels",
                    "name parts of it with `let`");
}

bool ExpressionParser::Expression(Ast* out) { return Or(out); }

bool ExpressionParser::Or(Ast* out) {
  const Nested nested(&depth_);
  if (!Enter(c_->Peek())) return false;
  if (!And(out)) return false;
  if (!c_->Peek().IsWord("or")) return true;
  Ast join;
  join.kind = Ast::Kind::kOr;
  join.span = out->span;
  join.children.push_back(std::move(*out));
  while (c_->TakeWord("or")) {
    Ast next;
    if (!And(&next)) return false;
    join.children.push_back(std::move(next));
  }
  *out = std::move(join);
  return true;
}

bool ExpressionParser::And(Ast* out) {
  if (!Not(out)) return false;
  if (!c_->Peek().IsWord("and")) return true;
  Ast join;
  join.kind = Ast::Kind::kAnd;
  join.span = out->span;
  join.children.push_back(std::move(*out));
  while (c_->TakeWord("and")) {
    Ast next;
    if (!Not(&next)) return false;
    join.children.push_back(std::move(next));
  }
  *out = std::move(join);
  return true;
}

bool ExpressionParser::Not(Ast* out) {
  if (!c_->Peek().IsWord("not")) return Predicate(out);
  const Nested nested(&depth_);
  if (!Enter(c_->Peek())) return false;
  const SourceSpan span = c_->Take().span;
  Ast child;
  if (!Not(&child)) return false;
  out->kind = Ast::Kind::kNot;
  out->span = span;
  out->children.push_back(std::move(child));
  return true;
}

// `any x in field : (..)`.
bool ExpressionParser::Each(Ast* out) {
  static constexpr std::pair<std::string_view, Quantifier> kWords[] = {
      {"any", Quantifier::kAny},
      {"all", Quantifier::kAll},
      {"every", Quantifier::kAllOrEmpty},
      {"no", Quantifier::kNone}};
  out->kind = Ast::Kind::kEach;
  out->span = c_->Peek().span;
  for (const auto& [word, quantifier] : kWords) {
    if (c_->Peek().IsWord(word)) out->quantifier = quantifier;
  }
  c_->Take();
  out->text = c_->Take().text;
  c_->Take();  // in
  Ast field;
  if (!Name(&field) || !c_->ExpectSign(":", "before the condition on the elements")) return false;
  if (!c_->ExpectSign("(", "around the condition on the elements")) return false;
  Ast condition;
  if (!Or(&condition) || !c_->ExpectSign(")", "after the condition on the elements")) return false;
  out->children.push_back(std::move(field));
  out->children.push_back(std::move(condition));
  return true;
}

bool ExpressionParser::Predicate(Ast* out) {
  const Token& first = c_->Peek();
  const bool quantifier =
      first.IsWord("any") || first.IsWord("all") || first.IsWord("every") || first.IsWord("no");
  if (quantifier && c_->Peek(1).kind == TokenKind::kWord && c_->Peek(2).IsWord("in")) {
    return Each(out);
  }
  Ast left;
  if (!Sum(&left)) return false;
  const bool negated = c_->Peek().IsWord("not");
  const Token& word = c_->Peek(negated ? 1 : 0);
  for (const TestWord& test : kTestWords) {
    if (!word.IsWord(test.word)) continue;
    if (negated) c_->Take();
    c_->Take();
    const bool ignore_case = c_->TakeTilde();
    return Test(std::move(left), test.op, ignore_case, negated, out);
  }
  if (c_->Peek().Is(":")) {
    c_->Take();
    return Test(std::move(left), TextOp::kMatches, true, false, out);
  }
  for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">"}) {
    if (!c_->Peek().Is(sign)) continue;
    c_->Take();
    Ast right;
    if (!Sum(&right)) return false;
    for (const std::string_view again : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!c_->Peek().Is(again)) continue;
      return c_->FailAt(c_->Peek(), "VDT0003", "comparisons cannot be chained",
                        "join two comparisons with `and`");
    }
    out->kind = Ast::Kind::kCompare;
    out->span = left.span;
    out->sign = sign;
    out->children.push_back(std::move(left));
    out->children.push_back(std::move(right));
    return true;
  }
  if (c_->Peek().Is("=")) {
    return c_->FailAt(c_->Peek(), "VDT0003", "`=` does not compare",
                      "`==` is equal, `:` equal without regard to case, with wildcards");
  }
  *out = std::move(left);
  return true;
}

bool ExpressionParser::Test(Ast subject, TextOp op, bool ignore_case, bool negated, Ast* out) {
  out->kind = Ast::Kind::kTest;
  out->op = op;
  out->ignore_case = ignore_case;
  out->negated = negated;
  out->span = subject.span;
  out->children.push_back(std::move(subject));
  if (c_->TakeSign("(")) {
    out->is_list = true;
    do {
      Ast item;
      if (!Sum(&item)) return false;
      out->children.push_back(std::move(item));
    } while (c_->TakeSign(",") && !c_->Peek().Is(")"));
    return c_->ExpectSign(")", "after the list");
  }
  Ast right;
  if (!Sum(&right)) return false;
  // `in name` is a named list; whether `: name` is one is known when names are.
  if (op == TextOp::kIn && right.kind != Ast::Kind::kName && right.kind != Ast::Kind::kCall) {
    c_->reporter()->Error("VDT0003", right.span, "`in` takes a list",
                          "write `in (\"a\", \"b\")` or the name of a list");
    return false;
  }
  out->children.push_back(std::move(right));
  return true;
}

bool ExpressionParser::Sum(Ast* out) {
  if (!Term(out)) return false;
  while (c_->Peek().Is("+") || c_->Peek().Is("-")) {
    Ast join;
    join.kind = Ast::Kind::kArithmetic;
    join.sign = c_->Take().text;
    join.span = out->span;
    Ast right;
    if (!Term(&right)) return false;
    join.children.push_back(std::move(*out));
    join.children.push_back(std::move(right));
    *out = std::move(join);
  }
  return true;
}

bool ExpressionParser::Term(Ast* out) {
  if (!Unary(out)) return false;
  while (c_->Peek().Is("*") || c_->Peek().Is("/") || c_->Peek().Is("%")) {
    Ast join;
    join.kind = Ast::Kind::kArithmetic;
    join.sign = c_->Take().text;
    join.span = out->span;
    Ast right;
    if (!Unary(&right)) return false;
    join.children.push_back(std::move(*out));
    join.children.push_back(std::move(right));
    *out = std::move(join);
  }
  return true;
}

bool ExpressionParser::Unary(Ast* out) {
  if (!c_->Peek().Is("-") && !c_->Peek().Is("+")) return Primary(out);
  const Nested nested(&depth_);
  const Token sign = c_->Take();
  if (!Enter(sign)) return false;
  // The smallest number has no positive counterpart.
  const bool smallest = sign.Is("-") && c_->Peek().text == "9223372036854775808";
  Ast child;
  if (!Unary(&child)) return false;
  if (sign.Is("+")) {
    *out = std::move(child);
    return true;
  }
  if (child.kind == Ast::Kind::kNumber) {
    const bool whole = smallest || (child.number.is_int && child.number.i != INT64_MIN);
    child.number.i = smallest ? INT64_MIN : whole ? -child.number.i : 0;
    child.number.d = -child.number.d;
    child.number.is_int = whole;
    child.span = Cover(sign.span, child.span);
    *out = std::move(child);
    return true;
  }
  out->kind = Ast::Kind::kNegate;
  out->span = sign.span;
  out->children.push_back(std::move(child));
  return true;
}

// Whether what comes can only be the next statement: an expression that is not finished must not
// take its first word for a field.
bool ExpressionParser::AtStatement() const {
  const Token& word = c_->Peek();
  if (word.kind != TokenKind::kWord || word.newlines_before == 0) return false;
  const Token& next = c_->Peek(1);
  if (word.text == "outcome" || word.text == "meta") return next.Is("{");
  if (word.text == "test") return next.kind == TokenKind::kString && c_->Peek(2).Is("{");
  if (next.kind != TokenKind::kWord) return false;
  if (word.text == "rule") return c_->Peek(2).Is("{");
  return (word.text == "let" || word.text == "list" || word.text == "map") && c_->Peek(2).Is("=");
}

bool ExpressionParser::Primary(Ast* out) {
  const Token& token = c_->Peek();
  out->span = token.span;
  if (AtStatement()) return c_->Fail("a value");
  switch (token.kind) {
    case TokenKind::kNumber:
    case TokenKind::kDuration:
      out->kind = Ast::Kind::kNumber;
      out->number = token.number;
      out->is_duration = token.kind == TokenKind::kDuration;
      c_->Take();
      return true;
    case TokenKind::kString:
      out->kind = Ast::Kind::kString;
      out->text = token.value;
      out->pattern = token.pattern;
      out->wild = token.wild;
      c_->Take();
      return true;
    case TokenKind::kSign:
      if (token.Is("(")) {
        const Nested nested(&depth_);
        c_->Take();
        if (!Or(out)) return false;
        if (c_->Peek().Is(",")) {
          return c_->Fail("`)` to close the parenthesis", "`in (..)` tests for several values");
        }
        return c_->ExpectSign(")", "to close the parenthesis");
      }
      if (token.Is("*")) {
        out->kind = Ast::Kind::kStar;
        c_->Take();
        return true;
      }
      if (token.Is("?")) return Name(out);
      return c_->Fail("a value");
    case TokenKind::kWord:
      break;
    case TokenKind::kQuoted:
      return Name(out);
    default:
      return c_->Fail("a value");
  }
  if (token.text == "true" || token.text == "false") {
    out->kind = Ast::Kind::kBoolean;
    out->boolean = token.text == "true";
    c_->Take();
    return true;
  }
  if (token.text == "null") {
    c_->Take();
    return true;
  }
  const Token& next = c_->Peek(1);
  const bool is_call = next.Is("(") || (next.Is("~") && !next.space_before && c_->Peek(2).Is("("));
  // Functions are found in any case, so these two are words of the language and functions.
  const bool names_function = token.text == "startswith" || token.text == "endswith";
  if (is_call && (names_function || !IsKeyword(token.text))) return Call(out);
  return Name(out);
}

bool ExpressionParser::Call(Ast* out) {
  const Nested nested(&depth_);
  const Token name = c_->Take();
  if (!Enter(name)) return false;
  out->kind = Ast::Kind::kCall;
  out->text = name.text;
  out->ignore_case = c_->TakeTilde();
  c_->Take();
  while (!c_->Peek().Is(")")) {
    Ast arg;
    if (!Or(&arg)) return false;
    out->children.push_back(std::move(arg));
    if (!c_->TakeSign(",")) break;
  }
  return c_->ExpectSign(")", "after the arguments of " + Quoted(name.text));
}

bool ExpressionParser::Name(Ast* out) {
  out->kind = Ast::Kind::kName;
  out->span = c_->Peek().span;
  out->optional = c_->TakeSign("?");
  bool first = true;
  while (true) {
    const Token& part = c_->Peek();
    if (part.kind == TokenKind::kQuoted) {
      if (first) out->quoted = true;
      out->text += part.value;
    } else if (part.kind == TokenKind::kWord || (!first && part.kind == TokenKind::kNumber)) {
      if (first && IsKeyword(part.text)) {
        return c_->Fail("a value", "a field with the name of a keyword stands in backticks");
      }
      out->text += part.text;
    } else {
      return c_->Fail(first ? "a name" : "a name after `.`");
    }
    out->span = Cover(out->span, part.span);
    c_->Take();
    first = false;
    while (c_->Peek().Is("[") && !c_->Peek().space_before &&
           c_->Peek(1).kind == TokenKind::kNumber && c_->Peek(2).Is("]")) {
      c_->Take();
      out->text += "[" + std::string(c_->Take().text) + "]";
      c_->Take();
    }
    if (!c_->Peek().Is(".") || c_->Peek().space_before) return true;
    c_->Take();
    out->text += '.';
  }
}

bool ExpressionParser::Constant(Ast* out) {
  const Token& token = c_->Peek();
  const bool word = token.IsWord("true") || token.IsWord("false") || token.IsWord("null");
  const bool literal = token.kind == TokenKind::kString || token.kind == TokenKind::kNumber ||
                       token.kind == TokenKind::kDuration || token.Is("-") || word;
  if (!literal) return c_->Fail("a constant");
  if (!Unary(out)) return false;
  if (out->kind != Ast::Kind::kNegate) return true;
  c_->reporter()->Error("VDT0003", out->span, "expected a constant");
  return false;
}

bool ExpressionParser::Duration(int64_t* ns, std::string_view where) {
  const Token& token = c_->Peek();
  if (token.kind != TokenKind::kDuration) {
    return c_->Fail("a duration " + std::string(where), "durations look like 30s, 5m, 2h, 7d");
  }
  if (token.number.i <= 0) return c_->FailAt(token, "VDT0003", "the duration must be positive");
  *ns = token.number.i;
  c_->Take();
  return true;
}

bool ExpressionParser::Integer(int64_t* n, std::string_view where) {
  const Token& token = c_->Peek();
  if (token.kind != TokenKind::kNumber || !token.number.is_int) {
    return c_->Fail("a whole number " + std::string(where));
  }
  if (token.number.i > 1000000) return c_->FailAt(token, "VDT0003", "more than 1,000,000");
  *n = token.number.i;
  c_->Take();
  return true;
}

bool ExpressionParser::Keys(std::vector<Ast>* out, bool in_list) {
  do {
    Ast key;
    if (!Sum(&key)) return false;
    out->push_back(std::move(key));
    const TokenKind behind = c_->Peek(2).kind;
    const bool is_rule =
        c_->Peek(1).IsWord("rule") && (behind == TokenKind::kWord || behind == TokenKind::kString);
    if (in_list && is_rule) return true;
  } while (c_->TakeSign(","));
  return true;
}

bool ExpressionParser::Query(QueryAst* out) {
  const Token& category = c_->Peek();
  out->category_span = category.span;
  if (category.kind == TokenKind::kString) {
    out->category = category.value;
    out->quoted_category = true;
  } else if (category.kind == TokenKind::kWord && category.text != "any") {
    if (IsKeyword(category.text)) return c_->Fail("a query like `process where ..`");
    out->category = category.text;
  } else if (!category.IsWord("any")) {
    return c_->Fail("a query like `process where ..`");
  }
  c_->Take();
  return c_->ExpectWord("where", "after the category of events") && Expression(&out->condition);
}

}  // namespace vedette::inline v0::lang
