#include "lib/ir/printer.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "lib/base/casefold.h"
#include "lib/ir/pattern_text.h"

namespace vedette::inline v0 {
namespace {

using PieceKind = PatternPiece::Kind;

constexpr std::array<std::string_view, 7> kTimeParts = {"",     "minute", "hour", "day",
                                                        "week", "month",  "year"};
constexpr std::array<std::string_view, 4> kQuantifiers = {"any", "all", "every", "no"};

bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}
bool IsWordChar(char c) { return IsWordStart(c) || (c >= '0' && c <= '9'); }

void AppendEscape(std::string_view bytes, std::string* out) {
  for (const char c : bytes) {
    char text[8];
    std::snprintf(text, sizeof text, "\\x%02X", static_cast<unsigned char>(c));
    *out += text;
  }
}

// Broken UTF-8 and control characters are escaped, everything else stands for itself.
void AppendText(std::string_view text, bool pattern, std::string* out) {
  for (size_t at = 0; at < text.size();) {
    char32_t cp = 0;
    const size_t length = NextCodePoint(text, at, &cp);
    const std::string_view bytes = text.substr(at, length);
    at += length;
    if (cp == '"' || cp == '\\' || (pattern && (cp == '*' || cp == '?'))) {
      *out += '\\';
      *out += bytes;
    } else if (cp == '\n') {
      *out += "\\n";
    } else if (cp == '\r') {
      *out += "\\r";
    } else if (cp == '\t') {
      *out += "\\t";
    } else if (cp < 0x20 || cp == 0x7F || (length == 1 && cp > 0x7F)) {
      AppendEscape(bytes, out);
    } else {
      *out += bytes;
    }
  }
}

// Whether the text can stand between triple quotes as it is, and gains by it.
bool IsBetterRaw(std::string_view text, bool pattern) {
  if (text.find('\\') == std::string_view::npos || text.ends_with('"')) return false;
  if (text.find("\"\"\"") != std::string_view::npos) return false;
  for (size_t at = 0; at < text.size();) {
    char32_t cp = 0;
    const size_t length = NextCodePoint(text, at, &cp);
    at += length;
    if (cp < 0x20 || cp == 0x7F || (length == 1 && cp > 0x7F)) return false;
    if (pattern && (cp == '*' || cp == '?')) return false;
  }
  return true;
}

std::string PrintPattern(const TextPattern& pattern) {
  bool raw = true;
  bool backslash = false;
  std::string plain;
  std::string escaped;
  for (const PatternPiece& piece : pattern.pieces) {
    if (piece.kind == PieceKind::kDash) {
      raw = false;
      escaped += "\\-";
    } else if (piece.kind == PieceKind::kLiteral) {
      backslash = backslash || piece.text.find('\\') != std::string::npos;
      // The added backslash stands for the others: whether the rest may be raw is asked.
      raw = raw && IsBetterRaw("\\" + piece.text + "\\", true);
      plain += piece.text;
      AppendText(piece.text, true, &escaped);
    } else {
      plain += piece.kind == PieceKind::kAnyRun ? '*' : '?';
      escaped += plain.back();
    }
  }
  raw = raw && backslash && IsBetterRaw(plain, false);
  return raw ? "\"\"\"" + plain + "\"\"\"" : "\"" + escaped + "\"";
}

// An operator and the literal it takes.
struct TextTest {
  std::string op;
  std::string literal;
};

TextTest PrintTextTest(const Predicate& p) {
  const TextPattern& pattern = p.pattern;
  const size_t n = pattern.pieces.size();
  const auto is_run = [&pattern](size_t i) { return pattern.pieces[i].kind == PieceKind::kAnyRun; };
  size_t literals = 0;
  bool simple = true;
  for (size_t i = 0; i < n; ++i) {
    if (pattern.pieces[i].kind == PieceKind::kLiteral) {
      ++literals;
    } else {
      simple = simple && is_run(i) && (i == 0 || i + 1 == n);
    }
  }
  const bool equality = n == 0 || (n == 1 && literals == 1);
  if (equality) {
    const std::string_view text = n == 0 ? std::string_view() : pattern.pieces[0].text;
    // Two constants would be compared at once.
    const bool is_constant = p.subject != nullptr && p.subject->is_constant();
    if (pattern.cased && is_constant) return {"like", PrintPattern(pattern)};
    if (pattern.cased) return {"==", PrintString(text)};
    return {":", PrintPattern(pattern)};
  }
  if (simple && literals == 1) {
    std::string op = is_run(0) && is_run(n - 1) ? "contains"
                     : is_run(0)                ? "endswith"
                                                : "startswith";
    if (!pattern.cased) op += '~';
    return {std::move(op), PrintString(pattern.pieces[is_run(0) ? 1 : 0].text)};
  }
  return {pattern.cased ? "like" : ":", PrintPattern(pattern)};
}

std::string NumberText(const Number& number) {
  std::string text = number.Text();
  if (!number.is_int && text.find_first_of(".eEn") == std::string::npos) text += ".0";
  return text;
}

int Precedence(const Expr& e) {
  if (e.kind != Expr::Kind::kCall) {
    const bool negative = e.kind == Expr::Kind::kNumber && (e.number.d < 0 || e.number.i < 0);
    return negative ? 7 : 8;
  }
  switch (e.function) {
    case Function::kOr:
      return 1;
    case Function::kAnd:
      return 2;
    case Function::kNot:
      return 3;
    case Function::kEqual:
    case Function::kLess:
    case Function::kLessEqual:
    case Function::kGreater:
    case Function::kGreaterEqual:
      return 4;
    case Function::kAdd:
    case Function::kSubtract:
      return 5;
    case Function::kMultiply:
    case Function::kDivide:
    case Function::kModulo:
      return 6;
    case Function::kNegate:
      return 7;
    default:
      return 8;
  }
}

std::string PrintExprAt(const Expr& e, int precedence, const PrintContext& context);

// What is compared with null in a value: that has no operator of its own, `a` is null unless it
// equals itself.
const Expr* ComparedWithNull(const Expr& e) {
  if (e.function != Function::kNot || e.args[0].kind != Expr::Kind::kCall) return nullptr;
  const Expr& equal = e.args[0];
  const bool self =
      equal.function == Function::kEqual && !equal.ignore_case && equal.args[0] == equal.args[1];
  return self ? &equal.args[0] : nullptr;
}

std::string PrintCall(const Expr& e, const PrintContext& context) {
  const int own = Precedence(e);
  const std::string sign(SpecOf(e.function).name);
  if (e.function == Function::kNegate) return "-" + PrintExprAt(e.args[0], 8, context);
  if (e.function == Function::kNot) {
    if (const Expr* value = ComparedWithNull(e))
      return PrintExprAt(*value, 5, context) + " == null";
    if (e.args[0].kind == Expr::Kind::kCall) {
      if (const Expr* value = ComparedWithNull(e.args[0])) {
        return PrintExprAt(*value, 5, context) + " != null";
      }
    }
    return "not " + PrintExprAt(e.args[0], 3, context);
  }
  if (own < 8) {
    std::string out;
    for (size_t i = 0; i < e.args.size(); ++i) {
      // A right operand of the same rank needs parentheses; comparisons do not chain at all, and a
      // nested `and` in an `and` is a tree of its own.
      const bool tight = i > 0 || own == 4 || own <= 2;
      if (i > 0) out += " " + (e.ignore_case && own == 4 ? std::string(":") : sign) + " ";
      out += PrintExprAt(e.args[i], tight ? own + 1 : own, context);
    }
    return out;
  }
  const bool host = e.function == Function::kHost || e.function == Function::kHostAggregate;
  std::string out = host ? e.text : sign;
  if (e.ignore_case) out += '~';
  out += '(';
  for (size_t i = 0; i < e.args.size(); ++i) {
    if (i > 0) out += ", ";
    const bool is_pattern =
        e.function == Function::kWildcard && i > 0 && e.args[i].kind == Expr::Kind::kString;
    out += is_pattern ? PrintPattern({PatternOfText(e.args[i].text), true})
                      : PrintExprAt(e.args[i], 0, context);
  }
  return out + ")";
}

std::string PrintExprAt(const Expr& e, int precedence, const PrintContext& context) {
  std::string out;
  switch (e.kind) {
    case Expr::Kind::kNull:
      return "null";
    case Expr::Kind::kBoolean:
      return e.boolean ? "true" : "false";
    case Expr::Kind::kNumber:
      out = NumberText(e.number);
      break;
    case Expr::Kind::kString:
      return PrintString(e.text);
    case Expr::Kind::kField: {
      if (e.source == Expr::kThisEvent) return PrintFieldName(e.text, context);
      const std::string& alias = context.aliases[static_cast<size_t>(e.source)];
      PrintContext plain;
      return e.text.empty() ? alias : alias + "." + PrintFieldName(e.text, plain);
    }
    case Expr::Kind::kCall:
      out = PrintCall(e, context);
      break;
  }
  return Precedence(e) < precedence ? "(" + out + ")" : out;
}

std::string Subject(const Predicate& p, const PrintContext& context) {
  if (p.subject != nullptr) return PrintExprAt(*p.subject, 5, context);
  if (p.op == PredicateOp::kKeyword) return "*";
  const std::string field = PrintFieldName(p.field, context);
  if (p.time_part == TimePart::kNone) return field;
  return std::string(kTimeParts[static_cast<size_t>(p.time_part)]) + "(" + field + ")";
}

std::string PrintRegex(const Predicate& p) {
  constexpr std::string_view kOpen = "\\A(?:";
  constexpr std::string_view kClose = ")\\z";
  const std::string_view regex = p.regex;
  // What the `regex` operator makes of its text.
  if (p.regex_flags.dot_all && !p.regex_flags.multi_line && regex.starts_with(kOpen) &&
      regex.ends_with(kClose) && regex.size() >= kOpen.size() + kClose.size()) {
    return std::string(p.regex_flags.ignore_case ? "regex~ " : "regex ") +
           PrintString(regex.substr(kOpen.size(), regex.size() - kOpen.size() - kClose.size()));
  }
  std::string flags;
  if (p.regex_flags.ignore_case) flags += 'i';
  if (p.regex_flags.multi_line) flags += 'm';
  if (p.regex_flags.dot_all) flags += 's';
  if (!flags.empty()) flags = "(?" + flags + ")";
  return "search " + PrintString(flags + p.regex);
}

// ---- Formulas --------------------------------------------------------------------------------

int Precedence(const Formula& f) {
  const bool joined = f.children.size() > 1;
  if (f.kind == NodeKind::kOr && joined) return 1;
  if (f.kind == NodeKind::kAnd && joined) return 2;
  return f.kind == NodeKind::kNot ? 3 : 4;
}

// The operator and literal of a predicate that a list form can hold; empty if there is none.
TextTest ListTest(const Formula& f) {
  if (f.kind != NodeKind::kPredicate) return {};
  const Predicate& p = f.predicate;
  if (p.op == PredicateOp::kText || p.op == PredicateOp::kKeyword) {
    TextTest test = PrintTextTest(p);
    if (test.op == "==") test.op = "in";
    return test;
  }
  if (p.op == PredicateOp::kNumberEq) return {"in", NumberText(p.number)};
  return {};
}

// Alternatives of one field and one operator as `field op (a, b)`; empty if they are not.
std::string PrintList(const Formula& f, const PrintContext& context) {
  if (f.kind != NodeKind::kOr || f.children.size() < 2) return "";
  std::string subject;
  std::string op;
  std::string list;
  for (const Formula& child : f.children) {
    const TextTest test = ListTest(child);
    if (test.op.empty()) return "";
    std::string own = Subject(child.predicate, context);
    if (list.empty()) {
      subject = std::move(own);
      op = test.op;
    } else if (op != test.op || subject != own) {
      return "";
    }
    list += (list.empty() ? "" : ", ") + test.literal;
  }
  return subject + " " + op + " (" + list + ")";
}

std::string PrintAt(const Formula& f, int precedence, const PrintContext& context);

std::string PrintNot(const Formula& f, const PrintContext& context) {
  const Formula& child = f.children[0];
  if (child.kind == NodeKind::kPredicate) {
    const Predicate& p = child.predicate;
    const std::string subject = Subject(p, context);
    if (p.op == PredicateOp::kIsNull) return subject + " != null";
    if (p.op == PredicateOp::kNumberEq) return subject + " != " + NumberText(p.number);
    if (p.op == PredicateOp::kText) {
      const TextTest test = PrintTextTest(p);
      if (test.op == "==") return subject + " != " + test.literal;
    }
  }
  return "not " + PrintAt(child, 3, context);
}

std::string PrintEach(const Formula& f, const PrintContext& context) {
  PrintContext inner = context;
  inner.depth = context.depth + 1;
  inner.element = inner.depth == 1 ? "item" : "item" + std::to_string(inner.depth);
  while (inner.reserved.contains(inner.element)) inner.element += '_';
  return std::string(kQuantifiers[static_cast<size_t>(f.quantifier)]) + " " + inner.element +
         " in " + PrintFieldName(f.field, context) + " : (" + PrintAt(f.children[0], 0, inner) +
         ")";
}

std::string PrintAt(const Formula& f, int precedence, const PrintContext& context) {
  switch (f.kind) {
    case NodeKind::kTrue:
      return "true";
    case NodeKind::kFalse:
      return "false";
    case NodeKind::kPredicate:
      return PrintPredicate(f.predicate, context);
    case NodeKind::kNot: {
      const std::string out = PrintNot(f, context);
      return precedence > 3 ? "(" + out + ")" : out;
    }
    case NodeKind::kEach:
      return PrintEach(f, context);
    case NodeKind::kAnd:
    case NodeKind::kOr:
      break;
  }
  const bool is_and = f.kind == NodeKind::kAnd;
  if (f.children.empty()) return is_and ? "true" : "false";
  if (f.children.size() == 1) return PrintAt(f.children[0], precedence, context);
  if (std::string list = PrintList(f, context); !list.empty()) return list;
  std::string out;
  for (const Formula& child : f.children) {
    if (!out.empty()) out += is_and ? " and " : " or ";
    out += PrintAt(child, is_and ? 3 : 2, context);
  }
  return Precedence(f) < precedence ? "(" + out + ")" : out;
}

}  // namespace

bool IsKeyword(std::string_view word) {
  static constexpr std::string_view kWords[] = {
      "and", "by",    "contains", "endswith",   "false", "in",    "like",  "not", "null",
      "or",  "regex", "search",   "startswith", "true",  "until", "where", "with"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

bool IsReservedName(std::string_view word) {
  static constexpr std::string_view kWords[] = {
      "absence",  "all",    "any",      "child",    "descendant", "every",  "for",
      "generate", "having", "item",     "let",      "list",       "map",    "match",
      "meta",     "new",    "no",       "of",       "outcome",    "rearm",  "rule",
      "sample",   "select", "sequence", "suppress", "test",       "window", "within"};
  return IsKeyword(word) ||
         std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

std::string PrintString(std::string_view text, bool pattern) {
  if (IsBetterRaw(text, pattern)) return "\"\"\"" + std::string(text) + "\"\"\"";
  std::string out = "\"";
  AppendText(text, pattern, &out);
  return out + "\"";
}

std::string PrintFieldName(std::string_view name, const PrintContext& context) {
  std::string prefix;
  if (!context.element.empty()) {
    if (name == ".") return context.element;
    prefix = context.element + ".";
  }
  bool plain = !name.empty();
  size_t begin = 0;
  for (size_t i = 0; plain && i <= name.size(); ++i) {
    if (i < name.size() && name[i] != '.') {
      plain = i == begin ? IsWordStart(name[i]) : IsWordChar(name[i]);
      continue;
    }
    plain = i > begin;
    begin = i + 1;
  }
  if (plain && prefix.empty()) {
    const std::string first(name.substr(0, name.find('.')));
    const bool is_alias =
        std::find(context.aliases.begin(), context.aliases.end(), first) != context.aliases.end();
    plain = !IsKeyword(name) && !context.reserved.contains(first) && !is_alias;
  }
  if (plain) return prefix + std::string(name);
  std::string out = prefix + "`";
  for (const char c : name) {
    if (c == '`') out += '`';
    out += c;
  }
  return out + "`";
}

std::string PrintDuration(int64_t ns) {
  static constexpr std::pair<int64_t, std::string_view> kUnits[] = {
      {86400000000000, "d"}, {3600000000000, "h"}, {60000000000, "m"},
      {1000000000, "s"},     {1000000, "ms"},      {1000, "us"}};
  for (const auto& [unit, name] : kUnits) {
    if (ns % unit == 0) return std::to_string(ns / unit) + std::string(name);
  }
  return std::to_string(ns) + "ns";
}

std::string PrintExpr(const Expr& expr, const PrintContext& context) {
  return PrintExprAt(expr, 0, context);
}

std::string PrintPredicate(const Predicate& p, const PrintContext& context) {
  const std::string subject = p.op == PredicateOp::kHolds ? "" : Subject(p, context);
  switch (p.op) {
    case PredicateOp::kExists:
      return "exists(" + subject + ")";
    case PredicateOp::kIsNull:
      return subject + " == null";
    case PredicateOp::kText:
    case PredicateOp::kKeyword: {
      const TextTest test = PrintTextTest(p);
      return subject + " " + test.op + " " + test.literal;
    }
    case PredicateOp::kNumberEq:
      return subject + " == " + NumberText(p.number);
    case PredicateOp::kNumberLt:
      return subject + " < " + NumberText(p.number);
    case PredicateOp::kNumberLe:
      return subject + " <= " + NumberText(p.number);
    case PredicateOp::kNumberGt:
      return subject + " > " + NumberText(p.number);
    case PredicateOp::kNumberGe:
      return subject + " >= " + NumberText(p.number);
    case PredicateOp::kRegex:
      return subject + " " + PrintRegex(p);
    case PredicateOp::kCidr:
      return "cidrMatch(" + subject + ", " + PrintString(FormatCidr(p.cidr)) + ")";
    case PredicateOp::kFieldText: {
      static constexpr std::string_view kNames[] = {"==", "startswith", "endswith", "contains"};
      const bool equal = p.compare == FieldCompare::kEqual;
      std::string op(kNames[static_cast<size_t>(p.compare)]);
      if (!p.cased) op = equal ? ":" : op + "~";
      return subject + " " + op + " " + PrintFieldName(p.other_field, context);
    }
    case PredicateOp::kHolds:
      return PrintExprAt(*p.subject, 4, context);
  }
  return "";
}

std::string PrintFormula(const Formula& formula, const PrintContext& context) {
  return PrintAt(formula, 0, context);
}

}  // namespace vedette::inline v0
