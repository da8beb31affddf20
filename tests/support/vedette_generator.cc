#include "tests/support/vedette_generator.h"

#include <cstdio>

namespace vedette::testing {
namespace {

constexpr std::string_view kFields[] = {"f", "g",  "h",    "n",   "m",   "b",
                                        "l", "tm", "addr", "o.k", "l.k", "`u-v`"};
// What each of them mostly holds; see JsonScalar.
constexpr std::string_view kKinds[] = {"f", "g", "n", "m", "b", "tm", "addr", "u-v"};
constexpr std::string_view kPieces[] = {"a", "b", "A", "B",  "ab", "ba", "*", "?",  "-",  "/",
                                        " ", "1", "0", "\\", "\"", "\n", "ä", "Ä",  "ß",  "ſ",
                                        "K", "k", "€", "😀",  "",   "",   ".", "10", "aB", "true"};
constexpr std::string_view kNumbers[] = {"0",
                                         "1",
                                         "2",
                                         "3",
                                         "10",
                                         "-1",
                                         "-7",
                                         "7",
                                         "0.5",
                                         "-2.5",
                                         "1e2",
                                         "0x1F",
                                         "1KiB",
                                         "10",
                                         "1ms",
                                         "1.0",
                                         "9223372036854775807",
                                         "9007199254740993",
                                         "4611686018427387904",
                                         "1e300"};
constexpr std::string_view kRegexes[] = {"a", "a+",    ".*a", "a.b",    "[ab]{2,3}", "(a|b)\\\\d",
                                         "",  "ab|ba", "^a",  "b$",     ".",         ".*",
                                         "ä", "[^a]*", "k",   "(?i)ab", "(?s)a.b",   "(?m)^b$"};
constexpr std::string_view kBlocks[] = {"10.0.0.0/8", "10.1.0.0/16", "::1", "fe80::/10",
                                        "0.0.0.0/0"};
constexpr std::string_view kAddresses[] = {"10.1.2.3", "10.2.0.1", "::1",
                                           "fe80::5",  "1.2.3.4",  "10.1"};
constexpr std::string_view kTimes[] = {"2026-01-01T23:15:00+09:00", "2026-06-30 01:02:03",
                                       "2025-12-31T10:59:59Z", "2026-11-25T00:30", "x"};
constexpr std::string_view kCompares[] = {"==", "!=", "<", "<=", ">", ">="};
constexpr std::string_view kParts[] = {"minute", "hour", "day", "week", "month", "year"};
constexpr std::string_view kJsonNumbers[] = {"0",
                                             "1",
                                             "2",
                                             "3",
                                             "10",
                                             "-1",
                                             "-7",
                                             "7",
                                             "0.5",
                                             "-2.5",
                                             "100",
                                             "31",
                                             "1.0",
                                             "2.0",
                                             "1e16",
                                             "1024",
                                             "1000000",
                                             "9223372036854775807",
                                             "-9223372036854775808",
                                             "18446744073709551615",
                                             "9007199254740993",
                                             "9007199254740992.0",
                                             "1e300"};
constexpr std::string_view kDecimals[] = {"1",    "10", "-7", "0.5", "1.0",
                                          "1e2",  "+3", " 1", "007", "9223372036854775808",
                                          "0x1F", "-0", "1e", ".5"};

}  // namespace

const char kVedettePrelude[] =
    "list words = [\"a\", \"AB\", \"ä\", 1, 10, \"a b\"]\n"
    "map weights = { \"a\": 1, \"ab\": 2.5, \"1\": \"one\", \"B\": -7 }\n";

const char kVedetteIndicators[] =
    "known\ttext\ta\n"
    "known\ttext\t10\n"
    "known\tnocase\tÄb\n"
    "known\tdomain\tAB\n"
    "known\tsubdomains\tb\n"
    "known\tip\t10.1.0.0/16\n"
    "known\tip\tfe80::/10\n"
    "known\thash\t0bAB\n"
    "records\ttext\ta\t1\n"
    "records\ttext\ta\t2\n"
    "records\tnocase\tb\t10\n"
    "records\tip\t10.0.0.0/8\ttrue\n"
    "records\ttext\t1\ta\n";

std::string GeneratedVedette::Rule(const std::string& name, bool is_value) const {
  std::string out = "rule " + name + " {\n";
  for (const auto& [let, condition] : lets) out += "  let " + let + " = " + condition + "\n";
  out += is_value ? "  match any where true\n  outcome { v = " + text + " }\n"
                  : "  match any where " + text + "\n";
  return out + "}\n";
}

std::string VedetteGenerator::Field() {
  if (element_.empty()) return (OneIn(15) ? "?" : "") + Pick(kFields);
  return OneIn(2) ? element_ : element_ + ".k";
}

std::string VedetteGenerator::Chars(unsigned longest) {
  std::string out;
  for (unsigned n = Below(longest + 1); n > 0; --n) out += Pick(kPieces);
  return out;
}

// Bytes as a literal of the language. In a pattern some of its * and ? are left as wildcards.
std::string VedetteGenerator::Literal(const std::string& bytes, bool pattern) {
  if (OneIn(8) && bytes.find('"') == std::string::npos) return "\"\"\"" + bytes + "\"\"\"";
  std::string out = "\"";
  for (const char c : bytes) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if ((c == '*' || c == '?') && pattern && OneIn(3)) {
      out += std::string("\\") + c;
    } else if (c == '-' && pattern && OneIn(2)) {
      out += "\\-";
    } else if (c > 0x20 && c < 0x7F && c != '*' && c != '?' && OneIn(40)) {
      char escape[16];
      std::snprintf(escape, sizeof(escape), OneIn(2) ? "\\x%02X" : "\\u{%X}",
                    static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string VedetteGenerator::Text(bool pattern) {
  std::string bytes = OneIn(6) ? Pick(kDecimals) : Chars(3);
  if (pattern && OneIn(2)) bytes = (OneIn(2) ? "*" : "?") + bytes;
  if (pattern && OneIn(2)) bytes += OneIn(2) ? "*" : "?";
  return Literal(bytes, pattern);
}

std::string VedetteGenerator::Number() { return Pick(kNumbers); }

std::string VedetteGenerator::Constant() {
  if (OneIn(10)) return OneIn(2) ? "true" : "false";
  return OneIn(3) ? Number() : Text();
}

std::string VedetteGenerator::TextValue(int depth) {
  if (depth <= 0) return OneIn(3) ? Text() : Field();
  // Numbers and booleans have a text, too.
  const auto text = [&] {
    return OneIn(8)    ? NumberValue(depth - 1)
           : OneIn(20) ? ValueCondition(depth - 1)
                       : TextValue(depth - 1);
  };
  const auto number = [&] { return NumberValue(depth - 1); };
  const std::string fold = OneIn(2) ? "~" : "";
  switch (Below(12)) {
    case 0:
      return "lower(" + text() + ")";
    case 1:
      return "concat(" + text() + ", " + AnyOf(depth - 1) + (OneIn(2) ? ", " + text() : "") + ")";
    case 2:
      return "substring(" + text() + ", " + std::to_string(static_cast<int>(Below(7)) - 3) +
             (OneIn(2) ? ", " + std::to_string(static_cast<int>(Below(9)) - 4) : "") + ")";
    case 3:
      return "trim(" + text() + ")";
    case 4:
      return "between" + fold + "(" + text() + ", " + Text() + ", " + Text() +
             (OneIn(2) ? (OneIn(2) ? ", true" : ", false") : "") + ")";
    case 5:
      return "string(" + AnyOf(depth - 1) + ")";
    case 6:
      return "coalesce(" + text() + ", " + text() + (OneIn(2) ? ", " + text() : "") + ")";
    case 7:
      return "if(" + ValueCondition(depth - 1) + ", " + text() + ", " + text() + ")";
    case 8:
      return "substring(" + text() + ", " + number() + ")";
    case 9:
      return "CONCAT(" + text() + ", " + Constant() + ")";
    default:
      return OneIn(4) ? Text() : Field();
  }
}

std::string VedetteGenerator::NumberValue(int depth) {
  if (depth <= 0) return OneIn(2) ? Number() : Field();
  const auto text = [&] { return TextValue(depth - 1); };
  const auto number = [&] { return NumberValue(depth - 1); };
  const std::string fold = OneIn(2) ? "~" : "";
  constexpr std::string_view kOperators[] = {"+", "-", "*", "/", "%"};
  constexpr std::string_view kNames[] = {"add", "subtract", "multiply", "divide", "Modulo"};
  switch (Below(13)) {
    case 0:
      return "length(" + text() + ")";
    case 1:
      return "indexOf" + fold + "(" + text() + ", " + text() + (OneIn(3) ? ", " + number() : "") +
             ")";
    case 2:
      return "number(" + text() + ")";
    case 3:
      return "number(" + text() + ", " + (OneIn(2) ? "16" : "10") + ")";
    case 4:
    case 5:
    case 6:
      return "(" + number() + " " + Pick(kOperators) + " " + number() + ")";
    case 7:
      return number() + " " + Pick(kOperators) + " " + number();
    case 8:
      return Pick(kNames) + "(" + number() + ", " + number() + ")";
    case 9:
      return "if(" + ValueCondition(depth - 1) + ", " + number() + ", " + number() + ")";
    case 10:
      return "-" + (OneIn(2) ? Field() : "(" + number() + ")");
    case 11:
      return "lookup(weights, " + text() + (OneIn(2) ? ", " + number() : "") + ")";
    default:
      return OneIn(2) ? Number() : Field();
  }
}

std::string VedetteGenerator::AnyOf(int depth) {
  if (OneIn(8)) return OneIn(2) ? "true" : "false";
  return OneIn(2) ? TextValue(depth) : NumberValue(depth);
}

// A condition whose truth can be computed with: no regular expressions, blocks or addresses.
std::string VedetteGenerator::ValueCondition(int depth) {
  switch (Below(depth > 0 ? 12 : 8)) {
    case 6:
      return TextTest(OneIn(2) ? Field() : TextValue(depth), false);
    case 7:
      return OneIn(2) ? MemberTest(Field()) : ComputedTextTest(TextValue(depth), depth);
    case 0:
      return Field();
    case 1:
      return Field() + " " + Pick(kCompares) + " " + Number();
    case 2:
      return Field() + (OneIn(2) ? " == " : " != ") + (OneIn(3) ? "null" : Text());
    case 3:
      return Field() + " " + Pick(kCompares) + " " + Field();
    case 4:
      if (lets_.empty() || !element_.empty()) return TextValue(0) + " < " + Text();
      return lets_[Below(static_cast<unsigned>(lets_.size()))];
    case 5:
      return NumberValue(depth) + " " + Pick(kCompares) + " " + NumberValue(depth);
    case 8:
      return "not (" + ValueCondition(depth - 1) + ")";
    case 9:
      return "(" + ValueCondition(depth - 1) + (OneIn(2) ? " and " : " or ") +
             ValueCondition(depth - 1) + ")";
    case 10:
      return BoolCall(depth - 1, false);
    default:
      return TextValue(depth) + (OneIn(2) ? " == " : " >= ") + TextValue(depth);
  }
}

std::string VedetteGenerator::BoolCall(int depth, bool with_cidr) {
  const std::string fold = OneIn(2) ? "~" : "";
  if (OneIn(6)) {
    switch (Below(3)) {
      case 0:
        return "inSet(" + TextValue(depth) + ", \"known\")";
      case 1:
        return "inSet(" + Field() + ", \"records\", \"" + (OneIn(2) ? "a" : "b") + "\")";
      default:
        return "inSet(" + Field() + ", \"records\", \"a\", " + Field() + ", \"b\")";
    }
  }
  switch (Below(with_cidr ? 6 : 5)) {
    case 3:
      return "includes" + fold + "(" + TextValue(depth) + ", " + TextValue(depth) + ")";
    case 4: {
      std::string out = "wildcard" + fold + "(" + TextValue(depth);
      for (unsigned i = 1 + Below(2); i > 0; --i) {
        out += ", " + (OneIn(4) ? TextValue(depth) : Text(true));
      }
      return out + ")";
    }
    case 0:
      return "startsWith" + fold + "(" + TextValue(depth) + ", " + TextValue(depth) + ")";
    case 1:
      return "endsWith" + fold + "(" + TextValue(depth) + ", " + TextValue(depth) + ")";
    case 2:
      return "stringContains" + fold + "(" + TextValue(depth) + ", " + TextValue(depth) + ")";
    default:
      return "cidrMatch(" + Field() + ", \"" + Pick(kBlocks) + "\"" +
             (OneIn(2) ? ", \"" + Pick(kBlocks) + "\"" : "") + ")";
  }
}

std::string VedetteGenerator::TextTest(const std::string& subject, bool with_regex) {
  constexpr std::string_view kPatternOps[] = {":", "like", "like~"};
  constexpr std::string_view kPlainOps[] = {"contains",    "contains~", "startswith",
                                            "startswith~", "endswith",  "endswith~"};
  constexpr std::string_view kRegexOps[] = {"regex", "regex~", "search", "search~"};
  const unsigned kind = Below(with_regex && subject != "*" ? 3 : 2);
  std::string op = kind == 0 ? Pick(kPatternOps) : kind == 1 ? Pick(kPlainOps) : Pick(kRegexOps);
  if (op != ":" && OneIn(5)) op = "not " + op;
  const auto right = [&] { return kind == 2 ? "\"" + Pick(kRegexes) + "\"" : Text(kind == 0); };
  std::string out = subject + " " + op + " ";
  if (!OneIn(3)) return out + right();
  out += "(" + right();
  for (unsigned i = Below(3); i > 0; --i) out += ", " + right();
  return out + ")";
}

std::string VedetteGenerator::MemberTest(const std::string& subject) {
  std::string out = subject + (OneIn(4) ? " not in" : " in") + (OneIn(2) ? "~" : "");
  if (OneIn(4)) return out + " words";
  if (OneIn(4)) return subject + (OneIn(4) ? " not" : "") + " in set(\"known\")";
  out += " (" + Constant();
  for (unsigned i = Below(4); i > 0; --i) out += ", " + Constant();
  return out + ")";
}

// A text held against one that is not written in the rule.
std::string VedetteGenerator::ComputedTextTest(const std::string& subject, int depth) {
  constexpr std::string_view kOps[] = {":", "contains", "startswith~", "endswith", "contains~"};
  const std::string op = Pick(kOps);
  return subject + " " + op + " " +
         (depth > 0 && OneIn(2)
              ? "concat(" + TextValue(depth - 1) + ", " + TextValue(depth - 1) + ")"
              : Field());
}

std::string VedetteGenerator::FieldTest(const std::string& field) {
  switch (Below(13)) {
    case 0:
      return field + (OneIn(2) ? " == null" : " != null");
    case 1:
      return "exists(" + field + ")";
    case 2:
      return field + " " + (OneIn(2) ? "==" : "!=") + " " + Constant();
    case 3:
      return field + " " + Pick(kCompares) + " " + Number();
    case 4:
      return field + " " + Pick(kCompares) + " " + Text();
    case 5:
      return MemberTest(field);
    case 6:
      return Pick(kParts) + "(" + field + ") " + Pick(kCompares) + " " +
             std::to_string(OneIn(4) ? 2026U : Below(60));
    case 7:
      return field + " " + Pick(kCompares) + " " + Field();
    case 8:
      return ComputedTextTest(field, static_cast<int>(Below(2)));
    case 9:
      return OneIn(2) ? field : Number() + " " + Pick(kCompares) + " " + field;
    case 10:
      return element_.empty() ? TextTest("*") : TextTest(field);
    default:
      return TextTest(field);
  }
}

std::string VedetteGenerator::ComputedTest(int depth) {
  switch (Below(5)) {
    case 0:
      return NumberValue(depth) + " " + Pick(kCompares) + " " + NumberValue(depth);
    case 1:
      return TextValue(depth) + " " + Pick(kCompares) + " " + TextValue(depth);
    case 2:
      return OneIn(3) ? ComputedTextTest(TextValue(depth), depth) : TextTest(TextValue(depth));
    case 3:
      return OneIn(2) ? "length(" + TextValue(depth - 1) + ") " + Pick(kCompares) + " " + Number()
                      : NumberValue(depth) + (OneIn(2) ? " == null" : " != null");
    default:
      return BoolCall(depth, true);
  }
}

std::string VedetteGenerator::Block(int depth) {
  constexpr std::string_view kQuantifiers[] = {"any", "all", "every", "no"};
  constexpr std::string_view kLists[] = {"l", "f", "o.k", "h"};
  std::string out = Pick(kQuantifiers) + " x in " + Pick(kLists) + " : (";
  element_ = "x";
  out += Boolean(depth - 1);
  element_.clear();
  return out + ")";
}

std::string VedetteGenerator::Atom(int depth) {
  if (depth > 0 && OneIn(3)) return ComputedTest(depth - 1);
  if (depth > 0 && element_.empty() && OneIn(8)) return Block(depth);
  if (!lets_.empty() && element_.empty() && OneIn(8))
    return lets_[Below(static_cast<unsigned>(lets_.size()))];
  return FieldTest(Field());
}

std::string VedetteGenerator::Boolean(int depth) {
  if (depth <= 0 || OneIn(3)) return Atom(depth);
  switch (Below(4)) {
    case 0:
      return "not (" + Boolean(depth - 1) + ")";
    case 1:
      return "not " + Atom(depth - 1);
    case 2:
      return "(" + Boolean(depth - 1) + " or " + Boolean(depth - 1) + ")";
    default:
      return "(" + Boolean(depth - 1) + " and " + Boolean(depth - 1) + ")";
  }
}

GeneratedVedette VedetteGenerator::Condition() {
  GeneratedVedette out;
  lets_.clear();
  for (unsigned i = OneIn(4) ? 1 + Below(2) : 0; i > 0; --i) {
    const std::string name = "part" + std::to_string(i);
    out.lets.emplace_back(name, OneIn(2) ? Boolean(1) : ValueCondition(1));
    lets_.push_back(name);
  }
  out.text = Boolean(static_cast<int>(1 + Below(3)));
  if (OneIn(6)) out.text += (OneIn(2) ? " or " : " and ") + Boolean(1) + " or " + Boolean(1);
  return out;
}

GeneratedVedette VedetteGenerator::Value() {
  GeneratedVedette out;
  lets_.clear();
  const int depth = static_cast<int>(1 + Below(3));
  switch (Below(7)) {
    case 0: {
      constexpr std::string_view kParts[] = {"${f}",  "${length(g)}", "${n + 1}", "${l.k}",
                                             "${m}",  "${lower(h)}",  "$",        "{}",
                                             " and ", "${-b}"};
      for (unsigned i = 1 + Below(4); i > 0; --i) out.text += Pick(kParts);
      out.text = "\"" + out.text + "\"";
      break;
    }
    case 6:
      out.text = BoolCall(depth, false);
      break;
    case 1:
      out.text = ValueCondition(depth);
      break;
    case 2:
    case 3:
      out.text = TextValue(depth);
      break;
    default:
      out.text = NumberValue(depth);
  }
  return out;
}

std::string VedetteGenerator::JsonScalar(unsigned kind) {
  const auto quoted = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '\n') {
        out += "\\n";
      } else {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
    }
    return out + "\"";
  };
  switch (kind) {
    case 0:
    case 1:
      return quoted(OneIn(6) ? Pick(kDecimals) : Chars(4));
    case 2:
    case 3:
      return Pick(kJsonNumbers);
    case 4:
      return OneIn(2) ? "true" : "false";
    case 5:
      return OneIn(6) ? "1767225600" : quoted(Pick(kTimes));
    case 6:
      return quoted(Pick(kAddresses));
    case 7:
      return "null";
    default:
      return quoted(Pick(kDecimals));
  }
}

std::string VedetteGenerator::JsonValue(unsigned kind, int depth) {
  if (OneIn(4)) kind = Below(9);
  if (depth <= 0 || !OneIn(6)) return JsonScalar(kind);
  if (OneIn(4)) return "{\"k\":" + JsonValue(kind, depth - 1) + "}";
  std::string out = "[";
  for (unsigned i = Below(4); i > 0; --i) {
    if (out.size() > 1) out += ',';
    out += JsonValue(kind, depth - 1);
  }
  return out + "]";
}

std::string VedetteGenerator::EventJson() {
  std::string out = "{";
  const auto member = [&](const std::string& name, const std::string& value) {
    if (OneIn(6)) return;
    out += (out.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
  };
  for (unsigned i = 0; i < std::size(kKinds); ++i) {
    const unsigned kind = i < 6 ? (i < 2 ? 0 : i < 4 ? 2 : i) : i == 6 ? 6 : 0;
    member(std::string(kKinds[i]), JsonValue(kind, 2));
  }
  member("h", JsonValue(Below(9), 2));
  std::string list = "[";
  for (unsigned i = Below(4); i > 0; --i) {
    if (list.size() > 1) list += ',';
    list += OneIn(2) ? "{\"k\":" + JsonValue(Below(4), 1) + "}" : JsonValue(Below(4), 1);
  }
  member("l", list + "]");
  if (OneIn(4)) {
    member("o.k", JsonValue(0, 1));
  } else {
    member("o", "{\"k\":" + JsonValue(Below(4), 2) + "}");
  }
  return out + "}";
}

}  // namespace vedette::testing
