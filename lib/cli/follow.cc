#include "lib/cli/follow.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "lib/cli/terminal.h"

namespace vedette::inline v0::cli {
namespace {

constexpr int kPauseMilliseconds = 200;

class FollowedFile {
 public:
  FollowedFile(std::string path, int fd, std::function<void()> before_wait)
      : path_(std::move(path)), fd_(fd), before_wait_(std::move(before_wait)) {}
  ~FollowedFile() { close(fd_); }
  FollowedFile(const FollowedFile&) = delete;
  FollowedFile& operator=(const FollowedFile&) = delete;

  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    while (!Interrupted()) {
      const ssize_t n = read(fd_, buffer, size);
      if (n > 0) {
        offset_ += n;
        in_line_ = buffer[n - 1] != '\n';
        return static_cast<size_t>(n);
      }
      if (n < 0 && errno != EINTR) return absl::UnavailableError(std::strerror(errno));
      if (n < 0) continue;
      if (Renewed()) {
        // What the old file ended with is no part of what the new one begins with.
        if (!std::exchange(in_line_, false)) continue;
        buffer[0] = '\n';
        return size_t{1};
      }
      if (before_wait_) before_wait_();
      poll(nullptr, 0, kPauseMilliseconds);
    }
    return 0;
  }

 private:
  // At the end of the file: whether reading goes on at the beginning of one.
  bool Renewed() {
    struct stat ours = {};
    struct stat named = {};
    if (fstat(fd_, &ours) != 0) return false;
    if (ours.st_size < offset_) {
      offset_ = lseek(fd_, 0, SEEK_SET);
      return true;
    }
    // Between two files there may be none of the name.
    if (stat(path_.c_str(), &named) != 0) return false;
    if (named.st_dev == ours.st_dev && named.st_ino == ours.st_ino) return false;
    // What was written to the old file until now is read first.
    if (ours.st_size > offset_) return false;
    const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    close(fd_);
    fd_ = fd;
    offset_ = 0;
    return true;
  }

  const std::string path_;
  int fd_;
  const std::function<void()> before_wait_;
  off_t offset_ = 0;
  bool in_line_ = false;
};

}  // namespace

absl::StatusOr<ByteSource> FollowFile(const std::string& path, std::function<void()> before_wait) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const std::string why = path + ": " + std::strerror(errno);
    return absl::NotFoundError(why.c_str());
  }
  struct stat info = {};
  char magic[8] = {};
  const bool folder = fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
  const ssize_t n = folder ? 0 : pread(fd, magic, sizeof magic, 0);
  const bool evtx = n == 8 && std::string_view(magic, 8) == std::string_view("ElfFile\0", 8);
  if (folder || evtx) {
    close(fd);
    const std::string why =
        path + (folder ? ": is a directory" : ": EVTX files are written in place; --follow cannot");
    return absl::InvalidArgumentError(why.c_str());
  }
  auto file = std::make_shared<FollowedFile>(path, fd, std::move(before_wait));
  return ByteSource([file](char* buffer, size_t size) { return file->Read(buffer, size); });
}

}  // namespace vedette::inline v0::cli
