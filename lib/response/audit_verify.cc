#include <algorithm>
#include <utility>

#include "lib/base/strings.h"
#include "lib/doc/doc_tree.h"
#include "lib/response/audit_format.h"
#include "lib/response/crypto.h"
#include "vedette/response/audit.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxEvidence = 100000;

std::string TextOf(const DocNode& node, std::string_view name) {
  const DocNode* const found = node.Find(name);
  return found != nullptr && found->kind == DocNode::Kind::kString ? found->text : "";
}

int64_t IntOf(const DocNode& node, std::string_view name) {
  const DocNode* const found = node.Find(name);
  return found != nullptr && found->kind == DocNode::Kind::kInt ? found->integer : -1;
}

}  // namespace

AuditVerifier::AuditVerifier(AuditVerifyOptions options) : options_(std::move(options)) {}

bool AuditVerifier::Bad(std::string problem) {
  bad_ = true;
  report_.bad_record = report_.records;
  report_.bad_offset = report_.good_bytes;
  report_.problem = std::move(problem);
  return false;
}

bool AuditVerifier::Add(std::string_view bytes) {
  if (bad_) return false;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      pending_.append(bytes);
      if (pending_.size() > kMaxAuditLine) return Bad("the line is longer than any record");
      return true;
    }
    bool good = false;
    if (pending_.empty()) {
      good = Line(bytes.substr(0, end));
    } else {
      pending_.append(bytes.substr(0, end));
      good = Line(pending_);
      pending_.clear();
    }
    if (!good) return false;
    bytes.remove_prefix(end + 1);
  }
  return true;
}

bool AuditVerifier::Line(std::string_view line) {
  if (line.size() > kMaxAuditLine) return Bad("the line is longer than any record");
  const std::optional<AuditLine> parts = ParseAuditLine(line);
  if (!parts.has_value()) return Bad("the line is not a record of an audit log");
  if (Sha256Hex(parts->hashed) != parts->hash)
    return Bad("the record's hash does not fit its text");
  if (parts->record != report_.records) {
    return Bad("record " + std::to_string(parts->record) + " stands where record " +
               std::to_string(report_.records) + " should: records are missing or were moved");
  }
  const std::string_view prev = report_.records == 0 ? kNoAuditHash : report_.head.hash;
  if (parts->prev != prev) return Bad("the record does not follow from the one before it");
  if ((report_.records == 0) != (parts->kind == "start")) {
    return Bad(report_.records == 0 ? "the first record is no start of a log"
                                    : "a log starts within the log");
  }
  if (!CheckData(parts->kind, parts->data)) return false;
  const AuditHead& anchor = options_.anchor;
  if (anchor.records == report_.records + 1 && anchor.hash != parts->hash) {
    return Bad("the record is not the one that the anchor names: the log was written anew");
  }
  ++report_.records;
  report_.good_bytes += line.size() + 1;
  report_.head = {report_.records, std::string(parts->hash)};
  return true;
}

bool AuditVerifier::CheckData(std::string_view kind, std::string_view data) {
  if (kind != "start" && kind != "checkpoint" && kind != "evidence") return true;
  const RuleSource source = {"audit record", std::string(data)};
  const SourceText text(source);
  DocError error;
  const std::optional<DocNode> doc = ParseJsonTree(text, 0, data.size(), &error);
  if (!doc.has_value() || doc->kind != DocNode::Kind::kMap) return Bad("the record is not JSON");
  if (kind == "start") {
    if (TextOf(*doc, "format") != kAuditFormat || IntOf(*doc, "version") != kAuditVersion) {
      return Bad("the log is of a format that this version does not know");
    }
    return true;
  }
  if (kind == "evidence") {
    if (!options_.keep_evidence || report_.evidence.size() >= kMaxEvidence) return true;
    RawEvidence evidence;
    evidence.sha256 = TextOf(*doc, "sha256");
    evidence.bytes = static_cast<uint64_t>(std::max<int64_t>(IntOf(*doc, "bytes"), 0));
    evidence.source = TextOf(*doc, "source");
    evidence.offset = static_cast<uint64_t>(std::max<int64_t>(IntOf(*doc, "offset"), 0));
    evidence.collected = IntOf(*doc, "collected");
    evidence.parser = TextOf(*doc, "parser");
    report_.evidence.push_back(std::move(evidence));
    return true;
  }
  if (IntOf(*doc, "records") != static_cast<int64_t>(report_.records) ||
      TextOf(*doc, "head") != report_.head.hash) {
    return Bad("the checkpoint is of another log");
  }
  ++report_.checkpoints;
  const std::string signature = TextOf(*doc, "signature");
  if (signature.empty()) {
    return !options_.require_signatures || Bad("the checkpoint is not signed");
  }
  if (options_.signatures == nullptr) return true;
  const std::optional<std::string> bytes = BytesOfHex(signature);
  if (!bytes.has_value()) return Bad("the checkpoint's signature is malformed");
  const absl::Status status = options_.signatures->Verify(
      TextOf(*doc, "key"), CheckpointBytes(report_.records, report_.head.hash), *bytes);
  if (!status.ok()) {
    return Bad("the checkpoint's signature is bad: " + std::string(ToStd(status.message())));
  }
  ++report_.signatures;
  return true;
}

AuditReport AuditVerifier::Finish() {
  if (!bad_ && !pending_.empty()) {
    Bad("the last record is not whole");
    report_.torn_tail = true;
  }
  if (!bad_ && options_.anchor.records > report_.records) {
    Bad("the log ends before the record that the anchor names: records are missing at the end");
  }
  report_.ok = !bad_;
  return std::move(report_);
}

AuditReport VerifyAuditLog(std::string_view bytes, AuditVerifyOptions options) {
  AuditVerifier verifier(std::move(options));
  verifier.Add(bytes);
  return verifier.Finish();
}

}  // namespace vedette::inline v0
