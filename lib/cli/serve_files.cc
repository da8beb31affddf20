#include "lib/cli/serve_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "lib/board/gate.h"
#include "lib/cli/load.h"
#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

absl::Status Failed(const std::string& path) {
  return absl::UnavailableError((Clean(path) + ": " + std::strerror(errno)).c_str());
}

}  // namespace

absl::StatusOr<std::unique_ptr<LineFile>> LineFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return Failed(path);
  std::unique_ptr<LineFile> file(new LineFile(path, fd));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return absl::UnavailableError((Clean(path) + ": another program writes to it").c_str());
  }
  return file;
}

LineFile::~LineFile() { close(fd_); }

absl::Status LineFile::Write(std::string_view line) {
  std::string bytes(line);
  if (!bytes.ends_with('\n')) bytes.push_back('\n');
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t n = write(fd_, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Failed(path_);
    at += static_cast<size_t>(n);
  }
  // Pipes and terminals have no disk behind them.
  if (fdatasync(fd_) != 0 && errno != EINVAL && errno != EROFS) return Failed(path_);
  return absl::OkStatus();
}

absl::StatusOr<AuditHead> LineFile::ContinueAudit() {
  AuditVerifier verifier;
  std::string buffer(size_t{1} << 16, '\0');
  off_t at = 0;
  while (true) {
    const ssize_t n = pread(fd_, buffer.data(), buffer.size(), at);
    if (n < 0) return Failed(path_);
    if (n == 0 || !verifier.Add(std::string_view(buffer).substr(0, static_cast<size_t>(n)))) break;
    at += n;
  }
  const AuditReport report = verifier.Finish();
  if (!report.ok && !report.torn_tail) {
    return absl::FailedPreconditionError((Clean(path_) + ": record " +
                                          std::to_string(report.bad_record) + ": " +
                                          report.problem + "; it is not written on")
                                             .c_str());
  }
  if (report.torn_tail && ftruncate(fd_, static_cast<off_t>(report.good_bytes)) != 0) {
    return Failed(path_);
  }
  return report.head;
}

std::string RandomSecret() {
  unsigned char bytes[32];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) std::abort();
  std::string out;
  for (const unsigned char byte : bytes) {
    out.push_back("0123456789abcdef"[byte >> 4]);
    out.push_back("0123456789abcdef"[byte & 15]);
  }
  return out;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadTokens(
    const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return Failed(path);
  if ((info.st_mode & 077) != 0) {
    return absl::InvalidArgumentError(
        (Clean(path) + ": others can read it; `chmod 600` it first").c_str());
  }
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  std::vector<std::pair<std::string, std::string>> out;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::string token;
    words >> name >> token;
    if (name.empty()) continue;
    if (token.empty()) std::swap(name, token);
    if (token.size() < kMinToken) {
      return absl::InvalidArgumentError(
          (Clean(path) + ": a token has at least " + std::to_string(kMinToken) + " characters")
              .c_str());
    }
    out.emplace_back(name, token);
  }
  if (out.empty()) return absl::InvalidArgumentError((Clean(path) + ": no token in it").c_str());
  return out;
}

}  // namespace vedette::inline v0::cli
