// Event files and streams of any format that the library reads.
#ifndef VEDETTE_IO_EVENTS_H_
#define VEDETTE_IO_EVENTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "vedette/io/bytes.h"
#include "vedette/io/text.h"
#include "vedette/json.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

enum class EventFormat : uint8_t {
  kJson,    // vedette/io/jsonl.h
  kSyslog,  // vedette/io/syslog.h
  kCef,     // vedette/io/cef.h, also LEEF
  kLogfmt,  // vedette/io/logfmt.h
  kAuditd,  // vedette/io/auditd.h
  kZeek,    // vedette/io/zeek.h; Zeek's JSON is kJson
  kCsv,     // vedette/io/csv.h
  kEvtx,    // vedette/io/evtx.h
};
std::string_view EventFormatName(EventFormat format);
// By its name in lower case (`leef` is kCef, too); nothing if there is none.
std::optional<EventFormat> EventFormatByName(std::string_view name);

struct EventReaderOptions {
  // Detected from the first bytes, if not said.
  std::optional<EventFormat> format;
  JsonOptions json;
  // Its `shape` and `on_broken` are for every format.
  TextOptions text;
  char csv_delimiter = 0;  // as CsvOptions::delimiter
};

// The format of a stream, plain and in UTF-8, that begins with `head`: told by marks that the
// format always has, and kJson if there are none. Nothing as long as more bytes are needed, which
// is never if `at_end`: `head` is all there is, or all that is to be looked at. A `name` that ends
// in .csv or .tsv lets tables be seen by less.
std::optional<EventFormat> DetectEventFormat(std::string_view head, bool at_end,
                                             std::string_view name = {});

// Reads events from `bytes`, plain, gzip or zstd; looks at them with the first call of Next. `name`
// becomes the source of the events' references.
std::unique_ptr<EventReader> NewEventReader(std::string name, ByteSource bytes,
                                            EventReaderOptions options = {});
// Opens a file, or standard input for "-". Errors are those of OpenByteFile.
absl::StatusOr<std::unique_ptr<EventReader>> OpenEventFile(const std::string& path,
                                                           EventReaderOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_EVENTS_H_
