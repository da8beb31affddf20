// The records that an evaluator makes of an event for rules over several events.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/tree.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"
#include "vedette/match_record.h"

namespace vedette {
namespace {

std::shared_ptr<const Program> Compile(const std::string& text) {
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add("r.vdt", text);
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok());
  for (const Diagnostic& d : built->diagnostics) {
    EXPECT_NE(d.severity, Severity::kError) << FormatDiagnostic(d);
  }
  return built->program;
}

// "correlation/source [key] values" of each record.
std::vector<std::string> Texts(std::span<const MatchRecord> records) {
  std::vector<std::string> out;
  for (const MatchRecord& r : records) {
    std::string text = std::to_string(r.correlation) + "/" + std::to_string(r.source) + " [";
    std::string_view key = r.key;
    Value part;
    while (TakeKeyPart(&key, &part)) text += (text.back() == '[' ? "" : ",") + part.ToJson();
    text += "]";
    for (const Value& v : r.values) text += " " + v.ToJson();
    out.push_back(std::move(text));
  }
  return out;
}

std::vector<std::string> RecordsOf(Evaluator* evaluator, const std::string& json) {
  const Event event = testing::EventOf(json);
  evaluator->Evaluate(event.view());
  return Texts(evaluator->Records(event.view()));
}

using Strings = std::vector<std::string>;

TEST(Records, CarryKeysAndColumns) {
  Evaluator evaluator(Compile(R"(
rule w {
  match window 1m by user.name, ?host.id  s: [any where f == 1]
  having distinct(s.port, s.tags) > 2 and count(s) > 1
  outcome { v = s.gone  o = s.object }
})"));
  EXPECT_EQ(RecordsOf(&evaluator, R"({"f":1,"user":{"name":"ann"},"port":4.0,"tags":["a",1],
                                      "object":{"x":1}})"),
            Strings{R"(0/0 ["ann",null] 4 ["a",1] null null)"});
  EXPECT_EQ(RecordsOf(&evaluator, R"({"f":1,"user":{"name":7},"host":{"id":"h"}})"),
            Strings{R"(0/0 [7,"h"] null null null null)"});
  EXPECT_TRUE(RecordsOf(&evaluator, R"({"f":2,"user":{"name":"ann"}})").empty());
  EXPECT_TRUE(RecordsOf(&evaluator, R"({"f":1,"user":{"name":null}})").empty());
  EXPECT_TRUE(RecordsOf(&evaluator, R"({"f":1,"user":{"name":{}}})").empty());
  EXPECT_EQ(evaluator.stats().records, 2u);
  EXPECT_EQ(evaluator.stats().records_without_key, 2u);
  EXPECT_EQ(evaluator.stats().matches, 0u);
}

TEST(Records, ListKeysGiveOneForEachDistinctElement) {
  Evaluator evaluator(
      Compile("rule w { match window 1m by a, b s: [any where true] having count(s) > 1 }"));
  EXPECT_EQ(RecordsOf(&evaluator, R"({"a":[1,"1",1.0,null,["x"]],"b":["p","q"]})"),
            (Strings{R"(0/0 [1,"p"])", R"(0/0 [1,"q"])", R"(0/0 ["1","p"])", R"(0/0 ["1","q"])",
                     R"(0/0 ["x","p"])", R"(0/0 ["x","q"])"}));
  std::string many = "[0";
  for (int i = 1; i < 100; ++i) many += "," + std::to_string(i);
  EXPECT_EQ(RecordsOf(&evaluator, R"({"a":["u","v"],"b":)" + many + "]}").size(), 64u);
  EXPECT_EQ(evaluator.stats().key_combinations_dropped, 200u - 64u);
  const auto last = RecordsOf(&evaluator, R"({"a":["u","v"],"b":[1,2]})");
  EXPECT_EQ(last.size(), 4u);
  EXPECT_EQ(last[1], R"(0/0 ["u",2])");
}

TEST(Records, ExpressionsAreKeysAndColumns) {
  Evaluator evaluator(Compile(R"(
rule n {
  match new value of lower(f), g in [any where true] by concat(u, "@", d)
})"));
  EXPECT_EQ(RecordsOf(&evaluator, R"({"f":["A","B"],"g":[1,2],"u":["x","y"],"d":"c"})"),
            (Strings{R"(0/0 ["x@c"] ["a","b"] [1,2])", R"(0/0 ["y@c"] ["a","b"] [1,2])"}));
  EXPECT_TRUE(RecordsOf(&evaluator, R"({"f":"A","u":"x"})").empty());
}

TEST(Records, StagesAnswerTestsOfLaterOnes) {
  Evaluator evaluator(Compile(R"(
rule s {
  match sequence by h within 1m
    a: [any where k == "a"]
    b: [any where k == "b" and (a.name : "adm*" or flag == true) and pid == a.pid]
})"));
  EXPECT_EQ(RecordsOf(&evaluator, R"({"h":1,"k":"a","name":"ADMIN","pid":5})"),
            Strings{"0/0 [1] true 5"});
  EXPECT_EQ(RecordsOf(&evaluator, R"({"h":1,"k":"a","name":"bob"})"),
            Strings{"0/0 [1] false null"});
  EXPECT_EQ(RecordsOf(&evaluator, R"({"h":1,"k":"b","flag":true,"pid":[5,6]})"),
            Strings{"0/1 [1] true [5,6]"});
}

TEST(Records, RulesFeedWithTheirOwnKeys) {
  Evaluator evaluator(Compile(R"(
rule one { match any where f == 1 }
rule two { match any where f == 1 }
rule both {
  match window 1m by u hits: [rule one, rule two by v] having count(hits) > 1
}
rule again { match window 1m hits: [rule two] having count(hits) > 1 })"));
  const Event event = testing::EventOf(R"({"f":1,"u":"x","v":"y"})");
  EXPECT_EQ(evaluator.Evaluate(event.view()).size(), 2u);
  EXPECT_EQ(Texts(evaluator.Records(event.view())),
            (Strings{R"(0/0 ["x"])", R"(0/0 ["y"])", "1/0 []"}));
  EXPECT_EQ(evaluator.Records(event.view()).size(), 3u);
  EXPECT_EQ(evaluator.stats().records, 3u);
  EXPECT_EQ(evaluator.stats().matches, 2u);
}

TEST(Records, CarryTimeTiebreakAndPlace) {
  Evaluator evaluator(
      Compile("rule w { match window 1m s: [any where true] having count(s) > 1 }"));
  const Event event = testing::EventOf("{}");
  EventView view = event.view();
  view.set_time(12);
  view.set_tiebreak(34);
  view.set_ref({"file", 56});
  evaluator.Evaluate(view);
  ASSERT_EQ(evaluator.Records(view).size(), 1u);
  const MatchRecord& record = evaluator.Records(view)[0];
  EXPECT_EQ(record.time, 12);
  EXPECT_EQ(record.tiebreak, 34u);
  EXPECT_EQ(record.ref.source, "file");
  EXPECT_EQ(record.ref.line, 56u);
  EXPECT_EQ(record.depth, 0u);
}

TEST(Records, AnUndecidedRuleMakesNone) {
  EvaluatorOptions options;
  options.max_scan_bytes = 100000;
  Evaluator evaluator(Compile(R"(
rule early { match window 1m s: [any where a == 1] having count(s) > 1 }
rule late { match window 1m s: [any where f : "*x*" and f : "*y*"] having count(s) > 1 })"),
                      options);
  EXPECT_EQ(RecordsOf(&evaluator, R"({"a":1,"f":")" + std::string(90000, 'x') + "y\"}"),
            Strings{"0/0 []"});
  EXPECT_EQ(evaluator.stats().rules_undecided, 1u);
  EXPECT_EQ(evaluator.stats().events_undecided, 1u);
}

}  // namespace
}  // namespace vedette
