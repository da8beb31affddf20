// Hostile snapshots of processors and correlators. A snapshot is refused or its state is one that
// goes on: it is written as it was read, and takes events. The first byte chooses: the bytes are a
// snapshot whose checksums are made to fit, or the states of keys of one correlation.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/xxh64.h"
#include "lib/correlate/snapshot_format.h"
#include "lib/program/byte_reader.h"
#include "lib/program/program_layout.h"
#include "lib/program/saved_format.h"
#include "tests/support/correlator_rules.h"
#include "vedette/engine.h"
#include "vedette/json.h"

namespace {

using namespace vedette;

class NoSink : public DetectionSink {
 public:
  absl::Status OnDetection(const Detection&) override { return absl::OkStatus(); }
};

const std::shared_ptr<const Program>& TheProgram() {
  static const auto* const program =
      new std::shared_ptr<const Program>(testing::CorrelatorProgram());
  return *program;
}

// Events after the restart, with times around those of the seeds.
void GoOn(Processor* processor) {
  static constexpr const char* kEvents[] = {
      R"({"k":"a","h":"x","u":"p","n":1,"id":1})",
      R"({"k":"b","h":"x","u":"p","n":2,"id":2,"pid":1})",
      R"({"k":"c","h":["x","y"],"u":["p","q"],"n":3,"id":3,"pid":[1,2]})",
      R"({"k":"b","h":"x","u":"q","n":"4","pid":3})",
      R"({"k":"d","h":"x"})",
      R"({"k":"a","h":"x","u":"r","n":0.5})",
  };
  JsonParser parser;
  for (EventTime t = 0; t < 60; t += 6) {
    for (const char* const text : kEvents) {
      Event event;
      if (!parser.Parse(text, &event).ok()) __builtin_trap();
      EventView view = event.view();
      view.set_time(++t * 1'000'000'000);
      if (!processor->Process(view).ok()) __builtin_trap();
    }
  }
}

void Try(std::string_view snapshot) {
  Engine engine(TheProgram());
  NoSink sink;
  ProcessorOptions options;
  options.max_future_skew_ns = 0;
  options.allowed_lateness_ns = 5'000'000'000;
  const auto processor = engine.NewProcessor(&sink, options);
  if (!processor->Restore(snapshot).ok()) {
    if (!processor->Flush().ok()) __builtin_trap();
    return;
  }
  // Some state may be left out as it is no longer due; the second time nothing is.
  const std::string first = processor->Snapshot();
  if (!processor->Restore(first).ok()) __builtin_trap();
  if (processor->Snapshot() != first) __builtin_trap();
  GoOn(processor.get());
  const std::string later = processor->Snapshot();
  if (!processor->Restore(later).ok()) __builtin_trap();
  if (processor->Snapshot() != later) __builtin_trap();
  if (!processor->Flush().ok()) __builtin_trap();
}

void TryParts(std::string_view snapshot) {
  const auto parts = SplitSnapshot(snapshot, 3);
  if (!parts.ok()) return;
  const auto whole = MergeSnapshots(*parts);
  if (!whole.ok()) return;
  // What stood in no order does now.
  const auto again = SplitSnapshot(*whole, 3);
  if (!again.ok()) __builtin_trap();
  const auto same = MergeSnapshots(*again);
  if (!same.ok() || *same != *whole) __builtin_trap();
}

// The snapshot of a processor around one of a correlator.
std::string Around(std::string_view correlator, std::string_view rest) {
  std::string body;
  AppendText(correlator, &body);
  body += rest;
  std::string out("\x89VPS\x01\r\n\x1a", 8);
  AppendFixed(Xxh64(body), 8, &out);
  return out + body;
}

// What a processor keeps itself when it has seen nothing.
std::string EmptyRest() {
  Engine engine(TheProgram());
  NoSink sink;
  const std::string all = engine.NewProcessor(&sink, {})->Snapshot();
  ByteReader in(std::string_view(all).substr(16));
  in.Text();
  return all.substr(all.size() - in.left());
}

// All bytes of a correlator's snapshot behind the header, then the rest of the processor's.
void TryWhole(std::string_view bytes) {
  ByteReader in(bytes);
  const std::string_view body = in.Text();
  if (!in.ok()) return;
  std::string correlator("\x89VSS\r\n\x1a\n", 8);
  AppendFixed(kSnapshotMajor, 2, &correlator);
  AppendFixed(kSnapshotMinor, 2, &correlator);
  AppendFixed(body.size(), 8, &correlator);
  AppendFixed(Xxh64(body), 8, &correlator);
  correlator += body;
  TryParts(correlator);
  Try(Around(correlator, bytes.substr(bytes.size() - in.left())));
}

// Times, then which correlation, and its keys with their states, suppression and records.
void TryStates(std::string_view bytes) {
  ByteReader in(bytes);
  SavedState state;
  state.watermark = in.Zigzag();
  state.arrivals = in.Varint();
  const auto& correlations = TheProgram()->layout().correlations;
  for (size_t i = 0; i < 3; ++i) state.decided.push_back(in.Zigzag());
  std::map<size_t, SavedCorrelation> saved;
  while (in.ok() && in.left() > 0) {
    const size_t index = in.Byte() % correlations.size();
    const ProgramCorrelation& spec = correlations[index];
    SavedCorrelation& c = saved[index];
    c.fingerprint = spec.fingerprint;
    c.name = spec.meta.display_name();
    c.partition = PartitionRule::Of(spec);
    c.columns.clear();
    for (const CorrelationInput& source : spec.sources) {
      c.columns.push_back(static_cast<uint32_t>(source.columns.size()));
    }
    const uint8_t what = in.Byte();
    const std::string key(in.Text());
    if (what % 3 == 0) {
      c.keys.emplace_back(key, in.Text());
    } else if (what % 3 == 1) {
      c.emitted.emplace_back(key, in.Zigzag());
    } else {
      c.waiting.push_back({key, std::string(in.Text())});
    }
  }
  for (auto& [index, c] : saved) {
    std::sort(c.keys.begin(), c.keys.end());
    std::stable_sort(c.emitted.begin(), c.emitted.end(),
                     [](const auto& a, const auto& b) { return a.second < b.second; });
    state.correlations.push_back(std::move(c));
  }
  static const std::string* const rest = new std::string(EmptyRest());
  const std::string correlator = WriteState(state);
  TryParts(correlator);
  Try(Around(correlator, *rest));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes[0] == 'p') {
    Try(bytes.substr(1));
  } else if (bytes[0] == 'w') {
    TryWhole(bytes.substr(1));
  } else {
    TryStates(bytes.substr(1));
  }
  return 0;
}
