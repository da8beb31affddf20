// Lines of the audit log, for the writer and the verifier.
#ifndef VEDETTE_LIB_RESPONSE_AUDIT_FORMAT_H_
#define VEDETTE_LIB_RESPONSE_AUDIT_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vedette/event.h"

namespace vedette::inline v0 {

inline constexpr size_t kMaxAuditLine = size_t{8} << 20;
inline constexpr std::string_view kAuditFormat = "vedette-audit";
inline constexpr int kAuditVersion = 1;
// What the first record names as the one before it.
inline constexpr std::string_view kNoAuditHash =
    "0000000000000000000000000000000000000000000000000000000000000000";

// A whole line. `data` is a JSON object.
std::string FormatAuditLine(uint64_t record, EventTime time, std::string_view prev,
                            std::string_view kind, std::string_view data, std::string* hash);

// The parts of a line without its newline. Borrowed.
struct AuditLine {
  uint64_t record = 0;
  EventTime time = 0;
  std::string_view prev;
  std::string_view kind;
  std::string_view data;
  std::string_view hash;
  std::string_view hashed;  // the bytes that the hash is of
};
// Nothing unless the line is exactly as FormatAuditLine writes it (the hash is not computed).
std::optional<AuditLine> ParseAuditLine(std::string_view line);

// The bytes that a checkpoint's signature is of.
std::string CheckpointBytes(uint64_t records, std::string_view head);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_RESPONSE_AUDIT_FORMAT_H_
