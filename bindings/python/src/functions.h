// Python functions that rules call.
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_FUNCTIONS_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_FUNCTIONS_H_

#include <pybind11/pybind11.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "vedette/function.h"

namespace vedette::python {

// What went wrong in functions during one run. Thread-safe.
class FunctionErrors {
 public:
  // Takes the Python error that is set; the caller holds the interpreter's lock.
  void AddCurrent(const std::string& function);

  uint64_t count() const { return count_; }
  // The first error; an empty object without one. The caller holds the interpreter's lock.
  pybind11::object TakeFirst();

 private:
  std::atomic<uint64_t> count_ = 0;
  std::mutex mutex_;
  pybind11::object first_;  // guarded by mutex_
};

// Errors of functions that this thread calls go there, for as long as this lives.
class FunctionErrorScope {
 public:
  explicit FunctionErrorScope(FunctionErrors* errors);
  ~FunctionErrorScope();
  FunctionErrorScope(const FunctionErrorScope&) = delete;
  FunctionErrorScope& operator=(const FunctionErrorScope&) = delete;

 private:
  FunctionErrors* before_;
};

// Adds a function; `types` are those of the arguments and the result: "any", "boolean", "number",
// "string". A call that fails, or gives what is not of the type, is null and counted.
absl::Status AddFunction(const std::string& name, const std::vector<std::string>& types,
                         bool takes_null, pybind11::function call, FunctionRegistry* functions);

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_FUNCTIONS_H_
