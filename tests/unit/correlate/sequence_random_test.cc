// Random small rules and streams against a slow machine that follows docs/correlator.md, section
// 4, word by word: it forgets nothing, expires nothing ahead of time and keeps no timers.
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "gtest/gtest.h"
#include "tests/support/sequence_fixture.h"

namespace vedette {
namespace {

using Rearm = ProgramCorrelation::Rearm;
using Role = CorrelationInput::Role;
using Select = ProgramCorrelation::Select;
using Ord = std::pair<EventTime, uint64_t>;

Ord OrdinalOf(const SequenceRecord& r) { return {r.time, r.tiebreak}; }

struct SlowPartial {
  std::vector<std::vector<SequenceRecord>> stages;
  size_t level() const { return stages.size(); }
  const SequenceRecord& first() const { return stages.front().front(); }
  const SequenceRecord& last() const { return stages.back().back(); }
};

class SlowMachine {
 public:
  explicit SlowMachine(const ProgramCorrelation& spec) : spec_(spec) {
    for (uint32_t s = 0; s < spec.sources.size(); ++s) {
      place_.push_back(stages_.size());
      if (spec.sources[s].role != Role::kStage) continue;
      for (uint32_t i = 0; i < spec.sources[s].runs; ++i) stages_.push_back(s);
    }
    for (uint32_t s = 0; s < spec.sources.size(); ++s) {
      if (spec.sources[s].role == Role::kNegated && place_[s] == stages_.size()) trailing_ = true;
    }
  }

  void Add(const SequenceRecord& r) {
    RunTimers(r.time);
    Key& k = keys_[r.key];
    const bool is_later = !k.any || k.now < OrdinalOf(r);
    if (k.any && is_later) EndOrdinal(&k);
    k.any = true;
    k.now = OrdinalOf(r);
    if (spec_.span_ns > 0) Expire(&k, r.time);
    if (is_later && k.partials.empty() && k.waiting.empty()) k.armed = true;
    Try(&k, r);
  }
  void End() { RunTimers(INT64_MAX); }

  std::vector<std::string> fired;
  uint64_t overflows = 0;

 private:
  struct Key {
    bool any = false;
    Ord now;
    std::vector<SlowPartial> partials;
    std::vector<SequenceRecord> kills;
    std::vector<SequenceRecord> leads;  // ever
    std::vector<std::pair<EventTime, SlowPartial>> waiting;
    bool armed = true;
    bool has_fired = false;
    EventTime last_fired = 0;
  };

  const CorrelationInput& Input(size_t stage) const { return spec_.sources[stages_[stage]]; }
  bool Quantified(size_t stage) const {
    const CorrelationInput& i = Input(stage);
    return i.min_count > 1 || i.max_count > 0 || i.min_distinct > 0;
  }
  // Of partials of the level, from 1.
  bool Wide(size_t level) const {
    return spec_.select == Select::kAll || Quantified(level - 1) ||
           (level < stages_.size() && (Quantified(level) || Input(level).has_join));
  }
  bool Ready(const SlowPartial& p) const {
    const size_t stage = p.level() - 1;
    if (!Quantified(stage)) return true;
    const CorrelationInput& i = Input(stage);
    std::set<int64_t> values;
    for (const SequenceRecord& r : p.stages.back()) values.insert(r.value);
    const size_t n = p.stages.back().size();
    return n >= i.min_count && (i.max_count == 0 || n <= i.max_count) &&
           values.size() >= i.min_distinct;
  }
  // Rules of this test only join with the value of one other source.
  bool Join(const SequenceRecord& r, const SlowPartial& p) const {
    const CorrelationInput& input = spec_.sources[r.source];
    if (!input.has_join) return true;
    const uint32_t other = input.join.fields[1];
    if (other == r.source) return true;
    for (size_t i = p.level(); i-- > 0;) {
      if (stages_[i] == other) return p.stages[i].back().value == r.value;
    }
    return false;
  }

  void EndOrdinal(Key* k) {
    for (size_t level = 1; level <= stages_.size(); ++level) {
      if (Wide(level)) continue;
      std::vector<SlowPartial> others;
      std::vector<SlowPartial> here;
      for (SlowPartial& p : k->partials) (p.level() == level ? here : others).push_back(p);
      if (here.size() < 2) continue;
      const SlowPartial kept = spec_.select == Select::kFirst ? here.front() : here.back();
      // The order between levels does not matter.
      others.push_back(kept);
      k->partials = others;
    }
    for (const SequenceRecord& x : k->kills) {
      std::erase_if(k->partials, [&](const SlowPartial& p) {
        if (spec_.sources[x.source].role == Role::kUntil) return true;
        return p.level() == place_[x.source] && OrdinalOf(p.last()) < OrdinalOf(x) && Join(x, p);
      });
    }
    k->kills.clear();
  }

  void Expire(Key* k, EventTime t) {
    for (SlowPartial& p : k->partials) {
      if (p.level() != 1 || !Quantified(0)) continue;
      std::erase_if(p.stages[0],
                    [&](const SequenceRecord& r) { return t - r.time > spec_.span_ns; });
    }
    std::erase_if(k->partials, [&](const SlowPartial& p) {
      return p.stages[0].empty() || t - p.first().time > spec_.span_ns;
    });
  }

  void RunTimers(EventTime before) {
    while (true) {
      std::tuple<EventTime, std::string> next{before, ""};
      Key* due = nullptr;
      for (auto& [name, key] : keys_) {
        for (const auto& [deadline, match] : key.waiting) {
          if (deadline < before && (due == nullptr || std::tuple(deadline, name) < next)) {
            next = {deadline, name};
            due = &key;
          }
        }
      }
      if (due == nullptr) return;
      for (size_t i = 0; i < due->waiting.size(); ++i) {
        if (due->waiting[i].first != std::get<0>(next)) continue;
        const auto [deadline, match] = due->waiting[i];
        due->waiting.erase(due->waiting.begin() + static_cast<std::ptrdiff_t>(i));
        Judge(due, match, deadline, true);
        break;
      }
    }
  }

  void Try(Key* k, const SequenceRecord& r) {
    const CorrelationInput& input = spec_.sources[r.source];
    if (input.role == Role::kStage) {
      for (size_t stage = stages_.size(); stage-- > 0;) {
        if (stages_[stage] == r.source && !TryStage(k, stage, r)) return;
      }
      return;
    }
    const bool until = input.role == Role::kUntil;
    if (until || place_[r.source] == stages_.size()) {
      std::erase_if(k->waiting, [&](const auto& w) {
        return OrdinalOf(w.second.last()) < OrdinalOf(r) && (until || Join(r, w.second));
      });
    }
    if (!until && place_[r.source] == 0) {
      if (Join(r, SlowPartial())) k->leads.push_back(r);
    } else if (until || place_[r.source] < stages_.size()) {
      k->kills.push_back(r);
    }
  }

  bool TryStage(Key* k, size_t stage, const SequenceRecord& r) {
    std::vector<SlowPartial>& all = k->partials;
    const auto at_level = [&](size_t level) {
      return std::count_if(all.begin(), all.end(),
                           [&](const SlowPartial& p) { return p.level() == level; });
    };
    const bool had_first = at_level(1) > 0;
    if (Quantified(stage)) {
      std::vector<SlowPartial> complete;
      for (size_t i = 0; i < all.size(); ++i) {
        SlowPartial& p = all[i];
        if (p.level() != stage + 1 || !(OrdinalOf(p.last()) < OrdinalOf(r)) || !Join(r, p))
          continue;
        p.stages.back().push_back(r);
        if (p.level() < stages_.size() || !Ready(p)) continue;
        complete.push_back(p);
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(i--));
      }
      for (const SlowPartial& match : complete) {
        if (!Complete(k, match)) return false;
      }
    }
    if (stage == 0) {
      if (Quantified(0) && had_first) return true;
      return !Join(r, SlowPartial()) || Put(k, {{{r}}});
    }
    const CorrelationInput& input = spec_.sources[r.source];
    if (input.within_previous_ns > 0 && !Quantified(stage - 1)) {
      std::erase_if(all, [&](const SlowPartial& p) {
        return p.level() == stage && r.time - p.last().time > input.within_previous_ns;
      });
    }
    std::vector<size_t> fits;
    for (size_t i = 0; i < all.size(); ++i) {
      const SlowPartial& p = all[i];
      if (p.level() != stage || !(OrdinalOf(p.last()) < OrdinalOf(r)) || !Ready(p) || !Join(r, p)) {
        continue;
      }
      const int64_t gap = r.time - p.last().time;
      if (gap < input.after_previous_ns) continue;
      if (input.within_previous_ns > 0 && gap > input.within_previous_ns) continue;
      fits.push_back(i);
    }
    size_t n = 1;
    if (spec_.select == Select::kAll) n = spec_.select_limit == 0 ? 16 : spec_.select_limit;
    if (fits.size() > n) {
      if (spec_.select == Select::kFirst) {
        fits.resize(n);
      } else {
        fits.erase(fits.begin(), fits.end() - static_cast<std::ptrdiff_t>(n));
      }
    }
    std::vector<SlowPartial> taken;
    std::set<uint64_t> consumed;
    for (const size_t i : fits) taken.push_back(all[i]);
    for (size_t i = fits.size(); i-- > 0;) {
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(fits[i]));
    }
    for (SlowPartial& p : taken) {
      for (const SequenceRecord& x : p.stages.back()) consumed.insert(x.line);
      p.stages.push_back({r});
    }
    if (Quantified(stage - 1)) {
      std::erase_if(all, [&](SlowPartial& p) {
        if (p.level() != stage) return false;
        std::erase_if(p.stages.back(),
                      [&](const SequenceRecord& x) { return consumed.count(x.line) > 0; });
        return p.stages.back().empty();
      });
    }
    for (const SlowPartial& p : taken) {
      if (!Put(k, p)) return false;
    }
    return true;
  }

  bool Put(Key* k, const SlowPartial& p) {
    if (p.level() == stages_.size() && Ready(p)) return Complete(k, p);
    if (Wide(p.level())) {
      const auto here = [&](const SlowPartial& o) { return o.level() == p.level(); };
      if (std::count_if(k->partials.begin(), k->partials.end(), here) >= 16) {
        ++overflows;
        if (spec_.select == Select::kFirst) return true;
        k->partials.erase(std::find_if(k->partials.begin(), k->partials.end(), here));
      }
    }
    k->partials.push_back(p);
    return true;
  }

  bool Complete(Key* k, const SlowPartial& match) {
    for (const SequenceRecord& x : k->leads) {
      if (OrdinalOf(x) < OrdinalOf(match.first()) && match.last().time - x.time <= spec_.span_ns) {
        return true;
      }
    }
    if (!trailing_) return Judge(k, match, match.last().time, false);
    if (k->waiting.size() >= 64) {
      ++overflows;
    } else {
      k->waiting.emplace_back(match.first().time + spec_.span_ns, match);
    }
    return true;
  }

  bool Judge(Key* k, const SlowPartial& match, EventTime t, bool timer) {
    // Rules of this test only ask for the value of the last stage's source.
    const bool holds = !spec_.has_having || match.last().value == 1;
    bool fire = holds;
    if (spec_.rearm == Rearm::kWhenFalse) fire = holds && k->armed;
    if (spec_.rearm == Rearm::kNever) fire = holds && !k->has_fired;
    if (spec_.rearm == Rearm::kAfter) {
      fire = holds && (!k->has_fired || t >= k->last_fired + spec_.rearm_ns);
    }
    k->armed = !holds;
    if (!fire) return true;
    k->has_fired = true;
    k->last_fired = t;
    std::string text = std::to_string(t) + " " + (timer ? "timer " : "") + match.first().key + " (";
    for (const auto& stage : match.stages) {
      for (const SequenceRecord& r : stage) {
        text += (text.back() == '(' ? "" : ",") + std::to_string(r.line);
      }
    }
    fired.push_back(text + ")");
    if (spec_.rearm != Rearm::kReset) return true;
    const Ord now = k->now;
    // Negations and `until` of this ordinal come after all that is concurrent.
    std::vector<SequenceRecord> kills = std::move(k->kills);
    std::vector<SequenceRecord> leads = std::move(k->leads);
    std::erase_if(leads, [&](const SequenceRecord& r) { return timer || OrdinalOf(r) < now; });
    *k = Key();
    k->leads = std::move(leads);
    k->any = true;
    k->now = now;
    k->kills = std::move(kills);
    return false;
  }

  const ProgramCorrelation& spec_;
  std::vector<uint32_t> stages_;  // their sources
  std::vector<size_t> place_;     // of a source: how many stages come before it
  bool trailing_ = false;
  std::map<std::string, Key> keys_;
};

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool Chance(uint32_t percent) { return Below(100) < percent; }

  SequenceRule Rule() {
    SequenceRule rule;
    const bool plain = Chance(30);
    const bool negations = Chance(50);
    const uint32_t stages = 1 + Below(3);
    std::vector<uint32_t> positive;
    for (uint32_t i = 0; i <= stages; ++i) {
      while (negations && Chance(25)) {
        rule.Not("n" + std::to_string(rule.spec.sources.size()));
        if (!positive.empty() && Chance(25)) Join(&rule, positive[Below(Size(positive))]);
      }
      if (i == stages) break;
      CorrelationInput& input = rule.Add("s" + std::to_string(i));
      if (Chance(15)) input.runs = 2;
      if (!plain) Quantify(&input);
      if (!plain && !positive.empty() && Chance(25)) Join(&rule, positive[Below(Size(positive))]);
      positive.push_back(static_cast<uint32_t>(rule.spec.sources.size() - 1));
    }
    if (Chance(25)) rule.Until("u");
    if (negations || Chance(70)) rule.spec.span_ns = (1 + Below(5)) * kSecond;
    if (!plain) {
      rule.spec.select = Chance(60) ? Select::kLatest : Chance(50) ? Select::kFirst : Select::kAll;
      rule.spec.select_limit = Below(3);
    }
    constexpr Rearm kRearms[] = {Rearm::kWhenFalse, Rearm::kAfter, Rearm::kReset, Rearm::kNever};
    if (Chance(40)) rule.spec.rearm = kRearms[Below(4)];
    rule.spec.rearm_ns = (1 + Below(4)) * kSecond;
    if (Chance(20)) {
      rule.Having(SequenceRule::Compare(Function::kEqual, positive.back(), 1));
    }
    return rule;
  }

  std::vector<SequenceRecord> Records(const SequenceRule& rule) {
    std::vector<SequenceRecord> records(2 + Below(Chance(80) ? 7 : 24));
    const bool tied = Chance(50);
    const bool two_keys = Chance(20);
    const uint32_t span = Chance(50) ? 5 : 10;
    for (SequenceRecord& r : records) {
      r.time = Below(span) * kSecond;
      r.source = Below(Size(rule.spec.sources));
      r.value = Below(2);
      r.tiebreak = Below(2);
      if (two_keys && Chance(50)) r.key = "l";
    }
    std::stable_sort(records.begin(), records.end(),
                     [](const auto& a, const auto& b) { return OrdinalOf(a) < OrdinalOf(b); });
    for (size_t i = 0; i < records.size(); ++i) {
      records[i].line = i + 1;
      if (!tied) records[i].tiebreak = i;
    }
    return records;
  }

 private:
  template <typename T>
  static uint32_t Size(const std::vector<T>& v) {
    return static_cast<uint32_t>(v.size());
  }
  void Quantify(CorrelationInput* input) {
    if (Chance(30)) input->min_count = 1 + Below(3);
    if (Chance(10)) input->max_count = input->min_count + Below(2);
    if (Chance(10)) input->min_distinct = 1 + Below(2);
    if (Chance(15)) input->within_previous_ns = (1 + Below(3)) * kSecond;
    if (Chance(15)) input->after_previous_ns = (1 + Below(2)) * kSecond;
  }
  static void Join(SequenceRule* rule, uint32_t earlier) {
    rule->Join(Size(rule->spec.sources) - 1, earlier);
  }

  std::mt19937 random_;
};

std::string Describe(const SequenceRule& rule, const std::vector<SequenceRecord>& records) {
  std::string text = "span " + std::to_string(rule.spec.span_ns / kSecond) + " select " +
                     std::to_string(static_cast<int>(rule.spec.select)) + "/" +
                     std::to_string(rule.spec.select_limit) + " rearm " +
                     std::to_string(static_cast<int>(rule.spec.rearm)) + "\n";
  for (const CorrelationInput& i : rule.spec.sources) {
    text += i.alias + " runs " + std::to_string(i.runs) + " {" + std::to_string(i.min_count) + "," +
            std::to_string(i.max_count) + "} distinct " + std::to_string(i.min_distinct) + " gap " +
            std::to_string(i.after_previous_ns / kSecond) + ".." +
            std::to_string(i.within_previous_ns / kSecond) +
            (i.has_join ? " join " + std::to_string(i.join.fields[1]) : "") + "\n";
  }
  for (const SequenceRecord& r : records) {
    text += rule.spec.sources[r.source].alias + std::to_string(r.time / kSecond) + "." +
            std::to_string(r.tiebreak) + "=" + std::to_string(r.value) + r.key + " ";
  }
  return text;
}

TEST(SequenceRandomTest, AgreesWithTheDefinition) {
  size_t firings = 0;
  size_t with_firings = 0;
  for (uint32_t seed = 0; seed < 100'000 && !::testing::Test::HasFailure(); ++seed) {
    Generator generator(seed);
    const SequenceRule rule = generator.Rule();
    const std::vector<SequenceRecord> records = generator.Records(rule);
    const bool saves = seed % 4 == 0;
    SlowMachine slow(rule.spec);
    SequenceHarness harness(rule);
    for (const SequenceRecord& r : records) {
      slow.Add(r);
      harness.Add(r);
      if (saves) harness.SaveAndLoad();
    }
    slow.End();
    harness.End();
    EXPECT_EQ(harness.fired, slow.fired) << "seed " << seed << "\n" << Describe(rule, records);
    EXPECT_EQ(harness.overflows, slow.overflows);
    firings += slow.fired.size();
    with_firings += slow.fired.empty() ? 0 : 1;
    // Nothing is left but marks and what does not expire.
    if (rule.spec.span_ns > 0 && rule.spec.rearm != Rearm::kNever) {
      EXPECT_EQ(harness.op->key_count(), 0U) << "seed " << seed << "\n" << Describe(rule, records);
      EXPECT_EQ(harness.record_bytes(), 0U);
    }
  }
  EXPECT_GT(firings, 20'000U);
  EXPECT_GT(with_firings, 10'000U);
}

}  // namespace
}  // namespace vedette
