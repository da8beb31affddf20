// A stage of a pipeline: length-delimited protobuf messages in, findings in the same form out.
//   protobuf_stage RULES.yml < events > findings
// Without arguments it makes a stream of its own and checks what comes out.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/util/delimited_message_util.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/sigma.h"
#include "vedette/proto/event.pb.h"
#include "vedette/protobuf.h"

namespace pb = google::protobuf;

constexpr uint32_t kMaxMessageBytes = 4 << 20;
constexpr int32_t kDetectionFinding = 2004;  // OCSF's number of the class

constexpr char kRules[] = R"(
title: Shell from Office
id: 9d7c6b8e-5f0e-4a25-9a4e-1b7f1f8a0001
level: high
logsource: {product: windows, category: process_creation}
detection:
  s:
    Image|endswith: '\cmd.exe'
    ParentImage|endswith: '\winword.exe'
  condition: s
)";

// Writes each detection as a finding of the shipped schema.
class FindingWriter : public vedette::DetectionSink {
 public:
  explicit FindingWriter(std::ostream* out) : out_(out) {}

  absl::Status OnDetection(const vedette::Detection& d) override {
    const vedette::RuleMeta& rule = d.meta();
    vedette::proto::Event event;
    event.set_class_uid(kDetectionFinding);
    if (d.time != vedette::kNoEventTime) event.set_time_ns(d.time);
    event.set_severity(std::string(vedette::LevelName(rule.level)));
    event.set_message(vedette::DetectionToJson(d));
    auto* const info = event.mutable_detection_finding()->mutable_finding_info();
    info->set_title(rule.title);
    info->set_desc(rule.description);
    info->mutable_analytic()->set_uid(rule.id);
    info->mutable_analytic()->set_name(rule.title);
    if (pb::util::SerializeDelimitedToOstream(event, out_)) return absl::OkStatus();
    // The one that reads is gone: the stage must not go on as if it were there.
    return absl::UnavailableError("cannot write findings");
  }
  absl::Status Flush() override {
    out_->flush();
    return out_->good() ? absl::OkStatus() : absl::UnavailableError("cannot write findings");
  }

 private:
  std::ostream* out_;
};

struct StageStats {
  uint64_t events = 0;
  uint64_t broken = 0;  // messages that are none
};

// Reads to the end. DataLoss if the stream breaks off within a message, or names a length that no
// message has: nothing behind that can be told apart.
absl::Status RunStage(std::istream* in, vedette::Processor* processor, StageStats* stats) {
  const auto adapter = vedette::NewProtobufAdapter(vedette::proto::Event::descriptor());
  vedette::proto::Event event;
  pb::io::IstreamInputStream stream(in);
  while (true) {
    // A coded stream counts bytes up to 2 GiB; a new one for each message never gets there.
    pb::io::CodedInputStream coded(&stream);
    uint32_t size = 0;
    if (!coded.ReadVarint32(&size)) {
      if (coded.CurrentPosition() != 0) return absl::DataLossError("the stream breaks off");
      return processor->Flush();
    }
    if (size > kMaxMessageBytes) return absl::DataLossError("a message of more than 4 MiB");
    std::string bytes;
    if (!coded.ReadString(&bytes, static_cast<int>(size))) {
      return absl::DataLossError("the stream breaks off within a message");
    }
    if (!event.ParseFromString(bytes)) {
      ++stats->broken;  // the length was right: the next message begins behind it
      continue;
    }
    ++stats->events;
    const absl::Status status = processor->Process(vedette::ProtobufView(*adapter, event));
    if (!status.ok()) return status;
  }
}

// Runs the rules over `in`; says how it went on standard error.
absl::Status Run(const std::string& name, const std::string& rules_text, std::istream* in,
                 std::ostream* out, StageStats* stats) {
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::SigmaFrontend());
  vedette::RuleSet rules;
  rules.Add(name, rules_text);
  const auto built = compiler.Compile(rules);
  if (!built.ok()) return built.status();
  for (const vedette::Diagnostic& d : built->diagnostics) {
    std::fputs(vedette::FormatDiagnostic(d).c_str(), stderr);
  }
  FindingWriter writer(out);
  vedette::Engine engine(built->program);
  auto processor = engine.NewProcessor(&writer);
  const absl::Status status = RunStage(in, processor.get(), stats);
  std::fprintf(stderr, "%llu events, %llu broken, %llu detections\n",
               static_cast<unsigned long long>(stats->events),
               static_cast<unsigned long long>(stats->broken),
               static_cast<unsigned long long>(processor->stats().detections));
  return status;
}

vedette::proto::Event Started(const std::string& image, const std::string& parent) {
  vedette::proto::Event event;
  event.set_class_uid(1007);
  event.set_activity_id(1);
  event.set_time_ns(1'795'600'800'000'000'000);
  event.mutable_device()->mutable_os()->set_type_id(100);  // Windows
  auto* const process = event.mutable_process_activity()->mutable_process();
  process->mutable_file()->set_path(image);
  process->mutable_parent_process()->mutable_file()->set_path(parent);
  return event;
}

// A stream with two harmless messages, one to be found, and one that is none between them.
int CheckItself() {
  std::stringstream in;
  std::stringstream out;
  pb::util::SerializeDelimitedToOstream(Started("C:\\W\\notepad.exe", "C:\\O\\WINWORD.EXE"), &in);
  in << std::string("\x03\xff\xff\xff", 4);
  pb::util::SerializeDelimitedToOstream(Started("C:\\W\\cmd.exe", "C:\\O\\WINWORD.EXE"), &in);
  pb::util::SerializeDelimitedToOstream(Started("C:\\W\\cmd.exe", "C:\\W\\explorer.exe"), &in);
  const std::string whole = in.str();
  StageStats stats;
  if (!Run("rules.yml", kRules, &in, &out, &stats).ok()) return 1;
  if (stats.events != 3 || stats.broken != 1) return 1;
  pb::io::IstreamInputStream written(&out);
  vedette::proto::Event finding;
  bool end = false;
  if (!pb::util::ParseDelimitedFromZeroCopyStream(&finding, &written, &end)) return 1;
  std::printf("%s\n", finding.message().c_str());
  const auto& info = finding.detection_finding().finding_info();
  if (info.title() != "Shell from Office" || finding.severity() != "high") return 1;
  if (pb::util::ParseDelimitedFromZeroCopyStream(&finding, &written, &end) || !end) return 1;
  // Cut off within the last message.
  std::stringstream cut(whole.substr(0, whole.size() - 1));
  std::stringstream ignored;
  const absl::Status status = Run("rules.yml", kRules, &cut, &ignored, &stats);
  return status.code() == absl::StatusCode::kDataLoss ? 0 : 1;
}

int main(int argc, char** argv) {
  if (argc == 1) return CheckItself();
  std::ifstream file(argv[1]);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", argv[1]);
    return 2;
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::ios::sync_with_stdio(false);
  StageStats stats;
  const absl::Status status = Run(argv[1], text, &std::cin, &std::cout, &stats);
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
