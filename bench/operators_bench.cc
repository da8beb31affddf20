// What single operators and reads cost, through the public interface: one rule, one event.
#include <string>

#include "benchmark/benchmark.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace {

using namespace vedette;

constexpr char kEvent[] =
    R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"UtcTime":"2026-11-25 10:00:00.1",)"
    R"("Image":"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe","ProcessId":42,)"
    R"("CommandLine":"powershell.exe -NoProfile -WindowStyle Hidden -File C:\\Users\\a\\AppData\\Local\\x.ps1",)"
    R"("ParentImage":"C:\\Windows\\explorer.exe","User":"CORP\\a","IpAddress":"10.1.2.3"})";

std::shared_ptr<const Program> RuleWith(const std::string& item) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  rules.Add("r.yml", "title: r\nlogsource: {product: windows}\ndetection:\n  s:\n    " + item +
                         "\n  condition: s\n");
  auto built = compiler.Compile(rules);
  return built.ok() ? built->program : nullptr;
}

void Run(benchmark::State& state, const std::string& item) {
  const auto program = RuleWith(item);
  Event event;
  if (program == nullptr || program->rule_count() != 1 ||
      !JsonParser().Parse(kEvent, &event).ok()) {
    state.SkipWithError("set-up failed");
    return;
  }
  Evaluator evaluator(program);
  for (auto _ : state) benchmark::DoNotOptimize(evaluator.Evaluate(event.view()).size());
}

BENCHMARK_CAPTURE(Run, absent, std::string("Nowhere: x"));
BENCHMARK_CAPTURE(Run, equal, std::string("Image: 'C:\\Windows\\x.exe'"));
BENCHMARK_CAPTURE(Run, endswith, std::string("Image|endswith: '\\cmd.exe'"));
BENCHMARK_CAPTURE(Run, contains, std::string("CommandLine|contains: ' -enc '"));
BENCHMARK_CAPTURE(Run, windash, std::string("CommandLine|contains|windash: ' -enc '"));
BENCHMARK_CAPTURE(Run, wildcard, std::string("CommandLine: '*hidden*.vbs'"));
BENCHMARK_CAPTURE(Run, regex, std::string("CommandLine|re: 'fo+o?bar'"));
BENCHMARK_CAPTURE(Run, cidr, std::string("IpAddress|cidr: 192.168.0.0/16"));
BENCHMARK_CAPTURE(Run, number, std::string("ProcessId|gt: 100"));
BENCHMARK_CAPTURE(Run, hour, std::string("UtcTime|hour|gte: 22"));

void Parse(benchmark::State& state) {
  JsonParser parser;
  Event event;
  const std::string text = kEvent;
  for (auto _ : state) benchmark::DoNotOptimize(parser.Parse(text, &event).ok());
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(Parse);

}  // namespace
