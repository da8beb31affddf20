// ATT&CK coverage as layers for the ATT&CK Navigator: what rules claim, and what is proved.
#ifndef VEDETTE_ALERT_COVERAGE_H_
#define VEDETTE_ALERT_COVERAGE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/logsource.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

// Each is a layer of its own: a rule that has never fired in a test is claimed, not covered.
enum class CoverageLayer : uint8_t {
  kHasRule,      // score: rules for the technique
  kDataPresent,  // of these, those whose log source has been seen
  kFiredInTest,  // detections in tests
  kFiredLive,    // alerts
};
inline constexpr int kCoverageLayerCount = 4;
std::string_view CoverageLayerName(CoverageLayer layer);  // "has rule", "data present", ...

struct CoverageInput {
  std::string attack_version = "19";  // whose technique ids the rules use
  std::string name = "Vedette";       // what layers are called: "NAME: has rule"
  std::vector<LogSource> seen;        // log sources of events
  // By rule id (AlertRule::id), how often; rules that are not in the program are reported.
  std::vector<std::pair<std::string, uint64_t>> fired_in_test;
  std::vector<std::pair<std::string, uint64_t>> fired_live;
};

// A technique or sub-technique. Value type.
struct TechniqueCoverage {
  std::string technique;           // "T1059", "T1059.001"
  std::vector<std::string> rules;  // ids, sorted
  uint64_t with_data = 0;          // rules whose log source has been seen
  uint64_t test_rules = 0;         // rules that fired in tests
  uint64_t test_detections = 0;
  uint64_t live_rules = 0;
  uint64_t live_alerts = 0;
};

struct Coverage {
  std::string attack_version;
  std::string name;
  std::vector<TechniqueCoverage> techniques;  // sorted
  std::vector<std::string> rules_without_technique;
  std::vector<std::string> unknown_rules;  // fired, but not in the program
};

// Counts rules and correlations of the program. A rule without a log source, and a correlation,
// has data as soon as anything has been seen. Sub-techniques do not count for their technique: the
// Navigator adds these up.
Coverage MeasureCoverage(const Program& program, const CoverageInput& input);

// A layer, format 4.5, as one line of JSON; techniques with a score of 0 are left out of it.
std::string CoverageLayerToJson(const Coverage& coverage, CoverageLayer layer);
// All four as a list, which the Navigator opens in four tabs.
std::string CoverageToJson(const Coverage& coverage);

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_COVERAGE_H_
