#include "lib/lang/sigma/condition.h"

#include <algorithm>
#include <utility>

namespace vedette::inline v0::sigma {
namespace {

constexpr size_t kMaxName = 256;
constexpr size_t kMaxUnknown = 20;
constexpr size_t kMaxMatchWork = 100000000;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '*' || static_cast<unsigned char>(c) >= 0x80;
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsNumber(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool Glob(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

struct Token {
  enum class Kind : uint8_t { kWord, kOpen, kClose, kPipe, kOther, kEnd };
  Kind kind = Kind::kEnd;
  std::string_view text;
  size_t offset = 0;

  // True for an operator word, in lower or upper case.
  bool Is(std::string_view lower, std::string_view upper) const {
    return kind == Kind::kWord && (text == lower || text == upper);
  }
};

class ConditionParser {
 public:
  ConditionParser(const YamlNode& value, PartNames* parts, size_t max_nesting, Reporter* reporter)
      : value_(value),
        text_(value.text),
        parts_(parts),
        max_nesting_(max_nesting),
        reporter_(reporter) {
    Advance();
  }

  std::optional<ConditionNode> Parse() {
    ConditionNode node = Or();
    if (!failed_ && token_.kind != Token::Kind::kEnd) Unexpected();
    if (failed_ || unknown_ > 0) return std::nullopt;
    return node;
  }

 private:
  using Kind = ConditionNode::Kind;

  void Advance() {
    while (next_ < text_.size() && IsBlank(text_[next_])) ++next_;
    token_ = {Token::Kind::kEnd, "", next_};
    if (next_ == text_.size()) return;
    size_t end = next_;
    while (end < text_.size() && IsWordByte(text_[end])) ++end;
    token_.kind = Token::Kind::kWord;
    if (end == next_) {
      const char c = text_[end++];
      token_.kind = c == '('   ? Token::Kind::kOpen
                    : c == ')' ? Token::Kind::kClose
                    : c == '|' ? Token::Kind::kPipe
                               : Token::Kind::kOther;
    }
    token_.text = text_.substr(next_, end - next_);
    next_ = end;
  }

  // The word after the current one, without taking it.
  Token Peek() {
    const size_t next = next_;
    const Token token = token_;
    Advance();
    const Token peeked = token_;
    next_ = next;
    token_ = token;
    return peeked;
  }

  void Fail(std::string_view code, const Token& at, std::string message, std::string hint = "") {
    if (failed_) return;
    failed_ = true;
    Report(code, at, std::move(message), std::move(hint));
  }

  void Report(std::string_view code, const Token& at, std::string message, std::string hint = "") {
    DiagnosticExtras extras;
    extras.hint = std::move(hint);
    reporter_->Error(code, PlaceIn(reporter_->text(), value_, at.offset, at.text.size()),
                     std::move(message), std::move(extras));
  }

  void Unexpected() {
    switch (token_.kind) {
      case Token::Kind::kPipe:
        Fail("SIG0033", token_, "aggregations after '|' are not part of Sigma 2",
             "use a correlation rule that refers to this one");
        return;
      case Token::Kind::kEnd:
        Fail("SIG0030", token_,
             text_.find_first_not_of(" \t\r\n") == std::string_view::npos
                 ? "the condition is empty"
                 : "the condition ends where a name or '(' should follow");
        return;
      case Token::Kind::kClose:
        Fail("SIG0030", token_, "unexpected ')' in the condition");
        return;
      case Token::Kind::kOther:
        Fail("SIG0030", token_, "unexpected character " + Quoted(token_.text) + " in the condition",
             "names are letters, digits, '_' and '-'; operators are and, or, not");
        return;
      case Token::Kind::kOpen:
      case Token::Kind::kWord:
        Fail("SIG0030", token_, "unexpected " + Quoted(token_.text) + " in the condition",
             "write 'and' or 'or' between two names");
        return;
    }
  }

  ConditionNode Or() { return Chain(Kind::kOr); }

  // One or more terms of the next precedence.
  ConditionNode Chain(Kind kind) {
    ConditionNode node;
    node.kind = kind;
    while (true) {
      node.children.push_back(kind == Kind::kOr ? Chain(Kind::kAnd) : Not());
      if (failed_) return node;
      const bool more = kind == Kind::kOr ? token_.Is("or", "OR") : token_.Is("and", "AND");
      if (!more) break;
      Advance();
    }
    if (node.children.size() > 1) return node;
    ConditionNode only = std::move(node.children[0]);
    return only;
  }

  ConditionNode Not() {
    bool inverted = false;
    while (token_.Is("not", "NOT")) {
      inverted = !inverted;
      Advance();
    }
    ConditionNode inner = Primary();
    if (!inverted) return inner;
    ConditionNode node;
    node.kind = Kind::kNot;
    node.children.push_back(std::move(inner));
    return node;
  }

  ConditionNode Primary() {
    if (token_.kind == Token::Kind::kOpen) return Brackets();
    if (token_.kind != Token::Kind::kWord) {
      Unexpected();
      return {};
    }
    const Token word = token_;
    if (Peek().Is("of", "OF")) return Selector();
    if (word.Is("and", "AND") || word.Is("or", "OR")) {
      Fail("SIG0030", word, "a name or '(' should stand before " + Quoted(word.text));
      return {};
    }
    Advance();
    if (word.text.find('*') != std::string_view::npos) {
      Fail("SIG0030", word,
           "the pattern " + Quoted(word.text) + " needs '1 of' or 'all of' before it");
      return {};
    }
    const uint32_t* const part = parts_->Find(word.text);
    if (part == nullptr) {
      Unknown(word);
      return {};
    }
    parts_->MarkUsed(*part);
    ConditionNode node;
    node.kind = Kind::kAllOf;
    node.parts.push_back(*part);
    return node;
  }

  void Unknown(const Token& word) {
    if (word.Is("of", "OF") || word.Is("them", "THEM")) {
      Fail("SIG0030", word, Quoted(word.text) + " needs '1 of', 'any of' or 'all of' before it");
      return;
    }
    if (++unknown_ > kMaxUnknown) {
      failed_ = true;
      return;
    }
    const std::vector<std::string_view> names(parts_->names().begin(), parts_->names().end());
    Report("SIG0031", word, "the condition names " + Quoted(word.text) + ", which is not defined",
           reporter_->Suggest(word.text, names));
  }

  ConditionNode Brackets() {
    if (++nesting_ > max_nesting_) {
      Fail("SIG0035", token_,
           "the condition nests deeper than " + std::to_string(max_nesting_) + " levels");
      return {};
    }
    const Token open = token_;
    Advance();
    ConditionNode node = Or();
    --nesting_;
    if (failed_) return node;
    if (token_.kind == Token::Kind::kEnd) {
      Fail("SIG0030", open, "this '(' is never closed");
    } else if (token_.kind != Token::Kind::kClose) {
      Unexpected();
    } else {
      Advance();
    }
    return node;
  }

  ConditionNode Selector() {
    const Token count = token_;
    ConditionNode node;
    if (count.text == "1" || count.Is("any", "ANY")) {
      node.kind = Kind::kAnyOf;
    } else if (count.Is("all", "ALL")) {
      node.kind = Kind::kAllOf;
    } else {
      Fail("SIG0030", count,
           IsNumber(count.text) ? "'" + std::string(count.text) + " of' is not part of Sigma"
                                : Quoted(count.text) + " cannot stand before 'of'",
           "write '1 of', 'any of' or 'all of'");
      return node;
    }
    Advance();
    Advance();
    const Token pattern = token_;
    if (pattern.kind != Token::Kind::kWord) {
      if (pattern.kind == Token::Kind::kPipe || pattern.kind == Token::Kind::kOther) {
        Unexpected();
      } else {
        Fail("SIG0030", pattern, "a name, a pattern or 'them' should follow 'of'");
      }
      return node;
    }
    Advance();
    const std::string_view text = pattern.Is("them", "THEM") ? "*" : pattern.text;
    std::optional<std::vector<uint32_t>> parts;
    if (text.size() <= kMaxName) parts = parts_->Match(text);
    if (!parts.has_value()) {
      Fail("SIG0006", pattern, "too many patterns, or one that is too long");
      return node;
    }
    if (parts->empty()) {
      const std::vector<std::string_view> names(parts_->names().begin(), parts_->names().end());
      ++unknown_;
      if (unknown_ > kMaxUnknown) failed_ = true;
      Report("SIG0032", pattern, "nothing is named like " + Quoted(pattern.text),
             reporter_->Suggest(pattern.text, names));
      return node;
    }
    for (const uint32_t part : *parts) parts_->MarkUsed(part);
    node.parts = *std::move(parts);
    if (node.parts.size() > 1) {
      node.label = std::string(count.text) + " of " + std::string(pattern.text);
    }
    return node;
  }

  const YamlNode& value_;
  const std::string_view text_;
  PartNames* parts_;
  const size_t max_nesting_;
  Reporter* reporter_;
  size_t next_ = 0;
  Token token_;
  size_t nesting_ = 0;
  size_t unknown_ = 0;
  bool failed_ = false;
};

}  // namespace

uint32_t PartNames::Add(std::string name) {
  const uint32_t part = static_cast<uint32_t>(names_.size());
  index_.emplace(name, part);
  names_.push_back(std::move(name));
  used_.push_back(false);
  return part;
}

const uint32_t* PartNames::Find(std::string_view name) const {
  const auto found = index_.find(std::string(name));
  return found == index_.end() ? nullptr : &found->second;
}

std::optional<std::vector<uint32_t>> PartNames::Match(std::string_view pattern) {
  std::vector<uint32_t> out;
  for (uint32_t i = 0; i < names_.size(); ++i) {
    const std::string& name = names_[i];
    work_ += 1 + pattern.size() * name.size() / 8;
    if (work_ > kMaxMatchWork) return std::nullopt;
    if (name.starts_with('_') && !pattern.starts_with('_')) continue;
    if (Glob(pattern, name)) out.push_back(i);
  }
  return out;
}

std::optional<ConditionNode> ParseCondition(const YamlNode& value, PartNames* parts,
                                            size_t max_nesting, Reporter* reporter) {
  return ConditionParser(value, parts, max_nesting, reporter).Parse();
}

bool HasNot(const ConditionNode& condition) {
  if (condition.kind == ConditionNode::Kind::kNot) return true;
  return std::any_of(condition.children.begin(), condition.children.end(), HasNot);
}

}  // namespace vedette::inline v0::sigma
