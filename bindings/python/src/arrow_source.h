// Tables of Python libraries as streams of events.
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_ARROW_SOURCE_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_ARROW_SOURCE_H_

#include <pybind11/pybind11.h>

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "bindings/python/src/blocks.h"

namespace vedette::python {

using KnownTable = std::function<std::shared_ptr<ArrowTable>(std::shared_ptr<ArrowTable>)>;

// The rows of an object with `__arrow_c_stream__` or `__arrow_c_array__`; takes over what its
// capsules hold. The caller holds the interpreter's lock. Throws what Python throws.
// InvalidArgument for capsules that are none, were used before, or hold no table. `known` gives the
// table to use for a schema. `name` must outlive the source's blocks.
absl::StatusOr<std::unique_ptr<BlockSource>> NewArrowSource(const pybind11::object& object,
                                                            std::string_view name,
                                                            const KnownTable& known,
                                                            std::shared_ptr<ArrowTable>* table);

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_ARROW_SOURCE_H_
