// What stands behind vedette_processor, for the files whose functions feed one.
#ifndef VEDETTE_LIB_CAPI_PROCESSOR_H_
#define VEDETTE_LIB_CAPI_PROCESSOR_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/capi/adapter.h"
#include "lib/capi/handles.h"
#include "lib/capi/triage.h"
#include "vedette/json.h"

namespace vedette::inline v0::capi {

constexpr uint64_t kMaxEventBytes = uint64_t{1} << 30;

// Detections to the host, then to the triage, if there is one.
class CallbackSink final : public DetectionSink {
 public:
  CallbackSink(vedette_on_detection callback, void* user) : callback_(callback), user_(user) {}
  absl::Status OnDetection(const Detection& detection) override;

  // May be null; else claimed while detections come.
  void set_triage(std::shared_ptr<TriageState> triage) { triage_ = std::move(triage); }
  TriageState* triage() const { return triage_.get(); }

 private:
  vedette_on_detection callback_;
  void* user_;
  std::shared_ptr<TriageState> triage_;
};

}  // namespace vedette::inline v0::capi

struct vedette_processor {
  vedette_processor(const vedette_engine& e, const vedette_processor_options& o,
                    vedette_on_detection on_detection, void* u);

  std::shared_ptr<vedette::Engine> engine;
  std::shared_ptr<vedette::IndicatorSets> indicators;
  vedette_on_broken on_broken;
  void* user;
  vedette::capi::CallbackSink sink;
  const vedette::JsonOptions json_options;
  vedette::JsonParser parser;
  vedette::Event event;
  vedette::LogSource log_source;  // that the host knows, of the last event
  // The evaluator knows them by address.
  std::vector<std::shared_ptr<const vedette::capi::CallbackAdapter>> adapters;
  uint64_t broken = 0;
  uint64_t oversized = 0;
  uint64_t blank = 0;
  std::atomic<bool> busy{false};
  std::unique_ptr<vedette::Processor> processor;
};

namespace vedette::inline v0::capi {

// Runs `function` on a processor that no other call has.
template <typename Function>
vedette_status With(vedette_processor* processor, vedette_error** error, Function function) {
  return Guard(error, [&]() -> Outcome {
    if (processor == nullptr) return NullPointer("processor");
    const Claim claim(processor);
    if (!claim.ok()) {
      return {VEDETTE_BUSY, "the processor is in another call: of a callback's, or of a thread's"};
    }
    return function();
  });
}

// The same where detections may come of it: then its triage is not in another call, either.
template <typename Function>
vedette_status WithTriage(vedette_processor* processor, vedette_error** error, Function function) {
  return With(processor, error, [&]() -> Outcome {
    TriageState* const triage = processor->sink.triage();
    if (triage == nullptr) return function();
    return Claimed(triage, function);
  });
}

// One event goes through the processor. `raw`: the bytes that it was read from, if there are any.
Outcome Process(vedette_processor* p, EventView view, const vedette_event_info& info,
                std::string_view raw);

}  // namespace vedette::inline v0::capi

#endif  // VEDETTE_LIB_CAPI_PROCESSOR_H_
