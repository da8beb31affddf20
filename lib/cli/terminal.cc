#include "lib/cli/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace vedette::inline v0::cli {
namespace {

constexpr size_t kBufferBytes = 64 << 10;
constexpr size_t kDefaultWidth = 100;

// Set by the handler, read by every thread.
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a handler may take no lock");

void OnInterrupt(int) { interrupted = true; }

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

Output::Output(int fd) : fd_(fd), is_terminal_(isatty(fd) == 1), line_flush_(is_terminal_) {}

Output::~Output() {
  Flush();
  if (owned_) close(fd_);
}

void Output::Write(std::string_view text) {
  if (closed_ || !error_.empty()) return;
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) Flush();
}

void Output::WriteLine(std::string_view line) {
  Write(line);
  Write("\n");
  if (line_flush_) Flush();
}

void Output::Flush() {
  if (fd_ < 0) return;
  std::string_view rest = buffer_;
  while (!rest.empty() && !closed_ && error_.empty()) {
    const ssize_t n = write(fd_, rest.data(), rest.size());
    if (n >= 0) {
      rest.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EPIPE) {
      closed_ = true;
    } else if (errno != EINTR) {
      error_ = std::string("write error: ") + std::strerror(errno);
    }
  }
  buffer_.clear();
}

absl::Status Output::Redirect(const std::string& path) {
  Flush();
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) {
    return absl::NotFoundError((path + ": " + std::strerror(errno)).c_str());
  }
  if (owned_) close(fd_);
  fd_ = fd;
  owned_ = true;
  is_terminal_ = false;
  line_flush_ = false;
  return absl::OkStatus();
}

void Console::Error(std::string_view message) {
  err->WriteLine("vedette: " + std::string(message));
  err->Flush();
}

bool WantsColor(std::string_view mode, const Output& output) {
  if (mode == "always") return true;
  if (mode == "never") return false;
  return output.is_terminal() && Environment("NO_COLOR").empty() && Environment("TERM") != "dumb";
}

size_t TerminalWidth(const Output& output) {
  winsize size = {};
  if (output.is_terminal() && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::clamp<size_t>(size.ws_col, 40, 400);
  }
  const std::string_view columns = Environment("COLUMNS");
  size_t width = 0;
  const auto [end, error] = std::from_chars(columns.data(), columns.data() + columns.size(), width);
  if (error != std::errc() || width == 0) return kDefaultWidth;
  return std::clamp<size_t>(width, 40, 400);
}

void InstallSignalHandlers() {
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  // Reads are interrupted too (no SA_RESTART), and a second Ctrl-C ends the process.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool Interrupted() { return interrupted; }

}  // namespace vedette::inline v0::cli
