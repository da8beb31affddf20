// Hostile audit logs. Whole or in pieces they come to the same; the good part is a log that goes
// on. Texts of the bytes are masked and written, too.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "vedette/response/audit.h"

namespace {

using namespace vedette;

class Lines : public AuditWriter {
 public:
  absl::Status Write(std::string_view line) override {
    text.append(line);
    return absl::OkStatus();
  }
  std::string text;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  AuditVerifyOptions options;
  options.keep_evidence = true;
  const AuditReport whole = VerifyAuditLog(bytes, options);
  AuditVerifier verifier(options);
  for (size_t at = 0; at < size; at += 13) verifier.Add(bytes.substr(at, 13));
  const AuditReport pieces = verifier.Finish();
  if (whole.ok != pieces.ok || whole.records != pieces.records ||
      whole.good_bytes != pieces.good_bytes || whole.head.hash != pieces.head.hash ||
      whole.evidence.size() != pieces.evidence.size() || whole.problem != pieces.problem) {
    __builtin_trap();
  }
  Lines lines;
  lines.text = std::string(bytes.substr(0, whole.good_bytes));
  AuditLog log({.checkpoint_every = 2}, whole.head, &lines);
  AuditEntry entry;
  entry.actor.id = std::string(bytes.substr(0, 20));
  entry.action.name = std::string(bytes);
  entry.action.attributes.emplace_back(std::string(bytes.substr(0, size / 2)),
                                       std::string(bytes.substr(size / 2)));
  entry.reason = std::string(bytes);
  if (!log.Append(entry).ok() || !VerifyAuditLog(lines.text).ok) __builtin_trap();
  return 0;
}
