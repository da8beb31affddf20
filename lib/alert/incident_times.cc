// What is due at a time: notices of incidents, and promises that were not kept.
#include <algorithm>
#include <utility>

#include "lib/alert/incidents_impl.h"

namespace vedette::inline v0 {
namespace {

using Clock = SlaBreach::Clock;

// `a` + `b`, or the end of time; `b` is not negative.
EventTime Later(EventTime a, int64_t b) { return a > INT64_MAX - b ? INT64_MAX : a + b; }

// Without a hold that is going on.
int64_t Elapsed(const IncidentClocks& clocks, EventTime until) {
  if (clocks.alert == kNoEventTime) return 0;
  if (clocks.held_since != kNoEventTime) until = std::min(until, clocks.held_since);
  return until <= clocks.alert ? 0 : std::max<int64_t>(until - clocks.alert - clocks.held_ns, 0);
}

// Calls `check` with each promise of an incident that is neither kept nor known to be broken, and
// the bit that remembers it.
template <typename Check>
void ForEachPromise(const IncidentRecord& record, const SlaTargets& sla, Check check) {
  const IncidentClocks& c = record.incident.clocks;
  if (c.alert == kNoEventTime) return;
  const auto promise = [&](Clock clock, EventTime done, int64_t target) {
    const auto bit = static_cast<uint8_t>(1U << static_cast<unsigned>(clock));
    if (target == 0 || done != kNoEventTime || (record.breached & bit) != 0) return;
    check(clock, target, bit);
  };
  promise(Clock::kAck, c.ack, sla.ack_ns);
  promise(Clock::kContain, c.contain, sla.contain_ns);
  promise(Clock::kResolve, c.resolve, sla.resolve_ns);
}

}  // namespace

void IncidentBook::Impl::Changed(uint32_t slot) {
  if (std::exchange(at(slot).changed, true)) return;
  changed.push_back(slot);
}

// Not later than the first time at which AdvanceTime has something to do for it.
EventTime IncidentBook::Impl::DueOf(const IncidentRecord& record) const {
  const Incident& i = record.incident;
  if (i.id.empty() || !i.open()) return kNoEventTime;
  EventTime due = record.notice_due == kNoEventTime ? INT64_MAX : record.notice_due;
  ForEachPromise(record, options.sla[i.priority - size_t{1}], [&](Clock, int64_t target, uint8_t) {
    const EventTime broken =
        Later(Later(Later(i.clocks.alert, std::max<int64_t>(i.clocks.held_ns, 0)), target), 1);
    // While it is held its clocks stand still.
    if (i.clocks.held_since != kNoEventTime && broken > i.clocks.held_since) return;
    due = std::min(due, broken);
  });
  return due == INT64_MAX ? kNoEventTime : due;
}

void IncidentBook::Impl::Retime() {
  for (const uint32_t slot : changed) {
    IncidentRecord& record = at(slot);
    record.changed = false;
    const EventTime due = DueOf(record);
    if (due == record.due) continue;
    if (record.due != kNoEventTime) timetable.erase({record.due, slot});
    if (due != kNoEventTime) timetable.emplace(due, slot);
    record.due = due;
  }
  changed.clear();
}

void IncidentBook::Impl::AddBreaches(IncidentRecord* record, EventTime now,
                                     std::vector<SlaBreach>* out) {
  const Incident& i = record->incident;
  const int64_t elapsed = Elapsed(i.clocks, now);
  ForEachPromise(*record, options.sla[i.priority - size_t{1}],
                 [&](Clock clock, int64_t target, uint8_t bit) {
                   if (elapsed <= target) return;
                   record->breached |= bit;
                   ++stats.sla_breaches;
                   out->push_back({i.id, clock, i.priority, elapsed - target});
                 });
}

absl::StatusOr<std::vector<SlaBreach>> IncidentBook::AdvanceTime(EventTime now) {
  impl_->Retime();
  std::vector<std::pair<uint64_t, uint32_t>> due;
  for (const auto& [time, slot] : impl_->timetable) {
    if (time > now) break;
    due.emplace_back(impl_->at(slot).incident.number, slot);
  }
  std::sort(due.begin(), due.end());
  std::vector<SlaBreach> breaches;
  absl::Status status = absl::OkStatus();
  for (const auto& [number, slot] : due) {
    IncidentRecord& record = impl_->at(slot);
    impl_->Changed(slot);
    impl_->AddBreaches(&record, now, &breaches);
    if (record.notice_due == kNoEventTime || now < record.notice_due) continue;
    const bool opened = !std::exchange(record.told, true);
    record.notice_due = kNoEventTime;
    record.last_notice = now;
    absl::Status told =
        impl_->Tell(slot, opened ? IncidentNotice::Kind::kOpened : IncidentNotice::Kind::kUpdated,
                    record.incident.title);
    record.new_alerts = 0;
    if (status.ok()) status = std::move(told);
  }
  if (!status.ok()) return status;
  return breaches;
}

}  // namespace vedette::inline v0
