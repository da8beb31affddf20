// What is made of the hits of a hunt, or of stored events themselves.
#ifndef VEDETTE_LIB_CLI_HUNT_RESULTS_H_
#define VEDETTE_LIB_CLI_HUNT_RESULTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/cli/hunt_options.h"
#include "lib/cli/options.h"
#include "lib/cli/terminal.h"
#include "vedette/event.h"
#include "vedette/hunt/promote.h"

namespace vedette::inline v0::cli {

// --stack, --rare, --top, --pivot, --draft, --benign, --incident, --tenant.
std::vector<OptionSpec> HuntResultOptions();
bool WantsResults(const Options& options);
// InvalidArgument for a wrong value; without reading anything.
absl::Status CheckResultOptions(const Options& options);

// Does what the options ask for and prints it. `hits` are those of the hunt, `places` the events
// that it found; `hunted` is false if there were no rules and no observables, so that it is about
// all events.
absl::Status MakeResults(const Options& options, const HuntSettings& settings, bool hunted,
                         const std::vector<KeptHit>& hits, std::vector<HuntPlace> places,
                         Console* console);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_HUNT_RESULTS_H_
