// Training sessions hide the answer, and score the same for the same answers.
#include "vedette/hunt/training.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/alert_fixture.h"
#include "vedette/json.h"

namespace vedette::testing {
namespace {

constexpr std::string_view kScenario = R"({
  "format": "vedette-training-1", "id": "s", "title": "S", "actions": ["isolate", "close"],
  "cases": [
    {"id": "a", "title": "A", "briefing": "b", "events": [{"x": 1}],
     "answer": {"verdict": "true_positive", "entities": [{"type": "device", "value": "WS1"},
                {"type": "user", "value": "al"}], "techniques": ["T1059", "T1204.002"],
                "actions": ["isolate"], "explanation": "because", "par": "1m"}},
    {"id": "b", "title": "B", "events": [{"x": 2}], "from": "2026-11-17T09:00:00Z",
     "answer": {"verdict": "benign", "actions": ["close"]}}]})";

std::optional<TrainingScenario> Load(std::string_view text, std::string* problems) {
  DiagnosticSink sink;
  auto scenario = LoadTrainingScenario({"s.json", std::string(text)}, &sink);
  for (const Diagnostic& d : sink.Take()) *problems += d.code + " " + d.message + "\n";
  return scenario;
}

TrainingScenario Good() {
  std::string problems;
  auto scenario = Load(kScenario, &problems);
  EXPECT_TRUE(scenario.has_value()) << problems;
  return scenario.value_or(TrainingScenario());
}

std::vector<Alert> Alerts(int n) {
  static const auto rule = std::make_shared<AlertRule>(AlertRuleOf(*AlertProgram(), 0, false));
  std::vector<Alert> out;
  for (int i = n; i > 0; --i) {
    Alert a;
    a.rule = rule;
    a.id = MakeId("t" + std::to_string(i));
    a.event_time = kAlertEpoch + i * kMinute;
    a.past_verdicts.push_back({Verdict::kTruePositive, a.id, "ann", kAlertEpoch});
    out.push_back(a);
  }
  return out;
}

std::unique_ptr<TrainingSession> NewSession(uint64_t seed) {
  auto session = TrainingSession::Start(Good(), {Alerts(3), Alerts(1)}, "ann", seed);
  EXPECT_TRUE(session.ok());
  return *std::move(session);
}

TrainingAnswer RightAnswer(std::string_view id) {
  TrainingAnswer answer;
  if (id == "a") {
    answer.verdict = Verdict::kTruePositive;
    answer.entities = {{EntityType::kDevice, "ws1 "}, {EntityType::kUser, "AL"}};
    answer.techniques = {"T1059", "T1204.002"};
    answer.actions = {"isolate"};
  } else {
    answer.verdict = Verdict::kBenign;
    answer.actions = {"close"};
  }
  return answer;
}

TEST(TrainingTest, ReadsScenarios) {
  const TrainingScenario s = Good();
  ASSERT_EQ(s.cases.size(), 2U);
  EXPECT_EQ(s.cases[0].events, std::vector<std::string>{R"({"x":1})"});
  EXPECT_EQ(s.cases[0].entities[0].value, "ws1");
  EXPECT_EQ(s.cases[0].par_ns, kMinute);
  EXPECT_NE(s.cases[1].from, kNoEventTime);
}

TEST(TrainingTest, SaysWhatIsWrongWithScenarios) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string text(kScenario);
    text.replace(text.find(from), from.size(), to);
    std::string problems;
    EXPECT_FALSE(Load(text, &problems).has_value()) << text;
    return problems;
  };
  const auto says = [&](std::string_view from, std::string_view to, std::string_view problem) {
    const std::string problems = with(from, to);
    EXPECT_NE(problems.find(problem), std::string::npos) << problems;
  };
  says("{", "", "TRN0001");
  says("vedette-training-1", "2", "TRN0006 the format is not known");
  says("\"id\": \"s\", ", "", "TRN0003 the scenario has no 'id'");
  says("\"id\": \"b\"", "\"id\": \"a\"", "TRN0006 two cases have this id");
  says("true_positive", "maybe", "TRN0006 'maybe' is no verdict");
  says("T1204.002", "T12", "a technique is written as");
  says("[\"isolate\"]", "[\"burn\"]", "no such action");
  says("\"device\"", "\"thing\"", "'thing' is no type");
  says("\"events\": [{\"x\": 1}],", "", "a case has 'events' or an 'events_file'");
  says("{\"x\": 1}", "5", "TRN0004 an event is an object");
  says("2026-11-17T09:00:00Z", "noon", "'noon' is no time");
  says("\"par\"", "\"pra\"", "TRN0005");
}

TEST(TrainingTest, TellsAlertsByTimeAndHidesTheAnswer) {
  const auto session = NewSession(1);
  for (int n = 1; n <= 2; ++n) {
    ASSERT_NE(session->current(), nullptr);
    const std::string id = session->current()->id;
    EXPECT_EQ(session->current()->number, static_cast<size_t>(n));
    EXPECT_EQ(session->ExplanationOf(id), "");
    EventTime last = 0;
    for (size_t i = 0; i < session->current()->alerts; ++i) {
      const auto step = session->Next(n * kHour);
      ASSERT_TRUE(step.ok());
      EXPECT_GT(step->alert->event_time, last);
      EXPECT_TRUE(step->alert->past_verdicts.empty());
      last = step->alert->event_time;
    }
    EXPECT_EQ(session->Next(n * kHour).status().code(), absl::StatusCode::kOutOfRange);
    EXPECT_FALSE(session->Next(0).ok());  // time goes on
    EXPECT_FALSE(session->Answer({}, n * kHour).ok());
    TrainingAnswer bad = RightAnswer(id);
    bad.actions = {"dance"};
    EXPECT_FALSE(session->Answer(bad, n * kHour).ok());
    ASSERT_TRUE(session->Answer(RightAnswer(id), n * kHour + 30 * kSecond).ok());
    EXPECT_EQ(session->ExplanationOf(id), id == "a" ? "because" : "");
  }
  EXPECT_TRUE(session->done());
  EXPECT_FALSE(session->Next(9 * kHour).ok());
  const TrainingReport report = session->Report();
  EXPECT_EQ(report.accuracy_permille, 1000U);
  EXPECT_EQ(report.total_permille, 1000U);
  EXPECT_EQ(report.time_ns, kMinute);
}

TEST(TrainingTest, ScoresWhatIsHalfRight) {
  const auto session = NewSession(1);
  while (!session->done() && session->current()->id != "a") {
    ASSERT_TRUE(session->Answer(RightAnswer("b"), 0).ok());
  }
  ASSERT_TRUE(session->Next(0).ok());
  TrainingAnswer answer;
  answer.verdict = Verdict::kTruePositive;
  answer.entities = {{EntityType::kDevice, "ws1"}, {EntityType::kDevice, "ws2"}};
  answer.techniques = {"T1059"};
  answer.actions = {"isolate", "close"};
  ASSERT_TRUE(session->Answer(answer, 2 * kMinute).ok());
  const CaseScore score = session->Report().cases.back();
  EXPECT_EQ(score.entities.permille(), 500U);    // 1 right of 2 named, 2 expected
  EXPECT_EQ(score.techniques.permille(), 666U);  // 1 right of 1 named, 2 expected
  EXPECT_EQ(score.actions.permille(), 666U);
  EXPECT_EQ(score.reason_permille, 610U);
  EXPECT_EQ(score.time_permille, 500U);  // twice the par
  EXPECT_EQ(score.total_permille, 500U + 183U + 100U);
  EXPECT_EQ(score.alerts_seen, 1U);

  const auto wrong = NewSession(1);
  while (!wrong->done()) {
    TrainingAnswer no;
    no.verdict = Verdict::kFalsePositive;
    ASSERT_TRUE(wrong->Answer(no, 0).ok());
  }
  EXPECT_EQ(wrong->Report().accuracy_permille, 0U);
  for (const CaseScore& c : wrong->Report().cases) EXPECT_LE(c.total_permille, 300U);
}

TEST(TrainingTest, TheSameIsTheSame) {
  std::set<std::string> orders;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    std::vector<std::string> reports;
    for (int run = 0; run < 2; ++run) {
      const auto session = NewSession(seed);
      EventTime now = 0;
      std::string order;
      while (!session->done()) {
        order += session->current()->id;
        ASSERT_TRUE(session->Next(now).ok());
        now += 90 * kSecond;
        ASSERT_TRUE(session->Answer(RightAnswer(session->current()->id), now).ok());
      }
      orders.insert(order);
      reports.push_back(TrainingReportToJson(session->Report()) +
                        TrainingReportToMarkdown(session->Report()));
    }
    EXPECT_EQ(reports[0], reports[1]);
  }
  EXPECT_EQ(orders.size(), 2U);  // both orders of two cases
  JsonParser parser;
  Event event;
  EXPECT_TRUE(parser.Parse(TrainingReportToJson(NewSession(1)->Report()), &event).ok());
  EXPECT_EQ(NewSession(1)->Report().left, 2U);
  EXPECT_FALSE(TrainingSession::Start(Good(), {}, "ann", 1).ok());
}

}  // namespace
}  // namespace vedette::testing
