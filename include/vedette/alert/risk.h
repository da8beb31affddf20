// Risk of entities: alerts add to it, time halves it. In fixed point, so that it is the same number
// on every machine.
#ifndef VEDETTE_ALERT_RISK_H_
#define VEDETTE_ALERT_RISK_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/entity.h"
#include "vedette/alert/id.h"
#include "vedette/alert/suppression.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

class VerdictBook;

// Points with 32 binary digits after the point. Value type.
struct RiskScore {
  uint64_t q32 = 0;

  static constexpr RiskScore Points(uint32_t points) { return {uint64_t{points} << 32}; }
  std::string ToText() const;  // "104.59"
  friend auto operator<=>(const RiskScore&, const RiskScore&) = default;
};

// `score` after `elapsed_ns`, when `half_life_ns` (above 0) halves it. Rounded to the nearest.
RiskScore Decay(RiskScore score, int64_t elapsed_ns, int64_t half_life_ns);

struct RiskOptions {
  int64_t half_life_ns = 24 * 3600 * kNsPerSecond;
  uint32_t threshold = 100;     // points
  uint32_t rearm_percent = 50;  // of the threshold: below it the entity may be told of again
  // Points of an alert by severity, from informational on.
  std::array<uint32_t, 5> severity_points = {1, 5, 15, 40, 80};
  // Of these, by the entity's criticality.
  std::array<uint32_t, 4> criticality_percent = {50, 100, 150, 200};
  std::vector<std::pair<std::string, uint32_t>> rule_percent;  // by rule id; 100 for others
  std::vector<EntityType> types = {EntityType::kDevice, EntityType::kUser};
  size_t max_entities = 100'000;          // those that rest longest go first, counted
  const VerdictBook* verdicts = nullptr;  // rules that are rarely right weigh less; may be null
};

// Something that adds risk to one entity. Value type.
struct RiskEvent {
  std::string tenant;
  Entity entity;
  std::string rule_id;
  std::vector<std::string> tactics;
  Id128 alert;
  EventTime time = kNoEventTime;
  RiskScore weight;
  bool critical = false;  // the alert's severity is
};

// One addition to a score. Value type.
struct RiskContribution {
  EventTime time = kNoEventTime;
  Id128 alert;
  std::string rule_id;
  RiskScore added;        // less than the weight if the rule has fired before
  RiskScore score_after;  // at that time
};

// An entity has reached the threshold, by two rules, two tactics or something critical within 7
// half-lives. Value type.
struct RiskNotice {
  std::string tenant;
  Entity entity;
  EventTime time = kNoEventTime;
  RiskScore score;
  std::vector<std::string> rules;         // of the last 7 half-lives, sorted
  std::vector<std::string> tactics;       // likewise
  std::vector<RiskContribution> history;  // the newest 16, oldest first
};

struct EntityRisk {
  std::string tenant;
  Entity entity;
  RiskScore score;      // at the time asked for
  bool raised = false;  // has been told of, and not fallen far enough since
  std::vector<RiskContribution> history;
};

// The risk of entities. Thread-compatible; reads no clock. The n-th firing of a rule on an entity
// within a half-life adds 2^-(n-1) of its weight, so that one noisy rule raises nothing alone.
class RiskBook {
 public:
  // InvalidArgument for a half-life or threshold of 0, or percentages above 10,000.
  static absl::StatusOr<std::unique_ptr<RiskBook>> Create(RiskOptions options);
  ~RiskBook();

  // Adds to each entity of the alert that bears risk: points of severity, times percentages of
  // confidence, criticality, rule and verdicts.
  std::vector<RiskNotice> Add(const Alert& alert);
  std::optional<RiskNotice> Add(const RiskEvent& event);

  std::optional<EntityRisk> Find(std::string_view tenant, const Entity& entity,
                                 EventTime now) const;
  // The entities of highest risk at `now`, highest first; equal ones by tenant and name.
  std::vector<EntityRisk> Top(size_t n, EventTime now) const;
  // What an alert weighs on an entity of that criticality.
  RiskScore WeightOf(const Alert& alert, Criticality criticality) const;
  size_t size() const;
  uint64_t evicted() const;

  std::string Snapshot() const;
  absl::Status Restore(std::string_view snapshot);

 private:
  struct Impl;
  explicit RiskBook(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_RISK_H_
