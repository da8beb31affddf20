// Records, matches and what expressions say about a match.
#ifndef VEDETTE_TESTS_REFERENCE_CORRELATION_MATCH_H_
#define VEDETTE_TESTS_REFERENCE_CORRELATION_MATCH_H_

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/reference/correlation_oracle.h"
#include "tests/reference/correlation_rule.h"

namespace vedette::reference {

// Times with room for every sum and difference of two of them.
using Nanos = __int128;
int64_t Saturated(Nanos t);

using Cause = CorrelationDetection::Cause;

struct Record {
  Nanos t = 0;
  uint32_t depth = 0;
  uint64_t tiebreak = 0;
  size_t arrival = 0;
  size_t source = 0;  // of the rule; `until` is one more than the last
  std::vector<VedetteScalar> key;
  OracleEvent fields{nullptr};
  std::string label;  // "#3" or "@rule"

  std::tuple<Nanos, uint32_t, uint64_t> ordinal() const { return {t, depth, tiebreak}; }
};
using RecordPtr = std::shared_ptr<const Record>;
using Records = std::vector<RecordPtr>;

// One judged match.
struct Firing {
  Nanos time = 0;
  Cause cause = Cause::kRecord;
  Nanos start = 0;
  Nanos end = 0;
  Records records;     // that contribute, in order
  Records window;      // that aggregates are over, if these are others
  RecordPtr judged;    // kRecord: the record at which it was judged
  size_t further = 0;  // of the last source, that are only counted
};

// Values as typed text: equal texts if and only if the values are equal.
std::string TypedText(const VedetteScalar& value);
std::string TypedText(const std::vector<VedetteScalar>& values);
// The scalars of a field, lists opened, without nulls.
std::vector<VedetteScalar> FieldValues(const OracleEvent& event, const std::string& field);
OracleValue NodeOf(const VedetteScalar& value);
std::string JsonOf(const OracleValue& value);

// Evaluates the expressions of a rule over the records of a match.
class MatchValues {
 public:
  // Fields are those of `records`, aggregates are over `window`. `further` records of the last
  // source are only counted.
  MatchValues(const CorrelationRule& rule, const Records& records, const Records& window,
              size_t further = 0)
      : rule_(rule), records_(records), window_(window), further_(further) {}
  MatchValues(const CorrelationRule& rule, const Records& records)
      : MatchValues(rule, records, records) {}

  bool Holds(const VedetteExpr& condition) const;
  // Of an event, with the fields of earlier stages: those before `stage`.
  bool HoldsFor(const VedetteExpr& condition, const OracleEvent& event, size_t stage) const;
  // An outcome.
  OracleValue Outcome(const VedetteExpr& value) const;
  // The aggregates in an expression, by their text.
  void CollectAggregates(const VedetteExpr& expr, std::map<std::string, OracleValue>* out) const;
  // A field of a source: of its last record.
  OracleValue SourceField(size_t source, const std::string& field) const;
  // The source that a dotted name begins with, among the first `count`, and the rest of the name.
  bool FindSource(const std::string& name, size_t count, size_t* source, std::string* field) const;

 private:
  using Members = std::vector<std::pair<std::string, OracleValue>>;
  VedetteExpr Bind(const VedetteExpr& expr, size_t sources, Members* members) const;
  OracleValue Aggregate(const VedetteNode& call, size_t source) const;
  static Records Of(size_t source, const Records& records);
  OracleValue Interpolated(const std::string& text) const;

  const CorrelationRule& rule_;
  const Records& records_;
  const Records& window_;
  size_t further_ = 0;
};

// Whether a condition is judged at each record, else when the window closes.
bool IsRising(const VedetteExpr& having);
// Whether a condition refers to one of the first `count` sources.
bool RefersToSources(const VedetteExpr& expr, const CorrelationRule& rule, size_t count);

// Section 2: when a rule may fire again for a key.
class RearmOfKey {
 public:
  explicit RearmOfKey(const CorrelationRule& rule);
  void Renew() { armed_ = true; }
  bool Judge(bool holds, Nanos t);
  bool resets() const { return rearm_ == CorrelationRule::Rearm::kReset; }

 private:
  CorrelationRule::Rearm rearm_;
  Nanos span_;
  bool fired_ = false;
  bool armed_ = true;
  Nanos last_ = 0;
};

// What the records of one key, in order, give: one function for each family of shapes.
std::vector<Firing> RunWindows(const CorrelationRule& rule, const Records& records);
std::vector<Firing> RunSequence(const CorrelationRule& rule, const Records& records);
std::vector<Firing> RunAbsence(const CorrelationRule& rule, const Records& records);
std::vector<Firing> RunNewValue(const CorrelationRule& rule, const Records& records);
std::vector<Firing> RunLineage(const CorrelationRule& rule, const Records& records);

// Records of one ordinal after the other.
std::vector<Records> ByOrdinal(const Records& records);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_CORRELATION_MATCH_H_
