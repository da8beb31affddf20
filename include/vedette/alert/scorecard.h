// The weekly rule scorecard: what each rule cost, how often it was right, and what to do about it.
#ifndef VEDETTE_ALERT_SCORECARD_H_
#define VEDETTE_ALERT_SCORECARD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/pipeline.h"
#include "vedette/alert/suppression.h"
#include "vedette/alert/verdicts.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

enum class RuleAdvice : uint8_t { kKeep, kTune, kRetire };
std::string_view RuleAdviceName(RuleAdvice advice);  // "keep", "tune", "retire"

// Advice only: no rule is changed by it.
struct ScorecardOptions {
  // Tune: judged by at least min_verdicts and right less often than this.
  uint32_t tune_below_permille = 500;
  // Retire: the same, and hardly ever right.
  uint32_t retire_below_permille = 50;
  uint64_t min_verdicts = 10;
  // Tune: more raw alerts than this in the period; 0 leaves it out.
  uint64_t noisy_from = 1000;
  // Tune: suppressed more often than this, of raw alerts. A rule that is suppressed should be told
  // so in its text.
  uint32_t suppressed_from_permille = 800;
  size_t max_rules = 100'000;  // counted; more are counted together, as `other`
};

// Value type. raw == emitted + folded + suppressed + inhibited + late.
struct RuleScore {
  std::string rule_id;
  std::string title;
  Level level = Level::kUnset;
  uint64_t raw = 0;
  uint64_t emitted = 0;
  uint64_t folded = 0;
  uint64_t suppressed = 0;  // by exception, maintenance or budget
  uint64_t inhibited = 0;
  uint64_t late = 0;
  RuleVerdicts verdicts;                   // as long as the book remembers, not only of the period
  std::optional<RulePrecision> precision;  // lower bound
  // TP / (TP + FP + benign), thousandths; nothing without such verdicts.
  std::optional<uint32_t> right_permille;
  RuleAdvice advice = RuleAdvice::kKeep;
  std::vector<std::string> reasons;  // at least one
};

struct Scorecard {
  EventTime from = kNoEventTime;
  EventTime to = kNoEventTime;
  std::vector<RuleScore> rules;  // retire, tune, keep; within each by raw alerts, then id
  uint64_t other_raw = 0;        // alerts of rules beyond `max_rules`
};

// Counts what a pipeline does: hand every call of its sink on to it. Thread-compatible.
class ScorecardCounter {
 public:
  explicit ScorecardCounter(ScorecardOptions options = {});
  ~ScorecardCounter();

  void OnAlert(const Alert& alert);
  void OnFold(const FoldUpdate& fold);
  void OnHeld(const HeldAlert& held);
  void OnLate(const Alert& alert);
  // Begins a new period.
  void Clear();

  // Of all rules of the program and of those that only alerts have named; `verdicts` may be null.
  Scorecard Report(const Program* program, const VerdictBook* verdicts, EventTime from,
                   EventTime to) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One JSON object on one line.
std::string ScorecardToJson(const Scorecard& card);
// For people: a table of each advice, with the reasons.
std::string ScorecardToMarkdown(const Scorecard& card);

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_SCORECARD_H_
