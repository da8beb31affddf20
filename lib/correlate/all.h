// `all` and `sample` without a condition of their own.
#ifndef VEDETTE_LIB_CORRELATE_ALL_H_
#define VEDETTE_LIB_CORRELATE_ALL_H_

#include <memory>

#include "lib/correlate/operator.h"

namespace vedette::inline v0 {

std::unique_ptr<Operator> NewAllOperator(const OperatorContext& context);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_ALL_H_
