#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "vedette/io/segment.h"

namespace vedette::inline v0 {
namespace {

class SegmentFd {
 public:
  explicit SegmentFd(int fd) : fd_(fd) {}
  ~SegmentFd() { close(fd_); }
  SegmentFd(const SegmentFd&) = delete;
  SegmentFd& operator=(const SegmentFd&) = delete;

  absl::Status ReadAt(uint64_t offset, char* buffer, size_t size) const {
    while (size > 0) {
      const ssize_t n = pread(fd_, buffer, size, static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return absl::UnavailableError(std::strerror(errno));
      if (n == 0) return absl::DataLossError("the file has become shorter");
      buffer += n;
      offset += static_cast<uint64_t>(n);
      size -= static_cast<size_t>(n);
    }
    return absl::OkStatus();
  }

 private:
  const int fd_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SegmentReader>> OpenSegmentFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const std::string why = absl::StrCat(path, ": ", std::strerror(errno));
    if (errno == ENOENT) return absl::NotFoundError(why);
    if (errno == EACCES) return absl::PermissionDeniedError(why);
    return absl::UnavailableError(why);
  }
  const auto file = std::make_shared<SegmentFd>(fd);
  struct stat status = {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a file"));
  }
  SegmentBytes bytes;
  bytes.size = static_cast<uint64_t>(status.st_size);
  bytes.read_at = [file](uint64_t offset, char* buffer, size_t size) {
    return file->ReadAt(offset, buffer, size);
  };
  return OpenSegment(path, std::move(bytes));
}

}  // namespace vedette::inline v0
