// The C interface, eighth part: streams of events in other formats than JSON lines. docs/readers.md
// says what each becomes. base.h says what holds for every function.
#ifndef VEDETTE_C_READER_H_
#define VEDETTE_C_READER_H_

#include "vedette/c/base.h"
#include "vedette/c/event.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vedette_reader_options {
  uint32_t struct_size;
  int32_t shape;          // VEDETTE_SHAPE_*; -1: told from each event
  vedette_string format;  // "json", "syslog", "cef", "leef", "logfmt", "auditd", "zeek", "csv" or
                          // "evtx"; "": told from the first bytes
  vedette_string name;    // of the stream; what ends in .csv or .tsv is seen as a table by less
  uint64_t max_record_bytes;  // of text formats; 16 MiB. JSON: the processor's max_event_bytes
  uint64_t max_fields;        // of an event of text formats; 10,000
  uint32_t csv_delimiter;     // a byte; 0: told from the first line
  uint32_t reserved;
  // UTC seconds since 1970 of a wall clock that reads so many seconds after 1970, for times without
  // a zone. NULL: they are UTC.
  int64_t (*utc_of)(int64_t wall_seconds, void* user);
  void* user;  // must live as long as the reader
} vedette_reader_options;
VEDETTE_API void vedette_reader_options_init(vedette_reader_options* options, size_t size);

// One stream, plain, gzip or zstd, that the host hands over in pieces cut anywhere. Keeps what it
// needs of them. One thread at a time; a call from within a callback of one that reads from it
// gives VEDETTE_BUSY.
typedef struct vedette_reader vedette_reader;
// `options` may be NULL. INVALID_ARGUMENT for an unknown format.
VEDETTE_API vedette_status vedette_reader_new(const vedette_reader_options* options,
                                              vedette_reader** reader, vedette_error** error);
// Nothing within a callback of a call that reads from it.
VEDETTE_API void vedette_reader_free(vedette_reader* reader);

// What has become of the stream since its beginning.
typedef struct vedette_reader_stats {
  uint32_t struct_size;
  uint32_t ended;  // 1: nothing more can be read
  uint64_t events;
  uint64_t bytes;       // unpacked, of records that are done
  uint64_t broken;      // records that are no event
  uint64_t oversized;   // records beyond the limits
  uint64_t blank;       // lines without a record
  uint64_t incomplete;  // events of which a part was damaged or is missing
  uint64_t damaged;     // blocks with a wrong checksum or end (EVTX)
  uint64_t pending;     // bytes that a call which was stopped has left for the next
} vedette_reader_stats;
VEDETTE_API vedette_status vedette_reader_get_stats(vedette_reader* reader,
                                                    vedette_reader_stats* stats,
                                                    vedette_error** error);

#ifdef __cplusplus
}
#endif

#endif  // VEDETTE_C_READER_H_
