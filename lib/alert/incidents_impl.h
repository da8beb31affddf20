// The parts of an incident book.
#ifndef VEDETTE_LIB_ALERT_INCIDENTS_IMPL_H_
#define VEDETTE_LIB_ALERT_INCIDENTS_IMPL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/base/strings.h"
#include "vedette/alert/incidents.h"

namespace vedette::inline v0 {

inline constexpr uint32_t kNoIncident = UINT32_MAX;

// An incident with what only the book needs of it.
struct IncidentRecord {
  Incident incident;
  std::vector<uint32_t> nodes;  // of its entities
  uint8_t breached = 0;         // a bit for each clock
  bool told = false;            // of its opening
  EventTime notice_due = kNoEventTime;
  EventTime last_notice = kNoEventTime;
  EventTime due = kNoEventTime;  // where it stands in the timetable; kNoEventTime: nowhere
  bool changed = false;          // its place there is to be found anew
  uint64_t new_alerts = 0;
  bool page = true;
  std::vector<std::pair<Id128, Id128>> must_link;  // alerts that an analyst has put together
  size_t bytes = 0;
};

// An entity and the incidents that it is in.
struct EntityNode {
  struct Touch {
    uint32_t slot = 0;
    uint32_t index = 0;  // in the incident's entities
    EventTime last = kNoEventTime;
  };
  std::string key;
  std::vector<Touch> touches;
  std::vector<std::pair<uint32_t, EventTime>> partners;  // nodes it was seen with, and when last
  EventTime hub_until = kNoEventTime;
  EventTime last = kNoEventTime;
};

// A node as bytes: incidents by number, partners by their keys' places.
struct SavedNode {
  std::string key;
  std::vector<std::pair<uint64_t, EntityNode::Touch>> touches;
  std::vector<std::pair<uint32_t, EventTime>> partners;
  EventTime hub_until = kNoEventTime;
  EventTime last = kNoEventTime;
};

// An incident that an alert could join.
struct JoinCandidate {
  uint32_t slot = 0;
  uint32_t strong = 0;
  uint32_t medium = 0;
  uint32_t weak = 0;
  bool fingerprint = false;
  std::string by;  // the entity that says most
  JoinStrength by_strength = JoinStrength::kNone;

  bool joins() const { return strong > 0 || medium > 0 || weak >= 2; }
};

struct IncidentBook::Impl {
  // Grouping (grouping.cc).
  absl::StatusOr<Id128> Add(const Alert& alert);
  uint32_t NodeOf(std::string_view tenant, const Entity& entity);
  void NotePartners(const std::vector<uint32_t>& nodes, const Alert& alert);
  std::vector<JoinCandidate> Candidates(const Alert& alert, const std::vector<uint32_t>& nodes);
  // Why the alert may not go into the incident; empty if it may.
  std::string NoJoin(const IncidentRecord& record, const Alert& alert,
                     const std::vector<uint32_t>& nodes) const;
  std::string NoMerge(const IncidentRecord& a, const IncidentRecord& b) const;
  absl::StatusOr<uint32_t> Place(const Alert& alert, const std::vector<uint32_t>& nodes,
                                 std::string* why);
  absl::StatusOr<uint32_t> AfterClosed(const Alert& alert, const JoinCandidate& closed,
                                       std::string* why);
  absl::StatusOr<uint32_t> OpenFor(const Alert& alert);
  absl::Status Put(uint32_t slot, const Alert& alert, const std::vector<uint32_t>& nodes,
                   std::string why);
  // Merges by age; returns the slot that is kept.
  uint32_t Merge(uint32_t a, uint32_t b, std::string_view actor, std::string_view reason,
                 EventTime now);
  absl::Status Reopen(uint32_t slot, std::string_view reason, EventTime now);
  void LinkBoth(uint32_t a, uint32_t b, IncidentLinkKind kind, std::string_view reason,
                EventTime now);
  // Splits what the incident's alerts no longer hold together (regroup.cc).
  void Regroup(uint32_t slot, EventTime now);
  uint32_t MoveOut(uint32_t slot, const std::vector<size_t>& members, EventTime now,
                   std::string_view reason);
  void Recount(uint32_t slot);
  uint32_t EntityIn(uint32_t slot, uint32_t node, const IncidentEntity& like);

  // Records (incidents.cc).
  uint32_t NewRecord(const Id128& id, std::string_view tenant);
  uint32_t SlotOf(const Id128& id) const;
  uint32_t CurrentSlot(const Id128& id) const;
  IncidentRecord& at(uint32_t slot) { return records[slot]; }
  const IncidentRecord& at(uint32_t slot) const { return records[slot]; }
  void Log(Incident* incident, EventTime now, std::string_view kind, std::string_view actor,
           std::string_view text);
  absl::Status Tell(uint32_t slot, IncidentNotice::Kind kind, std::string text);
  void SetPriority(Incident* incident, bool refired);
  void Evict();
  void Forget(uint32_t slot);

  // The timetable (incident_times.cc). Changed is told of every incident whose notice, clocks,
  // state or priority may have changed.
  void Changed(uint32_t slot);
  EventTime DueOf(const IncidentRecord& record) const;
  void Retime();
  void AddBreaches(IncidentRecord* record, EventTime now, std::vector<SlaBreach>* out);
  void SweepNodes(EventTime now);
  template <typename A>
  void Archive(A& a);
  // Finds everything again; DataLoss if it does not fit together.
  absl::Status IndexAfterLoad(std::vector<SavedNode>* saved,
                              const std::vector<std::pair<Id128, uint64_t>>& prints);

  // Changes (lifecycle.cc).
  // Finds, checks version and `states` (a bit for each), asks and records.
  absl::StatusOr<uint32_t> Allow(const Id128& id, std::string_view action, uint32_t states,
                                 const IncidentChange& change, const absl::Status& valid,
                                 std::vector<std::pair<std::string, std::string>> attributes);
  absl::Status AllowOwn(std::string_view action, const Id128& id, std::string_view reason,
                        EventTime now) const;
  absl::Status RecordOpening(const Id128& id, std::string_view reason, EventTime now) const;
  uint32_t OpenBare(const Id128& id, std::string_view tenant, std::string_view title,
                    IncidentOrigin origin, Priority priority, const std::vector<Entity>& entities,
                    const IncidentChange& change);
  uint64_t Done(uint32_t slot, const IncidentChange& change, std::string_view kind,
                std::string text);
  void Judge(uint32_t slot, const IncidentChange& change);
  void EndHold(Incident* incident, EventTime now);
  absl::Status CheckVerdict(Verdict verdict, const Id128& id, const Id128& duplicate_of) const;

  IncidentOptions options;
  IncidentSink* sink = nullptr;
  std::deque<IncidentRecord> records;  // a slot each; evicted ones have an empty id
  std::vector<uint32_t> free_slots;
  absl::flat_hash_map<Id128, uint32_t> by_id;
  absl::flat_hash_map<Id128, uint32_t> by_alert;
  absl::flat_hash_map<Id128, uint32_t> by_fingerprint;  // where it was last
  std::deque<EntityNode> nodes;
  std::vector<uint32_t> free_nodes;
  absl::flat_hash_map<std::string_view, uint32_t, StringHash, StringEq> node_by_key;
  std::set<std::pair<Id128, Id128>> cannot_link;       // the smaller id first
  std::set<std::pair<EventTime, uint32_t>> timetable;  // when to look at an incident, and its slot
  std::vector<uint32_t> changed;
  uint64_t next_number = 1;
  EventTime latest = kNoEventTime;  // event time
  uint64_t since_sweep = 0;
  std::deque<Id128> bodies;  // alerts whose bodies are kept, oldest first
  size_t bytes = 0;
  IncidentBookStats stats;
  std::string scratch;
};

// Of an alert's body, about, and of what stays when the body goes.
size_t BytesOf(const Alert& alert);
inline size_t SummaryBytes(const IncidentAlert& alert) {
  return sizeof(IncidentAlert) + alert.entities.size() * 256;
}
// A bit for IncidentChange states.
constexpr uint32_t In(IncidentState state) { return uint32_t{1} << static_cast<int>(state); }

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_INCIDENTS_IMPL_H_
