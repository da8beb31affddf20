// The IR as text in the project's rule notation, for people and for fingerprints.
#ifndef VEDETTE_LIB_IR_PRINTER_H_
#define VEDETTE_LIB_IR_PRINTER_H_

#include <string>

#include "lib/ir/ir.h"

namespace vedette::inline v0 {

// One predicate: `Image endswith "\\cmd.exe"`, `EventID == 4624`, `f matches /a+/i`.
std::string PrintPredicate(const Predicate& predicate);
// One formula, `and`/`or`/`not` with parentheses where needed; several lines if it is long and
// `indent` >= 0.
std::string PrintFormula(const Formula& formula, int indent = 0);
std::string PrintRule(const IrRule& rule);
std::string PrintCorrelation(const CorrelationSpec& spec, const IrModule& module);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_PRINTER_H_
