// Runs rules over several events through the public API and says what was detected as the oracle
// does.
#ifndef VEDETTE_TESTS_SUPPORT_CORRELATION_ENGINE_H_
#define VEDETTE_TESTS_SUPPORT_CORRELATION_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/reference/correlation_oracle.h"
#include "vedette/detection.h"
#include "vedette/logsource.h"
#include "vedette/program.h"

namespace vedette::testing {

struct EngineRun {
  int64_t allowed_lateness_ns = 0;
  LogSource log_source = {};     // of all events, unless empty
  bool restart = false;          // a snapshot and a new processor after each event
  bool push_watermarks = false;  // AdvanceWatermark between events, as far as events allow
  uint32_t partitions = 0;       // so many correlators fed by one evaluator, instead of a processor
};

using Detections = std::vector<reference::CorrelationDetection>;

// Detections in the order of `SortDetections`.
absl::StatusOr<Detections> RunEngine(const std::shared_ptr<const Program>& program,
                                     const std::vector<reference::CorrelationEvent>& events,
                                     const EngineRun& run = {});

// By time, rule, cause, key and text: the order in which lists are compared.
void SortDetections(Detections* detections);

// Canonical bytes of a key from its parts as JSON.
std::string KeyBytes(const std::vector<std::string>& parts);

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_CORRELATION_ENGINE_H_
