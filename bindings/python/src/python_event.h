// Python objects as events.
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_PYTHON_EVENT_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_PYTHON_EVENT_H_

#include <pybind11/pybind11.h>

#include <memory>
#include <string>

#include "bindings/python/src/blocks.h"
#include "vedette/event.h"
#include "vedette/json.h"

namespace vedette::python {

// Copies dicts into events, as JSON would bring them: what is nested deeper than 64 levels is null,
// NaN is null, integers beyond 64 bits are as near as a double comes. Texts are UTF-8, lone
// surrogates U+FFFD. Times are RFC 3339 text; objects of other types are their str(). Text and
// bytes are JSON. The caller holds the interpreter's lock.
class PythonEventMaker {
 public:
  // False, with a reason, if the object is no event. Throws nothing.
  bool Make(PyObject* object, Event* event, std::string* reason);

 private:
  bool MakeOfJson(PyObject* object, Event* event, std::string* reason);
  Value Convert(PyObject* object, ValueArena* arena, int depth);
  Value ConvertDict(PyObject* dict, ValueArena* arena, int depth);
  Value ConvertItems(PyObject* items, ValueArena* arena, int depth);
  Value ConvertSequence(PyObject* sequence, ValueArena* arena, int depth);
  Value ConvertOther(PyObject* object, ValueArena* arena, int depth);

  JsonParser json_;
  size_t values_ = 0;
  bool failed_ = false;  // a Python error is set, or too many values
};

// Copies the text of a str; false with a Python error set if there is none.
bool CopyText(PyObject* text, ValueArena* arena, std::string_view* out);
// As rules see a Python value that is a scalar; absent for others.
Value ScalarOf(PyObject* object, ValueArena* arena);
pybind11::object PythonOf(const Value& value);

// The events that an iterator gives. `source` is the name of the stream, and must outlive what
// Next gives.
std::unique_ptr<BlockSource> NewPythonSource(pybind11::object iterator, std::string_view source);

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_PYTHON_EVENT_H_
