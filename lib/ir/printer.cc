#include "lib/ir/printer.h"

#include <array>
#include <cctype>

#include "lib/base/json_text.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kLineLength = 90;

std::string Quoted(std::string_view s) {
  std::string out;
  AppendJsonString(s, &out);
  return out;
}

// Field names that are no plain dotted identifiers stand in backticks.
std::string FieldName(std::string_view name) {
  if (name == ".") return ".";
  bool plain = !name.empty();
  for (const char c : name) {
    plain = plain &&
            (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '@');
  }
  return plain ? std::string(name) : "`" + std::string(name) + "`";
}

// The pieces in wildcard notation: `*`, `?`, and `{-}` for any dash; literal ones are escaped.
std::string PatternText(const TextPattern& pattern, size_t first, size_t last) {
  std::string out;
  for (size_t i = first; i < last; ++i) {
    const PatternPiece& piece = pattern.pieces[i];
    switch (piece.kind) {
      case PatternPiece::Kind::kAnyRun:
        out += '*';
        break;
      case PatternPiece::Kind::kAnyOne:
        out += '?';
        break;
      case PatternPiece::Kind::kDash:
        out += "{-}";
        break;
      case PatternPiece::Kind::kLiteral:
        for (const char c : piece.text) {
          if (c == '*' || c == '?' || c == '{' || c == '\\') out += '\\';
          out += c;
        }
        break;
    }
  }
  return out;
}

std::string PrintText(const TextPattern& pattern) {
  const auto is_run = [&pattern](size_t i) {
    return pattern.pieces[i].kind == PatternPiece::Kind::kAnyRun;
  };
  const std::string cased = pattern.cased ? "cased " : "";
  const size_t n = pattern.pieces.size();
  bool simple = true;  // literal text between optional runs at the ends
  for (size_t i = 0; i < n; ++i) {
    if (pattern.pieces[i].kind == PatternPiece::Kind::kLiteral) continue;
    simple = simple && is_run(i) && (i == 0 || i + 1 == n);
  }
  if (simple && n > 0 && !(n == 1 && is_run(0))) {
    const bool open_start = is_run(0);
    const bool open_end = is_run(n - 1);
    std::string text;
    for (const PatternPiece& piece : pattern.pieces) text += piece.text;
    const char* op = open_start && open_end ? "contains "
                     : open_end             ? "startswith "
                     : open_start           ? "endswith "
                                            : ": ";
    if (op[0] == ':') return (pattern.cased ? "== " : ": ") + Quoted(text);
    return cased + op + Quoted(text);
  }
  if (n == 0) return ": \"\"";
  return cased + "like " + Quoted(PatternText(pattern, 0, n));
}

constexpr std::array<std::string_view, 7> kTimeParts = {"",     "minute", "hour", "day",
                                                        "week", "month",  "year"};
constexpr std::array<std::string_view, 4> kFieldCompares = {": ", "startswith ", "endswith ",
                                                            "contains "};
constexpr std::array<std::string_view, 4> kQuantifiers = {"any", "all", "all_or_empty", "none"};

std::string PrintNumber(const Predicate& p) {
  std::string_view op = "==";
  if (p.op == PredicateOp::kNumberLt) op = "<";
  if (p.op == PredicateOp::kNumberLe) op = "<=";
  if (p.op == PredicateOp::kNumberGt) op = ">";
  if (p.op == PredicateOp::kNumberGe) op = ">=";
  std::string field = FieldName(p.field);
  if (p.time_part != TimePart::kNone) {
    field = std::string(kTimeParts[static_cast<size_t>(p.time_part)]) + "(" + field + ")";
  }
  return field + " " + std::string(op) + " " + p.number.Text();
}

std::string PrintRegex(const Predicate& p) {
  std::string flags;
  if (p.regex_flags.ignore_case) flags += 'i';
  if (p.regex_flags.multi_line) flags += 'm';
  if (p.regex_flags.dot_all) flags += 's';
  return FieldName(p.field) + " regex " + Quoted(p.regex) + (flags.empty() ? "" : " " + flags);
}

int Precedence(const Formula& f) {
  if (f.kind == NodeKind::kOr && f.children.size() > 1) return 1;
  if (f.kind == NodeKind::kAnd && f.children.size() > 1) return 2;
  return 3;
}

std::string PrintAt(const Formula& f, int precedence, int indent);

std::string PrintJoined(const Formula& f, int indent) {
  const bool is_and = f.kind == NodeKind::kAnd;
  if (f.children.empty()) return is_and ? "true" : "false";
  const int inner = f.children.size() == 1 ? 0 : (is_and ? 3 : 2);
  std::vector<std::string> parts;
  size_t length = 0;
  for (const Formula& child : f.children) {
    parts.push_back(PrintAt(child, inner, indent < 0 ? indent : indent + 1));
    length += parts.back().size() + 5;
  }
  std::string separator = is_and ? " and " : " or ";
  if (indent >= 0 && length > kLineLength) {
    separator =
        "\n" + std::string(static_cast<size_t>(indent) * 2, ' ') + (is_and ? "and " : "or ");
  }
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::string PrintAt(const Formula& f, int precedence, int indent) {
  std::string out;
  switch (f.kind) {
    case NodeKind::kTrue:
      return "true";
    case NodeKind::kFalse:
      return "false";
    case NodeKind::kPredicate:
      return PrintPredicate(f.predicate);
    case NodeKind::kNot:
      return "not " + PrintAt(f.children[0], 3, indent);
    case NodeKind::kEach:
      return std::string(kQuantifiers[static_cast<size_t>(f.quantifier)]) + " " +
             FieldName(f.field) + " : (" + PrintAt(f.children[0], 0, indent) + ")";
    case NodeKind::kAnd:
    case NodeKind::kOr:
      out = PrintJoined(f, indent);
      break;
  }
  return Precedence(f) < precedence ? "(" + out + ")" : out;
}

std::string PrintMeta(const RuleMeta& meta) {
  std::string out;
  const auto line = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out += "    " + std::string(name) + " = " + Quoted(value) + "\n";
  };
  line("id", meta.id);
  line("name", meta.name);
  line("title", meta.title);
  line("status", meta.status);
  line("severity", LevelName(meta.level));
  line("logsource", meta.log_source.empty() ? "" : meta.log_source.ToString());
  return out;
}

std::string PrintExpression(const RuleExpression& e, const CorrelationSpec& spec) {
  switch (e.kind) {
    case RuleExpression::Kind::kRule:
      return spec.rules[e.rule].text;
    case RuleExpression::Kind::kNot:
      return "not " + PrintExpression(e.children[0], spec);
    case RuleExpression::Kind::kAnd:
    case RuleExpression::Kind::kOr:
      break;
  }
  std::string out = "(";
  for (size_t i = 0; i < e.children.size(); ++i) {
    if (i > 0) out += e.kind == RuleExpression::Kind::kAnd ? " and " : " or ";
    out += PrintExpression(e.children[i], spec);
  }
  return out + ")";
}

constexpr std::array<std::string_view, 8> kTypes = {"event_count",      "value_count", "temporal",
                                                    "temporal_ordered", "value_sum",   "value_avg",
                                                    "value_percentile", "value_median"};
constexpr std::array<std::string_view, 6> kCompares = {"==", "!=", "<", "<=", ">", ">="};

std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

}  // namespace

std::string PrintPredicate(const Predicate& p) {
  switch (p.op) {
    case PredicateOp::kExists:
      return FieldName(p.field) + " exists";
    case PredicateOp::kIsNull:
      return FieldName(p.field) + " == null";
    case PredicateOp::kText:
      return FieldName(p.field) + " " + PrintText(p.pattern);
    case PredicateOp::kNumberEq:
    case PredicateOp::kNumberLt:
    case PredicateOp::kNumberLe:
    case PredicateOp::kNumberGt:
    case PredicateOp::kNumberGe:
      return PrintNumber(p);
    case PredicateOp::kRegex:
      return PrintRegex(p);
    case PredicateOp::kCidr:
      return "cidr(" + FieldName(p.field) + ", \"" + FormatCidr(p.cidr) + "\")";
    case PredicateOp::kFieldText:
      return FieldName(p.field) + " " + (p.cased ? "cased " : "") +
             std::string(kFieldCompares[static_cast<size_t>(p.compare)]) + FieldName(p.other_field);
    case PredicateOp::kKeyword:
      return "keyword " + PrintText(p.pattern);
  }
  return "";
}

std::string PrintFormula(const Formula& formula, int indent) { return PrintAt(formula, 0, indent); }

std::string PrintRule(const IrRule& rule) {
  return "rule {\n  meta {\n" + PrintMeta(rule.meta) + "  }\n  match any where\n    " +
         PrintFormula(rule.condition, 3) + "\n}\n";
}

std::string PrintCorrelation(const CorrelationSpec& spec, const IrModule& module) {
  std::string out = "correlation {\n  meta {\n" + PrintMeta(spec.meta) + "  }\n  type ";
  out += kTypes[static_cast<size_t>(spec.type)];
  out += "\n";
  for (const CorrelationSpec::Reference& ref : spec.rules) {
    const RuleMeta& meta =
        ref.is_correlation ? module.correlations[ref.index].meta : module.rules[ref.index].meta;
    out += "  source " + ref.text + "  // " + std::string(meta.display_name()) + "\n";
  }
  if (!spec.group_by.empty()) out += "  by " + Joined(spec.group_by) + "\n";
  for (const CorrelationSpec::Alias& alias : spec.aliases) {
    for (const auto& [rule, field] : alias.fields) {
      out += "  alias " + alias.name + " = " + spec.rules[rule].text + "." + field + "\n";
    }
  }
  out += "  within " + std::to_string(spec.timespan_ns / 1000000000) + "s\n";
  if (!spec.value_fields.empty()) out += "  of " + Joined(spec.value_fields) + "\n";
  if (spec.type == CorrelationType::kValuePercentile) {
    out += "  percentile " + std::to_string(spec.percentile) + "\n";
  }
  for (const CorrelationSpec::Bound& bound : spec.bounds) {
    out += "  having " + std::string(kCompares[static_cast<size_t>(bound.op)]) + " " +
           bound.value.Text() + "\n";
  }
  if (spec.expression.has_value())
    out += "  when " + PrintExpression(*spec.expression, spec) + "\n";
  if (spec.generate) out += "  generate\n";
  return out + "}\n";
}

}  // namespace vedette::inline v0
