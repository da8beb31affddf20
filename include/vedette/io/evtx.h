// Windows event log files (.evtx).
#ifndef VEDETTE_IO_EVTX_H_
#define VEDETTE_IO_EVTX_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "vedette/event.h"
#include "vedette/io/bytes.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

struct EvtxOptions {
  // Of one event, whose record has at most 64 KiB: but a template may repeat a value.
  size_t max_values = 20000;
  size_t max_bytes = size_t{1} << 20;
  // Overrides kWindowsEvtx.
  std::optional<EventShape> shape;
  // Called for each record that was skipped, and for each damaged or missing chunk, with the number
  // of the record (that of the chunk, from 1, if it is the chunk) and the reason.
  std::function<void(uint64_t number, std::string_view reason)> on_broken;
};

// Gives {"Event":{"System":{..},"EventData":{..}}} for each record. The reference's line is the
// record's number. Reads in one pass, holding one chunk (64 KiB); of a file that is damaged, cut
// off or not closed all records that are whole. Also within gzip and zstd. Damage: docs/readers.md.
std::unique_ptr<EventReader> NewEvtxReader(std::string name, ByteSource bytes,
                                           EvtxOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_EVTX_H_
