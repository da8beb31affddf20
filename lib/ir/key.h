// Bytes that say what IR means: equal if and only if the IR is (labels and spans aside).
#ifndef VEDETTE_LIB_IR_KEY_H_
#define VEDETTE_LIB_IR_KEY_H_

#include <string>

#include "lib/ir/ir.h"

namespace vedette::inline v0 {

void AppendExprKey(const Expr& expr, std::string* out);
void AppendActionsKey(const RuleActions& actions, std::string* out);
void AppendPredicateKey(const Predicate& predicate, std::string* out);
void AppendFormulaKey(const Formula& formula, std::string* out);
// Of a formula without its children and how many they are.
void AppendNodeKey(const Formula& formula, std::string* out);
// Names of sources, references by name and who emits what are left out.
void AppendCorrelationKey(const CorrelationSpec& spec, std::string* out);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_KEY_H_
