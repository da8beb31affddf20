#include "lib/lang/elastic/kql_lexer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/base/utf8.h"

namespace vedette::inline v0::elastic {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool StartsWithWord(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (Lower(text[i]) != word[i]) return false;
  }
  return true;
}

// What may stand before a keyword; a wildcard and an escape are parts of a word.
bool EndsWord(char c) {
  return IsKqlSpace(c) || std::string_view("():<>\"{}").find(c) != std::string_view::npos;
}

// What may stand behind a keyword. `and: x` and `or > 1` are about fields of these names.
bool BeginsAfter(char c) {
  return IsKqlSpace(c) || std::string_view("()\"{}").find(c) != std::string_view::npos;
}

}  // namespace

bool IsKqlSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool IsKqlSpecial(char c) {
  return std::string_view("\\():<>\"*{}").find(c) != std::string_view::npos;
}

size_t KqlKeywordPrefix(std::string_view text) {
  for (const std::string_view word : {"and", "or", "not"}) {
    if (StartsWithWord(text, word)) return word.size();
  }
  return 0;
}

size_t KqlKeywordAt(std::string_view text, size_t at) {
  if (at > 0 && !EndsWord(text[at - 1])) return 0;
  const size_t length = KqlKeywordPrefix(text.substr(at));
  const size_t end = at + length;
  return end == text.size() || BeginsAfter(text[end]) ? length : 0;
}

KqlToken KqlLexer::Next() {
  using Kind = KqlToken::Kind;
  while (at_ < text_.size() && IsKqlSpace(text_[at_])) ++at_;
  KqlToken token;
  token.offset = at_;
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (c == '"') return Quoted();
  const std::string_view marks = ":(){}";
  if (const size_t mark = marks.find(c); mark != std::string_view::npos) {
    constexpr Kind kKinds[] = {Kind::kColon, Kind::kOpenParen, Kind::kCloseParen, Kind::kOpenBrace,
                               Kind::kCloseBrace};
    token.kind = kKinds[mark];
    token.length = 1;
  } else if (c == '<' || c == '>') {
    const bool equal = at_ + 1 < text_.size() && text_[at_ + 1] == '=';
    token.kind = Kind::kRange;
    token.range = c == '<' ? (equal ? KqlRange::kLe : KqlRange::kLt)
                           : (equal ? KqlRange::kGe : KqlRange::kGt);
    token.length = equal ? 2 : 1;
  } else if (const size_t keyword = KqlKeywordAt(text_, at_); keyword > 0) {
    token.kind = Lower(c) == 'a' ? Kind::kAnd : Lower(c) == 'o' ? Kind::kOr : Kind::kNot;
    token.length = keyword;
  } else {
    return Unquoted();
  }
  at_ += token.length;
  return token;
}

KqlToken KqlLexer::Quoted() {
  KqlToken token;
  token.kind = KqlToken::Kind::kLiteral;
  token.offset = at_++;
  token.literal.quoted = true;
  std::string& out = token.literal.parts[0];
  bool closed = false;
  while (at_ < text_.size() && !closed) {
    const char c = text_[at_];
    if (c == '"') {
      closed = true;
      ++at_;
    } else if (c != '\\') {
      const size_t end = std::min(text_.find_first_of("\"\\", at_), text_.size());
      out += text_.substr(at_, end - at_);
      at_ = end;
    } else if (ControlEscape(&out)) {
      continue;
    } else if (at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\')) {
      out += text_[at_ + 1];
      at_ += 2;
    } else {
      out += text_[at_++];  // `"C:\Temp"`: itself
    }
  }
  token.length = at_ - token.offset;
  if (!closed) {
    errors_->push_back({token.offset, 1, "the quoted text is not closed",
                        "end it with \"; a quote within it is written \\\"", false});
  }
  return token;
}

KqlToken KqlLexer::Unquoted() {
  KqlToken token;
  token.kind = KqlToken::Kind::kLiteral;
  token.offset = at_;
  size_t end = at_;       // behind the last character that is no blank
  size_t kept_bytes = 0;  // of the last part, up to there
  std::vector<std::string>& parts = token.literal.parts;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (IsKqlSpace(c)) {
      parts.back() += c;
      ++at_;
      continue;
    }
    if (c == '*') {
      parts.emplace_back();
      ++at_;
    } else if (c == '\\') {
      UnquotedEscape(&parts.back());
    } else if (IsKqlSpecial(c)) {
      break;
    } else if (at_ > token.offset && IsKqlSpace(text_[at_ - 1]) && KqlKeywordAt(text_, at_) > 0) {
      break;
    } else {
      parts.back() += c;
      ++at_;
    }
    end = at_;
    kept_bytes = parts.back().size();
  }
  parts.back().resize(kept_bytes);
  token.length = end - token.offset;
  return token;
}

void KqlLexer::UnquotedEscape(std::string* out) {
  const std::string_view rest = text_.substr(at_ + 1);
  size_t length = KqlKeywordPrefix(rest);
  // `\not` is the keyword if that is the whole word, else a line feed and more text.
  const bool whole = length == rest.size() || (length > 0 && EndsWord(rest[length]));
  if (length > 0 && Lower(rest[0]) == 'n' && !whole) length = 0;
  if (length == 0 && ControlEscape(out)) return;
  if (length == 0 && !rest.empty() && IsKqlSpecial(rest[0])) length = 1;
  if (length == 0) BadEscape();
  *out += rest.substr(0, length);
  at_ += 1 + length;
}

bool KqlLexer::ControlEscape(std::string* out) {
  if (at_ + 1 >= text_.size()) return false;
  switch (text_[at_ + 1]) {
    case 't':
      *out += '\t';
      break;
    case 'r':
      *out += '\r';
      break;
    case 'n':
      *out += '\n';
      break;
    case 'u':
      return UnicodeEscape(out);
    default:
      return false;
  }
  at_ += 2;
  return true;
}

bool KqlLexer::UnicodeEscape(std::string* out) {
  const std::optional<uint32_t> first = HexDigits(text_.substr(at_ + 2), 4);
  if (!first.has_value()) return false;
  at_ += 6;
  uint32_t code = *first;
  if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
    const std::optional<uint32_t> second = HexDigits(text_.substr(at_ + 2), 4);
    if (second.has_value() && *second >= 0xDC00 && *second < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (*second - 0xDC00);
      at_ += 6;
    }
  }
  AppendUtf8(code, out);
  return true;
}

void KqlLexer::BadEscape() {
  if (++bad_escapes_ > kMaxBadEscapes) return;
  const size_t length = std::min<size_t>(2, text_.size() - at_);
  errors_->push_back({at_, length, "an unquoted value has no such escape",
                      "a backslash is written \\\\; or put the value in quotes", false});
}

}  // namespace vedette::inline v0::elastic
