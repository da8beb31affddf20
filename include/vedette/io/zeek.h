// Zeek's own log files: tab-separated values under `#fields` and `#types`.
#ifndef VEDETTE_IO_ZEEK_H_
#define VEDETTE_IO_ZEEK_H_

#include <memory>
#include <string>

#include "vedette/io/bytes.h"
#include "vedette/io/text.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

// Gives the events that Zeek's JSON would have, with `_path` from `#path`. Several logs may follow
// one another. Plain, gzip, zstd. `name` becomes the source of the events' references. Types and
// damage: docs/readers.md.
std::unique_ptr<EventReader> NewZeekReader(std::string name, ByteSource bytes,
                                           TextOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_ZEEK_H_
