// How long things take and how often they are right.
#ifndef VEDETTE_ALERT_METRICS_H_
#define VEDETTE_ALERT_METRICS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vedette/alert/pipeline.h"

namespace vedette::inline v0 {

// Nearest ranks: a value that occurred. Nanoseconds.
struct DurationStats {
  uint64_t count = 0;
  int64_t p50 = 0;
  int64_t p90 = 0;
  int64_t max = 0;
};
DurationStats DurationsOf(std::vector<int64_t> durations);

struct ResponseTimes {
  DurationStats detect;   // MTTD: first event to first alert
  DurationStats ack;      // MTTA: first alert to acknowledgement
  DurationStats contain;  // MTTC
  DurationStats resolve;  // MTTR; holds do not count
};

// Incidents that were forgotten for want of memory are not in it. Value type.
struct IncidentMetrics {
  uint64_t incidents = 0;
  uint64_t open = 0;
  uint64_t closed = 0;
  uint64_t reopened = 0;
  uint64_t alerts = 0;     // in them
  uint64_t folded = 0;     // into these
  uint64_t explained = 0;  // alerts that say why and name a technique or tactic
  ResponseTimes all;
  std::array<ResponseTimes, 6> by_severity;  // by Level
  std::array<uint64_t, 11> verdicts{};       // of incidents, by Verdict
  // Of incidents with a verdict, in thousandths; nothing below five.
  std::optional<uint32_t> false_positive_permille;
  std::optional<uint32_t> benign_permille;
  DurationStats open_age;  // from the first alert to now
};

// Ratios of a shift or week. `analyst_hours`: as the host counts them; 0 leaves it out.
struct TriageRatios {
  uint32_t folded_permille = 0;  // of raw alerts
  uint32_t suppressed_permille = 0;
  uint32_t inhibited_permille = 0;
  uint64_t alerts_per_incident_permille = 0;
  std::optional<uint64_t> alerts_per_analyst_hour_permille;
};
TriageRatios RatiosOf(const PipelineStats& pipeline, const IncidentMetrics& incidents,
                      uint64_t analyst_hours);

std::string MetricsToJson(const IncidentMetrics& metrics);

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_METRICS_H_
