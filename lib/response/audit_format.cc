#include "lib/response/audit_format.h"

#include <charconv>

#include "lib/response/crypto.h"

namespace vedette::inline v0 {
namespace {

constexpr std::string_view kHashMember = ",\"hash\":\"";
constexpr size_t kHashDigits = 64;
constexpr size_t kTail = kHashMember.size() + kHashDigits + 2;  // with "}

// Reads what FormatAuditLine wrote, literally.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  bool Literal(std::string_view s) {
    if (!text_.starts_with(s)) return false;
    text_.remove_prefix(s.size());
    return true;
  }
  template <typename T>
  bool Number(T* out) {
    const char* const end = text_.data() + text_.size();
    const auto [at, error] = std::from_chars(text_.data(), end, *out);
    if (error != std::errc()) return false;
    const std::string_view digits = text_.substr(0, static_cast<size_t>(at - text_.data()));
    if (digits != std::to_string(*out)) return false;  // "007", "-0"
    text_.remove_prefix(digits.size());
    return true;
  }
  bool UpToQuote(std::string_view* out) {
    const size_t quote = text_.find('"');
    if (quote == std::string_view::npos) return false;
    *out = text_.substr(0, quote);
    text_.remove_prefix(quote);
    return true;
  }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

}  // namespace

std::string FormatAuditLine(uint64_t record, EventTime time, std::string_view prev,
                            std::string_view kind, std::string_view data, std::string* hash) {
  std::string out = "{\"seq\":" + std::to_string(record);
  out.append(",\"time\":").append(std::to_string(time));
  out.append(",\"prev\":\"").append(prev.empty() ? kNoAuditHash : prev);
  out.append("\",\"kind\":\"").append(kind);
  out.append("\",\"data\":").append(data);
  *hash = Sha256Hex(out);
  out.append(kHashMember).append(*hash).append("\"}\n");
  return out;
}

std::optional<AuditLine> ParseAuditLine(std::string_view line) {
  AuditLine out;
  if (line.size() < kTail || !line.ends_with("\"}")) return std::nullopt;
  out.hashed = line.substr(0, line.size() - kTail);
  const std::string_view tail = line.substr(out.hashed.size());
  if (!tail.starts_with(kHashMember)) return std::nullopt;
  out.hash = tail.substr(kHashMember.size(), kHashDigits);
  LineReader in(out.hashed);
  if (!in.Literal("{\"seq\":") || !in.Number(&out.record) || !in.Literal(",\"time\":") ||
      !in.Number(&out.time) || !in.Literal(",\"prev\":\"") || !in.UpToQuote(&out.prev) ||
      !in.Literal("\",\"kind\":\"") || !in.UpToQuote(&out.kind) || !in.Literal("\",\"data\":")) {
    return std::nullopt;
  }
  out.data = in.rest();
  if (!out.data.starts_with('{') || !out.data.ends_with('}')) return std::nullopt;
  return out;
}

std::string CheckpointBytes(uint64_t records, std::string_view head) {
  return "vedette-checkpoint 1 " + std::to_string(records) + " " + std::string(head);
}

}  // namespace vedette::inline v0
