#include "lib/lang/vedette/report.h"

#include <algorithm>
#include <utility>

namespace vedette::inline v0::lang {
namespace {

constexpr size_t kMaxErrors = 100;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Letters to insert, take away, change or swap with the next, without regard to case; names are
// short.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  const auto same = [&](size_t i, size_t j) { return Lower(a[i - 1]) == Lower(b[j - 1]); };
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = last[j - 1] + (same(i, j) ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && same(i, j - 1) && same(i - 1, j);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 60)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  return out + (text.size() > 60 ? "..'" : "'");
}

std::string Suggest(std::string_view wrong, const std::vector<std::string_view>& names,
                    size_t most) {
  if (wrong.empty() || wrong.size() > 100) return "";
  std::string_view best;
  size_t best_distance = std::min(most, std::max<size_t>(1, wrong.size() / 3)) + 1;
  for (const std::string_view name : names) {
    const size_t gap =
        name.size() > wrong.size() ? name.size() - wrong.size() : wrong.size() - name.size();
    if (gap >= best_distance) continue;
    const size_t distance = Distance(wrong, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best.empty() ? "" : "did you mean " + Quoted(best) + "?";
}

void Reporter::Error(std::string_view code, SourceSpan span, std::string message, std::string hint,
                     std::vector<std::string> notes) {
  ++errors_;
  if (errors_ > kMaxErrors) return;
  if (errors_ == kMaxErrors) notes.push_back("further errors of this file are not shown");
  Add(Severity::kError, code, span, std::move(message), std::move(hint), std::move(notes));
}

void Reporter::Warning(std::string_view code, SourceSpan span, std::string message,
                       std::string hint) {
  Add(Severity::kWarning, code, span, std::move(message), std::move(hint), {});
}

void Reporter::Add(Severity severity, std::string_view code, SourceSpan span, std::string message,
                   std::string hint, std::vector<std::string> notes) {
  Diagnostic d;
  d.severity = severity;
  d.code = code;
  d.message = std::move(message);
  d.hint = std::move(hint);
  d.notes = std::move(notes);
  d.source = name_;
  d.span = place_ ? place_(span) : span;
  d.line_text = SourceLine(text_, d.span.line);
  d.rule = rule_;
  sink_->Add(std::move(d));
}

}  // namespace vedette::inline v0::lang
