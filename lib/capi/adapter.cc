#include "lib/capi/adapter.h"

#include <span>

using vedette::ValueArena;
using vedette::capi::CallbackAdapter;
using vedette::capi::Guard;
using vedette::capi::NullPointer;
using vedette::capi::Outcome;

// Handed to `visit` for the time of one call.
struct vedette_visitor {
  const CallbackAdapter* adapter;
  ValueArena* arena;
  const std::function<void(const vedette::Value&)>* visit;
};

namespace vedette::inline v0::capi {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxValues = 1000000;
constexpr size_t kMaxAllocation = size_t{1} << 30;

vedette_arena* Handle(ValueArena* arena) { return reinterpret_cast<vedette_arena*>(arena); }

// Turns one value of the host into ours.
class Converter {
 public:
  explicit Converter(ValueArena* arena) : arena_(arena) {}

  // False if it, or anything in it, is no value.
  bool Convert(const vedette_value& in, int depth, Value* out) {
    if (depth > kMaxDepth) return false;
    switch (in.kind) {
      case VEDETTE_VALUE_ABSENT:
        *out = Value();
        return true;
      case VEDETTE_VALUE_NULL:
        *out = Value::Null();
        return true;
      case VEDETTE_VALUE_BOOL:
        *out = Value::Bool(in.as.integer != 0);
        return true;
      case VEDETTE_VALUE_INT:
        *out = Value::Int(in.as.integer);
        return true;
      case VEDETTE_VALUE_UINT:
        *out = Value::Uint(in.as.unsigned_integer);
        return true;
      case VEDETTE_VALUE_DOUBLE:
        *out = Value::Double(in.as.number);
        return true;
      case VEDETTE_VALUE_STRING:
        if (!IsText(in.as.string, in.size) || in.size > UINT32_MAX) return false;
        *out = Value::String(Text(in.as.string, in.size));
        return true;
      case VEDETTE_VALUE_LIST:
        return List(in, depth, out);
      case VEDETTE_VALUE_OBJECT:
        return Object(in, depth, out);
      default:
        return false;
    }
  }

 private:
  bool Take(const void* items, size_t count) {
    if ((items == nullptr && count > 0) || count > kMaxValues - values_) return false;
    values_ += count;
    return true;
  }

  bool List(const vedette_value& in, int depth, Value* out) {
    if (!Take(in.as.list, in.size)) return false;
    const std::span<Value> items = arena_->NewValues(in.size);
    for (size_t i = 0; i < in.size; ++i) {
      if (!Convert(in.as.list[i], depth + 1, &items[i])) return false;
    }
    *out = Value::List(items);
    return true;
  }

  bool Object(const vedette_value& in, int depth, Value* out) {
    if (!Take(in.as.members, in.size)) return false;
    const std::span<Member> members = arena_->NewMembers(in.size);
    bool spaced = false;
    for (size_t i = 0; i < in.size; ++i) {
      const vedette_member& member = in.as.members[i];
      if (!IsText(member.name)) return false;
      members[i].name = Text(member.name);
      spaced = spaced || members[i].name.find(' ') != std::string_view::npos;
      if (!Convert(member.value, depth + 1, &members[i].value)) return false;
    }
    *out = Value::Object(members, spaced);
    return true;
  }

  ValueArena* arena_;
  size_t values_ = 0;
};

// Depth was bounded by the conversion.
void VisitAll(const Value& value, const std::function<void(const Value&)>& visit) {
  if (value.is_scalar()) visit(value);
  if (value.is_list()) {
    for (const Value& item : value.list()) VisitAll(item, visit);
  }
  if (value.is_object()) {
    for (const Member& member : value.members()) VisitAll(member.value, visit);
  }
}

}  // namespace

int CallbackAdapter::Bind(const FieldPath& path) const {
  if (callbacks_.bind == nullptr) return 0;
  return std::max(-1, callbacks_.bind(path.text().data(), path.text().size(), callbacks_.user));
}

Value CallbackAdapter::Get(const void* event, const FieldPath& path, int binding,
                           ValueArena* arena) const {
  vedette_value value = {};
  callbacks_.get(event, path.text().data(), path.text().size(), binding, Handle(arena), &value,
                 callbacks_.user);
  return Convert(value, arena);
}

void CallbackAdapter::VisitScalars(const void* event, ValueArena* arena,
                                   const std::function<void(const Value&)>& visit) const {
  if (callbacks_.visit == nullptr) return;
  vedette_visitor visitor{this, arena, &visit};
  callbacks_.visit(event, Handle(arena), &visitor, callbacks_.user);
}

Value CallbackAdapter::Convert(const vedette_value& value, ValueArena* arena) const {
  Value out;
  if (Converter(arena).Convert(value, 0, &out)) return out;
  invalid_values_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

Outcome ReadInfo(const vedette_event_info* given, vedette_event_info* info) {
  vedette_event_info_init(info, sizeof *info);
  Outcome outcome = ReadStruct(given, info);
  if (outcome.ok() && (!IsText(info->stream) || !IsText(info->product) || !IsText(info->category) ||
                       !IsText(info->service) || !IsText(info->tenant))) {
    outcome = NullPointer("a text of vedette_event_info that has a size");
  }
  return outcome;
}

void Apply(const vedette_event_info& info, LogSource* source, EventView* view) {
  if (info.time != VEDETTE_NO_TIME) view->set_time(info.time);
  if (info.has_tiebreak != 0) view->set_tiebreak(info.tiebreak);
  view->set_ref({Text(info.stream), info.line});
  source->product = Text(info.product);
  source->category = Text(info.category);
  source->service = Text(info.service);
  if (!source->empty()) view->set_log_source(source);
}

Outcome At(const vedette_event_info& info, Outcome outcome) {
  if (!outcome.ok()) {
    outcome.file = Text(info.stream);
    outcome.line = info.line;
  }
  return outcome;
}

}  // namespace vedette::inline v0::capi

void* vedette_arena_allocate(vedette_arena* arena, size_t bytes) {
  if (arena == nullptr || bytes > vedette::capi::kMaxAllocation) return nullptr;
  try {
    return reinterpret_cast<ValueArena*>(arena)->Allocate(std::max<size_t>(bytes, 1),
                                                          alignof(std::max_align_t));
  } catch (...) {
    return nullptr;
  }
}

void vedette_visit(vedette_visitor* visitor, const vedette_value* value) {
  if (visitor == nullptr || value == nullptr) return;
  // What is thrown here passes the host's callback on its way to our caller's guard; C code has
  // nothing to unwind.
  vedette::capi::VisitAll(visitor->adapter->Convert(*value, visitor->arena), *visitor->visit);
}

void vedette_adapter_options_init(vedette_adapter_options* options, size_t size) {
  vedette::capi::InitStruct(vedette_adapter_options{}, options, size);
}

vedette_status vedette_adapter_new(const vedette_adapter_options* options,
                                   vedette_adapter** adapter, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (adapter != nullptr) *adapter = nullptr;
    if (options == nullptr || adapter == nullptr) return NullPointer("options or adapter");
    vedette_adapter_options ours = {};
    Outcome outcome = vedette::capi::ReadStruct(options, &ours);
    if (!outcome.ok()) return outcome;
    if (ours.get == nullptr) return NullPointer("get");
    if (ours.shape < 0 || ours.shape >= vedette::kEventShapeCount) {
      return {VEDETTE_INVALID_ARGUMENT, "no such shape: " + std::to_string(ours.shape)};
    }
    *adapter = new vedette_adapter{std::make_shared<const CallbackAdapter>(ours)};
    return {};
  });
}

uint64_t vedette_adapter_invalid_values(const vedette_adapter* adapter) {
  return adapter != nullptr ? adapter->adapter->invalid_values() : 0;
}

void vedette_adapter_free(vedette_adapter* adapter) { delete adapter; }

void vedette_event_info_init(vedette_event_info* info, size_t size) {
  vedette_event_info defaults = {};
  defaults.time = VEDETTE_NO_TIME;
  defaults.ingest_time = VEDETTE_NO_TIME;
  defaults.now = VEDETTE_NO_TIME;
  vedette::capi::InitStruct(defaults, info, size);
}
