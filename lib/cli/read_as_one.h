// Reading several event files as one stream.
#ifndef VEDETTE_LIB_CLI_READ_AS_ONE_H_
#define VEDETTE_LIB_CLI_READ_AS_ONE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/cli/events.h"
#include "vedette/event.h"

namespace vedette::inline v0::cli {

// Who is told, in words with the file's name, clean for a terminal.
struct ReadTold {
  std::function<void(const std::string& message)> unreadable;  // not read, or not to its end
  std::function<void(const std::string& message)> skipped;     // records that are no events
};

// Reads all files as one stream by time, up to an interrupt or the first error of `visit`, which it
// returns.
absl::Status ReadAsOne(const std::vector<std::string>& files, const EventOptions& options,
                       const ReadTold& told,
                       const std::function<absl::Status(Event* event)>& visit);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_READ_AS_ONE_H_
