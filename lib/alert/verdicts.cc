#include "vedette/alert/verdicts.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "lib/alert/archive.h"
#include "lib/base/strings.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxPast = 5;
constexpr uint64_t kMinVerdicts = 5;
constexpr size_t kMaxPerAlert = 64;  // judgements of one alert that are kept

// Adds `by` to the counter that a verdict moves.
void Count(RuleVerdicts* rule, Verdict verdict, bool up) {
  uint64_t* counter = &rule->others;
  if (verdict == Verdict::kNone) return;
  if (verdict == Verdict::kTruePositive) counter = &rule->true_positives;
  if (verdict == Verdict::kFalsePositive) counter = &rule->false_positives;
  if (verdict == Verdict::kBenign) counter = &rule->benign;
  if (up) {
    ++*counter;
  } else if (*counter > 0) {
    --*counter;
  }
}

}  // namespace

// Beta(1 + h, 1 + m) lies below x as often as of h + m + 1 tosses with chance x more than h hit.
// Terms are taken relative to the largest, outward from it, so that none is lost.
uint32_t BetaLowerPermille(uint64_t hits, uint64_t misses) {
  while (hits + misses > 20'000) {  // the bound has settled by then
    hits = (hits + 1) / 2;
    misses = (misses + 1) / 2;
  }
  const auto n = static_cast<double>(hits + misses + 1);
  const auto below = [&](double x) {
    const double odds = x / (1 - x);
    auto mode = static_cast<uint64_t>((n + 1) * x);
    mode = std::min(mode, hits + misses + 1);
    double all = 1;
    double above = mode > hits ? 1 : 0;
    double term = 1;
    for (uint64_t j = mode; j < hits + misses + 1 && term > 1e-18; ++j) {
      term *= (n - static_cast<double>(j)) / static_cast<double>(j + 1) * odds;
      all += term;
      if (j + 1 > hits) above += term;
    }
    term = 1;
    for (uint64_t j = mode; j > 0 && term > 1e-18; --j) {
      term *= static_cast<double>(j) / (n - static_cast<double>(j - 1)) / odds;
      all += term;
      if (j - 1 > hits) above += term;
    }
    return above / all;
  };
  uint32_t low = 0;
  uint32_t high = 999;
  while (low < high) {
    const uint32_t middle = (low + high + 1) / 2;
    if (below(middle / 1000.0) <= 0.05 + 1e-12) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

struct VerdictBook::Impl {
  struct OfAlert {
    std::vector<JudgedAlert> all;
  };
  struct OfRule {
    RuleVerdicts counts;
    std::optional<RulePrecision> precision;
  };

  void SetPrecision(OfRule* rule) {
    const uint64_t misses = rule->counts.false_positives + rule->counts.benign;
    const uint64_t n = rule->counts.true_positives + misses;
    rule->precision.reset();
    if (n < kMinVerdicts) return;
    rule->precision = {BetaLowerPermille(rule->counts.true_positives, misses) / 1000.0, n};
  }
  void Forget() {
    while (alerts.size() > max_alerts && !order.empty()) {
      const Id128 oldest = order.front();
      order.pop_front();
      const auto it = alerts.find(oldest);
      if (it == alerts.end()) continue;
      auto past = fingerprints.find(it->second.all.back().fingerprint);
      if (past != fingerprints.end()) {
        std::erase_if(past->second, [&](const PastVerdict& v) { return v.alert == oldest; });
        if (past->second.empty()) fingerprints.erase(past);
      }
      alerts.erase(it);
      ++evicted;
    }
  }
  void AddPast(const JudgedAlert& judged) {
    std::vector<PastVerdict>& past = fingerprints[judged.fingerprint];
    std::erase_if(past, [&](const PastVerdict& v) { return v.alert == judged.alert; });
    past.insert(past.begin(), {judged.verdict, judged.alert, judged.analyst, judged.time});
    if (past.size() > kMaxPast) past.pop_back();
  }
  template <typename A>
  void Archive(A& a);

  size_t max_alerts;
  absl::flat_hash_map<Id128, OfAlert> alerts;
  std::deque<Id128> order;  // in which they were judged first
  absl::flat_hash_map<Id128, std::vector<PastVerdict>> fingerprints;
  absl::flat_hash_map<std::string, OfRule, StringHash, StringEq> rules;
  uint64_t evicted = 0;
};

VerdictBook::VerdictBook(size_t max_alerts) : impl_(std::make_unique<Impl>()) {
  impl_->max_alerts = std::max<size_t>(max_alerts, 1);
}
VerdictBook::~VerdictBook() = default;

bool VerdictBook::Record(const JudgedAlert& judged) {
  const auto [it, is_new] = impl_->alerts.try_emplace(judged.alert);
  std::vector<JudgedAlert>& all = it->second.all;
  const bool same =
      !all.empty() && all.back().analyst == judged.analyst && all.back().verdict == judged.verdict;
  if (same) return false;
  Impl::OfRule& rule = impl_->rules[judged.rule_id];
  if (!all.empty()) Count(&rule.counts, all.back().verdict, false);
  Count(&rule.counts, judged.verdict, true);
  impl_->SetPrecision(&rule);
  all.push_back(judged);
  if (all.size() > kMaxPerAlert) all.erase(all.begin());
  if (is_new) impl_->order.push_back(judged.alert);
  impl_->AddPast(judged);
  impl_->Forget();
  return true;
}

void VerdictBook::CountRefired(std::string_view rule_id) {
  ++impl_->rules[std::string(rule_id)].counts.refired;
}

std::optional<RulePrecision> VerdictBook::PrecisionOf(std::string_view rule_id) const {
  const auto it = impl_->rules.find(rule_id);
  return it == impl_->rules.end() ? std::nullopt : it->second.precision;
}

RuleVerdicts VerdictBook::OfRule(std::string_view rule_id) const {
  const auto it = impl_->rules.find(rule_id);
  return it == impl_->rules.end() ? RuleVerdicts() : it->second.counts;
}

std::vector<PastVerdict> VerdictBook::OfFingerprint(const Id128& fingerprint) const {
  const auto it = impl_->fingerprints.find(fingerprint);
  return it == impl_->fingerprints.end() ? std::vector<PastVerdict>() : it->second;
}

std::vector<JudgedAlert> VerdictBook::OfAlert(const Id128& alert) const {
  const auto it = impl_->alerts.find(alert);
  return it == impl_->alerts.end() ? std::vector<JudgedAlert>() : it->second.all;
}

uint64_t VerdictBook::evicted() const { return impl_->evicted; }

template <typename A>
void VerdictBook::Impl::Archive(A& a) {
  std::vector<std::vector<JudgedAlert>> by_alert;
  for (const Id128& id : order) by_alert.push_back(alerts.at(id).all);
  Items(a, by_alert, [&a](std::vector<JudgedAlert>& all) {
    Items(a, all, [&a](JudgedAlert& j) {
      Part(a, j.alert);
      Part(a, j.fingerprint);
      Part(a, j.rule_id);
      Part(a, j.analyst);
      Enum(a, j.verdict, Verdict::kDuplicate);
      Part(a, j.time);
    });
  });
  std::vector<std::pair<Id128, std::vector<PastVerdict>>> past(fingerprints.begin(),
                                                               fingerprints.end());
  std::sort(past.begin(), past.end(), [](auto& x, auto& y) { return x.first < y.first; });
  Items(a, past, [&a](std::pair<Id128, std::vector<PastVerdict>>& entry) {
    Part(a, entry.first);
    Items(a, entry.second, [&a](PastVerdict& v) {
      Enum(a, v.verdict, Verdict::kDuplicate);
      Part(a, v.alert);
      Part(a, v.analyst);
      Part(a, v.time);
    });
  });
  std::vector<std::pair<std::string, RuleVerdicts>> counts;
  for (const auto& [id, rule] : rules) counts.emplace_back(id, rule.counts);
  std::sort(counts.begin(), counts.end(), [](auto& x, auto& y) { return x.first < y.first; });
  Items(a, counts, [&a](std::pair<std::string, RuleVerdicts>& entry) {
    Part(a, entry.first);
    RuleVerdicts& c = entry.second;
    for (uint64_t* n : {&c.true_positives, &c.false_positives, &c.benign, &c.others, &c.refired}) {
      Part(a, *n);
    }
  });
  Part(a, evicted);
  if constexpr (A::kLoads) {
    for (std::vector<JudgedAlert>& all : by_alert) {
      if (all.empty()) return a.Fail("an alert has no verdict");
      const Id128 id = all.back().alert;
      order.push_back(id);
      if (!alerts.emplace(id, OfAlert{std::move(all)}).second) a.Fail("an alert is there twice");
    }
    fingerprints = {past.begin(), past.end()};
    for (auto& [id, c] : counts) {
      // Sums of them are taken.
      if (c.true_positives >> 60 || c.false_positives >> 60 || c.benign >> 60) {
        return a.Fail("a count is out of range");
      }
      SetPrecision(&rules.try_emplace(id, OfRule{c, {}}).first->second);
    }
  }
}

std::string VerdictBook::Snapshot() const {
  std::string body;
  Saver out(&body);
  impl_->Archive(out);
  return SealState('V', body);
}

absl::Status VerdictBook::Restore(std::string_view snapshot) {
  const auto body = OpenState('V', snapshot);
  if (!body.ok()) return body.status();
  Loader in(*body);
  auto fresh = std::make_unique<Impl>();
  fresh->max_alerts = impl_->max_alerts;
  fresh->Archive(in);
  if (absl::Status s = EndOf(in); !s.ok()) return s;
  fresh->Forget();
  impl_ = std::move(fresh);
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
