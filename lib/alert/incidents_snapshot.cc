// Incident books as bytes.
#include <algorithm>
#include <utility>

#include "lib/alert/archive_alert.h"
#include "lib/alert/incidents_impl.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

template <typename A>
void ArchiveMember(A& a, IncidentAlert& m) {
  Part(a, m.id);
  Part(a, m.fingerprint);
  a.Rule(m.rule);
  for (EventTime* t : {&m.event_time, &m.last_event_time, &m.alert_time}) Part(a, *t);
  Enum(a, m.severity, Level::kCritical);
  Enum(a, m.outcome, Outcome::kBlocked);
  Part(a, m.folded);
  Items(a, m.entities, [&a](uint32_t& e) { Part(a, e); });
  Part(a, m.joined_by);
  bool has_body = m.alert != nullptr;
  Part(a, has_body);
  if (!has_body) return;
  Alert body;
  if constexpr (!A::kLoads) body = *m.alert;
  Archive(a, body);
  if constexpr (A::kLoads) m.alert = std::make_shared<Alert>(std::move(body));
}

template <typename A>
void ArchiveEntity(A& a, IncidentEntity& e) {
  Archive(a, e.entity);
  Enum(a, e.criticality, Criticality::kCritical);
  Enum(a, e.strength, JoinStrength::kStrong);
  Texts(a, e.tags);
  Part(a, e.fence);
  Part(a, e.first_seen);
  Part(a, e.last_seen);
  Part(a, e.alerts);
}

template <typename A>
void ArchiveClocks(A& a, IncidentClocks& c) {
  for (EventTime* t : {&c.first_event, &c.ingest, &c.alert, &c.ack, &c.contain, &c.resolve,
                       &c.close, &c.held_since, &c.held_ns}) {
    Part(a, *t);
  }
}

template <typename A>
void ArchiveHistory(A& a, Incident& i) {
  Items(a, i.links, [&a](IncidentLink& l) {
    Part(a, l.other);
    Enum(a, l.kind, IncidentLinkKind::kMergedFrom);
    Part(a, l.reason);
    Part(a, l.time);
  });
  Items(a, i.log, [&a](TimelineEntry& e) {
    Part(a, e.time);
    Part(a, e.kind);
    Part(a, e.actor);
    Part(a, e.text);
    Part(a, e.alert);
  });
  Items(a, i.risk, [&a](RiskContribution& c) {
    Part(a, c.time);
    Part(a, c.alert);
    Part(a, c.rule_id);
    Part(a, c.added.q32);
    Part(a, c.score_after.q32);
  });
}

template <typename A>
void ArchiveRecord(A& a, IncidentRecord& r) {
  Incident& i = r.incident;
  Part(a, i.id);
  Part(a, i.number);
  Part(a, i.version);
  Part(a, i.tenant);
  Part(a, i.title);
  Enum(a, i.state, IncidentState::kClosed);
  Enum(a, i.origin, IncidentOrigin::kManual);
  Part(a, i.priority);
  Part(a, i.priority_set);
  Enum(a, i.severity, Level::kCritical);
  Enum(a, i.criticality, Criticality::kCritical);
  Enum(a, i.outcome, Outcome::kBlocked);
  Texts(a, i.tactics);
  Part(a, i.assignee);
  Part(a, i.group);
  Enum(a, i.verdict, Verdict::kDuplicate);
  Part(a, i.duplicate_of);
  Part(a, i.merged_into);
  for (bool* flag : {&i.groups, &i.refired, &i.suspected_hub, &r.told, &r.page}) Part(a, *flag);
  Part(a, i.reopened);
  Items(a, i.alerts, [&a](IncidentAlert& m) { ArchiveMember(a, m); });
  Items(a, i.entities, [&a](IncidentEntity& e) { ArchiveEntity(a, e); });
  ArchiveHistory(a, i);
  ArchiveClocks(a, i.clocks);
  Part(a, r.breached);
  Part(a, r.notice_due);
  Part(a, r.last_notice);
  Part(a, r.new_alerts);
  Items(a, r.must_link, [&a](std::pair<Id128, Id128>& p) {
    Part(a, p.first);
    Part(a, p.second);
  });
}

// What the rest relies on; false if it does not hold.
bool Sound(const IncidentRecord& r) {
  const Incident& i = r.incident;
  if (i.id.empty() || i.number == 0 || i.number >= UINT64_MAX / 2 || i.priority < 1 ||
      i.priority > 4 || i.state < IncidentState::kNew ||
      !std::is_sorted(i.tactics.begin(), i.tactics.end())) {
    return false;
  }
  for (const IncidentAlert& a : i.alerts) {
    if (a.rule == nullptr || a.id.empty() || (a.alert != nullptr && a.alert->rule == nullptr)) {
      return false;
    }
    for (const uint32_t e : a.entities) {
      if (e >= i.entities.size()) return false;
    }
  }
  return true;
}

template <typename A>
void ArchiveNode(A& a, SavedNode& n) {
  Part(a, n.key);
  Items(a, n.touches, [&a](std::pair<uint64_t, EntityNode::Touch>& t) {
    Part(a, t.first);
    Part(a, t.second.index);
    Part(a, t.second.last);
  });
  Items(a, n.partners, [&a](std::pair<uint32_t, EventTime>& p) {
    Part(a, p.first);
    Part(a, p.second);
  });
  Part(a, n.hub_until);
  Part(a, n.last);
}

template <typename Impl>
std::vector<SavedNode> SaveNodes(const Impl& impl) {
  // Nodes in the order of their keys.
  std::vector<std::pair<std::string_view, uint32_t>> keys(impl.node_by_key.begin(),
                                                          impl.node_by_key.end());
  std::sort(keys.begin(), keys.end());
  std::vector<uint32_t> rank(impl.nodes.size(), UINT32_MAX);
  for (uint32_t i = 0; i < keys.size(); ++i) rank[keys[i].second] = i;
  std::vector<SavedNode> saved;
  for (const auto& [key, n] : keys) {
    SavedNode s{std::string(key), {}, {}, impl.nodes[n].hub_until, impl.nodes[n].last};
    for (const EntityNode::Touch& t : impl.nodes[n].touches) {
      s.touches.emplace_back(impl.records[t.slot].incident.number, t);
    }
    for (const auto& [partner, time] : impl.nodes[n].partners) {
      // A partner that was swept stays one as long as it is remembered here.
      if (rank[partner] != UINT32_MAX) s.partners.emplace_back(rank[partner], time);
    }
    saved.push_back(std::move(s));
  }
  return saved;
}

}  // namespace

template <typename A>
void IncidentBook::Impl::Archive(A& a) {
  for (uint64_t* n :
       {&stats.alerts, &stats.incidents, &stats.merges, &stats.merges_refused, &stats.siblings,
        &stats.reopened, &stats.refired, &stats.hubs, &stats.sla_breaches,
        &stats.evicted_alert_bodies, &stats.evicted_incidents, &next_number, &since_sweep}) {
    Part(a, *n);
  }
  Part(a, latest);
  // In the order of their numbers, whatever their slots.
  std::vector<std::pair<uint64_t, uint32_t>> order;
  for (uint32_t slot = 0; slot < records.size(); ++slot) {
    if (!records[slot].incident.id.empty()) order.emplace_back(records[slot].incident.number, slot);
  }
  std::sort(order.begin(), order.end());
  if constexpr (A::kLoads) {
    for (size_t n = a.Count(); n > 0 && a.ok(); --n) {
      IncidentRecord& r = records.emplace_back();
      ArchiveRecord(a, r);
      const bool grows =
          records.size() < 2 || records[records.size() - 2].incident.number < r.incident.number;
      if (a.ok() && (!Sound(r) || !grows)) a.Fail("an incident makes no sense");
    }
  } else {
    a.Uint(order.size());
    for (const auto& [number, slot] : order) ArchiveRecord(a, records[slot]);
  }
  std::vector<SavedNode> saved = SaveNodes(*this);
  Items(a, saved, [&a](SavedNode& n) { ArchiveNode(a, n); });
  std::vector<std::pair<Id128, Id128>> apart(cannot_link.begin(), cannot_link.end());
  Items(a, apart, [&a](std::pair<Id128, Id128>& p) {
    Part(a, p.first);
    Part(a, p.second);
  });
  std::vector<std::pair<Id128, uint64_t>> prints;
  for (const auto& [id, slot] : by_fingerprint) {
    prints.emplace_back(id, records[slot].incident.number);
  }
  std::sort(prints.begin(), prints.end());
  Items(a, prints, [&a](std::pair<Id128, uint64_t>& p) {
    Part(a, p.first);
    Part(a, p.second);
  });
  std::vector<Id128> kept(bodies.begin(), bodies.end());
  Items(a, kept, [&a](Id128& id) { Part(a, id); });
  if constexpr (A::kLoads) {
    if (!a.ok()) return;
    cannot_link = {apart.begin(), apart.end()};
    bodies.assign(kept.begin(), kept.end());
    const absl::Status status = IndexAfterLoad(&saved, prints);
    if (!status.ok()) a.Fail(ToStd(status.message()));
  }
}

absl::Status IncidentBook::Impl::IndexAfterLoad(
    std::vector<SavedNode>* saved, const std::vector<std::pair<Id128, uint64_t>>& prints) {
  absl::flat_hash_map<uint64_t, uint32_t> slots;
  for (uint32_t slot = 0; slot < records.size(); ++slot) {
    IncidentRecord& r = records[slot];
    slots[r.incident.number] = slot;
    Changed(slot);
    if (r.incident.number >= next_number || !by_id.emplace(r.incident.id, slot).second) {
      return absl::DataLossError("an incident is there twice");
    }
    r.nodes.assign(r.incident.entities.size(), UINT32_MAX);
    for (const IncidentAlert& m : r.incident.alerts) {
      if (!by_alert.emplace(m.id, slot).second) {
        return absl::DataLossError("an alert is there twice");
      }
      r.bytes += SummaryBytes(m) + (m.alert != nullptr ? BytesOf(*m.alert) : 0);
    }
    bytes += r.bytes;
  }
  for (uint32_t n = 0; n < saved->size(); ++n) {
    SavedNode& from = (*saved)[n];
    EntityNode& node = nodes.emplace_back();
    node.key = std::move(from.key);
    node.hub_until = from.hub_until;
    node.last = from.last;
    node.partners = std::move(from.partners);
    bool sound = !node.key.empty() && node_by_key.emplace(node.key, n).second;
    for (const auto& [partner, time] : node.partners) sound &= partner < saved->size();
    for (auto& [number, touch] : from.touches) {
      const auto it = slots.find(number);
      if (it == slots.end()) return absl::DataLossError("an incident is out of range");
      touch.slot = it->second;
      std::vector<uint32_t>& of = records[touch.slot].nodes;
      sound &= touch.index < of.size() && of[touch.index] == UINT32_MAX;
      if (!sound) break;
      of[touch.index] = n;
      node.touches.push_back(touch);
    }
    if (!sound) return absl::DataLossError("an entity makes no sense");
  }
  for (const auto& [id, number] : prints) {
    const auto it = slots.find(number);
    if (it == slots.end()) return absl::DataLossError("a fingerprint is out of range");
    by_fingerprint[id] = it->second;
  }
  for (IncidentRecord& r : records) {
    // An entity may have forgotten closed incidents: these find theirs by name.
    for (size_t i = 0; i < r.nodes.size(); ++i) {
      if (r.nodes[i] == UINT32_MAX) {
        r.nodes[i] = NodeOf(r.incident.tenant, r.incident.entities[i].entity);
      }
    }
    // Leads to an older one, so that following it ends.
    if (r.incident.merged_into.empty()) continue;
    const uint32_t into = SlotOf(r.incident.merged_into);
    if (into == kNoIncident || at(into).incident.number >= r.incident.number) {
      return absl::DataLossError("a merged incident is out of range");
    }
  }
  return absl::OkStatus();
}

std::string IncidentBook::Snapshot() const {
  std::string body;
  Saver out(&body);
  impl_->Archive(out);
  return SealState('I', body);
}

absl::Status IncidentBook::Restore(std::string_view snapshot) {
  const auto body = OpenState('I', snapshot);
  if (!body.ok()) return body.status();
  Loader in(*body);
  auto fresh = std::make_unique<Impl>();
  fresh->options = impl_->options;
  fresh->sink = impl_->sink;
  fresh->Archive(in);
  if (absl::Status s = EndOf(in); !s.ok()) return s;
  impl_ = std::move(fresh);
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
