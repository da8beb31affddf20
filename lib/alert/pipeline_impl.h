// The pipeline's parts and the order in which an alert goes through them.
#ifndef VEDETTE_LIB_ALERT_PIPELINE_IMPL_H_
#define VEDETTE_LIB_ALERT_PIPELINE_IMPL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/alert/folds.h"
#include "lib/alert/holds.h"
#include "lib/alert/raw_alert.h"
#include "vedette/alert/pipeline.h"
#include "vedette/alert/verdicts.h"

namespace vedette::inline v0 {

// The order of what waits: time, source, place in it, then what makes it unique.
struct WaitingOrder {
  bool operator()(const WaitingAlert& a, const WaitingAlert& b) const {
    const auto key = [](const WaitingAlert& w) {
      return std::tie(w.time, w.alert.place.source, w.alert.place.line, w.alert.rule->id,
                      w.alert.id, w.key);
    };
    return key(a) < key(b);
  }
};

struct AlertPipeline::Impl {
  explicit Impl(PipelineOptions o);

  absl::Status Take(const Detection& detection);
  absl::Status Decide(RawAlert* raw);
  absl::Status Wait(size_t i);
  absl::Status Release(EventTime watermark);
  absl::Status Emit(RawAlert* raw, Fold* fold, EmitReason reason, std::string text,
                    const HeldBy* held);
  absl::Status Hold(RawAlert* raw, const HeldBy& by);
  absl::Status TakeFold(RawAlert* raw, Fold* fold);
  // Whether the budget of the rule's hour is used up; sets `by` if that holds the alert back.
  absl::Status Spend(RawAlert* raw, uint32_t stream, bool spared, HeldBy* by, bool* held);
  const RuleEntry& EntryOf(const Detection& detection);
  const AlertPolicy* PolicyOf(std::string_view rule_id) const;
  // Asks and records; the change may be made if it is ok.
  absl::Status Allow(const Actor& actor, Action action, std::string_view reason, EventTime now,
                     const absl::Status& valid) const;
  template <typename A>
  void Archive(A& a);

  PipelineOptions options;
  AlertSink* sink = nullptr;
  absl::flat_hash_map<std::string, const AlertPolicy*, StringHash, StringEq> policies;
  std::shared_ptr<const Program> program;  // of the entries
  std::vector<RuleEntry> rules;
  std::vector<RuleEntry> correlations;
  Reading reading;
  EventContext context;
  FoldTable folds;
  Holds holds;
  std::vector<std::string> hold_fields;  // of the event, that matchers name
  std::deque<HeldAlert> held;
  uint64_t budget_held = 0;
  uint64_t budget_canaries = 0;
  EventTime budget_last = kNoEventTime;
  std::multiset<WaitingAlert, WaitingOrder> waiting;
  EventTime newest = kNoEventTime;
  PipelineStats stats;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_PIPELINE_IMPL_H_
