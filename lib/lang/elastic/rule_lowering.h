// Elastic rules to IR rules and correlations; docs/elastic.md says what each type becomes.
//
// Diagnostics:
//   ELA0020  a language or a type of rule that Vedette does not evaluate
//   ELA0021  the query is no KQL
//   ELA0022  a part of KQL that Vedette does not evaluate
//   ELA0023  no duration, or no time before now
//   ELA0024  a part that does not fit: no such name, suppression by nothing, too many entries
//   ELA0025  a language that the type of rule does not take
//   ELA0026  an exception of the host that cannot be used
//   ELA0027  the host has no such list of exceptions (warning)
//   ELA0029  a mapping that has no effect with this type of rule (warning)
//   ELA0030  an unknown key (warning)
// and those of EQL (VDT....).
#ifndef VEDETTE_LIB_LANG_ELASTIC_RULE_LOWERING_H_
#define VEDETTE_LIB_LANG_ELASTIC_RULE_LOWERING_H_

#include <optional>

#include "lib/ir/ir.h"
#include "lib/lang/elastic/rule_file.h"
#include "vedette/diagnostic.h"
#include "vedette/frontends/elastic.h"

namespace vedette::inline v0::elastic {

struct LoweredElasticRule {
  bool is_event = true;
  IrRule event;
  CorrelationSpec correlation;  // unless is_event
};

// Nothing, and at least one error that names the rule, if the rule cannot be used. `source` is the
// file that `rule` was read from.
std::optional<LoweredElasticRule> LowerElasticRule(const ElasticRule& rule,
                                                   const SourceText& source,
                                                   const ElasticOptions& options,
                                                   DiagnosticSink* diagnostics);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_RULE_LOWERING_H_
