// Runs one operator by hand: records in, firings out as text, saved and loaded in between.
#ifndef VEDETTE_TESTS_SUPPORT_OPERATOR_HARNESS_H_
#define VEDETTE_TESTS_SUPPORT_OPERATOR_HARNESS_H_

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "lib/correlate/operator.h"

namespace vedette {

struct OperatorRecord {
  uint32_t source = 0;
  EventTime time = 0;
  uint64_t tiebreak = 0;
  std::string key = "k";
  std::vector<std::vector<std::string>> columns = {};  // texts; several: a list; "": null
  uint64_t line = 0;
};

// "time key first..last/total: lines"
inline std::string FiringText(EventTime time, std::string_view key, uint64_t total,
                              const std::vector<uint64_t>& lines) {
  std::string text = std::to_string(time) + " " + std::string(key) + " " + std::to_string(total);
  for (const uint64_t line : lines) text += " " + std::to_string(line);
  return text;
}

class OperatorHarness : public OperatorHost {
 public:
  using Factory = std::unique_ptr<Operator> (*)(const OperatorContext&);

  // `spec` must outlive it.
  OperatorHarness(const ProgramCorrelation& spec, Factory factory)
      : spec_(spec), factory_(factory) {
    Renew();
    for (const CorrelationInput& source : spec_.sources) {
      columns_.push_back(static_cast<uint32_t>(source.columns.size()));
    }
  }

  void Fire(const Firing& firing) override {
    std::vector<uint64_t> lines;
    for (const RecordPtr& record : firing.records) lines.push_back(record->line());
    fired.push_back(FiringText(firing.time, firing.key, firing.total_records, lines));
    degraded = firing.degraded;
    if (on_fire != nullptr) on_fire(firing);
  }
  bool MayAddKey() override { return may_add; }
  void CountOverflow(uint64_t n) override { overflows += n; }
  size_t max_evidence() const override { return evidence_; }

  void Add(const OperatorRecord& r) {
    RunTimers(r.time);
    std::vector<std::vector<Value>> lists;
    std::vector<Value> values;
    lists.reserve(r.columns.size());
    for (const auto& column : r.columns) {
      lists.emplace_back();
      for (const std::string& text : column) {
        lists.back().push_back(text.empty() ? Value::Null() : Value::String(text));
      }
      values.push_back(column.size() == 1 ? lists.back()[0] : Value::List(lists.back()));
    }
    MatchRecord record;
    record.source = r.source;
    record.time = r.time;
    record.tiebreak = r.tiebreak;
    record.key = r.key;
    record.values = values;
    record.ref.line = r.line;
    op->OnRecord(pool.Make(record, arrivals_++, 1024));
  }
  void RunTimers(EventTime bound) {
    for (Timer timer; timers->Pop(bound, &timer);) {
      op->OnTimer(timer.deadline, timer.slot, timer.generation);
    }
  }

  void SetEvidence(size_t n) {
    evidence_ = n;
    Renew();
  }

  // Every key's bytes.
  std::map<std::string, std::string> Save() const {
    std::vector<std::pair<std::string_view, uint32_t>> keys;
    op->ListKeys(&keys);
    std::map<std::string, std::string> saved;
    for (const auto& [key, slot] : keys) {
      std::string bytes;
      SnapshotWriter writer(pool, &bytes);
      op->SaveKey(slot, &writer);
      saved[std::string(key)] = bytes;
    }
    return saved;
  }
  absl::Status Load(std::string_view key, std::string_view bytes) {
    SnapshotReader reader(bytes, &pool, 0, &columns_);
    const absl::Status status = op->LoadKey(key, &reader);
    if (status.ok() && !reader.at_end()) return absl::DataLossError("bytes are left");
    return status;
  }
  // Goes on with a new operator that has loaded what this one saves.
  void SaveAndLoad() {
    const auto saved = Save();
    Renew();
    for (const auto& [key, bytes] : saved) ASSERT_TRUE(Load(key, bytes).ok()) << key;
    ASSERT_EQ(Save(), saved);
  }
  // Damaged bytes must be refused or make a state that works.
  void LoadHostile(uint32_t seed) {
    for (const auto& [key, bytes] : Save()) {
      std::string damaged = bytes;
      seed = seed * 1664525 + 1013904223;
      if (seed % 3 == 0) {
        damaged.resize(seed / 3 % (damaged.size() + 1));
      } else {
        damaged[seed / 3 % damaged.size()] ^= static_cast<char>(1 + seed / 4096 % 255);
      }
      OperatorHarness other(spec_, factory_);
      const size_t before = other.op->bytes();
      if (!other.Load(key, damaged).ok() && other.op->key_count() == 0) {
        EXPECT_EQ(other.op->bytes(), before);
        EXPECT_EQ(other.timers->size(), 0U);
        EXPECT_EQ(other.pool.bytes(), 0U);
      }
      other.RunTimers(kNoEventTime + 5);
      other.RunTimers(INT64_MAX);
    }
  }
  // The bytes of an operator that had as many keys at once and has none now.
  void ExpectEmpty() {
    while (op->EvictOldest()) {
    }
    EXPECT_EQ(op->key_count(), 0U);
    const size_t index = op->bytes();
    OperatorHarness other(spec_, factory_);
    EXPECT_LE(index, other.op->bytes() + 5 * 2 * std::max<size_t>(16, peak_keys));
    EXPECT_EQ(pool.bytes(), 0U);
  }

  std::vector<std::string> fired;
  bool degraded = false;
  bool may_add = true;
  uint64_t overflows = 0;
  size_t peak_keys = 0;
  void (*on_fire)(const Firing&) = nullptr;
  RecordPool pool{1};
  std::unique_ptr<Timers> timers;
  std::unique_ptr<Operator> op;

 private:
  void Renew() {
    timers =
        std::make_unique<Timers>([this](uint32_t, uint32_t slot) { return op->KeyOfSlot(slot); });
    op = factory_({&spec_, 0, timers.get(), this, &pool});
  }

  const ProgramCorrelation& spec_;
  Factory factory_;
  std::vector<uint32_t> columns_;
  uint64_t arrivals_ = 0;
  size_t evidence_ = 16;
};

}  // namespace vedette

#endif  // VEDETTE_TESTS_SUPPORT_OPERATOR_HARNESS_H_
