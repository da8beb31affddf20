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
#include "vedette/match_record.h"
#include "vedette/profile.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

struct EvaluatorOptions {
  size_t max_value_bytes = 512;    // of one matched value in a detection
  size_t max_matched_fields = 32;  // per detection
  // What searching the long values (64 KiB and more) of one event may cost, in bytes looked at by
  // all rules together. Beyond it the remaining rules are not decided for that event, and counted:
  // a hostile event with a field of 10 MB cannot stop the stream, and no verdict is ever guessed.
  size_t max_scan_bytes = size_t{1} << 30;
  // Look at each field once for all rules, and evaluate only rules that can hold. Off, every rule
  // of the event's log source is evaluated: slower, with the same matches.
  bool use_index = true;
  // An index is made for the rules of a combination of log sources when so many events had it (a
  // hostile stream can ask for a new one with every event).
  uint32_t events_before_index = 16;
  // For what an index found in texts that fields have again and again, per evaluator; 0: nothing is
  // remembered.
  size_t memo_bytes = size_t{4} << 20;
  // Every so many events one is counted for Evaluator::Profile, and timed if there is a clock; 0:
  // none is.
  uint32_t profile_every = 64;
  int64_t (*profile_clock)() = nullptr;  // nanoseconds since any moment; never going back
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
  // Rules that the events faced by their log sources, and those of them that were evaluated because
  // they could hold; conditions of sources of correlations, too.
  uint64_t rules_faced = 0;
  uint64_t rules_evaluated = 0;
  uint64_t records = 0;                   // for correlations
  uint64_t records_without_key = 0;       // left out: the event lacks a part of the group key
  uint64_t key_combinations_dropped = 0;  // beyond 64 of one event, source and list keys
  uint64_t missing_indicator_sets = 0;    // times that a rule asked for a set that is not there

  // Adds what another evaluator counted.
  EvaluatorStats& operator+=(const EvaluatorStats& other);
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
// matches nothing and makes no record, once warmed up. Reads no clock and starts no thread.
class Evaluator {
 public:
  explicit Evaluator(std::shared_ptr<const Program> program, EvaluatorOptions options = {});
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;

  // The rules that hold for the event and give detections, by index, ascending. Valid until the
  // next call.
  std::span<const Match> Evaluate(const EventView& event);
  // What the event of the last Evaluate, which must be this one, is to the correlations of the
  // program: a record for each source that it satisfies and each combination of the elements of
  // list keys. In the order of rules, then correlations, then sources. `tiebreak` is the event's, 0
  // without one. Valid until the next Evaluate. Records are for a Correlator of the same program.
  std::span<const MatchRecord> Records(const EventView& event);
  // The detection of a match of the last Evaluate, which must have been of the same event.
  Detection Describe(const EventView& event, const Match& match);
  // Appends the bytes of the key by which the rule suppresses its detections, for a match of the
  // last Evaluate; nothing if it does not suppress or has one key for all. False if a part that is
  // not optional is missing: this detection is not suppressed.
  bool AppendSuppressionKey(const Match& match, std::string* key);
  // Evaluates every part of one rule, whatever the log source says.
  Explanation Explain(const EventView& event, size_t rule);
  // The log sources of the event (the host's, or derived by the program's table).
  std::vector<LogSource> LogSourcesOf(const EventView& event);

  const Program& program() const;
  const EvaluatorStats& stats() const;
  // What the rules cost so far, from the sampled events.
  EvaluationProfile Profile() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_EVALUATOR_H_
