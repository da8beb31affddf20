#include "vedette/response/audit.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vedette {
namespace {

class AuditLines : public AuditWriter {
 public:
  absl::Status Write(std::string_view line) override {
    if (fail_at == written) {
      text.append(line.substr(0, line.size() / 2));
      return absl::DataLossError("the disk is full");
    }
    ++written;
    text.append(line);
    return absl::OkStatus();
  }
  std::string text;
  size_t written = 0;
  size_t fail_at = SIZE_MAX;
};

// A signature of a toy kind: the log only carries it.
class ToySigner : public AuditSigner, public AuditSignatureVerifier {
 public:
  std::string key_id() const override { return "key-1"; }
  absl::StatusOr<std::string> Sign(std::string_view bytes) override {
    return "signed:" + std::string(bytes);
  }
  absl::Status Verify(std::string_view key, std::string_view bytes,
                      std::string_view signature) override {
    if (key == "key-1" && signature == "signed:" + std::string(bytes)) return absl::OkStatus();
    return absl::PermissionDeniedError("not ours");
  }
};

AuditEntry Close(int i) {
  AuditEntry entry;
  entry.time = 1'800'000'000'000'000'000 + i;
  entry.actor = {"ada", {"tier1"}, false};
  entry.action = {"incident.close", "incident", "inc-" + std::to_string(i), {}};
  entry.action.attributes = {{"user", "bob@example.org"},
                             {"cmd_line", "curl -u bob:hunter2 https://x/ --token abc123def"},
                             {"password", "hunter2"},
                             {"severity", "low"}};
  entry.reason = "noise";
  entry.policy_version = "7";
  return entry;
}

std::string LogOf(int entries, AuditLogOptions options = {}) {
  AuditLines lines;
  AuditLog log(std::move(options), {}, &lines);
  for (int i = 0; i < entries; ++i) EXPECT_TRUE(log.Append(Close(i)).ok());
  return lines.text;
}

TEST(AuditLogTest, VerifiesWhatItWrites) {
  AuditLines lines;
  AuditLog log({.log_id = "soc", .tenant = "acme", .checkpoint_every = 4}, {}, &lines);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(log.Append(Close(i)).ok());
  const AuditReport report = VerifyAuditLog(lines.text);
  EXPECT_TRUE(report.ok) << report.problem;
  EXPECT_EQ(report.records, log.head().records);
  EXPECT_EQ(report.head.hash, log.head().hash);
  EXPECT_EQ(report.good_bytes, lines.text.size());
  EXPECT_GE(report.checkpoints, 2u);
}

TEST(AuditLogTest, TheFormatStays) {
  // Written by hand and hashed by sha256sum: readers of other makes rely on it.
  const std::string first =
      R"({"seq":0,"time":5,"prev":"0000000000000000000000000000000000000000000000000000000000000000",)"
      R"("kind":"start","data":{"format":"vedette-audit","version":1,"log":"l","tenant":"t"})";
  AuditLines lines;
  AuditLog log({.log_id = "l", .tenant = "t"}, {}, &lines);
  AuditEntry entry;
  entry.time = 5;
  entry.actor = {"a", {"r"}, true};
  entry.action = {"x.y", "k", "o", {{"n", "v"}}};
  ASSERT_TRUE(log.Append(entry).ok());
  const std::string hash = "19b9abd68e48fdd74d98f9aaea2d0430a1224596a1417018ab38d5d8fcc863bb";
  const std::string line = first + ",\"hash\":\"" + hash + "\"}\n";
  EXPECT_EQ(lines.text.substr(0, line.size()), line);
  EXPECT_NE(lines.text.find(",\"prev\":\"" + hash + "\""), std::string::npos);
  EXPECT_NE(lines.text.find(
                R"("kind":"entry","data":{"actor":{"id":"a","roles":["r"],"automation":true},)"
                R"("action":{"name":"x.y","kind":"k","object":"o","attributes":[{"name":"n",)"
                R"("value":"v"}]},"allowed":true,"reason":"","policy":""},"hash":")"),
            std::string::npos)
      << lines.text;
}

TEST(AuditLogTest, EveryFlippedByteNamesItsRecord) {
  const std::string good = LogOf(6, {.checkpoint_every = 3});
  ASSERT_TRUE(VerifyAuditLog(good).ok);
  uint64_t record = 0;
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char mask : {'\x01', '\x20', '\x80'}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ mask);
      const AuditReport report = VerifyAuditLog(bad);
      ASSERT_FALSE(report.ok) << "byte " << at;
      ASSERT_EQ(report.bad_record, record) << "byte " << at << ": " << report.problem;
    }
    if (good[at] == '\n') ++record;
  }
}

TEST(AuditLogTest, CutAtEveryByteIsATornTailOrAShorterLog) {
  const std::string good = LogOf(4);
  size_t lines = 0;
  size_t line_start = 0;
  for (size_t size = 0; size < good.size(); ++size) {
    const AuditReport report = VerifyAuditLog(std::string_view(good).substr(0, size));
    if (size > 0 && good[size - 1] == '\n') {
      ++lines;
      line_start = size;
    }
    EXPECT_EQ(report.records, lines);
    EXPECT_EQ(report.good_bytes, line_start);
    EXPECT_EQ(report.ok, size == line_start);
    EXPECT_EQ(report.torn_tail, size != line_start);
    // What is left is a log that goes on.
    AuditLines more;
    more.text = good.substr(0, report.good_bytes);
    AuditLog log({}, report.head, &more);
    ASSERT_TRUE(log.Append(Close(99)).ok());
    EXPECT_TRUE(VerifyAuditLog(more.text).ok);
  }
}

TEST(AuditLogTest, MovedMissingAndInsertedRecordsShow) {
  const std::string good = LogOf(5);
  std::vector<std::string> lines;
  for (size_t at = 0; at < good.size();) {
    const size_t end = good.find('\n', at) + 1;
    lines.push_back(good.substr(at, end - at));
    at = end;
  }
  const auto verify = [](std::vector<std::string> parts) {
    std::string all;
    for (const std::string& part : parts) all += part;
    return VerifyAuditLog(all);
  };
  auto swapped = lines;
  std::swap(swapped[2], swapped[3]);
  EXPECT_EQ(verify(swapped).bad_record, 2u);
  auto missing = lines;
  missing.erase(missing.begin() + 2);
  EXPECT_EQ(verify(missing).bad_record, 2u);
  auto twice = lines;
  twice.insert(twice.begin() + 3, twice[2]);
  EXPECT_EQ(verify(twice).bad_record, 3u);
  EXPECT_EQ(verify({lines.begin() + 1, lines.end()}).bad_record, 0u);
  // Only an anchor shows what is missing at the end, or was written anew.
  const AuditReport whole = VerifyAuditLog(good);
  EXPECT_TRUE(verify({lines.begin(), lines.end() - 1}).ok);
  EXPECT_FALSE(
      VerifyAuditLog(good.substr(0, good.size() - lines.back().size()), {.anchor = whole.head}).ok);
  EXPECT_TRUE(VerifyAuditLog(good, {.anchor = whole.head}).ok);
  EXPECT_FALSE(VerifyAuditLog(LogOf(6), {.anchor = {6, std::string(64, 'a')}}).ok);
}

TEST(AuditLogTest, PiecesOfAnySizeGiveTheSame) {
  const std::string good = LogOf(3);
  for (const size_t step : {size_t{1}, size_t{7}, size_t{500}}) {
    AuditVerifier verifier;
    for (size_t at = 0; at < good.size(); at += step) {
      EXPECT_TRUE(verifier.Add(std::string_view(good).substr(at, step)));
    }
    EXPECT_TRUE(verifier.Finish().ok);
  }
}

TEST(AuditLogTest, CheckpointsAreSigned) {
  ToySigner signer;
  AuditLines lines;
  AuditLog log({.checkpoint_every = 2, .signer = &signer}, {}, &lines);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(log.Append(Close(i)).ok());
  AuditReport report = VerifyAuditLog(lines.text, {.signatures = &signer});
  EXPECT_TRUE(report.ok) << report.problem;
  EXPECT_EQ(report.signatures, report.checkpoints);
  EXPECT_GT(report.signatures, 0u);
  // A log that somebody wrote anew without the key.
  const std::string forged = LogOf(4, {.checkpoint_every = 2});
  EXPECT_TRUE(VerifyAuditLog(forged, {.signatures = &signer}).ok);
  report = VerifyAuditLog(forged, {.signatures = &signer, .require_signatures = true});
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.problem, "the checkpoint is not signed");
}

TEST(AuditLogTest, AFailedWriterStopsTheLog) {
  AuditLines lines;
  lines.fail_at = 3;
  AuditLog log({}, {}, &lines);
  ASSERT_TRUE(log.Append(Close(0)).ok());
  ASSERT_TRUE(log.Append(Close(1)).ok());
  EXPECT_FALSE(log.Append(Close(2)).ok());
  lines.fail_at = SIZE_MAX;
  EXPECT_EQ(log.Append(Close(3)).code(), absl::StatusCode::kFailedPrecondition);
  const AuditReport report = VerifyAuditLog(lines.text);
  EXPECT_TRUE(report.torn_tail);
  lines.text.resize(report.good_bytes);
  AuditLog again({}, report.head, &lines);
  EXPECT_TRUE(again.Append(Close(3)).ok());
  EXPECT_TRUE(VerifyAuditLog(lines.text).ok);
}

TEST(AuditLogTest, EvidenceIsByteExact) {
  AuditLines lines;
  AuditLog log({}, {}, &lines);
  const std::string raw = "{\"a\": 1}  ";
  const RawEvidence evidence = EvidenceOf(raw, "sysmon.jsonl", 17, 42, "json 0.1.0");
  ASSERT_TRUE(log.AppendEvidence(43, {"collector", {}, true}, evidence).ok());
  const AuditReport report = VerifyAuditLog(lines.text, {.keep_evidence = true});
  ASSERT_EQ(report.evidence.size(), 1u);
  const RawEvidence& read = report.evidence[0];
  EXPECT_EQ(read.source, "sysmon.jsonl");
  EXPECT_EQ(read.offset, 17u);
  EXPECT_EQ(read.collected, 42);
  EXPECT_EQ(read.parser, "json 0.1.0");
  EXPECT_TRUE(EvidenceMatches(read, raw));
  EXPECT_FALSE(EvidenceMatches(read, "{\"a\": 1} "));
}

TEST(AuditLogTest, SecretsAreNotWritten) {
  const std::string text = LogOf(1);
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  EXPECT_EQ(text.find("abc123def"), std::string::npos) << text;
  EXPECT_NE(text.find("severity"), std::string::npos);
}

TEST(AuditLogTest, LongAndBrokenTextsAreBounded) {
  AuditLines lines;
  AuditLog log({.max_value_bytes = 100}, {}, &lines);
  AuditEntry entry;
  entry.action.name = std::string(1 << 20, 'x');
  entry.action.kind = "\xff\xfe\"\n";
  for (int i = 0; i < 1000; ++i) entry.action.attributes.emplace_back("k", std::string(5000, '\n'));
  entry.reason = std::string(1 << 20, '\0');
  ASSERT_TRUE(log.Append(entry).ok());
  EXPECT_LT(lines.text.size(), size_t{1} << 20);
  EXPECT_TRUE(VerifyAuditLog(lines.text).ok);
}

constexpr char kVaultKey[] = "0123456789abcdef0123456789abcdef";

TEST(AuditLogTest, ErasureLeavesTheChainWhole) {
  MemoryPersonalStore store;
  auto vault = Vault::Open({"acme", kVaultKey}, &store);
  ASSERT_TRUE(vault.ok());
  AuditLines lines;
  AuditLog log({.vault = vault->get()}, {}, &lines);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(log.Append(Close(i)).ok());
  AuditEntry other = Close(4);
  other.action.attributes[0].second = "carol@example.org";
  ASSERT_TRUE(log.Append(other).ok());
  EXPECT_EQ(lines.text.find("bob"), std::string::npos) << lines.text;
  EXPECT_EQ(lines.text.find("curl"), std::string::npos) << lines.text;

  // All of a person share a handle.
  const auto handle = (*vault)->HandleOf("BOB@example.org");
  ASSERT_TRUE(handle.ok() && handle->has_value());
  size_t refs = 0;
  for (size_t at = lines.text.find("\"ref\":\"" + **handle); at != std::string::npos;
       at = lines.text.find("\"ref\":\"" + **handle, at + 1)) {
    ++refs;
  }
  EXPECT_EQ(refs, 6u);  // name and command line, three times
  const size_t at = lines.text.find("\"ref\":\"" + **handle) + 7;
  const size_t commitment = lines.text.find("\"commitment\":\"", at) + 14;
  const PrivateRef ref = {lines.text.substr(at, lines.text.find('"', at) - at),
                          lines.text.substr(commitment, 64)};
  auto value = (*vault)->Get(ref);
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(**value, "bob@example.org");

  const std::map<std::string, std::string, std::less<>> backup = store.rows();
  ASSERT_TRUE(log.EraseSubject(9, {"dpo", {"privacy"}, false}, "bob@example.org", "asked").ok());
  EXPECT_TRUE(VerifyAuditLog(lines.text).ok);
  value = (*vault)->Get(ref);
  ASSERT_TRUE(value.ok());
  EXPECT_FALSE(value->has_value());
  EXPECT_FALSE((*vault)->HandleOf("bob@example.org")->has_value());
  EXPECT_NE(lines.text.find("privacy.erased"), std::string::npos);
  EXPECT_NE(lines.text.find(R"({"name":"values","value":"6"})"), std::string::npos) << lines.text;

  // Even who finds the sealed values again cannot read them: their key is gone.
  for (const auto& [key, row] : backup) {
    if (!key.starts_with("value/" + **handle)) continue;
    ASSERT_TRUE(store.Put(key, row).ok());
  }
  value = (*vault)->Get(ref);
  ASSERT_TRUE(value.ok());
  EXPECT_FALSE(value->has_value());

  // Others stay, and the same name is somebody new.
  EXPECT_TRUE((*vault)->HandleOf("carol@example.org")->has_value());
  ASSERT_TRUE(log.Append(Close(5)).ok());
  EXPECT_NE(**(*vault)->HandleOf("bob@example.org"), **handle);
}

TEST(AuditLogTest, LegalHoldWinsAndIsOnRecord) {
  MemoryPersonalStore store;
  auto vault = Vault::Open({"acme", kVaultKey}, &store);
  AuditLines lines;
  AuditLog log({.vault = vault->get()}, {}, &lines);
  const Actor counsel = {"counsel", {"legal"}, false};
  ASSERT_TRUE(log.Append(Close(0)).ok());
  ASSERT_TRUE(log.HoldSubject(1, counsel, "bob@example.org", "case 12").ok());
  const absl::Status refused = log.EraseSubject(2, counsel, "bob@example.org", "asked");
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(lines.text.find("privacy.hold"), std::string::npos);
  EXPECT_NE(lines.text.find(R"("allowed":false,"reason":"the subject is under legal hold")"),
            std::string::npos);
  EXPECT_TRUE((*vault)->HandleOf("bob@example.org")->has_value());
  EXPECT_FALSE((*vault)->Erase("bob@example.org").ok());  // not by the side door either
  ASSERT_TRUE(log.ReleaseSubject(3, counsel, "bob@example.org", "settled").ok());
  EXPECT_TRUE(log.EraseSubject(4, counsel, "bob@example.org", "asked").ok());
  EXPECT_EQ(lines.text.find("bob"), std::string::npos);
  EXPECT_TRUE(VerifyAuditLog(lines.text).ok);
}

TEST(VaultTest, RowsThatWereTamperedWithAreRefused) {
  MemoryPersonalStore store;
  auto vault = Vault::Open({"acme", kVaultKey}, &store);
  const auto ref = (*vault)->Put("bob", "the value");
  ASSERT_TRUE(ref.ok());
  for (const auto& [key, row] : std::map(store.rows())) {
    if (key.starts_with("subject/")) continue;
    for (size_t at = 0; at < row.size(); ++at) {
      std::string bad = row;
      bad[at] = static_cast<char>(bad[at] ^ 1);
      ASSERT_TRUE(store.Put(key, bad).ok());
      EXPECT_EQ((*vault)->Get(*ref).status().code(), absl::StatusCode::kDataLoss) << key;
    }
    ASSERT_TRUE(store.Put(key, row).ok());
  }
  EXPECT_EQ(**(*vault)->Get(*ref), "the value");
  // Another value's commitment.
  const auto other = (*vault)->Put("bob", "the value");
  EXPECT_NE(other->commitment, ref->commitment);  // salted
  EXPECT_FALSE((*vault)->Get({ref->ref, other->commitment}).ok());
  // Another tenant's key.
  auto stranger = Vault::Open({"acme", std::string(32, 'x')}, &store);
  EXPECT_FALSE((*stranger)->Get(*ref).ok());
  EXPECT_FALSE(Vault::Open({"acme", "short"}, &store).ok());
}

}  // namespace
}  // namespace vedette
