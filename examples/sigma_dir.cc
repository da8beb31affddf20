// A folder of Sigma rules over a file of events: sigma_dir [RULES_FOLDER EVENTS_FILE]. Reading the
// rule files is the host's job; the library opens none of its own accord.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/sigma.h"
#include "vedette/io/jsonl.h"

struct CountByTitle : vedette::DetectionSink {
  absl::Status OnDetection(const vedette::Detection& d) override {
    ++counts[d.meta().title];
    return absl::OkStatus();
  }
  std::map<std::string, int> counts;
};

int main(int argc, char** argv) {
  const std::string folder = argc > 2 ? argv[1] : "rules";
  const std::string file = argc > 2 ? argv[2] : "examples/data/attack.ndjson.gz";
  vedette::RuleSet rules;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yml") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    rules.Add(entry.path().string(), text.str());
  }
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::SigmaFrontend());
  const auto built = compiler.Compile(rules);
  if (!built.ok()) return 1;
  for (const vedette::Diagnostic& d : built->diagnostics) {
    std::fputs(vedette::FormatDiagnostic(d).c_str(), stderr);
  }

  CountByTitle sink;
  vedette::Engine engine(built->program);
  auto processor = engine.NewProcessor(&sink);
  auto reader = vedette::OpenJsonlFile(file);
  if (!reader.ok()) {
    std::fprintf(stderr, "%s\n", std::string(reader.status().message()).c_str());
    return 1;
  }
  vedette::Event event;
  while (true) {
    const auto more = (*reader)->Next(&event);
    if (!more.ok()) return 1;
    if (!*more) break;
    if (!processor->Process(event.view()).ok()) return 1;
  }
  for (const auto& [title, count] : sink.counts) std::printf("%5d %s\n", count, title.c_str());
  std::printf("%zu rules, %llu events, %llu detections\n", built->stats.rules_loaded,
              static_cast<unsigned long long>((*reader)->stats().events),
              static_cast<unsigned long long>(processor->stats().detections));
  return sink.counts.empty() ? 1 : 0;
}
