// A processor and its correlator as a host uses them, beside what the cases say of detections.
#include "vedette/correlator.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"
#include "vedette/indicator_set.h"
#include "vedette/json.h"

namespace vedette {
namespace {

constexpr EventTime kSecond = 1'000'000'000;

CompileResult Compiled(const std::string& name, const std::string& text,
                       CompilerOptions options = {}) {
  Compiler compiler(options);
  compiler.AddFrontend(SigmaFrontend());
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add(name, text);
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok());
  return *std::move(built);
}

std::shared_ptr<const Program> ProgramOf(const std::string& text) {
  CompileResult result = Compiled("rules.vdt", text);
  for (const Diagnostic& d : result.diagnostics) {
    EXPECT_NE(d.severity, Severity::kError) << FormatDiagnostic(d);
  }
  return result.program;
}

// "rule@seconds", and the outcomes.
class Found : public DetectionSink {
 public:
  absl::Status OnDetection(const Detection& d) override {
    std::string text =
        std::string(d.meta().display_name()) + "@" + std::to_string(d.time / kSecond);
    for (const auto& [name, value] : d.outcomes) text += " " + name + "=" + value;
    texts.push_back(text);
    return absl::OkStatus();
  }
  std::vector<std::string> texts;
};

void Feed(Processor* processor, EventTime seconds, const std::string& json,
          const LogSource* log_source = nullptr) {
  JsonParser parser;
  Event event;
  ASSERT_TRUE(parser.Parse(json, &event).ok());
  EventView view = event.view();
  view.set_time(seconds * kSecond);
  if (log_source != nullptr) view.set_log_source(log_source);
  ASSERT_TRUE(processor->Process(view).ok());
}

using Texts = std::vector<std::string>;

TEST(Correlators, AskIndicatorSetsOverTheFieldsOfAMatch) {
  IndicatorSet::Builder feed;
  ASSERT_TRUE(feed.Add("203.0.113.0/24").ok());
  Indicator gone;
  gone.values = {{"", "198.51.100.7", IndicatorType::kAddress}};
  gone.valid_until = 100 * kSecond;
  ASSERT_TRUE(feed.Add(gone).ok());
  IndicatorSets sets;
  sets.Set("c2", feed.Build());
  Engine engine(ProgramOf(R"(
rule stage { match sequence by h within 1m a: [any where k == "a"] b: [any where k == "b" and inSet(a.ip, "c2")] }
rule close { match sequence by h within 1m a: [any where k == "a"] b: [any where k == "b"] having inSet(a.ip, "c2") }
rule told {
  match window 10s by h s: [any where k == "a"] having count(s) >= 1 rearm immediately
  outcome { bad = inSet(s.ip, "c2") }
}
rule above { match window 10s by bad t: [rule told] having count(t) >= 1 rearm immediately }
rule key { match window 10s by inSet(bad, "c2") t: [rule told] having count(t) >= 1 })"));
  Found found;
  const auto processor = engine.NewProcessor(&found, {.evaluation = {.indicator_sets = &sets}});
  Feed(processor.get(), 0, R"({"k":"a","h":1,"ip":"203.0.113.9"})");
  Feed(processor.get(), 1, R"({"k":"b","h":1})");
  Feed(processor.get(), 90, R"({"k":"a","h":2,"ip":["10.0.0.1","198.51.100.7"]})");
  Feed(processor.get(), 91, R"({"k":"b","h":2})");
  Feed(processor.get(), 200, R"({"k":"a","h":3,"ip":"198.51.100.7"})");
  Feed(processor.get(), 201, R"({"k":"b","h":3})");
  ASSERT_TRUE(processor->Flush().ok());
  std::sort(found.texts.begin(), found.texts.end());
  EXPECT_EQ(found.texts, (Texts{"above@0", "above@200", "above@90", "close@1", "close@91", "key@0",
                                "key@200", "key@90", "stage@1", "stage@91", "told@0 bad=true",
                                "told@200 bad=false", "told@90 bad=false"}));
}

TEST(Correlators, CompareLongValuesWhole) {
  Engine engine(ProgramOf(R"(
rule fresh { match new value of u in s: [any where k == "a"] }
rule descent { match child of [any where k == "a"] [any where k == "b"] link id to pid }
rule join { match sequence a: [any where k == "a"] b: [any where k == "b" and u == a.u] })"));
  Found found;
  const auto processor = engine.NewProcessor(&found);
  const std::string x = std::string(3000, 'x') + "1";
  const std::string y = std::string(3000, 'x') + "2";
  const auto event = [](const std::string& kind, const std::string& u, const std::string& pid) {
    return R"({"k":")" + kind + R"(","u":")" + u + R"(","id":")" + u + R"(","pid":")" + pid + "\"}";
  };
  Feed(processor.get(), 0, event("a", x, ""));
  Feed(processor.get(), 1, event("a", y, ""));
  Feed(processor.get(), 2, event("a", y, ""));
  Feed(processor.get(), 3, event("b", "z", x + "3"));
  Feed(processor.get(), 4, event("b", x, y));
  ASSERT_TRUE(processor->Flush().ok());
  std::sort(found.texts.begin(), found.texts.end());
  EXPECT_EQ(found.texts, (Texts{"descent@4", "fresh@0", "fresh@1", "join@4"}));
}

// How many keys the rule at `index` remembers to suppress is in its bytes.
size_t BytesOf(const Processor& processor) {
  return const_cast<Processor&>(processor).correlator().stats(0).bytes;
}

TEST(Correlators, KeepTheOrderInWhichSuppressionEndsOverARestart) {
  const auto program = ProgramOf(
      "rule t { match window 1s by h s: [any where k == 1] having count(s) >= 1\n"
      "  rearm immediately suppress by h for 1h }");
  Engine engine(program);
  Found found;
  auto plain = engine.NewProcessor(&found);
  auto restarted = engine.NewProcessor(&found);
  // The later a key, the smaller its bytes.
  for (int i = 0; i < 50; ++i) {
    const std::string json = R"({"k":1,"h":)" + std::to_string(1000 - i) + "}";
    Feed(plain.get(), i, json);
    Feed(restarted.get(), i, json);
  }
  const std::string snapshot = restarted->Snapshot();
  restarted = engine.NewProcessor(&found);
  ASSERT_TRUE(restarted->Restore(snapshot).ok());
  EXPECT_EQ(restarted->Snapshot(), snapshot);
  // Each new key forgets two that no longer suppress.
  for (int i = 0; i < 10; ++i) {
    const std::string json = R"({"k":1,"h":)" + std::to_string(2000 + i) + "}";
    Feed(plain.get(), 3700 + i, json);
    Feed(restarted.get(), 3700 + i, json);
    EXPECT_EQ(BytesOf(*restarted), BytesOf(*plain)) << i;
  }
  EXPECT_EQ(restarted->Snapshot(), plain->Snapshot());
}

TEST(Correlators, ThatAreRefusedSilenceNoRule) {
  const auto rule = [](const std::string& name, const std::string& condition) {
    return "title: " + name + "\nname: " + name +
           "\nlogsource: {category: test}\ndetection:\n  s:\n    " + condition +
           "\n  condition: s\n---\n";
  };
  const std::string file =
      rule("small", "k: 1") + rule("large", "k: 1\n    h: 1") +
      "title: both\nname: both\ncorrelation:\n  type: event_count\n  rules: [small, large]\n"
      "  group-by: [h]\n  timespan: 1m\n  condition: {gte: 2}\n";
  CompilerOptions options;
  for (const bool refuse : {false, true}) {
    if (refuse) options.max_predicates_per_rule = 1;
    const CompileResult result = Compiled("rules.yml", file, options);
    EXPECT_EQ(result.program->correlation_count(), refuse ? 0U : 1U);
    Engine engine(result.program);
    Found found;
    const auto processor = engine.NewProcessor(&found);
    const LogSource source{"", "test", ""};
    Feed(processor.get(), 0, R"({"k":1,"h":1})", &source);
    ASSERT_TRUE(processor->Flush().ok());
    EXPECT_EQ(found.texts, refuse ? Texts{"small@0"} : Texts{"both@0"});
  }
}

}  // namespace
}  // namespace vedette
