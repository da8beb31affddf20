// The host's callbacks as an EventAdapter, and what the host knows of its events.
#ifndef VEDETTE_LIB_CAPI_ADAPTER_H_
#define VEDETTE_LIB_CAPI_ADAPTER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "lib/capi/handles.h"
#include "vedette/c/event.h"
#include "vedette/event.h"

namespace vedette::inline v0::capi {

// Thread-safe if the callbacks are.
class CallbackAdapter final : public EventAdapter {
 public:
  explicit CallbackAdapter(const vedette_adapter_options& callbacks) : callbacks_(callbacks) {}

  EventShape Shape(const void*) const override { return static_cast<EventShape>(callbacks_.shape); }
  int Bind(const FieldPath& path) const override;
  Value Get(const void* event, const FieldPath& path, int binding,
            ValueArena* arena) const override;
  void VisitScalars(const void* event, ValueArena* arena,
                    const std::function<void(const Value&)>& visit) const override;

  // The host's value as ours; absent and counted if it is none. Lists and members are in `arena`.
  Value Convert(const vedette_value& value, ValueArena* arena) const;
  uint64_t invalid_values() const { return invalid_values_.load(std::memory_order_relaxed); }

 private:
  const vedette_adapter_options callbacks_;
  mutable std::atomic<uint64_t> invalid_values_{0};
};

// Checks `given` (may be null) and copies it over the defaults in `info`.
Outcome ReadInfo(const vedette_event_info* given, vedette_event_info* info);
// Sets what the host knows. `source` is reused memory for its log source; the view borrows it.
void Apply(const vedette_event_info& info, LogSource* source, EventView* view);
// `outcome` with the place of the event.
Outcome At(const vedette_event_info& info, Outcome outcome);

}  // namespace vedette::inline v0::capi

struct vedette_adapter {
  std::shared_ptr<const vedette::capi::CallbackAdapter> adapter;
};

#endif  // VEDETTE_LIB_CAPI_ADAPTER_H_
