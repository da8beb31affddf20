// Section 4: sequences. Names follow the rules of that section.
#include <algorithm>
#include <set>

#include "tests/reference/correlation_match.h"

namespace vedette::reference {
namespace {

using Select = CorrelationRule::Select;
using Ordinal = std::tuple<Nanos, uint32_t, uint64_t>;

constexpr size_t kMaxCandidates = 16;
constexpr size_t kMaxWaiting = 64;

// Stages 1..i filled; each with the records that fill it.
struct Partial {
  std::vector<Records> groups;

  Nanos first() const { return groups.front().front()->t; }
  const RecordPtr& last() const { return groups.back().back(); }
  Records records() const {
    Records out;
    for (const Records& group : groups) out.insert(out.end(), group.begin(), group.end());
    return out;
  }
};

// Section 4 says "level i" and "stage i" from 1; here too, so index 0 stays empty.
class SequenceRun {
 public:
  explicit SequenceRun(const CorrelationRule& rule) : rule_(rule), rearm_(rule) {
    stages_.emplace_back();
    for (size_t s = 0; s < rule.sources.size(); ++s) {
      const CorrelationSource& source = rule.sources[s];
      for (int64_t run = 0; !source.negated && run < source.runs; ++run) stages_.push_back(s);
      if (source.negated) negated_.push_back({s, stages_.size() - 1});
    }
    top_ = stages_.size() - 1;
    levels_.resize(top_ + 1);
  }

  std::vector<Firing> Run(const Records& records) {
    for (const Records& batch : ByOrdinal(records)) {
      FireWaiting(batch[0]->t);
      Expire(batch[0]->t);
      RenewIfEmpty();
      for (size_t i = top_; i > 0; --i) {
        for (const RecordPtr& r : batch) {
          if (r->source == stages_[i] && r != reset_by_) Take(i, r);
        }
      }
      for (const RecordPtr& r : batch) TakeNegated(r);
      for (const RecordPtr& r : batch) {
        if (r->source == rule_.sources.size()) Until(r);
      }
    }
    while (!waiting_.empty()) FireWaiting(waiting_[0].first + 1);
    return std::move(firings_);
  }

 private:
  const CorrelationSource& Stage(size_t i) const { return rule_.sources[stages_[i]]; }
  bool Quantified(size_t i) const { return i > 0 && Stage(i).quantified(); }
  bool Joins(size_t source) const {
    const VedetteExpr& condition = rule_.sources[source].condition;
    return condition != nullptr && RefersToSources(condition, rule_, source);
  }
  bool Wide(size_t i) const {
    if (rule_.select == Select::kAll || Quantified(i)) return true;
    return i < top_ && (Quantified(i + 1) || Joins(stages_[i + 1]));
  }

  // Whether `r` is a record of its source, given what `p` has seen.
  bool Fits(const Partial& p, const RecordPtr& r) const {
    if (!Joins(r->source)) return true;
    const Records records = p.records();
    return MatchValues(rule_, records)
        .HoldsFor(rule_.sources[r->source].condition, r->fields, r->source);
  }

  bool Ready(size_t i, const Partial& p) const {
    if (!Quantified(i)) return true;
    const CorrelationSource& stage = Stage(i);
    const auto count = static_cast<int64_t>(p.groups.back().size());
    if (count < stage.min_count || (stage.max_count > 0 && count > stage.max_count)) return false;
    std::set<std::string> different;
    for (const RecordPtr& r : p.groups.back()) {
      for (const VedetteScalar& value : FieldValues(r->fields, stage.distinct_field)) {
        different.insert(TypedText(value));
      }
    }
    return static_cast<int64_t>(different.size()) >= stage.min_distinct;
  }

  // Rule 6: for `when false` the window was empty.
  void RenewIfEmpty() {
    const bool empty = std::all_of(levels_.begin(), levels_.end(),
                                   [](const std::vector<Partial>& level) { return level.empty(); });
    if (empty && waiting_.empty()) rearm_.Renew();
  }

  // Rule 2: what began too long ago is gone; a group of level 1 only loses its beginning.
  void Expire(Nanos now) {
    if (rule_.span == 0) return;
    const auto old = [&](const RecordPtr& r) { return now - r->t > rule_.span; };
    for (size_t i = 1; i <= top_; ++i) {
      std::erase_if(levels_[i], [&](Partial& p) {
        if (i == 1 && Quantified(1)) {
          std::erase_if(p.groups[0], old);
          return p.groups[0].empty();
        }
        return old(p.groups.front().front());
      });
    }
  }

  void Take(size_t i, const RecordPtr& r) {
    if (!Quantified(i)) {
      if (i > 1) return Extend(i, r);
      return Place(1, {{{r}}});
    }
    const bool none = levels_[i].empty();
    // Rule 5: into each group whose last ordinal is before; matches of the last stage leave.
    std::vector<Partial> before = std::exchange(levels_[i], {});
    std::vector<Partial> complete;
    for (Partial& p : before) {
      const bool added = p.last()->ordinal() < r->ordinal() && Fits(Before(p), r);
      if (added) p.groups.back().push_back(r);
      (added && i == top_ && Ready(i, p) ? complete : levels_[i]).push_back(std::move(p));
    }
    const size_t resets = resets_;
    for (const Partial& p : complete) {
      if (resets_ == resets) Complete(p);
    }
    if (resets_ != resets) return;
    if (i > 1) return Extend(i, r);
    if (none) Place(1, {{{r}}});
  }

  // The earlier stages of a partial, without the group that is being filled.
  static Partial Before(const Partial& p) {
    Partial out = p;
    out.groups.pop_back();
    return out;
  }

  void Extend(size_t i, const RecordPtr& r) {
    std::vector<Partial>& from = levels_[i - 1];
    const CorrelationSource& stage = Stage(i);
    const size_t limit = rule_.select == Select::kAll ? static_cast<size_t>(rule_.select_limit) : 1;
    std::set<size_t> chosen;
    const auto late = [&](const Partial& p) {
      return stage.within_previous > 0 && r->t - p.last()->t > stage.within_previous;
    };
    if (!Quantified(i - 1)) std::erase_if(from, late);
    for (size_t n = 0; n < from.size() && chosen.size() < limit; ++n) {
      const size_t at = rule_.select == Select::kFirst ? n : from.size() - 1 - n;
      const Partial& p = from[at];
      const Nanos pause = r->t - p.last()->t;
      if (!(p.last()->ordinal() < r->ordinal()) || !Ready(i - 1, p) || !Fits(p, r)) continue;
      if (pause >= stage.after_previous && !late(p)) chosen.insert(at);
    }
    std::vector<Partial> extended;
    std::vector<Partial> left;
    for (size_t at = 0; at < from.size(); ++at) {
      (chosen.contains(at) ? extended : left).push_back(from[at]);
    }
    if (Quantified(i - 1)) Consume(extended, &left);
    from = std::move(left);
    const size_t resets = resets_;
    for (Partial& p : extended) {
      p.groups.push_back({r});
      if (resets_ == resets) Place(i, p);
    }
  }

  // Rule 5: records that went on with a partial leave the groups of the others.
  static void Consume(const std::vector<Partial>& extended, std::vector<Partial>* others) {
    if (extended.empty()) return;
    std::set<RecordPtr> consumed;
    for (const Partial& p : extended)
      consumed.insert(p.groups.back().begin(), p.groups.back().end());
    std::erase_if(*others, [&](Partial& p) {
      std::erase_if(p.groups.back(), [&](const RecordPtr& r) { return consumed.contains(r); });
      return p.groups.back().empty();
    });
  }

  // A new partial of level i.
  void Place(size_t i, Partial p) {
    if (i == top_ && Ready(i, p)) return Complete(p);
    std::vector<Partial>& level = levels_[i];
    if (Wide(i)) {
      level.push_back(std::move(p));
      if (level.size() > kMaxCandidates) {
        level.erase(rule_.select == Select::kFirst ? level.end() - 1 : level.begin());
      }
    } else if (rule_.select != Select::kFirst || level.empty()) {
      level = {std::move(p)};
    }
  }

  void Complete(const Partial& p) {
    for (const auto& [source, level] : negated_) {
      if (level > 0) continue;
      for (const RecordPtr& x : leading_) {
        const bool dies = x->source == source && x->ordinal() < p.groups[0][0]->ordinal() &&
                          p.last()->t - x->t <= rule_.span;
        if (dies) return;
      }
    }
    const bool trailing = std::any_of(negated_.begin(), negated_.end(),
                                      [&](const auto& n) { return n.second == top_; });
    if (!trailing) return Judge(p, p.last()->t, Cause::kRecord);
    if (waiting_.size() >= kMaxWaiting) return;
    waiting_.emplace_back(p.first() + rule_.span, p);
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  void Judge(const Partial& p, Nanos t, Cause cause) {
    const Records records = p.records();
    const bool holds = rule_.having == nullptr || MatchValues(rule_, records).Holds(rule_.having);
    if (!rearm_.Judge(holds, t)) return;
    firings_.push_back({t, cause, p.first(), t, records, {}, p.last()});
    if (!rearm_.resets()) return;
    reset_by_ = cause == Cause::kRecord ? p.last() : nullptr;
    ++resets_;
    for (std::vector<Partial>& level : levels_) level.clear();
    waiting_.clear();
    leading_.clear();
  }

  void FireWaiting(Nanos now) {
    while (!waiting_.empty() && waiting_[0].first < now) {
      const auto [deadline, p] = waiting_[0];
      waiting_.erase(waiting_.begin());
      Judge(p, deadline, Cause::kTimer);
    }
  }

  // Rules 8 to 10.
  void TakeNegated(const RecordPtr& x) {
    for (const auto& [source, level] : negated_) {
      if (source != x->source) continue;
      const auto dies = [&](const Partial& p) {
        return p.last()->ordinal() < x->ordinal() && Fits(p, x);
      };
      if (level == 0) {
        leading_.push_back(x);
      } else if (level == top_) {
        std::erase_if(waiting_, [&](const auto& w) { return dies(w.second); });
      } else {
        std::erase_if(levels_[level], dies);
      }
    }
  }

  void Until(const RecordPtr& u) {
    for (std::vector<Partial>& level : levels_) level.clear();
    std::erase_if(waiting_,
                  [&](const auto& w) { return w.second.last()->ordinal() < u->ordinal(); });
  }

  const CorrelationRule& rule_;
  RearmOfKey rearm_;
  std::vector<size_t> stages_;                      // the source of each positive stage
  std::vector<std::pair<size_t, size_t>> negated_;  // source, and the stage before it
  size_t top_ = 0;                                  // m
  std::vector<std::vector<Partial>> levels_;        // in order of creation
  std::vector<std::pair<Nanos, Partial>> waiting_;  // by deadline
  Records leading_;                                 // every x of a leading `![x]`
  size_t resets_ = 0;
  RecordPtr reset_by_;  // not tried on further stages
  std::vector<Firing> firings_;
};

}  // namespace

std::vector<Firing> RunSequence(const CorrelationRule& rule, const Records& records) {
  return SequenceRun(rule).Run(records);
}

}  // namespace vedette::reference
