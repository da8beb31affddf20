// The one layout of the language, made from the tokens: what is broken and indented depends on
// them alone, never on how the text was laid out before (but for single blank lines).
#include <algorithm>
#include <span>
#include <utility>

#include "lib/base/casefold.h"
#include "lib/lang/vedette/lexer.h"
#include "lib/lang/vedette/parser.h"
#include "vedette/frontends/vedette.h"

namespace vedette::inline v0 {
namespace lang {
namespace {

constexpr size_t kWidth = 100;

bool IsOperatorWord(const Token& t) {
  static constexpr std::string_view kWords[] = {
      "and",      "or",         "not",      "in",    "like", "regex",  "search",
      "contains", "startswith", "endswith", "where", "by",   "within", "for",
      "of",       "after",      "to",       "until", "with", "match",  "having"};
  return t.kind == TokenKind::kWord &&
         std::find(std::begin(kWords), std::end(kWords), t.text) != std::end(kWords);
}

// Whether an operand may end with this token.
bool EndsOperand(const Token& t) {
  switch (t.kind) {
    case TokenKind::kSign:
      return t.Is(")") || t.Is("]") || t.Is("}") || t.Is("*") || t.Is("{");
    case TokenKind::kWord:
      return !IsOperatorWord(t);
    default:
      return true;
  }
}

bool Opens(const Token& t) { return t.Is("(") || t.Is("[") || t.Is("![") || t.Is("{"); }
bool Closes(const Token& t) { return t.Is(")") || t.Is("]") || t.Is("}"); }
bool IsComment(const Token& t) { return t.kind == TokenKind::kComment; }

size_t WidthOf(std::string_view text) {
  size_t width = 0;
  char32_t cp = 0;
  for (size_t at = 0; at < text.size(); at += NextCodePoint(text, at, &cp)) ++width;
  return width;
}

class Formatter {
 public:
  explicit Formatter(std::span<const Token> tokens) : t_(tokens) {}

  std::string Run() {
    Block(0, t_.size(), 0, Place::kFile);
    return std::move(out_);
  }

 private:
  enum class Place { kFile, kRule, kEntries, kTest, kMap };

  // ---- Finding statements --------------------------------------------------------------------

  size_t Matching(size_t open) const {
    int depth = 0;
    for (size_t i = open; i < t_.size(); ++i) {
      if (Opens(t_[i])) ++depth;
      if (Closes(t_[i]) && --depth == 0) return i;
    }
    return t_.size() - 1;
  }

  const Token* Previous(size_t i, size_t begin) const {
    while (i > begin) {
      if (!IsComment(t_[--i])) return &t_[i];
    }
    return nullptr;
  }
  const Token* NextAfter(size_t i) const {
    while (++i < t_.size()) {
      if (!IsComment(t_[i])) return &t_[i];
    }
    return nullptr;
  }

  bool StartsStatement(size_t i, size_t begin, Place place) const {
    const Token& t = t_[i];
    const Token* before = Previous(i, begin);
    const Token* after = NextAfter(i);
    if (before == nullptr) return true;
    switch (place) {
      case Place::kFile:
      case Place::kRule: {
        static constexpr std::string_view kFile[] = {"rule", "let", "list", "map"};
        static constexpr std::string_view kRule[] = {"meta",    "let",      "match", "having",
                                                     "outcome", "suppress", "rearm", "select",
                                                     "test",    "generate"};
        const std::span<const std::string_view> words =
            place == Place::kFile ? std::span<const std::string_view>(kFile) : kRule;
        return t.kind == TokenKind::kWord &&
               std::find(words.begin(), words.end(), t.text) != words.end() &&
               EndsOperand(*before) && after != nullptr && !after->Is(".") &&
               !(after->kind == TokenKind::kSign && (after->Is("==") || after->Is(":")));
      }
      case Place::kEntries:
        return (t.kind == TokenKind::kWord || t.kind == TokenKind::kString) && after != nullptr &&
               after->Is("=");
      case Place::kTest:
        return t.IsWord("event") || t.IsWord("expect");
      case Place::kMap:
        return before->Is(",");
    }
    return false;
  }

  // The kind of block that the brace at `i` opens, or nothing if it is part of a line.
  bool OpensBlock(size_t statement, size_t i, Place place, Place* inner) const {
    const Token& head = t_[statement];
    if (!t_[i].Is("{")) return false;
    if (place == Place::kFile) {
      if (head.IsWord("rule")) *inner = Place::kRule;
      if (head.IsWord("map")) *inner = Place::kMap;
      return head.IsWord("rule") || head.IsWord("map");
    }
    if (place != Place::kRule) return false;
    if (head.IsWord("test")) *inner = Place::kTest;
    if (head.IsWord("meta") || head.IsWord("outcome")) *inner = Place::kEntries;
    return head.IsWord("test") || head.IsWord("meta") || head.IsWord("outcome");
  }

  // ---- Blocks --------------------------------------------------------------------------------

  void Block(size_t begin, size_t end, size_t indent, Place place) {
    bool first = true;
    bool was_rule = false;
    for (size_t i = begin; i < end;) {
      if (t_[i].kind == TokenKind::kEnd) break;
      if (IsComment(t_[i])) {
        Comment(i, indent, first, place == Place::kFile && was_rule);
        was_rule = false;
        first = false;
        ++i;
        continue;
      }
      size_t stop = i + 1;
      int depth = Opens(t_[i]) ? 1 : 0;
      for (; stop < end; ++stop) {
        if (t_[stop].kind == TokenKind::kEnd) break;
        if (depth == 0 && IsComment(t_[stop])) {
          // A comment on its own line before the next statement belongs to that.
          const bool own_line = t_[stop].newlines_before > 0;
          size_t next = stop;
          while (next < end && IsComment(t_[next])) ++next;
          if (own_line && (next >= end || StartsStatement(next, begin, place))) break;
        }
        if (depth == 0 && !IsComment(t_[stop]) && StartsStatement(stop, begin, place)) break;
        if (Opens(t_[stop])) ++depth;
        if (Closes(t_[stop])) --depth;
      }
      const bool is_rule = place == Place::kFile && t_[i].IsWord("rule");
      BlankLine(i, first, is_rule || was_rule);
      Statement(i, stop, indent, place);
      was_rule = is_rule;
      first = false;
      i = stop;
    }
  }

  void BlankLine(size_t i, bool first, bool always) {
    if (first || out_.ends_with("\n\n") || after_comment_) {
      if (after_comment_ && t_[i].newlines_before > 1 && !first) out_ += '\n';
      after_comment_ = false;
      return;
    }
    if (always || t_[i].newlines_before > 1) out_ += '\n';
  }

  void Comment(size_t i, size_t indent, bool first, bool after_rule) {
    const Token& t = t_[i];
    if (t.newlines_before == 0 && !out_.empty() && out_.back() == '\n' && i > 0) {
      // Behind what it is about.
      out_.pop_back();
      out_ += "  ";
      out_ += Trimmed(t.text);
      out_ += '\n';
      return;
    }
    if (!first && (after_rule || t.newlines_before > 1) && !out_.ends_with("\n\n")) out_ += '\n';
    out_.append(indent, ' ');
    out_ += Trimmed(t.text);
    out_ += '\n';
    after_comment_ = true;
  }

  static std::string_view Trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
      text.remove_suffix(1);
    }
    return text;
  }

  void Statement(size_t begin, size_t end, size_t indent, Place place) {
    for (size_t i = begin; i < end; ++i) {
      Place inner = Place::kFile;
      if (!OpensBlock(begin, i, place, &inner)) continue;
      const size_t close = Matching(i);
      Lines(begin, i + 1, indent);
      Block(i + 1, close, indent + 2, inner);
      after_comment_ = false;
      while (out_.ends_with("\n\n")) out_.pop_back();
      out_.append(indent, ' ').append("}\n");
      for (size_t rest = close + 1; rest < end; ++rest) {
        if (IsComment(t_[rest])) Comment(rest, indent, false, false);
      }
      return;
    }
    if (t_[begin].IsWord("match") && StageLines(begin, end, indent)) return;
    Lines(begin, end, indent);
  }

  // `match sequence ..` with a line for each stage; false if this is no such match.
  bool StageLines(size_t begin, size_t end, size_t indent) {
    static constexpr std::string_view kShapes[] = {"sequence", "sample", "all", "window"};
    const Token* shape = NextAfter(begin);
    if (shape == nullptr || shape->kind != TokenKind::kWord ||
        std::find(std::begin(kShapes), std::end(kShapes), shape->text) == std::end(kShapes)) {
      return false;
    }
    if (const Token* next = NextAfter(static_cast<size_t>(shape - t_.data()));
        next != nullptr && next->IsWord("where")) {
      return false;
    }
    size_t from = begin;
    size_t own = indent;
    int depth = 0;
    for (size_t i = begin + 1; i < end; ++i) {
      const bool index = t_[i].Is("[") && !t_[i].space_before;
      const bool aliased = i + 2 < end && t_[i].kind == TokenKind::kWord && t_[i + 1].Is(":") &&
                           (t_[i + 2].Is("[") || t_[i + 2].Is("!["));
      const bool after_alias = i >= 2 && t_[i - 1].Is(":") && t_[i - 2].kind == TokenKind::kWord;
      const bool after_until = t_[i - 1].IsWord("until");
      const bool stage =
          depth == 0 && !after_alias && !after_until &&
          ((t_[i].Is("[") && !index) || t_[i].Is("![") || aliased || t_[i].IsWord("until"));
      if (stage) {
        Lines(from, i, own);
        from = i;
        own = indent + 2;
      }
      if (Opens(t_[i])) ++depth;
      if (Closes(t_[i])) --depth;
    }
    Lines(from, end, own);
    return true;
  }

  // ---- Lines ---------------------------------------------------------------------------------

  bool IsCall(size_t i) const {
    if (!t_[i].Is("(") || t_[i].space_before || i == 0) return false;
    if (t_[i - 1].Is("~")) return i > 1 && !IsOperatorWord(t_[i - 2]);
    return t_[i - 1].kind == TokenKind::kWord && !IsOperatorWord(t_[i - 1]);
  }

  // Whether `i` stands directly in braces that hold `key: value` entries.
  bool InEntries(size_t i) const {
    int depth = 0;
    while (i > 0) {
      --i;
      if (Closes(t_[i])) ++depth;
      if (!Opens(t_[i]) || depth-- > 0) continue;
      if (!t_[i].Is("{") || i == 0) return false;
      const Token& before = t_[i - 1];
      if (before.kind == TokenKind::kSign) return !before.Is("~");
      if (before.kind == TokenKind::kDuration || before.kind == TokenKind::kNumber) return true;
      return before.IsWord("event") && !(i > 1 && t_[i - 2].IsWord("rule"));
    }
    return false;
  }

  bool IsCountBrace(size_t open) const {
    return t_[open].Is("{") && open + 1 < t_.size() && t_[open + 1].kind == TokenKind::kNumber;
  }

  bool SpaceBetween(size_t i) const {
    const Token& a = t_[i - 1];
    const Token& b = t_[i];
    if (IsComment(a) || IsComment(b)) return true;
    if (a.Is("(") || a.Is("[") || a.Is("![") || b.Is(")") || b.Is("]") || b.Is(",")) return false;
    if (a.Is(".") || b.Is(".") || a.Is("?") || b.Is("~")) return false;
    if (a.Is("{")) return !IsCountBrace(i - 1) && !b.Is("}");
    if (b.Is("}")) {
      int depth = 0;
      for (size_t j = i + 1; j-- > 0;) {
        if (Closes(t_[j])) ++depth;
        if (Opens(t_[j]) && --depth == 0) return !IsCountBrace(j);
      }
      return true;
    }
    if (a.Is(",")) {
      for (size_t j = i; j-- > 0 && i - j < 3;) {
        if (t_[j].Is("{") && IsCountBrace(j)) return false;
      }
      return true;
    }
    if (b.Is("(")) return !IsCall(i);
    if (b.Is("[")) {
      const bool index = !b.space_before && a.kind != TokenKind::kSign && i + 2 < t_.size() &&
                         t_[i + 1].kind == TokenKind::kNumber && t_[i + 2].Is("]");
      return !index;
    }
    if (b.Is(":")) {
      const bool alias = i + 1 < t_.size() && (t_[i + 1].Is("[") || t_[i + 1].Is("![")) &&
                         a.kind == TokenKind::kWord;
      if (alias) return false;
      return !InEntries(i);
    }
    if (a.IsWord("maxspan") || a.IsWord("runs")) return !b.Is("=");
    if (a.Is("=") && i >= 2 && (t_[i - 2].IsWord("maxspan") || t_[i - 2].IsWord("runs"))) {
      return false;
    }
    if (a.Is("-") || a.Is("+")) {
      // A sign, not an operator, after what is no operand.
      return i >= 2 && EndsOperand(t_[i - 2]) && !t_[i - 2].Is("{");
    }
    return true;
  }

  std::string Flat(size_t begin, size_t end) const {
    std::string line;
    for (size_t i = begin; i < end; ++i) {
      if (i > begin && SpaceBetween(i)) line += ' ';
      line += IsComment(t_[i]) ? Trimmed(t_[i].text) : t_[i].text;
    }
    return line;
  }

  bool HasLineComment(size_t begin, size_t end) const {
    for (size_t i = begin; i < end; ++i) {
      if (IsComment(t_[i])) return true;
    }
    return false;
  }

  void Line(std::string_view text, size_t indent) {
    out_.append(indent, ' ').append(text).append("\n");
  }

  // The tokens as one line if they fit, else broken.
  void Lines(size_t begin, size_t end, size_t indent) { Broken(begin, end, indent, indent + 4); }

  void Broken(size_t begin, size_t end, size_t indent, size_t more) {
    if (begin >= end) return;
    if (HasLineComment(begin, end)) {
      SplitAtComments(begin, end, indent, more);
      return;
    }
    const std::string flat = Flat(begin, end);
    if (indent + WidthOf(flat) <= kWidth) {
      Line(flat, indent);
      return;
    }
    for (const std::string_view word : {"or", "and"}) {
      if (SplitAtWord(word, begin, end, indent, more)) return;
    }
    if (SplitAtBracket(begin, end, indent)) return;
    Line(flat, indent);
  }

  // A comment ends its line, and the next one goes on behind it.
  void SplitAtComments(size_t begin, size_t end, size_t indent, size_t more) {
    size_t from = begin;
    size_t own = indent;
    for (size_t i = begin; i < end; ++i) {
      if (!IsComment(t_[i])) continue;
      if (i > from) {
        Broken(from, i, own, more);
        own = more;
      }
      if (t_[i].newlines_before == 0 && i > begin) {
        out_.pop_back();
        out_ += "  ";
        out_ += Trimmed(t_[i].text);
        out_ += '\n';
      } else {
        Line(Trimmed(t_[i].text), i == begin ? own : more);
      }
      own = more;
      from = i + 1;
    }
    Broken(from, end, own, more);
  }

  bool SplitAtWord(std::string_view word, size_t begin, size_t end, size_t indent, size_t more) {
    int depth = 0;
    size_t from = begin;
    size_t own = indent;
    bool split = false;
    for (size_t i = begin; i < end; ++i) {
      if (depth == 0 && i > from && t_[i].IsWord(word) && EndsOperand(t_[i - 1])) {
        Broken(from, i, own, own == indent ? more : own + 4);
        from = i;
        own = more;
        split = true;
      }
      if (Opens(t_[i])) ++depth;
      if (Closes(t_[i])) --depth;
    }
    if (split) Broken(from, end, own, own + 4);
    return split;
  }

  // The widest bracket group is opened up: its inside on lines of its own.
  bool SplitAtBracket(size_t begin, size_t end, size_t indent) {
    size_t best = end;
    size_t best_close = end;
    for (size_t i = begin; i < end; ++i) {
      if (!Opens(t_[i])) continue;
      const size_t close = Matching(i);
      if (close < end && close > i + 1 && (best == end || close - i > best_close - best)) {
        best = i;
        best_close = close;
      }
      i = std::min(close, end - 1);
    }
    if (best == end) return false;
    Line(Flat(begin, best + 1), indent);
    Items(best + 1, best_close, indent + 2);
    Broken(best_close, end, indent, indent + 4);
    return true;
  }

  // Items between commas, as many on a line as fit; a condition without commas is broken as such.
  void Items(size_t begin, size_t end, size_t indent) {
    std::string line;
    size_t from = begin;
    int depth = 0;
    bool has_comma = false;
    const auto flush = [&] {
      if (!line.empty()) Line(line, indent);
      line.clear();
    };
    for (size_t i = begin; i <= end; ++i) {
      const bool at_end = i == end;
      if (!at_end && Opens(t_[i])) ++depth;
      if (!at_end && Closes(t_[i])) --depth;
      if (!at_end && !(depth == 0 && t_[i].Is(","))) continue;
      const size_t stop = at_end ? i : i + 1;
      has_comma = has_comma || !at_end;
      if (!has_comma) {
        Broken(begin, end, indent, indent + 4);
        return;
      }
      if (from >= stop) break;
      if (HasLineComment(from, stop)) {
        flush();
        Broken(from, stop, indent, indent + 2);
      } else {
        const std::string item = Flat(from, stop);
        if (indent + WidthOf(line) + 1 + WidthOf(item) > kWidth) flush();
        if (indent + WidthOf(item) > kWidth) {
          Broken(from, stop, indent, indent + 2);
        } else {
          line += (line.empty() ? "" : " ") + item;
        }
      }
      from = stop;
    }
    flush();
  }

  std::span<const Token> t_;
  std::string out_;
  bool after_comment_ = false;
};

// Whether both texts have the same tokens: what the formatter may never change.
bool SameTokens(std::span<const Token> a, std::string_view text) {
  DiagnosticSink sink;
  Reporter reporter("", text, &sink);
  const std::vector<Token> b = Tokenize(text, true, &reporter);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Token& x, const Token& y) {
    const bool comment = x.kind == TokenKind::kComment;
    return x.kind == y.kind && (comment || x.text == y.text);
  });
}

}  // namespace
}  // namespace lang

std::string FormatVedette(std::string_view text, std::string_view name,
                          DiagnosticSink* diagnostics) {
  DiagnosticSink sink;
  lang::Reporter reporter(name, text, &sink);
  lang::ParseFile(text, "query", &reporter);
  if (reporter.errors() > 0) {
    if (diagnostics != nullptr) {
      for (Diagnostic& d : sink.Take()) diagnostics->Add(std::move(d));
    }
    return std::string(text);
  }
  DiagnosticSink unused;
  lang::Reporter quiet(name, text, &unused);
  const std::vector<lang::Token> tokens = lang::Tokenize(text, true, &quiet);
  std::string out = lang::Formatter(tokens).Run();
  return lang::SameTokens(tokens, out) ? out : std::string(text);
}

}  // namespace vedette::inline v0
