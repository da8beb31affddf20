// ATT&CK layers: what counts where.
#include "vedette/alert/coverage.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/support/alert_fixture.h"
#include "tests/support/shape_table.h"

namespace vedette::testing {
namespace {

// Navigator layer format 4.5.
const ShapeTable& LayerTable() {
  static const ShapeTable table = {
      {"layer",
       "name s!, versions versions, domain s(enterprise-attack)!, description s, sorting i,"
       "techniques j, gradient gradient, legendItems [legend]"},
      {"versions", "attack s, navigator s!, layer s(4.5)!"},
      {"gradient", "colors [s]!, minValue n!, maxValue n!"},
      {"legend", "label s!, color s!"},
      {"with_techniques",
       "name s!, versions versions, domain s, description s, sorting i, techniques [technique],"
       "gradient gradient, legendItems [legend]"},
      {"technique", "techniqueID s!, score i+, comment s, enabled b"},
  };
  return table;
}

const TechniqueCoverage* FindTechnique(const Coverage& c, std::string_view id) {
  for (const TechniqueCoverage& t : c.techniques) {
    if (t.technique == id) return &t;
  }
  return nullptr;
}

TEST(AttackCoverage, LayersAreApart) {
  CoverageInput input;
  input.attack_version = "19.1";
  input.fired_in_test = {{"rule-low", 3}, {"rule-gone", 1}};
  input.fired_live = {{"rule-high", 2}, {"rule-high", 5}};
  const Coverage c = MeasureCoverage(*AlertProgram(), input);
  ASSERT_EQ(c.techniques.size(), 2u);
  const TechniqueCoverage* low = FindTechnique(c, "T1059.001");
  const TechniqueCoverage* high = FindTechnique(c, "T1003");
  ASSERT_NE(low, nullptr);
  ASSERT_NE(high, nullptr);
  EXPECT_EQ(low->test_detections, 3u);
  EXPECT_EQ(low->live_alerts, 0u);
  EXPECT_EQ(low->with_data, 0u);
  EXPECT_EQ(high->live_alerts, 7u);
  EXPECT_EQ(high->test_rules, 0u);
  EXPECT_EQ(c.unknown_rules, std::vector<std::string>{"rule-gone"});
  EXPECT_EQ(c.rules_without_technique,
            (std::vector<std::string>{"rule-burst", "rule-critical", "rule-medium"}));
  const std::string test = CoverageLayerToJson(c, CoverageLayer::kFiredInTest);
  EXPECT_NE(
      test.find(
          R"("techniqueID":"T1059.001","score":3,"comment":"1 of 1 rule fired in tests: rule-low")"),
      std::string::npos)
      << test;
  EXPECT_EQ(test.find("T1003"), std::string::npos);
  EXPECT_NE(test.find(R"("attack":"19.1")"), std::string::npos);
}

TEST(AttackCoverage, DataIsWhatTheRuleAsksFor) {
  CoverageInput input;
  input.seen = {{"linux", "process_creation", ""}};
  EXPECT_EQ(FindTechnique(MeasureCoverage(*AlertProgram(), input), "T1003")->with_data, 0u);
  input.seen.push_back({"windows", "process_creation", "sysmon"});
  EXPECT_EQ(FindTechnique(MeasureCoverage(*AlertProgram(), input), "T1003")->with_data, 1u);
}

TEST(AttackCoverage, LayersHaveTheFormat) {
  CoverageInput input;
  const Coverage c = MeasureCoverage(*AlertProgram(), input);
  for (int i = 0; i < kCoverageLayerCount; ++i) {
    const std::string json = CoverageLayerToJson(c, static_cast<CoverageLayer>(i));
    EXPECT_EQ(ShapeProblems(LayerTable(), i == 0 ? "with_techniques" : "layer", json),
              std::vector<std::string>())
        << json;
    EXPECT_NE(CoverageToJson(c).find(json), std::string::npos);
  }
}

}  // namespace
}  // namespace vedette::testing
