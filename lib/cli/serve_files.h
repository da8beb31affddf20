// The files of `vedette serve`: its audit log, the commands that it hands out, tokens.
#ifndef VEDETTE_LIB_CLI_SERVE_FILES_H_
#define VEDETTE_LIB_CLI_SERVE_FILES_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/response/audit.h"

namespace vedette::inline v0::cli {

// Lines at the end of a file that only its owner reads; each is on the disk when Write returns.
// Only one program writes to it at a time. Thread-compatible.
class LineFile : public AuditWriter {
 public:
  // Opens or makes the file. Unavailable, with why, or if another program has it.
  static absl::StatusOr<std::unique_ptr<LineFile>> Open(const std::string& path);
  ~LineFile() override;

  absl::Status Write(std::string_view line) override;
  // What is in it, checked as an audit log: how far it goes. A last line that is not whole, as
  // after a crash, is cut off. FailedPrecondition if it is no audit log, or was changed.
  absl::StatusOr<AuditHead> ContinueAudit();

 private:
  LineFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  const std::string path_;
  const int fd_;
};

// 64 hexadecimal digits from the system's source of chance; aborts if there is none.
std::string RandomSecret();

// The lines of a file of tokens, "NAME TOKEN" or "TOKEN" (then the name is ""). InvalidArgument if
// others than its owner can read it, or a token is too short.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadTokens(
    const std::string& path);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_SERVE_FILES_H_
