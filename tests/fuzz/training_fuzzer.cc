// Hostile scenarios and answers: the first line is what the trainee says, the rest the scenario.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/hunt/training.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vedette;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::string said(bytes.substr(0, end));
  DiagnosticSink sink;
  auto scenario = LoadTrainingScenario({"s.json", std::string(bytes.substr(end))}, &sink);
  if (!scenario.has_value()) {
    if (sink.Take().empty()) __builtin_trap();  // refused without a word
    return 0;
  }
  const size_t cases = scenario->cases.size();
  auto session = TrainingSession::Start(*std::move(scenario),
                                        std::vector<std::vector<Alert>>(cases), said, size);
  if (!session.ok()) __builtin_trap();
  EventTime now = 0;
  while (!(*session)->done()) {
    (*session)->Next(now).IgnoreError();
    TrainingAnswer answer;
    answer.verdict = Verdict::kBenign;
    answer.entities = {{EntityType::kUser, said}};
    answer.techniques = {said};
    answer.actions = (*session)->actions();
    answer.reason = said;
    now += 1'000'000'000;
    if (!(*session)->Answer(answer, now).ok()) __builtin_trap();
  }
  const TrainingReport report = (*session)->Report();
  if (report.cases.size() != cases || report.total_permille > 1000) __builtin_trap();
  if (TrainingReportToJson(report).empty() || TrainingReportToMarkdown(report).empty()) {
    __builtin_trap();
  }
  return 0;
}
