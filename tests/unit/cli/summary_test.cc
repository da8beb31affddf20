#include "lib/cli/summary.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "vedette/json.h"

namespace vedette::cli {
namespace {

RuleMeta Rule(std::string title, Level level, std::vector<std::string> tags = {}) {
  RuleMeta rule;
  rule.title = std::move(title);
  rule.level = level;
  rule.tags = std::move(tags);
  return rule;
}

// The text after a label of the summary, "" if there is no such line.
std::string After(const std::string& text, const std::string& label) {
  const size_t at = text.find("\n  " + label + " ");
  if (at == std::string::npos) return "";
  const size_t begin = text.find_first_not_of(' ', at + 3 + label.size());
  return text.substr(begin, text.find('\n', begin) - begin);
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Summary, NothingReadAndNothingFound) {
  const Summary summary;
  EXPECT_EQ(summary.Text(false),
            "Summary\n"
            "  rules           0 loaded\n"
            "  events          0 in 0 files\n"
            "  time            0 ms (- events/s)\n"
            "  detections      none\n");
}

TEST(Summary, RulesThatAreNotRunAreTold) {
  Summary summary;
  summary.SetRules(1200, 34, 1200, 0);
  EXPECT_EQ(After(summary.Text(false), "rules"), "1,200 loaded, 34 skipped (see `vedette check`)");
  summary.SetRules(1200, 0, 56, 1);
  EXPECT_EQ(After(summary.Text(false), "rules"), "1,200 loaded, 56 chosen, 1 over several events");
}

TEST(Summary, FilesAddUp) {
  Summary summary;
  summary.AddFile({1000, 2500000, 3, 2, 7, 4, 1});
  summary.AddFile({234, 500000, 0, 0, 0});
  summary.set_seconds(2);
  const std::string text = summary.Text(false);
  EXPECT_EQ(After(text, "events"), "1,234 in 2 files, 3.0 MB");
  EXPECT_EQ(After(text, "time"), "2.0 s (617 events/s)");
  EXPECT_EQ(After(text, "broken"), "5 records skipped");  // those that are too large as well
  EXPECT_EQ(After(text, "incomplete"), "4 events");
  EXPECT_EQ(After(text, "damaged"), "1 block of the input");
  EXPECT_EQ(summary.broken(), 5U);
}

TEST(Summary, TheFirstBrokenRecordsAreTold) {
  Summary summary;
  for (int i = 1; i <= 10; ++i)
    summary.AddBroken("a.json", static_cast<uint64_t>(i), "no\x1B[31m JSON");
  EXPECT_FALSE(Has(summary.Text(false), "a.json"));  // none counted, none told
  summary.AddFile({0, 0, 10, 0, 0});
  const std::string text = summary.Text(false);
  EXPECT_TRUE(Has(text, "a.json:1: no?[31m JSON"));
  EXPECT_TRUE(Has(text, "a.json:3: "));
  EXPECT_FALSE(Has(text, "a.json:4: "));
  EXPECT_TRUE(Has(text, " ...\n"));
}

TEST(Summary, FilesThatCannotBeReadAreTold) {
  Summary summary;
  summary.AddUnreadable("a.json: No such file");
  summary.AddUnreadable("b\x1B.json: No such file");
  EXPECT_TRUE(Has(summary.Text(false), "unreadable      a.json: No such file\n"));
  EXPECT_TRUE(Has(summary.Text(false), "unreadable      b?.json: No such file\n"));
  EXPECT_EQ(summary.unreadable().size(), 2U);
}

TEST(Summary, DetectionsByLevelRuleAndTactic) {
  Summary summary;
  const RuleMeta shell =
      Rule("Shell", Level::kHigh, {"attack.execution", "attack.t1059", "attack.Execution"});
  const RuleMeta dump =
      Rule("Dump", Level::kCritical, {"attack.credential_access", "attack.execution"});
  const RuleMeta plain = Rule("Plain", Level::kUnset);
  for (int i = 0; i < 1500; ++i) summary.AddDetection(shell);
  summary.AddDetection(dump);
  for (int i = 0; i < 2; ++i) summary.AddDetection(plain);
  EXPECT_EQ(summary.detections(), 1503U);
  const std::string text = summary.Text(false);
  EXPECT_EQ(After(text, "detections"), "1,503");
  EXPECT_EQ(After(text, "by level"), "1 critical, 1,500 high, 2 without level");
  // Once for each detection, however often a rule is tagged; in the order of an attack.
  EXPECT_TRUE(Has(text,
                  "  by tactic       1,501    execution\n"
                  "                  1        credential-access\n"))
      << text;
  EXPECT_TRUE(Has(text,
                  "  top rules       1,500    high      Shell\n"
                  "                  2        -         Plain\n"
                  "                  1        critical  Dump\n"))
      << text;
}

TEST(Summary, OnlyTheTopRulesAreListed) {
  Summary summary;
  for (int i = 0; i < 13; ++i) {
    const RuleMeta rule = Rule("Rule" + std::to_string(i), Level::kLow);
    for (int n = 0; n <= i; ++n) summary.AddDetection(rule);
  }
  const std::string text = summary.Text(false);
  EXPECT_TRUE(Has(text, " Rule12\n"));
  EXPECT_TRUE(Has(text, " Rule3\n"));
  EXPECT_FALSE(Has(text, " Rule2\n"));
  EXPECT_TRUE(Has(text, "and 3 more rules\n"));
  EXPECT_LT(text.find("Rule12"), text.find("Rule11"));
  // The JSON has them all.
  EXPECT_TRUE(Has(summary.Json(), "\"Rule0\":1"));
}

TEST(Summary, EventsWithoutLogSource) {
  Summary summary;
  for (int i = 0; i < 3; ++i) summary.AddUnknown("Channel=B");
  summary.AddUnknown("Channel=A");
  summary.AddUnknown("");
  const std::string text = summary.Text(false);
  EXPECT_TRUE(Has(After(text, "no log source"), "5 events"));
  EXPECT_LT(text.find("Channel=B"), text.find("Channel=A"));
  EXPECT_TRUE(Has(text, "(empty event)"));
}

TEST(Summary, ManyKindsAreCountedTogether) {
  Summary summary;
  for (int i = 0; i < 5000; ++i) summary.AddUnknown("kind" + std::to_string(i));
  summary.AddUnknown("kind0");  // still known
  const std::string json = summary.Json();
  EXPECT_TRUE(Has(json, "\"kind0\":2"));
  EXPECT_TRUE(Has(json, "\"kind999\":1"));
  EXPECT_FALSE(Has(json, "\"kind1000\":"));
  EXPECT_TRUE(Has(json, "\"(other)\":4000"));
  EXPECT_TRUE(Has(json, "\"events_without_log_source\":5001"));
}

TEST(Summary, WhatIsNotWholeSaysSo) {
  Summary summary;
  EXPECT_FALSE(Has(summary.Text(false), "interrupted"));
  EXPECT_FALSE(Has(summary.Text(false), "max-detections"));
  summary.set_interrupted();
  summary.set_cut_off();
  EXPECT_TRUE(Has(summary.Text(false), "(interrupted: only the part read so far)"));
  EXPECT_TRUE(Has(summary.Text(false), "(stopped at --max-detections)"));
  EXPECT_TRUE(Has(summary.Json(), "\"interrupted\":true"));
}

Summary Full() {
  Summary summary;
  summary.SetRules(10, 2, 8, 1);
  summary.AddFile({100, 2000, 1, 0, 0, 4, 6});
  summary.AddBroken("f \"1\".json", 7, "bad\n");
  summary.AddUnreadable("x");
  summary.AddUnknown("k\"");
  summary.AddDetection(Rule("A \"rule\"", Level::kHigh, {"attack.impact"}));
  summary.AddDetection(Rule("B", Level::kUnset));
  summary.set_seconds(1.2345);
  summary.set_undecided(3, 40);
  summary.set_unroutable(7);
  return summary;
}

TEST(Summary, Json) {
  EXPECT_EQ(Full().Json(),
            R"({"rules":{"loaded":10,"chosen":8,"skipped":2,"over_several_events":1,)"
            R"("of_unknown_log_sources":7},"files":1,)"
            R"("events":100,"bytes":2000,"broken":1,"incomplete":4,"damaged":6,)"
            R"("broken_examples":["f \"1\".json:7: bad "],)"
            R"("unreadable":["x"],"events_without_log_source":1,"events_undecided":3,)"
            R"("verdicts_undecided":40,"late_records":0,"events_without_time":0,)"
            R"("evicted_keys":0,"unknown_log_sources":{"k\"":1},)"
            R"("detections":2,"by_level":{"high":1,"unset":1},"by_tactic":{"impact":1},)"
            R"("by_rule":{"A \"rule\"":1,"B":1},"interrupted":false,"milliseconds":1235})");
}

TEST(Summary, JsonIsJson) {
  JsonParser parser;
  for (const Summary& summary : {Summary(), Full()}) {
    const std::string json = summary.Json();
    Event event;
    EXPECT_TRUE(parser.Parse(json, &event).ok()) << json;
    EXPECT_EQ(event.root().ToJson(), json);
  }
}

TEST(Summary, ColoursChangeNoText) {
  const Summary summary = Full();
  const std::string plain = summary.Text(false);
  std::string uncoloured = summary.Text(true);
  EXPECT_EQ(plain.find('\x1B'), std::string::npos);
  EXPECT_NE(uncoloured.find('\x1B'), std::string::npos);
  for (size_t at = uncoloured.find('\x1B'); at != std::string::npos; at = uncoloured.find('\x1B')) {
    uncoloured.erase(at, uncoloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(uncoloured, plain);
}

}  // namespace
}  // namespace vedette::cli
