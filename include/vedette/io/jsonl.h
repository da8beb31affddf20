// Streams and files of JSON events: NDJSON, concatenated objects, JSON arrays; plain, gzip, zstd.
#ifndef VEDETTE_IO_JSONL_H_
#define VEDETTE_IO_JSONL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "vedette/io/bytes.h"
#include "vedette/json.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

struct JsonlOptions {
  JsonOptions json;
  // Called for each record that was skipped, with its 1-based line and the reason.
  std::function<void(uint64_t line, std::string_view reason)> on_broken;
};

// Reads events from `bytes`. The form (one object a line, objects over several lines, one array of
// objects, {"Records":[..]} as CloudTrail writes) and the compression are detected from the first
// bytes. `name` becomes the source of the events' references. Memory is bounded by the largest
// event. A record that is not valid JSON is skipped up to the next line.
std::unique_ptr<EventReader> NewJsonlReader(std::string name, ByteSource bytes,
                                            JsonlOptions options = {});
// Opens a file, or standard input for "-". NotFound or PermissionDenied if it cannot be opened.
absl::StatusOr<std::unique_ptr<EventReader>> OpenJsonlFile(const std::string& path,
                                                           JsonlOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_JSONL_H_
