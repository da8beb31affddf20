#include "vedette/hunt/pivot.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "lib/alert/entities.h"
#include "lib/alert/event_fields.h"
#include "lib/alert/field_catalog.h"

namespace vedette::inline v0 {

struct PivotCounter::Impl {
  // Whether `all` has the entity; counts the others if so.
  bool Count(const std::vector<AlertEntity>& all, EventTime time, bool alert);

  PivotOptions options;
  PivotResult result;
  std::map<Entity, Neighbour> neighbours;
  EventFields fields;
  std::vector<AlertEntity> found;
  std::vector<FieldText> process;
};

bool PivotCounter::Impl::Count(const std::vector<AlertEntity>& all, EventTime time, bool alert) {
  const auto is_it = [this](const AlertEntity& e) { return e.entity == result.entity; };
  if (std::none_of(all.begin(), all.end(), is_it)) return false;
  const auto widen = [time](EventTime* first, EventTime* last) {
    if (time == kNoEventTime) return;
    *first = *first == kNoEventTime ? time : std::min(*first, time);
    *last = std::max(*last, time);
  };
  ++(alert ? result.alerts : result.events);
  widen(&result.first, &result.last);
  for (const AlertEntity& e : all) {
    if (is_it(e)) continue;
    auto it = neighbours.find(e.entity);
    if (it == neighbours.end()) {
      if (neighbours.size() >= options.max_neighbours) {
        ++result.neighbours_not_counted;
        continue;
      }
      it = neighbours.emplace(e.entity, Neighbour{}).first;
      it->second.entity = e.entity;
    }
    ++(alert ? it->second.alerts : it->second.events);
    widen(&it->second.first, &it->second.last);
  }
  return true;
}

PivotCounter::PivotCounter(PivotOptions options) : impl_(std::make_unique<Impl>()) {
  if (options.entities == nullptr) options.entities = *EntityTable::Build({});
  options.entity.value = NormalizeEntity(options.entity.value);
  // The canonical name, under which alerts and events speak of it.
  const EntityRow* const row = options.entities->Find(options.entity.type, options.entity.value);
  if (row != nullptr && !row->canonical.empty()) {
    options.entity.value = NormalizeEntity(row->canonical);
  }
  impl_->result.entity = options.entity;
  impl_->options = std::move(options);
}
PivotCounter::~PivotCounter() = default;

bool PivotCounter::AddEvent(const EventView& event, const HuntPlace& place) {
  Impl& impl = *impl_;
  ++impl.result.events_seen;
  impl.fields.Begin(&event, nullptr);
  impl.process.clear();
  impl.fields.Row(kProcessRow, &impl.process);
  impl.found.clear();
  ExtractEntities(&impl.fields, *impl.options.entities,
                  impl.process.empty() ? std::string_view() : impl.process[0].text, &impl.found);
  if (!impl.Count(impl.found, event.time(), false)) return false;
  if (impl.result.places.size() < impl.options.max_places) impl.result.places.push_back(place);
  return true;
}

bool PivotCounter::AddAlert(const Alert& alert) {
  Impl& impl = *impl_;
  if (!impl.Count(alert.entities, alert.event_time, true)) return false;
  if (impl.result.alert_ids.size() < impl.options.max_places) {
    impl.result.alert_ids.push_back(alert.id);
  }
  return true;
}

PivotResult PivotCounter::Result(size_t neighbours) const {
  PivotResult result = impl_->result;
  for (const auto& [entity, n] : impl_->neighbours) result.neighbours.push_back(n);
  const size_t n = std::min(neighbours, result.neighbours.size());
  std::partial_sort(result.neighbours.begin(),
                    result.neighbours.begin() + static_cast<std::ptrdiff_t>(n),
                    result.neighbours.end(), [](const Neighbour& a, const Neighbour& b) {
                      const uint64_t x = a.events + a.alerts;
                      const uint64_t y = b.events + b.alerts;
                      return x != y ? x > y : a.entity < b.entity;
                    });
  result.neighbours.resize(n);
  return result;
}

}  // namespace vedette::inline v0
