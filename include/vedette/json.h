// JSON events.
#ifndef VEDETTE_JSON_H_
#define VEDETTE_JSON_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "vedette/event.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

struct JsonOptions {
  size_t max_bytes = size_t{64} << 20;  // of one event; larger ones are ResourceExhausted
  size_t max_depth = 64;                // objects and arrays further down read as null
  size_t max_values = 1000000;          // keys and array elements of one event
  // Keep only what this program's rules read, and what tells the event's log source, shape and
  // time; other members are checked and skipped. Null, or a program that searches whole events,
  // keeps everything. Whether an event is taken does not depend on it. Must outlive the parser.
  const Program* only_fields_of = nullptr;
  // Overrides shape detection.
  std::optional<EventShape> shape;
};

// Parses one JSON object at a time into an Event. Strict JSON (RFC 8259), but nothing that a
// program under attack may have written hides an event: bytes that are no UTF-8 and halves of
// surrogate pairs become U+FFFD. Reuses its memory (no allocation once warmed up).
// Thread-compatible: one per thread.
class JsonParser {
 public:
  explicit JsonParser(JsonOptions options = {});
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;
  JsonParser& operator=(JsonParser&&) noexcept;

  // `text` is one JSON object. InvalidArgument (not JSON, not an object, trailing text) or
  // ResourceExhausted (a limit). The event owns its data: `text` need not outlive it, except for
  // event->raw(), which is a view of `text`. Of duplicate keys the first counts.
  absl::Status Parse(std::string_view text, Event* event);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_JSON_H_
