// What stays of a rule between compilations of rule sets that it is in.
#ifndef VEDETTE_LIB_IR_KEPT_RULE_H_
#define VEDETTE_LIB_IR_KEPT_RULE_H_

#include <cstddef>
#include <memory>
#include <vector>

namespace vedette::inline v0 {

struct CompiledOnce;  // lib/compiler/compiled_once.h

// A front-end gives the same one for a rule whenever the rule is the same in every respect. The
// first time its condition is in the module; later only its metadata is, as the rest is in here.
struct KeptRule {
  std::shared_ptr<const CompiledOnce> compiled;
  size_t bytes = 0;  // that `compiled` takes
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_KEPT_RULE_H_
