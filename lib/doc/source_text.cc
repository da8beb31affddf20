#include "lib/doc/source_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/base/utf8.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxLineBytes = 400;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool StartsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Walks through a string literal and notes where each byte of its value comes from.
class Locator {
 public:
  Locator(std::string_view file, size_t offset, std::string_view value)
      : file_(file), at_(offset), value_(value) {}

  bool Run(StringSyntax syntax, LocatedText* out) {
    const bool multi_line = Open(syntax);
    while (done_ < value_.size()) {
      if (at_ >= file_.size()) return false;
      const size_t begin = at_;
      std::string unit(1, file_[at_++]);
      if (unit[0] == '\\' && escapes_) {
        if (multi_line && SkipLineEnd()) continue;
        unit.clear();
        if (!Escape(&unit)) return false;
      }
      if (value_.substr(done_, unit.size()) != unit) {
        if (unit == "\r") continue;  // line ends may have been normalized
        return false;
      }
      Note(begin, unit.size(), out);
    }
    if (out->runs.empty()) out->runs.push_back({0, at_});
    return true;
  }

 private:
  // Past the opening quotes; true if the literal has several lines.
  bool Open(StringSyntax syntax) {
    const std::string_view rest = file_.substr(at_);
    escapes_ = syntax == StringSyntax::kJson || !rest.starts_with('\'');
    if (syntax == StringSyntax::kJson || !(rest.starts_with("\"\"\"") || rest.starts_with("'''"))) {
      at_ += 1;
      return false;
    }
    at_ += 3;
    if (file_.substr(std::min(at_, file_.size())).starts_with("\r\n")) {
      at_ += 2;
    } else if (at_ < file_.size() && file_[at_] == '\n') {
      at_ += 1;
    }
    return true;
  }

  // TOML: a backslash at the end of a line takes all blanks and line ends behind it along.
  bool SkipLineEnd() {
    const size_t next = std::min(file_.find_first_not_of(" \t\r\n", at_), file_.size());
    if (file_.substr(at_, next - at_).find('\n') == std::string_view::npos) return false;
    at_ = next;
    return true;
  }

  bool Escape(std::string* unit) {
    if (at_ >= file_.size()) return false;
    const char c = file_[at_++];
    if (c == 'u' || c == 'U' || c == 'x') {
      const size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 2;
      std::optional<uint32_t> code = HexDigits(file_.substr(at_), digits);
      if (!code.has_value()) return false;
      at_ += digits;
      if (*code >= 0xD800 && *code < 0xDC00 && file_.substr(at_).starts_with("\\u")) {
        const std::optional<uint32_t> low = HexDigits(file_.substr(at_ + 2), 4);
        if (low.has_value() && *low >= 0xDC00 && *low < 0xE000) {
          code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
          at_ += 6;
        }
      }
      AppendUtf8(*code, unit);
      return true;
    }
    constexpr std::string_view kLetters = "btnfre";
    constexpr std::string_view kMeanings = "\b\t\n\f\r\x1b";
    const size_t letter = kLetters.find(c);
    *unit += letter == std::string_view::npos ? c : kMeanings[letter];
    return true;
  }

  void Note(size_t begin, size_t size, LocatedText* out) {
    const bool follows = size == 1 && at_ == begin + 1 && expected_ == begin && !out->runs.empty();
    if (!follows) out->runs.push_back({done_, begin});
    // The bytes of one escape do not stand side by side: what follows starts a new run.
    expected_ = size == 1 && at_ == begin + 1 ? at_ : std::string_view::npos;
    done_ += size;
  }

  std::string_view file_;
  size_t at_;
  std::string_view value_;
  size_t done_ = 0;
  size_t expected_ = std::string_view::npos;
  bool escapes_ = true;
};

}  // namespace

SourceText::SourceText(const RuleSource& source) : source_(&source) {
  const std::string& text = source.text;
  size_t points = 0;
  const size_t mark = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  lines_.push_back(mark);
  for (size_t i = 0; i < text.size(); ++i) {
    if (i % kBlock == 0) points_.push_back(points);
    if (i >= mark && StartsCodePoint(text[i])) ++points;
    if (text[i] == '\n') lines_.push_back(i + 1);
  }
}

size_t SourceText::CodePointsBefore(size_t offset) const {
  const size_t block = offset / kBlock;
  if (block >= points_.size()) return 0;
  size_t points = points_[block];
  for (size_t i = block * kBlock; i < offset; ++i) {
    if (i >= lines_[0] && StartsCodePoint(text()[i])) ++points;
  }
  return points;
}

size_t SourceText::OffsetOf(uint32_t line, uint32_t column) const {
  if (line == 0 || line > lines_.size()) return text().size();
  const size_t start = lines_[line - 1];
  const size_t end = line < lines_.size() ? lines_[line] - 1 : text().size();
  if (start >= end || column <= 1) return start;
  // The last block that begins at or before the wanted code point; then step by step.
  const size_t wanted = CodePointsBefore(start) + column - 1;
  const auto after = std::upper_bound(points_.begin(), points_.end(), wanted);
  const size_t block =
      after == points_.begin() ? 0 : static_cast<size_t>(after - points_.begin()) - 1;
  size_t i = std::max(block * kBlock, start);
  size_t points = CodePointsBefore(i);
  while (i < end && !(points == wanted && StartsCodePoint(text()[i]))) {
    if (StartsCodePoint(text()[i])) ++points;
    ++i;
  }
  return i;
}

SourceSpan SourceText::SpanAt(size_t offset, size_t length) const {
  offset = std::min(offset, text().size());
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  const size_t line = next == lines_.begin() ? 1 : static_cast<size_t>(next - lines_.begin());
  const size_t start = line == 1 ? 0 : lines_[line - 1];
  size_t end = line < lines_.size() ? lines_[line] - 1 : text().size();
  if (end > offset && text()[end - 1] == '\r') --end;
  SourceSpan span;
  span.line = static_cast<uint32_t>(line);
  span.column = static_cast<uint32_t>(offset - start + 1);
  span.length = static_cast<uint32_t>(std::min(length, end - std::min(end, offset)));
  return span;
}

std::string SourceText::Line(uint32_t line) const {
  if (line == 0 || line > lines_.size()) return "";
  const size_t start = line == 1 ? 0 : lines_[line - 1];
  const size_t end = std::min(text().find('\n', start), text().size());
  std::string out(text().substr(start, std::min(end - start, kMaxLineBytes)));
  if (out.ends_with('\r')) out.pop_back();
  return out;
}

size_t LocatedText::FileOffset(size_t at) const {
  if (runs.empty()) return 0;
  if (!exact) return runs[0].file_offset;
  const auto next = std::upper_bound(runs.begin(), runs.end(), at,
                                     [](size_t a, const Run& run) { return a < run.text_offset; });
  if (next == runs.begin()) return runs[0].file_offset;
  const Run& run = *(next - 1);
  return run.file_offset + (at - run.text_offset);
}

LocatedText LocateString(std::string_view file, size_t offset, StringSyntax syntax,
                         std::string_view value) {
  LocatedText out;
  out.text = value;
  if (offset >= file.size() || !Locator(file, offset, value).Run(syntax, &out)) {
    out.runs.assign(1, {0, offset});
    out.exact = false;
  }
  return out;
}

}  // namespace vedette::inline v0
