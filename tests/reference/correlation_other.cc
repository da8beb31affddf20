// Section 5: absence, new values, lineage.
#include <map>
#include <set>

#include "tests/reference/correlation_match.h"
#include "tests/reference/sigma_oracle.h"

namespace vedette::reference {

std::vector<Firing> RunAbsence(const CorrelationRule& rule, const Records& records) {
  std::vector<Firing> out;
  RearmOfKey rearm(rule);
  Records wait;  // what started it
  size_t further = 0;
  Nanos deadline = 0;
  const bool after = rule.sources.size() > 1;
  const auto run_out = [&] {
    if (!wait.empty() && rearm.Judge(true, deadline)) {
      out.push_back(
          {deadline, Cause::kTimer, deadline - rule.span, deadline, wait, {}, nullptr, further});
    }
    wait.clear();
  };
  for (const Records& batch : ByOrdinal(records)) {
    if (!wait.empty() && deadline < batch[0]->t) run_out();
    for (const size_t source : {0U, 1U}) {
      for (const RecordPtr& record : batch) {
        if (record->source != source) continue;
        if (source == 0) wait.clear();
        if (source == 0 && after) continue;
        if (!wait.empty()) {
          ++further;
          continue;
        }
        deadline = record->t + rule.span;
        further = 0;
        wait.push_back(record);
      }
    }
  }
  run_out();
  return out;
}

namespace {

// The record with values in place of the fields that a new value is made of.
RecordPtr WithChosen(const CorrelationRule& rule, const RecordPtr& record,
                     const std::vector<VedetteScalar>& chosen) {
  auto members = record->fields.root()->members;
  for (size_t i = 0; i < chosen.size(); ++i) {
    const VedetteNode& value = *rule.new_values[i];
    if (value.kind != VedetteNode::Kind::kField) continue;
    for (auto& [name, node] : members) {
      if (name == value.text) node = NodeOf(chosen[i]);
    }
  }
  auto copy = std::make_shared<Record>(*record);
  copy->fields = OracleEvent(MakeObject(members));
  return copy;
}

}  // namespace

std::vector<Firing> RunNewValue(const CorrelationRule& rule, const Records& records) {
  std::vector<Firing> out;
  RearmOfKey rearm(rule);
  std::map<std::string, Nanos> last_seen;
  for (const RecordPtr& record : records) {
    std::vector<std::vector<VedetteScalar>> tuples = {{}};
    for (const VedetteExpr& value : rule.new_values) {
      std::vector<std::vector<VedetteScalar>> longer;
      for (const auto& begun : tuples) {
        for (const VedetteScalar& choice : VedetteChoices(value, rule.names, record->fields)) {
          longer.push_back(begun);
          longer.back().push_back(choice);
        }
      }
      tuples = std::move(longer);
    }
    std::set<std::string> of_this;
    for (const std::vector<VedetteScalar>& tuple : tuples) {
      const std::string text = TypedText(tuple);
      if (!of_this.insert(text).second) continue;
      const auto it = last_seen.find(text);
      const bool seen =
          it != last_seen.end() && (rule.history == 0 || it->second >= record->t - rule.history);
      last_seen[text] = record->t;
      if (seen || !rearm.Judge(true, record->t)) continue;
      const RecordPtr shown = WithChosen(rule, record, tuple);
      out.push_back(
          {record->t, Cause::kRecord, record->t - rule.history, record->t, {shown}, {}, record});
      if (rearm.resets()) last_seen.clear();
    }
  }
  return out;
}

// Records of source 2 are the events that may pass an id on.
std::vector<Firing> RunLineage(const CorrelationRule& rule, const Records& records) {
  std::vector<Firing> out;
  RearmOfKey rearm(rule);
  // From the event of `a` down to the one that put the id; the first record is the ancestor.
  std::map<std::string, Records> ids;
  const auto texts = [](const RecordPtr& record, const std::string& field) {
    std::set<std::string> values;
    for (const VedetteScalar& v : FieldValues(record->fields, field)) values.insert(TypedText(v));
    return values;
  };
  // Of two chains the one with the later ancestor counts.
  const auto is_better = [](const Records& chain, const Records& than) {
    return than.empty() || std::make_pair(chain.front()->ordinal(), chain.front()->arrival) >
                               std::make_pair(than.front()->ordinal(), than.front()->arrival);
  };
  const auto chain_above = [&](const RecordPtr& record) {
    Records best;
    for (const std::string& parent : texts(record, rule.link_parent)) {
      const auto it = ids.find(parent);
      if (it == ids.end()) continue;
      if (rule.span > 0 && record->t - it->second.front()->t > rule.span) continue;
      if (is_better(it->second, best)) best = it->second;
    }
    return best;
  };
  for (const Records& batch : ByOrdinal(records)) {
    std::vector<std::pair<std::string, Records>> added;
    for (const RecordPtr& record : batch) {
      Records chain = record->source == 0 ? Records() : chain_above(record);
      const bool is_child = !chain.empty();
      chain.push_back(record);
      if (record->source == 0 || (record->source == 2 && is_child)) {
        for (const std::string& id : texts(record, rule.link_id)) added.emplace_back(id, chain);
      }
      if (record->source != 1 || !is_child || !rearm.Judge(true, record->t)) continue;
      out.push_back({record->t, Cause::kRecord, chain.front()->t, record->t, chain, {}, record});
      if (!rearm.resets()) continue;
      // What records after it put is kept.
      ids.clear();
      added.clear();
    }
    for (const auto& [id, chain] : added) {
      if (is_better(chain, ids[id])) ids[id] = chain;
    }
  }
  return out;
}

}  // namespace vedette::reference
