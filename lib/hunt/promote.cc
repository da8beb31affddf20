#include "vedette/hunt/promote.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace vedette::inline v0 {
namespace {

class Collector : public AlertSink {
 public:
  absl::Status OnAlert(const Alert& alert) override {
    places_[alert.id] = alerts.size();
    alerts.push_back({alert, 1, alert.last_event_time});
    return absl::OkStatus();
  }
  absl::Status OnFold(const FoldUpdate& fold) override {
    const auto it = places_.find(fold.alert);
    if (it == places_.end()) return absl::OkStatus();
    alerts[it->second].count = fold.count;
    alerts[it->second].last_seen = std::max(alerts[it->second].last_seen, fold.last_seen);
    return absl::OkStatus();
  }
  std::vector<HitAlert> alerts;

 private:
  std::map<Id128, size_t> places_;
};

// Gives hits to a pipeline, each with its event.
class Replay {
 public:
  Replay(std::span<const KeptHit> hits, std::span<const SegmentReader* const> segments,
         const HitAlertOptions& options, AlertPipeline* pipeline)
      : hits_(hits), segments_(segments), options_(options), pipeline_(pipeline) {}

  absl::Status Run() {
    while (next_ < hits_.size()) {
      const std::optional<HuntPlace>& place = hits_[next_].place;
      absl::Status status =
          place.has_value() && place->segment < segments_.size() ? Block(*place) : Give(nullptr);
      if (!status.ok()) return status;
    }
    return pipeline_->Flush();
  }

 private:
  absl::Status Give(const Event* event) {
    const KeptHit& hit = hits_[next_++];
    EventContext context;
    context.tenant = options_.tenant;
    context.now = options_.now;
    std::optional<EventView> view;
    if (event != nullptr) {
      view = event->view();
      context.event = &*view;
      context.raw = event->raw();
    }
    pipeline_->SetEvent(context);
    return pipeline_->OnDetection(hit.detection);
  }

  // The hits of this block that come next, and those without an event between them.
  absl::Status Block(const HuntPlace& first) {
    uint64_t index = 0;
    absl::Status given;
    const auto here = [&](uint64_t at) {
      const std::optional<HuntPlace>& p = hits_[next_].place;
      return p.has_value() && p->segment == first.segment && p->block == first.block &&
             p->index == at;
    };
    const size_t begin = next_;
    const absl::Status read =
        segments_[first.segment]->NewBlockReader({})->Read(first.block, [&](const Event& event) {
          while (given.ok() && next_ < hits_.size() && here(index)) {
            given = Give(&event);
            while (given.ok() && next_ < hits_.size() && !hits_[next_].place.has_value()) {
              given = Give(nullptr);
            }
          }
          ++index;
          return given;
        });
    if (!given.ok()) return given;
    if (!read.ok() && !absl::IsDataLoss(read)) return read;
    return next_ == begin ? Give(nullptr) : absl::OkStatus();
  }

  std::span<const KeptHit> hits_;
  std::span<const SegmentReader* const> segments_;
  const HitAlertOptions& options_;
  AlertPipeline* pipeline_;
  size_t next_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<HitAlert>> AlertsOfHits(std::span<const KeptHit> hits,
                                                   std::span<const SegmentReader* const> segments,
                                                   const HitAlertOptions& options) {
  Collector collector;
  PipelineOptions pipeline_options = options.pipeline;
  // Stored events are old, and none of them is ahead of the clock.
  pipeline_options.late_after_ns = INT64_MAX;
  pipeline_options.max_future_skew_ns = INT64_MAX;
  auto pipeline = AlertPipeline::Create(std::move(pipeline_options), &collector);
  if (!pipeline.ok()) return pipeline.status();
  if (absl::Status s = Replay(hits, segments, options, pipeline->get()).Run(); !s.ok()) return s;
  return std::move(collector.alerts);
}

absl::StatusOr<Suppression> DraftSuppression(std::span<const Alert> alerts, std::string id,
                                             std::string owner, std::string reason,
                                             std::string tenant, int days, EventTime now) {
  if (alerts.empty()) return absl::InvalidArgumentError("there is no alert to draft from");
  std::set<std::string> rules;
  std::set<Entity> common;
  for (size_t i = 0; i < alerts.size(); ++i) {
    if (alerts[i].rule == nullptr) return absl::InvalidArgumentError("an alert has no rule");
    rules.insert(alerts[i].rule->id);
    std::set<Entity> entities;
    for (const AlertEntity& e : alerts[i].entities) {
      if (i == 0 || common.contains(e.entity)) entities.insert(e.entity);
    }
    common = std::move(entities);
  }
  // One process or session never comes again.
  std::erase_if(common, [](const Entity& e) {
    return e.type == EntityType::kProcess || e.type == EntityType::kSession;
  });
  if (common.empty()) {
    return absl::InvalidArgumentError(
        "the alerts share no entity: an exception for whole rules is not drafted");
  }
  Suppression s;
  s.id = std::move(id);
  s.owner = std::move(owner);
  s.reason = std::move(reason);
  s.tenants = {std::move(tenant)};
  s.expires_at = now + int64_t{days} * 24 * 3600 * kNsPerSecond;
  AlertTest& rule = s.matcher.tests.emplace_back();
  rule.field = "rule";
  rule.values.assign(rules.begin(), rules.end());
  std::map<EntityType, std::vector<std::string>> by_type;
  for (const Entity& e : common) by_type[e.type].push_back(e.value);
  for (auto& [type, values] : by_type) {
    AlertTest& test = s.matcher.tests.emplace_back();
    test.field = "entity." + std::string(EntityTypeName(type));
    // All of them are in each alert; one is enough to find it by.
    test.values = {values.front()};
  }
  if (absl::Status valid = Validate(s, now); !valid.ok()) return valid;
  return s;
}

}  // namespace vedette::inline v0
