#include "lib/lang/elastic/kql_lower.h"

#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "vedette/field_path.h"

namespace vedette::inline v0::elastic {
namespace {

using Kind = KqlNode::Kind;

constexpr size_t kMaxErrors = 20;

// `1.2.3.4/8` and `2001:db8::/32`, with or without bits beyond the prefix; an IPv6 address alone.
std::optional<Cidr> AddressBlock(std::string_view text) {
  const size_t slash = text.find('/');
  Cidr block;
  const std::string_view address = text.substr(0, slash);
  if (address.find('%') != std::string_view::npos ||
      !ParseAddress(address, &block.v6, &block.bytes)) {
    return std::nullopt;
  }
  if (slash == std::string_view::npos) {
    if (!block.v6) return std::nullopt;  // IPv4 has one text form
    block.bits = 128;
    return block;
  }
  const std::string_view length = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  const unsigned all = block.v6 ? 128 : 32;
  if (error != std::errc() || end != length.data() + length.size() || bits > all) {
    return std::nullopt;
  }
  block.bits = static_cast<uint8_t>(bits);
  for (unsigned bit = bits; bit < all; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    block.bytes[bit / 8] = static_cast<uint8_t>(block.bytes[bit / 8] & ~mask);
  }
  return block;
}

TextPattern PatternOf(const KqlLiteral& literal, bool cased) {
  TextPattern pattern;
  pattern.cased = cased;
  for (size_t i = 0; i < literal.parts.size(); ++i) {
    if (i > 0) pattern.pieces.push_back({PatternPiece::Kind::kAnyRun, ""});
    pattern.pieces.push_back({PatternPiece::Kind::kLiteral, literal.parts[i]});
  }
  Canonicalize(&pattern);
  return pattern;
}

class Lowering {
 public:
  Lowering(const KqlLowerOptions& options, KqlErrors* errors)
      : options_(options), errors_(errors), first_error_(errors->size()) {}

  std::optional<Formula> Run(const KqlNode& node) {
    Formula formula = Any(node, false);
    if (errors_->size() > first_error_) return std::nullopt;
    return formula;
  }

 private:
  // `nested`: within `field: { }`.
  Formula Any(const KqlNode& node, bool nested) {
    switch (node.kind) {
      case Kind::kMatchAll:
        return Formula::True();
      case Kind::kAnd:
      case Kind::kOr:
      case Kind::kNot:
        return Boolean(node, [&](const KqlNode& child) { return Any(child, nested); });
      case Kind::kValue:
        return Keyword(node, nested);
      case Kind::kField:
        return Field(node, nested);
      case Kind::kRange:
        return Range(node);
      case Kind::kNested:
        return Nested(node);
    }
    return Formula::True();
  }

  template <typename Lower>
  Formula Boolean(const KqlNode& node, Lower lower) {
    if (!Count(node)) return Formula::True();
    std::vector<Formula> children;
    for (const KqlNode& child : node.children) {
      if (full_) break;
      children.push_back(lower(child));
    }
    Formula out = node.kind == Kind::kNot   ? Formula::Not(std::move(children.front()))
                  : node.kind == Kind::kAnd ? Formula::And(std::move(children))
                                            : Formula::Or(std::move(children));
    out.span = SpanOf(node);
    return out;
  }

  Formula Field(const KqlNode& node, bool nested) {
    const KqlNode& values = node.children[0];
    if (node.field.only_wildcards()) return AnyField(values, nested);
    const std::optional<std::string> field = FieldOf(node);
    if (!field.has_value()) return Formula::True();
    return Values(values, *field);
  }

  Formula Values(const KqlNode& node, const std::string& field) {
    if (node.kind == Kind::kValue) return Value(node, field);
    return Boolean(node, [&](const KqlNode& child) { return Values(child, field); });
  }

  Formula AnyField(const KqlNode& node, bool nested) {
    if (node.kind == Kind::kValue) return Keyword(node, nested);
    return Boolean(node, [&](const KqlNode& child) { return AnyField(child, nested); });
  }

  Formula Value(const KqlNode& node, const std::string& field) {
    const KqlLiteral& value = node.value;
    if (value.only_wildcards()) return Exists(node, field);
    if (value.IsWord("null")) return Null(node);
    if (!value.has_wildcard()) {
      if (!value.quoted && KqlNumber(value.parts[0]).has_value()) return NumberValue(node, field);
      if (const auto block = AddressBlock(value.parts[0]); block.has_value()) {
        return Block(node, field, *block);
      }
    }
    return Text(node, field);
  }

  Formula Text(const KqlNode& node, const std::string& field) {
    Predicate p = On(PredicateOp::kText, field);
    p.pattern = PatternOf(node.value, true);
    return Leaf(node, std::move(p));
  }

  Formula NumberValue(const KqlNode& node, const std::string& field) {
    const std::string& text = node.value.parts[0];
    const Number number = *KqlNumber(text);
    // A whole number that is no int64: as a double it would equal its neighbours, too.
    if (!number.is_int && text.find_first_of(".eE") == std::string::npos) return Text(node, field);
    Predicate p = On(PredicateOp::kNumberEq, field);
    p.number = number;
    Formula equal = Leaf(node, std::move(p));
    if (number.Text() == text) return equal;
    return Either(node, std::move(equal), Text(node, field));
  }

  Formula Block(const KqlNode& node, const std::string& field, const Cidr& block) {
    Predicate p = On(PredicateOp::kCidr, field);
    p.cidr = block;
    Formula within = Leaf(node, std::move(p));
    // An address is its own text; a block may be an ordinary text of a keyword field.
    if (node.value.parts[0].find('/') == std::string::npos) return within;
    return Either(node, std::move(within), Text(node, field));
  }

  // Not "exists and is not null": a list with a null in it may have values, too.
  Formula Exists(const KqlNode& node, const std::string& field) {
    Predicate p = On(PredicateOp::kText, field);
    p.pattern.pieces.push_back({PatternPiece::Kind::kAnyRun, ""});
    p.pattern.cased = true;
    return Leaf(node, std::move(p));
  }

  Formula Keyword(const KqlNode& node, bool nested) {
    if (node.value.only_wildcards()) return Formula::True();
    if (node.value.IsWord("null")) return Null(node);
    if (nested) {
      return Unsupported(node, "a value of any field of a nested element is not supported",
                         "name the field: `{ name: value }`");
    }
    Predicate p;
    p.op = PredicateOp::kKeyword;
    p.pattern = PatternOf(node.value, false);
    return Leaf(node, std::move(p));
  }

  Formula Null(const KqlNode& node) {
    return Unsupported(node, "the value null is not supported",
                       "`not field: *` holds if the field is missing or null; for the text, write "
                       "\"null\"");
  }

  Formula Range(const KqlNode& node) {
    const std::optional<std::string> field = FieldOf(node);
    if (!field.has_value()) return Formula::True();
    const std::optional<Number> number = KqlNumber(node.value.Text());
    if (!number.has_value()) {
      return Unsupported(node, "only numbers can be compared with <, <=, > and >=",
                         "times, addresses and texts have no order here yet");
    }
    static constexpr PredicateOp kOps[] = {PredicateOp::kNumberLt, PredicateOp::kNumberLe,
                                           PredicateOp::kNumberGt, PredicateOp::kNumberGe};
    Predicate p = On(kOps[static_cast<size_t>(node.range)], *field);
    p.number = *number;
    return Leaf(node, std::move(p));
  }

  Formula Nested(const KqlNode& node) {
    const std::optional<std::string> field = FieldOf(node);
    if (!field.has_value() || !Count(node)) return Formula::True();
    Formula out;
    out.kind = NodeKind::kEach;
    out.quantifier = Quantifier::kAny;
    out.field = *field;
    out.children.push_back(Any(node.children[0], true));
    out.span = SpanOf(node);
    return out;
  }

  // The path of the node's field; nothing, and an error, if there is none.
  std::optional<std::string> FieldOf(const KqlNode& node) {
    if (node.field.has_wildcard()) {
      Unsupported(node, "wildcards in names of fields are not supported",
                  "name the fields, joined by `or`");
      return std::nullopt;
    }
    std::string path = KqlFieldPath(node.field.parts[0]);
    // "." is the element itself in the IR, and no field of an index.
    const auto parsed = FieldPath::Parse(path);
    if (parsed.ok() && !parsed->is_self()) return path;
    Add(node, false, "this is no name of a field",
        "a name has at most 1,024 bytes and 32 parts between dots");
    return std::nullopt;
  }

  static Predicate On(PredicateOp op, const std::string& field) {
    Predicate p;
    p.op = op;
    p.field = field;
    return p;
  }

  Formula Leaf(const KqlNode& node, Predicate p) {
    if (!Count(node)) return Formula::True();
    return Formula::Of(std::move(p), SpanOf(node));
  }

  Formula Either(const KqlNode& node, Formula a, Formula b) {
    std::vector<Formula> both;
    both.push_back(std::move(a));
    both.push_back(std::move(b));
    Formula out = Formula::Or(std::move(both));
    out.span = SpanOf(node);
    return out;
  }

  SourceSpan SpanOf(const KqlNode& node) const {
    return options_.span_at ? options_.span_at(node.offset, node.length) : SourceSpan{};
  }

  bool Count(const KqlNode& node) {
    if (++nodes_ <= options_.max_nodes) return true;
    if (!full_) Add(node, false, "the query has too many parts", "");
    full_ = true;
    return false;
  }

  Formula Unsupported(const KqlNode& node, std::string message, std::string hint) {
    Add(node, true, std::move(message), std::move(hint));
    return Formula::True();
  }

  void Add(const KqlNode& node, bool unsupported, std::string message, std::string hint) {
    if (errors_->size() >= first_error_ + kMaxErrors) return;
    errors_->push_back(
        {node.offset, node.length, std::move(message), std::move(hint), unsupported});
  }

  const KqlLowerOptions& options_;
  KqlErrors* errors_;
  size_t first_error_;
  size_t nodes_ = 0;
  bool full_ = false;
};

}  // namespace

std::optional<Formula> LowerKql(const KqlNode& node, const KqlLowerOptions& options,
                                KqlErrors* errors) {
  return Lowering(options, errors).Run(node);
}

std::optional<Number> KqlNumber(std::string_view text) {
  // from_chars knows "inf", "nan" and "1.", which are no numbers of Elasticsearch.
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() <= sign || !digit(text[sign]) || !digit(text.back())) return std::nullopt;
  const char* end = text.data() + text.size();
  Number number;
  const auto whole = std::from_chars(text.data(), end, number.i);
  if (whole.ec == std::errc() && whole.ptr == end) {
    number.d = static_cast<double>(number.i);
    return number;
  }
  number.i = 0;
  number.is_int = false;
  const auto real = std::from_chars(text.data(), end, number.d);
  if (real.ec != std::errc() || real.ptr != end || !std::isfinite(number.d)) return std::nullopt;
  return number;
}

std::string KqlFieldPath(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace vedette::inline v0::elastic
