#include "bindings/python/src/functions.h"

#include <memory>
#include <utility>

#include "bindings/python/src/python_event.h"

namespace py = pybind11;

namespace vedette::python {
namespace {

thread_local FunctionErrors* current_errors = nullptr;

ValueType TypeOf(const std::string& name) {
  if (name == "boolean") return ValueType::kBoolean;
  if (name == "number") return ValueType::kNumber;
  if (name == "string") return ValueType::kString;
  return ValueType::kAny;
}

bool Fits(const Value& value, ValueType type) {
  switch (type) {
    case ValueType::kAny:
      return value.is_scalar() || value.is_null();
    case ValueType::kBoolean:
      return value.kind() == ValueKind::kBool || value.is_null();
    case ValueType::kNumber:
      return value.is_number() || value.is_null();
    case ValueType::kString:
      return value.is_string() || value.is_null();
  }
  return false;
}

// A reference that any thread may let go.
std::shared_ptr<py::function> Shared(py::function function) {
  return {new py::function(std::move(function)), [](py::function* f) {
            if (Py_IsInitialized() == 0) return;  // the interpreter is gone, and the object with it
            const py::gil_scoped_acquire lock;
            delete f;
          }};
}

// An argument as its type asks: any scalar has a text; others of another type are null.
Value As(const Value& value, ValueType type, ValueArena* arena) {
  if (Fits(value, type)) return value;
  if (type != ValueType::kString || !value.is_scalar()) return Value::Null();
  std::string& text = arena->Scratch();
  value.AppendText(&text);
  return Value::String(arena->CopyString(text));
}

Value Call(const py::function& function, const std::string& name,
           const std::vector<ValueType>& types, bool takes_null, ValueType type,
           std::span<const Value> arguments, ValueArena* arena) {
  const py::gil_scoped_acquire lock;
  try {
    py::tuple values(arguments.size());
    for (size_t i = 0; i < arguments.size(); ++i) {
      const Value value = As(arguments[i], types[i], arena);
      if (value.is_null() && !takes_null) return value;
      values[i] = PythonOf(value);
    }
    const py::object result = function(*values);
    const Value value = ScalarOf(result.ptr(), arena);
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    if (Fits(value, type)) return value;
    PyErr_Format(PyExc_TypeError, "%s() gave a %s, which is not what it says it gives",
                 name.c_str(), Py_TYPE(result.ptr())->tp_name);
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  if (current_errors != nullptr) {
    current_errors->AddCurrent(name);
  } else {
    PyErr_Clear();
  }
  return Value::Null();
}

}  // namespace

void FunctionErrors::AddCurrent(const std::string& function) {
  ++count_;
  const py::error_already_set caught;  // takes what is set
  const py::object error = caught.value();
  if (caught.trace()) PyException_SetTraceback(error.ptr(), caught.trace().ptr());
  const std::scoped_lock lock(mutex_);
  if (!first_) first_ = py::make_tuple(function, error);
}

py::object FunctionErrors::TakeFirst() {
  const std::scoped_lock lock(mutex_);
  return std::move(first_);
}

FunctionErrorScope::FunctionErrorScope(FunctionErrors* errors) : before_(current_errors) {
  current_errors = errors;
}

FunctionErrorScope::~FunctionErrorScope() { current_errors = before_; }

absl::Status AddFunction(const std::string& name, const std::vector<std::string>& types,
                         bool takes_null, py::function call, FunctionRegistry* functions) {
  HostFunction function;
  function.name = name;
  for (size_t i = 0; i + 1 < types.size(); ++i) function.arguments.push_back(TypeOf(types[i]));
  if (!types.empty()) function.result = TypeOf(types.back());
  function.takes_null = takes_null;
  function.call = [shared = Shared(std::move(call)), name, types = function.arguments, takes_null,
                   type = function.result](std::span<const Value> arguments, ValueArena* arena) {
    return Call(*shared, name, types, takes_null, type, arguments, arena);
  };
  return functions->Add(std::move(function));
}

}  // namespace vedette::python
