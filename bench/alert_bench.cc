// What an alert costs: folding, emission, grouping with risk; memory and snapshots of many folds.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "benchmark/benchmark.h"
#include "vedette/alert/triage.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace {

using namespace vedette;

constexpr EventTime kStart = 1'795'600'800 * kNsPerSecond;

class Nothing : public TriageSink {};

std::shared_ptr<const Program> TheProgram() {
  static const auto* const program = [] {
    Compiler compiler;
    compiler.AddFrontend(SigmaFrontend());
    RuleSet rules;
    rules.Add("r.yml",
              "title: T\nid: 3a1f0c9e-0000-4000-8000-000000000001\nlevel: medium\n"
              "tags: [attack.execution]\nlogsource: {product: windows}\n"
              "detection: {s: {EventID: 1}, condition: s}\n");
    return new std::shared_ptr<const Program>(compiler.Compile(rules)->program);
  }();
  return *program;
}

std::string EventText(uint64_t n) {
  return R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"host)" +
         std::to_string(n) + R"(.corp.example","User":"CORP\\user)" + std::to_string(n % 1000) +
         R"(","UtcTime":"2026-11-25 10:00:00.000","ProcessGuid":"{)" + std::to_string(n) +
         R"(-1}","Image":"C:\\Program Files\\App\\app.exe","CommandLine":"app.exe --run",)" +
         R"("ParentImage":"C:\\Windows\\explorer.exe","Hashes":"SHA256=)" +
         std::string(64, static_cast<char>('a' + n % 6)) + R"("})";
}

Detection DetectionAt(EventTime time) {
  Detection d;
  d.program = TheProgram();
  d.time = time;
  d.matched = {{"EventID", "1", "EventID: 1", "s", {}}};
  return d;
}

PipelineOptions Options() {
  PipelineOptions o;
  o.policy.on_close = AlertPolicy::OnClose::kRestart;
  o.policy.samples = 0;
  o.max_state_bytes = size_t{1} << 30;
  return o;
}

// One of `range` open folds takes another alert: fingerprint of device, user and process, look-up,
// counters. With an entity table its criticality is looked up, too.
void Fold(benchmark::State& state) {
  Nothing sink;
  PipelineOptions options = Options();
  if (state.range(1) != 0) {
    options.entities =
        *EntityTable::Build({{{EntityType::kDevice, "dc1"}, "", Criticality::kHigh, {}, ""}});
  }
  auto pipeline = *AlertPipeline::Create(options, &sink);
  const auto folds = static_cast<size_t>(state.range(0));
  JsonParser parser;
  std::vector<Event> events(std::min<size_t>(folds, 4096));
  Detection d = DetectionAt(kStart);
  EventContext context;
  context.now = kStart;
  Event event;
  for (size_t i = 0; i < folds; ++i) {
    Event& e = i < events.size() ? events[i] : event;
    if (!parser.Parse(EventText(i), &e).ok()) return state.SkipWithError("no event");
    const EventView view = e.view();
    context.event = &view;
    pipeline->SetEvent(context);
    if (!pipeline->OnDetection(d).ok()) return state.SkipWithError("no alert");
  }
  size_t n = 0;
  for (auto _ : state) {
    const EventView view = events[n].view();
    n = (n + 1) % events.size();
    context.event = &view;
    pipeline->SetEvent(context);
    benchmark::DoNotOptimize(pipeline->OnDetection(d));
  }
  const PipelineStats s = pipeline->stats();
  if (s.folded != static_cast<uint64_t>(state.iterations())) state.SkipWithError("not folded");
  state.counters["bytes/fold"] = static_cast<double>(s.bytes) / static_cast<double>(folds);
}
BENCHMARK(Fold)->Args({1'000, 0})->Args({1'000, 1})->Args({100'000, 0})->Args({1'000'000, 0});

std::vector<Alert> ManyAlerts(size_t count) {
  class Taker : public AlertSink {
   public:
    absl::Status OnAlert(const Alert& a) override {
      alerts.push_back(a);
      return absl::OkStatus();
    }
    std::vector<Alert> alerts;
  } taker;
  auto pipeline = *AlertPipeline::Create(Options(), &taker);
  JsonParser parser;
  Event event;
  for (size_t i = 0; i < count; ++i) {
    if (!parser.Parse(EventText(i), &event).ok()) break;
    const EventView view = event.view();
    EventContext context;
    context.event = &view;
    context.now = kStart + static_cast<EventTime>(i) * 100'000'000;
    pipeline->SetEvent(context);
    if (!pipeline->OnDetection(DetectionAt(context.now)).ok()) break;
  }
  return std::move(taker.alerts);
}

// An alert that does not fold: built whole from its event.
void Emit(benchmark::State& state) {
  Nothing sink;
  PipelineOptions options = Options();
  options.policy.window_ns = 1;
  auto pipeline = *AlertPipeline::Create(options, &sink);
  JsonParser parser;
  Event event;
  if (!parser.Parse(EventText(1), &event).ok()) return state.SkipWithError("no event");
  const EventView view = event.view();
  Detection d = DetectionAt(kStart);
  for (auto _ : state) {
    d.time += 10;
    EventContext context;
    context.event = &view;
    context.now = d.time;
    pipeline->SetEvent(context);
    benchmark::DoNotOptimize(pipeline->OnDetection(d));
  }
  if (pipeline->stats().folded != 0) state.SkipWithError("folded");
}
BENCHMARK(Emit);

// Alerts of hosts that come again (range: how many hosts) into incidents and risk.
void GroupAndRisk(benchmark::State& state) {
  const auto hosts = static_cast<size_t>(state.range(0));
  std::vector<Alert> alerts = ManyAlerts(hosts);
  Nothing sink;
  IncidentOptions options;
  options.max_state_bytes = size_t{4} << 30;
  std::unique_ptr<IncidentBook> book;
  std::unique_ptr<RiskBook> risk;
  size_t n = 0;
  uint64_t salt = 0;
  EventTime time = kStart;
  for (auto _ : state) {
    // A book of its own for every 100,000 alerts, so that its size does not grow with the run.
    if (n % 100'000 == 0) {
      state.PauseTiming();
      book = *IncidentBook::Create(options, &sink);
      risk = *RiskBook::Create({});
      state.ResumeTiming();
    }
    Alert& a = alerts[n++ % hosts];
    a.id.low = ++salt;
    a.alert_time = a.event_time = a.last_event_time = time += 100'000'000;
    benchmark::DoNotOptimize(book->Add(a));
    benchmark::DoNotOptimize(risk->Add(a));
  }
  state.counters["incidents"] = static_cast<double>(book->stats().incidents);
}
BENCHMARK(GroupAndRisk)->Arg(100)->Arg(10'000);

void SnapshotOfFolds(benchmark::State& state) {
  Nothing sink;
  auto pipeline = *AlertPipeline::Create(Options(), &sink);
  JsonParser parser;
  Event event;
  for (int64_t i = 0; i < state.range(0); ++i) {
    if (!parser.Parse(EventText(static_cast<uint64_t>(i)), &event).ok()) break;
    const EventView view = event.view();
    EventContext context;
    context.event = &view;
    context.now = kStart;
    pipeline->SetEvent(context);
    if (!pipeline->OnDetection(DetectionAt(kStart)).ok()) break;
  }
  size_t bytes = 0;
  for (auto _ : state) bytes = pipeline->Snapshot().size();
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(SnapshotOfFolds)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
