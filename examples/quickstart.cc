// Rules from a string, one JSON event, detections on standard output.
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
  rules.Add("shell.yml",
            "title: Shell from Office\nlevel: high\n"
            "logsource: {product: windows, category: process_creation}\n"
            "detection:\n  s:\n    Image|endswith: '\\cmd.exe'\n"
            "    ParentImage|endswith: '\\winword.exe'\n  condition: s\n");
  const auto built = compiler.Compile(rules);
  if (!built.ok()) return 1;
  for (const vedette::Diagnostic& d : built->diagnostics) {
    std::fputs(vedette::FormatDiagnostic(d).c_str(), stderr);
  }
  Printer sink;
  vedette::Engine engine(built->program);
  auto processor = engine.NewProcessor(&sink);  // one per thread
  vedette::JsonParser parser;
  vedette::Event event;
  const char* json = R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,)"
                     R"("UtcTime":"2026-11-25 10:00:00.000","Image":"C:\\Windows\\cmd.exe",)"
                     R"("ParentImage":"C:\\Office\\WINWORD.EXE"})";
  if (!parser.Parse(json, &event).ok() || !processor->Process(event.view()).ok()) return 1;
  return sink.count == 1 ? 0 : 1;
}
