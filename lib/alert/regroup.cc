// Taking incidents apart: what an analyst unlinks, and what only that held together.
#include <algorithm>
#include <numeric>
#include <utility>

#include "lib/alert/incidents_impl.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

uint64_t Gap(EventTime a, EventTime b) {
  return a > b ? static_cast<uint64_t>(a) - static_cast<uint64_t>(b)
               : static_cast<uint64_t>(b) - static_cast<uint64_t>(a);
}

// Groups of alerts by their places, merged as alerts join them.
class Groups {
 public:
  explicit Groups(size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), size_t{0}); }
  size_t Of(size_t i) {
    while (parent_[i] != i) {
      parent_[i] = parent_[parent_[i]];
      i = parent_[i];
    }
    return i;
  }
  // The older one leads.
  void Unite(size_t a, size_t b) {
    a = Of(a);
    b = Of(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parent_;
};

// By what an alert joins a group.
struct Ties {
  uint32_t strong = 0;
  uint32_t medium = 0;
  uint32_t weak = 0;
};

}  // namespace

void IncidentBook::Impl::Recount(uint32_t slot) {
  Changed(slot);
  IncidentRecord& record = at(slot);
  Incident& incident = record.incident;
  // Entities without alerts go; the others are counted anew.
  std::vector<uint32_t> places(incident.entities.size(), UINT32_MAX);
  std::vector<IncidentEntity> entities;
  std::vector<uint32_t> kept_nodes;
  for (IncidentAlert& a : incident.alerts) {
    for (uint32_t& place : a.entities) {
      if (places[place] == UINT32_MAX) {
        places[place] = static_cast<uint32_t>(entities.size());
        IncidentEntity e = incident.entities[place];
        e.alerts = 0;
        e.first_seen = e.last_seen = a.last_event_time;
        entities.push_back(std::move(e));
        kept_nodes.push_back(record.nodes[place]);
      }
      IncidentEntity& e = entities[places[place]];
      ++e.alerts;
      e.first_seen = std::min(e.first_seen, a.last_event_time);
      e.last_seen = std::max(e.last_seen, a.last_event_time);
      place = places[place];
    }
  }
  for (const uint32_t n : record.nodes) {
    std::erase_if(nodes[n].touches, [slot](const auto& t) { return t.slot == slot; });
  }
  incident.entities = std::move(entities);
  record.nodes = std::move(kept_nodes);
  for (uint32_t i = 0; i < record.nodes.size(); ++i) {
    nodes[record.nodes[i]].touches.push_back({slot, i, incident.entities[i].last_seen});
  }
  incident.severity = Level::kInformational;
  incident.outcome = Outcome::kBlocked;
  incident.criticality = Criticality::kLow;
  incident.tactics.clear();
  for (const IncidentAlert& a : incident.alerts) {
    if (a.severity > incident.severity || incident.title.empty()) incident.title = a.rule->title;
    incident.severity = std::max(incident.severity, a.severity);
    const bool worse = a.outcome == Outcome::kAllowed || incident.outcome == Outcome::kBlocked;
    if (worse) incident.outcome = a.outcome;
    incident.tactics.insert(incident.tactics.end(), a.rule->tactics.begin(), a.rule->tactics.end());
  }
  for (const IncidentEntity& e : incident.entities) {
    incident.criticality = std::max(incident.criticality, e.criticality);
  }
  std::sort(incident.tactics.begin(), incident.tactics.end());
  incident.tactics.erase(std::unique(incident.tactics.begin(), incident.tactics.end()),
                         incident.tactics.end());
  SetPriority(&incident, incident.refired);
}

uint32_t IncidentBook::Impl::MoveOut(uint32_t slot, const std::vector<size_t>& members,
                                     EventTime now, std::string_view reason) {
  std::string name = "split";
  AppendText(at(slot).incident.alerts[members.front()].id.ToText(), &name);
  AppendVarint(at(slot).incident.version, &name);
  Id128 id = MakeId(name);
  while (by_id.contains(id)) {
    name += '+';
    id = MakeId(name);
  }
  const uint32_t made = NewRecord(id, at(slot).incident.tenant);
  IncidentRecord& from = at(slot);
  IncidentRecord& to = at(made);
  to.incident.origin = from.incident.origin;
  to.incident.state = from.incident.state;
  to.incident.assignee = from.incident.assignee;
  to.incident.group = from.incident.group;
  to.incident.clocks = from.incident.clocks;
  to.incident.clocks.first_event = to.incident.clocks.alert = kNoEventTime;
  to.told = true;
  to.last_notice = now;
  std::vector<uint32_t> places(from.incident.entities.size(), UINT32_MAX);
  for (const size_t m : members) {
    IncidentAlert alert = std::move(from.incident.alerts[m]);
    for (uint32_t& place : alert.entities) {
      if (places[place] == UINT32_MAX) {
        places[place] = static_cast<uint32_t>(to.incident.entities.size());
        to.incident.entities.push_back(from.incident.entities[place]);
        to.nodes.push_back(from.nodes[place]);
      }
      place = places[place];
    }
    const size_t size = SummaryBytes(alert) + (alert.alert != nullptr ? BytesOf(*alert.alert) : 0);
    from.bytes -= std::min(from.bytes, size);
    to.bytes += size;
    by_alert[alert.id] = made;
    by_fingerprint[alert.fingerprint] = made;
    IncidentClocks& clocks = to.incident.clocks;
    if (clocks.alert == kNoEventTime || alert.alert_time < clocks.alert) {
      clocks.alert = alert.alert_time;
    }
    if (clocks.first_event == kNoEventTime || alert.event_time < clocks.first_event) {
      clocks.first_event = alert.event_time;
    }
    to.incident.alerts.push_back(std::move(alert));
  }
  size_t next = 0;
  std::vector<IncidentAlert> rest;
  for (size_t i = 0; i < from.incident.alerts.size(); ++i) {
    if (next < members.size() && members[next] == i) {
      ++next;
    } else {
      rest.push_back(std::move(from.incident.alerts[i]));
    }
  }
  from.incident.alerts = std::move(rest);
  Recount(made);
  Recount(slot);
  Log(&to.incident, now, "split", "", reason);
  LinkBoth(slot, made, IncidentLinkKind::kRelated, reason, now);
  return made;
}

// The alerts join one another again, in their order, by the rules of grouping.
void IncidentBook::Impl::Regroup(uint32_t slot, EventTime now) {
  const std::vector<IncidentAlert>& alerts = at(slot).incident.alerts;
  const std::vector<IncidentEntity>& entities = at(slot).incident.entities;
  // When each entity was last seen in each group that has it.
  std::vector<std::vector<std::pair<size_t, EventTime>>> seen(entities.size());
  Groups groups(alerts.size());
  for (size_t i = 0; i < alerts.size(); ++i) {
    const EventTime t = alerts[i].last_event_time;
    std::map<size_t, Ties> ties;
    for (const uint32_t e : alerts[i].entities) {
      const JoinStrength strength = entities[e].strength;
      for (const auto& [member, last] : seen[e]) {
        const uint64_t gap = Gap(t, last);
        if (gap > static_cast<uint64_t>(options.join_window_ns)) continue;
        Ties& tie = ties[groups.Of(member)];
        if (strength == JoinStrength::kStrong) ++tie.strong;
        const bool medium = strength == JoinStrength::kMedium &&
                            gap <= static_cast<uint64_t>(options.medium_window_ns);
        if (medium) ++tie.medium;
        if (!medium && strength != JoinStrength::kStrong && strength != JoinStrength::kNone) {
          ++tie.weak;
        }
      }
    }
    for (const auto& [group, tie] : ties) {
      if (tie.strong > 0 || tie.medium > 0 || tie.weak >= 2) groups.Unite(group, i);
    }
    for (const uint32_t e : alerts[i].entities) {
      const auto it = std::find_if(seen[e].begin(), seen[e].end(), [&](const auto& s) {
        return groups.Of(s.first) == groups.Of(i);
      });
      if (it == seen[e].end()) {
        seen[e].emplace_back(i, t);
      } else {
        it->second = std::max(it->second, t);
      }
    }
  }
  const auto place = [&alerts](const Id128& id) {
    const auto it = std::find_if(alerts.begin(), alerts.end(),
                                 [&id](const IncidentAlert& a) { return a.id == id; });
    return static_cast<size_t>(it - alerts.begin());
  };
  for (const auto& [a, b] : at(slot).must_link) {
    const size_t x = place(a);
    const size_t y = place(b);
    if (x < alerts.size() && y < alerts.size()) groups.Unite(x, y);
  }
  // The group of the first alert stays. From the last on, so that places stay what they are.
  std::map<size_t, std::vector<Id128>> apart;
  for (size_t i = 0; i < alerts.size(); ++i) {
    if (groups.Of(i) != groups.Of(0)) apart[groups.Of(i)].push_back(alerts[i].id);
  }
  for (const auto& [group, ids] : apart) {
    std::vector<size_t> members;
    for (const Id128& id : ids) members.push_back(place(id));
    MoveOut(slot, members, now, "what held it together was taken out");
  }
}

}  // namespace vedette::inline v0
