#include "tests/support/sigma_generator.h"

namespace vedette::testing {
namespace {

constexpr std::string_view kFields[] = {"f", "g", "h", "u.t", "l", "l.k", "Time"};
constexpr std::string_view kModifiers[] = {"",
                                           "",
                                           "",
                                           "|contains",
                                           "|startswith",
                                           "|endswith",
                                           "|contains|all",
                                           "|cased",
                                           "|contains|cased",
                                           "|windash",
                                           "|contains|windash",
                                           "|re",
                                           "|re|i",
                                           "|cidr",
                                           "|gt",
                                           "|lte",
                                           "|exists",
                                           "|neq",
                                           "|fieldref",
                                           "|fieldref|startswith",
                                           "|base64",
                                           "|base64offset|contains",
                                           "|hour|gte",
                                           "|minute",
                                           "|utf16le|base64offset|contains",
                                           "|wide|base64",
                                           "|startswith|neq",
                                           "|all",
                                           "|contains|re"};
constexpr std::string_view kPieces[] = {"a", "b",   "A",   "B",  "ab",   "ba", "*",
                                        "?", "\\*", "\\?", "\\", "\\\\", "-",  "/",
                                        " ", "-a",  " /b", "1",  "0",    "ä",  "Ä"};
constexpr std::string_view kRegexes[] = {"a",        "^a",  "b$", "a.b",    "a+",    "[ab]{2,3}",
                                         "(a|b)\\d", "\\.", "^$", "(?i)ab", "ab|ba", "\\bab"};
constexpr std::string_view kBlocks[] = {"10.0.0.0/8", "10.1.0.0/16", "::1", "fe80::/10",
                                        "0.0.0.0/0"};
constexpr std::string_view kAddresses[] = {"10.1.2.3", "10.2.0.1", "::1",
                                           "fe80::5",  "1.2.3.4",  "10.1"};
constexpr std::string_view kTimes[] = {"2026-01-01T23:15:00+09:00", "2026-06-30 01:02:03",
                                       "2025-12-31T10:59:59Z", "x"};

}  // namespace

std::string SigmaGenerator::Text(unsigned longest) {
  std::string out;
  for (unsigned n = Below(longest + 1); n > 0; --n) out += Pick(kPieces);
  return out;
}

std::string SigmaGenerator::QuotedYaml(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string SigmaGenerator::ScalarYaml(std::string_view modifiers) {
  const auto has = [modifiers](std::string_view m) {
    return modifiers.find(m) != std::string_view::npos;
  };
  if (has("|re")) return QuotedYaml(std::string(Pick(kRegexes)));
  if (has("cidr")) return QuotedYaml(std::string(Pick(kBlocks)));
  if (has("fieldref")) return std::string(Pick(kFields));
  if (has("exists")) return Below(2) == 0 ? "true" : "false";
  if (has("|gt") || has("|lt") || has("hour") || has("minute")) return std::to_string(Below(25));
  switch (Below(12)) {
    case 0:
      return std::to_string(Below(12));
    case 1:
      return Below(2) == 0 ? "1.0" : "1.5";
    case 2:
      return Below(2) == 0 ? "true" : "false";
    case 3:
      return modifiers.empty() ? "null" : "'a'";
    default:
      return QuotedYaml(Text(4));
  }
}

std::string SigmaGenerator::ArrayBlock(int indent) {
  static constexpr std::string_view kQuantifiers[] = {"any", "all", "all_or_empty", "none"};
  const std::string pad(static_cast<size_t>(indent), ' ');
  std::string out = pad + "l[" + std::string(Pick(kQuantifiers)) + "]:\n";
  static constexpr std::string_view kInner[] = {"k", "m", "."};
  return out + pad + "  '" + std::string(Pick(kInner)) + "': " + ScalarYaml("") + "\n";
}

std::string SigmaGenerator::Item(int indent) {
  const std::string pad(static_cast<size_t>(indent), ' ');
  if (Below(15) == 0) return ArrayBlock(indent);
  const std::string_view modifiers = Pick(kModifiers);
  std::string out = pad + std::string(Pick(kFields)) + std::string(modifiers) + ":";
  if (Below(3) > 0 || modifiers == "|exists" || modifiers == "|fieldref") {
    return out + " " + ScalarYaml(modifiers) + "\n";
  }
  out += "\n";
  for (unsigned n = 1 + Below(3); n > 0; --n) {
    out += pad + "  - " + ScalarYaml(modifiers) + "\n";
  }
  return out;
}

std::string SigmaGenerator::Selection(const std::string& name) {
  std::string out = "  " + name + ":\n";
  switch (Below(6)) {
    case 0:  // keywords
      if (Below(3) == 0) {
        out += "    '|all':\n";
        for (unsigned n = 1 + Below(2); n > 0; --n)
          out += "      - " + QuotedYaml("a" + Text(2)) + "\n";
        return out;
      }
      for (unsigned n = 1 + Below(2); n > 0; --n)
        out += "    - " + QuotedYaml("b" + Text(2)) + "\n";
      return out;
    case 1:  // list of maps
      for (unsigned n = 1 + Below(2); n > 0; --n) {
        std::string item = Item(6);
        item[4] = '-';
        out += item;
      }
      return out;
    default:
      for (unsigned n = 1 + Below(2); n > 0; --n) out += Item(4);
      return out;
  }
}

std::string SigmaGenerator::Condition(const std::vector<std::string>& names, int depth) {
  const auto name = [&] { return names[Below(static_cast<unsigned>(names.size()))]; };
  if (depth == 0) return name();
  switch (Below(8)) {
    case 0:
      return "not " + Condition(names, depth - 1);
    case 1:
      return "(" + Condition(names, depth - 1) + ")";
    case 2:
      return Condition(names, depth - 1) + " and " + Condition(names, depth - 1);
    case 3:
      return Condition(names, depth - 1) + " or " + Condition(names, depth - 1);
    case 4:
      return Below(2) == 0 ? "1 of sel*" : "all of sel*";
    case 5:
      return Below(2) == 0 ? "any of them" : "not all of them";
    default:
      return name();
  }
}

std::string SigmaGenerator::Rule(int number) {
  const std::string n = std::to_string(number);
  std::string out = "title: r" + n + "\nid: 00000000-0000-4000-8000-" +
                    std::string(12 - n.size(), '0') + n +
                    "\nlogsource: {category: test}\ndetection:\n";
  std::vector<std::string> names;
  for (unsigned i = 0; i < 1 + Below(3); ++i) {
    names.push_back((Below(5) == 0 ? "_x" : "sel_") + std::to_string(i));
    out += Selection(names.back());
  }
  return out + "  condition: " + Condition(names, 2) + "\n";
}

std::string SigmaGenerator::JsonScalar() {
  switch (Below(14)) {
    case 0:
      return "null";
    case 1:
      return std::to_string(Below(25));
    case 2:
      return Below(2) == 0 ? "true" : "false";
    case 3:
      return Below(2) == 0 ? "1.0" : "1.5";
    case 4:
      return "\"" + std::string(Pick(kAddresses)) + "\"";
    case 5:
      return "\"" + std::to_string(Below(25)) + "\"";
    default: {
      std::string out = "\"";
      for (const char c : Text(4)) out += c == '\\' ? std::string("\\\\") : std::string(1, c);
      return out + "\"";
    }
  }
}

std::string SigmaGenerator::JsonValue(int depth) {
  if (depth == 0 || Below(4) > 0) return JsonScalar();
  std::string out;
  if (Below(2) == 0) {
    for (unsigned n = Below(3); n > 0; --n) out += (out.empty() ? "" : ",") + JsonValue(depth - 1);
    return "[" + out + "]";
  }
  static constexpr std::string_view kKeys[] = {"k", "m", "t"};
  out = "\"" + std::string(Pick(kKeys)) + "\":" + JsonValue(depth - 1);
  return "{" + out + "}";
}

std::string SigmaGenerator::EventJson() {
  static constexpr std::string_view kKeys[] = {"f", "g", "h", "u.t"};
  std::string out = "{";
  const auto add = [&out](std::string_view key, const std::string& value) {
    if (out.size() > 1) out += ",";
    out += "\"" + std::string(key) + "\":" + value;
  };
  for (const std::string_view key : kKeys) {
    if (Below(3) > 0) add(key, JsonValue(1));
  }
  if (Below(2) == 0) add("u", "{\"t\":" + JsonScalar() + "}");
  if (Below(2) == 0) add("Time", "\"" + std::string(Pick(kTimes)) + "\"");
  if (Below(2) == 0) {
    std::string items;
    for (unsigned n = Below(4); n > 0; --n) {
      items += (items.empty() ? "" : ",") +
               (Below(3) == 0 ? JsonScalar() : "{\"k\":" + JsonValue(1) + "}");
    }
    add("l", "[" + items + "]");
  }
  return out + "}";
}

}  // namespace vedette::testing
