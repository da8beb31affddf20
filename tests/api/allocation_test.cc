// After warm-up an event that matches nothing allocates nothing: malloc is counted.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"
#include "vedette/indicator_set.h"
#include "vedette/json.h"

namespace {
std::atomic<size_t> allocations{0};
}  // namespace

// Not inlined: the compiler would see malloc and free through new and delete and warn.
[[gnu::noinline]] void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* p = std::malloc(size == 0 ? 1 : size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, size_t) noexcept { std::free(p); }

namespace vedette {
namespace {

constexpr char kRules[] = R"(
title: Windows shell
logsource: {product: windows, category: process_creation}
detection:
  img:
    Image|endswith: ['\cmd.exe', '\powershell.exe']
  cmd:
    CommandLine|contains|windash: ' -enc'
  re:
    CommandLine|re: 'inv[o0]ke.*expression'
  part:
    UtcTime|hour|gte: 25
  net:
    DestinationIp|cidr: 10.0.0.0/8
  condition: (img and cmd) or re or part or net
---
title: Keyword
logsource: {product: windows}
detection:
  words: [mimikatz, sekurlsa]
  condition: words
---
title: Array
logsource: {product: windows}
detection:
  list:
    Answers[any]:
      Name: bad.example
  condition: list
---
title: In ECS vocabulary
logsource: {product: windows}
detection:
  s:
    event.category: process
    event.type: end
    host.os.type: windows
  condition: s
)";

constexpr char kEvent[] =
    R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"UtcTime":"2026-11-25 10:00:00.1",)"
    R"("Image":"C:\\Windows\\System32\\Notepäd.exe","CommandLine":"notepad  a.txt","ProcessId":42,)"
    R"("DestinationIp":"192.0.2.1","Answers":[{"Name":"good.example"},{"Name":"fine.example"}],"D":1.5})";

constexpr char kNamedData[] =
    R"({"Event":{"System":{"Provider":{"@Name":"Microsoft-Windows-Sysmon"},"EventID":{"#text":"1"}},)"
    R"("EventData":{"Data":[{"@Name":"Image","#text":"C:\\a.exe"},{"@Name":"CommandLine","#text":"a"},)"
    R"({"@Name":"CommandLine","#text":"b"}]}}})";

constexpr char kFlatWinlogbeat[] =
    R"({"@timestamp":"2026-11-25T10:00:00Z","winlog.channel":"Microsoft-Windows-Sysmon/Operational",)"
    R"("winlog.event_id":1,"winlog.event_data.Image":"C:\\a.exe"})";

constexpr char kEcs[] =
    R"({"@timestamp":"2026-11-25T10:00:00Z","ecs":{"version":"8"},"host":{"os":{"family":"windows"}},)"
    R"("event":{"category":["host","process"],"type":["info","start"],"action":"exec"},)"
    R"("process":{"executable":"C:\\a.exe"}})";

class Allocation : public ::testing::TestWithParam<const char*> {};

constexpr char kSetRule[] = R"(
rule t {
  match any where Image in set("s") or DestinationIp in set("s") or
      inSet(DestinationIp, "r", "ip", ProcessId, "pid") or event.action in set("no such set")
})";

void FillSets(IndicatorSets* sets) {
  IndicatorSet::Builder plain;
  for (const char* text : {"C:\\b.exe", "10.0.0.0/8", "*.bad.example"}) {
    ASSERT_TRUE(plain.Add(text).ok());
  }
  sets->Set("s", plain.Build());
  IndicatorSet::Builder records;
  for (const auto& [ip, pid] : {std::pair("192.0.2.1", "7"), std::pair("192.0.2.2", "42")}) {
    Indicator indicator;
    indicator.values.push_back({"ip", ip, IndicatorType::kAddress});
    indicator.values.push_back({"pid", pid, IndicatorType::kText});
    ASSERT_TRUE(records.Add(std::move(indicator)).ok());
  }
  sets->Set("r", records.Build());
}

TEST_P(Allocation, NoneForAnEventThatMatchesNothing) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add("a.yml", kRules);
  rules.Add("b.vdt", kSetRule);
  auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  ASSERT_EQ(built->stats.rules_loaded, 5U)
      << (built->diagnostics.empty() ? "" : FormatDiagnostic(built->diagnostics[0]));
  IndicatorSets sets;
  FillSets(&sets);
  Evaluator evaluator(built->program, {.indicator_sets = &sets});
  JsonParser parser;
  Event event;
  const std::string text = GetParam();
  size_t during = 0;
  for (int i = 0; i < 30; ++i) {
    const size_t before = allocations.load();
    event.Clear();
    const bool parsed = parser.Parse(text, &event).ok();
    const size_t matches = evaluator.Evaluate(event.view()).size();
    during = allocations.load() - before;
    ASSERT_TRUE(parsed);
    ASSERT_EQ(matches, 0U);
  }
  EXPECT_EQ(during, 0U);
  EXPECT_EQ(evaluator.stats().events_without_log_source, 0U);
}

INSTANTIATE_TEST_SUITE_P(Forms, Allocation,
                         ::testing::Values(kEvent, kNamedData, kFlatWinlogbeat, kEcs));

}  // namespace
}  // namespace vedette
