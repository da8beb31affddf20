// Syslog: RFC 3164, RFC 5424, and the files that syslog daemons write; CEF and LEEF within.
#ifndef VEDETTE_IO_SYSLOG_H_
#define VEDETTE_IO_SYSLOG_H_

#include <memory>
#include <string>

#include "vedette/io/bytes.h"
#include "vedette/io/text.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

// Each record is looked at by itself: forms may be mixed. Records end with a line end, or are
// preceded by their length (RFC 6587). Plain, gzip, zstd. `name` becomes the source of the events'
// references. Field names, times and damage: docs/readers.md.
std::unique_ptr<EventReader> NewSyslogReader(std::string name, ByteSource bytes,
                                             TextOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_SYSLOG_H_
