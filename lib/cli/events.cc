#include "lib/cli/events.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/cli/load.h"
#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

// Standard input, a named pipe or a device: it may pause, and is left when the user interrupts.
class LiveInput {
 public:
  LiveInput(int fd, std::function<void()> before_wait)
      : fd_(fd), before_wait_(std::move(before_wait)) {}
  ~LiveInput() {
    if (fd_ != STDIN_FILENO) close(fd_);
  }
  LiveInput(const LiveInput&) = delete;
  LiveInput& operator=(const LiveInput&) = delete;

  absl::StatusOr<size_t> Read(char* buffer, size_t size) const {
    if (before_wait_) before_wait_();
    while (!Interrupted()) {
      const ssize_t n = read(fd_, buffer, size);
      if (n >= 0) return static_cast<size_t>(n);
      if (errno != EINTR) return absl::UnavailableError(std::strerror(errno));
    }
    return 0;
  }

 private:
  const int fd_;
  const std::function<void()> before_wait_;
};

bool MayPause(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode));
}

}  // namespace

std::vector<OptionSpec> EventReadOptions() {
  return {
      {"events", 'e', OptionKind::kWords, "PATH",
       "Event files, folders with *.json, *.jsonl, *.ndjson, *.log (also .gz, .zst) at any depth, "
       "or - for standard input."},
      {"event-shape", 0, OptionKind::kValue, "NAME",
       "How the events are dressed, if it is not seen by itself: generic, windows-flat, "
       "windows-evtx, winlogbeat, winlogbeat-old, ecs, ocsf, zeek.",
       "generic|windows-flat|windows-evtx|winlogbeat|winlogbeat-old|ecs|ocsf|zeek"},
      {"event-logsource", 0, OptionKind::kValue, "K=V,..",
       "The log source of all events, instead of what the table derives."},
  };
}

absl::StatusOr<EventOptions> EventOptionsOf(const Options& options) {
  EventOptions out;
  if (options.Has("event-shape")) {
    out.jsonl.json.shape = EventShapeByName(options.Value("event-shape"));
  }
  if (options.Has("event-logsource")) {
    absl::StatusOr<LogSource> source = LogSource::Parse(options.Value("event-logsource"));
    if (!source.ok()) return source.status();
    out.log_source = *std::move(source);
  }
  return out;
}

absl::StatusOr<std::unique_ptr<EventReader>> OpenEvents(const std::string& path,
                                                        const EventOptions& options) {
  int fd = STDIN_FILENO;
  if (path != "-") {
    if (!MayPause(path)) return OpenJsonlFile(path, options.jsonl);
    fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      const std::string why = path + ": " + std::strerror(errno);
      return absl::UnavailableError(why.c_str());
    }
  }
  auto input = std::make_shared<LiveInput>(fd, options.before_wait);
  return NewJsonlReader(
      path == "-" ? "<stdin>" : path,
      [input](char* buffer, size_t size) { return input->Read(buffer, size); }, options.jsonl);
}

bool ForEachEvent(const std::vector<std::string>& files, const EventOptions& options,
                  Console* console, const std::function<void(const Event&)>& visit) {
  Event event;
  bool all_read = true;
  for (const std::string& file : files) {
    absl::StatusOr<std::unique_ptr<EventReader>> reader = OpenEvents(file, options);
    absl::Status status = reader.status();
    while (status.ok() && !Interrupted()) {
      const absl::StatusOr<bool> more = (*reader)->Next(&event);
      status = more.status();
      if (!more.ok() || !*more) break;
      visit(event);
    }
    if (!status.ok()) {
      const std::string message = MessageOf(status);
      const bool names_it = message.find(file) != std::string::npos;
      console->Error(Clean(names_it ? message : file + ": " + message));
      all_read = false;
    } else if ((*reader)->stats().broken + (*reader)->stats().oversized > 0) {
      console->Error(Clean(file) + ": " +
                     Count((*reader)->stats().broken + (*reader)->stats().oversized, "record") +
                     " skipped, no valid events");
    }
  }
  return all_read;
}

}  // namespace vedette::inline v0::cli
