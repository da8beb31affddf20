// Checks the invariants of the IR that everything after a front-end relies on.
#ifndef VEDETTE_LIB_IR_VERIFIER_H_
#define VEDETTE_LIB_IR_VERIFIER_H_

#include <cstddef>
#include <string>

#include "lib/ir/ir.h"

namespace vedette::inline v0 {

struct VerifierLimits {
  size_t max_depth = 128;
  size_t max_predicates = 100000;
};

struct VerifyResult {
  enum class Kind { kOk, kTooDeep, kTooLarge, kMalformed };
  Kind kind = Kind::kOk;
  std::string message;  // empty if ok
  bool ok() const { return kind == Kind::kOk; }
};

// Child counts fit the node kinds, patterns are canonical, predicates carry the parts their
// operator needs and name parsable fields, sizes are within `limits`. Not recursive beyond
// `limits.max_depth`.
VerifyResult VerifyRule(const IrRule& rule, const VerifierLimits& limits = {});
// References are in range, keys are as many everywhere, the parts that the shape needs are there.
VerifyResult VerifyCorrelation(const CorrelationSpec& spec, const IrModule& module,
                               const VerifierLimits& limits = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_VERIFIER_H_
