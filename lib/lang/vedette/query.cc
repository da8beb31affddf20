#include "lib/lang/vedette/query.h"

#include <string>
#include <utility>

#include "lib/lang/vedette/parser.h"
#include "lib/lang/vedette/rule_lowering.h"

namespace vedette::inline v0::lang {

std::optional<QueryIr> LowerEqlQuery(std::string_view text, const FunctionRegistry* functions,
                                     Reporter* reporter, std::string_view category_field) {
  const size_t errors = reporter->errors();
  std::optional<MatchAst> match = ParseQuery(text, reporter);
  if (!match.has_value() || reporter->errors() > errors) return std::nullopt;
  RuleAst rule;
  rule.name = "query";
  rule.span = match->span;
  rule.match = std::move(match);
  RuleLowering lowering(functions, reporter);
  lowering.set_category_field(std::string(category_field));
  lowering.Declare(FileAst());
  std::optional<LoweredRule> lowered = lowering.LowerMatch(rule);
  if (!lowered.has_value() || reporter->errors() > errors) return std::nullopt;
  if (!lowered->reference_spans.empty()) {
    reporter->Error("VDT0012", lowered->reference_spans[0], "a query cannot refer to rules");
    return std::nullopt;
  }
  QueryIr out;
  out.is_event = lowered->is_event;
  out.condition = std::move(lowered->event.condition);
  out.correlation = std::move(lowered->correlation);
  return out;
}

}  // namespace vedette::inline v0::lang
