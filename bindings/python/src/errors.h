// Errors of the library as Python exceptions.
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_ERRORS_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_ERRORS_H_

#include <pybind11/pybind11.h>

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace vedette::python {

// Throws unless ok: FileNotFoundError, PermissionError, what a signal handler raised, or
// VedetteError (a ValueError). The caller holds the interpreter's lock.
void Check(const absl::Status& status);
template <typename T>
T Check(absl::StatusOr<T> result) {
  Check(result.status());
  return *std::move(result);
}

// Text that may be no UTF-8.
pybind11::str Text(std::string_view text);

// Each adds its part of the module.
void BindErrors(pybind11::module_* m);
void BindRules(pybind11::module_* m);
void BindEngine(pybind11::module_* m);

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_ERRORS_H_
