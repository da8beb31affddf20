// The health of detection: sources that fell silent, fields that went away, rules that cannot fire.
#ifndef VEDETTE_ALERT_HEALTH_H_
#define VEDETTE_ALERT_HEALTH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/event.h"
#include "vedette/logsource.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

struct HealthOptions {
  // By source name, nanoseconds: longer without an event is silence, from the first AdvanceTime on
  // also for one that never comes. Other sources' periods are learned.
  std::vector<std::pair<std::string, int64_t>> periods;
  // A learned period: the longest gap of late, times this; from so many gaps on, never below
  // min_period_ns.
  uint32_t learned_factor = 3;
  uint32_t min_gaps = 30;
  int64_t min_period_ns = 300'000'000'000;
  // Fields of one log source of a source are looked for in its first sample_all events, then in one
  // of sample_every.
  uint32_t sample_all = 256;
  uint32_t sample_every = 16;
  // A field has gone when at least 20 events and a tenth of all had it, and then none of so many
  // sampled ones.
  uint32_t drift_after = 200;
  // A rule's fields are judged when so many events of its log source have been sampled.
  uint32_t judge_after = 100;
  // An event so far ahead of AdvanceTime's clock does not count as a sign of life.
  int64_t max_future_skew_ns = 3600'000'000'000;
  // More are not watched, but counted. A stream (a source's log source) needs 8 bytes a field.
  size_t max_sources = 1000;
  size_t max_streams = 4000;
};

struct HealthFinding {
  enum class Kind : uint8_t { kSilent, kSourceBack, kFieldGone, kFieldBack };
  Kind kind = Kind::kSilent;
  EventTime time = kNoEventTime;  // kSilent: of AdvanceTime; else of the event
  std::string source;
  LogSource log_source;                 // of fields
  std::string field;                    // as rules call it
  int64_t period_ns = 0;                // of silence
  bool declared = false;                // period
  EventTime last_event = kNoEventTime;  // of the source; kNoEventTime: none ever came
  // Of silence: those that no other living source serves. Of a field: those that cannot fire on
  // this log source without it.
  std::vector<std::string> broken_rules;
  std::vector<std::string> affected_rules;  // others that read the field
};
std::string_view HealthFindingKindName(HealthFinding::Kind kind);  // "silent", "field_gone", ...
std::string HealthFindingToJson(const HealthFinding& finding);     // one line

// A rule that no event seen so far could make true.
struct BlindRule {
  enum class Why : uint8_t { kNoLogSource, kNoField };
  std::string rule_id;
  std::string title;
  Why why = Why::kNoLogSource;
  LogSource log_source;
  std::vector<std::string> missing_fields;  // kNoField: fields of it that were never seen
};
std::string BlindRulesToJson(const std::vector<BlindRule>& rules);

struct HealthStats {
  uint64_t events = 0;
  uint64_t sampled = 0;
  uint64_t sources = 0;
  uint64_t streams = 0;
  uint64_t unwatched_events = 0;  // of sources or streams beyond the limits
  uint64_t future_events = 0;
};

// Fed with every event, or with a fair sample. Time comes from events and AdvanceTime only; the
// same calls give the same findings. Thread-compatible. Adapters of events must outlive it.
class HealthMonitor {
 public:
  explicit HealthMonitor(std::shared_ptr<const Program> program, HealthOptions options = {});
  ~HealthMonitor();

  // `log_sources` as Evaluator::LogSourcesOf gives them; the source's name is the event's ref().
  void Observe(const EventView& event, std::span<const LogSource> log_sources);
  // What has been found since the last call, in order; each once, until it is over.
  std::vector<HealthFinding> AdvanceTime(EventTime now);
  // Single-event rules only; a rule whose log source has hardly been seen yet is not judged by its
  // fields. By id.
  std::vector<BlindRule> BlindRules() const;
  HealthStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_HEALTH_H_
