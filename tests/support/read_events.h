// Reading all events of a text, as tests of readers do.
#ifndef VEDETTE_TESTS_SUPPORT_READ_EVENTS_H_
#define VEDETTE_TESTS_SUPPORT_READ_EVENTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/bytes_of.h"
#include "vedette/sink.h"

namespace vedette::test {

struct ReadOutcome {
  std::vector<std::string> events;  // as JSON
  std::vector<std::string> times;   // as FormatEventTime has them
  std::vector<uint64_t> lines;
  std::vector<std::string> reasons;  // "line: reason" of what was skipped or is incomplete
  ReadStats stats;
  absl::Status status;
  // The only event; "" and a failed expectation if there is not exactly one.
  std::string Only() const;
};

using OnBroken = std::function<void(uint64_t, std::string_view)>;
// Reads all that `open` gives, which gets the callback for its options. Twice: what comes of a
// source (BytesOf) that has nothing more for now again and again must be the same.
ReadOutcome ReadAllEvents(const std::function<std::unique_ptr<EventReader>(OnBroken)>& open);

}  // namespace vedette::test

#endif  // VEDETTE_TESTS_SUPPORT_READ_EVENTS_H_
