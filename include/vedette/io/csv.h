// Comma-separated values (RFC 4180) under a line of names.
#ifndef VEDETTE_IO_CSV_H_
#define VEDETTE_IO_CSV_H_

#include <memory>
#include <string>
#include <vector>

#include "vedette/io/bytes.h"
#include "vedette/io/text.h"
#include "vedette/sink.h"

namespace vedette::inline v0 {

struct CsvOptions {
  TextOptions text;
  // 0: the one of `,` `;` tab `|` that the first line has most of.
  char delimiter = 0;
  // Names of the columns; if empty, they stand in the first line.
  std::vector<std::string> names;
};

// Plain, gzip, zstd. `name` becomes the source of the events' references. Damage: docs/readers.md.
std::unique_ptr<EventReader> NewCsvReader(std::string name, ByteSource bytes,
                                          CsvOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_CSV_H_
