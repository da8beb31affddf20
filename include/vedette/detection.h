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

  const RuleMeta& meta() const { return program->rule(rule); }
};

// One JSON object on one line: the rule's id, title, level, status, tags, author, references,
// false positives, log source, the event's time and place, and the matched fields.
std::string DetectionToJson(const Detection& detection);

}  // namespace vedette::inline v0

#endif  // VEDETTE_DETECTION_H_
