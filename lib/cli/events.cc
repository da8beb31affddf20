#include "lib/cli/events.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/cli/follow.h"
#include "lib/cli/load.h"
#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

constexpr int kLookMilliseconds = 200;

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
      // Not read at once: the interrupt may come to another thread, which ends no read of this one.
      pollfd entry = {fd_, POLLIN, 0};
      if (poll(&entry, 1, kLookMilliseconds) == 0) continue;
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

EventTime Now() { return absl::ToUnixNanos(absl::Now()); }

// When the file was written last: dates in it that lack a year are not later.
EventTime ModifiedAt(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return kNoEventTime;
  return absl::ToUnixNanos(absl::TimeFromTimespec(info.st_mtim));
}

// -1 if there are none.
int TwoDigits(std::string_view text) {
  if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return -1;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

// `UTC`, `local`, `+02:00` or a name as Europe/Berlin.
absl::StatusOr<absl::TimeZone> ParseZone(std::string_view text) {
  if (text == "local") return absl::LocalTimeZone();
  if (text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':') {
    const auto hours = TwoDigits(text.substr(1));
    const auto minutes = TwoDigits(text.substr(4));
    if (hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60) {
      const int seconds = hours * 3600 + minutes * 60;
      return absl::FixedTimeZone(text[0] == '-' ? -seconds : seconds);
    }
  }
  absl::TimeZone zone;
  const std::string name(text);
  if (!name.empty() && absl::LoadTimeZone(name, &zone)) return zone;
  const std::string message = "--time-zone: '" + Clean(name) +
                              "' is unknown; give UTC, local, +02:00 or a name as Europe/Berlin";
  return absl::InvalidArgumentError(message.c_str());
}

// A wall clock that was turned back shows some times twice: the first counts.
int64_t ToUtc(const absl::TimeZone& zone, int64_t wall_seconds) {
  const absl::CivilSecond wall = absl::CivilSecond(1970, 1, 1) + wall_seconds;
  return absl::ToUnixSeconds(zone.At(wall).pre);
}

absl::StatusOr<std::unique_ptr<EventReader>> FollowEvents(const std::string& path,
                                                          const EventOptions& options,
                                                          EventReaderOptions read) {
  absl::StatusOr<ByteSource> bytes = FollowFile(path, options.before_wait);
  if (!bytes.ok()) return bytes.status();
  read.text.reference_time = Now;
  return NewEventReader(path, *std::move(bytes), std::move(read));
}

absl::StatusOr<char> ParseDelimiter(std::string_view text) {
  if (text == "tab") return '\t';
  if (text.size() == 1 && text[0] != '"' && text[0] != '\n') return text[0];
  return absl::InvalidArgumentError("--csv-delimiter takes one character, or tab");
}

void TellOfDamage(const std::string& file, const ReadStats& stats, Console* console) {
  if (stats.broken + stats.oversized > 0) {
    console->Error(Clean(file) + ": " + Count(stats.broken + stats.oversized, "record") +
                   " skipped, no valid events");
  }
  if (stats.damaged > 0) console->Error(Clean(file) + ": " + Count(stats.damaged, "damaged block"));
}

}  // namespace

std::vector<OptionSpec> EventReadOptions() {
  return {
      {"events", 'e', OptionKind::kWords, "PATH",
       "Event files, folders with event files at any depth (see --format), or - for standard "
       "input."},
      {"format", 0, OptionKind::kValue, "NAME",
       "The format of the events, if it is not seen by itself: json, syslog, cef, leef, logfmt, "
       "auditd, zeek, csv, evtx. All may be packed with gzip or zstd.",
       "json|syslog|cef|leef|logfmt|auditd|zeek|csv|evtx"},
      {"time-zone", 0, OptionKind::kValue, "ZONE",
       "Of times in text formats that are written without one: UTC, local, +02:00, Europe/Berlin. "
       "Default: UTC."},
      {"csv-delimiter", 0, OptionKind::kValue, "CHAR",
       "Between the values of CSV files: a character, or tab. Default: what the first line has "
       "most of."},
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
  if (options.Has("format")) out.read.format = EventFormatByName(options.Value("format"));
  if (options.Has("event-shape")) {
    out.read.text.shape = EventShapeByName(options.Value("event-shape"));
    out.read.json.shape = out.read.text.shape;
  }
  if (options.Has("time-zone")) {
    const absl::StatusOr<absl::TimeZone> zone = ParseZone(options.Value("time-zone"));
    if (!zone.ok()) return zone.status();
    out.read.text.zone = [zone = *zone](int64_t wall) { return ToUtc(zone, wall); };
  }
  if (options.Has("csv-delimiter")) {
    const absl::StatusOr<char> delimiter = ParseDelimiter(options.Value("csv-delimiter"));
    if (!delimiter.ok()) return delimiter.status();
    out.read.csv_delimiter = *delimiter;
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
  EventReaderOptions read = options.read;
  int fd = STDIN_FILENO;
  if (path != "-") {
    if (!MayPause(path)) {
      if (options.follow) return FollowEvents(path, options, std::move(read));
      read.text.reference_time = [modified = ModifiedAt(path)] { return modified; };
      return OpenEventFile(path, std::move(read));
    }
    fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      const std::string why = path + ": " + std::strerror(errno);
      return absl::UnavailableError(why.c_str());
    }
  }
  read.text.reference_time = Now;
  auto input = std::make_shared<LiveInput>(fd, options.before_wait);
  return NewEventReader(
      path == "-" ? "<stdin>" : path,
      [input](char* buffer, size_t size) { return input->Read(buffer, size); }, std::move(read));
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
    } else {
      TellOfDamage(file, (*reader)->stats(), console);
    }
  }
  return all_read;
}

}  // namespace vedette::inline v0::cli
