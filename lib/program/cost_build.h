// What a formula costs to evaluate, for ordering children.
#ifndef VEDETTE_LIB_PROGRAM_COST_BUILD_H_
#define VEDETTE_LIB_PROGRAM_COST_BUILD_H_

#include "lib/ir/ir.h"

namespace vedette::inline v0 {

// Roughly nanoseconds on a 100-byte value. Children of and/or nodes are evaluated cheapest first:
// most rules fail on a cheap test.
double EstimateCost(const Formula& formula);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_COST_BUILD_H_
