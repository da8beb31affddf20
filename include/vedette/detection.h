// What comes out: matches (borrowed, one rule on one event) and detections (owned, explained).
#ifndef VEDETTE_DETECTION_H_
#define VEDETTE_DETECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "vedette/event.h"
#include "vedette/logsource.h"
#include "vedette/program.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

// One rule that holds for one event. Borrowed from the evaluator until its next call.
struct Match {
  uint32_t rule = 0;  // index in the program
};

// A value that made a rule hold.
struct MatchedField {
  std::string field;      // as the rule calls it; empty for a keyword
  std::string value;      // the event's text, cut to `max_value_bytes` with "..." at the end
  std::string test;       // what the rule asked: "endswith '\\cmd.exe'"
  std::string selection;  // the rule's own name for the part ("selection_img")
  // Of `in set("name")`, what is known of the value, names and values as JSON: the `set`, the
  // indicator's fields ("value" in sets of plain values), source, confidence, severity,
  // valid_until.
  std::vector<std::pair<std::string, std::string>> indicator;
};

// Why a rule over several events was judged when it was (docs/correlator.md, section 2).
enum class DetectionCause : uint8_t {
  kRecord,  // an event made the condition true
  kClose,   // a window closed
  kTimer,   // something did not come in time
};

// One event that a rule over several events is about.
struct EvidenceEvent {
  std::string source;  // the rule's name for the stage or source
  EventTime time = kNoEventTime;
  std::string event_source;  // file or stream
  uint64_t event_line = 0;
  std::vector<std::pair<std::string, std::string>> fields;  // those the rule looks at, as JSON
};

// What a rule over several events saw.
struct Evidence {
  DetectionCause cause = DetectionCause::kRecord;
  std::vector<std::pair<std::string, std::string>> key;  // names and values as JSON
  EventTime window_start = kNoEventTime;
  EventTime window_end = kNoEventTime;
  EventTime first = kNoEventTime;  // of the events
  EventTime last = kNoEventTime;
  std::vector<std::pair<std::string, std::string>> aggregates;  // "count(fails)" and value as JSON
  std::vector<EvidenceEvent> events;  // at most `max_evidence_events`: the first and the last ones
  uint64_t total_events = 0;
  // State of the rule was evicted or forgotten before: numbers may be too low.
  bool degraded = false;
};

// A rule that fired, with all that a reader needs. Owned; holds its program alive. Value type.
struct Detection {
  std::shared_ptr<const Program> program;
  uint32_t rule = 0;
  EventTime time = kNoEventTime;
  LogSource log_source;               // of the event; the first that the rule accepts
  std::vector<MatchedField> matched;  // at most `max_matched_fields`
  // What the rule computed: name and value as JSON, in the rule's order.
  std::vector<std::pair<std::string, std::string>> outcomes;
  std::string event_source;  // file or stream
  uint64_t event_line = 0;
  // Of a rule over several events; then `rule` counts Program::correlation, `time` is when it was
  // judged, and the event fields above are empty.
  std::shared_ptr<const Evidence> evidence;

  const RuleMeta& meta() const {
    return evidence != nullptr ? program->correlation(rule) : program->rule(rule);
  }
};

// One JSON object on one line: the rule's id, title, level, status, tags, author, references,
// false positives, log source, the event's time and place, and the matched fields.
std::string DetectionToJson(const Detection& detection);

}  // namespace vedette::inline v0

#endif  // VEDETTE_DETECTION_H_
