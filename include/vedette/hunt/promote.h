// What becomes of hits: alerts for an incident, a suppression, a rule.
#ifndef VEDETTE_HUNT_PROMOTE_H_
#define VEDETTE_HUNT_PROMOTE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/pipeline.h"
#include "vedette/alert/suppression.h"
#include "vedette/detection.h"
#include "vedette/event.h"
#include "vedette/hunt/job.h"
#include "vedette/hunt/segment.h"

namespace vedette::inline v0 {

// A hit that outlives the call in which it was found. Value type.
struct KeptHit {
  Detection detection;
  std::optional<HuntPlace> place;  // HuntHit::place
};

struct HitAlertOptions {
  PipelineOptions pipeline;  // as the live one; `policy.on_close` must be set
  std::string tenant;
  EventTime now = kNoEventTime;  // when they were found, by the host's clock
};

// An alert and what was folded into it. Value type.
struct HitAlert {
  Alert alert;
  uint64_t count = 1;
  EventTime last_seen = kNoEventTime;
};

// The alerts that a pipeline makes of the hits, in their order, with the events of the segments:
// with the pipeline's options of live they have the ids of live alerts. Then
// IncidentBook::Promote(.., IncidentOrigin::kHunt, ..), and NoteFold with the counts. Errors are
// those of the options and of segments that cannot be read; a hit whose block is lost becomes an
// alert of what the detection says.
absl::StatusOr<std::vector<HitAlert>> AlertsOfHits(std::span<const KeptHit> hits,
                                                   std::span<const SegmentReader* const> segments,
                                                   const HitAlertOptions& options);

// An exception for what the alerts have in common: their rules, and each type of entity of which
// all have a value in common. It still needs an owner's look: `id`, `owner` and `reason` are as
// given, it ends `days` after `now`. InvalidArgument without alerts, or if they share no entity: an
// exception for whole rules is not drafted.
absl::StatusOr<Suppression> DraftSuppression(std::span<const Alert> alerts, std::string id,
                                             std::string owner, std::string reason,
                                             std::string tenant, int days, EventTime now);

// Calls back with events; may be asked for them several times, and must then give the same.
using EventSupply =
    std::function<absl::Status(const std::function<void(const Event& event)>& visit)>;

struct DraftOptions {
  std::string name = "draft";  // of the rule; words and underscores
  std::string title;
  size_t max_tests = 4;   // conditions in the rule
  size_t max_values = 5;  // values of one condition
};

// A rule to begin with. Value type.
struct RuleDraft {
  std::string text;  // in the Vedette language; it compiles
  uint64_t positives = 0;
  uint64_t found = 0;  // of the positives: what the compiled rule holds for
  uint64_t benign = 0;
  uint64_t false_positives = 0;    // benign events for which it holds
  std::vector<std::string> tests;  // conditions, the most telling first
};

// Looks for fields of which all positives have one of a few values (or, for paths, end in the same
// name), takes those that are rarest among the benign events until none of these is left or nothing
// helps, and measures the compiled rule on both. InvalidArgument for no positives, or more than
// 10,000; NotFound if they have nothing in common. It says how the rule does on these events, and
// no more: few benign events prove little.
absl::StatusOr<RuleDraft> DraftRule(const EventSupply& positives, const EventSupply& benign,
                                    const DraftOptions& options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_HUNT_PROMOTE_H_
