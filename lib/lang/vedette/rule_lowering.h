// Rules of the Vedette language to IR rules and correlations.
#ifndef VEDETTE_LIB_LANG_VEDETTE_RULE_LOWERING_H_
#define VEDETTE_LIB_LANG_VEDETTE_RULE_LOWERING_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/ir/ir.h"
#include "lib/lang/vedette/ast.h"
#include "lib/lang/vedette/lower.h"
#include "lib/lang/vedette/report.h"

namespace vedette::inline v0::lang {

// A rule after lowering: one event at a time, or a correlation whose references have their text
// only.
struct LoweredRule {
  RuleMeta meta;
  bool emits = true;
  bool is_event = true;
  IrRule event;
  CorrelationSpec correlation;
  std::vector<RuleTest> tests;
  SourceSpan span;
  // Of the references of the correlation, in the order of sources and of rules in them.
  std::vector<SourceSpan> reference_spans;
};

// Fills `meta` from the entries of a rule, and whether it emits; oddities are warnings. False for
// what cannot be used.
bool LowerMeta(const std::vector<MetaAst>& entries, RuleMeta* meta, bool* emits,
               Reporter* reporter);

// Lowers the rules of one source text.
class RuleLowering {
 public:
  RuleLowering(const FunctionRegistry* functions, Reporter* reporter)
      : reporter_(reporter), expressions_(functions, reporter) {}

  // The field that the category of a query is a value of; `event.category` unless set.
  void set_category_field(std::string field) { expressions_.set_category_field(std::move(field)); }
  // Collects lists, maps and lets; names used twice are errors.
  void Declare(const FileAst& file);
  // Nothing after a report.
  std::optional<LoweredRule> Lower(const RuleAst& rule, std::string_view source_name);
  // The `match` of a rule alone; warns of nothing that only a whole rule can do.
  std::optional<LoweredRule> LowerMatch(const RuleAst& rule);
  // Lets of the file that no rule used are warnings.
  void ReportUnused(const FileAst& file);

 private:
  bool LowerEvent(const RuleAst& rule, const Scope& scope, LoweredRule* out);
  bool LowerCorrelation(const RuleAst& rule, Scope scope, LoweredRule* out);
  bool LowerSource(const SourceAst& source, const std::vector<Ast>& shared_keys, const Scope& scope,
                   bool sees_earlier, LoweredRule* rule, CorrelationSource* out);
  bool LowerActions(const RuleAst& rule, const Scope& scope, RuleActions* out);
  bool LowerSuppress(const RuleAst& rule, Scope scope, const std::vector<Key>* match_keys,
                     RuleActions* out);
  bool CheckShape(const RuleAst& rule, const CorrelationSpec& spec);
  bool CheckSequence(const RuleAst& rule, const CorrelationSpec& spec);
  bool NoLeftovers(const RuleAst& rule);

  Reporter* reporter_;
  ExpressionLowering expressions_;
  Scope scope_;
};

}  // namespace vedette::inline v0::lang

#endif  // VEDETTE_LIB_LANG_VEDETTE_RULE_LOWERING_H_
