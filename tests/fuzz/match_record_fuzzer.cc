// Hostile records, as they come from other processes, into a correlator with rules of every shape.
// The first byte chooses the options; then come steps: a byte that says what, one with a length,
// and so many bytes. A record begins with the fingerprint of the correlation that the step names,
// unless its own bytes have one.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/program/byte_reader.h"
#include "lib/program/program_layout.h"
#include "lib/program/saved_format.h"
#include "tests/support/correlator_rules.h"
#include "vedette/correlator.h"
#include "vedette/match_record.h"

namespace {

using namespace vedette;

constexpr uint8_t kWatermark = 255;
constexpr uint8_t kRestart = 254;

class Counter : public DetectionSink, public RecordSink {
 public:
  explicit Counter(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  absl::Status OnDetection(const Detection& detection) override {
    if (detection.evidence == nullptr) __builtin_trap();
    return absl::OkStatus();
  }
  absl::Status OnForeignRecord(const MatchRecord& record) override {
    std::string bytes;
    EncodeMatchRecord(*program_, record, &bytes);
    return bytes.empty() ? absl::InternalError("nothing") : absl::OkStatus();
  }

 private:
  std::shared_ptr<const Program> program_;
};

// What was read is written as something that is read as the same.
void CheckForm(const Program& program, const MatchRecord& record) {
  std::string written;
  EncodeMatchRecord(program, record, &written);
  ValueArena arena;
  MatchRecord again;
  if (!DecodeMatchRecord(program, written, &arena, &again).ok()) __builtin_trap();
  std::string twice;
  EncodeMatchRecord(program, again, &twice);
  if (twice != written) __builtin_trap();
}

void Add(const Program& program, uint8_t what, std::string_view bytes, Correlator* correlator) {
  const auto& correlations = program.layout().correlations;
  std::string wire = "\x09";  // field 1, eight bytes
  AppendFixed(correlations[what % correlations.size()].fingerprint, 8, &wire);
  wire += bytes;
  ValueArena arena;
  MatchRecord record;
  if (!DecodeMatchRecord(program, wire, &arena, &record).ok()) return;
  CheckForm(program, record);
  if (PartitionOf(program, record, 3) >= 3) __builtin_trap();
  const absl::Status status = correlator->Add(record);
  if (!status.ok() && !absl::IsInvalidArgument(status)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const program =
      new std::shared_ptr<const Program>(testing::CorrelatorProgram());
  ByteReader in(std::string_view(reinterpret_cast<const char*>(data), size));
  const uint8_t choice = in.Byte();
  Counter counter(*program);
  CorrelatorOptions options;
  options.records = &counter;
  options.eager = (choice & 1) != 0;
  if ((choice & 2) != 0) options.max_state_bytes = size_t{16} << 10;
  if ((choice & 4) != 0) options.overflow = CorrelatorOptions::Overflow::kReject;
  if ((choice & 8) != 0) options.partitions = 2;
  if ((choice & 16) != 0) options.max_evidence_events = choice >> 5;
  Correlator correlator(*program, &counter, options);
  while (in.ok() && in.left() > 0) {
    const uint8_t what = in.Byte();
    const size_t length = std::min<size_t>(in.Byte(), in.left());
    if (what == kWatermark) {
      const auto to = static_cast<EventTime>(in.Fixed(std::min<size_t>(length, 8)));
      if (!correlator.AdvanceWatermark(to).ok()) __builtin_trap();
    } else if (what == kRestart) {
      const std::string snapshot = correlator.Snapshot();
      if (!correlator.Restore(snapshot).ok()) __builtin_trap();
      if (correlator.Snapshot() != snapshot) __builtin_trap();
    } else {
      std::string bytes;
      for (size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(in.Byte()));
      Add(**program, what, bytes, &correlator);
    }
  }
  if (!correlator.AdvanceWatermark(kEndOfTime).ok()) __builtin_trap();
  return 0;
}
