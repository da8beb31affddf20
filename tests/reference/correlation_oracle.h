// A second, slow implementation of rules over several events, written from docs/correlator.md
// alone: it keeps every event and computes each detection from the definition.
#ifndef VEDETTE_TESTS_REFERENCE_CORRELATION_ORACLE_H_
#define VEDETTE_TESTS_REFERENCE_CORRELATION_ORACLE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::reference {

// Events are numbered from 1 in the order they are given.
struct CorrelationEvent {
  std::string json;
  std::optional<int64_t> time;       // nanoseconds
  std::optional<uint64_t> tiebreak;  // else its number
};

struct CorrelationDetection {
  enum class Cause { kEvent, kRecord, kClose, kTimer };  // kEvent: of a rule over one event
  std::string rule;
  size_t rule_index = 0;  // in the file
  uint32_t depth = 0;
  int64_t time = 0;
  Cause cause = Cause::kRecord;
  std::vector<std::string> key;  // JSON
  std::string key_bytes;
  int64_t start = 0;
  int64_t end = 0;
  int64_t first = 0;
  int64_t last = 0;
  uint64_t total = 0;
  std::vector<std::pair<std::string, std::string>> aggregates;  // by text; the value as JSON
  std::vector<std::pair<std::string, std::string>> outcomes;
  std::vector<std::string> events;  // "alias#3", "alias@rule"; of a rule over one event "#3"

  // All of it on one line.
  std::string Line() const;
};

struct CorrelationRun {
  size_t max_evidence = 16;
  // The bytes by which keys are ordered, from their parts as JSON. Without it: the JSON texts.
  std::function<std::string(const std::vector<std::string>&)> key_bytes;
  // The log source of all events.
  std::string product, category, service;
};

// What the rules of a file detect, in the order (time, depth, rule in the file, cause, key bytes).
// Nothing, with a reason, for a file that cannot be read or names rules that are not there.
std::optional<std::vector<CorrelationDetection>> RunCorrelationOracle(
    std::string_view rules, const std::vector<CorrelationEvent>& events, const CorrelationRun& run,
    std::string* why);

// JSON with numbers and spaces in one form: `1.0` and `1` are the same.
std::string CanonicalJson(const std::string& json);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_CORRELATION_ORACLE_H_
