// logfmt: lines of `key=value key="quoted value"`.
#ifndef VEDETTE_IO_LOGFMT_H_
#define VEDETTE_IO_LOGFMT_H_

#include <memory>
#include <string>

#include "vedette/io/bytes.h"
#include "vedette/io/text.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

// Plain, gzip, zstd. `name` becomes the source of the events' references. Damage: docs/readers.md.
std::unique_ptr<EventReader> NewLogfmtReader(std::string name, ByteSource bytes,
                                             TextOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_LOGFMT_H_
