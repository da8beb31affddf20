// Rule texts to a Program.
#ifndef VEDETTE_COMPILER_H_
#define VEDETTE_COMPILER_H_

#include <cstdint>
#include <memory>
#include <string>
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
  // Once the program is about so large, further rules are refused (VED0021).
  size_t max_program_bytes = size_t{1} << 30;
  // Fields that rules over several events keep of each event, if it has them, beside those that
  // they look at: they stand in the evidence of detections, and each takes memory of every kept
  // record. State (snapshots) belongs to the fields it was made with. For alerts: EntityFields()
  // (vedette/alert/entity.h). A name that is no field path is InvalidArgument of Compile.
  std::vector<std::string> evidence_fields;
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

// What a compiler keeps of the rules that it compiled last, so that it works only on what changed
// when it compiles them again: of each source with the same name and text (compared whole) what was
// read, and of each rule its compiled form. The result is the same as without it, byte for byte in
// SaveProgram, and so are diagnostics. Now only Sigma sources are kept; those of other languages
// are compiled anew each time.
//
// Holds what the last rule set needed and no more; memory_bytes() says how much. Programs do not
// need it. Belongs to the first compiler that it is used with, whose front-ends, functions and log
// source table must stay as they were. Movable; thread-compatible: one compilation at a time.
class CompileCache {
 public:
  CompileCache();
  ~CompileCache();
  CompileCache(CompileCache&&) noexcept;
  CompileCache& operator=(CompileCache&&) noexcept;

  struct Stats {  // of the last compilation
    size_t sources_reused = 0;
    size_t sources_read = 0;
    size_t rules_reused = 0;
    size_t rules_compiled = 0;
  };
  const Stats& stats() const;
  size_t memory_bytes() const;  // an estimate
  // Forgets everything, also whose it was.
  void Clear();

 private:
  friend class Compiler;
  struct Rep;
  std::unique_ptr<Rep> rep_;
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
  // The same, but does only what `cache` does not hold. InvalidArgument if the cache belongs to
  // another compiler, or a front-end was added since.
  absl::StatusOr<CompileResult> Compile(const RuleSet& rules, CompileCache* cache) const;
  // The rules, whatever language they are in, as text of the Vedette language (docs/language.md)
  // that compiles to equal rules. Names that are taken get a number behind them; references follow
  // ids and names as they are. FailedPrecondition without a front-end.
  absl::StatusOr<ConvertResult> Convert(const RuleSet& rules) const;

 private:
  absl::StatusOr<CompileResult> CompileWith(const RuleSet& rules, CompileCache::Rep* cache) const;
  void Translate(const RuleSet& rules, CompileCache::Rep* cache, IrModule* module,
                 DiagnosticSink* diagnostics) const;

  CompilerOptions options_;
  std::vector<std::unique_ptr<Frontend>> frontends_;
  std::shared_ptr<const char> identity_;  // whose address no other compiler has
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_COMPILER_H_
