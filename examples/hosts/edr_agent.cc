// An agent on an endpoint: structs of its own sensor matched in place, a program that was compiled
// elsewhere, no JSON, no compiler. It links vedette::runtime only: edr_agent PROGRAM.vpk.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <variant>

#include "vedette/adapter.h"
#include "vedette/engine.h"
#include "vedette/saved_program.h"

// What the sensor delivers: one struct for each kind of event, as this host has always had them.
struct Process {
  uint32_t pid = 0;
  std::string path;
  std::string command_line;
};
struct ProcessStarted {
  vedette::EventTime when = 0;
  Process process;
  const Process* parent = nullptr;  // known to the sensor's own table, not always
};
struct FileWritten {
  vedette::EventTime when = 0;
  const Process* by = nullptr;
  std::string path;
  uint64_t bytes = 0;
};
struct Connected {
  vedette::EventTime when = 0;
  const Process* by = nullptr;
  std::string address;
  uint16_t port = 0;
};
using SensorEvent = std::variant<ProcessStarted, FileWritten, Connected>;

// How rules find the members. Names may be of any vocabulary; here Sigma's.
class SensorAdapters {
 public:
  SensorAdapters() {
    started_.Field("Image", [](const ProcessStarted& e) { return Path(&e.process); })
        .Field("CommandLine", [](const ProcessStarted& e) { return Line(&e.process); })
        .Field("ProcessId", [](const ProcessStarted& e) { return e.process.pid; })
        .Field("ParentImage", [](const ProcessStarted& e) { return Path(e.parent); })
        .Field("ParentCommandLine", [](const ProcessStarted& e) { return Line(e.parent); });
    written_.Field("Image", [](const FileWritten& e) { return Path(e.by); })
        .Field("TargetFilename", &FileWritten::path)
        .Field("FileSize", &FileWritten::bytes);
    connected_.Field("Image", [](const Connected& e) { return Path(e.by); })
        .Field("DestinationIp", &Connected::address)
        .Field("DestinationPort", &Connected::port);
  }

  // Borrows the event. The sensor knows what kind of event it has: nothing is derived.
  vedette::EventView View(const SensorEvent& event) const {
    if (const auto* started = std::get_if<ProcessStarted>(&event)) {
      return With(started_.View(*started), started->when, &process_creation_);
    }
    if (const auto* written = std::get_if<FileWritten>(&event)) {
      return With(written_.View(*written), written->when, &file_event_);
    }
    const auto& connected = std::get<Connected>(event);
    return With(connected_.View(connected), connected.when, &network_connection_);
  }

 private:
  // A null pointer is a field that the event does not have.
  static const char* Path(const Process* p) { return p != nullptr ? p->path.c_str() : nullptr; }
  static const char* Line(const Process* p) {
    return p != nullptr ? p->command_line.c_str() : nullptr;
  }
  static vedette::EventView With(vedette::EventView view, vedette::EventTime when,
                                 const vedette::LogSource* source) {
    view.set_time(when);
    view.set_log_source(source);
    return view;
  }

  vedette::StructAdapter<ProcessStarted> started_;
  vedette::StructAdapter<FileWritten> written_;
  vedette::StructAdapter<Connected> connected_;
  const vedette::LogSource process_creation_{"windows", "process_creation", ""};
  const vedette::LogSource file_event_{"windows", "file_event", ""};
  const vedette::LogSource network_connection_{"windows", "network_connection", ""};
};

// What the agent does about a detection: here it says so.
struct Responder : vedette::DetectionSink {
  absl::Status OnDetection(const vedette::Detection& d) override {
    const vedette::RuleMeta& rule = d.meta();
    std::printf("%-13s %s\n", std::string(vedette::LevelName(rule.level)).c_str(),
                rule.title.c_str());
    for (const vedette::MatchedField& m : d.matched) {
      std::printf("  %s = %s\n", m.field.c_str(), m.value.c_str());
    }
    if (d.evidence != nullptr) {
      for (const auto& [name, value] : d.evidence->key) {
        std::printf("  %s = %s\n", name.c_str(), value.c_str());
      }
    }
    ++count[rule.title];
    return absl::OkStatus();
  }
  std::map<std::string, int> count;
};

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: edr_agent PROGRAM.vpk\n");
    return 2;
  }
  // Reading files is the host's job; the bytes may be anything, all of them are checked.
  std::ifstream file(argv[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto program = vedette::LoadProgram(bytes);
  if (!program.ok()) {
    std::fprintf(stderr, "%s: %s\n", argv[1], std::string(program.status().message()).c_str());
    return 1;
  }

  Responder responder;
  vedette::Engine engine(*program);
  // An endpoint has little to spare; rules over several events judge at once.
  vedette::ProcessorOptions options;
  options.evaluation.memo_bytes = size_t{256} << 10;
  options.correlation.max_state_bytes = size_t{1} << 20;
  options.correlation.eager = true;
  auto processor = engine.NewProcessor(&responder, options);

  const SensorAdapters adapters;
  const Process word{100, "C:\\Office\\WINWORD.EXE", "winword invoice.doc"};
  const Process shell{101, "C:\\Windows\\System32\\cmd.exe", "cmd /c start b.exe"};
  const Process browser{102, "C:\\Browser\\browser.exe", "browser"};
  vedette::EventTime now = 1'795'600'800'000'000'000;
  const auto later = [&now] { return now += 1'000'000'000; };
  const SensorEvent events[] = {
      ProcessStarted{later(), browser, nullptr},
      ProcessStarted{later(), shell, &word},
      FileWritten{later(), &shell,
                  "C:\\Users\\a\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\"
                  "Startup\\b.exe",
                  4096},
      FileWritten{later(), &browser, "C:\\Users\\a\\Downloads\\c.txt", 12},
      Connected{later(), &shell, "10.1.2.3", 445},
      Connected{later(), &shell, "203.0.113.7", 443},
      Connected{later(), &shell, "198.51.100.9", 443},
      Connected{later(), &browser, "203.0.113.7", 443},
      Connected{later(), &shell, "192.0.2.44", 443},
  };
  for (const SensorEvent& event : events) {
    if (!processor->Process(adapters.View(event)).ok()) return 1;
  }
  if (!processor->Flush().ok()) return 1;
  const std::map<std::string, int> expected = {
      {"Shell started by an office program", 1},
      {"Program written to a startup folder", 1},
      {"One program connects to many foreign networks", 1},
  };
  if (responder.count != expected) return 1;
  std::printf("%zu rules, %zu KiB of program\n", (*program)->rule_count(),
              (*program)->memory_bytes() / 1024);
  return 0;
}
