#include "lib/lang/elastic/kql.h"

#include <algorithm>
#include <utility>

#include "lib/lang/elastic/kql_lexer.h"

namespace vedette::inline v0::elastic {
namespace {

using Kind = KqlNode::Kind;
using Token = KqlToken::Kind;

constexpr size_t kMaxErrors = 20;

class Parser {
 public:
  Parser(std::string_view text, KqlErrors* errors)
      : text_(text), lexer_(text, errors), errors_(errors), first_error_(errors->size()) {
    Advance();
  }

  std::optional<KqlNode> Query() {
    KqlNode root;
    if (token_.kind != Token::kEnd) {
      root = Or(false);
      while (token_.kind != Token::kEnd) {
        Unexpected(token_.kind == Token::kCloseParen ? "')' without '('" : "'}' without '{'", "");
        Advance();
        // Read on for further errors; the query is refused anyway.
        if (token_.kind == Token::kAnd || token_.kind == Token::kOr) Advance();
        if (token_.kind != Token::kEnd) Or(false);
      }
    }
    if (errors_->size() > first_error_) {
      errors_->resize(std::min(errors_->size(), first_error_ + kMaxErrors));
      return std::nullopt;
    }
    return root;
  }

 private:
  void Advance() {
    last_end_ = token_.offset + token_.length;
    token_ = lexer_.Next();
    // A hostile text must not be read on for ever once its errors are plenty.
    if (errors_->size() >= first_error_ + kMaxErrors) Abandon();
  }

  // Ends the reading: what follows from the missing rest is not said.
  void Abandon() {
    abandoned_ = true;
    lexer_.Stop();
    token_ = KqlToken();
    token_.offset = text_.size();
  }

  void Error(size_t offset, size_t length, std::string message, std::string hint) {
    if (abandoned_) return;
    errors_->push_back({offset, length, std::move(message), std::move(hint), false});
  }

  void Unexpected(std::string message, std::string hint) {
    Error(token_.offset, token_.length, std::move(message), std::move(hint));
  }

  static bool EndsOperand(Token kind) {
    return kind == Token::kAnd || kind == Token::kOr || kind == Token::kEnd ||
           kind == Token::kCloseParen || kind == Token::kCloseBrace;
  }

  // To where an operand can end, over whole parentheses and braces.
  void Skip() {
    size_t open = 0;
    while (token_.kind != Token::kEnd && (open > 0 || !EndsOperand(token_.kind))) {
      if (token_.kind == Token::kOpenParen || token_.kind == Token::kOpenBrace) ++open;
      if (token_.kind == Token::kCloseParen || token_.kind == Token::kCloseBrace) --open;
      Advance();
    }
  }

  KqlNode Place(KqlNode node, size_t offset) const {
    node.offset = static_cast<uint32_t>(offset);
    node.length = static_cast<uint32_t>(std::max(last_end_, offset) - offset);
    return node;
  }

  // `in_list`: of the values of one field.
  KqlNode Or(bool in_list) { return Chain(Kind::kOr, Token::kOr, in_list); }

  KqlNode Chain(Kind kind, Token connective, bool in_list) {
    const size_t offset = token_.offset;
    const auto operand = [&] {
      if (kind == Kind::kOr) return Chain(Kind::kAnd, Token::kAnd, in_list);
      KqlNode node = Not(in_list);
      if (!EndsOperand(token_.kind)) {
        NoConnective(node);
        Skip();
      }
      return node;
    };
    KqlNode first = operand();
    if (token_.kind != connective) return first;
    KqlNode chain;
    chain.kind = kind;
    chain.children.push_back(std::move(first));
    while (token_.kind == connective) {
      Advance();
      chain.children.push_back(operand());
    }
    return Place(std::move(chain), offset);
  }

  KqlNode Not(bool in_list) {
    const size_t offset = token_.offset;
    const size_t depth = depth_;
    size_t nots = 0;
    while (token_.kind == Token::kNot && Deeper()) {
      ++nots;
      Advance();
    }
    KqlNode node = in_list ? ListOperand() : Operand();
    depth_ = depth;
    for (; nots > 0; --nots) {
      KqlNode inverted;
      inverted.kind = Kind::kNot;
      inverted.children.push_back(std::move(node));
      node = Place(std::move(inverted), offset);
    }
    return node;
  }

  bool Deeper() {
    if (++depth_ <= kMaxKqlNesting) return true;
    Unexpected("nested deeper than " + std::to_string(kMaxKqlNesting) + " levels", "");
    Abandon();
    return false;
  }

  // Parentheses or braces around a combination; the token is the opening one.
  KqlNode Enclosed(bool in_list) {
    const bool brace = token_.kind == Token::kOpenBrace;
    const size_t offset = token_.offset;
    const size_t depth = depth_;
    if (!Deeper()) return {};
    Advance();
    KqlNode node = Or(in_list);
    depth_ = depth;
    if (token_.kind == (brace ? Token::kCloseBrace : Token::kCloseParen)) {
      Advance();
    } else {
      Error(offset, 1, brace ? "'{' is not closed" : "'(' is not closed",
            brace ? "expected '}'" : "expected ')'");
    }
    return node;
  }

  KqlNode ListOperand() {
    if (token_.kind == Token::kOpenParen) return Enclosed(true);
    if (token_.kind == Token::kLiteral) return Value();
    Missing("a value or '('");
    return {};
  }

  KqlNode Value() {
    const size_t offset = token_.offset;
    KqlNode node;
    node.kind = Kind::kValue;
    node.value = std::move(token_.literal);
    Advance();
    return Place(std::move(node), offset);
  }

  KqlNode Operand() {
    if (token_.kind == Token::kOpenParen) return Enclosed(false);
    if (token_.kind != Token::kLiteral) {
      Missing("a field, a value, 'not' or '('");
      return {};
    }
    const size_t offset = token_.offset;
    KqlNode node = Value();
    if (token_.kind == Token::kColon) {
      Advance();
      return AfterColon(std::move(node.value), offset);
    }
    if (token_.kind != Token::kRange) return node;
    node.kind = Kind::kRange;
    node.field = std::exchange(node.value, {});
    node.range = token_.range;
    Advance();
    if (token_.kind != Token::kLiteral) {
      Missing("a value to compare with");
      return {};
    }
    if (token_.literal.has_wildcard()) {
      Unexpected("a comparison takes no wildcard", "in quotes, '*' is an ordinary character");
    }
    node.value = std::move(token_.literal);
    Advance();
    return Place(std::move(node), offset);
  }

  KqlNode AfterColon(KqlLiteral field, size_t offset) {
    KqlNode node;
    node.kind = token_.kind == Token::kOpenBrace ? Kind::kNested : Kind::kField;
    node.field = std::move(field);
    if (token_.kind == Token::kOpenBrace) {
      node.children.push_back(Enclosed(false));
    } else if (token_.kind == Token::kOpenParen) {
      node.children.push_back(Enclosed(true));
    } else if (token_.kind == Token::kLiteral) {
      node.children.push_back(Value());
    } else {
      Missing("a value, '(' or '{' after ':'");
      return {};
    }
    return Place(std::move(node), offset);
  }

  // Says that `what` was expected, and skips what stands there instead.
  void Missing(std::string_view what) {
    const std::string expected = "expected " + std::string(what);
    switch (token_.kind) {
      case Token::kEnd:
        Unexpected(expected + ", found the end of the query", "");
        return;
      case Token::kNot:
        Unexpected(expected + ", found 'not'",
                   "write `not field: value` or `field: (not value)`; the word is \"not\"");
        break;
      case Token::kAnd:
      case Token::kOr:
        Unexpected(expected + ", found " + Found(), "the word itself is written in quotes");
        break;
      default:
        Unexpected(expected + ", found " + Found(), "put special characters in quotes");
        break;
    }
    Skip();
  }

  std::string Found() const {
    return "'" + std::string(text_.substr(token_.offset, std::min<size_t>(token_.length, 40))) +
           "'";
  }

  // Two operands without `and` or `or`, or a mark that does not belong behind an operand.
  void NoConnective(const KqlNode& before) {
    const bool value = before.kind == Kind::kField || before.kind == Kind::kValue;
    switch (token_.kind) {
      case Token::kColon:
      case Token::kRange:
        Unexpected("expected 'and' or 'or', found " + Found(),
                   value ? "put a value with such characters in quotes" : "");
        break;
      case Token::kOpenBrace:
        Unexpected("expected 'and' or 'or', found '{'", "braces go after a field: `f: { ... }`");
        break;
      case Token::kOpenParen:
        Unexpected("expected 'and' or 'or', found '('",
                   "a list of values is written `field: (a or b)`");
        break;
      default:
        Unexpected("expected 'and' or 'or', found " + Found(),
                   "a value of several words can stand in quotes");
        break;
    }
  }

  std::string_view text_;
  KqlLexer lexer_;
  KqlErrors* errors_;
  size_t first_error_;
  KqlToken token_;
  size_t last_end_ = 0;  // of the token before
  size_t depth_ = 0;
  bool abandoned_ = false;
};

void AppendUnquoted(const KqlLiteral& literal, std::string* out) {
  for (size_t p = 0; p < literal.parts.size(); ++p) {
    if (p > 0) *out += '*';
    const std::string& part = literal.parts[p];
    const bool first = p == 0;
    const bool last = p + 1 == literal.parts.size();
    // Blanks at the ends of the whole value would be dropped.
    const size_t inner_begin = first ? part.find_first_not_of(' ') : 0;
    const size_t inner_end = last ? part.find_last_not_of(' ') + 1 : part.size();
    for (size_t i = 0; i < part.size(); ++i) {
      const char c = part[i];
      const bool word_starts = i == 0 ? first : part[i - 1] == ' ';
      const size_t keyword = word_starts ? KqlKeywordPrefix(std::string_view(part).substr(i)) : 0;
      const size_t end = i + keyword;
      const bool blank_follows = end < inner_end && part[end] == ' ';
      if (keyword > 0 && (end == part.size() ? last : blank_follows)) *out += '\\';
      if (c == ' ' && (i < inner_begin || i >= inner_end)) {
        *out += "\\u0020";
      } else if (c == '\n') {
        *out += "\\u000a";  // `\n` before "ot" would be the keyword
      } else if (c == '\t' || c == '\r') {
        *out += c == '\t' ? "\\t" : "\\r";
      } else {
        if (IsKqlSpecial(c)) *out += '\\';
        *out += c;
      }
    }
  }
}

// How tightly a node binds: a child that binds no tighter than its parent needs parentheses.
int Binding(Kind kind) {
  switch (kind) {
    case Kind::kOr:
      return 0;
    case Kind::kAnd:
      return 1;
    case Kind::kNot:
      return 2;
    default:
      return 3;
  }
}

void AppendNode(const KqlNode& node, std::string* out);

void AppendChild(const KqlNode& child, Kind parent, std::string* out) {
  const bool both_not = child.kind == Kind::kNot && parent == Kind::kNot;
  const bool enclose = !both_not && Binding(child.kind) <= Binding(parent);
  if (enclose) *out += '(';
  AppendNode(child, out);
  if (enclose) *out += ')';
}

void AppendNode(const KqlNode& node, std::string* out) {
  switch (node.kind) {
    case Kind::kMatchAll:
      return;
    case Kind::kAnd:
    case Kind::kOr:
      for (size_t i = 0; i < node.children.size(); ++i) {
        if (i > 0) *out += node.kind == Kind::kAnd ? " and " : " or ";
        AppendChild(node.children[i], node.kind, out);
      }
      return;
    case Kind::kNot:
      *out += "not ";
      AppendChild(node.children[0], node.kind, out);
      return;
    case Kind::kValue:
      *out += PrintKqlLiteral(node.value);
      return;
    case Kind::kField: {
      const bool list = node.children[0].kind != Kind::kValue;
      *out += PrintKqlLiteral(node.field) + (list ? ": (" : ": ");
      AppendNode(node.children[0], out);
      if (list) *out += ')';
      return;
    }
    case Kind::kRange: {
      static constexpr std::string_view kMarks[] = {" < ", " <= ", " > ", " >= "};
      *out += PrintKqlLiteral(node.field);
      *out += kMarks[static_cast<size_t>(node.range)];
      *out += PrintKqlLiteral(node.value);
      return;
    }
    case Kind::kNested:
      *out += PrintKqlLiteral(node.field) + ": { ";
      AppendNode(node.children[0], out);
      *out += " }";
      return;
  }
}

}  // namespace

bool KqlLiteral::only_wildcards() const {
  return has_wildcard() &&
         std::all_of(parts.begin(), parts.end(), [](const std::string& p) { return p.empty(); });
}

std::string KqlLiteral::Text() const {
  std::string out = parts.empty() ? "" : parts[0];
  for (size_t i = 1; i < parts.size(); ++i) {
    out += '*';
    out += parts[i];
  }
  return out;
}

bool operator==(const KqlNode& a, const KqlNode& b) {
  return a.kind == b.kind && a.range == b.range && a.field == b.field && a.value == b.value &&
         a.children == b.children;
}

std::optional<KqlNode> ParseKql(std::string_view text, KqlErrors* errors) {
  if (text.size() > kMaxKqlBytes) {
    errors->push_back({0, 0, "the query is larger than 1 MiB", "", false});
    return std::nullopt;
  }
  return Parser(text, errors).Query();
}

std::string PrintKqlLiteral(const KqlLiteral& literal) {
  std::string out;
  if (!literal.quoted) {
    AppendUnquoted(literal, &out);
    return out;
  }
  out += '"';
  for (const char c : literal.Text()) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n' || c == '\t' || c == '\r') {
      out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string PrintKql(const KqlNode& node) {
  std::string out;
  AppendNode(node, &out);
  return out;
}

}  // namespace vedette::inline v0::elastic
