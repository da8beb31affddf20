// What of an event one may search for by its value: addresses, hashes, names, paths.
#ifndef VEDETTE_OBSERVABLE_H_
#define VEDETTE_OBSERVABLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "vedette/event.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// Shorter texts are in every block of events, longer ones are no single thing.
inline constexpr size_t kMinObservableBytes = 3;
inline constexpr size_t kMaxObservableBytes = 256;

// Calls `visit` with the texts of an event that count as observables, in lower case (ASCII) and
// without blanks around them; some come more than once. They are: each text value; the part of a
// path after its last slash or backslash; the values in "NAME=value,NAME=value"; the host of an
// URL. Numbers, times, and texts beyond the limits above are none. The text is borrowed during the
// call. `arena` is for values that the event makes.
void ForEachObservable(const EventView& event, ValueArena* arena,
                       const std::function<void(std::string_view)>& visit);

// The text as ForEachObservable gives it; InvalidArgument if it is too short or too long.
absl::StatusOr<std::string> NormalizeObservable(std::string_view text);

// What filters of stored blocks know an observable by: the same on every machine.
uint64_t HashObservable(std::string_view normalized);

}  // namespace vedette::inline v0

#endif  // VEDETTE_OBSERVABLE_H_
