// An agent with a struct of its own: matched in place, without JSON and without copies.
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "vedette/adapter.h"
#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/sigma.h"

// What this host's sensor delivers.
struct ProcessStart {
  std::string path;
  std::string command_line;
  std::string parent_path;
  uint32_t pid = 0;
  std::optional<std::string> user;  // not always known
  std::vector<std::string> addresses;
};

struct Counter : vedette::DetectionSink {
  absl::Status OnDetection(const vedette::Detection& d) override {
    std::printf("%s\n", d.meta().title.c_str());
    for (const vedette::MatchedField& m : d.matched) {
      std::printf("  %s = %s (%s)\n", m.field.c_str(), m.value.c_str(), m.test.c_str());
    }
    ++count;
    return absl::OkStatus();
  }
  int count = 0;
};

constexpr char kRules[] = R"(
title: Script host with a hidden window
logsource: {category: process_creation}
detection:
  image:
    Image|endswith: '\powershell.exe'
  hidden:
    CommandLine|contains|windash: ' -w hidden'
  known:
    User: deploy
  condition: image and hidden and not known
---
title: Process of a host in the server network
logsource: {category: process_creation}
detection:
  net:
    addresses|cidr: 10.20.0.0/16
  condition: net
)";

int main() {
  // Field names may be of any vocabulary; rules find them by each of the others.
  vedette::StructAdapter<ProcessStart> adapter;
  adapter.Field("Image", &ProcessStart::path)
      .Field("CommandLine", &ProcessStart::command_line)
      .Field("ParentImage", &ProcessStart::parent_path)
      .Field("ProcessId", &ProcessStart::pid)
      .Field("User", &ProcessStart::user)
      .Field("addresses", &ProcessStart::addresses);

  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::SigmaFrontend());
  vedette::RuleSet rules;
  rules.Add("rules.yml", kRules);
  const auto built = compiler.Compile(rules);
  if (!built.ok() || built->program->rule_count() != 2) return 1;
  Counter sink;
  vedette::Engine engine(built->program);
  auto processor = engine.NewProcessor(&sink);

  // The host knows what kind of event it has: nothing needs to be derived.
  const vedette::LogSource source{"windows", "process_creation", ""};
  const ProcessStart events[] = {
      {"C:\\W\\powershell.exe", "powershell /W hidden -f a.ps1", "C:\\W\\explorer.exe", 4, {}, {}},
      {"C:\\W\\powershell.exe", "powershell -w hidden", "C:\\W\\x.exe", 5, "deploy", {"10.20.1.1"}},
      {"C:\\W\\notepad.exe", "notepad", "C:\\W\\explorer.exe", 6, "ann", {"192.0.2.1"}},
  };
  vedette::EventTime time = 1764066030000000000;
  for (const ProcessStart& event : events) {
    vedette::EventView view = adapter.View(event);
    view.set_log_source(&source);
    if (!processor->Process(view, time).ok()) return 1;
    time += 1000000000;
  }
  return sink.count == 2 ? 0 : 1;
}
