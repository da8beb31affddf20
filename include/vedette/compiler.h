// Rule texts to a Program.
#ifndef VEDETTE_COMPILER_H_
#define VEDETTE_COMPILER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "vedette/diagnostic.h"
#include "vedette/frontend.h"
#include "vedette/function.h"
#include "vedette/indicator_set.h"
#include "vedette/logsource.h"
#include "vedette/program.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

struct CompilerOptions {
  // Tells the log source of an event; the built-in table unless set.
  const LogSourceTable* log_sources = nullptr;
  // What rules may call besides the built-in functions; must outlive the compiler.
  const FunctionRegistry* functions = nullptr;
  // What the host will give to evaluators; a rule that asks for a set that is not there is a
  // warning (VED0012). Not kept by the program; must outlive the compiler.
  const IndicatorSets* indicator_sets = nullptr;
  // A rule whose compiled regular expressions need more memory than this is refused (VED0004).
  int64_t max_regex_bytes = int64_t{8} << 20;
  // Deeper conditions and larger rules are refused (VED0002, VED0003).
  size_t max_condition_depth = 128;
  size_t max_predicates_per_rule = 100000;
  // Warnings about rules that compile but are hardly what was meant (VED0013 to VED0020).
  bool lint = false;
  // Rules that are silent (`emit = false`, or named by a correlation of Sigma) give detections,
  // too: for tests of rules by themselves.
  bool emit_all = false;
};

struct CompileStats {
  size_t sources = 0;
  size_t rules_loaded = 0;
  size_t rules_skipped = 0;     // refused, each named by an error diagnostic
  size_t rules_unroutable = 0;  // loaded, but no row of the log source table leads to them
  size_t correlations = 0;      // rules over several events, compiled
  size_t predicates = 0;        // distinct, over all rules
};

struct CompileResult {
  std::shared_ptr<const Program> program;
  std::vector<Diagnostic> diagnostics;  // every skipped rule has an error here
  std::vector<RuleTest> tests;          // that the rules hold
  CompileStats stats;
};

// A rule as text of the Vedette language.
struct ConvertedRule {
  std::string source;  // file it came from
  std::string name;    // in the text; unique within the result
  std::string text;    // the whole rule; FormatVedette lays it out
};

struct ConvertResult {
  std::vector<ConvertedRule> rules;
  std::vector<Diagnostic> diagnostics;  // every rule left out has an error here
};

// Compiles rule sets. Configure it from one thread; Compile is const and thread-safe.
//
//   vedette::Compiler compiler;
//   compiler.AddFrontend(vedette::SigmaFrontend());
//   vedette::RuleSet rules;
//   rules.Add("a.yml", text);
//   absl::StatusOr<vedette::CompileResult> built = compiler.Compile(rules);
class Compiler {
 public:
  explicit Compiler(CompilerOptions options = {});
  ~Compiler();

  void AddFrontend(std::unique_ptr<Frontend> frontend);
  // One bad rule never stops the others: it is left out and named in `diagnostics`. A source that
  // no front-end accepts is an error diagnostic (VED0001). FailedPrecondition without a front-end.
  absl::StatusOr<CompileResult> Compile(const RuleSet& rules) const;
  // The rules, whatever language they are in, as text of the Vedette language (docs/language.md)
  // that compiles to equal rules. Names that are taken get a number behind them; references follow
  // ids and names as they are. FailedPrecondition without a front-end.
  absl::StatusOr<ConvertResult> Convert(const RuleSet& rules) const;

 private:
  void Translate(const RuleSet& rules, IrModule* module, DiagnosticSink* diagnostics) const;

  CompilerOptions options_;
  std::vector<std::unique_ptr<Frontend>> frontends_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_COMPILER_H_
