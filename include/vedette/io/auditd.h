// Records of the Linux audit daemon, those of one event joined.
#ifndef VEDETTE_IO_AUDITD_H_
#define VEDETTE_IO_AUDITD_H_

#include <memory>
#include <string>

#include "vedette/io/bytes.h"
#include "vedette/io/text.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

// Reads lines `type=SYSCALL msg=audit(1789000000.123:42): ..`, raw or enriched. Records with one
// number (and node) become one event; `options.max_bytes` bounds that event, too. At most 64 events
// are open at a time. Plain, gzip, zstd. `name` becomes the source of the events' references; the
// line is that of the first record. Field names and damage: docs/readers.md.
std::unique_ptr<EventReader> NewAuditdReader(std::string name, ByteSource bytes,
                                             TextOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_AUDITD_H_
