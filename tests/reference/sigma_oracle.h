// A slow, plain evaluator of Sigma detection rules, written from the specification alone. Tests
// compare the library with it. Correlation documents are recognised and left out.
#ifndef VEDETTE_TESTS_REFERENCE_SIGMA_ORACLE_H_
#define VEDETTE_TESTS_REFERENCE_SIGMA_ORACLE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/reference/oracle_value.h"

namespace vedette::reference {

// Where events come from. An empty attribute is one that is not given.
struct LogSource {
  std::string category;
  std::string product;
  std::string service;
};

struct RuleBody;

struct OracleRule {
  std::string id;
  std::string name;
  std::string title;
  LogSource logsource;
  // The rule's own detection, then that of each filter laid over it: all must hold.
  std::vector<std::shared_ptr<const RuleBody>> bodies;
};

struct LoadResult {
  std::vector<std::shared_ptr<const OracleRule>> rules;
  std::vector<std::string> refused;       // "<id, title or text number>: <reason>"
  std::vector<std::string> correlations;  // id, name or title of each correlation document
};

// Reads every document of all texts together: filters reach rules of other texts, while
// `action: global` lasts to the end of its own text. Never throws.
LoadResult LoadSigma(const std::vector<std::string>& yaml_texts,
                     const std::map<std::string, std::vector<std::string>>& placeholders = {});

// Finds the values a rule's field name stands for. Arrays are returned whole; a null is a value.
// `present` is false when the event does not have the field at all.
using FieldLookup = std::function<std::vector<OracleValue>(const OracleEvent& event,
                                                           const std::string& name, bool* present)>;

// The exact key first; else the dotted path, through arrays, with [N] and [-N] positions. The name
// "." is the event itself.
std::vector<OracleValue> DirectLookup(const OracleEvent& event, const std::string& name,
                                      bool* present);

// Detection only: the log source is not looked at.
bool Matches(const OracleRule& rule, const OracleEvent& event,
             const FieldLookup& lookup = DirectLookup);

// Whether every attribute the rule gives is the same in one of the sources.
bool LogSourceApplies(const OracleRule& rule, const std::vector<LogSource>& event_sources);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_SIGMA_ORACLE_H_
