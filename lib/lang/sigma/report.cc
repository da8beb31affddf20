#include "lib/lang/sigma/report.h"

#include <algorithm>
#include <utility>

namespace vedette::inline v0::sigma {
namespace {

constexpr size_t kMaxLineBytes = 400;
constexpr size_t kMaxCandidates = 200;
constexpr size_t kMaxWord = 64;

// Optimal string alignment: like Levenshtein, and two neighbours swapped count as one slip.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string AsciiLower(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

}  // namespace

SigmaText::SigmaText(const RuleSource& source) : source_(&source), text_(source.text) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  starts_.push_back(0);
  for (size_t i = text_.find('\n'); i != std::string_view::npos; i = text_.find('\n', i + 1)) {
    starts_.push_back(i + 1);
  }
}

std::string_view SigmaText::Line(uint32_t line) const {
  if (line == 0 || line > starts_.size()) return "";
  const size_t begin = starts_[line - 1];
  const size_t end = line < starts_.size() ? starts_[line] - 1 : text().size();
  std::string_view out = text().substr(begin, end - begin);
  if (out.ends_with('\r')) out.remove_suffix(1);
  return out;
}

size_t SigmaText::Offset(uint32_t line, uint32_t column) const {
  if (line == 0 || line > starts_.size()) return text().size();
  const size_t offset = starts_[line - 1] + (column == 0 ? 0 : column - 1);
  return std::min(offset, text().size());
}

SourceSpan SigmaText::SpanAt(size_t offset, size_t length) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const size_t line = static_cast<size_t>(next - starts_.begin());
  SourceSpan span;
  span.line = static_cast<uint32_t>(line);
  span.column = static_cast<uint32_t>(offset - starts_[line - 1] + 1);
  span.length = static_cast<uint32_t>(length);
  return span;
}

void Reporter::Error(std::string_view code, SourceSpan span, std::string message,
                     DiagnosticExtras extras) {
  ++errors_;
  Add(Severity::kError, code, span, std::move(message), std::move(extras));
}

void Reporter::Warning(std::string_view code, SourceSpan span, std::string message,
                       DiagnosticExtras extras) {
  Add(Severity::kWarning, code, span, std::move(message), std::move(extras));
}

void Reporter::Lint(std::string_view code, SourceSpan span, std::string message,
                    DiagnosticExtras extras) {
  if (lint_) Add(Severity::kWarning, code, span, std::move(message), std::move(extras));
}

void Reporter::Add(Severity severity, std::string_view code, SourceSpan span, std::string message,
                   DiagnosticExtras extras) {
  // The first error is always said, however many warnings came before it.
  const bool first_error = severity == Severity::kError && errors_ == 1;
  if (++reports_ > kMaxReports && !first_error) return;
  Diagnostic d;
  d.severity = severity;
  d.code = code;
  d.message = std::move(message);
  d.source = text_->name();
  d.span = span;
  const std::string_view line = text_->Line(span.line);
  d.line_text = line.substr(0, kMaxLineBytes);
  const size_t room = line.size() - std::min<size_t>(line.size(), span.column - 1);
  if (span.column != 0) d.span.length = static_cast<uint32_t>(std::min<size_t>(span.length, room));
  d.notes = std::move(extras.notes);
  d.hint = std::move(extras.hint);
  d.rule = rule_;
  sink_->Add(std::move(d));
}

std::string Nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.empty() || word.size() > kMaxWord) return "";
  const std::string folded = AsciiLower(word);
  size_t best = 1 + word.size() / 3;
  std::string nearest;
  for (size_t i = 0; i < std::min(candidates.size(), kMaxCandidates); ++i) {
    const std::string_view candidate = candidates[i];
    const size_t longer = std::max(candidate.size(), word.size());
    const size_t shorter = std::min(candidate.size(), word.size());
    if (longer - shorter > best || candidate.empty()) continue;
    const size_t distance = EditDistance(folded, AsciiLower(candidate));
    if (distance < best || (distance == best && nearest.empty() && distance < longer)) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string Reporter::Suggest(std::string_view word,
                              const std::vector<std::string_view>& candidates) const {
  if (reports_ >= kMaxReports) return "";
  const std::string nearest = Nearest(word, candidates);
  return nearest.empty() ? "" : "did you mean '" + nearest + "'?";
}

std::string Quoted(std::string_view text) {
  constexpr size_t kMax = 60;
  std::string out = "'";
  size_t n = std::min(text.size(), kMax);
  while (n < text.size() && n > 0 && (static_cast<unsigned char>(text[n]) & 0xC0) == 0x80) --n;
  out += text.substr(0, n);
  if (n < text.size()) out += "...";
  return out + "'";
}

}  // namespace vedette::inline v0::sigma
