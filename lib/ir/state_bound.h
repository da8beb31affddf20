// How much a correlation may have to remember, read off its definition (docs/correlator.md).
#ifndef VEDETTE_LIB_IR_STATE_BOUND_H_
#define VEDETTE_LIB_IR_STATE_BOUND_H_

#include <cstdint>
#include <string>

#include "lib/ir/ir.h"

namespace vedette::inline v0 {

// At most so many partial matches of a sequence are open for one key, between concurrent events.
uint64_t OpenPartials(const CorrelationSpec& sequence);

// The worst case for one key, in words: "3 stages, at most 18 open partial matches within 10m".
std::string StatePerKey(const CorrelationSpec& spec);

// What of the state never goes away, however much time passes: "all ids that were seen". Empty if
// everything does. Sequences are the front-ends' to judge: some give them a limit.
std::string NeverForgotten(const CorrelationSpec& spec);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_STATE_BOUND_H_
