#include "lib/alert/holds.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxHolds = 10'000;
constexpr size_t kMaxActive = 100'000;  // sets of equal values of one inhibition

template <typename T>
absl::Status CheckNew(const std::vector<T>& all, std::string_view id) {
  if (std::any_of(all.begin(), all.end(), [id](const T& t) { return t.spec.id == id; })) {
    return absl::AlreadyExistsError(absl::StrCat("\"", ToAbsl(id), "\" is there already"));
  }
  if (all.size() < kMaxHolds) return absl::OkStatus();
  return absl::ResourceExhaustedError("there are 10,000 already");
}

template <typename T>
bool RemoveById(std::vector<T>* all, std::string_view id) {
  return std::erase_if(*all, [id](const T& t) { return t.spec.id == id; }) > 0;
}

template <typename T>
absl::Status CheckKnown(const std::vector<T>& all, std::string_view id) {
  if (std::any_of(all.begin(), all.end(), [id](const T& t) { return t.spec.id == id; })) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat("there is no \"", ToAbsl(id), "\""));
}

bool InScope(const Suppression& s, const std::string& tenant) {
  return std::any_of(s.tenants.begin(), s.tenants.end(),
                     [&tenant](const std::string& t) { return t == "*" || t == tenant; });
}

}  // namespace

absl::Status Holds::CheckAdd(const Suppression& s) const { return CheckNew(suppressors_, s.id); }
absl::Status Holds::CheckAdd(const Inhibition& i) const { return CheckNew(inhibitors_, i.id); }
absl::Status Holds::CheckSuppression(std::string_view id) const {
  return CheckKnown(suppressors_, id);
}
absl::Status Holds::CheckInhibition(std::string_view id) const {
  return CheckKnown(inhibitors_, id);
}

absl::Status Holds::Add(const Suppression& s) {
  if (absl::Status status = CheckNew(suppressors_, s.id); !status.ok()) return status;
  auto matcher = CompiledMatcher::Compile(s.matcher);
  if (!matcher.ok()) return matcher.status();
  suppressors_.push_back({s, *std::move(matcher), 0, 0, kNoEventTime});
  return absl::OkStatus();
}

absl::Status Holds::Add(const Inhibition& i) {
  if (absl::Status status = CheckNew(inhibitors_, i.id); !status.ok()) return status;
  auto source = CompiledMatcher::Compile(i.source);
  if (!source.ok()) return source.status();
  auto target = CompiledMatcher::Compile(i.target);
  if (!target.ok()) return target.status();
  inhibitors_.push_back({i, *std::move(source), *std::move(target), 0, kNoEventTime, {}});
  return absl::OkStatus();
}

bool Holds::RemoveSuppression(std::string_view id) { return RemoveById(&suppressors_, id); }
bool Holds::RemoveInhibition(std::string_view id) { return RemoveById(&inhibitors_, id); }

bool Holds::Suppresses(RawAlert* raw, HeldBy* by) {
  for (Suppressor& s : suppressors_) {
    if (raw->time >= s.spec.expires_at) continue;
    if (s.spec.starts_at != kNoEventTime && raw->time < s.spec.starts_at) continue;
    if (!InScope(s.spec, raw->tenant) || !s.matcher.Matches(raw)) continue;
    by->kind = s.spec.kind == Suppression::Kind::kException ? HoldKind::kException
                                                            : HoldKind::kMaintenance;
    by->id = s.spec.id;
    by->canary = s.spec.canary > 0 && (s.held + s.canaries + 1) % s.spec.canary == 0;
    by->since_canary = s.spec.canary > 0 ? s.spec.canary - 1 : 0;
    ++(by->canary ? s.canaries : s.held);
    s.last = std::max(s.last, raw->time);
    return true;
  }
  return false;
}

bool Holds::MakeEqualKey(const Inhibitor& inhibitor, RawAlert* raw, std::string* key) {
  key->assign(1, 's');
  AppendText(raw->tenant, key);
  FieldTexts texts;
  for (const std::string& field : inhibitor.spec.equal) {
    TextsOf(raw, field, &texts);
    if (texts.empty()) return false;
    std::sort(texts.begin(), texts.end());
    AppendVarint(texts.size(), key);
    for (const std::string& text : texts) AppendText(text, key);
  }
  return true;
}

bool Holds::Inhibits(RawAlert* raw, HeldBy* by) {
  std::string key;
  for (Inhibitor& i : inhibitors_) {
    if (raw->time >= i.spec.expires_at || i.active.empty()) continue;
    if (!i.target.Matches(raw) || !MakeEqualKey(i, raw, &key)) continue;
    const auto active = [&](char which) {
      key[0] = which;
      const auto it = i.active.find(key);
      // A last time near the end of time does not overflow: what is later than it comes first.
      return it != i.active.end() && raw->time >= it->second.since &&
             (raw->time <= it->second.last || raw->time - it->second.last <= i.spec.duration_ns);
    };
    const bool also_source = i.source.Matches(raw);
    if (!active('s') && (also_source || !active('t'))) continue;
    by->kind = HoldKind::kInhibition;
    by->id = i.spec.id;
    by->canary = false;
    ++i.held;
    i.last = std::max(i.last, raw->time);
    return true;
  }
  return false;
}

void Holds::NoteSource(RawAlert* raw) {
  std::string key;
  for (Inhibitor& i : inhibitors_) {
    if (raw->time >= i.spec.expires_at || !i.source.Matches(raw)) continue;
    if (!MakeEqualKey(i, raw, &key)) continue;
    key[0] = i.target.Matches(raw) ? 't' : 's';
    const auto [it, is_new] = i.active.try_emplace(key, Active{raw->time, raw->time});
    Active& active = it->second;
    if (!is_new && raw->time > active.last) {
      if (raw->time - active.last > i.spec.duration_ns) active.since = raw->time;
      active.last = raw->time;
    } else if (!is_new) {
      active.since = std::min(active.since, raw->time);
    }
    if (i.active.size() > kMaxActive) Shrink(&i, raw->time);
  }
}

// What is over goes; if that is not enough, the half that rests longest.
void Holds::Shrink(Inhibitor* inhibitor, EventTime time) {
  auto& active = inhibitor->active;
  absl::erase_if(active, [&](const auto& entry) {
    return time > entry.second.last && time - entry.second.last > inhibitor->spec.duration_ns;
  });
  if (active.size() <= kMaxActive) return;
  std::vector<std::pair<EventTime, std::string>> order;
  for (const auto& [key, a] : active) order.emplace_back(a.last, key);
  std::sort(order.begin(), order.end());
  for (size_t i = 0; i < order.size() / 2; ++i) active.erase(order[i].second);
  evicted_ += order.size() / 2;
}

std::vector<std::string> Holds::Fields() const {
  std::vector<std::string> out;
  for (const Suppressor& s : suppressors_) s.matcher.AppendFields(&out);
  for (const Inhibitor& i : inhibitors_) {
    i.source.AppendFields(&out);
    i.target.AppendFields(&out);
    for (const std::string& field : i.spec.equal) {
      if (!IsAlertField(field)) out.push_back(field);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<Suppression> Holds::suppressions() const {
  std::vector<Suppression> out;
  for (const Suppressor& s : suppressors_) out.push_back(s.spec);
  return out;
}

std::vector<Inhibition> Holds::inhibitions() const {
  std::vector<Inhibition> out;
  for (const Inhibitor& i : inhibitors_) out.push_back(i.spec);
  return out;
}

void Holds::AppendStats(std::vector<HoldStats>* out) const {
  for (const Suppressor& s : suppressors_) {
    out->push_back({s.spec.id,
                    s.spec.kind == Suppression::Kind::kException ? HoldKind::kException
                                                                 : HoldKind::kMaintenance,
                    s.spec.owner, s.spec.reason, s.spec.expires_at, s.held, s.canaries, s.last});
  }
  for (const Inhibitor& i : inhibitors_) {
    out->push_back({i.spec.id, HoldKind::kInhibition, i.spec.owner, i.spec.reason,
                    i.spec.expires_at, i.held, 0, i.last});
  }
}

}  // namespace vedette::inline v0
