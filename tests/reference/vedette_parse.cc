#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "tests/reference/vedette_reader.h"

namespace vedette::reference {
namespace {

using Kind = VedetteNode::Kind;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}
bool IsWord(char c) { return IsWordStart(c) || IsDigit(c); }

VedetteExpr Constant(VedetteScalar value) {
  auto node = std::make_shared<VedetteNode>();
  node->value = std::move(value);
  return node;
}

VedetteExpr Inner(Kind kind, std::string text, std::vector<VedetteExpr> parts) {
  auto node = std::make_shared<VedetteNode>();
  node->kind = kind;
  node->text = std::move(text);
  node->parts = std::move(parts);
  return node;
}

// What a number may be followed by: sizes and durations.
const std::map<std::string, int64_t>& Units() {
  static const auto* const units = new std::map<std::string, int64_t>{
      {"KB", 1000},       {"MB", 1000000},      {"GB", 1000000000},    {"KiB", 1024},
      {"MiB", 1048576},   {"GiB", 1073741824},  {"ms", 1000000},       {"s", 1000000000},
      {"m", 60000000000}, {"h", 3600000000000}, {"d", 86400000000000}, {"w", 604800000000000},
  };
  return *units;
}

}  // namespace

VedetteExpr VedetteReader::Read(std::string* why) {
  VedetteExpr out = Or();
  Blanks();
  if (why_.empty() && at_ != text_.size()) Fail("text after the expression");
  if (why_.empty()) return out;
  *why = why_ + " at " + std::to_string(at_);
  return nullptr;
}

VedetteExpr VedetteReader::Fail(const std::string& why) {
  if (why_.empty()) why_ = why;
  return Constant(NullScalar());
}

char VedetteReader::Now(size_t ahead) const {
  return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
}

void VedetteReader::Blanks() {
  while (true) {
    while (Now() == ' ' || Now() == '\t' || Now() == '\n' || Now() == '\r') ++at_;
    const bool line = Now() == '/' && Now(1) == '/';
    const bool block = Now() == '/' && Now(1) == '*';
    if (!line && !block) return;
    const size_t end = text_.find(line ? "\n" : "*/", at_ + 2);
    at_ = end == std::string_view::npos ? text_.size() : end + (line ? 1 : 2);
  }
}

bool VedetteReader::Sign(std::string_view sign) {
  Blanks();
  if (!text_.substr(at_).starts_with(sign)) return false;
  at_ += sign.size();
  return true;
}

std::string VedetteReader::Word() {
  std::string out;
  while (IsWord(Now())) out += text_[at_++];
  return out;
}

bool VedetteReader::Keyword(std::string_view word) {
  Blanks();
  const size_t before = at_;
  if (Word() == word) return true;
  at_ = before;
  return false;
}

VedetteExpr VedetteReader::Or() {
  std::vector<VedetteExpr> parts{And()};
  while (why_.empty() && Keyword("or")) parts.push_back(And());
  return parts.size() == 1 ? parts[0] : Inner(Kind::kOr, "", std::move(parts));
}

VedetteExpr VedetteReader::And() {
  std::vector<VedetteExpr> parts{Not()};
  while (why_.empty() && Keyword("and")) parts.push_back(Not());
  return parts.size() == 1 ? parts[0] : Inner(Kind::kAnd, "", std::move(parts));
}

VedetteExpr VedetteReader::Not() {
  if (Keyword("not")) return Inner(Kind::kNot, "", {Not()});
  return Predicate();
}

VedetteExpr VedetteReader::Block() {
  Blanks();
  const size_t before = at_;
  const std::string quantifier = Word();
  if (quantifier == "any" || quantifier == "all" || quantifier == "every" || quantifier == "no") {
    Blanks();
    const std::string name = Word();
    if (!name.empty() && name != "in" && Keyword("in")) {
      VedetteExpr field = Primary();
      if (!Sign(":") || !Sign("(")) return Fail("block without condition");
      VedetteExpr condition = Or();
      if (!Sign(")")) return Fail("block not closed");
      auto node = std::make_shared<VedetteNode>(
          *Inner(Kind::kBlock, quantifier, {std::move(field), std::move(condition)}));
      node->name = name;
      return node;
    }
  }
  at_ = before;
  return nullptr;
}

VedetteExpr VedetteReader::Predicate() {
  if (VedetteExpr block = Block()) return block;
  VedetteExpr left = Sum();
  for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">"}) {
    if (Sign(op)) return Inner(Kind::kCompare, std::string(op), {left, Sum()});
  }
  if (Sign(":")) return Against(left, ":", true);
  const size_t before = at_;
  const bool negated = Keyword("not");
  for (const std::string_view op :
       {"in", "like", "regex", "search", "contains", "startswith", "endswith"}) {
    if (!Keyword(op)) continue;
    const bool ignore_case = Now() == '~' && Sign("~");
    VedetteExpr test = Against(left, std::string(op), ignore_case);
    return negated ? Inner(Kind::kNot, "", {test}) : test;
  }
  at_ = before;
  return left;
}

VedetteExpr VedetteReader::Against(VedetteExpr left, std::string op, bool ignore_case) {
  std::vector<VedetteExpr> parts{std::move(left)};
  const size_t before = at_;
  bool several = Sign("(");
  if (several) {
    do parts.push_back(Sum());
    while (why_.empty() && Sign(","));
    // `f : (a) + b` is one sum that begins with a parenthesis.
    several = why_.empty() && Sign(")");
  }
  if (!several) {
    why_.clear();
    at_ = before;
    parts.resize(1);
    parts.push_back(Sum());
    if (op == "in" && parts[1]->kind == Kind::kCall && parts[1]->text == "set") {
      // A test is true or false, as a value, too.
      return Inner(Kind::kAnd, "", {Inner(Kind::kCall, "inset", {parts[0], parts[1]->parts[0]})});
    }
    if (op == "in" && parts[1]->kind == Kind::kField) {
      parts[1] = Inner(Kind::kSet, parts[1]->text, {});
    }
  }
  auto node = std::make_shared<VedetteNode>(*Inner(Kind::kTest, std::move(op), std::move(parts)));
  node->ignore_case = ignore_case;
  return node;
}

VedetteExpr VedetteReader::Sum() {
  VedetteExpr left = Term();
  while (why_.empty()) {
    Blanks();
    const char op = Now();
    if (op != '+' && op != '-') break;
    ++at_;
    left = Inner(Kind::kArithmetic, std::string(1, op), {left, Term()});
  }
  return left;
}

VedetteExpr VedetteReader::Term() {
  VedetteExpr left = Unary();
  while (why_.empty()) {
    Blanks();
    const char op = Now();
    if (op != '*' && op != '/' && op != '%') break;
    ++at_;
    left = Inner(Kind::kArithmetic, std::string(1, op), {left, Unary()});
  }
  return left;
}

VedetteExpr VedetteReader::Unary() {
  Blanks();
  if (Now() == '-' && IsDigit(Now(1))) return Number();  // its sign is part of the number
  if (Sign("-")) return Inner(Kind::kMinus, "", {Unary()});
  if (Sign("+")) return Unary();
  return Primary();
}

VedetteExpr VedetteReader::Number() {
  const bool negative = Now() == '-';
  if (negative) ++at_;
  std::string digits;
  const bool hex = Now() == '0' && (Now(1) == 'x' || Now(1) == 'X');
  if (hex) {
    at_ += 2;
    while (std::isxdigit(static_cast<unsigned char>(Now())) != 0) digits += text_[at_++];
  } else {
    while (IsDigit(Now())) digits += text_[at_++];
    if (Now() == '.' && IsDigit(Now(1))) {
      do digits += text_[at_++];
      while (IsDigit(Now()));
    }
    const size_t sign = Now(1) == '-' || Now(1) == '+' ? 2 : 1;
    if ((Now() == 'e' || Now() == 'E') && IsDigit(Now(sign))) {
      digits += text_.substr(at_, sign);
      at_ += sign;
      while (IsDigit(Now())) digits += text_[at_++];
    }
  }
  const double direction = negative ? -1 : 1;
  const std::string unit = Word();
  if (!hex && digits.find_first_of(".eE") != std::string::npos) {
    if (!unit.empty()) return Fail("unit of a broken number");
    return Constant(RealScalar(direction * std::strtod(digits.c_str(), nullptr)));
  }
  __int128 whole = 0;
  if (digits.size() > 30) return Fail("number too long");
  for (const char c : digits) {
    whole = whole * (hex ? 16 : 10) +
            (IsDigit(c) ? c - '0' : (static_cast<unsigned char>(c) | 0x20) - 'a' + 10);
  }
  if (!unit.empty()) {
    if (!Units().contains(unit)) return Fail("no unit: " + unit);
    whole *= Units().at(unit);
  }
  return Constant(IntScalar(negative ? -whole : whole));
}

std::string VedetteReader::BracedHex() {
  char32_t c = 0;
  if (Now() == '{') {
    for (++at_; at_ < text_.size() && Now() != '}'; ++at_) {
      c = c * 16 + static_cast<char32_t>(std::strtol(std::string(1, Now()).c_str(), nullptr, 16));
    }
    ++at_;
  }
  return Encode(CodePoints(1, c));
}

VedetteExpr VedetteReader::Text() {
  auto node = std::make_shared<VedetteNode>();
  node->value.kind = VedetteScalar::Kind::kText;
  std::string& text = node->value.text;
  std::string literal;  // not yet in the pattern
  const auto add = [&](std::string_view bytes) {
    text += bytes;
    literal += bytes;
  };
  const auto flush = [&] {
    for (const Unit& unit : LiteralPattern(Decode(literal))) node->pattern.push_back(unit);
    literal.clear();
  };
  const auto special = [&](Unit::Kind kind, char c) {
    flush();
    text += c;
    node->pattern.push_back(Unit{kind, 0, {}});
  };
  const bool raw = Sign("\"\"\"");
  if (!raw) ++at_;
  while (at_ < text_.size()) {
    if (raw ? text_.substr(at_).starts_with("\"\"\"") : Now() == '"') {
      at_ += raw ? 3 : 1;
      flush();
      return node;
    }
    const char c = text_[at_++];
    if (c == '*') {
      special(Unit::Kind::kStar, c);
    } else if (c == '?') {
      special(Unit::Kind::kAny, c);
    } else if (c != '\\' || raw) {
      add(std::string(1, c));
    } else {
      const char escaped = Now();
      ++at_;
      if (escaped == '-') {
        special(Unit::Kind::kDash, '-');
      } else if (escaped == 'u') {
        add(BracedHex());
      } else if (escaped == 'x') {
        add(std::string(1, static_cast<char>(std::strtol(std::string(text_.substr(at_, 2)).c_str(),
                                                         nullptr, 16))));
        at_ += 2;
      } else {
        add(std::string(1, escaped == 'n'   ? '\n'
                           : escaped == 'r' ? '\r'
                           : escaped == 't' ? '\t'
                                            : escaped));
      }
    }
  }
  return Fail("text not closed");
}

VedetteExpr VedetteReader::Call(const std::string& name) {
  auto node = std::make_shared<VedetteNode>();
  node->kind = Kind::kCall;
  node->text = AsciiLower(name);
  node->ignore_case = Now() == '~' && Sign("~");
  if (!Sign("(")) return Fail("call without arguments");
  if (Sign(")")) return node;
  do node->parts.push_back(Or());
  while (why_.empty() && Sign(","));
  if (!Sign(")")) return Fail("call not closed");
  return node;
}

VedetteExpr VedetteReader::Field() {
  auto node = std::make_shared<VedetteNode>();
  node->kind = Kind::kField;
  node->plain_name = !(Now() == '?' && Sign("?"));
  while (true) {
    if (Now() == '`') {
      node->plain_name = false;
      for (++at_; at_ < text_.size() && Now() != '`'; ++at_) node->text += Now();
      ++at_;
    } else {
      const std::string word = Word();
      if (word.empty()) return Fail("no name");
      node->text += word;
    }
    while (Now() == '[') {
      while (at_ < text_.size() && Now() != ']') node->text += text_[at_++];
      node->text += ']';
      ++at_;
    }
    if (Now() != '.') return node;
    node->text += text_[at_++];
  }
}

VedetteExpr VedetteReader::Primary() {
  Blanks();
  if (IsDigit(Now())) return Number();
  if (Now() == '"') return Text();
  if (Sign("*")) return Inner(Kind::kAnyValue, "", {});
  if (Sign("(")) {
    VedetteExpr inside = Or();
    if (!Sign(")")) return Fail("parenthesis not closed");
    return inside;
  }
  const size_t before = at_;
  const std::string word = Word();
  if (word == "null") return Constant(NullScalar());
  if (word == "true" || word == "false") return Constant(BoolScalar(word == "true"));
  const size_t after = at_;
  const bool fold = !word.empty() && Now() == '~';
  if (fold) ++at_;
  Blanks();
  const bool call = Now() == '(' && !word.empty();
  at_ = after;
  static const auto* const operators = new std::set<std::string>{
      "in", "like", "regex", "search", "contains", "startswith", "endswith", "and", "or", "not"};
  if (call && !operators->contains(word)) return Call(word);
  at_ = before;
  return Field();
}

VedetteExpr ParseVedette(std::string_view text, std::string* why) {
  return VedetteReader(text).Read(why);
}

}  // namespace vedette::reference
