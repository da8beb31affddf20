#include "lib/response/condition.h"

#include <re2/re2.h>

#include <charconv>
#include <utility>

#include "lib/base/strings.h"
#include "lib/event/address.h"

namespace vedette::inline v0 {
namespace {

using Kind = ConditionNode::Kind;
using Operand = ConditionNode::Operand;

constexpr size_t kMaxDepth = 32;
constexpr size_t kMaxTests = 256;

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

class ConditionParser {
 public:
  ConditionParser(std::string_view text, const TypeOf& type_of, ConditionError* error)
      : text_(text), type_of_(type_of), error_(error) {}

  std::optional<ConditionNode> Parse() {
    ConditionNode out;
    if (!Or(0, &out)) return std::nullopt;
    Blanks();
    if (at_ < text_.size()) {
      Fail(at_, text_.size() - at_, "expected AND, OR or the end");
      return std::nullopt;
    }
    return out;
  }

 private:
  bool Fail(size_t offset, size_t length, std::string message, bool undeclared = false) {
    *error_ = {offset, length, std::move(message), undeclared};
    return false;
  }

  void Blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  bool Word(std::string_view word) {
    Blanks();
    if (text_.substr(at_, word.size()) != word) return false;
    const size_t end = at_ + word.size();
    if (IsNameByte(word.back()) && end < text_.size() && IsNameByte(text_[end])) return false;
    at_ = end;
    return true;
  }

  bool Or(size_t depth, ConditionNode* out) { return Joined(depth, Kind::kOr, out); }

  bool Joined(size_t depth, Kind kind, ConditionNode* out) {
    if (depth > kMaxDepth) return Fail(at_, 1, "the condition nests too deep");
    out->kind = kind;
    do {
      out->children.emplace_back();
      const bool good = kind == Kind::kOr ? Joined(depth + 1, Kind::kAnd, &out->children.back())
                                          : Not(depth + 1, &out->children.back());
      if (!good) return false;
    } while (Word(kind == Kind::kOr ? "OR" : "AND"));
    return true;
  }

  bool Not(size_t depth, ConditionNode* out) {
    if (Word("NOT")) {
      if (depth > kMaxDepth) return Fail(at_, 1, "the condition nests too deep");
      out->kind = Kind::kNot;
      out->children.emplace_back();
      return Not(depth + 1, &out->children.back());
    }
    if (!Word("(")) return Test(out);
    if (!Or(depth + 1, out)) return false;
    return Word(")") || Fail(at_, 1, "expected )");
  }

  bool Variable(Operand* out) {
    Blanks();
    const size_t begin = at_;
    while (at_ < text_.size() && IsNameByte(text_[at_])) ++at_;
    const size_t end = at_;
    if (end == begin || text_.substr(at_, 6) != ":value") {
      at_ = begin;
      return Fail(begin, 1, "expected a variable, as __name__:value");
    }
    at_ += 6;
    out->variable = std::string(text_.substr(begin, end - begin));
    const std::optional<VariableType> type = type_of_(out->variable);
    if (!type.has_value()) {
      return Fail(begin, end - begin, "no variable is called " + out->variable, true);
    }
    out->literal.type = *type;
    if (*type == VariableType::kDictionary || *type == VariableType::kSecret) {
      return Fail(begin, end - begin,
                  "values of type " + std::string(VariableTypeName(*type)) + " cannot be compared");
    }
    return true;
  }

  bool Value(Operand* out) {
    Blanks();
    if (at_ < text_.size() && text_[at_] == '\'') return String(out);
    if (Word("true") || Word("false")) {
      out->literal = {VariableType::kBool, text_[at_ - 2] == 'u' ? "true" : "false"};
      return true;
    }
    int64_t number = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), number);
    if (error == std::errc()) {
      at_ += static_cast<size_t>(end - begin);
      out->literal = {VariableType::kInteger, std::to_string(number)};
      return true;
    }
    if (at_ < text_.size() && text_[at_] == '_') return Variable(out);
    return Fail(at_, 1, "expected a 'string', a whole number, true, false or a variable");
  }

  bool String(Operand* out) {
    const size_t begin = at_++;
    out->literal.type = VariableType::kString;
    while (at_ < text_.size() && text_[at_] != '\'') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out->literal.text.push_back(text_[at_++]);
    }
    if (at_ >= text_.size()) return Fail(begin, 1, "the string does not end");
    ++at_;
    return true;
  }

  // Which comparison, and whether it stands for its opposite or with the sides changed.
  struct Operator {
    std::string_view word;
    Kind kind;
    bool negated = false;
    bool swapped = false;
  };

  bool Test(ConditionNode* out) {
    static constexpr Operator kOperators[] = {{"==", Kind::kEqual},
                                              {"=", Kind::kEqual},
                                              {"!=", Kind::kEqual, true},
                                              {"<>", Kind::kEqual, true},
                                              {"<=", Kind::kLessOrEqual},
                                              {"<", Kind::kLess},
                                              {">=", Kind::kLessOrEqual, false, true},
                                              {">", Kind::kLess, false, true},
                                              {"IN", Kind::kIn},
                                              {"LIKE", Kind::kLike},
                                              {"MATCHES", Kind::kMatches},
                                              {"ISSUBSET", Kind::kSubset},
                                              {"ISSUPERSET", Kind::kSuperset}};
    if (++tests_ > kMaxTests) return Fail(at_, 1, "the condition has too many comparisons");
    ConditionNode test;
    test.operands.resize(1);
    if (!Variable(&test.operands[0])) return false;
    const bool negated = Word("NOT");
    Blanks();
    const size_t place = at_;
    const Operator* found = nullptr;
    for (const Operator& o : kOperators) {
      if (!Word(o.word)) continue;
      found = &o;
      break;
    }
    if (found == nullptr) {
      return Fail(at_, 1,
                  "expected =, !=, <, <=, >, >=, IN, LIKE, MATCHES, ISSUBSET or ISSUPERSET");
    }
    test.kind = found->kind;
    if (test.kind == Kind::kIn && !Word("(")) return Fail(at_, 1, "expected (");
    do {
      Blanks();
      const size_t begin = at_;
      Operand right;
      if (!Value(&right)) return false;
      if (!Fits(test, &right, begin)) return false;
      test.operands.push_back(std::move(right));
    } while (test.kind == Kind::kIn && Word(","));
    if (test.kind == Kind::kIn && !Word(")")) return Fail(at_, 1, "expected )");
    if (test.kind == Kind::kMatches && !Compile(place, &test)) return false;
    if (found->swapped) std::swap(test.operands[0], test.operands[1]);
    if (negated == found->negated) {
      *out = std::move(test);
    } else {
      out->kind = Kind::kNot;
      out->children.push_back(std::move(test));
    }
    return true;
  }

  bool Fits(const ConditionNode& test, Operand* right, size_t begin) {
    const VariableType left = test.operands[0].literal.type;
    const bool literal = right->variable.empty();
    const bool number = left == VariableType::kInteger;
    const bool address = left == VariableType::kIpv4 || left == VariableType::kIpv6;
    switch (test.kind) {
      case Kind::kLess:
      case Kind::kLessOrEqual:
        if (!number) return Fail(begin, 1, "only integers have an order");
        break;
      case Kind::kLike:
      case Kind::kMatches:
        if (number || left == VariableType::kBool || !literal) {
          return Fail(begin, 1, "LIKE and MATCHES compare a text with a 'string'");
        }
        break;
      case Kind::kSubset:
      case Kind::kSuperset:
        if (!address) return Fail(begin, 1, "ISSUBSET and ISSUPERSET are for addresses");
        break;
      default:
        break;
    }
    if (test.kind == Kind::kLike || test.kind == Kind::kMatches) {
      if (right->literal.type == VariableType::kString) return true;
    } else if (!literal) {
      if (right->literal.type == left) return true;
    } else if (right->literal.type == VariableType::kString && !number &&
               left != VariableType::kBool) {
      // A text that is to be of the variable's type.
      absl::StatusOr<TypedValue> value = MakeValue(left, right->literal.text);
      if (value.ok()) {
        right->literal = *std::move(value);
        return true;
      }
    } else if (right->literal.type == left) {
      return true;
    }
    return Fail(begin, at_ - begin,
                "this is no value of type " + std::string(VariableTypeName(left)));
  }

  bool Compile(size_t place, ConditionNode* test) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto regex = std::make_shared<RE2>(test->operands[1].literal.text, options);
    if (!regex->ok()) return Fail(place, 7, "RE2 does not take the expression: " + regex->error());
    test->regex = std::move(regex);
    return true;
  }

  std::string_view text_;
  const TypeOf& type_of_;
  ConditionError* error_;
  size_t at_ = 0;
  size_t tests_ = 0;
};

// `%` is any text, `_` any one byte.
bool Like(std::string_view pattern, std::string_view text) {
  size_t i = 0;
  size_t j = 0;
  size_t star = std::string_view::npos;
  size_t from = 0;
  while (j < text.size()) {
    if (i < pattern.size() && pattern[i] == '%') {
      star = i++;
      from = j;
    } else if (i < pattern.size() && (pattern[i] == '_' || pattern[i] == text[j])) {
      ++i;
      ++j;
    } else if (star != std::string_view::npos) {
      i = star + 1;
      j = ++from;
    } else {
      return false;
    }
  }
  while (i < pattern.size() && pattern[i] == '%') ++i;
  return i == pattern.size();
}

bool IsWithin(const TypedValue& inner, const TypedValue& outer) {
  const std::optional<Cidr> a = ParseCidr(inner.text, nullptr);
  const std::optional<Cidr> b = ParseCidr(outer.text, nullptr);
  return a.has_value() && b.has_value() && a->v6 == b->v6 && b->bits <= a->bits &&
         Contains(*b, a->v6, a->bytes);
}

int64_t NumberOf(const TypedValue& value) {
  int64_t out = 0;
  std::from_chars(value.text.data(), value.text.data() + value.text.size(), out);
  return out;
}

bool Compare(const ConditionNode& node, const TypedValue& a, const TypedValue& b) {
  switch (node.kind) {
    case Kind::kEqual:
    case Kind::kIn:
      return a.text == b.text;
    case Kind::kLess:
      return NumberOf(a) < NumberOf(b);
    case Kind::kLessOrEqual:
      return NumberOf(a) <= NumberOf(b);
    case Kind::kLike:
      return Like(b.text, a.text);
    case Kind::kMatches:
      return RE2::PartialMatch(re2::StringPiece(a.text.data(), a.text.size()), *node.regex);
    case Kind::kSubset:
      return IsWithin(a, b);
    case Kind::kSuperset:
      return IsWithin(b, a);
    default:
      return false;
  }
}

}  // namespace

std::optional<ConditionNode> ParseCondition(std::string_view text, const TypeOf& type_of,
                                            ConditionError* error) {
  return ConditionParser(text, type_of, error).Parse();
}

absl::StatusOr<bool> EvaluateCondition(const ConditionNode& node, const ValueOf& value_of) {
  if (node.kind == Kind::kNot) {
    const absl::StatusOr<bool> inner = EvaluateCondition(node.children[0], value_of);
    if (!inner.ok()) return inner;
    return !*inner;
  }
  if (node.kind == Kind::kOr || node.kind == Kind::kAnd) {
    // All are evaluated: whether a value is missing must not depend on the others.
    bool result = node.kind == Kind::kAnd;
    for (const ConditionNode& child : node.children) {
      const absl::StatusOr<bool> one = EvaluateCondition(child, value_of);
      if (!one.ok()) return one;
      result = node.kind == Kind::kAnd ? result && *one : result || *one;
    }
    return result;
  }
  std::vector<const TypedValue*> values;
  for (const ConditionNode::Operand& operand : node.operands) {
    values.push_back(operand.variable.empty() ? &operand.literal : value_of(operand.variable));
    if (values.back() == nullptr) {
      return absl::FailedPreconditionError(ToAbsl(operand.variable + " has no value"));
    }
  }
  for (size_t i = 1; i < values.size(); ++i) {
    if (Compare(node, *values[0], *values[i])) return true;
  }
  return false;
}

std::optional<std::string> VariableReference(std::string_view text) {
  if (!text.starts_with("__") || !text.ends_with("__:value")) return std::nullopt;
  const std::string_view name = text.substr(0, text.size() - 6);
  if (name.size() < 5) return std::nullopt;
  for (const char c : name) {
    if (!IsNameByte(c)) return std::nullopt;
  }
  return std::string(name);
}

bool HoldsReference(std::string_view text) {
  for (size_t at = text.find("__:value"); at != std::string_view::npos;
       at = text.find("__:value", at + 1)) {
    size_t begin = at;
    while (begin > 0 && IsNameByte(text[begin - 1])) --begin;
    if (text.substr(begin, 2) == "__") return true;
  }
  return false;
}

}  // namespace vedette::inline v0
