#include "lib/lang/vedette/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "lib/base/casefold.h"
#include "lib/base/utf8.h"

namespace vedette::inline v0::lang {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}
bool IsWordChar(char c) { return IsWordStart(c) || IsDigit(c); }

// Longest first.
constexpr std::array<std::string_view, 28> kSigns = {
    "![", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ",", ":", "=",
    "<",  ">",  "+",  "-",  "*",  "/", "%", ".", "?", "|", "~", "!", "$", ";"};

struct Unit {
  std::string_view name;
  int64_t factor;
};
constexpr std::array<Unit, 8> kDurations = {{{"ns", 1},
                                             {"us", 1000},
                                             {"ms", 1000000},
                                             {"s", 1000000000},
                                             {"m", 60000000000},
                                             {"h", 3600000000000},
                                             {"d", 86400000000000},
                                             {"w", 604800000000000}}};
constexpr std::array<Unit, 7> kSizes = {{{"KB", 1000},
                                         {"MB", 1000000},
                                         {"GB", 1000000000},
                                         {"KiB", 1024},
                                         {"MiB", 1048576},
                                         {"GiB", 1073741824},
                                         {"B", 1}}};

class Lexer {
 public:
  Lexer(std::string_view source, bool comments, Reporter* reporter)
      : source_(source), comments_(comments), reporter_(reporter) {}

  std::vector<Token> Run() {
    if (source_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    line_start_ = at_;
    while (true) {
      SkipBlanks();
      if (at_ >= source_.size()) break;
      Next();
    }
    Token end = Begin(TokenKind::kEnd);
    end.text = source_.substr(source_.size());
    tokens_.push_back(std::move(end));
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  SourceSpan SpanAt(size_t offset, size_t length) const {
    return {line_, static_cast<uint32_t>(offset - line_start_ + 1), static_cast<uint32_t>(length)};
  }

  Token Begin(TokenKind kind) {
    Token token;
    token.kind = kind;
    token.offset = at_;
    token.span = SpanAt(at_, 1);
    token.space_before = space_;
    token.newlines_before = newlines_;
    space_ = false;
    newlines_ = 0;
    return token;
  }

  // The token that began at token.offset ends here.
  void Push(Token token) {
    token.text = source_.substr(token.offset, at_ - token.offset);
    const size_t line_end = std::min(token.text.find('\n'), token.text.size());
    token.span.length = static_cast<uint32_t>(std::max<size_t>(line_end, 1));
    tokens_.push_back(std::move(token));
  }

  void Newline() {
    ++line_;
    line_start_ = at_;
  }

  void SkipBlanks() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '\n') {
        ++at_;
        Newline();
        ++newlines_;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '/' && (Peek(1) == '/' || Peek(1) == '*')) {
        Comment();
        continue;
      } else {
        return;
      }
      space_ = true;
    }
  }

  void Comment() {
    Token token = Begin(TokenKind::kComment);
    const SourceSpan span = SpanAt(at_, 2);
    if (Peek(1) == '/') {
      while (at_ < source_.size() && source_[at_] != '\n') ++at_;
    } else {
      at_ += 2;
      while (at_ < source_.size() && !(source_[at_] == '*' && Peek(1) == '/')) {
        if (source_[at_++] == '\n') Newline();
      }
      if (at_ >= source_.size()) {
        reporter_->Error("VDT0001", span, "the comment is not closed", "end it with */");
      }
      at_ = std::min(at_ + 2, source_.size());
    }
    if (comments_) {
      Push(std::move(token));
    } else {
      newlines_ += token.newlines_before;
    }
    space_ = true;
  }

  void Next() {
    const char c = Peek();
    if (c == '"') {
      String();
    } else if (c == '`') {
      Backticks();
    } else if (IsDigit(c)) {
      Number();
    } else if (IsWordStart(c)) {
      Word();
    } else {
      Sign();
    }
  }

  void Word() {
    Token token = Begin(TokenKind::kWord);
    while (IsWordChar(Peek())) ++at_;
    Push(std::move(token));
  }

  void Sign() {
    for (const std::string_view sign : kSigns) {
      if (!source_.substr(at_).starts_with(sign)) continue;
      Token token = Begin(TokenKind::kSign);
      at_ += sign.size();
      Push(std::move(token));
      return;
    }
    // A run of such bytes is one mistake.
    const size_t begin = at_;
    char32_t cp = 0;
    do {
      at_ += NextCodePoint(source_, at_, &cp);
    } while (at_ < source_.size() && !IsWordChar(Peek()) && !IsKnown(Peek()));
    const std::string_view bad = source_.substr(begin, at_ - begin);
    std::string hint;
    if (bad == "'") hint = "strings stand between double quotes";
    if (bad == "&" || bad == "&&") hint = "write `and`";
    reporter_->Error("VDT0001", SpanAt(begin, bad.size()), "unexpected character " + Quoted(bad),
                     std::move(hint));
    space_ = true;
  }

  static bool IsKnown(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"' || c == '`' ||
           std::any_of(kSigns.begin(), kSigns.end(), [c](std::string_view s) { return s[0] == c; });
  }

  void Backticks() {
    Token token = Begin(TokenKind::kQuoted);
    const SourceSpan span = SpanAt(at_, 1);
    ++at_;
    while (at_ < source_.size() && source_[at_] != '\n') {
      if (source_[at_] == '`') {
        if (Peek(1) != '`') break;
        ++at_;
      }
      token.value += source_[at_++];
    }
    if (Peek() == '`') {
      ++at_;
    } else {
      reporter_->Error("VDT0001", span, "the name in backticks is not closed");
    }
    Push(std::move(token));
  }

  // ---- Numbers -------------------------------------------------------------------------------

  void Number() {
    Token token = Begin(TokenKind::kNumber);
    const size_t begin = at_;
    if (Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X')) {
      at_ += 2;
      const char* first = source_.data() + at_;
      while (std::isxdigit(static_cast<unsigned char>(Peek())) != 0) ++at_;
      const char* last = source_.data() + at_;
      const auto r = std::from_chars(first, last, token.number.i, 16);
      token.number.d = static_cast<double>(token.number.i);
      if (first == last || r.ec != std::errc()) BadNumber(begin);
      Push(std::move(token));
      return;
    }
    while (IsDigit(Peek())) ++at_;
    if (Peek() == '.' && IsDigit(Peek(1))) {
      token.number.is_int = false;
      ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    const bool signed_exponent = (Peek(1) == '+' || Peek(1) == '-') && IsDigit(Peek(2));
    if ((Peek() == 'e' || Peek() == 'E') && (IsDigit(Peek(1)) || signed_exponent)) {
      token.number.is_int = false;
      at_ += signed_exponent ? 2 : 1;
      while (IsDigit(Peek())) ++at_;
    }
    const std::string_view digits = source_.substr(begin, at_ - begin);
    ReadDigits(digits, &token.number, begin);
    Suffix(begin, &token);
    Push(std::move(token));
  }

  void BadNumber(size_t begin) {
    reporter_->Error("VDT0001", SpanAt(begin, at_ - begin),
                     "the number " + Quoted(source_.substr(begin, at_ - begin)) +
                         " is out of range or malformed");
  }

  void ReadDigits(std::string_view digits, vedette::Number* number, size_t begin) {
    const char* end = digits.data() + digits.size();
    if (number->is_int) {
      const auto r = std::from_chars(digits.data(), end, number->i);
      number->d = static_cast<double>(number->i);
      if (r.ec == std::errc()) return;
      number->is_int = false;  // beyond 64 bits
      number->i = 0;
    }
    const auto r = std::from_chars(digits.data(), end, number->d);
    if (r.ec != std::errc() || !std::isfinite(number->d)) BadNumber(begin);
  }

  void Suffix(size_t begin, Token* token) {
    const size_t unit_at = at_;
    while (IsWordChar(Peek())) ++at_;
    const std::string_view unit = source_.substr(unit_at, at_ - unit_at);
    if (unit.empty()) return;
    const auto scale = [&](int64_t factor) {
      int64_t scaled = 0;
      if (token->number.is_int) {
        if (__builtin_mul_overflow(token->number.i, factor, &scaled)) BadNumber(begin);
      } else {
        const double d = token->number.d * static_cast<double>(factor);
        if (!(d < 9e18)) {
          BadNumber(begin);
        } else {
          scaled = static_cast<int64_t>(d);
        }
      }
      token->number = {true, scaled, static_cast<double>(scaled)};
    };
    for (const Unit& known : kDurations) {
      if (known.name != unit) continue;
      token->kind = TokenKind::kDuration;
      scale(known.factor);
      return;
    }
    for (const Unit& known : kSizes) {
      if (known.name != unit) continue;
      scale(known.factor);
      return;
    }
    reporter_->Error("VDT0001", SpanAt(begin, at_ - begin), Quoted(unit) + " is no unit",
                     "durations are ms, s, m, h, d, w; sizes KB, MB, GB, KiB, MiB, GiB; names that "
                     "begin with a digit stand in backticks");
  }

  // ---- Strings -------------------------------------------------------------------------------

  static void AddLiteral(std::string_view bytes, std::vector<PatternPiece>* pattern) {
    if (pattern->empty() || pattern->back().kind != PatternPiece::Kind::kLiteral) {
      pattern->push_back({});
    }
    pattern->back().text += bytes;
  }

  void AddPlain(std::string_view bytes, Token* token) {
    token->value += bytes;
    if (bytes == "*" || bytes == "?") {
      token->wild = true;
      token->pattern.push_back(
          {bytes == "*" ? PatternPiece::Kind::kAnyRun : PatternPiece::Kind::kAnyOne, ""});
    } else {
      AddLiteral(bytes, &token->pattern);
    }
  }

  void String() {
    Token token = Begin(TokenKind::kString);
    const SourceSpan span = SpanAt(at_, 1);
    if (source_.substr(at_).starts_with("\"\"\"")) {
      RawString(&token, span);
    } else {
      ++at_;
      while (at_ < source_.size() && source_[at_] != '"' && source_[at_] != '\n') {
        if (source_[at_] == '\\') {
          Escape(&token);
          continue;
        }
        AddPlain(source_.substr(at_, 1), &token);
        ++at_;
      }
      if (Peek() == '"') {
        ++at_;
      } else {
        reporter_->Error("VDT0001", span, "the string is not closed on its line",
                         "text over several lines stands between \"\"\"");
      }
    }
    TextPattern canonical{std::move(token.pattern), false};
    Canonicalize(&canonical);
    token.pattern = std::move(canonical.pieces);
    Push(std::move(token));
  }

  void RawString(Token* token, SourceSpan span) {
    at_ += 3;
    while (at_ < source_.size() && !source_.substr(at_).starts_with("\"\"\"")) {
      AddPlain(source_.substr(at_, 1), token);
      if (source_[at_++] == '\n') Newline();
    }
    if (at_ >= source_.size()) {
      reporter_->Error("VDT0001", span, "the string is not closed", "end it with \"\"\"");
      return;
    }
    at_ += 3;
  }

  void Escape(Token* token) {
    static constexpr std::string_view kFrom = "nrt\\\"";
    static constexpr std::string_view kTo = "\n\r\t\\\"";
    const size_t begin = at_;
    const char c = Peek(1);
    at_ += 2;
    if (const size_t i = kFrom.find(c); i != std::string_view::npos && c != '\0') {
      const std::string_view meant = kTo.substr(i, 1);
      token->value += meant;
      AddLiteral(meant, &token->pattern);
      return;
    }
    switch (c) {
      case '*':
      case '?':
        // Itself, in patterns too.
        token->value += c;
        AddLiteral(std::string_view(&c, 1), &token->pattern);
        return;
      case '-':
        token->value += c;
        token->wild = true;
        token->pattern.push_back({PatternPiece::Kind::kDash, ""});
        return;
      case 'x':
        if (HexEscape(2, 2, token)) return;
        break;
      case 'u':
        if (Peek() == '{') {
          ++at_;
          if (HexEscape(2, 8, token) && Peek() == '}') {
            ++at_;
            return;
          }
        }
        break;
      default:
        break;
    }
    at_ = std::min(std::max(at_, begin + 2), source_.size());
    reporter_->Error("VDT0002", SpanAt(begin, 2),
                     "unknown escape " + Quoted(source_.substr(begin, 2)),
                     "write \\\\ for a backslash, or the text between \"\"\"");
  }

  // `\xHH` is a byte, `\u{..}` a code point.
  bool HexEscape(size_t least, size_t most, Token* token) {
    size_t n = 0;
    while (n < most && std::isxdigit(static_cast<unsigned char>(Peek(n))) != 0) ++n;
    if (n < least) return false;
    uint32_t value = 0;
    std::from_chars(source_.data() + at_, source_.data() + at_ + n, value, 16);
    at_ += n;
    std::string text;
    if (most == 2) {
      text += static_cast<char>(value);
    } else {
      if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return false;
      AppendUtf8(value, &text);
    }
    token->value += text;
    AddLiteral(text, &token->pattern);
    return true;
  }

  std::string_view source_;
  bool comments_;
  Reporter* reporter_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t line_start_ = 0;
  uint32_t line_ = 1;
  bool space_ = false;
  uint32_t newlines_ = 0;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view source, bool comments, Reporter* reporter) {
  return Lexer(source, comments, reporter).Run();
}

}  // namespace vedette::inline v0::lang
