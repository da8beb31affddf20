// Event input as the options describe it.
#ifndef VEDETTE_LIB_CLI_EVENTS_H_
#define VEDETTE_LIB_CLI_EVENTS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cli/options.h"
#include "lib/cli/terminal.h"
#include "vedette/event.h"
#include "vedette/io/events.h"
#include "vedette/logsource.h"
#include "vedette/sink.h"

namespace vedette::inline v0::cli {

// --events, --format and what else says how events are read.
std::vector<OptionSpec> EventReadOptions();

struct EventOptions {
  EventReaderOptions read;
  // Whether files are read on while they grow, until the user interrupts.
  bool follow = false;
  // What the user says the events are, instead of what the table derives.
  std::optional<LogSource> log_source;
  // Called before each read of an input that may pause, a pipe or a terminal: what is ready should
  // be shown by then.
  std::function<void()> before_wait;

  // Valid as long as `event` and this.
  EventView View(const Event& event) const {
    EventView view = event.view();
    if (log_source.has_value()) view.set_log_source(&*log_source);
    return view;
  }
};

// From the options; InvalidArgument for a wrong value.
absl::StatusOr<EventOptions> EventOptionsOf(const Options& options);

// A file, or standard input for "-". An interrupt ends the reading of standard input, of pipes and
// of files that are followed as if the input had ended.
absl::StatusOr<std::unique_ptr<EventReader>> OpenEvents(const std::string& path,
                                                        const EventOptions& options);

// Calls `visit` for each event of the files, one file after the other, up to an interrupt. Tells of
// files that cannot be read to their end, and of records that were no events. Whether all were
// read.
bool ForEachEvent(const std::vector<std::string>& files, const EventOptions& options,
                  Console* console, const std::function<void(const Event&)>& visit);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_EVENTS_H_
