// Training: an incident with a known answer is told step by step, and what the trainee decides is
// scored.
#ifndef VEDETTE_HUNT_TRAINING_H_
#define VEDETTE_HUNT_TRAINING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/entity.h"
#include "vedette/diagnostic.h"
#include "vedette/event.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

// One incident with its answer. Value type.
struct TrainingCase {
  std::string id;
  std::string title;     // shown
  std::string briefing;  // shown: what the trainee knows beforehand
  // Events as JSON objects, or a file of them (the host finds it by its name), in [from, to).
  std::vector<std::string> events;
  std::string events_file;
  EventTime from = kNoEventTime;
  EventTime to = INT64_MAX;
  // The answer.
  Verdict verdict = Verdict::kNone;
  std::vector<Entity> entities;         // that must be named, normalised
  std::vector<std::string> techniques;  // "T1059.001"
  std::vector<std::string> actions;     // in the scenario's own words
  std::string explanation;              // shown at the end
  int64_t par_ns = 0;                   // a good analyst needs so long; 0: time does not count
};

// Value type.
struct TrainingScenario {
  std::string id;
  std::string title;
  std::vector<std::string> actions;  // among which the trainee chooses, right and wrong ones
  std::vector<TrainingCase> cases;
};

// Reads a scenario file: JSON, as docs/training.md says. What is wrong is in `diagnostics`
// (TRN00xx) with its place; nothing is returned then.
std::optional<TrainingScenario> LoadTrainingScenario(const RuleSource& source,
                                                     DiagnosticSink* diagnostics);

// What the trainee says of a case. Value type.
struct TrainingAnswer {
  Verdict verdict = Verdict::kNone;  // must be one
  std::vector<Entity> entities;
  std::vector<std::string> techniques;
  std::vector<std::string> actions;
  std::string reason;  // in words; kept, not scored
};

// The share of what was named that is right, and of what is right that was named. Value type.
struct TrainingOverlap {
  uint64_t named = 0;
  uint64_t expected = 0;
  uint64_t right = 0;
  // 2 right / (named + expected) in thousandths; 1,000 if both are empty.
  uint32_t permille() const;
};

// Value type.
struct CaseScore {
  std::string id;
  Verdict verdict = Verdict::kNone;
  Verdict expected = Verdict::kNone;
  bool correct = false;
  TrainingOverlap entities;
  TrainingOverlap techniques;
  TrainingOverlap actions;
  uint64_t alerts_seen = 0;  // of `alerts`, when the answer was given
  uint64_t alerts = 0;
  int64_t time_ns = 0;  // from the first look to the answer
  // 1,000 up to the par time, then par / time; 1,000 if there is no par time.
  uint32_t time_permille = 0;
  uint32_t reason_permille = 0;  // the mean of the three overlaps
  // Half the verdict, three tenths the reason, two tenths the time; without the right verdict time
  // counts nothing.
  uint32_t total_permille = 0;
  std::string reason;
};

// Value type.
struct TrainingReport {
  std::string scenario;
  std::string trainee;
  uint64_t seed = 0;
  std::vector<CaseScore> cases;    // in the order in which they were given
  uint64_t left = 0;               // not answered
  uint32_t accuracy_permille = 0;  // of all cases; what was not answered is wrong
  uint32_t reason_permille = 0;    // mean over all cases
  uint32_t total_permille = 0;
  int64_t time_ns = 0;
};
// The same bytes for the same report.
std::string TrainingReportToJson(const TrainingReport& report);
std::string TrainingReportToMarkdown(const TrainingReport& report);

// What a trainee may see of an alert: rule, time, entities, what matched. No verdict and no label.
struct TrainingStep {
  size_t number = 0;  // from 1
  size_t total = 0;
  const Alert* alert = nullptr;  // lives as long as the session
};

// Leads through the cases in an order that the seed decides. The host makes the alerts of each case
// (by any rules) and gives the times; the answers come out with Finish only. The same scenario,
// alerts, seed, answers and times give the same report. Thread-compatible; reads no clock.
class TrainingSession {
 public:
  // `alerts` are of each case of the scenario, in its order; they are shown by event time.
  // InvalidArgument without cases, or with another number of them.
  static absl::StatusOr<std::unique_ptr<TrainingSession>> Start(
      TrainingScenario scenario, std::vector<std::vector<Alert>> alerts, std::string trainee,
      uint64_t seed);
  ~TrainingSession();

  // The case that is open: title, briefing and number of alerts, without its answer; null at the
  // end.
  struct CaseView {
    size_t number = 0;  // from 1
    size_t total = 0;
    std::string id;
    std::string title;
    std::string briefing;
    size_t alerts = 0;
  };
  const CaseView* current() const;
  const std::vector<std::string>& actions() const;

  // The next alert of the case. The first call starts its clock; OutOfRange if there is no further
  // one, FailedPrecondition at the end, InvalidArgument for a time before the last one.
  absl::StatusOr<TrainingStep> Next(EventTime now);
  // Answers the case, and goes to the next. InvalidArgument without a verdict, for actions that the
  // scenario does not have, or for a time before the last one.
  absl::Status Answer(const TrainingAnswer& answer, EventTime now);
  bool done() const { return current() == nullptr; }

  // The score so far, with the right answers of what was answered.
  TrainingReport Report() const;
  // Of a case that was answered; empty for one that was not: the answer stays hidden.
  std::string ExplanationOf(std::string_view case_id) const;

 private:
  struct Impl;
  explicit TrainingSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_HUNT_TRAINING_H_
