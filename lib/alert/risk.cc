#include "vedette/alert/risk.h"

#include <algorithm>
#include <list>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "lib/alert/archive_alert.h"
#include "lib/base/strings.h"
#include "lib/program/saved_format.h"
#include "vedette/alert/verdicts.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxHistory = 16;
constexpr size_t kMaxFirings = 33;  // what comes after 32 adds nothing worth counting
// Half-lives after which less than a hundredth is left: what is older no longer counts as a kind of
// thing that an entity's risk consists of.
constexpr int64_t kMemory = 7;
constexpr size_t kMaxRules = 1024;  // of one entity; the one that rests longest is forgotten
constexpr uint64_t kMaxScore = uint64_t{1} << 62;

// When a rule fired on an entity.
struct Firings {
  std::string rule_id;
  EventTime last = kNoEventTime;
  // Within a half-life, oldest first.
  std::vector<EventTime> times;
};

struct State {
  std::string key;
  std::string tenant;
  Entity entity;
  RiskScore score;
  EventTime time = kNoEventTime;  // of the score
  bool raised = false;
  EventTime last_critical = kNoEventTime;
  std::vector<Firings> rules;
  std::vector<std::pair<std::string, EventTime>> tactics;  // and when last
  std::vector<RiskContribution> history;
};

// `a` - `b` without overflow; `a` is the later one.
int64_t Between(EventTime a, EventTime b) {
  if (b >= a) return 0;
  const uint64_t d = static_cast<uint64_t>(a) - static_cast<uint64_t>(b);
  return d > static_cast<uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<int64_t>(d);
}

void MakeKey(std::string_view tenant, const Entity& entity, std::string* key) {
  key->clear();
  AppendText(tenant, key);
  key->push_back(static_cast<char>(entity.type));
  *key += entity.value;
}

template <typename A>
void ArchiveState(A& a, State& s) {
  Part(a, s.tenant);
  Archive(a, s.entity);
  Part(a, s.score.q32);
  Part(a, s.time);
  Part(a, s.raised);
  Part(a, s.last_critical);
  Items(a, s.rules, [&a](Firings& f) {
    Part(a, f.rule_id);
    Part(a, f.last);
    Items(a, f.times, [&a](EventTime& t) { Part(a, t); });
  });
  Items(a, s.tactics, [&a](std::pair<std::string, EventTime>& t) {
    Part(a, t.first);
    Part(a, t.second);
  });
  Items(a, s.history, [&a](RiskContribution& c) {
    Part(a, c.time);
    Part(a, c.alert);
    Part(a, c.rule_id);
    Part(a, c.added.q32);
    Part(a, c.score_after.q32);
  });
}

}  // namespace

struct RiskBook::Impl {
  State* Touch(const RiskEvent& event);
  // How often the rule has fired within the half-life before `time`, this time included.
  size_t CountFiring(State* s, const RiskEvent& event) const;
  RiskNotice NoticeOf(const State& s, EventTime time) const;
  bool Within(EventTime then, EventTime now) const {
    return Between(now, then) < options.half_life_ns;
  }
  bool Counts(EventTime then, EventTime now) const {
    return then != kNoEventTime && Between(now, then) / kMemory < options.half_life_ns;
  }
  EntityRisk Report(const State& s, EventTime now) const {
    return {s.tenant, s.entity, Decay(s.score, Between(now, s.time), options.half_life_ns),
            s.raised, s.history};
  }
  template <typename A>
  void Archive(A& a);

  RiskOptions options;
  absl::flat_hash_map<std::string, uint32_t, StringHash, StringEq> rule_percent;
  std::list<State> states;  // used last at the end
  absl::flat_hash_map<std::string_view, std::list<State>::iterator, StringHash, StringEq> by_key;
  std::string key;
  uint64_t evicted = 0;
};

absl::StatusOr<std::unique_ptr<RiskBook>> RiskBook::Create(RiskOptions options) {
  if (options.half_life_ns <= 0) return absl::InvalidArgumentError("risk has no half-life");
  if (options.threshold == 0) return absl::InvalidArgumentError("risk has no threshold");
  if (options.rearm_percent > 100) {
    return absl::InvalidArgumentError("risk would be told of again while it is raised");
  }
  bool too_much = false;
  for (const uint32_t n : options.criticality_percent) too_much |= n > 10'000;
  for (const auto& [id, n] : options.rule_percent) too_much |= n > 10'000;
  for (const uint32_t n : options.severity_points) too_much |= n > 1'000'000;
  if (too_much) return absl::InvalidArgumentError("a weight of risk is out of range");
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->options.max_entities = std::max<size_t>(impl->options.max_entities, 1);
  for (const auto& [id, n] : impl->options.rule_percent) impl->rule_percent[id] = n;
  return std::unique_ptr<RiskBook>(new RiskBook(std::move(impl)));
}

RiskBook::RiskBook(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RiskBook::~RiskBook() = default;

RiskScore RiskBook::WeightOf(const Alert& alert, Criticality criticality) const {
  const RiskOptions& o = impl_->options;
  const auto level = std::max(static_cast<int>(alert.severity), 1) - 1;
  uint64_t q = uint64_t{o.severity_points[static_cast<size_t>(level)]} << 32;
  const auto percent = [&q](uint64_t n) {
    // Points go up to a million, a percentage to 10,000: divided first where it would overflow.
    q = q < (uint64_t{1} << 48) ? q * n / 100 : q / 100 * n;
    q = std::min(q, kMaxScore);
  };
  percent(alert.confidence);
  percent(o.criticality_percent[static_cast<size_t>(criticality)]);
  const auto it = impl_->rule_percent.find(alert.rule->id);
  if (it != impl_->rule_percent.end()) percent(it->second);
  if (o.verdicts != nullptr) {
    const auto precision = o.verdicts->PrecisionOf(alert.rule->id);
    // Never below a quarter: verdicts rank, they do not turn off.
    if (precision.has_value()) percent(25 + static_cast<uint64_t>(precision->lower * 75 + 0.5));
  }
  return {q};
}

std::vector<RiskNotice> RiskBook::Add(const Alert& alert) {
  std::vector<RiskNotice> notices;
  const std::vector<EntityType>& types = impl_->options.types;
  for (const AlertEntity& e : alert.entities) {
    // What every machine has bears no risk.
    if (e.strength == JoinStrength::kNone) continue;
    if (std::find(types.begin(), types.end(), e.entity.type) == types.end()) continue;
    RiskEvent event;
    event.tenant = alert.tenant;
    event.entity = e.entity;
    event.rule_id = alert.rule->id;
    event.tactics = alert.rule->tactics;
    event.alert = alert.id;
    event.time = alert.last_event_time != kNoEventTime ? alert.last_event_time : alert.alert_time;
    event.weight = WeightOf(alert, e.criticality);
    event.critical = alert.severity == Level::kCritical;
    if (auto notice = Add(event)) notices.push_back(*std::move(notice));
  }
  return notices;
}

State* RiskBook::Impl::Touch(const RiskEvent& event) {
  MakeKey(event.tenant, event.entity, &key);
  const auto it = by_key.find(key);
  if (it != by_key.end()) {
    states.splice(states.end(), states, it->second);
    return &states.back();
  }
  if (states.size() >= options.max_entities) {
    by_key.erase(states.front().key);
    states.pop_front();
    ++evicted;
  }
  State& s = states.emplace_back();
  s.key = key;
  s.tenant = event.tenant;
  s.entity = event.entity;
  s.time = event.time;
  by_key.emplace(s.key, std::prev(states.end()));
  return &s;
}

size_t RiskBook::Impl::CountFiring(State* s, const RiskEvent& event) const {
  auto it = std::find_if(s->rules.begin(), s->rules.end(),
                         [&](const Firings& f) { return f.rule_id == event.rule_id; });
  Firings firings;
  firings.rule_id = event.rule_id;
  if (it != s->rules.end()) {
    firings = std::move(*it);
    s->rules.erase(it);
  }
  std::erase_if(firings.times, [&](EventTime t) { return !Within(t, event.time); });
  firings.times.insert(std::upper_bound(firings.times.begin(), firings.times.end(), event.time),
                       event.time);
  const auto n =
      static_cast<size_t>(std::upper_bound(firings.times.begin(), firings.times.end(), event.time) -
                          firings.times.begin());
  firings.last = std::max(firings.last, event.time);
  if (firings.times.size() > kMaxFirings) firings.times.erase(firings.times.begin());
  s->rules.push_back(std::move(firings));
  std::erase_if(s->rules, [&](const Firings& f) { return !Counts(f.last, event.time); });
  if (s->rules.size() > kMaxRules) s->rules.erase(s->rules.begin());
  return n;
}

std::optional<RiskNotice> RiskBook::Add(const RiskEvent& event) {
  State& s = *impl_->Touch(event);
  const RiskOptions& o = impl_->options;
  const size_t n = impl_->CountFiring(&s, event);
  const RiskScore added{n > 63 ? 0 : std::min(event.weight.q32, kMaxScore) >> (n - 1)};
  if (event.time >= s.time) {
    s.score = Decay(s.score, Between(event.time, s.time), o.half_life_ns);
    s.time = event.time;
    if (s.score < RiskScore{RiskScore::Points(o.threshold).q32 / 100 * o.rearm_percent}) {
      s.raised = false;
    }
    s.score.q32 = std::min(s.score.q32 + added.q32, kMaxScore);
  } else {
    // A late one counts as much as it would by now.
    const RiskScore rest = Decay(added, Between(s.time, event.time), o.half_life_ns);
    s.score.q32 = std::min(s.score.q32 + rest.q32, kMaxScore);
  }
  for (const std::string& tactic : event.tactics) {
    auto it = std::find_if(s.tactics.begin(), s.tactics.end(),
                           [&tactic](const auto& t) { return t.first == tactic; });
    if (it == s.tactics.end()) {
      s.tactics.emplace_back(tactic, event.time);
    } else {
      it->second = std::max(it->second, event.time);
    }
  }
  std::erase_if(s.tactics, [&](const auto& t) { return !impl_->Counts(t.second, s.time); });
  if (event.critical) s.last_critical = std::max(s.last_critical, event.time);
  s.history.push_back({event.time, event.alert, event.rule_id, added, s.score});
  if (s.history.size() > kMaxHistory) s.history.erase(s.history.begin());
  const bool diverse =
      s.rules.size() >= 2 || s.tactics.size() >= 2 || impl_->Counts(s.last_critical, s.time);
  if (s.raised || !diverse || s.score < RiskScore::Points(o.threshold)) return std::nullopt;
  s.raised = true;
  return impl_->NoticeOf(s, s.time);
}

RiskNotice RiskBook::Impl::NoticeOf(const State& s, EventTime time) const {
  RiskNotice notice;
  notice.tenant = s.tenant;
  notice.entity = s.entity;
  notice.time = time;
  notice.score = s.score;
  for (const Firings& f : s.rules) notice.rules.push_back(f.rule_id);
  for (const auto& [tactic, last] : s.tactics) notice.tactics.push_back(tactic);
  std::sort(notice.rules.begin(), notice.rules.end());
  std::sort(notice.tactics.begin(), notice.tactics.end());
  notice.history = s.history;
  return notice;
}

std::optional<EntityRisk> RiskBook::Find(std::string_view tenant, const Entity& entity,
                                         EventTime now) const {
  std::string key;
  MakeKey(tenant, entity, &key);
  const auto it = impl_->by_key.find(key);
  if (it == impl_->by_key.end()) return std::nullopt;
  return impl_->Report(*it->second, now);
}

std::vector<EntityRisk> RiskBook::Top(size_t n, EventTime now) const {
  std::vector<std::pair<RiskScore, const State*>> order;
  for (const State& s : impl_->states) {
    order.emplace_back(Decay(s.score, Between(now, s.time), impl_->options.half_life_ns), &s);
  }
  n = std::min(n, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end(),
                    [](const auto& a, const auto& b) {
                      if (a.first != b.first) return a.first > b.first;
                      return std::tie(a.second->tenant, a.second->entity) <
                             std::tie(b.second->tenant, b.second->entity);
                    });
  std::vector<EntityRisk> out;
  for (size_t i = 0; i < n; ++i) out.push_back(impl_->Report(*order[i].second, now));
  return out;
}

size_t RiskBook::size() const { return impl_->states.size(); }
uint64_t RiskBook::evicted() const { return impl_->evicted; }

template <typename A>
void RiskBook::Impl::Archive(A& a) {
  Part(a, evicted);
  if constexpr (A::kLoads) {
    for (size_t n = a.Count(); n > 0 && a.ok(); --n) {
      State& s = states.emplace_back();
      ArchiveState(a, s);
      if (!a.ok()) return;
      MakeKey(s.tenant, s.entity, &s.key);
      bool sound = s.score.q32 <= kMaxScore;
      for (const Firings& f : s.rules) sound &= std::is_sorted(f.times.begin(), f.times.end());
      if (!sound || !by_key.emplace(s.key, std::prev(states.end())).second) {
        return a.Fail("an entity makes no sense or is there twice");
      }
    }
  } else {
    a.Uint(states.size());
    for (State& s : states) ArchiveState(a, s);
  }
}

std::string RiskBook::Snapshot() const {
  std::string body;
  Saver out(&body);
  impl_->Archive(out);
  return SealState('R', body);
}

absl::Status RiskBook::Restore(std::string_view snapshot) {
  const auto body = OpenState('R', snapshot);
  if (!body.ok()) return body.status();
  Loader in(*body);
  auto fresh = std::make_unique<Impl>();
  fresh->options = impl_->options;
  fresh->rule_percent = impl_->rule_percent;
  fresh->Archive(in);
  if (absl::Status s = EndOf(in); !s.ok()) return s;
  while (fresh->states.size() > fresh->options.max_entities) {
    fresh->by_key.erase(fresh->states.front().key);
    fresh->states.pop_front();
    ++fresh->evicted;
  }
  impl_ = std::move(fresh);
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
