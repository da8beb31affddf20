#include "vedette/response/audit.h"

#include <algorithm>
#include <utility>

#include "lib/base/json_text.h"
#include "lib/base/strings.h"
#include "lib/response/audit_format.h"
#include "lib/response/crypto.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxAttributes = 256;
constexpr size_t kMaxRoles = 64;

void AppendActor(const Actor& actor, std::string* out) {
  out->append("\"actor\":{");
  AppendJsonField("id", std::string_view(actor.id).substr(0, 256), out);
  out->append(",\"roles\":[");
  for (size_t i = 0; i < std::min(actor.roles.size(), kMaxRoles); ++i) {
    if (i > 0) out->push_back(',');
    AppendJsonString(std::string_view(actor.roles[i]).substr(0, 256), out);
  }
  out->append("],\"automation\":").append(actor.automation ? "true" : "false").append("}");
}

}  // namespace

RawEvidence EvidenceOf(std::string_view raw, std::string source, uint64_t offset,
                       EventTime collected, std::string parser) {
  return {Sha256Hex(raw), raw.size(), std::move(source), offset, collected, std::move(parser)};
}

bool EvidenceMatches(const RawEvidence& evidence, std::string_view raw) {
  return evidence.bytes == raw.size() && evidence.sha256 == Sha256Hex(raw);
}

AuditLog::AuditLog(AuditLogOptions options, AuditHead head, AuditWriter* writer)
    : options_(std::move(options)), head_(std::move(head)), writer_(writer) {}

std::string AuditLog::Text(std::string_view text) const {
  std::string out = MaskSecrets(text.substr(0, std::max<size_t>(options_.max_value_bytes * 2, 64)));
  if (text.size() <= options_.max_value_bytes && out.size() <= options_.max_value_bytes) return out;
  out.resize(std::min(out.size(), options_.max_value_bytes));
  return out.append("... (cut, ").append(std::to_string(text.size())).append(" bytes)");
}

absl::StatusOr<std::string> AuditLog::Attributes(const AuditEntry& entry) {
  std::string_view subject;
  for (const auto& [name, value] : entry.action.attributes) {
    if (subject.empty() && options_.classes.Of(name) == FieldClass::kIdentifier) subject = value;
  }
  std::string out = "[";
  const size_t count = std::min(entry.action.attributes.size(), kMaxAttributes);
  for (size_t i = 0; i < count; ++i) {
    const auto& [name, value] = entry.action.attributes[i];
    const FieldClass field_class = options_.classes.Of(name);
    out.append(i > 0 ? ",{" : "{");
    AppendJsonField("name", std::string_view(name).substr(0, 256), &out);
    const bool personal = field_class == FieldClass::kIdentifier ||
                          (field_class == FieldClass::kContent && !subject.empty());
    if (field_class == FieldClass::kSecret) {
      AppendJsonField("value", kMasked, &out);
    } else if (personal && options_.vault != nullptr && !value.empty()) {
      const std::string_view owner = field_class == FieldClass::kIdentifier ? value : subject;
      const absl::StatusOr<PrivateRef> ref = options_.vault->Put(owner, Text(value));
      if (!ref.ok()) return ref.status();
      AppendJsonField("class", FieldClassName(field_class), &out);
      AppendJsonField("ref", ref->ref, &out);
      AppendJsonField("commitment", ref->commitment, &out);
    } else {
      AppendJsonField("value", Text(value), &out);
    }
    out.append("}");
  }
  out.append("]");
  if (count < entry.action.attributes.size()) {
    out.append(",\"left_out\":").append(std::to_string(entry.action.attributes.size() - count));
  }
  return out;
}

absl::Status AuditLog::Append(const AuditEntry& entry) {
  if (failed_) return absl::FailedPreconditionError("the audit log has failed; open it anew");
  const absl::StatusOr<std::string> attributes = Attributes(entry);
  if (!attributes.ok()) return attributes.status();
  std::string data = "{";
  AppendActor(entry.actor, &data);
  data.append(",\"action\":{");
  AppendJsonField("name", Text(entry.action.name), &data);
  AppendJsonField("kind", Text(entry.action.kind), &data);
  AppendJsonField("object", Text(entry.action.object_id), &data);
  data.append(",\"attributes\":").append(*attributes).append("}");
  data.append(",\"allowed\":").append(entry.allowed ? "true" : "false");
  AppendJsonField("reason", Text(entry.reason), &data);
  AppendJsonField("policy", Text(entry.policy_version), &data);
  return AppendRecord(entry.time, "entry", data.append("}"));
}

absl::Status AuditLog::AppendEvidence(EventTime time, const Actor& actor,
                                      const RawEvidence& evidence) {
  std::string data = "{";
  AppendActor(actor, &data);
  AppendJsonField("sha256", evidence.sha256, &data);
  data.append(",\"bytes\":").append(std::to_string(evidence.bytes));
  AppendJsonField("source", Text(evidence.source), &data);
  data.append(",\"offset\":").append(std::to_string(evidence.offset));
  data.append(",\"collected\":").append(std::to_string(evidence.collected));
  AppendJsonField("parser", Text(evidence.parser), &data);
  return AppendRecord(time, "evidence", data.append("}"));
}

absl::Status AuditLog::AppendRecord(EventTime time, std::string_view kind,
                                    const std::string& data) {
  if (failed_) return absl::FailedPreconditionError("the audit log has failed; open it anew");
  if (data.size() > kMaxAuditLine - 512)
    return absl::InvalidArgumentError("the record is too large");
  if (head_.records == 0) {
    std::string start = "{";
    AppendJsonField("format", kAuditFormat, &start);
    start.append(",\"version\":").append(std::to_string(kAuditVersion));
    AppendJsonField("log", Text(options_.log_id), &start);
    AppendJsonField("tenant", Text(options_.tenant), &start);
    if (absl::Status s = WriteLine(time, "start", start.append("}")); !s.ok()) return s;
  }
  if (absl::Status s = WriteLine(time, kind, data); !s.ok()) return s;
  if (options_.checkpoint_every != 0 && head_.records % options_.checkpoint_every == 0) {
    return WriteCheckpoint(time);
  }
  return absl::OkStatus();
}

absl::Status AuditLog::WriteLine(EventTime time, std::string_view kind, std::string_view data) {
  std::string hash;
  const std::string line = FormatAuditLine(head_.records, time, head_.hash, kind, data, &hash);
  if (absl::Status status = writer_->Write(line); !status.ok()) {
    failed_ = true;
    return status;
  }
  ++head_.records;
  head_.hash = std::move(hash);
  return absl::OkStatus();
}

absl::Status AuditLog::WriteCheckpoint(EventTime time) {
  std::string data = "{\"records\":" + std::to_string(head_.records);
  AppendJsonField("head", head_.hash, &data);
  if (options_.signer != nullptr) {
    const absl::StatusOr<std::string> signature =
        options_.signer->Sign(CheckpointBytes(head_.records, head_.hash));
    if (!signature.ok()) return signature.status();
    AppendJsonField("key", options_.signer->key_id(), &data);
    AppendJsonField("signature", HexOf(*signature), &data);
  }
  return WriteLine(time, "checkpoint", data.append("}"));
}

absl::Status AuditLog::Checkpoint(EventTime time) {
  if (failed_) return absl::FailedPreconditionError("the audit log has failed; open it anew");
  if (head_.records == 0) return absl::FailedPreconditionError("the log is empty");
  return WriteCheckpoint(time);
}

absl::Status AuditLog::SubjectRecord(EventTime time, const Actor& actor, std::string name,
                                     std::string handle, bool allowed, std::string_view reason,
                                     std::optional<uint64_t> values) {
  AuditEntry entry;
  entry.time = time;
  entry.actor = actor;
  entry.action = {std::move(name), "person", std::move(handle), {}};
  if (values.has_value()) entry.action.attributes.emplace_back("values", std::to_string(*values));
  entry.allowed = allowed;
  entry.reason = std::string(reason);
  return Append(entry);
}

absl::Status AuditLog::EraseSubject(EventTime time, const Actor& actor, std::string_view subject,
                                    std::string_view reason) {
  if (options_.vault == nullptr) return absl::FailedPreconditionError("the log has no vault");
  const absl::StatusOr<std::optional<std::string>> handle = options_.vault->HandleOf(subject);
  if (!handle.ok()) return handle.status();
  if (!handle->has_value()) return absl::NotFoundError("nothing is kept about the subject");
  const absl::StatusOr<bool> held = options_.vault->OnHold(subject);
  if (!held.ok()) return held.status();
  if (*held) {
    if (absl::Status s = SubjectRecord(time, actor, "privacy.erase", **handle, false,
                                       "the subject is under legal hold", std::nullopt);
        !s.ok()) {
      return s;
    }
    return absl::FailedPreconditionError("the subject is under legal hold");
  }
  // On record before it is done, and again with what came of it.
  absl::Status status =
      SubjectRecord(time, actor, "privacy.erase", **handle, true, reason, std::nullopt);
  if (!status.ok()) return status;
  const absl::StatusOr<uint64_t> values = options_.vault->Erase(subject);
  if (!values.ok()) return values.status();
  return SubjectRecord(time, actor, "privacy.erased", **handle, true, reason, *values);
}

absl::Status AuditLog::HoldSubject(EventTime time, const Actor& actor, std::string_view subject,
                                   std::string_view reason) {
  if (options_.vault == nullptr) return absl::FailedPreconditionError("the log has no vault");
  const absl::StatusOr<std::optional<std::string>> handle = options_.vault->HandleOf(subject);
  if (!handle.ok()) return handle.status();
  if (absl::Status s = SubjectRecord(time, actor, "privacy.hold", handle->value_or(""), true,
                                     reason, std::nullopt);
      !s.ok()) {
    return s;
  }
  return options_.vault->Hold(subject, reason);
}

absl::Status AuditLog::ReleaseSubject(EventTime time, const Actor& actor, std::string_view subject,
                                      std::string_view reason) {
  if (options_.vault == nullptr) return absl::FailedPreconditionError("the log has no vault");
  const absl::StatusOr<std::optional<std::string>> handle = options_.vault->HandleOf(subject);
  if (!handle.ok()) return handle.status();
  if (absl::Status s = SubjectRecord(time, actor, "privacy.release", handle->value_or(""), true,
                                     reason, std::nullopt);
      !s.ok()) {
    return s;
  }
  return options_.vault->Release(subject);
}

absl::Status AuthorizeOnRecord(const Authorizer& authorizer, AuditSink* sink, EventTime time,
                               const Actor& actor, const Action& action, std::string reason) {
  const Authorization decision = authorizer.Authorize(actor, action);
  AuditEntry entry;
  entry.time = time;
  entry.actor = actor;
  entry.action = action;
  entry.allowed = decision.allowed;
  entry.reason = decision.allowed ? std::move(reason) : decision.reason;
  entry.policy_version = decision.policy_version;
  if (absl::Status status = sink->Append(entry); !status.ok()) return status;
  if (decision.allowed) return absl::OkStatus();
  return absl::PermissionDeniedError(ToAbsl(decision.reason));
}

}  // namespace vedette::inline v0
