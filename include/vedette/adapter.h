// StructAdapter: a host's own struct matched in place, without copying or JSON.
#ifndef VEDETTE_ADAPTER_H_
#define VEDETTE_ADAPTER_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "vedette/event.h"
#include "vedette/field_path.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

namespace adapter_internal {

template <typename V>
Value ToValue(const V& v, ValueArena* arena) {
  if constexpr (std::is_same_v<V, bool>) {
    return Value::Bool(v);
  } else if constexpr (std::is_enum_v<V>) {
    return Value::Int(static_cast<int64_t>(v));
  } else if constexpr (std::is_integral_v<V> && std::is_signed_v<V>) {
    return Value::Int(v);
  } else if constexpr (std::is_integral_v<V>) {
    return Value::Uint(v);
  } else if constexpr (std::is_floating_point_v<V>) {
    return Value::Double(static_cast<double>(v));
  } else if constexpr (std::is_same_v<V, Value>) {
    return v;
  } else if constexpr (std::is_same_v<V, const char*> || std::is_same_v<V, char*>) {
    return v == nullptr ? Value() : Value::String(v);
  } else if constexpr (std::is_convertible_v<const V&, std::string_view>) {
    return Value::String(v);
  } else if constexpr (requires {
                         v.has_value();
                         *v;
                       }) {
    return v.has_value() ? ToValue(*v, arena) : Value();
  } else {
    std::span<Value> items = arena->NewValues(v.size());
    size_t i = 0;
    for (const auto& item : v) items[i++] = ToValue(item, arena);
    return Value::List(items);
  }
}

}  // namespace adapter_internal

// Binds members (or getters) of a host struct to field names; matching then reads the struct in
// place:
//
//   vedette::StructAdapter<ProcessEvent> adapter;
//   adapter.Field("process.cmd_line", &ProcessEvent::command_line)
//       .Field("process.parent_process.pid", &ProcessEvent::ppid)
//       .Field("process.name", [](const ProcessEvent& e) { return e.BaseName(); });
//   processor->Process(adapter.View(event));
//
// Names may be of any vocabulary (Sigma, ECS, OCSF); a rule finds the field by each of the others.
// Members: bool, integers, floating point, enums, strings and string_views, std::optional (empty is
// absent) and ranges of them (any value matches). A getter must return a reference, a view of
// memory that the event owns, or a plain number. Build it first, then share it: thread-compatible.
template <typename T>
class StructAdapter final : public EventAdapter {
 public:
  template <typename Getter>
  StructAdapter& Field(std::string name, Getter getter) {
    names_.push_back(std::move(name));
    readers_.push_back([getter](const T& object, ValueArena* arena) -> Value {
      using R = decltype(std::invoke(getter, object));
      static_assert(!std::is_same_v<std::remove_cvref_t<R>, std::string> || std::is_reference_v<R>,
                    "a getter that returns std::string by value would dangle; return a view");
      return adapter_internal::ToValue<std::remove_cvref_t<R>>(std::invoke(getter, object), arena);
    });
    return *this;
  }

  EventShape Shape(const void*) const override { return EventShape::kGeneric; }
  int Bind(const FieldPath& path) const override {
    for (size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == path.text()) return static_cast<int>(i);
    }
    return -1;
  }
  Value Get(const void* event, const FieldPath&, int binding, ValueArena* arena) const override {
    return readers_[static_cast<size_t>(binding)](*static_cast<const T*>(event), arena);
  }
  void VisitScalars(const void* event, ValueArena* arena,
                    const std::function<void(const Value&)>& visit) const override {
    for (const auto& read : readers_) {
      const Value v = read(*static_cast<const T*>(event), arena);
      if (v.is_scalar()) visit(v);
      if (v.is_list()) {
        for (const Value& item : v.list()) visit(item);
      }
    }
  }
  // Valid as long as `event` and this adapter.
  EventView View(const T& event) const { return EventView(*this, &event); }

 private:
  std::vector<std::string> names_;
  std::vector<std::function<Value(const T&, ValueArena*)>> readers_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ADAPTER_H_
