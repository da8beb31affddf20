// Makes a formula smaller without changing what it means.
#ifndef VEDETTE_LIB_OPT_SIMPLIFY_H_
#define VEDETTE_LIB_OPT_SIMPLIFY_H_

#include "lib/ir/ir.h"

namespace vedette::inline v0 {

// Folds constants, merges nested and/or nodes that carry no label of their own, removes double
// negation and equal siblings. Order and labels of what remains stay as written, so explanations
// still read like the rule. The formula must have passed the verifier.
Formula Simplify(Formula formula);

// The same without the names of its parts. Simplified, it is equal for rules that are written with
// other parts but mean the same, such as a rule and what it was converted to.
Formula WithoutLabels(Formula formula);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_OPT_SIMPLIFY_H_
