// Keeping incidents: finding, telling, measuring, forgetting.
#include "vedette/alert/incidents.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/alert/incidents_impl.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxLog = 10'000;  // entries of one incident that are kept

}  // namespace

size_t BytesOf(const Alert& alert) {
  size_t n =
      sizeof(Alert) + alert.command_line.size() + alert.process.size() + alert.place.source.size();
  n += alert.entities.size() * (sizeof(AlertEntity) + 64);
  for (const MatchedField& m : alert.matched) {
    n += sizeof(MatchedField) + m.value.size() + m.test.size();
  }
  if (alert.evidence != nullptr) n += alert.evidence->events.size() * 512;
  return n;
}

absl::StatusOr<std::unique_ptr<IncidentBook>> IncidentBook::Create(IncidentOptions options,
                                                                   IncidentSink* sink) {
  if (sink == nullptr) return absl::InvalidArgumentError("there is no sink for incidents");
  for (const int64_t n : {options.join_window_ns, options.medium_window_ns, options.hub_window_ns,
                          options.reopen_window_ns, options.reopen_same_ns, options.group_wait_ns,
                          options.group_interval_ns}) {
    if (n < 0 || n > kMaxSuppressionNs) {
      return absl::InvalidArgumentError("a span of time is not between 0 and 90 days");
    }
  }
  if (options.max_alerts < 2 || options.max_entities < 2 || options.hub_degree < 2) {
    return absl::InvalidArgumentError("a cap of incidents is below 2");
  }
  for (const SlaTargets& t : options.sla) {
    if (t.ack_ns < 0 || t.contain_ns < 0 || t.resolve_ns < 0) {
      return absl::InvalidArgumentError("a target is negative");
    }
  }
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->sink = sink;
  return std::unique_ptr<IncidentBook>(new IncidentBook(std::move(impl)));
}

IncidentBook::IncidentBook(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IncidentBook::~IncidentBook() = default;

absl::StatusOr<Id128> IncidentBook::Add(const Alert& alert) { return impl_->Add(alert); }

void IncidentBook::NoteFold(const Id128& alert, uint64_t count, EventTime last_seen) {
  const auto it = impl_->by_alert.find(alert);
  if (it == impl_->by_alert.end()) return;
  for (IncidentAlert& a : impl_->at(it->second).incident.alerts) {
    if (a.id != alert) continue;
    a.folded = count > 0 ? count - 1 : 0;
    a.last_event_time = std::max(a.last_event_time, last_seen);
    return;
  }
}

uint32_t IncidentBook::Impl::NewRecord(const Id128& id, std::string_view tenant) {
  auto slot = static_cast<uint32_t>(records.size());
  if (free_slots.empty()) {
    records.emplace_back();
  } else {
    slot = free_slots.back();
    free_slots.pop_back();
  }
  IncidentRecord& record = records[slot];
  record.incident.id = id;
  record.incident.number = next_number++;
  record.incident.tenant = tenant;
  by_id[id] = slot;
  ++stats.incidents;
  Changed(slot);
  return slot;
}

uint32_t IncidentBook::Impl::SlotOf(const Id128& id) const {
  const auto it = by_id.find(id);
  return it == by_id.end() ? kNoIncident : it->second;
}

uint32_t IncidentBook::Impl::CurrentSlot(const Id128& id) const {
  uint32_t slot = SlotOf(id);
  // Merged into the older one each time, so it ends.
  while (slot != kNoIncident && !at(slot).incident.merged_into.empty()) {
    slot = SlotOf(at(slot).incident.merged_into);
  }
  return slot;
}

void IncidentBook::Impl::Log(Incident* incident, EventTime now, std::string_view kind,
                             std::string_view actor, std::string_view text) {
  if (incident->log.size() >= kMaxLog) incident->log.erase(incident->log.begin() + 1);
  incident->log.push_back({now, std::string(kind), std::string(actor), std::string(text), {}});
}

absl::Status IncidentBook::Impl::Tell(uint32_t slot, IncidentNotice::Kind kind, std::string text) {
  IncidentRecord& record = at(slot);
  IncidentNotice notice;
  notice.kind = kind;
  notice.incident = &record.incident;
  notice.text = std::move(text);
  notice.new_alerts = record.new_alerts;
  notice.page = record.page;
  return sink->OnIncident(notice);
}

void IncidentBook::Impl::SetPriority(Incident* incident, bool refired) {
  int p = 4;
  if (incident->severity == Level::kMedium) p = 3;
  if (incident->severity == Level::kHigh) p = 2;
  if (incident->severity == Level::kCritical) p = 1;
  if (incident->criticality >= Criticality::kHigh) --p;
  if (!incident->risk.empty()) --p;
  if (refired) ++p;
  const auto priority = static_cast<Priority>(std::clamp(p, 1, 4));
  // What a person has set is only raised.
  incident->priority = incident->priority_set ? std::min(incident->priority, priority) : priority;
}

// An hour's partners and a day's incidents are enough to know of an entity.
void IncidentBook::Impl::SweepNodes(EventTime now) {
  // An alert brings several entities, so waiting for as many alerts as there are would be for ever.
  if (++since_sweep < 1024 || since_sweep < node_by_key.size() / 8) return;
  since_sweep = 0;
  // First the partners, so that no number of a node outlives it.
  for (EntityNode& node : nodes) {
    std::erase_if(node.partners, [&](const auto& p) {
      return now > p.second && now - p.second > options.hub_window_ns;
    });
  }
  for (uint32_t n = 0; n < nodes.size(); ++n) {
    EntityNode& node = nodes[n];
    if (node.key.empty() || !node.touches.empty()) continue;
    if (now < node.last || now - node.last <= options.hub_window_ns) continue;
    node_by_key.erase(node.key);
    node = EntityNode();
    free_nodes.push_back(n);
  }
}

void IncidentBook::Impl::Evict() {
  while (bytes > options.max_state_bytes && bodies.size() > 1) {
    const auto it = by_alert.find(bodies.front());
    const Id128 id = bodies.front();
    bodies.pop_front();
    if (it == by_alert.end()) continue;
    for (IncidentAlert& a : at(it->second).incident.alerts) {
      if (a.id != id || a.alert == nullptr) continue;
      const size_t size = BytesOf(*a.alert);
      at(it->second).bytes -= size;
      bytes -= size;
      a.alert.reset();
      ++stats.evicted_alert_bodies;
    }
  }
  if (bytes <= options.max_state_bytes) return;
  // More than is needed, as finding the oldest ones looks at all.
  const size_t enough = options.max_state_bytes - options.max_state_bytes / 16;
  std::vector<std::pair<EventTime, uint32_t>> closed;
  for (uint32_t slot = 0; slot < records.size(); ++slot) {
    const Incident& i = at(slot).incident;
    if (!i.id.empty() && i.state == IncidentState::kClosed)
      closed.emplace_back(i.clocks.close, slot);
  }
  std::sort(closed.begin(), closed.end(), [this](const auto& a, const auto& b) {
    return std::pair(a.first, at(a.second).incident.number) <
           std::pair(b.first, at(b.second).incident.number);
  });
  for (const auto& [time, slot] : closed) {
    if (bytes <= enough) break;
    Forget(slot);
    ++stats.evicted_incidents;
  }
  // What was merged into one that is gone leads nowhere.
  for (bool again = true; again;) {
    again = false;
    for (uint32_t slot = 0; slot < records.size(); ++slot) {
      const Incident& i = at(slot).incident;
      if (i.merged_into.empty() || by_id.contains(i.merged_into)) continue;
      Forget(slot);
      again = true;
    }
  }
}

void IncidentBook::Impl::Forget(uint32_t slot) {
  IncidentRecord& record = at(slot);
  for (const uint32_t n : record.nodes) {
    std::erase_if(nodes[n].touches, [slot](const auto& t) { return t.slot == slot; });
  }
  for (const IncidentAlert& a : record.incident.alerts) {
    by_alert.erase(a.id);
    const auto it = by_fingerprint.find(a.fingerprint);
    if (it != by_fingerprint.end() && it->second == slot) by_fingerprint.erase(it);
  }
  by_id.erase(record.incident.id);
  std::erase_if(cannot_link, [&](const auto& pair) {
    return pair.first == record.incident.id || pair.second == record.incident.id;
  });
  bytes -= record.bytes;
  if (record.due != kNoEventTime) timetable.erase({record.due, slot});
  const bool changed_before = record.changed;  // it stands in the list of these
  record = IncidentRecord();
  record.changed = changed_before;
  free_slots.push_back(slot);
}

const Incident* IncidentBook::Find(const Id128& id) const {
  const uint32_t slot = impl_->SlotOf(id);
  return slot == kNoIncident ? nullptr : &impl_->at(slot).incident;
}

const Incident* IncidentBook::Current(const Id128& id) const {
  const uint32_t slot = impl_->CurrentSlot(id);
  return slot == kNoIncident ? nullptr : &impl_->at(slot).incident;
}

const Incident* IncidentBook::OfAlert(const Id128& alert) const {
  const auto it = impl_->by_alert.find(alert);
  return it == impl_->by_alert.end() ? nullptr : &impl_->at(it->second).incident;
}

std::vector<const Incident*> IncidentBook::List(const IncidentFilter& filter) const {
  const std::string entity = NormalizeEntity(filter.entity);
  std::vector<const Incident*> out;
  for (const IncidentRecord& record : impl_->records) {
    const Incident& i = record.incident;
    if (i.id.empty() || (!i.merged_into.empty() && !filter.merged)) continue;
    if (!filter.tenant.empty() && i.tenant != filter.tenant) continue;
    if (!filter.assignee.empty() && i.assignee != filter.assignee) continue;
    if (!filter.states.empty() &&
        std::find(filter.states.begin(), filter.states.end(), i.state) == filter.states.end()) {
      continue;
    }
    if (!entity.empty() &&
        std::none_of(i.entities.begin(), i.entities.end(),
                     [&](const IncidentEntity& e) { return e.entity.value == entity; })) {
      continue;
    }
    out.push_back(&i);
  }
  std::sort(out.begin(), out.end(), [](const Incident* a, const Incident* b) {
    return std::tie(a->priority, a->number) < std::tie(b->priority, b->number);
  });
  return out;
}

IncidentBookStats IncidentBook::stats() const {
  IncidentBookStats stats = impl_->stats;
  for (const IncidentRecord& r : impl_->records) {
    if (!r.incident.id.empty() && r.incident.open()) ++stats.open;
  }
  stats.entities = impl_->node_by_key.size();
  stats.bytes = impl_->bytes;
  return stats;
}

namespace {

struct Samples {
  std::vector<int64_t> detect;
  std::vector<int64_t> ack;
  std::vector<int64_t> contain;
  std::vector<int64_t> resolve;

  void Add(const IncidentClocks& c) {
    const auto since = [](EventTime from, EventTime to) {
      return to <= from ? int64_t{0} : to - from;
    };
    if (c.first_event != kNoEventTime) detect.push_back(since(c.first_event, c.alert));
    if (c.ack != kNoEventTime) ack.push_back(since(c.alert, c.ack));
    if (c.contain != kNoEventTime) contain.push_back(since(c.alert, c.contain));
    if (c.resolve != kNoEventTime) {
      resolve.push_back(std::max<int64_t>(since(c.alert, c.resolve) - c.held_ns, 0));
    }
  }
  ResponseTimes Times() {
    return {DurationsOf(std::move(detect)), DurationsOf(std::move(ack)),
            DurationsOf(std::move(contain)), DurationsOf(std::move(resolve))};
  }
};

}  // namespace

IncidentMetrics IncidentBook::Metrics(EventTime from, EventTime to, EventTime now) const {
  IncidentMetrics m;
  Samples all;
  std::array<Samples, 6> by_severity;
  std::vector<int64_t> ages;
  for (const IncidentRecord& record : impl_->records) {
    const Incident& i = record.incident;
    if (i.id.empty() || !i.merged_into.empty() || i.clocks.alert == kNoEventTime) continue;
    if (i.clocks.alert < from || i.clocks.alert >= to) continue;
    ++m.incidents;
    ++(i.open() ? m.open : m.closed);
    if (i.open()) ages.push_back(now <= i.clocks.alert ? 0 : now - i.clocks.alert);
    m.reopened += i.reopened;
    m.alerts += i.alerts.size();
    for (const IncidentAlert& a : i.alerts) {
      m.folded += a.folded;
      if (!a.rule->tactics.empty() || !a.rule->techniques.empty()) ++m.explained;
    }
    ++m.verdicts[static_cast<size_t>(i.verdict)];
    all.Add(i.clocks);
    by_severity[static_cast<size_t>(i.severity)].Add(i.clocks);
  }
  m.all = all.Times();
  for (size_t i = 0; i < by_severity.size(); ++i) m.by_severity[i] = by_severity[i].Times();
  uint64_t judged = 0;
  for (size_t v = 1; v < m.verdicts.size(); ++v) judged += m.verdicts[v];
  const auto permille = [&](Verdict v) {
    return static_cast<uint32_t>(m.verdicts[static_cast<size_t>(v)] * 1000 / judged);
  };
  if (judged >= 5) {
    m.false_positive_permille = permille(Verdict::kFalsePositive);
    m.benign_permille = permille(Verdict::kBenign);
  }
  m.open_age = DurationsOf(std::move(ages));
  return m;
}

}  // namespace vedette::inline v0
