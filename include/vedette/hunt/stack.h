// Stack counting: which values are common, and which are rare.
#ifndef VEDETTE_HUNT_STACK_H_
#define VEDETTE_HUNT_STACK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

struct StackOptions {
  // In any vocabulary; each combination of their values is counted.
  std::vector<std::string> fields;
  // Of all counters. Beyond it events with new combinations are counted together.
  size_t max_bytes = size_t{64} << 20;
  size_t max_value_bytes =
      512;  // longer texts are cut; what is equal so far is then counted as one
};

// Value type.
struct StackRow {
  std::vector<std::string> values;  // by field
  uint64_t count = 0;
  EventTime first = kNoEventTime;
  EventTime last = kNoEventTime;
};

struct StackStats {
  uint64_t events = 0;
  uint64_t without = 0;       // lack one of the fields
  uint64_t combinations = 0;  // that are counted
  uint64_t overflow = 0;      // combinations of events that were not counted by value
  uint64_t cut_lists = 0;     // events with more than 64 combinations
  // Counts of the rows are exact in any case; if this is false, there are values that are no row,
  // and the rarest and (if `overflow` is more than the last of them) the most common may be others.
  bool exact() const { return overflow == 0 && cut_lists == 0; }
};

// An event with lists counts once for each combination of their elements. Texts are compared as
// they are. Thread-compatible.
class StackCounter {
 public:
  // InvalidArgument without fields, or for names that are none.
  static absl::StatusOr<std::unique_ptr<StackCounter>> Create(StackOptions options);
  ~StackCounter();
  void Add(const EventView& event);
  // Most events first, or fewest; equal counts by value.
  std::vector<StackRow> Top(size_t n) const;
  std::vector<StackRow> Rarest(size_t n) const;
  StackStats stats() const;

 private:
  struct Impl;
  explicit StackCounter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_HUNT_STACK_H_
