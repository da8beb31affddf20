#include "vedette/response/sqlite_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/lcg.h"

namespace vedette {
namespace {

class SqliteStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "vedette_sqlite_" + std::to_string(getpid()) + ".db";
    Remove();
  }
  void TearDown() override { Remove(); }
  void Remove() {
    std::filesystem::remove(path_);
    std::filesystem::remove(path_ + "-journal");
  }
  std::string FileText() {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string path_;
};

TEST_F(SqliteStoreTest, KeepsRecordsAndSnapshots) {
  {
    auto store = SqliteStore::Open(path_);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_TRUE((*store)->Load()->records.empty());
    ASSERT_TRUE((*store)->Append("one").ok());
    ASSERT_TRUE((*store)->Append(std::string("t\0o", 3)).ok());
    ASSERT_TRUE((*store)->Append("").ok());
  }
  auto store = SqliteStore::Open(path_);
  ASSERT_TRUE(store.ok()) << store.status();
  StoredState state = *(*store)->Load();
  EXPECT_EQ(state.records, (std::vector<std::string>{"one", std::string("t\0o", 3), ""}));
  ASSERT_TRUE((*store)->Snapshot("all").ok());
  ASSERT_TRUE((*store)->Append("four").ok());
  state = *(*store)->Load();
  EXPECT_EQ(state.snapshot, "all");
  EXPECT_EQ(state.records, std::vector<std::string>{"four"});
}

TEST_F(SqliteStoreTest, ErasedValuesAreNotInTheFile) {
  auto store = SqliteStore::Open(path_);
  ASSERT_TRUE(store.ok());
  auto vault = Vault::Open({"acme", std::string(32, 'k')}, store->get());
  ASSERT_TRUE(vault.ok());
  const auto ref = (*vault)->Put("bob", "the value of bob");
  const auto other = (*vault)->Put("carol", "the value of carol");
  ASSERT_TRUE(ref.ok() && other.ok());
  EXPECT_EQ(**(*vault)->Get(*ref), "the value of bob");
  const auto sealed = (*store)->Get("value/" + ref->ref);
  ASSERT_TRUE(sealed.ok() && sealed->has_value());
  EXPECT_NE(FileText().find(**sealed), std::string::npos);
  ASSERT_TRUE((*vault)->Erase("bob").ok());
  EXPECT_FALSE((*vault)->Get(*ref)->has_value());
  EXPECT_EQ(FileText().find(**sealed), std::string::npos);
  EXPECT_EQ(**(*vault)->Get(*other), "the value of carol");
  size_t keys = 0;
  ASSERT_TRUE((*store)->ForEachKey("value/", [&keys](std::string_view) { ++keys; }).ok());
  EXPECT_EQ(keys, 1u);
}

TEST_F(SqliteStoreTest, OneProcessAtATime) {
  auto store = SqliteStore::Open(path_);
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE((*store)->Append("x").ok());
  EXPECT_EQ(SqliteStore::Open(path_).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteStoreTest, DamageIsSeen) {
  {
    auto store = SqliteStore::Open(path_);
    ASSERT_TRUE(store.ok());
    for (int i = 0; i < 20; ++i)
      ASSERT_TRUE((*store)->Append("a record " + std::to_string(i)).ok());
  }
  const std::string good = FileText();
  // Bytes of a record: its checksum does not fit.
  std::string bad = good;
  const size_t at = bad.find("a record 7");
  ASSERT_NE(at, std::string::npos);
  bad[at] = 'b';
  std::ofstream(path_, std::ios::binary) << bad;
  auto store = SqliteStore::Open(path_);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->Load().status().code(), absl::StatusCode::kDataLoss);
  store = absl::UnknownError("closed");
  std::ofstream(path_, std::ios::binary) << "this is no database, and it is long enough to see";
  EXPECT_FALSE(SqliteStore::Open(path_).ok());
  // At places all over the file: refused, or all records are as they were.
  testing::Lcg random(7);
  for (int i = 0; i < 60; ++i) {
    bad = good;
    const size_t place = (size_t{random.Next()} << 4) % bad.size();
    bad[place] = static_cast<char>(bad[place] ^ (1 << random.Below(8)));
    std::ofstream(path_, std::ios::binary) << bad;
    std::filesystem::remove(path_ + "-journal");
    store = SqliteStore::Open(path_);
    if (!store.ok()) continue;
    const auto state = (*store)->Load();
    store = absl::UnknownError("closed");
    if (!state.ok()) continue;
    for (size_t r = 0; r < state->records.size(); ++r) {
      EXPECT_EQ(state->records[r], "a record " + std::to_string(r));
    }
  }
}

// A child writes and says after each write that it is durable; it is killed at some time.
// What it said was durable is there, in order, and at most one more.
TEST_F(SqliteStoreTest, AKilledWriterLosesNothingThatItWasPromised) {
  testing::Lcg random(11);
  size_t promised_in_all = 0;
  for (int round = 0; round < 25; ++round) {
    Remove();
    int pipes[2];
    ASSERT_EQ(pipe(pipes), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(pipes[0]);
      auto store = SqliteStore::Open(path_);
      if (!store.ok()) _exit(1);
      for (unsigned char i = 1; i < 250; ++i) {
        const bool ok = i % 50 == 0 ? (*store)->Snapshot(std::string(1, static_cast<char>(i))).ok()
                                    : (*store)->Append(std::string(500, static_cast<char>(i))).ok();
        if (!ok || write(pipes[1], &i, 1) != 1) _exit(1);
      }
      _exit(0);
    }
    close(pipes[1]);
    // After some writes, at any point of the next ones.
    unsigned char promised = 0;
    const unsigned char enough = static_cast<unsigned char>(1 + random.Below(60));
    while (promised < enough && read(pipes[0], &promised, 1) == 1) {
    }
    usleep(random.Below(4000));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    while (read(pipes[0], &promised, 1) == 1) {
    }
    close(pipes[0]);
    promised_in_all += promised;
    auto store = SqliteStore::Open(path_);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto state = (*store)->Load();
    ASSERT_TRUE(state.ok()) << state.status();
    unsigned char last =
        state->snapshot.empty() ? 0 : static_cast<unsigned char>(state->snapshot[0]);
    for (const std::string& record : state->records) {
      ASSERT_EQ(record.size(), 500u);
      ++last;
      ASSERT_EQ(static_cast<unsigned char>(record[0]), last);
    }
    EXPECT_GE(last, promised);
    EXPECT_LE(last, promised + 1);
  }
  EXPECT_GE(promised_in_all, 25u);
}

}  // namespace
}  // namespace vedette
