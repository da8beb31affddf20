// Detections to formulas of the IR.
#ifndef VEDETTE_LIB_LANG_SIGMA_LOWER_H_
#define VEDETTE_LIB_LANG_SIGMA_LOWER_H_

#include <cstddef>
#include <optional>

#include "lib/ir/ir.h"
#include "lib/lang/sigma/report.h"
#include "lib/lang/sigma/rule_ast.h"

namespace vedette::inline v0::sigma {

// Lowers a detection. Nothing if it is refused, which is reported: placeholders without values
// (SIG0016), expressions that become invalid by their values (SIG0014), nothing left by a pipeline
// (SIG0018), or more nodes than are left in `*budget` (SIG0006), which is charged.
std::optional<Formula> Lower(const Detection& detection, size_t* budget, Reporter* reporter);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_LOWER_H_
