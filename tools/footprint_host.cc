// The host that tools/footprint.py measures: prints its own resident set, in bytes.
//   footprint_host compile FILE_WITH_NAMES_OF_RULE_FILES OUTPUT.vpk
//   footprint_host load PROGRAM.vpk
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"
#include "vedette/saved_program.h"

struct Counter : vedette::DetectionSink {
  absl::Status OnDetection(const vedette::Detection&) override {
    ++count;
    return absl::OkStatus();
  }
  size_t count = 0;
};

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

size_t Resident() {
  std::ifstream statm("/proc/self/statm");
  size_t all = 0;
  size_t resident = 0;
  statm >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

std::shared_ptr<const vedette::Program> Compile(const std::string& listing) {
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::SigmaFrontend());
  vedette::RuleSet rules;
  std::ifstream names(listing);
  for (std::string name; std::getline(names, name);) rules.Add(name, Read(name));
  const auto built = compiler.Compile(rules);
  return built.ok() ? built->program : nullptr;
}

// Process creations with ever other values, as an endpoint has them.
bool Feed(vedette::Processor* processor, size_t count) {
  vedette::JsonParser parser;
  vedette::Event event;
  for (size_t i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    const std::string json =
        R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,)"
        R"("UtcTime":"2026-11-25 10:00:00.000","Image":"C:\\Program Files\\App)" +
        std::to_string(i % 200) + R"(\\app.exe","CommandLine":"app.exe --job )" + n +
        R"( --verbose","ParentImage":"C:\\Windows\\explorer.exe","User":"LAB\\user)" +
        std::to_string(i % 40) + R"(","ProcessId":)" + n + "}";
    if (!parser.Parse(json, &event).ok() || !processor->Process(event.view()).ok()) return false;
  }
  return true;
}

int main(int argc, char** argv) {
  const std::string command = argc > 2 ? argv[1] : "";
  std::shared_ptr<const vedette::Program> program;
  if (command == "compile" && argc == 4) {
    program = Compile(argv[2]);
    if (program == nullptr) return 1;
    std::ofstream(argv[3], std::ios::binary) << vedette::SaveProgram(*program);
  } else if (command == "load" && argc == 3) {
    auto loaded = vedette::LoadProgram(Read(argv[2]));
    if (!loaded.ok()) return 1;
    program = *std::move(loaded);
  } else {
    std::fprintf(stderr, "usage: footprint_host compile LISTING OUTPUT | load PROGRAM\n");
    return 2;
  }
  Counter counter;
  vedette::Engine engine(program);
  auto processor = engine.NewProcessor(&counter);
  const size_t ready = Resident();
  if (!Feed(processor.get(), 20000)) return 1;
  std::printf("rules=%zu program=%zu ready=%zu warm=%zu detections=%zu\n",
              program->rule_count() + program->correlation_count(), program->memory_bytes(), ready,
              Resident(), counter.count);
  return 0;
}
