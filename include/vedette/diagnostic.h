// Diagnostics: what is wrong with a rule, said to the author of the rule.
#ifndef VEDETTE_DIAGNOSTIC_H_
#define VEDETTE_DIAGNOSTIC_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::inline v0 {

enum class Severity : uint8_t { kNote, kWarning, kError };
std::string_view SeverityName(Severity severity);

// A place in a source text: 1-based line and column (in bytes), and how many bytes of that line
// are meant. Line 0: the whole source.
struct SourceSpan {
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t length = 0;
};

// One finding. `code` is stable ("SIG0012") and documented in docs/diagnostics.md. Value type.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;
  std::string message;
  std::string source;  // file name
  SourceSpan span;
  std::string line_text;  // the line of the source that the span is in, for the caret
  std::vector<std::string> notes;
  std::string hint;  // what to write instead
  std::string rule;  // title or id of the rule, if known
};

// `file:3:7: error: message [SIG0012]`, the line with a caret, notes and hint; ends in a newline.
// `color` adds terminal colours. Control characters of the source are shown as "?".
std::string FormatDiagnostic(const Diagnostic& diagnostic, bool color = false);
// One JSON object, for tools.
std::string DiagnosticToJson(const Diagnostic& diagnostic);

// The text of line `line` (1-based) of `text`, without its end; at most 400 bytes.
std::string SourceLine(std::string_view text, uint32_t line);

// Collects diagnostics. Thread-compatible.
class DiagnosticSink {
 public:
  void Add(Diagnostic diagnostic);
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  std::vector<Diagnostic> Take() { return std::move(diagnostics_); }
  size_t errors() const { return errors_; }

 private:
  std::vector<Diagnostic> diagnostics_;
  size_t errors_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_DIAGNOSTIC_H_
