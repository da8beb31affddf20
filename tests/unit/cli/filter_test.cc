#include "lib/cli/filter.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace vedette::cli {
namespace {

using Strings = std::vector<std::string>;

absl::StatusOr<RuleFilter> FilterOf(const Strings& words) {
  static const auto* const command =
      new CommandSpec{"test",
                      "",
                      "",
                      "",
                      "",
                      {{"level", 0, OptionKind::kValue, "L", "", {}},
                       {"status", 0, OptionKind::kRepeat, "S", "", {}},
                       {"tag", 0, OptionKind::kRepeat, "T", "", {}},
                       {"logsource", 0, OptionKind::kValue, "L", "", {}},
                       {"rule", 0, OptionKind::kWords, "R", "", {}}},
                      0};
  const auto options = ParseOptions(*command, words);
  if (!options.ok()) return options.status();
  return RuleFilter::FromOptions(*options);
}

RuleMeta Rule() {
  RuleMeta rule;
  rule.id = "01234567-89AB-cdef-0123-456789abcdef";
  rule.name = "short_name";
  rule.title = "Shell, started by Word";
  rule.level = Level::kMedium;
  rule.status = "test";
  rule.tags = {"attack.t1059.001", "attack.Credential_Access", "cve.2026-1"};
  rule.log_source.product = "windows";
  rule.log_source.category = "process_creation";
  return rule;
}

bool Accepts(const Strings& words, const RuleMeta& rule = Rule()) {
  const auto filter = FilterOf(words);
  EXPECT_TRUE(filter.ok()) << filter.status();
  return filter.ok() && filter->Accepts(rule);
}

TEST(RuleFilter, WithoutOptionsEveryRulePasses) {
  EXPECT_TRUE(FilterOf({})->empty());
  EXPECT_TRUE(Accepts({}));
  EXPECT_TRUE(Accepts({}, RuleMeta()));
}

TEST(RuleFilter, EachOptionChooses) {
  const struct {
    Strings words;
    bool accepts;
  } kCases[] = {
      {{"--level", "low"}, true},
      {{"--level", "medium"}, true},
      {{"--level", "high"}, false},
      {{"--level", "INFO"}, true},
      {{"--status", "test"}, true},
      {{"--status", "TEST"}, true},
      {{"--status", "stable"}, false},
      {{"--status", "stable,test"}, true},
      {{"--status", "stable", "--status", "test"}, true},
      {{"--tag", "attack.t1059.001"}, true},
      {{"--tag", "attack.t1059"}, true},  // with its sub-techniques
      {{"--tag", "ATTACK.T1059"}, true},
      {{"--tag", "attack.t105"}, false},
      {{"--tag", "attack.t1059.0"}, false},
      {{"--tag", "attack.t1059.001.x"}, false},
      {{"--tag", "attack"}, true},
      {{"--tag", "attack.credential-access"}, true},
      {{"--tag", "attack.credential_access"}, true},
      {{"--tag", "attack.execution,cve.2026-1"}, true},
      {{"--tag", "cve.2026-10"}, false},
      {{"--logsource", "product=windows"}, true},
      {{"--logsource", "product=windows,category=process_creation"}, true},
      {{"--logsource", "product=linux"}, false},
      {{"--logsource", "product=windows,service=sysmon"}, false},
      {{"--rule", "short_name"}, true},
      {{"--rule", "SHORT_NAME"}, true},
      {{"--rule", "shell, started by word"}, true},
      {{"--rule", "01234567-89ab-CDEF-0123-456789abcdef"}, true},
      {{"--rule", "short"}, false},
      {{"--rule", "other", "short_name"}, true},
      // All of them must hold.
      {{"--level", "low", "--status", "test", "--tag", "attack.t1059"}, true},
      {{"--level", "high", "--status", "test"}, false},
      {{"--rule", "short_name", "--status", "stable"}, false},
  };
  for (const auto& c : kCases) {
    std::string shown;
    for (const std::string& word : c.words) shown += word + " ";
    EXPECT_EQ(Accepts(c.words), c.accepts) << shown;
    EXPECT_FALSE(FilterOf(c.words)->empty()) << shown;
  }
}

TEST(RuleFilter, RulesThatSayNothing) {
  const RuleMeta bare;
  for (const Strings& words : std::vector<Strings>{{"--level", "info"},
                                                   {"--status", "test"},
                                                   {"--tag", "attack.t1059"},
                                                   {"--logsource", "product=windows"},
                                                   {"--rule", "x"}}) {
    EXPECT_FALSE(Accepts(words, bare)) << words[0];
  }
}

TEST(RuleFilter, NoRuleIsCalledNothing) {
  RuleMeta rule = Rule();
  rule.name.clear();
  EXPECT_FALSE(RuleIsCalled(rule, ""));
}

TEST(RuleFilter, ARuleWithoutIdIsNotCalledNothing) {
  RuleMeta rule = Rule();
  rule.id.clear();
  EXPECT_FALSE(RuleIsCalled(rule, ""));
}

TEST(RuleFilter, WrongValuesAreErrors) {
  const struct {
    Strings words;
    const char* part;
  } kCases[] = {
      {{"--level", "hihg"}, "did you mean 'high'?"},
      {{"--level", "none"}, "informational, low, medium, high or critical"},
      {{"--level="}, "not ''"},
      {{"--status", "tset"}, "did you mean 'test'?"},
      {{"--status", "stable,nosuch"}, "'nosuch'"},
      {{"--logsource", "nosuch=windows"}, ""},
      {{"--level", "\x1B[31m"}, "'?[31m'"},
  };
  for (const auto& c : kCases) {
    const auto filter = FilterOf(c.words);
    ASSERT_FALSE(filter.ok()) << c.words[0] << c.words.back();
    EXPECT_EQ(filter.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(filter.status().message()).find(c.part), std::string::npos)
        << filter.status();
  }
}

TEST(RuleFilter, Levels) {
  EXPECT_EQ(*ParseLevel("info"), Level::kInformational);
  EXPECT_EQ(*ParseLevel("Informational"), Level::kInformational);
  EXPECT_EQ(*ParseLevel("CRITICAL"), Level::kCritical);
  EXPECT_FALSE(ParseLevel("").ok());
  EXPECT_FALSE(ParseLevel("unset").ok());
  // Each accepts itself and what is worse.
  for (int least = 1; least <= 5; ++least) {
    for (int level = 0; level <= 5; ++level) {
      RuleFilter filter;
      filter.min_level = static_cast<Level>(least);
      RuleMeta rule;
      rule.level = static_cast<Level>(level);
      EXPECT_EQ(filter.Accepts(rule), level >= least) << least << " " << level;
    }
  }
}

TEST(RuleTags, TacticsAndTechniques) {
  const struct {
    const char* tag;
    const char* tactic;
    const char* technique;
  } kCases[] = {
      {"attack.credential_access", "credential-access", ""},
      {"attack.command-and-control", "command-and-control", ""},
      {"ATTACK.Execution", "execution", ""},
      {"attack.t1059", "", "T1059"},
      {"attack.T1059.001", "", "T1059.001"},
      {"attack.g0016", "", ""},   // a group
      {"attack.s0154", "", ""},   // software
      {"attack.ds0005", "", ""},  // a data source
      {"attack.", "", ""},
      {"attack", "", ""},
      {"attack.t", "t", ""},
      {"cve.2026-1234", "", ""},
      {"detection.emerging-threats", "", ""},
      {"", "", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(TacticOfTag(c.tag), c.tactic) << c.tag;
    EXPECT_EQ(TechniqueOfTag(c.tag), c.technique) << c.tag;
  }
  EXPECT_EQ(NormalTag("Attack.Lateral_Movement"), "attack.lateral-movement");
}

TEST(RuleTags, TacticsAreInTheOrderOfAnAttack) {
  const Strings order = {"reconnaissance", "initial-access",   "execution",    "persistence",
                         "discovery",      "lateral-movement", "exfiltration", "impact"};
  for (size_t i = 1; i < order.size(); ++i) {
    EXPECT_LT(TacticOrder(order[i - 1]), TacticOrder(order[i])) << order[i];
  }
  EXPECT_GT(TacticOrder("nosuch"), TacticOrder("impact"));
}

}  // namespace
}  // namespace vedette::cli
