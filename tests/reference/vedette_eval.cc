// Walks a parsed expression over one event. Conditions are true or false; values may be null.
#include <re2/re2.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "tests/reference/sigma_oracle.h"
#include "tests/reference/sigma_scalar.h"
#include "tests/reference/vedette_tree.h"

namespace vedette::reference {
namespace {

using Kind = VedetteNode::Kind;
using ScalarKind = VedetteScalar::Kind;

constexpr size_t kMaxCombinations = 4096;

std::optional<TimePart> TimePartNamed(const std::string& name) {
  if (name == "minute") return TimePart::kMinute;
  if (name == "hour") return TimePart::kHour;
  if (name == "day") return TimePart::kDay;
  if (name == "week") return TimePart::kWeek;
  if (name == "month") return TimePart::kMonth;
  if (name == "year") return TimePart::kYear;
  return std::nullopt;
}

long double NumberOf(const VedetteScalar& v) {
  return v.kind == ScalarKind::kInt ? static_cast<long double>(v.integer)
                                    : static_cast<long double>(v.real);
}

bool IsNumeric(const VedetteScalar& v) {
  if (v.is_number()) return true;
  return v.kind == ScalarKind::kText && IsDecimal(v.text) && std::isfinite(DecimalValue(v.text));
}

long double NumericValue(const VedetteScalar& v) {
  return v.is_number() ? NumberOf(v) : DecimalValue(v.text);
}

bool SameText(const VedetteScalar& a, const VedetteScalar& b, bool fold) {
  const CodePoints x = Decode(TextOf(a));
  const CodePoints y = Decode(TextOf(b));
  return fold ? Fold(x) == Fold(y) : x == y;
}

// Whether two values are in the order that `op` asks for; null if they have none.
VedetteScalar InOrder(const VedetteScalar& a, const std::string& op, const VedetteScalar& b) {
  const auto compare = [&op](const auto& x, const auto& y) {
    if (op == "<") return x < y;
    if (op == "<=") return x <= y;
    if (op == ">") return x > y;
    return x >= y;
  };
  const bool texts = a.kind == ScalarKind::kText && b.kind == ScalarKind::kText;
  if (texts) return BoolScalar(compare(a.text, b.text));
  if (!IsNumeric(a) || !IsNumeric(b)) return NullScalar();
  return BoolScalar(compare(NumericValue(a), NumericValue(b)));
}

bool SameValue(const VedetteScalar& a, const VedetteScalar& b) {
  if (a.is_number() && b.is_number()) return NumberOf(a) == NumberOf(b);
  return SameText(a, b, false);
}

bool RegexHolds(const std::string& source, bool whole, bool fold, const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!fold);
  options.set_dot_nl(whole);
  const RE2 regex(source, options);
  return regex.ok() && (whole ? RE2::FullMatch(text, regex) : RE2::PartialMatch(text, regex));
}

// The pattern that a text is which is not written in the rule.
Pattern ComputedPattern(const CodePoints& text) {
  Pattern out;
  for (size_t i = 0; i < text.size(); ++i) {
    char32_t c = text[i];
    const char32_t next = i + 1 < text.size() ? text[i + 1] : 0;
    Unit unit;
    if (c == U'\\' && (next == U'*' || next == U'?' || next == U'\\' || next == U'-')) {
      ++i;
      c = next;
      if (next == U'-') unit.kind = Unit::Kind::kDash;
    } else if (c == U'*') {
      unit.kind = Unit::Kind::kStar;
    } else if (c == U'?') {
      unit.kind = Unit::Kind::kAny;
    }
    if (unit.kind == Unit::Kind::kLiteral) unit.literal = c;
    out.push_back(unit);
  }
  return out;
}

bool AsksEvent(const VedetteNode& node) {
  if (node.kind == Kind::kField || node.kind == Kind::kAnyValue) return true;
  const bool lookup = node.kind == Kind::kCall && node.text == "lookup";  // of a map's name
  for (size_t i = lookup ? 1 : 0; i < node.parts.size(); ++i) {
    if (AsksEvent(*node.parts[i])) return true;
  }
  return false;
}

class Evaluation {
 public:
  // `element`: the name that stands for `root` itself, within a block. `first_only`: the first
  // value of each field, as for an outcome, instead of any.
  Evaluation(const VedetteNames& names, OracleEvent root, std::string element, bool first_only)
      : names_(names),
        root_(std::move(root)),
        element_(std::move(element)),
        first_only_(first_only) {}

  // Whether a test was given up because of too many combinations.
  bool undecided() const { return undecided_; }

  bool Holds(const VedetteNode& node) {
    switch (node.kind) {
      case Kind::kNot:
        return !Holds(*node.parts[0]);
      case Kind::kAnd:
      case Kind::kOr:
        for (const VedetteExpr& part : node.parts) {
          if (Holds(*part) == (node.kind == Kind::kOr)) return node.kind == Kind::kOr;
        }
        return node.kind == Kind::kAnd;
      case Kind::kBlock:
        return HoldsBlock(node);
      case Kind::kField:
        if (IsLet(node)) return Holds(*names_.lets.at(node.text));
        // As `f == true`, and so for the text, too.
        return AnyCombination(node, [&] { return TextOf(Value(node)) == "true"; });
      case Kind::kCompare:
        return HoldsCompare(node);
      case Kind::kTest:
        return AnyCombination(node, [&] { return IsTrue(TestValue(node)); });
      case Kind::kCall:
        if (node.text == "exists") {
          bool present = false;
          Lookup(node.parts[0]->text, &present);
          return present;
        }
        return AnyCombination(node, [&] { return IsTrue(Value(node)); });
      default:
        return IsTrue(Value(node));
    }
  }

  // What the value is for each combination of the fields' values, nulls left out.
  std::vector<VedetteScalar> Choices(const VedetteNode& node) {
    std::vector<VedetteScalar> out;
    AnyCombination(node, [&] {
      VedetteScalar value = Value(node);
      if (!value.is_null()) out.push_back(std::move(value));
      return false;
    });
    return out;
  }

  VedetteScalar Value(const VedetteNode& node) {
    switch (node.kind) {
      case Kind::kConstant:
        return node.value;
      case Kind::kField: {
        if (IsLet(node)) return Truth(*names_.lets.at(node.text));
        const auto bound = bound_.find(node.text);
        if (bound != bound_.end()) return bound->second;
        const std::vector<VedetteScalar> values = ValuesOf(node.text);
        return values.empty() ? NullScalar() : values[0];
      }
      case Kind::kAnyValue:
        return any_value_;
      case Kind::kMinus:
        return Arithmetic('-', IntScalar(0), Value(*node.parts[0]));
      case Kind::kArithmetic:
        return Arithmetic(node.text[0], Value(*node.parts[0]), Value(*node.parts[1]));
      case Kind::kCall:
        return CallValue(node);
      case Kind::kCompare:
        return CompareValue(node);
      case Kind::kTest:
        return BoolScalar(IsTrue(TestValue(node)));
      case Kind::kNot:
        return BoolScalar(!IsTrue(Truth(*node.parts[0])));
      case Kind::kAnd:
      case Kind::kOr:
        for (const VedetteExpr& part : node.parts) {
          if (IsTrue(Truth(*part)) == (node.kind == Kind::kOr)) {
            return BoolScalar(node.kind == Kind::kOr);
          }
        }
        return BoolScalar(node.kind == Kind::kAnd);
      default:
        return BoolScalar(Holds(node));
    }
  }

 private:
  // A condition among values.
  VedetteScalar Truth(const VedetteNode& node) {
    if (IsField(node)) return BoolScalar(TextOf(Value(node)) == "true");
    return Value(node);
  }

  static bool IsTrue(const VedetteScalar& v) { return v.kind == ScalarKind::kBool && v.boolean; }
  bool IsLet(const VedetteNode& node) const {
    return node.plain_name && names_.lets.contains(node.text);
  }

  std::vector<OracleValue> Lookup(const std::string& field, bool* present) {
    std::string name = field;
    if (!element_.empty()) {
      // Nothing but the element can be asked for here.
      name.erase(0, element_.size());
      if (name.starts_with('.')) name.erase(0, 1);
      if (name.empty()) name = ".";
    }
    std::vector<OracleValue> leaves;
    for (const OracleValue& value : DirectLookup(root_, name, present)) {
      AppendLeaves(value, &leaves);
    }
    return leaves;
  }

  // What a field can stand for in a computation. Nulls, and objects, which are no scalars, are no
  // values.
  std::vector<VedetteScalar> ValuesOf(const std::string& field) {
    bool present = false;
    std::vector<VedetteScalar> out;
    for (const OracleValue& leaf : Lookup(field, &present)) {
      if (leaf->HasText()) out.push_back(ScalarOf(*leaf));
    }
    return out;
  }

  // Absent, null, a null among others, or a list with nothing in it.
  bool HasNull(const std::string& field) {
    bool present = false;
    const std::vector<OracleValue> leaves = Lookup(field, &present);
    for (const OracleValue& leaf : leaves) {
      if (leaf->kind == OracleNode::Kind::kNull) return true;
    }
    return leaves.empty();
  }

  void CollectFields(const VedetteNode& node, std::set<std::string>* fields) {
    if (node.kind == Kind::kField) {
      if (IsLet(node)) {
        CollectFields(*names_.lets.at(node.text), fields);
      } else if (!bound_.contains(node.text)) {
        fields->insert(node.text);
      }
    } else if (node.kind == Kind::kAnyValue) {
      fields->insert("*");
    }
    // What a block asks of elements has nothing to do with the values outside.
    if (node.kind == Kind::kBlock) return;
    for (const VedetteExpr& part : node.parts) CollectFields(*part, fields);
  }

  // Whether `test` is true for some choice of one value for each field in `node`.
  template <typename Test>
  bool AnyCombination(const VedetteNode& node, const Test& test) {
    std::set<std::string> fields;
    CollectFields(node, &fields);
    std::vector<std::pair<std::string, std::vector<VedetteScalar>>> choices;
    size_t combinations = 1;
    for (const std::string& field : fields) {
      std::vector<VedetteScalar> values;
      if (field == "*") {
        std::vector<OracleValue> scalars;
        AppendScalars(root_.root(), &scalars);
        for (const OracleValue& scalar : scalars) values.push_back(ScalarOf(*scalar));
      } else {
        values = ValuesOf(field);
      }
      if (values.empty()) values.push_back(NullScalar());
      if (first_only_) values.resize(1);
      combinations *= values.size();
      choices.emplace_back(field, std::move(values));
    }
    if (combinations > kMaxCombinations) {
      undecided_ = true;
      return false;
    }
    const auto before = bound_;
    bool holds = false;
    for (size_t c = 0; c < combinations && !holds; ++c) {
      size_t rest = c;
      for (const auto& [field, values] : choices) {
        const VedetteScalar& value = values[rest % values.size()];
        rest /= values.size();
        if (field == "*") {
          any_value_ = value;
        } else {
          bound_[field] = value;
        }
      }
      holds = test();
    }
    bound_ = before;
    return holds;
  }

  // `null`, or constants that give null.
  bool IsNull(const VedetteNode& node) { return !AsksEvent(node) && Value(node).is_null(); }

  bool HoldsCompare(const VedetteNode& node) {
    const VedetteNode& left = *node.parts[0];
    const bool inverted = node.text == "!=";
    const bool equality = inverted || node.text == "==";
    if (equality && (IsNull(*node.parts[1]) || IsNull(left))) {
      const VedetteNode& subject = IsNull(left) ? *node.parts[1] : left;
      if (IsField(subject)) return HasNull(subject.text) != inverted;
      return AnyCombination(subject, [&] { return Value(subject).is_null(); }) != inverted;
    }
    if (const auto part = left.kind == Kind::kCall ? TimePartNamed(left.text) : std::nullopt) {
      return HoldsTimePart(*part, left.parts[0]->text, node.text, Value(*node.parts[1])) !=
             inverted;
    }
    if (!inverted) return AnyCombination(node, [&] { return IsTrue(CompareValue(node)); });
    VedetteNode equal = node;
    equal.text = "==";
    return !AnyCombination(node, [&] { return IsTrue(CompareValue(equal)); });
  }

  // True or false, never null: comparisons are conditions.
  VedetteScalar CompareValue(const VedetteNode& node) {
    const VedetteNode& left = *node.parts[0];
    const VedetteNode& right = *node.parts[1];
    const VedetteScalar a = Value(left);
    const VedetteScalar b = Value(right);
    const bool equality = node.text == "==" || node.text == "!=";
    if (equality && (IsNull(left) || IsNull(right))) {
      return BoolScalar((a.is_null() && b.is_null()) == (node.text == "=="));
    }
    if (a.is_null() || b.is_null()) {
      return BoolScalar(node.text == "!=");  // which is `not ==`
    }
    if (!equality) return BoolScalar(IsTrue(InOrder(a, node.text, b)));
    const bool fields = IsField(left) && IsField(right);
    const bool equal = fields ? SameText(a, b, false) : SameValue(a, b);
    return BoolScalar(equal == (node.text == "=="));
  }

  bool IsField(const VedetteNode& node) const { return node.kind == Kind::kField && !IsLet(node); }

  bool HoldsTimePart(TimePart part, const std::string& field, const std::string& op,
                     const VedetteScalar& wanted) {
    bool present = false;
    for (const OracleValue& leaf : Lookup(field, &present)) {
      std::optional<int> value;
      if (leaf->kind == OracleNode::Kind::kNumber ||
          (leaf->kind == OracleNode::Kind::kString && leaf->text.size() >= 9 && leaf->number)) {
        value = ReadEpochPart(*leaf->number, part);
      } else if (leaf->kind == OracleNode::Kind::kString) {
        value = ReadTimePart(leaf->text, part);
      }
      if (!value) continue;
      const VedetteScalar number = IntScalar(*value);
      const bool equality = op == "==" || op == "!=";
      if (equality ? SameValue(number, wanted) : IsTrue(InOrder(number, op, wanted))) return true;
    }
    return false;
  }

  // One test with the fields' values already chosen; null if a side is.
  VedetteScalar TestValue(const VedetteNode& node) {
    const VedetteScalar subject = Value(*node.parts[0]);
    if (subject.is_null()) return NullScalar();
    for (size_t i = 1; i < node.parts.size(); ++i) {
      const VedetteNode& against = *node.parts[i];
      if (against.kind == Kind::kSet) {
        for (const VedetteExpr& member : names_.lists.at(against.text)) {
          if (HoldsAgainst(node, subject, *member)) return BoolScalar(true);
        }
      } else if (HoldsAgainst(node, subject, against)) {
        return BoolScalar(true);
      } else if (node.parts.size() == 2 && Value(against).is_null()) {
        return NullScalar();
      }
    }
    return BoolScalar(false);
  }

  bool HoldsAgainst(const VedetteNode& node, const VedetteScalar& subject,
                    const VedetteNode& against) {
    const std::string& op = node.text;
    const bool fold = node.ignore_case;
    const VedetteScalar other = Value(against);
    if (other.is_null()) return false;
    if (op == "in") {
      return SameValue(subject, other) || (fold && SameText(subject, other, true));
    }
    const std::string text = TextOf(subject);
    if (op == "regex" || op == "search") {
      return RegexHolds(TextOf(other), op == "regex", fold, text);
    }
    CodePoints whole = Decode(text);
    if (fold) whole = Fold(whole);
    if (op == "like" || op == ":") {
      Pattern pattern = against.kind == Kind::kConstant && other.kind == ScalarKind::kText
                            ? against.pattern
                            : LiteralPattern(Decode(TextOf(other)));
      return GlobMatches(fold ? FoldPattern(pattern) : pattern, whole);
    }
    CodePoints piece = Decode(TextOf(other));
    if (fold) piece = Fold(piece);
    if (op == "startswith") return whole.starts_with(piece);
    if (op == "endswith") return whole.ends_with(piece);
    return whole.find(piece) != CodePoints::npos;
  }

  bool HoldsBlock(const VedetteNode& node) {
    bool present = false;
    std::string name = node.parts[0]->text;
    std::vector<OracleValue> elements;
    for (const OracleValue& value : Found(name, &present)) {
      if (value->kind == OracleNode::Kind::kArray) {
        elements.insert(elements.end(), value->items.begin(), value->items.end());
      } else if (value->kind != OracleNode::Kind::kNull) {
        elements.push_back(value);
      }
    }
    size_t holding = 0;
    for (const OracleValue& element : elements) {
      Evaluation inner(names_, OracleEvent(element), node.name, first_only_);
      if (inner.Holds(*node.parts[1])) ++holding;
      undecided_ = undecided_ || inner.undecided();
    }
    if (node.text == "any") return holding > 0;
    if (node.text == "no") return holding == 0;
    return holding == elements.size() && (node.text == "every" || !elements.empty());
  }

  // The field's values with their lists still closed.
  std::vector<OracleValue> Found(std::string name, bool* present) {
    if (!element_.empty()) {
      name.erase(0, element_.size());
      if (name.starts_with('.')) name.erase(0, 1);
      if (name.empty()) name = ".";
    }
    return DirectLookup(root_, name, present);
  }

  VedetteScalar Wildcard(const VedetteNode& node) {
    const VedetteScalar subject = Value(*node.parts[0]);
    if (subject.is_null()) return BoolScalar(false);
    const CodePoints text = Decode(TextOf(subject));
    for (size_t i = 1; i < node.parts.size(); ++i) {
      const VedetteNode& part = *node.parts[i];
      const VedetteScalar value = Value(part);
      if (value.is_null()) continue;
      const bool literal = part.kind == Kind::kConstant && value.kind == ScalarKind::kText;
      const Pattern pattern = literal ? part.pattern : ComputedPattern(Decode(TextOf(value)));
      if (GlobMatches(node.ignore_case ? FoldPattern(pattern) : pattern,
                      node.ignore_case ? Fold(text) : text)) {
        return BoolScalar(true);
      }
    }
    return BoolScalar(false);
  }

  VedetteScalar CallValue(const VedetteNode& node) {
    const std::string& name = node.text;
    if (name == "if") {
      return Value(IsTrue(Truth(*node.parts[0])) ? *node.parts[1] : *node.parts[2]);
    }
    if (name == "exists") return BoolScalar(Holds(node));
    if (name == "lookup") {
      const VedetteScalar key = Value(*node.parts[1]);
      if (!key.is_null()) {
        for (const auto& [from, to] : names_.maps.at(node.parts[0]->text)) {
          if (SameValue(key, Value(*from))) return Value(*to);
        }
      }
      return node.parts.size() > 2 ? Value(*node.parts[2]) : NullScalar();
    }
    if (name == "wildcard") return Wildcard(node);
    std::vector<VedetteScalar> args;
    for (const VedetteExpr& part : node.parts) args.push_back(Value(*part));
    if (name == "cidrmatch") {
      if (args[0].is_null()) return NullScalar();
      for (size_t i = 1; i < args.size(); ++i) {
        const auto network = ParseNetwork(args[i].text);
        if (network && NetworkContains(*network, TextOf(args[0]))) return BoolScalar(true);
      }
      return BoolScalar(false);
    }
    if (name == "inset") return InSet(names_, args);
    return CallFunction(name, node.ignore_case, args);
  }

  const VedetteNames& names_;
  OracleEvent root_;
  std::string element_;
  bool first_only_;
  std::map<std::string, VedetteScalar> bound_;  // the values chosen for fields
  VedetteScalar any_value_;
  bool undecided_ = false;
};

std::string JsonText(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// `literal` with the expressions in `${..}` replaced by their texts.
std::string Filled(std::string_view literal, Evaluation* evaluation) {
  std::string out;
  while (!literal.empty()) {
    const size_t end = literal.starts_with("${") ? literal.find('}') : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += literal.front();
      literal.remove_prefix(1);
      continue;
    }
    std::string why;
    const VedetteExpr value = ParseVedette(literal.substr(2, end - 2), &why);
    const VedetteScalar part = value == nullptr ? NullScalar() : evaluation->Value(*value);
    out += part.is_null() ? "-" : TextOf(part);
    literal.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

VedetteScalar ScalarOf(const OracleNode& node) {
  switch (node.kind) {
    case OracleNode::Kind::kBool:
      return BoolScalar(node.text == "true");
    case OracleNode::Kind::kNumber: {
      if (node.floating) return RealScalar(std::strtod(node.text.c_str(), nullptr));
      VedetteScalar out;
      out.kind = ScalarKind::kInt;  // also above the signed range
      out.integer = node.text.starts_with('-')
                        ? static_cast<__int128>(std::strtoll(node.text.c_str(), nullptr, 10))
                        : static_cast<__int128>(std::strtoull(node.text.c_str(), nullptr, 10));
      return out;
    }
    case OracleNode::Kind::kString:
      return TextScalar(node.text);
    default:
      return NullScalar();
  }
}

std::optional<bool> VedetteHolds(const VedetteExpr& condition, const VedetteNames& names,
                                 const OracleEvent& event) {
  Evaluation evaluation(names, event, "", false);
  const bool holds = evaluation.Holds(*condition);
  if (evaluation.undecided()) return std::nullopt;
  return holds;
}

std::vector<VedetteScalar> VedetteChoices(const VedetteExpr& value, const VedetteNames& names,
                                          const OracleEvent& event) {
  return Evaluation(names, event, "", false).Choices(*value);
}

VedetteScalar VedetteFirst(const VedetteExpr& value, const VedetteNames& names,
                           const OracleEvent& event) {
  return Evaluation(names, event, "", true).Value(*value);
}

std::string JsonOf(const VedetteScalar& value) {
  if (value.is_null()) return "null";
  return value.kind == ScalarKind::kText ? JsonText(value.text) : TextOf(value);
}

std::string VedetteValue(const VedetteExpr& value, const VedetteNames& names,
                         const OracleEvent& event) {
  Evaluation evaluation(names, event, "", true);
  VedetteScalar result = evaluation.Value(*value);
  if (value->kind == Kind::kConstant && result.kind == ScalarKind::kText) {
    result.text = Filled(result.text, &evaluation);
  }
  return JsonOf(result);
}

}  // namespace vedette::reference
