// The audit log: who did what, in records that form a chain, so that a change of any byte shows.
//
// A log is lines of JSON. The last member of each line is the SHA-256 of all bytes before it, which
// hold the hash of the line before: docs/response.md has the format.
#ifndef VEDETTE_RESPONSE_AUDIT_H_
#define VEDETTE_RESPONSE_AUDIT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/alert/hooks.h"
#include "vedette/event.h"
#include "vedette/response/privacy.h"
#include "vedette/response/vault.h"

namespace vedette::inline v0 {

// Where lines go. `line` ends in a newline and must be durable when the call returns ok.
// Thread-compatible.
class AuditWriter {
 public:
  virtual ~AuditWriter() = default;
  virtual absl::Status Write(std::string_view line) = 0;
};

// Signs what a checkpoint says, with a key of the host. Thread-compatible.
class AuditSigner {
 public:
  virtual ~AuditSigner() = default;
  virtual std::string key_id() const = 0;
  virtual absl::StatusOr<std::string> Sign(std::string_view bytes) = 0;  // any bytes
};
// The other side of it. Thread-compatible.
class AuditSignatureVerifier {
 public:
  virtual ~AuditSignatureVerifier() = default;
  virtual absl::Status Verify(std::string_view key_id, std::string_view bytes,
                              std::string_view signature) = 0;
};

// How far a log goes: what a host anchors elsewhere, and continues from. Value type.
struct AuditHead {
  uint64_t records = 0;  // so many; the next has this number
  std::string hash;      // of the last one, 64 hexadecimal digits; "" for an empty log
};

// A piece of raw data that somebody relied on. Byte-exact; normalised forms are derived.
struct RawEvidence {
  std::string sha256;  // 64 hexadecimal digits
  uint64_t bytes = 0;
  std::string source;                  // file or stream
  uint64_t offset = 0;                 // of its first byte in the source
  EventTime collected = kNoEventTime;  // by the collector's clock
  std::string parser;                  // name and version of what read it
};
// Fills in the hash and the length.
RawEvidence EvidenceOf(std::string_view raw, std::string source, uint64_t offset,
                       EventTime collected, std::string parser);
bool EvidenceMatches(const RawEvidence& evidence, std::string_view raw);

struct AuditLogOptions {
  std::string log_id = {};  // names the log in its first record
  std::string tenant = {};
  uint32_t checkpoint_every = 1000;  // records; 0: only when asked
  size_t max_value_bytes = 4096;     // longer texts are cut, and say that they were
  FieldClasses classes = FieldClasses::Default();
  // Takes the values of identifiers, and of contents of entries that have one: the first
  // identifier's value is the subject. Null: they stand in the log itself, and cannot be erased.
  Vault* vault = nullptr;
  AuditSigner* signer = nullptr;  // null: checkpoints are not signed
};

// Writes the log. Secrets are masked: attributes of class secret whole, others and reasons by
// MaskSecrets. Texts are made valid UTF-8. Thread-compatible. What the options point at must
// outlive it.
class AuditLog : public AuditSink {
 public:
  // `head`: of the log so far, as AuditVerifier says; empty for a new one.
  AuditLog(AuditLogOptions options, AuditHead head, AuditWriter* writer);

  // Once the writer has failed, nobody knows how much it wrote: all later calls fail with
  // FailedPrecondition until a log is opened anew from what AuditVerifier says.
  absl::Status Append(const AuditEntry& entry) override;
  absl::Status AppendEvidence(EventTime time, const Actor& actor, const RawEvidence& evidence);
  // A record with the head so far, signed if there is a signer.
  absl::Status Checkpoint(EventTime time);

  // Forget a person: asks the vault, and puts on record who asked, the handle and how many values
  // went, or that a legal hold forbade it (FailedPrecondition). Without a vault
  // FailedPrecondition, too. The name itself is not written.
  absl::Status EraseSubject(EventTime time, const Actor& actor, std::string_view subject,
                            std::string_view reason);
  absl::Status HoldSubject(EventTime time, const Actor& actor, std::string_view subject,
                           std::string_view reason);
  absl::Status ReleaseSubject(EventTime time, const Actor& actor, std::string_view subject,
                              std::string_view reason);

  const AuditHead& head() const { return head_; }

 private:
  absl::Status AppendRecord(EventTime time, std::string_view kind, const std::string& data);
  absl::Status WriteLine(EventTime time, std::string_view kind, std::string_view data);
  absl::Status WriteCheckpoint(EventTime time);
  absl::Status SubjectRecord(EventTime time, const Actor& actor, std::string name,
                             std::string handle, bool allowed, std::string_view reason,
                             std::optional<uint64_t> values);
  std::string Text(std::string_view text) const;
  absl::StatusOr<std::string> Attributes(const AuditEntry& entry);

  AuditLogOptions options_;
  AuditHead head_;
  AuditWriter* writer_;
  bool failed_ = false;
};

// What a log came to.
struct AuditReport {
  bool ok = false;
  uint64_t records = 0;     // good ones, before the first bad one
  uint64_t good_bytes = 0;  // up to the end of the last good record
  AuditHead head;           // of the good part
  // The first bad record, if !ok: its number from 0 and where it begins.
  uint64_t bad_record = 0;
  uint64_t bad_offset = 0;
  std::string problem;
  // The only thing wrong is that the last line is not whole, as after a crash while it was
  // written: cut the file to good_bytes and go on from head.
  bool torn_tail = false;
  uint64_t checkpoints = 0;
  uint64_t signatures = 0;            // checked and good
  std::vector<RawEvidence> evidence;  // at most 100,000, the first
};

struct AuditVerifyOptions {
  // A head that was kept elsewhere: the log must go through it. Without one, records missing at
  // the end cannot be seen. With `records` 0 nothing is asked.
  AuditHead anchor = {};
  AuditSignatureVerifier* signatures = nullptr;  // null: signatures are not looked at
  bool require_signatures = false;               // a checkpoint without one is bad
  bool keep_evidence = false;                    // fill AuditReport::evidence
};

// Checks a log as its bytes come, in any pieces; memory is bounded by the longest record (8 MiB).
// Stops at the first bad record. Thread-compatible.
class AuditVerifier {
 public:
  explicit AuditVerifier(AuditVerifyOptions options = {});
  // False once something is wrong; more bytes are then of no use.
  bool Add(std::string_view bytes);
  AuditReport Finish();

 private:
  bool Line(std::string_view line);
  bool Bad(std::string problem);
  bool CheckData(std::string_view kind, std::string_view data);

  AuditVerifyOptions options_;
  AuditReport report_;
  std::string pending_;
  bool bad_ = false;
};

AuditReport VerifyAuditLog(std::string_view bytes, AuditVerifyOptions options = {});

// Asks the authorizer and puts the decision on record; the change may be made only if the result
// is ok. PermissionDenied with the authorizer's reason if it is refused, else the sink's status.
absl::Status AuthorizeOnRecord(const Authorizer& authorizer, AuditSink* sink, EventTime time,
                               const Actor& actor, const Action& action, std::string reason = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_RESPONSE_AUDIT_H_
