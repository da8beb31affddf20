// What the readers of text formats have in common (docs/readers.md).
#ifndef VEDETTE_IO_TEXT_H_
#define VEDETTE_IO_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "vedette/event.h"

namespace vedette::inline v0 {

struct TextOptions {
  size_t max_bytes = size_t{16} << 20;  // of one event; larger ones are counted as oversized
  size_t max_fields = 10000;            // of one event
  // Overrides shape detection.
  std::optional<EventShape> shape;
  // UTC seconds since 1970 of a wall clock that reads so many seconds after 1970; for times that
  // are written without a zone. Null: they are UTC.
  std::function<int64_t(int64_t wall_seconds)> zone;
  // Dates without a year get the latest year in which they are not more than a day after this
  // time. Null, or kNoEventTime: events with such dates have no time. The library reads no clock.
  std::function<EventTime()> reference_time;
  // Called for each record that was skipped or is incomplete, with its 1-based line and the reason.
  std::function<void(uint64_t line, std::string_view reason)> on_broken;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_TEXT_H_
