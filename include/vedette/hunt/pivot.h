// From an entity to where it was seen, and with whom.
#ifndef VEDETTE_HUNT_PIVOT_H_
#define VEDETTE_HUNT_PIVOT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vedette/alert/alert.h"
#include "vedette/alert/entity.h"
#include "vedette/event.h"
#include "vedette/hunt/job.h"

namespace vedette::inline v0 {

struct PivotOptions {
  Entity entity;                                // the value is compared normalised
  std::shared_ptr<const EntityTable> entities;  // null: an empty one
  size_t max_places = 100;                      // of events that are kept, the first ones
  size_t max_neighbours = 100'000;              // that are counted
};

// Another entity in the same events or alerts. Value type.
struct Neighbour {
  Entity entity;
  uint64_t events = 0;
  uint64_t alerts = 0;
  EventTime first = kNoEventTime;
  EventTime last = kNoEventTime;
};

// Value type.
struct PivotResult {
  Entity entity;
  uint64_t events_seen = 0;  // that were added
  uint64_t events = 0;       // of them, with the entity
  uint64_t alerts = 0;
  EventTime first = kNoEventTime;
  EventTime last = kNoEventTime;
  std::vector<HuntPlace> places;        // of the first events
  std::vector<Id128> alert_ids;         // of the first `max_places` alerts
  std::vector<Neighbour> neighbours;    // most events and alerts first, then by type and value
  uint64_t neighbours_not_counted = 0;  // sightings beyond max_neighbours: rows are then a sample
};

// Adds up events and alerts. The entities of events are those that alerts have (docs/alerts.md,
// "Entities"). Thread-compatible; adapters of the events must outlive it.
class PivotCounter {
 public:
  explicit PivotCounter(PivotOptions options);
  ~PivotCounter();
  // Whether the event has the entity.
  bool AddEvent(const EventView& event, const HuntPlace& place);
  bool AddAlert(const Alert& alert);
  // With the `neighbours` first ones.
  PivotResult Result(size_t neighbours) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_HUNT_PIVOT_H_
