#include "lib/cli/events.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/cli/terminal.h"

namespace vedette::inline v0::cli {
namespace {

absl::StatusOr<size_t> ReadStandardInput(char* buffer, size_t size) {
  while (!Interrupted()) {
    const ssize_t n = read(STDIN_FILENO, buffer, size);
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR) return absl::UnavailableError(std::strerror(errno));
  }
  return 0;
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
  if (path == "-") return NewJsonlReader("<stdin>", ReadStandardInput, options.jsonl);
  return OpenJsonlFile(path, options.jsonl);
}

}  // namespace vedette::inline v0::cli
