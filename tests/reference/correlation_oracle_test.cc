// Whether the oracle of rules over several events is itself right: hand-made cases of what matters
// most. tests/rules/correlation/*.case has many more, which it has to meet, too.
#include "tests/reference/correlation_oracle.h"

#include <limits>

#include "gtest/gtest.h"

namespace vedette::reference {
namespace {

constexpr int64_t kSecond = 1000000000;

CorrelationEvent At(int64_t seconds, std::string json) {
  return {std::move(json), seconds * kSecond, std::nullopt};
}

std::vector<std::string> Detected(const std::string& rules,
                                  const std::vector<CorrelationEvent>& events,
                                  const CorrelationRun& run = {}) {
  std::string why;
  const auto found = RunCorrelationOracle(rules, events, run, &why);
  if (!found.has_value()) return {"error: " + why};
  std::vector<std::string> lines;
  for (const CorrelationDetection& d : *found) lines.push_back(d.Line());
  return lines;
}

using Lines = std::vector<std::string>;

TEST(CorrelationOracle, SaysEverythingOnOneLine) {
  EXPECT_EQ(Detected(R"(rule t {
                     match window 10s by h, u s: [any where k == "a"]
                     having count(s) >= 2
                     outcome { m = max(s.n) }
                   })",
                     {At(0, R"({"k":"a","h":"x","u":1.0,"n":2})"),
                      At(3, R"({"k":"a","h":"x","u":1,"n":1.5})")}),
            (Lines{"t t=3000000000 record key=[\"x\",1] window=-7000000000..3000000000 "
                   "records=0..3000000000 total=2 count(s)=2 max(s.n)=2 m=2 [s#1,s#2]"}));
}

TEST(CorrelationOracle, OrdersByTimeDepthRuleCauseAndKey) {
  const Lines lines = Detected(R"(
      rule top { match window 1h s: [rule b] having count(s) >= 1 rearm immediately }
      rule b { match window 1h by h s: [any where k == "a"] having count(s) >= 1 }
      rule a { match absence of [any where k == "z"] by h for 1s }
      rule c { match window 1s by h s: [any where true] having count(s) == 1 })",
                               {At(0, R"({"k":"z","h":"x"})"), At(1, R"({"k":"a","h":"y"})"),
                                At(1, R"({"k":"a","h":"x"})")});
  Lines begun;
  for (const std::string& line : lines) begun.push_back(line.substr(0, line.find(" window")));
  EXPECT_EQ(begun, (Lines{"b t=1000000000 record key=[\"x\"]", "b t=1000000000 record key=[\"y\"]",
                          "a t=1000000000 timer key=[\"x\"]", "top t=1000000000 record key=[]",
                          "top t=1000000000 record key=[]", "c t=2000000000 close key=[\"y\"]"}));
}

TEST(CorrelationOracle, TimesAtTheEdge) {
  const int64_t max = std::numeric_limits<int64_t>::max();
  const std::vector<CorrelationEvent> events = {{R"({"k":"a"})", max - 5, std::nullopt},
                                                {R"({"k":"a"})", max, std::nullopt}};
  EXPECT_EQ(
      Detected("rule t { match window 1d s: [any where k == \"a\"] having count(s) == 2 }", events),
      (Lines{"t t=9223372036854775807 close key=[] window=9223372036854775802.."
             "9223372036854775807 records=9223372036854775802..9223372036854775807 total=2 "
             "count(s)=2 [s#1,s#2]"}));
}

TEST(CorrelationOracle, SumsAreExact) {
  const auto sum = [](const std::vector<std::string>& numbers) {
    std::vector<CorrelationEvent> events;
    for (const std::string& n : numbers) events.push_back(At(0, "{\"n\":" + n + "}"));
    const Lines lines =
        Detected("rule t { match window 1s s: [any where true] having count(s) >= " +
                     std::to_string(numbers.size()) + " outcome { v = sum(s.n) } }",
                 events);
    const std::string& line = lines.at(0);
    const size_t at = line.rfind(" v=");
    return line.substr(at + 3, line.rfind(' ') - at - 3);
  };
  EXPECT_EQ(sum({"1e100", "1", "-1e100"}), "1");
  EXPECT_EQ(sum({"0.1", "0.2", "0.3", "-0.6"}), "2.7755575615628914e-17");
  EXPECT_EQ(sum({"9007199254740993", "0.5"}), "9007199254740994");
  EXPECT_EQ(sum({"9223372036854775807", "-1"}), "9223372036854775806");
  EXPECT_EQ(sum({"-9223372036854775808", "-9223372036854775808"}), "-18446744073709551616");
}

TEST(CorrelationOracle, SaysWhatItCannotRead) {
  EXPECT_EQ(Detected("rule t { match window }", {}).at(0).substr(0, 5), "error");
  EXPECT_EQ(Detected("rule t { match window 1s s: [rule u] having count(s) > 1 }", {}),
            (Lines{"error: no rule u"}));
  EXPECT_EQ(Detected("rule t { match window 1s s: [rule t] having count(s) > 1 }", {}),
            (Lines{"error: rules in a circle"}));
}

TEST(CorrelationOracle, KeysAreOrderedByTheirBytes) {
  CorrelationRun backwards;
  backwards.key_bytes = [](const std::vector<std::string>& parts) {
    return std::string(1, static_cast<char>(-parts.at(0).at(1)));
  };
  const Lines lines = Detected("rule t { match absence of [any where true] by h for 1s }",
                               {At(0, R"({"h":"x"})"), At(0, R"({"h":"y"})")}, backwards);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find("key=[\"y\"]"), std::string::npos) << lines[0];
}

}  // namespace
}  // namespace vedette::reference
