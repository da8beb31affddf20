// Runs a Program over single events.
#ifndef VEDETTE_EVALUATOR_H_
#define VEDETTE_EVALUATOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "vedette/detection.h"
#include "vedette/event.h"
#include "vedette/indicator_set.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

struct EvaluatorOptions {
  size_t max_value_bytes = 512;    // of one matched value in a detection
  size_t max_matched_fields = 32;  // per detection
  // What searching the long values (64 KiB and more) of one event may cost, in bytes looked at by
  // all rules together. Beyond it the remaining rules are not decided for that event, and counted:
  // a hostile event with a field of 10 MB cannot stop the stream, and no verdict is ever guessed.
  size_t max_scan_bytes = size_t{1} << 30;
  // What `in set("name")` asks; must outlive the evaluator. Without them no value is in any set.
  const IndicatorSets* indicator_sets = nullptr;
};

struct EvaluatorStats {
  uint64_t events = 0;
  uint64_t matches = 0;
  uint64_t events_without_log_source = 0;  // only rules without a log source saw them
  uint64_t events_without_rules = 0;       // log source known, no rule for it
  uint64_t events_undecided = 0;           // beyond max_scan_bytes: some rules were not decided
  uint64_t rules_undecided = 0;            // for those events, in all
  uint64_t rules_evaluated = 0;
  uint64_t missing_indicator_sets = 0;  // times that a rule asked for a set that is not there
};

// Why a rule holds for an event or not: a tree of the rule's own parts.
struct Explanation {
  std::string text;  // "selection_img", "Image endswith '\\cmd.exe'", "and", "log source"
  bool result = false;
  std::string detail;  // the event's value, or why not: "no such field", "value is 'x'"
  std::vector<Explanation> children;
};
// An indented tree with + and - marks (or check marks and colours); ends in a newline.
std::string FormatExplanation(const Explanation& explanation, bool color = false);

// One per thread (thread-compatible); the Program is shared. No allocation for an event that
// matches nothing, once warmed up. Reads no clock and starts no thread.
class Evaluator {
 public:
  explicit Evaluator(std::shared_ptr<const Program> program, EvaluatorOptions options = {});
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;

  // The rules that hold for the event, by index, ascending. Valid until the next call.
  std::span<const Match> Evaluate(const EventView& event);
  // The detection of a match of the last Evaluate, which must have been of the same event.
  Detection Describe(const EventView& event, const Match& match);
  // Evaluates every part of one rule, whatever the log source says.
  Explanation Explain(const EventView& event, size_t rule);
  // The log sources of the event (the host's, or derived by the program's table).
  std::vector<LogSource> LogSourcesOf(const EventView& event);

  const Program& program() const;
  const EvaluatorStats& stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_EVALUATOR_H_
