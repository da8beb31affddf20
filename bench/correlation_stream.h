// For benchmarks: a correlator of rules as text, fed with records that are made on the spot.
#ifndef VEDETTE_BENCH_CORRELATION_STREAM_H_
#define VEDETTE_BENCH_CORRELATION_STREAM_H_

#include <malloc.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/program/program_layout.h"
#include "vedette/compiler.h"
#include "vedette/correlator.h"
#include "vedette/frontends/vedette.h"

namespace vedette::bench {

inline constexpr int64_t kHour = 3'600'000'000'000;

// A number that looks random, for each n.
inline uint64_t Mixed(uint64_t n) {
  n = (n ^ n >> 30) * 0xBF58476D1CE4E5B9ULL;
  n = (n ^ n >> 27) * 0x94D049BB133111EBULL;
  return n ^ n >> 31;
}

inline size_t HeapBytes() {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

inline std::shared_ptr<const Program> CompileRules(const std::string& text) {
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add("bench.vdt", text);
  const absl::StatusOr<CompileResult> built = compiler.Compile(rules);
  if (built.ok() && built->stats.correlations > 0 && built->stats.rules_skipped == 0) {
    return built->program;
  }
  std::fprintf(stderr, "does not compile: %s\n", text.c_str());
  for (size_t i = 0; built.ok() && i < built->diagnostics.size(); ++i) {
    std::fprintf(stderr, "%s\n", built->diagnostics[i].message.c_str());
  }
  std::exit(1);
}

// What an evaluator would have sent, in the order of time unless told otherwise, and without late
// records: Add and AdvanceWatermark for each record, as a Processor does. Keys are texts of 12
// characters.
class CorrelationStream : private DetectionSink {
 public:
  CorrelationStream(const std::string& rules, size_t keys,
                    size_t max_state_bytes = size_t{64} << 30)
      : correlator_(CompileRules(rules), this, {.max_state_bytes = max_state_bytes}), keys_(keys) {
    for (size_t i = 0; i < keys; ++i) SetKey(i, &keys_[i]);
  }

  void set_step(int64_t ns) { step_ = ns; }
  // How far the watermark is behind the newest record.
  void set_lag(int64_t ns) { lag_ = ns; }
  // A record of a key beyond those that the stream was made with, which none before it had.
  void AddNewKey(uint64_t number) {
    SetKey(keys_.size() + number, &new_key_);
    Send(new_key_, 0, now_, Value::Null(), Value::Null(), 0);
    Step();
  }
  // A record that happened so much before the last one.
  void AddLate(size_t key, uint32_t source, Value first, int64_t by_ns) {
    Send(keys_[key], source, now_ - by_ns, first, Value::Null(), 0);
    Step();
  }
  // A record some nanoseconds (set_step) after the last. Columns get the values in turn.
  void Add(size_t key, uint32_t source, Value first, Value second = Value::Null(),
           uint32_t correlation = 0) {
    AddNow(key, source, first, second, correlation);
    Step();
  }
  // At the time of the last; Step must follow.
  void AddNow(size_t key, uint32_t source, Value first, Value second, uint32_t correlation) {
    Send(keys_[key], source, now_, first, second, correlation);
  }
  void Step() {
    now_ += step_;
    if (!correlator_.AdvanceWatermark(now_ - lag_).ok()) std::abort();
  }
  // Gives up the state and takes that of a snapshot.
  void Restore(std::string_view snapshot) {
    if (!correlator_.Restore(snapshot).ok()) std::abort();
  }

  size_t keys() const { return keys_.size(); }
  const Correlator& correlator() const { return correlator_; }
  uint64_t detections() const { return detections_; }

 private:
  static void SetKey(size_t i, std::string* key) {
    char text[32];
    std::snprintf(text, sizeof(text), "10.%03zu.%05zu", i / 100'000, i % 100'000);
    key->clear();
    AppendKeyPart(Value::String(text), key);
  }

  void Send(const std::string& key, uint32_t source, EventTime time, Value first, Value second,
            uint32_t correlation) {
    const Value values[] = {first, second};
    record_.correlation = correlation;
    record_.source = source;
    record_.time = time;
    record_.tiebreak = records_++;
    record_.key = key;
    const auto& spec = correlator_.program().layout().correlations[correlation];
    record_.values = {values, spec.sources[source].columns.size()};
    record_.ref = {"events.jsonl", records_};
    if (!correlator_.Add(record_).ok()) std::abort();
  }

  absl::Status OnDetection(const Detection& /*detection*/) override {
    ++detections_;
    return absl::OkStatus();
  }

  Correlator correlator_;
  std::vector<std::string> keys_;
  std::string new_key_;
  MatchRecord record_;
  EventTime now_ = 1'790'000'000'000'000'000;
  int64_t step_ = 1;
  int64_t lag_ = 0;
  uint64_t records_ = 0;
  uint64_t detections_ = 0;
};

}  // namespace vedette::bench

#endif  // VEDETTE_BENCH_CORRELATION_STREAM_H_
