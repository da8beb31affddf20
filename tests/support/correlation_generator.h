// Random rules over several events and streams of events from the same small alphabets, so that
// they meet often.
#ifndef VEDETTE_TESTS_SUPPORT_CORRELATION_GENERATOR_H_
#define VEDETTE_TESTS_SUPPORT_CORRELATION_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/reference/correlation_oracle.h"

namespace vedette::testing {

enum class CorrelationShape : uint8_t {
  kAny,
  kWindow,
  kSequence,
  kAll,
  kSample,
  kAbsence,
  kNewValue,
  kLineage
};

struct CorrelationScenario {
  std::vector<std::string> rules;  // each the text of one; later ones may name earlier ones
  std::vector<reference::CorrelationEvent> events;

  std::string Rules() const;
  // Rules and events as a case of tests/rules/correlation would have them.
  std::string Dump() const;
};

// Deterministic for a seed. All rules compile.
class CorrelationGenerator {
 public:
  explicit CorrelationGenerator(uint32_t seed) : random_(seed) {}

  CorrelationScenario Scenario(CorrelationShape shape, size_t max_rules, size_t max_events);
  // Some orders of arrival: no event comes after one that is later by more than `lateness_ns`.
  // Events without a tiebreak get their number, so that their order stays known.
  std::vector<reference::CorrelationEvent> Shuffled(std::vector<reference::CorrelationEvent> events,
                                                    int64_t lateness_ns);

 private:
  unsigned Below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool OneIn(unsigned n) { return Below(n) == 0; }
  template <size_t N>
  std::string Pick(const std::string_view (&options)[N]) {
    return std::string(options[Below(N)]);
  }

  // What is known about an earlier rule that others may name.
  struct Known {
    std::string name;
    bool over_events = false;  // a rule over several events
    unsigned depth = 0;
  };

  std::string Rule(CorrelationShape shape, const std::string& name);
  std::string EventRule(const std::string& name);
  std::string Window();
  std::string Sequence();
  std::string Together(CorrelationShape shape);
  std::string Absence();
  std::string NewValue();
  std::string Lineage();
  std::string Keys();
  std::string Query();
  std::string Source(const std::string& alias);
  std::string Sources(unsigned count);
  std::string Stage(unsigned index, bool* quantified);
  std::string Number(const std::string& alias);
  std::string Comparison();
  std::string Having(int depth);
  std::string Outcomes();
  std::string Rearm();
  std::string Suppress();
  std::string Json();
  std::string Alias() { return aliases_[Below(static_cast<unsigned>(aliases_.size()))]; }

  std::mt19937 random_;
  std::vector<Known> known_;
  std::vector<std::string> aliases_;  // of the rule that is being made
  unsigned depth_ = 0;                // of it
  bool keyed_ = false;
};

// The smallest scenario found that still fails: rules and events are left out as long as it does.
CorrelationScenario Shrink(CorrelationScenario scenario,
                           const std::function<bool(const CorrelationScenario&)>& fails);

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_CORRELATION_GENERATOR_H_
