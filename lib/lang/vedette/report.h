// Diagnostics of the Vedette language, with the author's line.
#ifndef VEDETTE_LIB_LANG_VEDETTE_REPORT_H_
#define VEDETTE_LIB_LANG_VEDETTE_REPORT_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/diagnostic.h"

namespace vedette::inline v0::lang {

// Reports about one source. At most 100 errors are kept: a file that is no rule file at all has
// said enough by then. Thread-compatible.
class Reporter {
 public:
  // `name` and `text` are the file's, for the author's line; all must outlive it.
  Reporter(std::string_view name, std::string_view text, DiagnosticSink* sink)
      : name_(name), text_(text), sink_(sink) {}

  void Error(std::string_view code, SourceSpan span, std::string message, std::string hint = "",
             std::vector<std::string> notes = {});
  void Warning(std::string_view code, SourceSpan span, std::string message, std::string hint = "");
  // For a query within another file: what the place of a report in the query is in the file.
  void set_place(std::function<SourceSpan(SourceSpan)> place) { place_ = std::move(place); }
  // Whose rule the next reports are about; empty for none.
  void set_rule(std::string rule) { rule_ = std::move(rule); }
  size_t errors() const { return errors_; }

 private:
  void Add(Severity severity, std::string_view code, SourceSpan span, std::string message,
           std::string hint, std::vector<std::string> notes);

  std::string name_;
  std::string_view text_;
  DiagnosticSink* sink_;
  std::function<SourceSpan(SourceSpan)> place_;
  std::string rule_;
  size_t errors_ = 0;
};

// `'name'`, cut if it is long, control characters replaced.
std::string Quoted(std::string_view text);
// "did you mean 'x'?" for the nearest of `names`, or nothing if more than `most` letters differ, or
// more than a third of them.
std::string Suggest(std::string_view wrong, const std::vector<std::string_view>& names,
                    size_t most = 100);

}  // namespace vedette::inline v0::lang

#endif  // VEDETTE_LIB_LANG_VEDETTE_REPORT_H_
