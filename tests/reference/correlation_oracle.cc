#include "tests/reference/correlation_oracle.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "tests/reference/correlation_match.h"
#include "tests/reference/sigma_oracle.h"

namespace vedette::reference {
namespace {

using Shape = CorrelationRule::Shape;
using Kind = VedetteNode::Kind;

constexpr size_t kMaxKeyCombinations = 64;

// A detection as a record of other rules sees it.
struct Passed {
  Nanos t = 0;
  uint32_t depth = 0;
  uint64_t tiebreak = 0;
  OracleEvent fields{nullptr};
  std::string label;
  // Orders what has one ordinal: the number of the event; of detections their rule, key, and how
  // many were made before.
  std::tuple<size_t, std::string, size_t> place;
};

using Placed = std::pair<std::tuple<size_t, std::string, size_t>, RecordPtr>;

// The key tuples of an event: one for each element of lists.
std::vector<std::vector<VedetteScalar>> KeysOf(const std::vector<CorrelationKey>& keys,
                                               const VedetteNames& names,
                                               const OracleEvent& event) {
  std::vector<std::vector<VedetteScalar>> out = {{}};
  for (const CorrelationKey& key : keys) {
    std::vector<VedetteScalar> different;
    std::set<std::string> seen;
    for (const VedetteScalar& value : VedetteChoices(key.value, names, event)) {
      if (seen.insert(TypedText(value)).second) different.push_back(value);
    }
    if (different.empty() && key.optional) different.push_back(NullScalar());
    std::vector<std::vector<VedetteScalar>> longer;
    for (const auto& begun : out) {
      for (const VedetteScalar& value : different) {
        longer.push_back(begun);
        longer.back().push_back(value);
      }
    }
    out = std::move(longer);
  }
  if (out.size() > kMaxKeyCombinations) out.resize(kMaxKeyCombinations);
  return out;
}

class Oracle {
 public:
  Oracle(std::vector<CorrelationRule> rules, const CorrelationRun& run)
      : rules_(std::move(rules)), run_(run), passed_(rules_.size()), depths_(rules_.size(), 0) {}

  bool Run(const std::vector<CorrelationEvent>& events, std::string* why) {
    for (const CorrelationEvent& event : events) {
      auto parsed = OracleEvent::FromJson(event.json);
      if (!parsed.has_value()) return Fail(why, "no JSON: " + event.json);
      events_.push_back({event, *parsed});
    }
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (!FindDepth(i, why)) return false;
    }
    // Whoever names a silent rule may let it speak.
    for (const CorrelationRule& rule : rules_) {
      for (const CorrelationSource& source : AllSources(rule)) {
        for (const CorrelationSource::Rule& named : source.rules) {
          if (rule.generate) rules_[*Find(named.name)].emit = true;
        }
      }
    }
    for (uint32_t depth = 0; depth <= 16; ++depth) {
      for (size_t i = 0; i < rules_.size(); ++i) {
        if (depths_[i] != depth) continue;
        depth == 0 ? RunEventRule(i) : RunCorrelation(i);
      }
    }
    const auto order = [](const CorrelationDetection& d) {
      return std::make_tuple(d.time, d.depth, d.rule_index, d.cause, d.key_bytes);
    };
    std::stable_sort(detections_.begin(), detections_.end(),
                     [&](const auto& a, const auto& b) { return order(a) < order(b); });
    return true;
  }

  std::vector<CorrelationDetection> Take() { return std::move(detections_); }

 private:
  struct Event {
    CorrelationEvent as_given;
    OracleEvent fields;
  };

  static bool Fail(std::string* why, std::string reason) {
    *why = std::move(reason);
    return false;
  }

  std::optional<size_t> Find(const std::string& name) const {
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].name == name || (!name.empty() && rules_[i].id == name)) return i;
    }
    return std::nullopt;
  }

  static std::vector<CorrelationSource> AllSources(const CorrelationRule& rule) {
    std::vector<CorrelationSource> sources = rule.sources;
    if (rule.until.has_value()) sources.push_back(*rule.until);
    return sources;
  }

  // Rules over one event have depth 0, others one more than what feeds them.
  bool FindDepth(size_t rule, std::string* why, int nesting = 0) {
    if (rules_[rule].shape == Shape::kEvent) return true;
    if (nesting > 16) return Fail(why, "rules in a circle");
    depths_[rule] = 1;
    for (const CorrelationSource& source : AllSources(rules_[rule])) {
      for (const CorrelationSource::Rule& named : source.rules) {
        const auto other = Find(named.name);
        if (!other.has_value()) return Fail(why, "no rule " + named.name);
        if (!FindDepth(*other, why, nesting + 1)) return false;
        depths_[rule] = std::max(depths_[rule], depths_[*other] + 1);
      }
    }
    return true;
  }

  bool OfItsLogSource(const CorrelationRule& rule) const {
    return (rule.product.empty() || rule.product == run_.product) &&
           (rule.category.empty() || rule.category == run_.category) &&
           (rule.service.empty() || rule.service == run_.service);
  }

  bool Fires(const CorrelationRule& rule, const OracleEvent& event) const {
    return OfItsLogSource(rule) && VedetteHolds(rule.condition, rule.names, event).value_or(false);
  }

  void RunEventRule(size_t index) {
    const CorrelationRule& rule = rules_[index];
    std::map<std::string, Nanos> emitted;
    for (size_t e = 0; e < events_.size(); ++e) {
      const Event& event = events_[e];
      if (!Fires(rule, event.fields)) continue;
      const std::string label = "#" + std::to_string(e + 1);
      const auto time = event.as_given.time;
      if (time.has_value()) {
        passed_[index].push_back(
            {*time, 0, event.as_given.tiebreak.value_or(e + 1), event.fields, label, {e, "", 0}});
      }
      if (!rule.emit) continue;
      if (rule.suppress > 0 && time.has_value()) {
        std::vector<VedetteScalar> key;
        for (const CorrelationKey& part : rule.suppress_by) {
          key.push_back(VedetteFirst(part.value, rule.names, event.fields));
        }
        if (IsSuppressed(rule, key, *time, &emitted)) continue;
      }
      CorrelationDetection& out = detections_.emplace_back();
      out.rule = rule.name;
      out.rule_index = index;
      out.time = time.value_or(0);
      out.cause = Cause::kEvent;
      for (const auto& [name, value] : rule.outcomes) {
        out.outcomes.emplace_back(name,
                                  CanonicalJson(VedetteValue(value, rule.names, event.fields)));
      }
      out.events = {label};
    }
  }

  static bool IsSuppressed(const CorrelationRule& rule, const std::vector<VedetteScalar>& parts,
                           Nanos t, std::map<std::string, Nanos>* emitted) {
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].is_null() && !rule.suppress_by[i].optional) return false;
    }
    const std::string key = TypedText(parts);
    const auto it = emitted->find(key);
    if (it == emitted->end()) {
      (*emitted)[key] = t;
      return false;
    }
    // Single events may come out of order.
    if (t < it->second + rule.suppress && t > it->second - rule.suppress) return true;
    it->second = std::max(it->second, t);
    return false;
  }

  void Add(const CorrelationRule& rule, size_t source, const std::vector<CorrelationKey>& keys,
           const Passed& from, std::vector<Placed>* out) const {
    for (const auto& key : KeysOf(keys, rule.names, from.fields)) {
      auto record = std::make_shared<Record>();
      record->t = from.t;
      record->depth = from.depth;
      record->tiebreak = from.tiebreak;
      record->source = source;
      record->key = key;
      record->fields = from.fields;
      record->label = from.label;
      out->emplace_back(from.place, record);
    }
  }

  // What one source gets from events.
  void AddEvents(const CorrelationRule& rule, size_t index, const CorrelationSource& source,
                 std::vector<Placed>* out) const {
    // Conditions on earlier stages are asked where the stages are known.
    const bool later = rule.shape == Shape::kSequence && index < rule.sources.size() &&
                       RefersToSources(source.condition, rule, index);
    const Records none;
    const MatchValues values(rule, none);
    for (size_t e = 0; e < events_.size(); ++e) {
      const Event& event = events_[e];
      if (!event.as_given.time.has_value()) continue;
      if (!later && !VedetteHolds(source.condition, rule.names, event.fields).value_or(false)) {
        continue;
      }
      Add(rule, index, source.keys,
          {*event.as_given.time,
           0,
           event.as_given.tiebreak.value_or(e + 1),
           event.fields,
           "#" + std::to_string(e + 1),
           {e, "", 0}},
          out);
    }
  }

  Records RecordsOf(const CorrelationRule& rule) const {
    std::vector<Placed> out;
    std::vector<CorrelationSource> sources = AllSources(rule);
    if (rule.shape == Shape::kLineage && rule.any_generation) {
      // Every event may pass an id on.
      CorrelationSource track = sources[0];
      track.rules.clear();
      auto always = std::make_shared<VedetteNode>();
      always->value = BoolScalar(true);
      track.condition = always;
      sources.push_back(track);
    }
    for (size_t s = 0; s < sources.size(); ++s) {
      if (sources[s].rules.empty()) AddEvents(rule, s, sources[s], &out);
      for (const CorrelationSource::Rule& named : sources[s].rules) {
        for (const Passed& passed : passed_[*Find(named.name)]) {
          Add(rule, s, named.keys.empty() ? sources[s].keys : named.keys, passed, &out);
        }
      }
    }
    // Those of one event arrive in the order of its sources: the sort is stable.
    std::stable_sort(out.begin(), out.end(), [](const Placed& a, const Placed& b) {
      return std::make_pair(a.second->ordinal(), a.first) <
             std::make_pair(b.second->ordinal(), b.first);
    });
    Records numbered;
    for (size_t i = 0; i < out.size(); ++i) {
      auto record = std::make_shared<Record>(*out[i].second);
      record->arrival = i;
      numbered.push_back(record);
    }
    return numbered;
  }

  static std::vector<Firing> RunShape(const CorrelationRule& rule, const Records& records) {
    switch (rule.shape) {
      case Shape::kSequence:
        return RunSequence(rule, records);
      case Shape::kAbsence:
        return RunAbsence(rule, records);
      case Shape::kNewValue:
        return RunNewValue(rule, records);
      case Shape::kLineage:
        return RunLineage(rule, records);
      default:
        return RunWindows(rule, records);
    }
  }

  struct KeyedFiring {
    Firing firing;
    std::vector<VedetteScalar> key;
    std::vector<std::string> key_json;
    std::string key_bytes;
  };

  void RunCorrelation(size_t index) {
    const CorrelationRule& rule = rules_[index];
    std::map<std::string, Records> by_key;
    for (const RecordPtr& record : RecordsOf(rule)) {
      by_key[TypedText(record->key)].push_back(record);
    }
    std::vector<KeyedFiring> all;
    for (const auto& [text, records] : by_key) {
      for (Firing& firing : RunShape(rule, records)) {
        KeyedFiring& keyed = all.emplace_back();
        keyed.firing = std::move(firing);
        keyed.key = records[0]->key;
        for (const VedetteScalar& part : keyed.key) keyed.key_json.push_back(TypedText(part));
        keyed.key_bytes = run_.key_bytes ? run_.key_bytes(keyed.key_json) : text;
      }
    }
    // Judged in the order of records; what is judged at a deadline comes after all records of that
    // time, in the order of keys.
    std::stable_sort(all.begin(), all.end(), [](const KeyedFiring& a, const KeyedFiring& b) {
      const auto place = [](const KeyedFiring& k) {
        const bool timed = k.firing.cause != Cause::kRecord;
        return std::make_tuple(k.firing.time, timed, timed ? 0 : k.firing.judged->arrival,
                               timed ? k.key_bytes : std::string());
      };
      return place(a) < place(b);
    });
    std::map<std::string, Nanos> emitted;
    for (const KeyedFiring& keyed : all) Detect(index, keyed, &emitted);
  }

  void Detect(size_t index, const KeyedFiring& keyed, std::map<std::string, Nanos>* emitted) {
    const CorrelationRule& rule = rules_[index];
    const Firing& firing = keyed.firing;
    const MatchValues values(rule, firing.records,
                             firing.window.empty() ? firing.records : firing.window,
                             firing.further);
    std::vector<std::pair<std::string, OracleValue>> fields;
    std::vector<std::pair<std::string, std::string>> outcomes;
    for (size_t i = 0; i < keyed.key.size(); ++i) {
      fields.emplace_back(rule.sources[0].keys[i].value->text, NodeOf(keyed.key[i]));
    }
    for (const auto& [name, value] : rule.outcomes) {
      fields.emplace_back(name, values.Outcome(value));
      outcomes.emplace_back(name, JsonOf(fields.back().second));
    }
    const bool timed = firing.cause != Cause::kRecord;
    passed_[index].push_back({firing.time,
                              depths_[index],
                              timed ? UINT64_MAX : firing.judged->tiebreak,
                              OracleEvent(MakeObject(fields)),
                              "@" + rule.name,
                              {index, keyed.key_bytes, passed_[index].size()}});
    if (rule.suppress > 0) {
      std::vector<VedetteScalar> key;
      for (const CorrelationKey& part : rule.suppress_by) {
        key.push_back(SuppressionPart(rule, keyed, values, part));
      }
      if (IsSuppressed(rule, key, firing.time, emitted)) return;
    }
    if (!rule.emit) return;
    CorrelationDetection& out = detections_.emplace_back();
    out.rule = rule.name;
    out.rule_index = index;
    out.depth = depths_[index];
    out.time = Saturated(firing.time);
    out.cause = firing.cause;
    out.key = keyed.key_json;
    out.key_bytes = keyed.key_bytes;
    out.start = Saturated(firing.start);
    out.end = Saturated(firing.end);
    out.first = Saturated(firing.records.front()->t);
    out.last = Saturated(firing.records.back()->t);
    out.total = firing.records.size() + firing.further;
    out.outcomes = std::move(outcomes);
    std::map<std::string, OracleValue> aggregates;
    values.CollectAggregates(rule.having, &aggregates);
    for (const auto& [name, value] : rule.outcomes) values.CollectAggregates(value, &aggregates);
    for (const auto& [text, value] : aggregates) out.aggregates.emplace_back(text, JsonOf(value));
    Evidence(rule, firing.records, &out.events);
  }

  // A key of the match, or a field of a stage: the first of its values.
  static VedetteScalar SuppressionPart(const CorrelationRule& rule, const KeyedFiring& keyed,
                                       const MatchValues& values, const CorrelationKey& part) {
    for (size_t i = 0; i < keyed.key.size(); ++i) {
      const VedetteNode& key = *rule.sources[0].keys[i].value;
      if (key.kind == Kind::kField && key.text == part.value->text) return keyed.key[i];
    }
    std::vector<OracleValue> leaves;
    AppendLeaves(values.Outcome(part.value), &leaves);
    for (const OracleValue& leaf : leaves) {
      if (leaf->HasText()) return ScalarOf(*leaf);
    }
    return NullScalar();
  }

  // The first half and the last half of the records.
  void Evidence(const CorrelationRule& rule, const Records& records,
                std::vector<std::string>* out) const {
    const size_t n = records.size();
    const size_t last = n <= run_.max_evidence ? 0 : run_.max_evidence / 2;
    const size_t first = n <= run_.max_evidence ? n : run_.max_evidence - last;
    for (size_t i = 0; i < n; ++i) {
      if (i >= first && i < n - last) continue;
      // Events that only pass an id on are of no source that the author wrote.
      const size_t source = records[i]->source;
      out->push_back((source < rule.sources.size() ? rule.sources[source].alias : "") +
                     records[i]->label);
    }
  }

  std::vector<CorrelationRule> rules_;
  const CorrelationRun& run_;
  std::vector<Event> events_;
  std::vector<std::vector<Passed>> passed_;  // by rule, in the order they were made
  std::vector<uint32_t> depths_;
  std::vector<CorrelationDetection> detections_;
};

std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ",") + part;
  return out;
}

}  // namespace

std::string CorrelationDetection::Line() const {
  static constexpr const char* kCauses[] = {"event", "record", "close", "timer"};
  std::string out = rule + " t=" + std::to_string(time) + " " + kCauses[static_cast<int>(cause)];
  if (cause != Cause::kEvent) {
    out += " key=[" + Joined(key) + "] window=" + std::to_string(start) + ".." +
           std::to_string(end) + " records=" + std::to_string(first) + ".." + std::to_string(last) +
           " total=" + std::to_string(total);
  }
  for (const auto& [text, value] : aggregates) out += " " + text + "=" + value;
  for (const auto& [name, value] : outcomes) out += " " + name + "=" + value;
  return out + " [" + Joined(events) + "]";
}

std::optional<std::vector<CorrelationDetection>> RunCorrelationOracle(
    std::string_view rules, const std::vector<CorrelationEvent>& events, const CorrelationRun& run,
    std::string* why) {
  auto parsed = ParseCorrelationRules(rules, why);
  if (!parsed.has_value()) return std::nullopt;
  Oracle oracle(std::move(*parsed), run);
  if (!oracle.Run(events, why)) return std::nullopt;
  return oracle.Take();
}

}  // namespace vedette::reference
