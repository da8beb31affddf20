// CEF (ArcSight) and LEEF (QRadar) records, one a line.
#ifndef VEDETTE_IO_CEF_H_
#define VEDETTE_IO_CEF_H_

#include <memory>
#include <string>

#include "vedette/io/bytes.h"
#include "vedette/io/text.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

// Reads lines `CEF:0|..` and `LEEF:1.0|..`, `LEEF:2.0|..`, in any mixture; those with a syslog
// header are read by NewSyslogReader. Plain, gzip, zstd. `name` becomes the source of the events'
// references. Field names and damage: docs/readers.md.
std::unique_ptr<EventReader> NewCefReader(std::string name, ByteSource bytes,
                                          TextOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_CEF_H_
