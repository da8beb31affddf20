#include "vedette/diagnostic.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/json_text.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxLineBytes = 400;
constexpr size_t kWindow = 100;  // of a long line, around the caret

// Text of a rule may hold anything; a terminal must not see its control characters.
std::string Printable(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = c == '\t' ? ' ' : '?';
  }
  return out;
}

// How many terminal cells the first `bytes` bytes of `s` take: continuation bytes take none.
size_t Cells(std::string_view s, size_t bytes) {
  size_t cells = 0;
  for (size_t i = 0; i < std::min(bytes, s.size()); ++i) {
    if ((static_cast<unsigned char>(s[i]) & 0xC0) != 0x80) ++cells;
  }
  return cells;
}

void AppendCaret(const Diagnostic& d, std::string_view caret_color, std::string_view reset,
                 std::string* out) {
  size_t column = d.span.column == 0 ? 0 : d.span.column - 1;
  std::string_view line = d.line_text;
  if (column > kWindow) {
    size_t start = std::min(column - kWindow / 2, line.size());
    while (start < line.size() && (static_cast<unsigned char>(line[start]) & 0xC0) == 0x80) {
      ++start;
    }
    line.remove_prefix(start);
    column -= std::min(column, start);
  }
  line = line.substr(0, std::max(kWindow * 2, column + 1));
  const std::string number = std::to_string(d.span.line);
  out->append("  ").append(number).append(" | ").append(Printable(line)).append("\n");
  if (d.span.column == 0) return;
  out->append(number.size() + 2, ' ').append(" | ");
  out->append(Cells(line, column), ' ').append(caret_color).append("^");
  const size_t length =
      std::min<size_t>(d.span.length, line.size() - std::min(line.size(), column));
  const size_t cells = Cells(line.substr(std::min(line.size(), column)), length);
  if (cells > 1) out->append(cells - 1, '~');
  out->append(reset).append("\n");
}

}  // namespace

std::string_view SeverityName(Severity severity) {
  static constexpr std::array<std::string_view, 3> kSeverities = {"note", "warning", "error"};
  return kSeverities[static_cast<size_t>(severity)];
}

std::string SourceLine(std::string_view text, uint32_t line) {
  for (uint32_t i = 1; i < line; ++i) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text.substr(0, kMaxLineBytes));
}

std::string FormatDiagnostic(const Diagnostic& d, bool color) {
  const std::string_view bold = color ? "\x1b[1m" : "";
  const std::string_view reset = color ? "\x1b[0m" : "";
  std::string_view tint;
  if (color) {
    tint = d.severity == Severity::kError     ? "\x1b[1;31m"
           : d.severity == Severity::kWarning ? "\x1b[1;33m"
                                              : "\x1b[1;36m";
  }
  std::string out(bold);
  out.append(Printable(d.source.empty() ? std::string_view("<rule>") : d.source));
  if (d.span.line != 0) {
    out.append(":").append(std::to_string(d.span.line));
    if (d.span.column != 0) out.append(":").append(std::to_string(d.span.column));
  }
  out.append(": ").append(reset).append(tint).append(SeverityName(d.severity)).append(": ");
  out.append(reset).append(Printable(d.message));
  if (!d.code.empty()) out.append(" [").append(d.code).append("]");
  out.append("\n");
  if (d.span.line != 0 && !d.line_text.empty()) AppendCaret(d, tint, reset, &out);
  if (!d.rule.empty()) out.append("  rule: ").append(Printable(d.rule)).append("\n");
  for (const std::string& note : d.notes)
    out.append("  note: ").append(Printable(note)).append("\n");
  if (!d.hint.empty()) out.append("  hint: ").append(Printable(d.hint)).append("\n");
  return out;
}

std::string DiagnosticToJson(const Diagnostic& d) {
  std::string out = "{";
  AppendJsonField("severity", SeverityName(d.severity), &out);
  AppendJsonField("code", d.code, &out);
  AppendJsonField("message", d.message, &out);
  AppendJsonField("source", d.source, &out);
  out.append(",\"line\":").append(std::to_string(d.span.line));
  out.append(",\"column\":").append(std::to_string(d.span.column));
  out.append(",\"length\":").append(std::to_string(d.span.length));
  out.append(",\"notes\":[");
  for (size_t i = 0; i < d.notes.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendJsonString(d.notes[i], &out);
  }
  out.append("]");
  AppendJsonField("hint", d.hint, &out);
  AppendJsonField("rule", d.rule, &out);
  out.append("}");
  return out;
}

void DiagnosticSink::Add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::kError) ++errors_;
  diagnostics_.push_back(std::move(diagnostic));
}

}  // namespace vedette::inline v0
