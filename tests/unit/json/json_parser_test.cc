#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette {
namespace {

std::string Tree(std::string_view json, JsonParser* parser) {
  Event event;
  const absl::Status status = parser->Parse(json, &event);
  if (absl::IsResourceExhausted(status)) return "limit";
  return status.ok() ? event.root().ToJson() : "broken";
}

std::string Tree(std::string_view json, JsonOptions options = {}) {
  JsonParser parser(options);
  return Tree(json, &parser);
}

TEST(JsonParser, KindsOfValues) {
  EXPECT_EQ(Tree(R"({"a":1,"b":-2.5,"c":"x\u00e4\n","d":null,"e":true,"f":[1,[]],"g":{"h":{}}})"),
            R"({"a":1,"b":-2.5,"c":"xä\n","d":null,"e":true,"f":[1,[]],"g":{"h":{}}})");
  EXPECT_EQ(Tree(R"({"a":18446744073709551615,"b":-9223372036854775808})"),
            R"({"a":18446744073709551615,"b":-9223372036854775808})");
  EXPECT_EQ(Tree(R"({"a":123456789012345678901234567890})"), R"({"a":1.2345678901234568e+29})");
  EXPECT_EQ(Tree("{}"), "{}");
  EXPECT_EQ(Tree(" \r\n\t{\"a\":1}\n "), R"({"a":1})");
  EXPECT_EQ(Tree(R"({"nul":"a\u0000b"})"), "{\"nul\":\"a\\u0000b\"}");
}

TEST(JsonParser, NumbersOfManyDigits) {
  Event event;
  ASSERT_TRUE(JsonParser()
                  .Parse(R"({"a":3.14159265358979323846,"b":9.223372036854775808e18,)"
                         R"("c":100000000000000000000,"d":9223372036854775807})",
                         &event)
                  .ok());
  EXPECT_EQ(event.root().Find("a").AsDouble(), 3.14159265358979323846);
  EXPECT_EQ(event.root().Find("b").AsDouble(), 9.223372036854775808e18);
  EXPECT_EQ(event.root().Find("c").AsDouble(), 1e20);
  EXPECT_EQ(event.root().Find("d").kind(), ValueKind::kInt);
}

TEST(JsonParser, RefusesWhatIsNoObject) {
  Event none;
  EXPECT_FALSE(JsonParser().Parse({}, &none).ok());  // a text without an address
  for (const char* text : {"",
                           " ",
                           "1",
                           "\"x\"",
                           "null",
                           "[1]",
                           "{",
                           "}",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1",
                           "{\"a\":1,}",
                           "{\"a\":1 \"b\":2}",
                           "{a:1}",
                           "{'a':1}",
                           "{\"a\":01}",
                           "{\"a\":.5}",
                           "{\"a\":+1}",
                           "{\"a\":nul}",
                           "{\"a\":truex}",
                           "{\"a\":[1,]}",
                           "{\"a\":[1}",
                           "{\"a\":1}}",
                           "{\"a\":1} x",
                           "{\"a\":1}{\"b\":2}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\n\"}",
                           "{\"a\":1}\x01"}) {
    EXPECT_EQ(Tree(text), "broken") << text;
  }
}

TEST(JsonParser, EveryPrefixOfAnEventIsBroken) {
  const std::string text = R"({"a":[1,{"b":"x\u00e4\\"}],"c":{"d":-1.5e3,"e":[true,false,null]}})";
  EXPECT_NE(Tree(text), "broken");
  for (size_t n = 0; n < text.size(); ++n) EXPECT_EQ(Tree(text.substr(0, n)), "broken") << n;
}

TEST(JsonParser, Limits) {
  JsonOptions options;
  options.max_bytes = 20;
  EXPECT_EQ(Tree(R"({"a":"0123456789012345"})", options), "limit");
  options = {};
  options.max_values = 10;
  EXPECT_EQ(Tree(R"({"a":[1,2,3,4,5,6,7,8,9,10]})", options), "limit");
  EXPECT_EQ(Tree("{\"a\":" + std::string(63, '[') + std::string(63, ']') + "}"),
            "{\"a\":" + std::string(63, '[') + std::string(63, ']') + "}");
  EXPECT_EQ(Tree("{\"a\":" + std::string(64, '[') + std::string(64, ']') + "}"),
            "{\"a\":" + std::string(63, '[') + "null" + std::string(63, ']') + "}")
      << "deeper values read as null";
  options = {};
  options.max_depth = 1000000;
  const std::string deep(100000, '[');
  const std::string tree = Tree("{\"a\":" + deep + std::string(100000, ']') + "}", options);
  EXPECT_LT(tree.size(), 1000U) << "there is a hard limit";
}

// Bytes and escapes that are no text do not hide an event.
TEST(JsonParser, RepairsText) {
  const std::string kBad = "\xEF\xBF\xBD";
  EXPECT_EQ(Tree("{\"a\":\"\\ud800\"}"), "{\"a\":\"" + kBad + "\"}");
  EXPECT_EQ(Tree("{\"a\":\"x\\udc00\\ud83d\\ude00\\ud83dy\"}"),
            "{\"a\":\"x" + kBad + "\xF0\x9F\x98\x80" + kBad + "y\"}");
  EXPECT_EQ(Tree("{\"\\ud800\\n\":1}"), "{\"" + kBad + "\\n\":1}");
  EXPECT_EQ(Tree("{\"a\":\"\xff|\xed\xa0\x80\"}"),
            "{\"a\":\"" + kBad + "|" + kBad + kBad + kBad + "\"}");
  EXPECT_EQ(Tree("{\"a\":\"\\ud800\\q\"}"), "broken");
}

TEST(JsonParser, NumbersBeyondADouble) {
  EXPECT_EQ(Tree("{\"a\":1e400,\"b\":[-1e999],\"c\":1e-999}"),
            "{\"a\":1.7976931348623157e+308,\"b\":[-1.7976931348623157e+308],\"c\":0}");
  EXPECT_EQ(Tree("{\"a\":1e}"), "broken");
  EXPECT_EQ(Tree("{\"a\":1e400x}"), "broken");
}

// What is remembered of forms that came before is what a parser finds that never saw one.
TEST(JsonParser, ShapesAndTimesOfFormsThatComeAgain) {
  const std::vector<std::string> texts = {
      R"({"class_uid":1001,"time":1700000000000})",
      R"({"class_uid":"1001","time":1700000000000})",
      R"({"Event":{"System":{"EventID":1,"TimeCreated":{"@SystemTime":"2026-01-01T00:00:00Z"}}}})",
      R"({"Event":{"System":{"EventID":1,"TimeCreated":{"@SystemTime":"no time"}}}})",
      R"({"Event":{"System":[]}})",
      R"({"Channel":"a","EventID":1,"UtcTime":"2026-01-01 00:00:00.123"})",
      R"({"Channel":"b","EventID":"1","UtcTime":null})",
      R"({"EventID":{"v":1},"@timestamp":"2026-01-01T00:00:00Z"})",
      R"({"event":{"kind":"x"},"@timestamp":1})",
      R"({"event":"x","@timestamp":1})",
      R"({"_path":"dns","ts":1700000000.5})",
      R"({"winlog":{},"@timestamp":"2026-01-01T00:00:00Z"})",
      R"({"winlog":1,"@timestamp":"2026-01-01T00:00:00Z"})"};
  testing::Lcg random(5);
  JsonParser remembers;
  Event event;
  for (int i = 0; i < 2000; ++i) {
    const std::string& text = random.Of(texts);
    ASSERT_TRUE(remembers.Parse(text, &event).ok());
    Event fresh;
    ASSERT_TRUE(JsonParser().Parse(text, &fresh).ok());
    ASSERT_EQ(event.shape(), fresh.shape()) << text;
    ASSERT_EQ(event.time(), fresh.time()) << text;
    ASSERT_EQ(event.key_bits(), fresh.key_bits()) << text;
  }
}

// Whether an event is taken, and what a rule reads of it, is the same whatever other rules read.
TEST(JsonParser, SkippedMembersAreCheckedAsStrictly) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  rules.Add(
      "r.yml",
      "title: t\nlogsource: {category: test}\ndetection:\n  s:\n    f: hit\n  condition: s\n");
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  JsonOptions few;
  few.only_fields_of = built->program.get();
  const std::vector<std::string> pieces = {
      "tru",         "true",   "nul",    "null",      "01",   "0",       "-",
      "-0",          "1.",     "1.5e+3", "1e",        "\"\"", "\"\\q\"", "\"\\u12\"",
      "\"\\ud800\"", "[",      "]",      "{",         "}",    ",",       ":",
      "\"k\":",      "\"k\"",  "[1,2]",  "{\"a\":1}", "[]",   "{}",      " ",
      "\"\xff\"",    "\"\n\"", "[1 2]",  "{\"a\" 5}", "truex"};
  testing::Lcg random(7);
  size_t taken = 0;
  JsonParser keeps_all;
  JsonParser keeps_few(few);
  for (int round = 0; round < 30000; ++round) {
    std::string value;
    for (int i = round % 6; i >= 0; --i) value += random.Of(pieces);
    const std::string text = "{\"f\":\"hit\",\"zz\":" + value + "}";
    const bool all = Tree(text, &keeps_all) != "broken";
    ASSERT_EQ(Tree(text, &keeps_few) != "broken", all) << text;
    taken += all ? 1 : 0;
  }
  EXPECT_GT(taken, 1000U);
  const std::string deep = std::string(70, '[') + std::string(70, ']');
  EXPECT_EQ(Tree("{\"f\":\"hit\",\"zz\":" + deep + "}", few), "{\"f\":\"hit\"}");
  few.max_values = 10;
  JsonOptions limited;
  limited.max_values = 10;
  for (const std::string list : {"[1,2,3,4,5,6]", "[1,2,3,4,5,6,7,8]", "[[[[[[[[[]]]]]]]]]"}) {
    const std::string text = "{\"f\":\"hit\",\"zz\":" + list + "}";
    EXPECT_EQ(Tree(text, few) == "limit", Tree(text, limited) == "limit") << text;
  }
}

TEST(JsonParser, FirstOfDuplicateKeysCounts) {
  JsonParser parser;
  Event event;
  ASSERT_TRUE(parser.Parse(R"({"a":1,"a":2})", &event).ok());
  EXPECT_EQ(event.root().Find("a").integer(), 1);
}

TEST(JsonParser, OwnsWhatItRead) {
  JsonParser parser;
  Event event;
  {
    std::string text = R"({"key":"value that is long enough not to be inline anywhere"})";
    ASSERT_TRUE(parser.Parse(text, &event).ok());
    text.assign(text.size(), 'x');
  }
  Event other;
  ASSERT_TRUE(
      parser.Parse(R"({"z":"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"})", &other)
          .ok());
  EXPECT_EQ(event.root().Find("key").string(),
            "value that is long enough not to be inline anywhere");
}

TEST(JsonParser, AFailureLeavesNothingBehind) {
  JsonParser parser;
  Event event;
  ASSERT_TRUE(parser.Parse(R"({"Channel":"x","a":1})", &event).ok());
  ASSERT_FALSE(parser.Parse(R"({"a":)", &event).ok());
  EXPECT_TRUE(event.root().absent());
  EXPECT_EQ(event.shape(), EventShape::kGeneric);
}

TEST(JsonParser, KeepsOnlyWhatAProgramReads) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  rules.Add("a.yml",
            "title: t\nlogsource: {product: windows}\ndetection:\n  s:\n    CommandLine: x\n"
            "    u.v.w: y\n  condition: s\n");
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  JsonOptions options;
  options.only_fields_of = built->program.get();
  JsonParser parser(options);
  Event event;
  ASSERT_TRUE(parser
                  .Parse(R"({"Channel":"c","CommandLine":"x","Noise":[1,{"n":2}],"u":{"v":1},
      "UtcTime":"2026-01-01 00:00:00","Threat Name":"t","Other":"o"})",
                         &event)
                  .ok());
  EXPECT_FALSE(event.root().Find("CommandLine").absent());
  EXPECT_FALSE(event.root().Find("Channel").absent());
  EXPECT_FALSE(event.root().Find("u").absent());
  EXPECT_FALSE(event.root().Find("Threat Name").absent());
  EXPECT_NE(event.time(), kNoEventTime);
  EXPECT_TRUE(event.root().Find("Noise").absent());
  EXPECT_TRUE(event.root().Find("Other").absent());
}

}  // namespace
}  // namespace vedette
