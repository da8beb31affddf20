// Warnings about rules that compile but are hardly what their authors meant.
#ifndef VEDETTE_LIB_COMPILER_LINT_H_
#define VEDETTE_LIB_COMPILER_LINT_H_

#include <map>
#include <string>

#include "lib/ir/ir.h"
#include "vedette/diagnostic.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

// Looks at the verified rules of one compilation, in any language. Thread-compatible.
class Linter {
 public:
  // Both must outlive it; `rules` has the texts, for carets.
  Linter(const RuleSet& rules, DiagnosticSink* diagnostics);

  // The condition as the front-end made it, not simplified yet.
  void Look(const IrRule& rule);
  void Look(const CorrelationSpec& spec);

 private:
  void LookAtMeta(const RuleMeta& meta);
  void LookAtTwins(const RuleMeta& meta, std::string key);
  void LookAtCondition(const Formula& condition, const RuleMeta& meta, bool is_whole);
  void LookAtParts(const Formula& formula, NodeKind parent, const RuleMeta& meta);
  void LookAtJoin(const Formula& formula, const RuleMeta& meta);
  void LookAtRegex(const Formula& formula, const RuleMeta& meta);
  void Warn(std::string code, SourceSpan span, std::string message, std::string hint,
            const RuleMeta& meta);

  std::map<std::string, const RuleSource*, std::less<>> sources_;
  DiagnosticSink* diagnostics_;
  std::map<std::string, std::string> by_meaning_;  // where the first rule of that meaning is
  std::map<std::string, std::string> by_id_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_COMPILER_LINT_H_
