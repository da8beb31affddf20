// Several event files as one stream in the order of event time.
#ifndef VEDETTE_LIB_CLI_MERGE_H_
#define VEDETTE_LIB_CLI_MERGE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "vedette/sink.h"

namespace vedette::inline v0::cli {

// Files that are open at once, at most.
inline constexpr size_t kMaxMerged = 512;

// Takes, again and again, the earliest of the next events of all readers; of equal times the one
// of the first reader, and events without a time at once. Each file keeps its own order, so files
// that are in order give a stream that is.
class MergedReader {
 public:
  // `on_error` is told when a reader can read no further; the others go on.
  using OnError = std::function<void(size_t reader, const absl::Status& status)>;
  MergedReader(std::vector<std::unique_ptr<EventReader>> readers, OnError on_error);

  // False at the end of all. The event borrows from its reader until the next call.
  bool Next(Event* event);
  const EventReader& reader(size_t i) const { return *inputs_[i].reader; }

 private:
  struct Input {
    std::unique_ptr<EventReader> reader;
    Event next;
  };
  bool After(size_t a, size_t b) const;
  void Refill(size_t input);

  std::vector<Input> inputs_;
  std::vector<size_t> heap_;  // inputs that have an event, the earliest on top
  OnError on_error_;
  size_t taken_ = SIZE_MAX;  // the input whose event was handed out
};

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_MERGE_H_
