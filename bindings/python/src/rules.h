// Compiled rules and indicator sets as Python has them.
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_RULES_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_RULES_H_

#include <memory>

#include "vedette/indicator_set.h"
#include "vedette/program.h"

namespace vedette::python {

// Immutable.
struct PyProgram {
  std::shared_ptr<const Program> program;
};

// Thread-safe.
struct PyIndicatorSets {
  std::shared_ptr<IndicatorSets> sets = std::make_shared<IndicatorSets>();
};

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_RULES_H_
