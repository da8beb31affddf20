// The Arrow C data and stream interfaces: three structs that are an ABI, so that no Arrow library
// is needed. Their meaning is in Arrow's specification, "The Arrow C data interface".
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_ARROW_ABI_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_ARROW_ABI_H_

#include <cstdint>

extern "C" {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
  int (*get_next)(ArrowArrayStream*, ArrowArray* out);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};

}  // extern "C"

namespace vedette::python {

// Owns what one of the structs above points at; empty if there is nothing to release.
template <typename T>
class ArrowOwned {
 public:
  ArrowOwned() = default;
  ~ArrowOwned() { Reset(); }
  ArrowOwned(const ArrowOwned&) = delete;
  ArrowOwned& operator=(const ArrowOwned&) = delete;

  // Takes it over, as a consumer of a capsule must.
  void Take(T* from) {
    Reset();
    value_ = *from;
    from->release = nullptr;
  }
  void Reset() {
    if (value_.release != nullptr) value_.release(&value_);
    value_ = T{};
  }
  bool empty() const { return value_.release == nullptr; }
  T* get() { return &value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_{};
};

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_ARROW_ABI_H_
