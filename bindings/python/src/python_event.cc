#include "bindings/python/src/python_event.h"

#include <cmath>
#include <limits>

namespace py = pybind11;

namespace vedette::python {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxValues = 1'000'000;

// A reference that is given back.
struct Owned {
  explicit Owned(PyObject* o) : object(o) {}
  ~Owned() { Py_XDECREF(object); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  explicit operator bool() const { return object != nullptr; }
  PyObject* object;
};

// UTF-8 of a str with lone surrogates, which become U+FFFD.
bool CopyBrokenText(PyObject* text, ValueArena* arena, std::string_view* out) {
  const Owned bytes(PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass"));
  if (!bytes) return false;
  std::string& copy = arena->Scratch();
  copy.assign(PyBytes_AS_STRING(bytes.object), static_cast<size_t>(PyBytes_GET_SIZE(bytes.object)));
  for (size_t i = 0; i + 2 < copy.size(); ++i) {
    if (copy[i] == '\xED' && static_cast<unsigned char>(copy[i + 1]) >= 0xA0) {
      copy.replace(i, 3, "\xEF\xBF\xBD");
    }
  }
  *out = arena->CopyString(copy);
  return true;
}

Value OfInteger(PyObject* object) {
  int overflow = 0;
  const long long small = PyLong_AsLongLongAndOverflow(object, &overflow);  // NOLINT
  if (overflow == 0) return Value::Int(small);
  if (overflow > 0) {
    const unsigned long long big = PyLong_AsUnsignedLongLong(object);  // NOLINT
    if (PyErr_Occurred() == nullptr) return Value::Uint(big);
    PyErr_Clear();
  }
  const double real = PyLong_AsDouble(object);
  if (PyErr_Occurred() == nullptr) return Value::Double(real);
  PyErr_Clear();
  constexpr double kMax = std::numeric_limits<double>::max();
  return Value::Double(overflow > 0 ? kMax : -kMax);
}

Value OfReal(double real) {
  constexpr double kMax = std::numeric_limits<double>::max();
  if (std::isnan(real)) return Value::Null();
  if (std::isinf(real)) return Value::Double(real > 0 ? kMax : -kMax);
  return Value::Double(real);
}

bool HasAttribute(PyObject* object, const char* name) {
  const Owned attribute(PyObject_GetAttrString(object, name));
  if (!attribute) PyErr_Clear();
  return static_cast<bool>(attribute);
}

// What pandas and numpy write for "no value": it does not equal itself, or cannot say.
bool IsNoValue(PyObject* object) {
  const std::string_view type = Py_TYPE(object)->tp_name;
  return type.ends_with("NAType") || type.ends_with("NaTType");
}

class PythonSource final : public BlockSource {
 public:
  PythonSource(py::object iterator, std::string_view source)
      : iterator_(std::move(iterator)), source_(source) {}
  ~PythonSource() override {
    const py::gil_scoped_acquire lock;
    iterator_ = py::object();
  }

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    if (ended_) return nullptr;
    const py::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    auto block = std::make_unique<FilledBlock>();
    size_t bytes = 0;
    while (block->size() < FilledBlock::kEvents && bytes < FilledBlock::kBytes) {
      const Owned item(PyIter_Next(iterator_.ptr()));
      if (!item) {
        if (PyErr_Occurred() != nullptr) throw py::error_already_set();
        ended_ = true;
        break;
      }
      ++number_;
      Event* const event = block->slot();
      if (!maker_.Make(item.object, event, &reason_)) {
        report_.AddBroken(number_, reason_);
        continue;
      }
      event->set_ref(source_, number_);
      bytes += event->arena().bytes_reserved();
      ++report_.stats.events;
      block->Keep();
    }
    if (block->size() == 0 && ended_) return nullptr;
    return block;
  }

 private:
  py::object iterator_;
  const std::string_view source_;
  PythonEventMaker maker_;
  std::string reason_;
  uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace

bool CopyText(PyObject* text, ValueArena* arena, std::string_view* out) {
  Py_ssize_t size = 0;
  const char* const utf8 = PyUnicode_AsUTF8AndSize(text, &size);
  if (utf8 == nullptr) {
    PyErr_Clear();
    return CopyBrokenText(text, arena, out);
  }
  *out = arena->CopyString({utf8, static_cast<size_t>(size)});
  return true;
}

Value ScalarOf(PyObject* object, ValueArena* arena) {
  if (object == Py_None) return Value::Null();
  if (PyBool_Check(object)) return Value::Bool(object == Py_True);
  if (PyLong_Check(object)) return OfInteger(object);
  if (PyFloat_Check(object)) return OfReal(PyFloat_AS_DOUBLE(object));
  if (PyUnicode_Check(object)) {
    std::string_view text;
    return CopyText(object, arena, &text) ? Value::String(text) : Value();
  }
  return Value();
}

py::object PythonOf(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kBool:
      return py::bool_(value.boolean());
    case ValueKind::kInt:
      return py::int_(value.integer());
    case ValueKind::kUint:
      return py::int_(value.unsigned_integer());
    case ValueKind::kDouble:
      return py::float_(value.number());
    case ValueKind::kString: {
      const std::string_view text = value.string();
      return py::reinterpret_steal<py::object>(
          PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
    }
    default:
      return py::none();
  }
}

bool PythonEventMaker::Make(PyObject* object, Event* event, std::string* reason) {
  if (PyUnicode_Check(object) || PyBytes_Check(object) || PyByteArray_Check(object)) {
    return MakeOfJson(object, event, reason);
  }
  event->Clear();
  values_ = 0;
  failed_ = false;
  const Value root = Convert(object, &event->arena(), 0);
  if (PyErr_Occurred() != nullptr) {
    const py::error_already_set error;
    *reason = std::string("not readable: ") + error.what();
    return false;
  }
  if (failed_) *reason = "more than 1,000,000 values";
  if (!failed_ && !root.is_object()) {
    *reason = std::string("an event is a dict, not a ") + Py_TYPE(object)->tp_name;
  }
  if (failed_ || !root.is_object()) return false;
  event->set_root(root);
  return true;
}

bool PythonEventMaker::MakeOfJson(PyObject* object, Event* event, std::string* reason) {
  absl::Status status = absl::OkStatus();
  if (PyUnicode_Check(object)) {
    std::string_view text;
    ValueArena arena;
    if (!CopyText(object, &arena, &text)) PyErr_Clear();
    status = json_.Parse(text, event);
  } else {
    Py_buffer buffer;
    if (PyObject_GetBuffer(object, &buffer, PyBUF_SIMPLE) != 0) {
      PyErr_Clear();
      *reason = "no contiguous bytes";
      return false;
    }
    status =
        json_.Parse({static_cast<const char*>(buffer.buf), static_cast<size_t>(buffer.len)}, event);
    PyBuffer_Release(&buffer);
  }
  event->set_raw({});
  if (!status.ok()) *reason = std::string(status.message());
  return status.ok();
}

Value PythonEventMaker::Convert(PyObject* object, ValueArena* arena, int depth) {
  if (failed_ || ++values_ > kMaxValues) {
    failed_ = true;
    return Value::Null();
  }
  const Value scalar = ScalarOf(object, arena);
  if (!scalar.absent()) return scalar;
  if (PyErr_Occurred() != nullptr) {
    failed_ = true;
    return Value::Null();
  }
  if (PyBytes_Check(object)) {
    return Value::String(arena->CopyString(
        {PyBytes_AS_STRING(object), static_cast<size_t>(PyBytes_GET_SIZE(object))}));
  }
  if (PyDict_Check(object) || PyList_Check(object) || PyTuple_Check(object)) {
    if (depth >= kMaxDepth) return Value::Null();
    return PyDict_Check(object) ? ConvertDict(object, arena, depth)
                                : ConvertSequence(object, arena, depth);
  }
  return ConvertOther(object, arena, depth);
}

Value PythonEventMaker::ConvertDict(PyObject* dict, ValueArena* arena, int depth) {
  const std::span<Member> members = arena->NewMembers(static_cast<size_t>(PyDict_Size(dict)));
  size_t count = 0;
  bool spaced = false;
  Py_ssize_t position = 0;
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  // Converting may run Python code, and that may change the dict: references are held, and there
  // are no more members than there were.
  while (!failed_ && count < members.size() && PyDict_Next(dict, &position, &key, &value) != 0) {
    Py_INCREF(key);
    Py_INCREF(value);
    const Owned own_key(key);
    const Owned own_value(value);
    std::string_view name;
    const Owned text(PyUnicode_Check(key) ? nullptr : PyObject_Str(key));
    PyObject* const name_object = PyUnicode_Check(key) ? key : text.object;
    if (name_object == nullptr || !CopyText(name_object, arena, &name)) {
      failed_ = true;
      break;
    }
    spaced |= name.find(' ') != std::string_view::npos;
    members[count++] = {name, Convert(value, arena, depth + 1)};
  }
  return Value::Object(members.first(count), spaced);
}

Value PythonEventMaker::ConvertItems(PyObject* items, ValueArena* arena, int depth) {
  const Owned dict(PyDict_New());
  if (!dict || PyDict_MergeFromSeq2(dict.object, items, 1) != 0) {
    failed_ = true;
    return Value::Null();
  }
  return ConvertDict(dict.object, arena, depth);
}

Value PythonEventMaker::ConvertSequence(PyObject* sequence, ValueArena* arena, int depth) {
  const auto size = static_cast<size_t>(PySequence_Fast_GET_SIZE(sequence));
  if (size > kMaxValues) {
    failed_ = true;
    return Value::Null();
  }
  const std::span<Value> items = arena->NewValues(size);
  size_t count = 0;
  while (!failed_ && count < size &&
         static_cast<Py_ssize_t>(count) < PySequence_Fast_GET_SIZE(sequence)) {
    PyObject* const item =
        PySequence_Fast_GET_ITEM(sequence, static_cast<Py_ssize_t>(count));  // borrowed
    Py_INCREF(item);
    const Owned own(item);
    items[count++] = Convert(item, arena, depth + 1);
  }
  return Value::List(items.first(count));
}

Value PythonEventMaker::ConvertOther(PyObject* object, ValueArena* arena, int depth) {
  if (depth >= kMaxDepth || IsNoValue(object)) return Value::Null();
  // Classes have the attributes of their objects, which cannot be called without one.
  if (PyType_Check(object) == 0) {
    if (HasAttribute(object, "isoformat")) {
      const Owned text(PyObject_CallMethod(object, "isoformat", nullptr));
      if (!text || !PyUnicode_Check(text.object)) {
        if (text) PyErr_SetString(PyExc_TypeError, "isoformat() gave no text");
        failed_ = true;
        return Value::Null();
      }
      const Value v = ScalarOf(text.object, arena);
      const EventTime time = ParseEventTime(v);
      return time == kNoEventTime ? v : Value::String(arena->CopyString(FormatEventTime(time)));
    }
    for (const char* const method : {"tolist", "items"}) {  // numpy's values, mappings
      if (!HasAttribute(object, method)) continue;
      const Owned plain(PyObject_CallMethod(object, method, nullptr));
      if (!plain) {
        failed_ = true;
        return Value::Null();
      }
      if (std::string_view(method) == "items") return ConvertItems(plain.object, arena, depth);
      return Convert(plain.object, arena, depth + 1);
    }
  }
  if (PyAnySet_Check(object) != 0) {
    const Owned items(PySequence_List(object));
    if (items) return ConvertSequence(items.object, arena, depth);
  }
  const Owned text(PyErr_Occurred() != nullptr ? nullptr : PyObject_Str(object));
  if (text) return ScalarOf(text.object, arena);
  failed_ = true;
  return Value::Null();
}

std::unique_ptr<BlockSource> NewPythonSource(py::object iterator, std::string_view source) {
  return std::make_unique<PythonSource>(std::move(iterator), source);
}

}  // namespace vedette::python
