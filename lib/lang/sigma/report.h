// Diagnostics of one source text: places, lines and suggestions.
#ifndef VEDETTE_LIB_LANG_SIGMA_REPORT_H_
#define VEDETTE_LIB_LANG_SIGMA_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/diagnostic.h"
#include "vedette/rule.h"

namespace vedette::inline v0::sigma {

// A source with the offsets of its lines. The RuleSource must outlive it.
class SigmaText {
 public:
  explicit SigmaText(const RuleSource& source);

  const std::string& name() const { return source_->name; }
  // Without a byte order mark: places count from the first character.
  std::string_view text() const { return text_; }
  // Line `line` (1-based) without its end; "" beyond the text.
  std::string_view Line(uint32_t line) const;
  // The byte offset of a 1-based place; the size of the text if there is no such place.
  size_t Offset(uint32_t line, uint32_t column) const;
  SourceSpan SpanAt(size_t offset, size_t length) const;
  uint32_t lines() const { return static_cast<uint32_t>(starts_.size()); }

 private:
  const RuleSource* source_;
  std::string_view text_;
  std::vector<size_t> starts_;
};

struct DiagnosticExtras {
  std::string hint;
  std::vector<std::string> notes;
};

// Says what is wrong with one document. After kMaxReports it only counts, so that a hostile text
// cannot make the output larger than itself.
class Reporter {
 public:
  Reporter(const SigmaText* text, DiagnosticSink* sink, bool lint)
      : text_(text), sink_(sink), lint_(lint) {}

  // To say the rest elsewhere.
  void set_sink(DiagnosticSink* sink) { sink_ = sink; }
  void set_rule(std::string rule) { rule_ = std::move(rule); }
  const SigmaText& text() const { return *text_; }
  size_t errors() const { return errors_; }
  // "did you mean 'x'?", or "" if nothing is near, or if nothing more is reported anyway.
  std::string Suggest(std::string_view word, const std::vector<std::string_view>& candidates) const;

  void Error(std::string_view code, SourceSpan span, std::string message,
             DiagnosticExtras extras = {});
  // A warning that stands even when lints are off.
  void Warning(std::string_view code, SourceSpan span, std::string message,
               DiagnosticExtras extras = {});
  void Lint(std::string_view code, SourceSpan span, std::string message,
            DiagnosticExtras extras = {});

 private:
  static constexpr size_t kMaxReports = 100;

  void Add(Severity severity, std::string_view code, SourceSpan span, std::string message,
           DiagnosticExtras extras);

  const SigmaText* text_;
  DiagnosticSink* sink_;
  bool lint_;
  std::string rule_;
  size_t errors_ = 0;
  size_t reports_ = 0;
};

// The candidate nearest to `word` by edit distance, if it is near enough to be a slip; else "".
std::string Nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// For messages: at most 60 bytes, cut at a character, in single quotes.
std::string Quoted(std::string_view text);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_REPORT_H_
