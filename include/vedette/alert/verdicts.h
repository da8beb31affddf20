// What analysts said of alerts, and what follows for the rules that made them.
#ifndef VEDETTE_ALERT_VERDICTS_H_
#define VEDETTE_ALERT_VERDICTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/id.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// One judgement. Value type.
struct JudgedAlert {
  Id128 alert;
  Id128 fingerprint;
  std::string rule_id;
  std::string analyst;
  Verdict verdict = Verdict::kNone;
  EventTime time = kNoEventTime;
};

// How a rule has been judged. Value type.
struct RuleVerdicts {
  uint64_t true_positives = 0;
  uint64_t false_positives = 0;
  uint64_t benign = 0;
  uint64_t others = 0;   // suspicious, test, insufficient, duplicate: say nothing of the rule
  uint64_t refired = 0;  // alerts that came again after a negative verdict
};

// For ranking and hygiene; no rule is ever turned off by it. Thread-compatible.
class VerdictBook {
 public:
  // `max_alerts`: how many judged alerts are remembered; the oldest are forgotten (counts of rules
  // stay).
  explicit VerdictBook(size_t max_alerts = 100'000);
  ~VerdictBook();

  // The alert's last verdict counts, whoever gave it; the same one by the same analyst again
  // changes nothing (false).
  bool Record(const JudgedAlert& judged);
  void CountRefired(std::string_view rule_id);
  // Nothing below 5 verdicts that say something of the rule.
  std::optional<RulePrecision> PrecisionOf(std::string_view rule_id) const;
  RuleVerdicts OfRule(std::string_view rule_id) const;
  // Of alerts with the fingerprint, newest first, at most 5.
  std::vector<PastVerdict> OfFingerprint(const Id128& fingerprint) const;
  // All judgements of one alert, in order.
  std::vector<JudgedAlert> OfAlert(const Id128& alert) const;
  uint64_t evicted() const;

  std::string Snapshot() const;
  absl::Status Restore(std::string_view snapshot);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The value below which Beta(1 + hits, 1 + misses) lies with a chance of 5 %, in thousandths.
uint32_t BetaLowerPermille(uint64_t hits, uint64_t misses);

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_VERDICTS_H_
