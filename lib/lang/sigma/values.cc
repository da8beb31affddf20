#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "lib/ir/text_encoding.h"
#include "lib/lang/sigma/modifiers.h"
#include "lib/lang/sigma/regex_check.h"
#include "vedette/field_path.h"

namespace vedette::inline v0::sigma {
namespace {

using PieceKind = SigmaString::Piece::Kind;
using Tests = std::optional<std::vector<ValueTest>>;

std::string_view NameOf(Modifier m) {
  for (const std::string_view name : ModifierNames()) {
    if (ModifierByName(name) == m) return name;
  }
  return "";
}

Tests Wrong(std::string_view code, const YamlNode& value, std::string message, Reporter* reporter,
            std::string hint = "") {
  DiagnosticExtras extras;
  extras.hint = std::move(hint);
  reporter->Error(code, value.span, std::move(message), std::move(extras));
  return std::nullopt;
}

Tests WrongType(const ModifierChain& chain, const YamlNode& value, std::string_view wanted,
                Reporter* reporter, std::string hint = "") {
  const std::string_view name = chain.steps.empty() ? "all" : NameOf(chain.steps.back());
  return Wrong("SIG0012", value,
               "'" + std::string(name) + "' needs " + std::string(wanted) + ", not " +
                   std::string(DescribeKind(value)),
               reporter, std::move(hint));
}

ValueTest NewTest(PredicateOp op, const YamlNode& value) {
  ValueTest test;
  test.predicate.op = op;
  test.span = value.span;
  return test;
}

// A boolean is written in many ways and means one text.
std::string TextOf(const YamlNode& value) {
  if (TypeOf(value) != ScalarType::kBool) return value.text;
  return value.text[0] == 't' || value.text[0] == 'T' ? "true" : "false";
}

Tests ExistsTest(const ModifierChain& chain, const YamlNode& value, Reporter* reporter) {
  if (!value.is_scalar() || TypeOf(value) != ScalarType::kBool) {
    return WrongType(chain, value, "true or false", reporter,
                     value.quoted ? "write it without quotes" : "");
  }
  ValueTest test = NewTest(PredicateOp::kExists, value);
  test.negated = TextOf(value) == "false";
  return std::vector<ValueTest>{test};
}

Tests CidrTest(const ModifierChain& chain, const YamlNode& value, Reporter* reporter) {
  if (!value.is_scalar()) return WrongType(chain, value, "an address block", reporter);
  std::string error;
  const std::optional<Cidr> cidr = ParseCidr(value.text, &error);
  if (!cidr.has_value()) {
    return Wrong("SIG0015", value, "invalid CIDR " + Quoted(value.text) + ": " + error, reporter,
                 "write an address and a prefix length, like 10.0.0.0/8 or fe80::/10");
  }
  ValueTest test = NewTest(PredicateOp::kCidr, value);
  test.predicate.cidr = *cidr;
  return std::vector<ValueTest>{test};
}

TimePart TimePartOf(Modifier m) {
  const int distance = static_cast<int>(m) - static_cast<int>(Modifier::kMinute);
  if (m < Modifier::kMinute || m > Modifier::kYear) return TimePart::kNone;
  return static_cast<TimePart>(static_cast<int>(TimePart::kMinute) + distance);
}

Tests NumberTest(const ModifierChain& chain, const YamlNode& value, Reporter* reporter) {
  const ScalarType type = value.is_scalar() ? TypeOf(value) : ScalarType::kString;
  if (type != ScalarType::kInt && type != ScalarType::kFloat) {
    return WrongType(chain, value, "a number", reporter,
                     value.quoted ? "write the number without quotes" : "");
  }
  const std::optional<Number> number = ParseNumber(value.text);
  if (!number.has_value()) {
    return Wrong("SIG0012", value, "the number " + Quoted(value.text) + " is out of range",
                 reporter);
  }
  ValueTest test = NewTest(PredicateOp::kNumberEq, value);
  test.predicate.number = *number;
  for (const Modifier m : chain.steps) {
    if (TimePartOf(m) != TimePart::kNone) test.predicate.time_part = TimePartOf(m);
    if (m == Modifier::kLt) test.predicate.op = PredicateOp::kNumberLt;
    if (m == Modifier::kLte) test.predicate.op = PredicateOp::kNumberLe;
    if (m == Modifier::kGt) test.predicate.op = PredicateOp::kNumberGt;
    if (m == Modifier::kGte) test.predicate.op = PredicateOp::kNumberGe;
  }
  return std::vector<ValueTest>{test};
}

Tests FieldRefTest(const ModifierChain& chain, const YamlNode& value, Reporter* reporter) {
  if (!value.is_scalar() || TypeOf(value) != ScalarType::kString) {
    return WrongType(chain, value, "the name of a field", reporter);
  }
  const SigmaString parsed = SigmaString::Parse(value.text);
  if (parsed.HasWildcards()) {
    return Wrong("SIG0013", value, "a field name has no wildcards", reporter,
                 "write \\* or \\? for the character itself");
  }
  // Brackets of a path are escaped by backslashes too, so the text goes to the path parser as is.
  const auto path = FieldPath::Parse(value.text);
  if (!path.ok()) {
    return Wrong("SIG0012", value, std::string(path.status().message()), reporter);
  }
  ValueTest test = NewTest(PredicateOp::kFieldText, value);
  test.predicate.other_field = value.text;
  test.predicate.cased = chain.cased;
  bool start = true;
  bool end = true;
  for (const Modifier m : chain.steps) {
    if (m == Modifier::kContains || m == Modifier::kStartsWith) end = false;
    if (m == Modifier::kContains || m == Modifier::kEndsWith) start = false;
  }
  test.predicate.compare = start && end ? FieldCompare::kEqual
                           : start      ? FieldCompare::kStartsWith
                           : end        ? FieldCompare::kEndsWith
                                        : FieldCompare::kContains;
  return std::vector<ValueTest>{test};
}

bool HasStep(const ModifierChain& chain, Modifier m) {
  return std::find(chain.steps.begin(), chain.steps.end(), m) != chain.steps.end();
}

PlaceholderLookup LookupIn(const PlaceholderValues& placeholders) {
  return [&placeholders](const std::string& name) -> const std::vector<std::string>* {
    const auto found = placeholders.find(name);
    return found == placeholders.end() ? nullptr : &found->second;
  };
}

Tests RegexTest(const ModifierChain& chain, const YamlNode& value,
                const PlaceholderValues& placeholders, Reporter* reporter) {
  if (!value.is_scalar()) return WrongType(chain, value, "a regular expression", reporter);
  ValueTest test = NewTest(PredicateOp::kRegex, value);
  RegexFlags& flags = test.predicate.regex_flags;
  flags.ignore_case = HasStep(chain, Modifier::kIgnoreCase);
  flags.multi_line = HasStep(chain, Modifier::kMultiLine);
  flags.dot_all = HasStep(chain, Modifier::kDotAll);
  std::vector<SigmaString> regexes = {SigmaString::Literal(value.text)};
  if (HasStep(chain, Modifier::kExpand)) {
    regexes = ExpandPlaceholders(RegexWithPlaceholders(value.text), true, LookupIn(placeholders));
    if (regexes.empty()) {
      return Wrong("SIG0006", value, "the placeholders stand for too many values", reporter);
    }
  }
  std::vector<ValueTest> out;
  for (SigmaString& regex : regexes) {
    if (!regex.Has(PieceKind::kPlaceholder)) {
      if (const auto problem = CheckRegex(regex.LiteralText(), flags); problem.has_value()) {
        DiagnosticExtras extras;
        extras.hint = problem->hint;
        reporter->Error("SIG0014",
                        PlaceIn(reporter->text(), value, problem->offset, problem->length),
                        problem->message, std::move(extras));
        return std::nullopt;
      }
    }
    // The search is unanchored: `contains` adds nothing, the other two tie one end.
    const bool contains = HasStep(chain, Modifier::kContains);
    const bool start =
        HasStep(chain, Modifier::kStartsWith) && !contains && !HasStep(chain, Modifier::kEndsWith);
    const bool end =
        HasStep(chain, Modifier::kEndsWith) && !contains && !HasStep(chain, Modifier::kStartsWith);
    test.text = {};
    if (start || end) test.text.Append(PieceKind::kLiteral, start ? "\\A(?:" : "(?:");
    test.text.Append(regex);
    if (start || end) test.text.Append(PieceKind::kLiteral, end ? ")\\z" : ")");
    out.push_back(test);
  }
  return out;
}

// Applies the steps of a text chain to the texts that one value stands for.
class TextSteps {
 public:
  TextSteps(const YamlNode& value, const PlaceholderValues& placeholders, Reporter* reporter)
      : value_(value), placeholders_(placeholders), reporter_(reporter) {
    texts_.push_back(SigmaString::Parse(TextOf(value)));
  }

  // False if a step cannot be done, which is reported.
  bool Run(const ModifierChain& chain) {
    for (const Modifier m : chain.steps) {
      if (!Step(m)) return false;
    }
    return true;
  }
  std::vector<SigmaString> Take() { return std::move(texts_); }

 private:
  bool Step(Modifier m) {
    switch (m) {
      case Modifier::kContains:
      case Modifier::kStartsWith:
      case Modifier::kEndsWith:
        for (SigmaString& text : texts_) {
          if (m != Modifier::kStartsWith) AddLeadingWildcard(&text);
          if (m != Modifier::kEndsWith) AddTrailingWildcard(&text);
        }
        return true;
      case Modifier::kWindash:
        for (SigmaString& text : texts_) text = WithDashes(text);
        return true;
      case Modifier::kExpand:
        return Expand();
      case Modifier::kUtf16Le:
      case Modifier::kUtf16Be:
      case Modifier::kUtf16:
        return Encode(m, [m](const std::string& text) {
          return std::vector<std::string>{
              m == Modifier::kUtf16 ? ToMarkedUtf16(text) : ToUtf16(text, m == Modifier::kUtf16Be)};
        });
      case Modifier::kBase64:
        return Encode(
            m, [](const std::string& text) { return std::vector<std::string>{Base64(text)}; });
      case Modifier::kBase64Offset:
        return Encode(m, [](const std::string& text) { return Base64Offsets(text); });
      default:
        return true;  // cased is kept in the chain
    }
  }

  bool Expand() {
    std::vector<SigmaString> out;
    for (const SigmaString& text : texts_) {
      std::vector<SigmaString> expanded =
          ExpandPlaceholders(WithPlaceholders(text), false, LookupIn(placeholders_));
      if (expanded.empty() || out.size() + expanded.size() > kMaxExpansions) {
        return Fail("SIG0006", "the placeholders stand for too many values");
      }
      std::move(expanded.begin(), expanded.end(), std::back_inserter(out));
    }
    texts_ = std::move(out);
    return true;
  }

  template <typename F>
  bool Encode(Modifier m, F encode) {
    const std::string name(NameOf(m));
    std::vector<SigmaString> out;
    for (const SigmaString& text : texts_) {
      for (const SigmaString::Piece& piece : text.pieces) {
        if (piece.kind != PieceKind::kPlaceholder) continue;
        return Fail("SIG0016", "the placeholder " + Quoted("%" + piece.text + "%") +
                                   " has no values to encode");
      }
      if (text.HasWildcards()) {
        return Fail("SIG0013", "a value with wildcards cannot be encoded by '" + name + "'",
                    "write \\* or \\? for the character itself");
      }
      const std::vector<std::string> variants =
          ExpandDashes(ToPattern(text, true).pieces, kMaxDashVariants);
      if (variants.empty()) return Fail("SIG0006", "too many dashes to encode");
      for (const std::string& variant : variants) {
        for (const std::string& bytes : encode(variant)) {
          out.push_back(SigmaString::Literal(bytes));
        }
      }
      if (out.size() > kMaxExpansions) return Fail("SIG0006", "too many values to encode");
    }
    if (out.empty()) return Fail("SIG0012", "an empty value cannot be encoded by '" + name + "'");
    texts_ = std::move(out);
    return true;
  }

  bool Fail(std::string_view code, std::string message, std::string hint = "") {
    Wrong(code, value_, std::move(message), reporter_, std::move(hint));
    return false;
  }

  const YamlNode& value_;
  const PlaceholderValues& placeholders_;
  Reporter* reporter_;
  std::vector<SigmaString> texts_;
};

Tests KeywordTypeError(const YamlNode& value, Reporter* reporter) {
  return Wrong("SIG0019", value,
               "a keyword must be a string or a number, not " + std::string(DescribeKind(value)),
               reporter, value.is_scalar() ? "quote it to search for the text" : "");
}

Tests TextTest(const ModifierChain& chain, const YamlNode& value,
               const PlaceholderValues& placeholders, Reporter* reporter) {
  if (chain.keyword && (value.is_null() || TypeOf(value) == ScalarType::kBool)) {
    return KeywordTypeError(value, reporter);
  }
  if (value.is_null()) {
    if (!chain.steps.empty()) return WrongType(chain, value, "a text", reporter);
    return std::vector<ValueTest>{NewTest(PredicateOp::kIsNull, value)};
  }
  const ScalarType type = TypeOf(value);
  if (type == ScalarType::kBool && (!chain.steps.empty() || chain.cased)) {
    return WrongType(chain, value, "a text", reporter);
  }
  if (!chain.keyword && !chain.TransformsText() &&
      (type == ScalarType::kInt || type == ScalarType::kFloat)) {
    if (const std::optional<Number> number = ParseNumber(value.text); number.has_value()) {
      ValueTest test = NewTest(PredicateOp::kNumberEq, value);
      test.predicate.number = *number;
      return std::vector<ValueTest>{test};
    }
  }
  if (chain.keyword && value.text.empty()) {
    return Wrong("SIG0019", value, "an empty keyword would match every event", reporter);
  }
  TextSteps steps(value, placeholders, reporter);
  if (!steps.Run(chain)) return std::nullopt;
  const bool tied = HasStep(chain, Modifier::kStartsWith) || HasStep(chain, Modifier::kEndsWith);
  std::vector<ValueTest> out;
  for (SigmaString& text : steps.Take()) {
    ValueTest test = NewTest(chain.keyword ? PredicateOp::kKeyword : PredicateOp::kText, value);
    test.cased = chain.cased;
    if (chain.keyword && !tied) {
      AddLeadingWildcard(&text);
      AddTrailingWildcard(&text);
    }
    test.text = std::move(text);
    out.push_back(std::move(test));
  }
  return out;
}

}  // namespace

std::optional<Number> ParseNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number;
  const char* const end = text.data() + text.size();
  if (const auto [p, error] = std::from_chars(text.data(), end, number.i);
      error == std::errc() && p == end) {
    number.d = static_cast<double>(number.i);
    return number;
  }
  if (text.find('.') == std::string_view::npos) return std::nullopt;
  const auto [p, error] = std::from_chars(text.data(), end, number.d);
  if (error != std::errc() || p != end || !std::isfinite(number.d)) return std::nullopt;
  constexpr double kExact = 9007199254740992.0;  // 2^53
  number.is_int = number.d == std::floor(number.d) && std::fabs(number.d) <= kExact;
  number.i = number.is_int ? static_cast<int64_t>(number.d) : 0;
  return number;
}

std::optional<std::vector<ValueTest>> ApplyModifiers(const ModifierChain& chain,
                                                     const YamlNode& value,
                                                     const PlaceholderValues& placeholders,
                                                     Reporter* reporter) {
  if (value.is_list() || value.is_map()) {
    return Wrong("SIG0017", value,
                 "a value cannot be " + std::string(DescribeKind(value)) + " within another",
                 reporter, "name nested fields by a dotted path, like `parent.child`");
  }
  switch (chain.kind) {
    case TestKind::kExists:
      return ExistsTest(chain, value, reporter);
    case TestKind::kCidr:
      return CidrTest(chain, value, reporter);
    case TestKind::kNumber:
      return NumberTest(chain, value, reporter);
    case TestKind::kFieldRef:
      return FieldRefTest(chain, value, reporter);
    case TestKind::kRegex:
      return RegexTest(chain, value, placeholders, reporter);
    case TestKind::kText:
      break;
  }
  return TextTest(chain, value, placeholders, reporter);
}

}  // namespace vedette::inline v0::sigma
