#include "lib/cli/save_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

absl::Status FileStatus(const std::string& path) {
  const std::string message = Clean(path) + ": " + std::strerror(errno);
  return absl::InternalError(message.c_str());
}

}  // namespace

absl::Status SaveFile(const std::string& path,
                      const std::function<absl::Status(const FileWriter&)>& write) {
  const std::string beside = path + ".part";
  std::FILE* const file = std::fopen(beside.c_str(), "wb");
  if (file == nullptr) return FileStatus(beside);
  absl::Status status = write([&](std::string_view bytes) {
    return std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() ? absl::OkStatus()
                                                                            : FileStatus(beside);
  });
  if (status.ok() && (std::fflush(file) != 0 || fsync(fileno(file)) != 0)) {
    status = FileStatus(beside);
  }
  if (std::fclose(file) != 0 && status.ok()) status = FileStatus(beside);
  if (status.ok() && std::rename(beside.c_str(), path.c_str()) != 0) status = FileStatus(path);
  if (!status.ok()) std::remove(beside.c_str());
  return status;
}

absl::Status SaveFile(const std::string& path, std::string_view bytes) {
  return SaveFile(path, [bytes](const FileWriter& write) { return write(bytes); });
}

}  // namespace vedette::inline v0::cli
