// The end of the audit log, for those who look at the board.
#ifndef VEDETTE_LIB_BOARD_AUDIT_TAIL_H_
#define VEDETTE_LIB_BOARD_AUDIT_TAIL_H_

#include <deque>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "vedette/response/audit.h"

namespace vedette::inline v0 {

// Hands lines on to the host's writer, if there is one, and keeps the last ones. Thread-compatible.
class AuditTail : public AuditWriter {
 public:
  explicit AuditTail(AuditWriter* next) : next_(next) {}

  absl::Status Write(std::string_view line) override {
    if (next_ != nullptr) {
      if (absl::Status s = next_->Write(line); !s.ok()) return s;
    }
    lines_.emplace_back(line.substr(0, line.find('\n')));
    if (lines_.size() > kKept) lines_.pop_front();
    return absl::OkStatus();
  }
  // Each is a JSON object; oldest first.
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  static constexpr size_t kKept = 200;
  AuditWriter* const next_;
  std::deque<std::string> lines_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BOARD_AUDIT_TAIL_H_
