// What a correlator does at its limits: millions of keys, late records, floods of new keys,
// snapshots. --help lists the flags; docs/benchmarks.md says what the figures mean.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "bench/correlation_stream.h"
#include "bench/support/measure.h"

ABSL_FLAG(uint64_t, keys, 1'000'000, "live keys");
ABSL_FLAG(uint64_t, records, 3'000'000, "records of each measurement once the keys are there");
ABSL_FLAG(uint64_t, flood_mib, 64, "the budget of state, in MiB, under a flood of new keys");
ABSL_FLAG(std::string, only, "", "count, distinct or pair: only this rule");

namespace {

using namespace vedette;         // NOLINT: as the rest of the benchmarks
using namespace vedette::bench;  // NOLINT

constexpr int64_t kSecond = 1'000'000'000;

struct Rule {
  const char* name;
  const char* text;
  uint32_t sources;
};
constexpr Rule kRules[] = {
    {"count", "rule r { match window 1h by h s: [any where a == 1] having count(s) >= 1000000000 }",
     1},
    {"distinct",
     "rule r { match window 1h by h s: [any where a == 1] having distinct(s.u) >= 1000000000 }", 1},
    {"pair", "rule r { match sequence by h within 1h [any where a == 1] [any where a == 2] }", 2},
};

uint32_t Nanoseconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint32_t>(static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 +
                               static_cast<uint64_t>(t.tv_nsec));
}

// Records of keys that come in an order far from that in memory, three of each in its hour. Every
// second record of a key is the second of a pair.
class Feed {
 public:
  Feed(const Rule& rule, size_t keys) : rule_(rule), stream_(rule.text, keys) {
    stream_.set_step(std::max<int64_t>(1, kHour / 3 / static_cast<int64_t>(keys)));
  }
  void Next(int64_t late_by = 0) {
    const uint64_t round = n_ / stream_.keys();
    const Value value = Value::Int(static_cast<int64_t>(Mixed(n_++) % 512));
    key_ = (key_ + 7919) % stream_.keys();
    const auto source = static_cast<uint32_t>(round % rule_.sources);
    if (late_by == 0) return stream_.Add(key_, source, value);
    stream_.AddLate(key_, source, value, late_by);
  }
  CorrelationStream& stream() { return stream_; }

 private:
  const Rule& rule_;
  CorrelationStream stream_;
  uint64_t n_ = 0;
  size_t key_ = 0;
};

// Records per second of `next`, so many times.
template <typename Next>
double RateOf(uint64_t records, Next next) {
  const double begin = Now();
  for (uint64_t i = 0; i < records; ++i) next(i);
  return static_cast<double>(records) / (Now() - begin);
}

void MeasureKeys(const Rule& rule, size_t keys, uint64_t records) {
  Feed feed(rule, keys);
  const size_t before = HeapBytes();
  const double filling = RateOf(keys, [&](uint64_t) { feed.Next(); });
  const auto per_key = [&](size_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(keys);
  };
  std::printf("%-9s %8.2f M new keys/s, %.0f bytes a key counted, %.0f of the heap (%.2f GiB)\n",
              rule.name, filling / 1e6, per_key(feed.stream().correlator().stats().bytes),
              per_key(HeapBytes() - before), static_cast<double>(HeapBytes() - before) / (1 << 30));
  const double steady = RateOf(records, [&](uint64_t) { feed.Next(); });
  std::vector<uint32_t> times(records);
  for (uint32_t& time : times) {
    const uint32_t begin = Nanoseconds();
    feed.Next();
    time = Nanoseconds() - begin;
  }
  std::sort(times.begin(), times.end());
  std::printf("%-9s %8.2f M records/s; one: p50 %u, p99 %u, p99.9 %u, p99.99 %u, most %u ns\n",
              rule.name, steady / 1e6, Quantile(times, 0.5), Quantile(times, 0.99),
              Quantile(times, 0.999), Quantile(times, 0.9999), times.back());
  double begin = Now();
  const std::string snapshot = feed.stream().correlator().Snapshot();
  const double saving = Now() - begin;
  begin = Now();
  feed.stream().Restore(snapshot);
  std::printf("%-9s snapshot of %.0f MB in %.2f s, restored in %.2f s\n", rule.name,
              static_cast<double>(snapshot.size()) / 1e6, saving, Now() - begin);
}

// The same records with a watermark five seconds behind; in one of the streams one in a hundred
// comes up to as much too late.
void MeasureLate(const Rule& rule, size_t keys, uint64_t records) {
  double rates[2];
  for (const bool late : {false, true}) {
    Feed feed(rule, keys);
    feed.stream().set_lag(5 * kSecond);
    const auto next = [&](uint64_t i) {
      const bool is_late = late && i % 100 == 99;
      feed.Next(is_late ? static_cast<int64_t>(Mixed(i) % (5 * kSecond - 1)) + 1 : 0);
    };
    RateOf(keys, next);
    rates[late] = RateOf(records, next);
  }
  std::printf(
      "%-9s %8.2f M records/s with a watermark 5 s behind, %.2f with 1 %% late: %.2f times "
      "slower\n",
      rule.name, rates[false] / 1e6, rates[true] / 1e6, rates[false] / rates[true]);
}

// Every record has a new key, and the budget is full; against as many records of keys that fit.
bool MeasureFlood(const Rule& rule, uint64_t records, size_t budget) {
  const size_t fitting = budget / 600;
  CorrelationStream normal(rule.text, fitting, budget);
  normal.set_step(kHour / 3 / static_cast<int64_t>(fitting));
  size_t key = 0;
  const auto next = [&](uint64_t) {
    key = (key + 7919) % fitting;
    normal.Add(key, 0, Value::Null());
  };
  RateOf(fitting, next);
  const double usual = RateOf(records, next);
  CorrelationStream flood(rule.text, 0, budget);
  uint64_t number = 0;
  const auto add = [&](uint64_t) { flood.AddNewKey(number++); };
  RateOf(budget / 100, add);
  const double flooded = RateOf(records, add);
  const CorrelatorStats stats = flood.correlator().stats();
  const CorrelationStats one = flood.correlator().stats(0);
  std::printf(
      "%-9s %8.2f M records/s of %zu keys, %.2f of only new keys at a budget of %zu MiB: "
      "%.0f %%; %zu keys there, %zu evicted\n",
      rule.name, usual / 1e6, fitting, flooded / 1e6, budget >> 20, 100 * flooded / usual,
      static_cast<size_t>(one.keys), static_cast<size_t>(stats.evicted_keys));
  if (one.keys + stats.evicted_keys == number && stats.bytes <= budget) return true;
  std::printf("LOST KEYS UNCOUNTED, OR THE BUDGET EXCEEDED\n");
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("correlation_limits [flags]");
  absl::ParseCommandLine(argc, argv);
  const auto keys = static_cast<size_t>(absl::GetFlag(FLAGS_keys));
  const uint64_t records = absl::GetFlag(FLAGS_records);
  if (keys < 1 || records < 1 || absl::GetFlag(FLAGS_flood_mib) < 1) {
    std::fprintf(stderr, "correlation_limits: numbers must be positive\n");
    return 2;
  }
  bool good = true;
  for (const Rule& rule : kRules) {
    const std::string only = absl::GetFlag(FLAGS_only);
    if (!only.empty() && only != rule.name) continue;
    MeasureKeys(rule, keys, records);
    MeasureLate(rule, std::min<size_t>(keys, 1'000'000), records);
    good &= MeasureFlood(rule, records, absl::GetFlag(FLAGS_flood_mib) << 20);
  }
  return good ? 0 : 1;
}
