// What an Elastic rule says about itself and about how grave its detections are.
#ifndef VEDETTE_LIB_LANG_ELASTIC_RULE_META_H_
#define VEDETTE_LIB_LANG_ELASTIC_RULE_META_H_

#include <optional>
#include <string>

#include "lib/ir/ir.h"
#include "lib/lang/elastic/rule_file.h"

namespace vedette::inline v0::elastic {

// Keys without a place of their own in RuleMeta are in `custom` under their names in Elastic, lists
// joined by ", ".
RuleMeta MetaOf(const ElasticRule& rule);

// The outcomes `risk_score` and, if a mapping may change it, `severity`. Mappings read the fields
// of `source` (Expr::kThisEvent: of the event itself); none are applied if it has no value.
void AddOutcomes(const ElasticRule& rule, std::optional<int32_t> source, RuleActions* actions);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_RULE_META_H_
