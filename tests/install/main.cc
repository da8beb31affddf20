// A host that was built against the installed package.
#include <cstdio>

#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

struct Printer : vedette::DetectionSink {
  absl::Status OnDetection(const vedette::Detection& d) override {
    std::puts(vedette::DetectionToJson(d).c_str());
    ++count;
    return absl::OkStatus();
  }
  int count = 0;
};

int main() {
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::SigmaFrontend());
  vedette::RuleSet rules;
  rules.Add("a.yml",
            "title: Shell\nlevel: low\nlogsource: {product: windows, category: process_creation}\n"
            "detection:\n  s:\n    Image|endswith: '\\cmd.exe'\n  condition: s\n");
  auto built = compiler.Compile(rules);
  if (!built.ok() || built->stats.rules_loaded != 1) return 1;
  Printer sink;
  vedette::Engine engine(built->program);
  auto processor = engine.NewProcessor(&sink);
  vedette::JsonParser parser;
  vedette::Event event;
  const char* json =
      R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\Windows\\System32\\cmd.exe"})";
  if (!parser.Parse(json, &event).ok() || !processor->Process(event.view()).ok()) return 1;
  return sink.count == 1 ? 0 : 1;
}
