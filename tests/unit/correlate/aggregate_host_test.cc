// Aggregates of the host: what they are given, what is taken of them, and states that lie.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/correlate/aggregate.h"
#include "tests/support/correlation_engine.h"
#include "tests/support/correlation_fixture.h"
#include "tests/support/host_aggregates.h"
#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/vedette.h"
#include "vedette/json.h"

namespace vedette {
namespace {

// What all states of a test were told.
struct HostLog {
  std::vector<std::string> calls;
  size_t states = 0;
  bool removes = true;
  Value result = Value::Null();
  size_t bytes = 100;
};

class LoggedState : public AggregateState {
 public:
  explicit LoggedState(HostLog* log) : log_(log) { ++log->states; }
  void Add(std::span<const Value> values) override { Log("+", values); }
  bool Remove(std::span<const Value> values) override {
    Log("-", values);
    return log_->removes;
  }
  Value Result(ValueArena* /*arena*/) const override { return log_->result; }
  size_t bytes() const override { return log_->bytes; }

 private:
  void Log(std::string text, std::span<const Value> values) {
    for (const Value& v : values) text += v.ToJson() + " ";
    log_->calls.push_back(text.substr(0, text.size() - 1));
  }
  HostLog* log_;
};

// A set with one aggregate `seen(a.f, ..)` and the records that it is given.
class HostSet {
 public:
  HostSet(std::vector<ValueType> arguments, ValueType result, HostLog* log) {
    CorrelationBuilder b(ProgramCorrelation::Shape::kWindow);
    std::vector<std::string> names;
    std::vector<uint32_t> columns;
    for (size_t i = 0; i < arguments.size(); ++i) {
      names.push_back("f" + std::to_string(i));
      columns.push_back(static_cast<uint32_t>(i));
    }
    b.Aggregate(Function::kHostAggregate, b.Source("a", names), columns);
    b.spec().aggregates[0].host = std::make_shared<const HostAggregate>(HostAggregate{
        "seen", std::move(arguments), result, [log]() -> std::unique_ptr<AggregateState> {
          if (log == nullptr) return nullptr;
          return std::make_unique<LoggedState>(log);
        }});
    spec_ = std::move(b.spec());
    plan_ = std::make_unique<AggregatePlan>(spec_);
    set_ = std::make_unique<AggregateSet>(plan_.get());
  }

  void Add(const std::vector<Value>& values) {
    MatchRecord r;
    r.values = values;
    records_.push_back(pool_.Make(r, 0, SIZE_MAX));
    set_->Add(records_.back());
  }
  void RemoveOldest() { set_->RemoveOldest(*records_[removed_++]); }
  std::string Result() {
    ValueArena arena;
    return set_->Result(0, &arena).ToJson();
  }
  AggregateSet& set() { return *set_; }

 private:
  ProgramCorrelation spec_;
  std::unique_ptr<AggregatePlan> plan_;
  std::unique_ptr<AggregateSet> set_;
  RecordPool pool_{1};
  std::vector<RecordPtr> records_;
  size_t removed_ = 0;
};

Value ListOf(ValueArena* arena, const std::vector<Value>& items) {
  const std::span<Value> list = arena->NewValues(items.size());
  std::copy(items.begin(), items.end(), list.begin());
  return Value::List(list);
}

using Calls = std::vector<std::string>;

TEST(HostAggregate, IsGivenValuesOfItsTypes) {
  HostLog log;
  HostSet set({ValueType::kNumber}, ValueType::kAny, &log);
  EXPECT_EQ(set.Result(), "null");  // from here on there is a state
  for (const Value& v : {Value::Int(1), Value::String("2.5"), Value::String("x"), Value::Null(),
                         Value::Bool(true), Value::Double(std::nan("")), Value::Uint(7)}) {
    set.Add({v});
  }
  EXPECT_EQ(log.calls, (Calls{"+1", "+2.5", "+7"}));

  HostLog texts;
  HostSet text_set({ValueType::kString}, ValueType::kAny, &texts);
  text_set.Result();
  for (const Value& v : {Value::Int(1), Value::String("x"), Value::Bool(true), Value::Null()}) {
    text_set.Add({v});
  }
  EXPECT_EQ(texts.calls, (Calls{"+\"1\"", "+\"x\"", "+\"true\""}));

  HostLog booleans;
  HostSet boolean_set({ValueType::kBoolean}, ValueType::kAny, &booleans);
  boolean_set.Result();
  for (const Value& v : {Value::Int(1), Value::String("true"), Value::String("x"),
                         Value::String("false"), Value::Bool(false)}) {
    boolean_set.Add({v});
  }
  EXPECT_EQ(booleans.calls, (Calls{"+true", "+false", "+false"}));
}

TEST(HostAggregate, IsGivenEachCombinationTheLastFastest) {
  HostLog log;
  HostSet set({ValueType::kAny, ValueType::kNumber}, ValueType::kAny, &log);
  set.Result();
  ValueArena arena;
  set.Add({ListOf(&arena, {Value::Int(1), Value::Null(), Value::Int(2)}),
           ListOf(&arena, {Value::Int(3), Value::String("x"), Value::Int(4)})});
  set.Add({Value::Int(5), Value::String("x")});  // no number, no combination
  EXPECT_EQ(log.calls, (Calls{"+1 3", "+1 4", "+2 3", "+2 4"}));
  log.calls.clear();
  set.RemoveOldest();
  set.RemoveOldest();
  EXPECT_EQ(log.calls, (Calls{"-1 3", "-1 4", "-2 3", "-2 4"}));
  // So many combinations of one record, and no more.
  std::vector<Value> many(100, Value::Int(1));
  log.calls.clear();
  set.Add({ListOf(&arena, many), ListOf(&arena, many)});
  set.Result();
  EXPECT_EQ(log.calls.size(), 4096U);
}

TEST(HostAggregate, AStateThatCannotRemoveIsMadeAnew) {
  HostLog log;
  log.removes = false;
  HostSet set({ValueType::kAny}, ValueType::kAny, &log);
  for (int i = 0; i < 3; ++i) set.Add({Value::Int(i)});
  EXPECT_EQ(log.states, 0U) << "no state before there is a question";
  set.Result();
  EXPECT_EQ(log.calls, (Calls{"+0", "+1", "+2"}));
  log.calls.clear();
  set.RemoveOldest();
  set.Add({Value::Int(3)});
  EXPECT_EQ(log.calls, (Calls{"-0"}));
  EXPECT_EQ(log.states, 1U);
  log.calls.clear();
  set.Result();
  set.Result();
  EXPECT_EQ(log.states, 2U);
  EXPECT_EQ(log.calls, (Calls{"+1", "+2", "+3"}));
  set.set().Clear();
  log.calls.clear();
  set.Add({Value::Int(9)});
  set.Result();
  EXPECT_EQ(log.calls, (Calls{"+9"}));
}

TEST(HostAggregate, OnlyAResultOfItsTypeIsTaken) {
  ValueArena arena;
  const auto taken = [](ValueType type, const Value& result) {
    HostLog log;
    log.result = result;
    HostSet set({ValueType::kAny}, type, &log);
    set.Add({Value::Int(1)});
    return set.Result();
  };
  EXPECT_EQ(taken(ValueType::kNumber, Value::Int(3)), "3");
  EXPECT_EQ(taken(ValueType::kNumber, Value::String("3")), "null");
  EXPECT_EQ(taken(ValueType::kNumber, Value::Double(std::numeric_limits<double>::infinity())),
            "null");
  EXPECT_EQ(taken(ValueType::kString, Value::String("x")), "\"x\"");
  EXPECT_EQ(taken(ValueType::kString, Value::Int(3)), "null");
  EXPECT_EQ(taken(ValueType::kBoolean, Value::Bool(true)), "true");
  EXPECT_EQ(taken(ValueType::kBoolean, Value::Int(1)), "null");
  EXPECT_EQ(taken(ValueType::kAny, ListOf(&arena, {Value::Int(1)})), "null");
  HostSet none({ValueType::kAny}, ValueType::kAny, nullptr);  // it makes no state
  none.Add({Value::Int(1)});
  EXPECT_EQ(none.Result(), "null");
  none.RemoveOldest();
}

// What is charged must not move between changes, whatever the state says.
TEST(HostAggregate, ItsBytesCountWhenItChanges) {
  HostLog log;
  HostSet set({ValueType::kAny}, ValueType::kAny, &log);
  set.Add({Value::Int(1)});
  const size_t without = set.set().bytes();
  set.Result();
  EXPECT_EQ(set.set().bytes(), without);
  set.Add({Value::Int(2)});
  const size_t with = set.set().bytes();
  EXPECT_GE(with, without + 100);
  log.bytes = SIZE_MAX;
  EXPECT_EQ(set.set().bytes(), with);
  set.Add({Value::Int(3)});
  EXPECT_GT(set.set().bytes(), size_t{1} << 39);
  EXPECT_LT(set.set().bytes(), size_t{1} << 41);
}

TEST(HostAggregate, NamesAreThoseOfFunctions) {
  FunctionRegistry functions;
  const auto add = [&functions](const char* name, size_t arguments, bool body = true) {
    HostAggregate a;
    a.name = name;
    a.arguments.resize(arguments);
    static HostLog log;
    if (body) a.make = [] { return std::make_unique<LoggedState>(&log); };
    return functions.AddAggregate(std::move(a)).code();
  };
  using Code = absl::StatusCode;
  EXPECT_EQ(add("mine", 1), Code::kOk);
  EXPECT_EQ(add("MINE", 1), Code::kAlreadyExists);
  EXPECT_EQ(add("sum", 1), Code::kAlreadyExists);
  EXPECT_EQ(add("lower", 1), Code::kAlreadyExists);
  EXPECT_EQ(add("base64", 1), Code::kAlreadyExists);
  EXPECT_EQ(add("a b", 1), Code::kInvalidArgument);
  EXPECT_EQ(add("other", 0), Code::kInvalidArgument);
  EXPECT_EQ(add("other", 1, false), Code::kInvalidArgument);
  HostFunction same;
  same.name = "mine";
  same.call = [](std::span<const Value>, ValueArena*) { return Value::Null(); };
  EXPECT_EQ(functions.Add(same).code(), Code::kAlreadyExists);
  same.name = "wide";
  EXPECT_EQ(functions.Add(same).code(), Code::kAlreadyExists);
  EXPECT_EQ(functions.aggregates().size(), 1U);
  EXPECT_NE(functions.FindAggregate("Mine"), nullptr);
  EXPECT_EQ(functions.FindAggregate("other"), nullptr);
}

constexpr char kHostRules[] = R"(
rule windowed {
  match window 10s by h s: [any where true]
  having entropy(s.u) > 0.9 and changes(s.u) >= 1
  outcome { e = entropy(s.u) c = changes(s.u) p = peak(s.n) t = trail(s.u, s.n) }
  rearm immediately
}
rule staged {
  match sequence by h within 20s a: [any where n < 5] count >= 3 b: [any where n >= 5]
  outcome { e = entropy(a.u) t = trail(a.u, a.n) }
}
)";

std::shared_ptr<const Program> HostProgram(const char* rules, const FunctionRegistry* functions,
                                           std::string* problems) {
  RuleSet set;
  set.Add("a.vdt", rules);
  CompilerOptions options;
  options.functions = functions;
  Compiler compiler(options);
  compiler.AddFrontend(VedetteFrontend({.functions = &testing::TestFunctions()}));
  const auto built = compiler.Compile(set);
  for (const Diagnostic& d : built->diagnostics) *problems += FormatDiagnostic(d);
  return built->program;
}

std::vector<reference::CorrelationEvent> HostEvents() {
  std::vector<reference::CorrelationEvent> events;
  for (int i = 0; i < 60; ++i) {
    reference::CorrelationEvent& event = events.emplace_back();
    event.time = int64_t{i} * 1'500'000'000;
    event.json = R"({"h":"x","u":")" + std::string(1, static_cast<char>('a' + i * i % 5)) +
                 R"(","n":)" + std::to_string(i * 7 % 9) + "}";
  }
  return events;
}

TEST(HostAggregate, SnapshotsAtEveryEventChangeNothing) {
  std::string problems;
  const auto program = HostProgram(kHostRules, &testing::TestFunctions(), &problems);
  ASSERT_EQ(problems, "");
  const auto lines = [&program](bool restart) {
    testing::EngineRun run;
    run.restart = restart;
    const auto found = testing::RunEngine(program, HostEvents(), run);
    std::string out;
    if (!found.ok()) return std::string(found.status().message());
    for (const reference::CorrelationDetection& d : *found) out += d.Line() + "\n";
    return out;
  };
  const std::string straight = lines(false);
  EXPECT_EQ(lines(true), straight);
  EXPECT_NE(straight.find("windowed"), std::string::npos) << straight;
  EXPECT_NE(straight.find("staged"), std::string::npos) << straight;
}

TEST(HostAggregate, PrintedRulesMeanTheSame) {
  std::string problems;
  const auto program = HostProgram(kHostRules, &testing::TestFunctions(), &problems);
  RuleSet set;
  set.Add("a.vdt", kHostRules);
  CompilerOptions options;
  options.functions = &testing::TestFunctions();
  Compiler compiler(options);
  compiler.AddFrontend(VedetteFrontend({.functions = options.functions}));
  const auto converted = compiler.Convert(set);
  ASSERT_TRUE(converted.ok()) << converted.status();
  std::string text;
  for (const ConvertedRule& rule : converted->rules) text += rule.text + "\n";
  EXPECT_NE(text.find("trail(a.u, a.n)"), std::string::npos) << text;
  const auto again = HostProgram(text.c_str(), options.functions, &problems);
  EXPECT_EQ(problems, "");
  ASSERT_EQ(program->correlation_count(), 2U);
  ASSERT_EQ(again->correlation_count(), 2U);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(again->correlation_fingerprint(i), program->correlation_fingerprint(i)) << text;
  }
}

TEST(HostAggregate, ACompilerWithoutItRefusesTheRule) {
  std::string problems;
  const auto program = HostProgram(kHostRules, nullptr, &problems);
  EXPECT_EQ(program->correlation_count(), 0U);
  EXPECT_NE(problems.find("the host has no aggregate 'entropy' of 1 arguments"), std::string::npos)
      << problems;
}

class HostSink : public DetectionSink {
 public:
  absl::Status OnDetection(const Detection& /*detection*/) override {
    ++count;
    return absl::OkStatus();
  }
  size_t count = 0;
};

// A state that says it is ever larger costs its own rule its keys, and nobody else.
TEST(HostAggregate, AGreedyOneIsEvicted) {
  static HostLog log;
  log.bytes = size_t{1} << 30;
  log.result = Value::Int(1);
  FunctionRegistry functions;
  HostAggregate greedy;
  greedy.name = "greedy";
  greedy.arguments = {ValueType::kAny};
  greedy.result = ValueType::kNumber;
  greedy.make = [] { return std::make_unique<LoggedState>(&log); };
  greedy.rising = true;
  ASSERT_TRUE(functions.AddAggregate(std::move(greedy)).ok());
  RuleSet set;
  set.Add("a.vdt",
          "rule g { match window 1h by h s: [any where true] having greedy(s.n) > 2 }\n"
          "rule c { match window 1h by h s: [any where true] having count(s) >= 20 }\n");
  CompilerOptions options;
  options.functions = &functions;
  Compiler compiler(options);
  compiler.AddFrontend(VedetteFrontend({.functions = &functions}));
  const auto built = compiler.Compile(set);
  for (const Diagnostic& d : built->diagnostics) ADD_FAILURE() << FormatDiagnostic(d);
  Engine engine(built->program);
  HostSink sink;
  ProcessorOptions limits;
  limits.correlation.max_state_bytes = size_t{4} << 20;
  const auto processor = engine.NewProcessor(&sink, limits);
  JsonParser parser;
  Event event;
  for (int i = 0; i < 60; ++i) {
    const std::string json =
        R"({"h":")" + std::to_string(i % 3) + R"(","n":)" + std::to_string(i) + "}";
    ASSERT_TRUE(parser.Parse(json, &event).ok());
    EventView view = event.view();
    view.set_time(int64_t{i} * 1'000'000'000);
    log.bytes += i % 2 == 0 ? 1000 : 0;
    if (i % 7 == 0) log.bytes = 50;
    if (i % 7 == 1) log.bytes = SIZE_MAX;
    ASSERT_TRUE(processor->Process(view).ok());
  }
  ASSERT_TRUE(processor->Flush().ok());
  EXPECT_EQ(sink.count, 3U);
}

}  // namespace
}  // namespace vedette
