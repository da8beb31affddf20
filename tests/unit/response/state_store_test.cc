#include "vedette/response/state_store.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vedette {
namespace {

// A file that a crash may cut within a write.
class CrashFile : public StateFile {
 public:
  absl::StatusOr<std::string> Read() override { return bytes; }
  absl::Status Append(std::string_view more) override {
    if (more.size() > room) {
      bytes.append(more.substr(0, room));
      room = 0;
      return absl::DataLossError("crash");
    }
    room -= more.size();
    bytes.append(more);
    return absl::OkStatus();
  }
  absl::Status Truncate(uint64_t size) override {
    bytes.resize(size);
    return absl::OkStatus();
  }
  absl::Status Replace(std::string_view all) override {
    if (all.size() > room) {
      room = 0;
      return absl::DataLossError("crash");  // the old file is still there
    }
    room -= all.size();
    bytes = std::string(all);
    return absl::OkStatus();
  }
  std::string bytes;
  size_t room = SIZE_MAX;
};

std::string RecordText(int i) { return "record " + std::to_string(i) + std::string(3 * i, 'x'); }

// Records 0 to 9, with a snapshot of the first four.
void Write(CrashFile* file, std::vector<std::string>* durable) {
  FramedStateStore store(file);
  ASSERT_TRUE(store.Load().ok());
  std::string all;
  for (int i = 0; i < 10; ++i) {
    if (!store.Append(RecordText(i)).ok()) return;
    durable->push_back(RecordText(i));
    if (i != 3) continue;
    if (!store.Snapshot("snapshot of 4").ok()) return;
    *durable = {"snapshot of 4"};
  }
}

std::vector<std::string> All(const StoredState& state) {
  std::vector<std::string> out = state.records;
  if (!state.snapshot.empty()) out.insert(out.begin(), state.snapshot);
  return out;
}

TEST(StateStoreTest, ACrashAtEveryByteKeepsWhatWasDurable) {
  CrashFile whole;
  std::vector<std::string> everything;
  Write(&whole, &everything);
  EXPECT_EQ(everything.size(), 7u);
  size_t kept = 0;
  for (size_t room = 0; room < 800; ++room) {
    CrashFile file;
    file.room = room;
    std::vector<std::string> durable;
    Write(&file, &durable);
    file.room = SIZE_MAX;
    FramedStateStore store(&file);
    absl::StatusOr<StoredState> state = store.Load();
    ASSERT_TRUE(state.ok()) << state.status() << " at " << room;
    ASSERT_EQ(All(*state), durable) << room;
    kept += durable.size();
    // And it goes on.
    ASSERT_TRUE(store.Append("next").ok());
    state = store.Load();
    ASSERT_TRUE(state.ok());
    durable.push_back("next");
    ASSERT_EQ(All(*state), durable);
    ASSERT_EQ(store.recovery().lost_bytes, 0u);
  }
  EXPECT_GT(kept, 1000u);
}

TEST(StateStoreTest, TruncationAtEveryByteGivesAPrefix) {
  CrashFile file;
  std::vector<std::string> everything;
  Write(&file, &everything);
  for (size_t size = 0; size < file.bytes.size(); ++size) {
    RecoveryReport report;
    const auto state = ParseFrames(std::string_view(file.bytes).substr(0, size), &report);
    if (!state.ok()) {
      // Within the snapshot, which is only ever written as a whole.
      EXPECT_EQ(state.status().code(), absl::StatusCode::kDataLoss);
      EXPECT_LT(size, 9 + 17 + 13u);
      continue;
    }
    const std::vector<std::string> got = All(*state);
    ASSERT_LE(got.size(), everything.size());
    EXPECT_TRUE(std::equal(got.begin(), got.end(), everything.begin())) << size;
    EXPECT_EQ(report.good_bytes + report.lost_bytes, size);
  }
}

TEST(StateStoreTest, DamageAtEveryByteIsSeen) {
  CrashFile file;
  std::vector<std::string> everything;
  Write(&file, &everything);
  for (size_t at = 0; at < file.bytes.size(); ++at) {
    for (const char mask : {'\x01', '\x80'}) {
      std::string bad = file.bytes;
      bad[at] = static_cast<char>(bad[at] ^ mask);
      RecoveryReport report;
      const auto state = ParseFrames(bad, &report);
      if (!state.ok()) {
        EXPECT_EQ(state.status().code(), absl::StatusCode::kDataLoss);
        continue;
      }
      const std::vector<std::string> got = All(*state);
      ASSERT_LT(got.size(), everything.size()) << at;
      EXPECT_TRUE(std::equal(got.begin(), got.end(), everything.begin())) << at;
      EXPECT_GT(report.lost_bytes, 0u);
    }
  }
}

TEST(StateStoreTest, OtherFilesAreRefused) {
  RecoveryReport report;
  EXPECT_FALSE(ParseFrames("#!/bin/sh", &report).ok());
  EXPECT_FALSE(ParseFrames("#!/bin/sh\necho hello", &report).ok());
  std::string later = FrameHeader();
  later.back() = 2;
  EXPECT_EQ(ParseFrames(later, &report).status().code(), absl::StatusCode::kDataLoss);
  CrashFile file;
  FramedStateStore store(&file);
  EXPECT_FALSE(store.Append("before it was loaded").ok());
}

}  // namespace
}  // namespace vedette
