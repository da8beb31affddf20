// `vedette convert`: rules of any language as text of the Vedette language.
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"
#include "vedette/frontends/vedette.h"

namespace vedette::inline v0::cli {
namespace {

int Convert(const Options& options, Console* console) {
  const absl::StatusOr<LoadedRules> rules =
      LoadRules(options, options.arguments(), {.convert = true});
  if (!rules.ok()) return Fail(rules.status(), "convert", console);
  ReportNotRead(*rules, console);
  size_t errors = 0;
  for (const Diagnostic& d : rules->diagnostics) {
    if (d.severity != Severity::kError) continue;
    ++errors;
    console->err->Write(ShowDiagnostic(d, console->color_err));
  }
  std::string text;
  std::string_view source;
  for (const ConvertedRule& rule : rules->converted) {
    if (!text.empty()) text += "\n";
    if (rule.source != source) text += "// " + Clean(rule.source) + "\n";
    source = rule.source;
    text += rule.text;
  }
  console->out->Write(FormatVedette(text));
  console->err->WriteLine("converted " + Count(rules->converted.size(), "rule") + " of " +
                          Count(rules->files, "file") +
                          (errors > 0 ? ", " + Count(errors, "error") : ""));
  return errors > 0 ? kExitFailed : kExitOk;
}

}  // namespace

Command ConvertCommand() {
  CommandSpec spec;
  spec.name = "convert";
  spec.arguments = "PATH...";
  spec.summary = "Print rules of any language in the Vedette language.";
  spec.description =
      "The text compiles to equal rules: the same condition, log source and metadata, with the "
      "author's named parts as `let`. Rules that cannot be compiled are named on standard error "
      "and left out; the exit code is 1 then.";
  spec.examples =
      "vedette convert rules/windows > rules.vdt\n"
      "vedette convert --pipeline sysmon.yml rule.yml";
  spec.max_arguments = SIZE_MAX;
  spec.options = RuleOptions();
  spec.options.push_back(
      {"to", 0, OptionKind::kValue, "LANGUAGE", "vedette (the only one yet).", "vedette"});
  spec.options.push_back(kColorOption);
  return {std::move(spec), Convert};
}

}  // namespace vedette::inline v0::cli
