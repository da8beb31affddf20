// The pipeline as a host uses it: sinks, hot swap, threads, host structs.
#include "vedette/engine.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "vedette/adapter.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette {
namespace {

std::shared_ptr<const Program> ProgramOf(const std::string& yaml) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  rules.Add("rules.yml", yaml);
  auto built = compiler.Compile(rules);
  EXPECT_TRUE(built.ok());
  for (const Diagnostic& d : built->diagnostics) {
    EXPECT_NE(d.severity, Severity::kError) << FormatDiagnostic(d);
  }
  return built->program;
}

std::string RuleText(const std::string& title, const std::string& field, const std::string& value) {
  return "title: " + title + "\nlogsource: {category: test}\ndetection:\n  s:\n    " + field +
         ": '" + value + "'\n  condition: s\n";
}

class Titles final : public DetectionSink {
 public:
  absl::Status OnDetection(const Detection& d) override {
    titles.push_back(d.meta().title);
    last = d;
    return fail ? absl::CancelledError("enough") : absl::OkStatus();
  }
  std::vector<std::string> titles;
  Detection last;
  bool fail = false;
};

const LogSource kTest{"", "test", ""};

struct HostEvent {
  std::string command;
  int pid = 0;
  std::optional<std::string> user;
  std::vector<std::string> addresses;
  const std::string& Command() const { return command; }
};

TEST(Engine, HostStructsAreMatchedInPlace) {
  StructAdapter<HostEvent> adapter;
  adapter.Field("process.cmd_line", &HostEvent::Command)
      .Field("process.pid", &HostEvent::pid)
      .Field("user", &HostEvent::user)
      .Field("addresses", &HostEvent::addresses);
  // The rules speak Sigma and ECS; the struct is bound by OCSF names.
  Engine engine(ProgramOf(RuleText("sigma", "CommandLine", "whoami*") + "---\n" +
                          RuleText("ecs", "process.command_line", "*/all") + "---\n" +
                          RuleText("list", "addresses|cidr", "10.0.0.0/8") + "---\n" +
                          RuleText("number", "process.pid", "42") + "---\n" +
                          RuleText("absent", "user|contains", "x")));
  Titles sink;
  auto processor = engine.NewProcessor(&sink);
  const HostEvent event{"whoami /all", 42, std::nullopt, {"192.0.2.1", "10.1.1.1"}};
  EventView view = adapter.View(event);
  view.set_log_source(&kTest);
  ASSERT_TRUE(processor->Process(view, 1000).ok());
  EXPECT_EQ(sink.titles, (std::vector<std::string>{"sigma", "ecs", "list", "number"}));
  EXPECT_EQ(sink.last.time, 1000);
  EXPECT_EQ(sink.last.log_source.category, "test");
}

TEST(Engine, SinkErrorsStopProcess) {
  Engine engine(ProgramOf(RuleText("a", "f", "1") + "---\n" + RuleText("b", "f", "1")));
  Titles sink;
  sink.fail = true;
  auto processor = engine.NewProcessor(&sink);
  Event event;
  ASSERT_TRUE(JsonParser().Parse(R"({"f":"1"})", &event).ok());
  event.set_log_source(kTest);
  EXPECT_EQ(processor->Process(event.view()).message(), "enough");
  EXPECT_EQ(sink.titles.size(), 1U);
}

TEST(Engine, SwapsBetweenEventsAndLosesNone) {
  const auto one = ProgramOf(RuleText("one", "f", "1"));
  const auto two = ProgramOf(RuleText("two", "f", "1"));
  Engine engine(one);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  std::atomic<size_t> wrong{0};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&engine, &wrong] {
      Titles sink;
      auto processor = engine.NewProcessor(&sink);
      Event event;
      const bool parsed = JsonParser().Parse(R"({"f":"1"})", &event).ok();
      event.set_log_source(kTest);
      for (size_t i = 1; parsed && i <= 2000; ++i) {
        // Exactly one of the programs sees each event.
        if (!processor->Process(event.view()).ok() || sink.titles.size() != i) ++wrong;
      }
      if (processor->stats().evaluation.events != 2000) ++wrong;
    });
  }
  std::thread swapper([&] {
    while (!stop.load()) {
      engine.SetProgram(two);
      engine.SetProgram(one);
      std::this_thread::yield();
    }
  });
  for (std::thread& t : threads) t.join();
  stop = true;
  swapper.join();
  EXPECT_EQ(wrong.load(), 0U);
}

TEST(Engine, OneProgramServesManyEvaluators) {
  const auto program =
      ProgramOf(RuleText("re", "f|re", "a+b") + "---\n" + RuleText("t", "f", "*ab*"));
  std::vector<std::thread> threads;
  std::atomic<size_t> matches{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Evaluator evaluator(program);
      Event event;
      if (!JsonParser().Parse(R"({"f":"xxaab"})", &event).ok()) return;
      event.set_log_source(kTest);
      for (int i = 0; i < 500; ++i) matches += evaluator.Evaluate(event.view()).size();
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(matches.load(), 4U * 500 * 2);
}

}  // namespace
}  // namespace vedette
