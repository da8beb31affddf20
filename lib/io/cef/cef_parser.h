// One CEF or LEEF record into fields.
#ifndef VEDETTE_LIB_IO_CEF_CEF_PARSER_H_
#define VEDETTE_LIB_IO_CEF_CEF_PARSER_H_

#include <string_view>

#include "lib/io/common/line_reader.h"
#include "lib/io/common/record.h"

namespace vedette::inline v0 {

// Whether `text` begins as a record does: `CEF:` or `LEEF:` and a digit.
bool StartsCef(std::string_view text);

// Adds the fields of the record `text` to `fields`; the event's time, if the record has one, goes
// to
// `*time`. What they point at is in `arena`.
ParseOutcome ParseCef(std::string_view text, const TextOptions& options, ValueArena* arena,
                      RecordFields* fields, EventTime* time);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_CEF_CEF_PARSER_H_
