// Diagnostics for the reader of a terminal.
#ifndef VEDETTE_LIB_CLI_REPORT_H_
#define VEDETTE_LIB_CLI_REPORT_H_

#include <string>
#include <string_view>

#include "lib/cli/load.h"
#include "lib/cli/terminal.h"
#include "vedette/diagnostic.h"

namespace vedette::inline v0::cli {

// FormatDiagnostic without anything that a terminal would obey.
std::string ShowDiagnostic(const Diagnostic& diagnostic, bool color);

// `text` on the output, each of its lines without anything that a terminal would obey.
void WriteLines(std::string_view text, Console* console);

// On the error stream: how many rules, filters and correlations were left out and the first
// reasons, one line each. These are errors: they are told also when the user wants quiet.
void ReportSkipped(const LoadedRules& rules, Console* console);

// A note on the error stream about what was passed over in folders of rules, if something was.
void ReportNotRead(const LoadedRules& rules, Console* console);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_REPORT_H_
