#include "lib/cli/report.h"

#include "lib/cli/text.h"

namespace vedette::inline v0::cli {

std::string ShowDiagnostic(const Diagnostic& diagnostic, bool color) {
  Diagnostic clean = diagnostic;
  clean.message = Clean(clean.message);
  clean.source = Clean(clean.source);
  clean.line_text = Clean(clean.line_text);
  clean.hint = Clean(clean.hint);
  clean.rule = Clean(clean.rule);
  for (std::string& note : clean.notes) note = Clean(note);
  return FormatDiagnostic(clean, color);
}

void WriteLines(std::string_view text, Console* console) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    console->out->WriteLine(Clean(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void ReportSkipped(const LoadedRules& rules, Console* console) {
  constexpr size_t kMaxShown = 10;
  size_t errors = 0;
  for (const Diagnostic& d : rules.diagnostics) {
    if (d.severity != Severity::kError) continue;
    if (++errors > kMaxShown) continue;
    const std::string text = ShowDiagnostic(d, console->color_err);
    console->err->WriteLine(text.substr(0, text.find('\n')));
  }
  if (errors == 0) return;
  const std::string more =
      errors > kMaxShown ? " and " + Count(errors - kMaxShown, "more error") : "";
  console->Error(Count(rules.stats.rules_skipped, "rule, filter or correlation",
                       "rules, filters or correlations") +
                 " skipped" + more + "; `vedette check` tells all");
}

void ReportNotRead(const LoadedRules& rules, Console* console) {
  const NotRead& n = rules.not_read;
  std::string list;
  const auto add = [&list](size_t count, std::string_view one, std::string_view many) {
    if (count > 0) list.append(list.empty() ? "" : ", ").append(Count(count, one, many));
  };
  add(n.hidden, "hidden file or folder", "hidden files or folders");
  add(n.dangling, "link to nothing", "links to nothing");
  add(n.linked_folders, "link to a folder", "links to folders");
  if (!list.empty()) console->Error("note: not read among the rules: " + list);
}

}  // namespace vedette::inline v0::cli
