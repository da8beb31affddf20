// What people do with incidents. Each change is checked, asked for and put on record.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/alert/authorize.h"
#include "lib/alert/incidents_impl.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

using State = IncidentState;

constexpr size_t kMaxComment = 65'536;
constexpr uint32_t kOpenStates =
    In(State::kNew) | In(State::kInProgress) | In(State::kOnHold) | In(State::kResolved);

bool MayCloseNew(Verdict verdict) {
  return verdict == Verdict::kDuplicate || verdict == Verdict::kTest ||
         verdict == Verdict::kFalsePositive;
}

}  // namespace

absl::StatusOr<uint32_t> IncidentBook::Impl::Allow(
    const Id128& id, std::string_view action, uint32_t states, const IncidentChange& change,
    const absl::Status& valid, std::vector<std::pair<std::string, std::string>> attributes) {
  const uint32_t slot = SlotOf(id);
  absl::Status possible = valid;
  if (slot == kNoIncident) {
    possible = absl::NotFoundError(absl::StrCat("there is no incident ", id.ToText()));
  } else if (change.now == kNoEventTime) {
    possible = absl::InvalidArgumentError("a change needs the time");
  } else {
    const Incident& i = at(slot).incident;
    if (!i.merged_into.empty()) {
      possible = absl::FailedPreconditionError(
          absl::StrCat("the incident was merged into ", i.merged_into.ToText()));
    } else if (change.version != kAnyVersion && change.version != i.version) {
      possible = absl::AbortedError(
          absl::StrCat("the incident has version ", i.version, " by now, not ", change.version));
    } else if ((states & In(i.state)) == 0) {
      possible = absl::FailedPreconditionError(absl::StrCat(
          "the incident is ", ToAbsl(IncidentStateName(i.state)), ": it cannot be changed so"));
    }
    attributes.emplace_back("state", IncidentStateName(i.state));
    attributes.emplace_back("severity", LevelName(i.severity));
    attributes.emplace_back("priority", std::to_string(i.priority));
    attributes.emplace_back("tenant", i.tenant);
    attributes.emplace_back("assignee", i.assignee);
  }
  Action what;
  what.name = action;
  what.kind = "incident";
  what.object_id = id.ToText();
  what.attributes = std::move(attributes);
  const absl::Status status = Authorize(options.authorizer, options.audit, change.actor,
                                        std::move(what), change.reason, change.now, possible);
  if (!status.ok()) return status;
  return slot;
}

absl::Status IncidentBook::Impl::AllowOwn(std::string_view action, const Id128& id,
                                          std::string_view reason, EventTime now) const {
  Action what;
  what.name = action;
  what.kind = "incident";
  what.object_id = id.ToText();
  return Authorize(options.authorizer, options.audit, {"vedette", {}, true}, std::move(what),
                   reason, now, absl::OkStatus());
}

uint64_t IncidentBook::Impl::Done(uint32_t slot, const IncidentChange& change,
                                  std::string_view kind, std::string text) {
  Incident& i = at(slot).incident;
  if (!change.reason.empty()) {
    if (!text.empty()) text += ": ";
    text += change.reason;
  }
  Log(&i, change.now, kind, change.actor.id, text);
  Changed(slot);
  return ++i.version;
}

void IncidentBook::Impl::EndHold(Incident* incident, EventTime now) {
  IncidentClocks& c = incident->clocks;
  if (c.held_since == kNoEventTime) return;
  if (now > c.held_since) c.held_ns += now - c.held_since;
  c.held_since = kNoEventTime;
}

absl::Status IncidentBook::Impl::Reopen(uint32_t slot, std::string_view reason, EventTime now) {
  if (absl::Status s = AllowOwn("incident.reopen", at(slot).incident.id, reason, now); !s.ok()) {
    return s;
  }
  Incident& i = at(slot).incident;
  i.state = State::kInProgress;
  i.clocks.resolve = i.clocks.close = kNoEventTime;
  ++i.reopened;
  ++i.version;
  ++stats.reopened;
  Changed(slot);
  Log(&i, now, "reopened", "", reason);
  return Tell(slot, IncidentNotice::Kind::kReopened, std::string(reason));
}

absl::Status IncidentBook::Impl::CheckVerdict(Verdict verdict, const Id128& id,
                                              const Id128& duplicate_of) const {
  if (verdict == Verdict::kNone || VerdictName(verdict).empty()) {
    return absl::InvalidArgumentError("there is no verdict");
  }
  if ((verdict == Verdict::kDuplicate) == duplicate_of.empty()) {
    return absl::InvalidArgumentError("a duplicate, and nothing else, names its original");
  }
  if (duplicate_of.empty()) return absl::OkStatus();
  const uint32_t master = CurrentSlot(duplicate_of);
  if (master == kNoIncident) return absl::NotFoundError("the original is not known");
  if (master == SlotOf(id) || at(master).incident.verdict == Verdict::kDuplicate) {
    return absl::InvalidArgumentError("the original is a duplicate itself");
  }
  return absl::OkStatus();
}

absl::Status IncidentBook::Impl::RecordOpening(const Id128& id, std::string_view reason,
                                               EventTime now) const {
  Action what;
  what.name = "incident.open";
  what.kind = "incident";
  what.object_id = id.ToText();
  return Authorize(nullptr, options.audit, {"vedette", {}, true}, std::move(what), reason, now,
                   absl::OkStatus());
}

// The verdict becomes that of its alerts, whose folds end.
void IncidentBook::Impl::Judge(uint32_t slot, const IncidentChange& change) {
  const Incident& i = at(slot).incident;
  for (const IncidentAlert& a : i.alerts) {
    if (options.verdicts != nullptr && i.verdict != Verdict::kNone) {
      options.verdicts->Record(
          {a.id, a.fingerprint, a.rule->id, change.actor.id, i.verdict, change.now});
    }
    if (options.close_alert) options.close_alert(a.id);
  }
}

absl::StatusOr<uint64_t> IncidentBook::Acknowledge(const Id128& id, const IncidentChange& change) {
  const auto slot =
      impl_->Allow(id, "incident.acknowledge", kOpenStates, change, absl::OkStatus(), {});
  if (!slot.ok()) return slot.status();
  Incident& i = impl_->at(*slot).incident;
  if (i.clocks.ack == kNoEventTime) i.clocks.ack = change.now;
  if (i.state == State::kNew) i.state = State::kInProgress;
  if (i.state == State::kResolved) {
    i.state = State::kInProgress;
    i.clocks.resolve = kNoEventTime;
    ++i.reopened;
    ++impl_->stats.reopened;
  }
  return impl_->Done(*slot, change, "acknowledged", "");
}

absl::StatusOr<uint64_t> IncidentBook::Assign(const Id128& id, std::string_view assignee,
                                              std::string_view group,
                                              const IncidentChange& change) {
  absl::Status valid = absl::OkStatus();
  if (assignee.empty() && group.empty()) {
    valid = absl::InvalidArgumentError("it is assigned to nobody");
  }
  const auto slot = impl_->Allow(id, "incident.assign", kOpenStates, change, valid,
                                 {{"to", std::string(assignee)}, {"group", std::string(group)}});
  if (!slot.ok()) return slot.status();
  Incident& i = impl_->at(*slot).incident;
  std::string text = absl::StrCat("from \"", i.assignee, "\" to \"", ToAbsl(assignee), "\"");
  i.assignee = assignee;
  i.group = group;
  if (i.clocks.ack == kNoEventTime && !assignee.empty()) i.clocks.ack = change.now;
  if (i.state == State::kNew && !assignee.empty()) i.state = State::kInProgress;
  if (i.state == State::kResolved) {
    i.state = State::kInProgress;
    i.clocks.resolve = kNoEventTime;
    ++i.reopened;
    ++impl_->stats.reopened;
  }
  return impl_->Done(*slot, change, "assigned", std::move(text));
}

absl::StatusOr<uint64_t> IncidentBook::Hold(const Id128& id, const IncidentChange& change) {
  const absl::Status valid = change.reason.empty()
                                 ? absl::InvalidArgumentError("a hold needs a reason")
                                 : absl::OkStatus();
  const auto slot = impl_->Allow(id, "incident.hold", In(State::kInProgress), change, valid, {});
  if (!slot.ok()) return slot.status();
  Incident& i = impl_->at(*slot).incident;
  i.state = State::kOnHold;
  i.clocks.held_since = change.now;
  return impl_->Done(*slot, change, "held", "");
}

absl::StatusOr<uint64_t> IncidentBook::Resume(const Id128& id, const IncidentChange& change) {
  const auto slot =
      impl_->Allow(id, "incident.resume", In(State::kOnHold), change, absl::OkStatus(), {});
  if (!slot.ok()) return slot.status();
  Incident& i = impl_->at(*slot).incident;
  impl_->EndHold(&i, change.now);
  i.state = State::kInProgress;
  return impl_->Done(*slot, change, "resumed", "");
}

absl::StatusOr<uint64_t> IncidentBook::Resolve(const Id128& id, Verdict verdict,
                                               const Id128& duplicate_of,
                                               const IncidentChange& change) {
  const auto slot = impl_->Allow(id, "incident.resolve",
                                 In(State::kNew) | In(State::kInProgress) | In(State::kOnHold),
                                 change, impl_->CheckVerdict(verdict, id, duplicate_of),
                                 {{"verdict", std::string(VerdictName(verdict))}});
  if (!slot.ok()) return slot.status();
  Incident& i = impl_->at(*slot).incident;
  impl_->EndHold(&i, change.now);
  i.state = State::kResolved;
  i.verdict = verdict;
  i.duplicate_of = duplicate_of;
  i.clocks.resolve = change.now;
  if (i.clocks.ack == kNoEventTime) i.clocks.ack = change.now;
  const uint64_t version =
      impl_->Done(*slot, change, "resolved", std::string(VerdictName(verdict)));
  if (verdict == Verdict::kDuplicate) {
    impl_->LinkBoth(*slot, impl_->CurrentSlot(duplicate_of), IncidentLinkKind::kDuplicateOf,
                    change.reason, change.now);
  }
  impl_->Judge(*slot, change);
  return version;
}

absl::StatusOr<uint64_t> IncidentBook::Close(const Id128& id, Verdict verdict,
                                             const Id128& duplicate_of,
                                             const IncidentChange& change) {
  const Incident* found = Find(id);
  const bool is_new = found != nullptr && found->state == State::kNew;
  absl::Status valid = absl::OkStatus();
  if (verdict != Verdict::kNone || is_new) valid = impl_->CheckVerdict(verdict, id, duplicate_of);
  if (valid.ok() && is_new && !MayCloseNew(verdict) && !impl_->options.close_new_with_any_verdict) {
    valid = absl::FailedPreconditionError(
        "a new incident is closed as duplicate, test or false positive only; resolve it first");
  }
  const Verdict final_verdict = verdict != Verdict::kNone ? verdict
                                : found != nullptr        ? found->verdict
                                                          : Verdict::kNone;
  const auto slot =
      impl_->Allow(id, "incident.close", In(State::kNew) | In(State::kResolved), change, valid,
                   {{"verdict", std::string(VerdictName(final_verdict))}});
  if (!slot.ok()) return slot.status();
  Incident& i = impl_->at(*slot).incident;
  if (verdict != Verdict::kNone) {
    i.verdict = verdict;
    i.duplicate_of = duplicate_of;
  }
  i.state = State::kClosed;
  i.clocks.close = change.now;
  if (i.clocks.resolve == kNoEventTime) i.clocks.resolve = change.now;
  if (i.clocks.ack == kNoEventTime) i.clocks.ack = change.now;
  const uint64_t version =
      impl_->Done(*slot, change, "closed", std::string(VerdictName(i.verdict)));
  if (verdict == Verdict::kDuplicate) {
    impl_->LinkBoth(*slot, impl_->CurrentSlot(duplicate_of), IncidentLinkKind::kDuplicateOf,
                    change.reason, change.now);
  }
  impl_->Judge(*slot, change);
  impl_->Evict();
  return version;
}

absl::StatusOr<uint64_t> IncidentBook::SetVerdict(const Id128& id, Verdict verdict,
                                                  const IncidentChange& change) {
  absl::Status valid = impl_->CheckVerdict(verdict, id, {});
  const auto slot = impl_->Allow(id, "incident.verdict", In(State::kResolved) | In(State::kClosed),
                                 change, valid, {{"verdict", std::string(VerdictName(verdict))}});
  if (!slot.ok()) return slot.status();
  Incident& i = impl_->at(*slot).incident;
  std::string text =
      absl::StrCat("from ", ToAbsl(VerdictName(i.verdict)), " to ", ToAbsl(VerdictName(verdict)));
  i.verdict = verdict;
  i.duplicate_of = {};
  const uint64_t version = impl_->Done(*slot, change, "verdict", std::move(text));
  impl_->Judge(*slot, change);
  return version;
}

absl::StatusOr<uint64_t> IncidentBook::SetPriority(const Id128& id, Priority priority,
                                                   const IncidentChange& change) {
  const absl::Status valid = priority >= 1 && priority <= 4
                                 ? absl::OkStatus()
                                 : absl::InvalidArgumentError("priorities are 1 to 4");
  const auto slot = impl_->Allow(id, "incident.priority", kOpenStates, change, valid,
                                 {{"to", std::to_string(priority)}});
  if (!slot.ok()) return slot.status();
  Incident& i = impl_->at(*slot).incident;
  std::string text = absl::StrCat("from ", i.priority, " to ", priority);
  i.priority = priority;
  i.priority_set = true;
  return impl_->Done(*slot, change, "priority", std::move(text));
}

absl::StatusOr<uint64_t> IncidentBook::MarkContained(const Id128& id, EventTime when,
                                                     const IncidentChange& change) {
  const absl::Status valid = when == kNoEventTime || when > change.now
                                 ? absl::InvalidArgumentError("that time has not come")
                                 : absl::OkStatus();
  const auto slot = impl_->Allow(id, "incident.contained", kOpenStates, change, valid, {});
  if (!slot.ok()) return slot.status();
  IncidentClocks& clocks = impl_->at(*slot).incident.clocks;
  if (clocks.contain == kNoEventTime || when < clocks.contain) clocks.contain = when;
  return impl_->Done(*slot, change, "contained", FormatEventTime(when));
}

absl::StatusOr<uint64_t> IncidentBook::Comment(const Id128& id, std::string_view text,
                                               const IncidentChange& change) {
  const absl::Status valid =
      text.empty() || text.size() > kMaxComment
          ? absl::InvalidArgumentError("a comment has between 1 and 65,536 bytes")
          : absl::OkStatus();
  const auto slot =
      impl_->Allow(id, "incident.comment", kOpenStates | In(State::kClosed), change, valid, {});
  if (!slot.ok()) return slot.status();
  Incident& i = impl_->at(*slot).incident;
  impl_->Log(&i, change.now, "comment", change.actor.id, text);
  return ++i.version;
}

absl::StatusOr<Id128> IncidentBook::Link(const Id128& a, const Id128& b,
                                         const IncidentChange& change) {
  const uint32_t other = impl_->CurrentSlot(b);
  absl::Status valid = absl::OkStatus();
  const Incident* x = Find(a);
  const Incident* y = other == kNoIncident ? nullptr : &impl_->at(other).incident;
  if (x != nullptr && y != nullptr) {
    if (x == y) {
      valid = absl::InvalidArgumentError("they are one already");
    } else if (x->tenant != y->tenant) {
      valid = absl::InvalidArgumentError("they are of two tenants");
    } else if (x->state >= State::kResolved || y->state >= State::kResolved) {
      valid = absl::FailedPreconditionError("one is resolved");
    } else if (x->alerts.size() + y->alerts.size() > impl_->options.max_alerts ||
               x->entities.size() + y->entities.size() > impl_->options.max_entities) {
      valid = absl::FailedPreconditionError("together they are too large");
    }
  } else {
    valid = absl::NotFoundError("there is no such incident");
  }
  const auto slot =
      impl_->Allow(a, "incident.link", kOpenStates, change, valid, {{"with", b.ToText()}});
  if (!slot.ok()) return slot.status();
  impl_->cannot_link.erase(std::minmax(x->id, y->id));
  if (!x->alerts.empty() && !y->alerts.empty()) {
    impl_->at(*slot).must_link.emplace_back(x->alerts.front().id, y->alerts.front().id);
  }
  const uint32_t kept = impl_->Merge(*slot, other, change.actor.id, change.reason, change.now);
  const absl::Status told = impl_->Tell(kept, IncidentNotice::Kind::kMerged, change.reason);
  if (!told.ok()) return told;
  return impl_->at(kept).incident.id;
}

absl::StatusOr<Id128> IncidentBook::Unlink(const Id128& id, const std::vector<Id128>& alerts,
                                           const IncidentChange& change) {
  absl::Status valid = absl::OkStatus();
  std::vector<size_t> members;
  if (const Incident* found = Find(id); found != nullptr) {
    for (size_t i = 0; i < found->alerts.size(); ++i) {
      if (std::find(alerts.begin(), alerts.end(), found->alerts[i].id) != alerts.end()) {
        members.push_back(i);
      }
    }
    if (members.empty() || members.size() < alerts.size()) {
      valid = absl::InvalidArgumentError("an alert is not of this incident, or there is none");
    } else if (members.size() == found->alerts.size()) {
      valid = absl::InvalidArgumentError("nothing would be left");
    }
  }
  const auto slot = impl_->Allow(id, "incident.unlink",
                                 In(State::kNew) | In(State::kInProgress) | In(State::kOnHold),
                                 change, valid, {{"alerts", std::to_string(alerts.size())}});
  if (!slot.ok()) return slot.status();
  // What was put together by hand and is now taken apart by hand is no longer held together.
  std::erase_if(impl_->at(*slot).must_link, [&](const auto& pair) {
    return (std::find(alerts.begin(), alerts.end(), pair.first) != alerts.end()) !=
           (std::find(alerts.begin(), alerts.end(), pair.second) != alerts.end());
  });
  const uint32_t made = impl_->MoveOut(*slot, members, change.now, change.reason);
  const Id128 made_id = impl_->at(made).incident.id;
  impl_->cannot_link.insert(std::minmax(id, made_id));
  const uint64_t before = impl_->next_number;
  impl_->Regroup(*slot, change.now);
  for (const IncidentRecord& record : impl_->records) {
    if (record.incident.number >= before) {
      impl_->cannot_link.insert(std::minmax(record.incident.id, made_id));
    }
  }
  impl_->Done(*slot, change, "unlinked", made_id.ToText());
  return made_id;
}

absl::Status IncidentBook::JudgeAlert(const Id128& alert, Verdict verdict,
                                      const IncidentChange& change) {
  const Incident* incident = OfAlert(alert);
  absl::Status valid = absl::OkStatus();
  if (incident == nullptr) {
    valid = absl::NotFoundError(absl::StrCat("there is no alert ", alert.ToText()));
  } else if (VerdictName(verdict).empty()) {
    valid = absl::InvalidArgumentError("there is no verdict");
  }
  Action what;
  what.name = "alert.verdict";
  what.kind = "alert";
  what.object_id = alert.ToText();
  what.attributes = {{"verdict", std::string(VerdictName(verdict))}};
  if (absl::Status s = Authorize(impl_->options.authorizer, impl_->options.audit, change.actor,
                                 std::move(what), change.reason, change.now, valid);
      !s.ok()) {
    return s;
  }
  for (const IncidentAlert& a : incident->alerts) {
    if (a.id != alert) continue;
    if (impl_->options.verdicts != nullptr) {
      impl_->options.verdicts->Record(
          {a.id, a.fingerprint, a.rule->id, change.actor.id, verdict, change.now});
    }
    if (impl_->options.close_alert) impl_->options.close_alert(a.id);
  }
  return absl::OkStatus();
}

absl::StatusOr<Id128> IncidentBook::Open(std::string_view tenant, std::string_view title,
                                         IncidentOrigin origin, Priority priority,
                                         const std::vector<Entity>& entities,
                                         const IncidentChange& change) {
  std::string bytes = "manual";
  AppendText(tenant, &bytes);
  AppendText(title, &bytes);
  AppendZigzag(change.now, &bytes);
  Id128 id = MakeId(bytes);
  while (impl_->by_id.contains(id)) {
    bytes += '+';
    id = MakeId(bytes);
  }
  absl::Status valid = absl::OkStatus();
  if (title.empty() || priority < 1 || priority > 4 || change.now == kNoEventTime ||
      entities.size() > impl_->options.max_entities) {
    valid = absl::InvalidArgumentError(
        "an incident needs a title, a priority of 1 to 4, the time and not too many entities");
  }
  Action what;
  what.name = "incident.open";
  what.kind = "incident";
  what.object_id = id.ToText();
  what.attributes = {{"origin", std::string(IncidentOriginName(origin))},
                     {"tenant", std::string(tenant)}};
  if (absl::Status s = Authorize(impl_->options.authorizer, impl_->options.audit, change.actor,
                                 std::move(what), change.reason, change.now, valid);
      !s.ok()) {
    return s;
  }
  impl_->OpenBare(id, tenant, title, origin, priority, entities, change);
  return id;
}

uint32_t IncidentBook::Impl::OpenBare(const Id128& id, std::string_view tenant,
                                      std::string_view title, IncidentOrigin origin,
                                      Priority priority, const std::vector<Entity>& entities,
                                      const IncidentChange& change) {
  const uint32_t slot = NewRecord(id, tenant);
  IncidentRecord& record = at(slot);
  Incident& i = record.incident;
  i.title = title;
  i.origin = origin;
  i.priority = priority;
  i.priority_set = !change.actor.automation;
  i.outcome = Outcome::kUnknown;
  i.clocks.alert = change.now;
  record.notice_due = change.now + options.group_wait_ns;
  for (const Entity& e : entities) {
    IncidentEntity entity;
    entity.entity = {e.type, NormalizeEntity(e.value)};
    entity.strength = e.type == EntityType::kExternalIp || e.type == EntityType::kDomain
                          ? JoinStrength::kWeak
                          : JoinStrength::kMedium;
    entity.first_seen = entity.last_seen = change.now;
    EntityIn(slot, NodeOf(tenant, entity.entity), entity);
  }
  Log(&i, change.now, "opened", change.actor.automation ? "" : change.actor.id, change.reason);
  return slot;
}

absl::StatusOr<Id128> IncidentBook::AddRisk(const RiskNotice& notice) {
  const uint32_t node = impl_->NodeOf(notice.tenant, notice.entity);
  uint32_t slot = kNoIncident;
  for (const EntityNode::Touch& touch : impl_->nodes[node].touches) {
    const Incident& i = impl_->at(touch.slot).incident;
    if (!i.open() || !i.groups || i.state == State::kResolved) continue;
    // The newest one, in which the alert that has just come is.
    if (slot == kNoIncident || i.number > impl_->at(slot).incident.number) slot = touch.slot;
  }
  if (slot == kNoIncident) {
    std::string bytes = "risk";
    AppendText(impl_->nodes[node].key, &bytes);
    AppendZigzag(notice.time, &bytes);
    Id128 id = MakeId(bytes);
    while (impl_->by_id.contains(id)) {
      bytes += '+';
      id = MakeId(bytes);
    }
    IncidentChange change;
    change.actor = {"vedette", {}, true};
    change.reason = "score " + notice.score.ToText();
    change.now = notice.time;
    // Nobody is asked, as for alerts: it must not be lost.
    if (absl::Status s = impl_->RecordOpening(id, change.reason, change.now); !s.ok()) return s;
    slot = impl_->OpenBare(id, notice.tenant, "Risk of " + notice.entity.value,
                           IncidentOrigin::kRisk, 2, {notice.entity}, change);
  }
  Incident& i = impl_->at(slot).incident;
  i.risk = notice.history;
  impl_->Log(&i, notice.time, "risk", "",
             absl::StrCat(ToAbsl(EntityTypeName(notice.entity.type)), " ", notice.entity.value,
                          " has a score of ", notice.score.ToText()));
  impl_->SetPriority(&i, i.refired);
  impl_->Changed(slot);
  if (absl::Status s = impl_->Tell(slot, IncidentNotice::Kind::kEscalated, "risk has risen");
      !s.ok()) {
    return s;
  }
  return i.id;
}

}  // namespace vedette::inline v0
