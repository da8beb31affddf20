// Finds the formulas that stand in several rules.
#ifndef VEDETTE_LIB_PROGRAM_SHARED_FORMULAS_H_
#define VEDETTE_LIB_PROGRAM_SHARED_FORMULAS_H_

#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

// Sets `shared` of every inner node outside array blocks whose formula, whatever its labels and the
// order of its branches, stands more than once in the program, and `shared_formulas`. Linear in
// the nodes but for sorting branches.
void ShareFormulas(ProgramLayout* layout);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_SHARED_FORMULAS_H_
