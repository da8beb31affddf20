// The native module: what the Python package `vedette` is made of. Users import the package.
#include <pybind11/pybind11.h>

#include <string>

#include "bindings/python/src/errors.h"
#include "vedette/version.h"

namespace py = pybind11;

namespace vedette::python {
namespace {

PyObject* vedette_error = nullptr;  // lives as long as the interpreter

}  // namespace

py::str Text(std::string_view text) {
  return py::reinterpret_steal<py::str>(
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

void Check(const absl::Status& status) {
  if (status.ok()) return;
  PyObject* type = vedette_error;
  if (status.code() == absl::StatusCode::kNotFound) type = PyExc_FileNotFoundError;
  if (status.code() == absl::StatusCode::kPermissionDenied) type = PyExc_PermissionError;
  if (status.code() == absl::StatusCode::kCancelled && PyErr_CheckSignals() != 0) {
    throw py::error_already_set();
  }
  PyErr_SetObject(type, Text({status.message().data(), status.message().size()}).ptr());
  throw py::error_already_set();
}

void BindErrors(py::module_* m) {
  vedette_error = PyErr_NewExceptionWithDoc("vedette.VedetteError",
                                            "Input or state that Vedette cannot work with.",
                                            PyExc_ValueError, nullptr);
  m->add_object("VedetteError", py::reinterpret_borrow<py::object>(vedette_error));
}

}  // namespace vedette::python

PYBIND11_MODULE(_vedette, m) {
  m.doc() = "Native part of the package `vedette`.";
  m.attr("__version__") = std::string(vedette::kVersion);
  vedette::python::BindErrors(&m);
  vedette::python::BindRules(&m);
  vedette::python::BindEngine(&m);
}
