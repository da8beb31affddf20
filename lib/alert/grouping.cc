// Which incident an alert belongs to.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/alert/incidents_impl.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxTouches = 64;  // incidents of one entity that are remembered
constexpr size_t kMaxLinks = 256;

EventTime TimeOf(const Alert& alert) {
  if (alert.last_event_time != kNoEventTime) return alert.last_event_time;
  return alert.event_time != kNoEventTime ? alert.event_time : alert.alert_time;
}

uint64_t Gap(EventTime a, EventTime b) {
  return a > b ? static_cast<uint64_t>(a) - static_cast<uint64_t>(b)
               : static_cast<uint64_t>(b) - static_cast<uint64_t>(a);
}

// Ids of single things that a host has many of tell nothing about how widely it is used.
bool CountsAsPartner(EntityType type) {
  return type != EntityType::kProcess && type != EntityType::kSession &&
         type != EntityType::kFileHash && type != EntityType::kEmail;
}

int RankOf(Outcome outcome) {
  return outcome == Outcome::kBlocked ? 0 : outcome == Outcome::kUnknown ? 1 : 2;
}

bool Stronger(const JoinCandidate& a, const JoinCandidate& b) {
  return std::tie(a.strong, a.medium, a.weak) > std::tie(b.strong, b.medium, b.weak);
}

// What is worse about the alert than all that the incident has; empty if nothing is.
std::string WorseThan(const Incident& incident, const Alert& alert) {
  if (alert.severity > incident.severity) {
    return absl::StrCat("severity rose to ", ToAbsl(LevelName(alert.severity)));
  }
  for (const std::string& tactic : alert.rule->tactics) {
    if (!std::binary_search(incident.tactics.begin(), incident.tactics.end(), tactic)) {
      return absl::StrCat("the tactic ", tactic, " is new");
    }
  }
  if (alert.criticality > incident.criticality) {
    return absl::StrCat("asset criticality rose to ", ToAbsl(CriticalityName(alert.criticality)));
  }
  if (RankOf(alert.outcome) > RankOf(incident.outcome)) {
    return absl::StrCat("the outcome is ", ToAbsl(OutcomeName(alert.outcome)));
  }
  return {};
}

void Widen(Incident* incident, const Alert& alert) {
  incident->severity = std::max(incident->severity, alert.severity);
  incident->criticality = std::max(incident->criticality, alert.criticality);
  if (RankOf(alert.outcome) > RankOf(incident->outcome)) incident->outcome = alert.outcome;
  for (const std::string& tactic : alert.rule->tactics) {
    const auto it = std::lower_bound(incident->tactics.begin(), incident->tactics.end(), tactic);
    if (it == incident->tactics.end() || *it != tactic) incident->tactics.insert(it, tactic);
  }
}

void Earliest(EventTime* a, EventTime b) {
  if (b != kNoEventTime && (*a == kNoEventTime || b < *a)) *a = b;
}

}  // namespace

uint32_t IncidentBook::Impl::NodeOf(std::string_view tenant, const Entity& entity) {
  scratch.clear();
  AppendText(tenant, &scratch);
  scratch.push_back(static_cast<char>(entity.type));
  scratch += entity.value;
  const auto it = node_by_key.find(scratch);
  if (it != node_by_key.end()) return it->second;
  auto n = static_cast<uint32_t>(nodes.size());
  if (free_nodes.empty()) {
    nodes.emplace_back();
  } else {
    n = free_nodes.back();
    free_nodes.pop_back();
  }
  nodes[n].key = scratch;
  node_by_key.emplace(nodes[n].key, n);
  return n;
}

void IncidentBook::Impl::NotePartners(const std::vector<uint32_t>& of, const Alert& alert) {
  const EventTime t = TimeOf(alert);
  for (size_t i = 0; i < of.size(); ++i) {
    EntityNode& node = nodes[of[i]];
    node.last = std::max(node.last, t);
    if (alert.entities[i].strength == JoinStrength::kNone) continue;
    auto& partners = node.partners;
    for (size_t j = 0; j < of.size(); ++j) {
      if (of[j] == of[i] || !CountsAsPartner(alert.entities[j].entity.type)) continue;
      const auto it = std::find_if(partners.begin(), partners.end(),
                                   [&](const auto& p) { return p.first == of[j]; });
      if (it == partners.end()) {
        partners.emplace_back(of[j], t);
      } else {
        it->second = std::max(it->second, t);
      }
    }
    if (partners.size() <= options.hub_degree) continue;
    std::erase_if(partners, [&](const auto& p) {
      return p.second < t && Gap(t, p.second) > static_cast<uint64_t>(options.hub_window_ns);
    });
    if (partners.size() <= options.hub_degree) continue;
    if (node.hub_until < t) ++stats.hubs;
    node.hub_until = t > INT64_MAX - options.hub_window_ns ? INT64_MAX : t + options.hub_window_ns;
    // The newest ones are enough to know it by.
    std::stable_sort(partners.begin(), partners.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    partners.resize(options.hub_degree + 1);
  }
}

std::vector<JoinCandidate> IncidentBook::Impl::Candidates(const Alert& alert,
                                                          const std::vector<uint32_t>& of) {
  std::vector<JoinCandidate> out;
  if (!alert.groups) return out;
  const EventTime t = TimeOf(alert);
  const auto candidate = [&out](uint32_t slot) -> JoinCandidate& {
    for (JoinCandidate& c : out) {
      if (c.slot == slot) return c;
    }
    out.emplace_back().slot = slot;
    return out.back();
  };
  const auto remembered = [&](const Incident& i) {
    return alert.alert_time <= i.clocks.close ||
           Gap(alert.alert_time, i.clocks.close) <= static_cast<uint64_t>(options.reopen_window_ns);
  };
  for (size_t n = 0; n < of.size(); ++n) {
    const EntityNode& node = nodes[of[n]];
    JoinStrength strength = alert.entities[n].strength;
    if (strength == JoinStrength::kNone || node.hub_until >= t) continue;
    for (const EntityNode::Touch& touch : node.touches) {
      const Incident& incident = at(touch.slot).incident;
      if (!incident.groups) continue;
      const bool closed = incident.state == IncidentState::kClosed;
      const uint64_t gap = Gap(t, touch.last);
      if (closed ? strength != JoinStrength::kStrong || !remembered(incident)
                 : gap > static_cast<uint64_t>(options.join_window_ns)) {
        continue;
      }
      JoinCandidate& c = candidate(touch.slot);
      JoinStrength now = strength;
      // One medium entity says enough for an hour; after that it takes another one.
      if (now == JoinStrength::kMedium && gap > static_cast<uint64_t>(options.medium_window_ns)) {
        now = JoinStrength::kWeak;
      }
      ++(now == JoinStrength::kStrong   ? c.strong
         : now == JoinStrength::kMedium ? c.medium
                                        : c.weak);
      if (now > c.by_strength) {
        c.by_strength = now;
        c.by = absl::StrCat(ToAbsl(EntityTypeName(alert.entities[n].entity.type)), " ",
                            alert.entities[n].entity.value);
      }
    }
  }
  const auto it = by_fingerprint.find(alert.fingerprint);
  if (it != by_fingerprint.end()) {
    const Incident& incident = at(it->second).incident;
    if (incident.state == IncidentState::kClosed && incident.groups && remembered(incident)) {
      candidate(it->second).fingerprint = true;
    }
  }
  return out;
}

std::string IncidentBook::Impl::NoJoin(const IncidentRecord& record, const Alert& alert,
                                       const std::vector<uint32_t>& of) const {
  const Incident& incident = record.incident;
  if (incident.alerts.size() >= options.max_alerts) return "it is full of alerts";
  size_t fresh = 0;
  for (const uint32_t n : of) {
    const auto& touches = nodes[n].touches;
    fresh += std::none_of(touches.begin(), touches.end(),
                          [&](const EntityNode::Touch& t) { return &at(t.slot) == &record; });
  }
  if (fresh > 0 && incident.entities.size() + fresh > options.max_entities) {
    return "it is full of entities";
  }
  for (const AlertEntity& e : alert.entities) {
    if (e.fence.empty()) continue;
    for (const IncidentEntity& other : incident.entities) {
      if (!other.fence.empty() && other.fence != e.fence) return "a fence stands between";
    }
  }
  return {};
}

std::string IncidentBook::Impl::NoMerge(const IncidentRecord& a, const IncidentRecord& b) const {
  const Incident& x = a.incident;
  const Incident& y = b.incident;
  if (x.tenant != y.tenant) return "they are of two tenants";
  if (x.state >= IncidentState::kResolved || y.state >= IncidentState::kResolved) {
    return "one is resolved";
  }
  if (!x.assignee.empty() && !y.assignee.empty() && x.assignee != y.assignee) {
    return "they have two assignees";
  }
  if (x.verdict != Verdict::kNone && y.verdict != Verdict::kNone && x.verdict != y.verdict) {
    return "their verdicts contradict each other";
  }
  if (x.alerts.size() + y.alerts.size() > options.max_alerts) return "they have too many alerts";
  if (x.entities.size() + y.entities.size() > options.max_entities) {
    return "they have too many entities";
  }
  if (cannot_link.contains(std::minmax(x.id, y.id))) return "an analyst has taken them apart";
  for (const IncidentEntity& e : x.entities) {
    for (const IncidentEntity& f : y.entities) {
      if (!e.fence.empty() && !f.fence.empty() && e.fence != f.fence) {
        return "a fence stands between";
      }
    }
  }
  return {};
}

absl::StatusOr<Id128> IncidentBook::Impl::Add(const Alert& alert) {
  if (alert.rule == nullptr) return absl::InvalidArgumentError("the alert has no rule");
  const auto known = by_alert.find(alert.id);
  if (known != by_alert.end()) return at(known->second).incident.id;
  std::vector<uint32_t> of;
  of.reserve(alert.entities.size());
  for (const AlertEntity& e : alert.entities) of.push_back(NodeOf(alert.tenant, e.entity));
  const uint64_t hubs_before = stats.hubs;
  NotePartners(of, alert);
  std::string why;
  const absl::StatusOr<uint32_t> slot = Place(alert, of, &why);
  if (!slot.ok()) return slot.status();
  ++stats.alerts;
  latest = std::max(latest, TimeOf(alert));
  absl::Status status = Put(*slot, alert, of, std::move(why));
  const Id128 id = at(*slot).incident.id;
  if (stats.hubs != hubs_before) {
    at(*slot).incident.suspected_hub = true;
    if (status.ok()) {
      status = Tell(*slot, IncidentNotice::Kind::kHub,
                    "an entity is seen with so many others that it joins nothing any more");
    }
  }
  SweepNodes(latest);
  Evict();
  if (!status.ok()) return status;
  return id;
}

absl::StatusOr<uint32_t> IncidentBook::Impl::Place(const Alert& alert,
                                                   const std::vector<uint32_t>& of,
                                                   std::string* why) {
  std::vector<JoinCandidate> open;
  std::vector<JoinCandidate> closed;
  for (JoinCandidate& c : Candidates(alert, of)) {
    if (at(c.slot).incident.state == IncidentState::kClosed) {
      closed.push_back(std::move(c));
    } else if (c.joins()) {
      open.push_back(std::move(c));
    }
  }
  std::sort(open.begin(), open.end(), [this](const JoinCandidate& a, const JoinCandidate& b) {
    if (Stronger(a, b) || Stronger(b, a)) return Stronger(a, b);
    return at(a.slot).incident.number < at(b.slot).incident.number;
  });
  uint32_t home = kNoIncident;
  std::vector<std::pair<uint32_t, std::string>> apart;  // belongs here, but may not go there
  for (const JoinCandidate& c : open) {
    std::string no = NoJoin(at(c.slot), alert, of);
    if (no.empty() && home == kNoIncident) {
      if (at(c.slot).incident.state != IncidentState::kResolved ||
          Reopen(c.slot, "an alert joins", alert.alert_time).ok()) {
        home = c.slot;
        *why = absl::StrCat(ToAbsl(JoinStrengthName(c.by_strength)), ": ", c.by);
        continue;
      }
      no = "it is resolved";
    } else if (no.empty()) {
      no = NoMerge(at(home), at(c.slot));
      if (no.empty()) {
        const absl::Status may = AllowOwn("incident.merge", at(c.slot).incident.id,
                                          "an alert joins both", alert.alert_time);
        if (may.ok()) {
          home = Merge(home, c.slot, "", absl::StrCat("an alert joins both by ", c.by),
                       alert.alert_time);
          if (absl::Status s = Tell(home, IncidentNotice::Kind::kMerged, "an alert joins both");
              !s.ok()) {
            return s;
          }
          continue;
        }
        no = std::string(ToStd(may.message()));
      }
      ++stats.merges_refused;
    }
    apart.emplace_back(c.slot, std::move(no));
  }
  const bool sibling = home == kNoIncident && !apart.empty();
  if (home == kNoIncident && apart.empty() && !closed.empty()) {
    std::sort(closed.begin(), closed.end(), [this](const JoinCandidate& a, const JoinCandidate& b) {
      const Incident& x = at(a.slot).incident;
      const Incident& y = at(b.slot).incident;
      return std::tie(x.clocks.close, x.number) > std::tie(y.clocks.close, y.number);
    });
    return AfterClosed(alert, closed.front(), why);
  }
  if (home == kNoIncident) {
    absl::StatusOr<uint32_t> opened = OpenFor(alert);
    if (!opened.ok()) return opened;
    home = *opened;
    *why = sibling ? "first: " + apart.front().second : "first";
  }
  for (const auto& [slot, reason] : apart) {
    LinkBoth(home, slot, IncidentLinkKind::kSibling, reason, alert.alert_time);
  }
  if (sibling) ++stats.siblings;
  return home;
}

absl::StatusOr<uint32_t> IncidentBook::Impl::AfterClosed(const Alert& alert,
                                                         const JoinCandidate& closed,
                                                         std::string* why) {
  const EventTime now = alert.alert_time;
  uint32_t slot = closed.slot;
  const std::string by = closed.by.empty() ? "the same fingerprint" : closed.by;
  if (at(slot).incident.verdict == Verdict::kDuplicate) {
    const uint32_t master = CurrentSlot(at(slot).incident.duplicate_of);
    if (master != kNoIncident) slot = master;
    const Incident& incident = at(slot).incident;
    if (incident.open() && NoJoin(at(slot), alert, {}).empty() &&
        (incident.state != IncidentState::kResolved ||
         Reopen(slot, "an alert joins a duplicate", now).ok())) {
      *why = "duplicate: " + by;
      return slot;
    }
  }
  const Verdict verdict = at(slot).incident.verdict;
  const bool negative = verdict == Verdict::kFalsePositive || verdict == Verdict::kBenign;
  const bool soon =
      at(slot).incident.state == IncidentState::kClosed &&
      (now < at(slot).incident.clocks.close ||
       Gap(now, at(slot).incident.clocks.close) < static_cast<uint64_t>(options.reopen_same_ns));
  if (verdict == Verdict::kTruePositive && soon && NoJoin(at(slot), alert, {}).empty() &&
      Reopen(slot, "it goes on: " + by, now).ok()) {
    *why = "reopened: " + by;
    return slot;
  }
  const bool worse = !WorseThan(at(slot).incident, alert).empty();
  const absl::StatusOr<uint32_t> opened = OpenFor(alert);
  if (!opened.ok()) return opened;
  LinkBoth(*opened, slot, IncidentLinkKind::kRelated, by, now);
  *why = "first: related by " + by;
  if (negative) {
    ++stats.refired;
    if (options.verdicts != nullptr) options.verdicts->CountRefired(alert.rule->id);
    // A verdict on less must not hide what is worse.
    at(*opened).incident.refired = !worse;
    at(*opened).page = worse;
  }
  return opened;
}

absl::StatusOr<uint32_t> IncidentBook::Impl::OpenFor(const Alert& alert) {
  std::string bytes = "incident";
  AppendText(alert.tenant, &bytes);
  AppendText(alert.id.ToText(), &bytes);
  Id128 id = MakeId(bytes);
  while (by_id.contains(id)) {
    bytes += '+';
    id = MakeId(bytes);
  }
  // Nobody is asked: an alert must not be lost.
  if (absl::Status s = RecordOpening(id, "alert " + alert.id.ToText(), alert.alert_time); !s.ok()) {
    return s;
  }
  const uint32_t slot = NewRecord(id, alert.tenant);
  IncidentRecord& record = at(slot);
  record.incident.groups = alert.groups;
  record.incident.clocks.alert = alert.alert_time;
  record.notice_due = alert.alert_time + options.group_wait_ns;
  Log(&record.incident, alert.alert_time, "opened", "", alert.rule->title);
  return slot;
}

uint32_t IncidentBook::Impl::EntityIn(uint32_t slot, uint32_t node, const IncidentEntity& like) {
  for (EntityNode::Touch& touch : nodes[node].touches) {
    if (touch.slot != slot) continue;
    touch.last = std::max(touch.last, like.last_seen);
    IncidentEntity& e = at(slot).incident.entities[touch.index];
    Earliest(&e.first_seen, like.first_seen);
    e.last_seen = std::max(e.last_seen, like.last_seen);
    e.criticality = std::max(e.criticality, like.criticality);
    e.alerts += like.alerts;
    return touch.index;
  }
  IncidentRecord& record = at(slot);
  const auto index = static_cast<uint32_t>(record.incident.entities.size());
  record.incident.entities.push_back(like);
  record.nodes.push_back(node);
  auto& touches = nodes[node].touches;
  // Closed incidents are the first that an entity forgets.
  if (touches.size() >= kMaxTouches) {
    auto out = std::find_if(touches.begin(), touches.end(), [this](const EntityNode::Touch& t) {
      return !at(t.slot).incident.open();
    });
    if (out != touches.end()) touches.erase(out);
  }
  touches.push_back({slot, index, like.last_seen});
  return index;
}

absl::Status IncidentBook::Impl::Put(uint32_t slot, const Alert& alert,
                                     const std::vector<uint32_t>& of, std::string why) {
  IncidentRecord& record = at(slot);
  Incident& incident = record.incident;
  const bool first = incident.alerts.empty();
  const std::string worse = first ? std::string() : WorseThan(incident, alert);
  IncidentAlert member;
  member.id = alert.id;
  member.fingerprint = alert.fingerprint;
  member.rule = alert.rule;
  member.event_time = alert.event_time;
  member.last_event_time = alert.last_event_time;
  member.alert_time = alert.alert_time;
  member.severity = alert.severity;
  member.outcome = alert.outcome;
  member.joined_by = std::move(why);
  member.alert = std::make_shared<Alert>(alert);
  for (size_t i = 0; i < of.size(); ++i) {
    const AlertEntity& e = alert.entities[i];
    member.entities.push_back(EntityIn(
        slot, of[i],
        {e.entity, e.criticality, e.strength, e.tags, e.fence, TimeOf(alert), TimeOf(alert), 1}));
  }
  if (first || alert.severity > incident.severity) {
    incident.title = alert.rule->title;
    for (const AlertEntity& e : alert.entities) {
      if (e.entity.type != EntityType::kDevice) continue;
      incident.title += " on " + e.entity.value;
      break;
    }
  }
  Widen(&incident, alert);
  Earliest(&incident.clocks.first_event, alert.event_time);
  Earliest(&incident.clocks.ingest, alert.ingest_time);
  Earliest(&incident.clocks.alert, alert.alert_time);
  incident.alerts.push_back(std::move(member));
  by_alert[alert.id] = slot;
  by_fingerprint[alert.fingerprint] = slot;
  bodies.push_back(alert.id);
  const size_t size = BytesOf(alert) + SummaryBytes(incident.alerts.back());
  record.bytes += size;
  bytes += size;
  ++record.new_alerts;
  if (record.told && record.notice_due == kNoEventTime) {
    record.notice_due = std::max(alert.alert_time, record.last_notice + options.group_interval_ns);
  }
  SetPriority(&incident, incident.refired);
  Changed(slot);
  if (worse.empty()) return absl::OkStatus();
  if (incident.refired) {
    incident.refired = false;
    record.page = true;
    SetPriority(&incident, false);
  }
  if (incident.state == IncidentState::kOnHold) {
    EndHold(&incident, alert.alert_time);
    incident.state = IncidentState::kInProgress;
    ++incident.version;
    Log(&incident, alert.alert_time, "resumed", "", worse);
  }
  Log(&incident, alert.alert_time, "escalated", "", worse);
  return Tell(slot, IncidentNotice::Kind::kEscalated, worse);
}

uint32_t IncidentBook::Impl::Merge(uint32_t a, uint32_t b, std::string_view actor,
                                   std::string_view reason, EventTime now) {
  const bool a_older = at(a).incident.number < at(b).incident.number;
  const uint32_t slot = a_older ? a : b;
  Changed(a);
  Changed(b);
  IncidentRecord& kept = at(slot);
  IncidentRecord& gone = at(a_older ? b : a);
  Incident& to = kept.incident;
  Incident& from = gone.incident;
  std::vector<uint32_t> places;
  for (size_t i = 0; i < from.entities.size(); ++i) {
    EntityNode& node = nodes[gone.nodes[i]];
    std::erase_if(node.touches, [&](const auto& t) { return &at(t.slot) == &gone; });
    places.push_back(EntityIn(slot, gone.nodes[i], from.entities[i]));
  }
  for (IncidentAlert& alert : from.alerts) {
    for (uint32_t& place : alert.entities) place = places[place];
    by_alert[alert.id] = slot;
    by_fingerprint[alert.fingerprint] = slot;
    to.alerts.push_back(std::move(alert));
  }
  if (from.severity > to.severity) to.title = from.title;
  Earliest(&to.clocks.first_event, from.clocks.first_event);
  Earliest(&to.clocks.ingest, from.clocks.ingest);
  Earliest(&to.clocks.alert, from.clocks.alert);
  Earliest(&to.clocks.ack, from.clocks.ack);
  Earliest(&to.clocks.contain, from.clocks.contain);
  EndHold(&from, now);
  const auto either = [&](IncidentState s) { return to.state == s || from.state == s; };
  const IncidentState state = either(IncidentState::kInProgress) ? IncidentState::kInProgress
                              : either(IncidentState::kOnHold)   ? IncidentState::kOnHold
                                                                 : IncidentState::kNew;
  if (to.state == IncidentState::kOnHold && state != to.state) EndHold(&to, now);
  if (to.state != IncidentState::kOnHold && state == IncidentState::kOnHold) {
    to.clocks.held_since = now;
  }
  to.state = state;
  to.severity = std::max(to.severity, from.severity);
  to.criticality = std::max(to.criticality, from.criticality);
  if (RankOf(from.outcome) > RankOf(to.outcome)) to.outcome = from.outcome;
  for (const std::string& tactic : from.tactics) {
    const auto it = std::lower_bound(to.tactics.begin(), to.tactics.end(), tactic);
    if (it == to.tactics.end() || *it != tactic) to.tactics.insert(it, tactic);
  }
  if (to.assignee.empty()) to.assignee = from.assignee;
  if (to.group.empty()) to.group = from.group;
  if (to.verdict == Verdict::kNone) to.verdict = from.verdict;
  to.refired = to.refired && from.refired;
  if (to.risk.empty()) to.risk = from.risk;
  kept.page = kept.page || gone.page;
  kept.must_link.insert(kept.must_link.end(), gone.must_link.begin(), gone.must_link.end());
  kept.new_alerts += gone.new_alerts;
  kept.bytes += std::exchange(gone.bytes, 0);
  for (const auto& [x, y] :
       std::vector<std::pair<Id128, Id128>>(cannot_link.begin(), cannot_link.end())) {
    if (x != from.id && y != from.id) continue;
    const Id128 other = x == from.id ? y : x;
    if (other != to.id) cannot_link.insert(std::minmax(to.id, other));
  }
  from.alerts.clear();
  from.entities.clear();
  gone.nodes.clear();
  from.merged_into = to.id;
  ++from.version;
  ++to.version;
  ++stats.merges;
  Log(&from, now, "merged_into", actor, to.id.ToText());
  Log(&to, now, "merged", actor, absl::StrCat(from.id.ToText(), ": ", ToAbsl(reason)));
  LinkBoth(slot, a_older ? b : a, IncidentLinkKind::kMergedFrom, reason, now);
  SetPriority(&to, to.refired);
  return slot;
}

void IncidentBook::Impl::LinkBoth(uint32_t a, uint32_t b, IncidentLinkKind kind,
                                  std::string_view reason, EventTime now) {
  if (a == b) return;
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    Incident& incident = at(from).incident;
    const Id128 other = at(to).incident.id;
    const bool known =
        std::any_of(incident.links.begin(), incident.links.end(),
                    [&](const IncidentLink& l) { return l.other == other && l.kind == kind; });
    if (known || incident.links.size() >= kMaxLinks) continue;
    incident.links.push_back({other, kind, std::string(reason), now});
  }
}

}  // namespace vedette::inline v0
