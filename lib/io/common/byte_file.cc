#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "vedette/io/bytes.h"

namespace vedette::inline v0 {
namespace {

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ > STDIN_FILENO) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  absl::StatusOr<size_t> Read(char* buffer, size_t size) const {
    while (true) {
      const ssize_t n = read(fd_, buffer, size);
      if (n >= 0) return static_cast<size_t>(n);
      if (errno != EINTR) return absl::UnavailableError(std::strerror(errno));
    }
  }

 private:
  int fd_;
};

}  // namespace

absl::StatusOr<ByteSource> OpenByteFile(const std::string& path) {
  int fd = STDIN_FILENO;
  if (path != "-") {
    fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      const std::string why = path + ": " + std::strerror(errno);
      if (errno == ENOENT) return absl::NotFoundError(why);
      if (errno == EACCES) return absl::PermissionDeniedError(why);
      return absl::UnavailableError(why);
    }
    struct stat status {};
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
      close(fd);
      return absl::InvalidArgumentError(path + ": is a directory");
    }
  }
  auto file = std::make_shared<Descriptor>(fd);
  return ByteSource([file](char* buffer, size_t size) { return file->Read(buffer, size); });
}

}  // namespace vedette::inline v0
