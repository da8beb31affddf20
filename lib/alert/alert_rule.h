// What pipelines and incidents need of rules beside what alerts show.
#ifndef VEDETTE_LIB_ALERT_ALERT_RULE_H_
#define VEDETTE_LIB_ALERT_ALERT_RULE_H_

#include <cstdint>

#include "vedette/alert/alert.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

// 0 to 100: what the rule says of itself ("confidence"), else by its status.
uint8_t ConfidenceOf(const RuleMeta& meta);

// One bit for each tactic of ATT&CK; others are spread over the rest.
uint64_t TacticBits(const AlertRule& rule);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_ALERT_RULE_H_
