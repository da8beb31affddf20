// Where readers of events get their bytes from.
#ifndef VEDETTE_IO_BYTES_H_
#define VEDETTE_IO_BYTES_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace vedette::inline v0 {

// Pulls bytes: fills up to `size` bytes at `buffer` and returns how many, 0 at the end. Called by
// one reader, on its thread. Unavailable: there is nothing more for now. Then the reader's Next
// returns Unavailable, too, loses nothing, and goes on where it was when it is called again.
using ByteSource = std::function<absl::StatusOr<size_t>(char* buffer, size_t size)>;

// The bytes of a file, or of standard input for "-". NotFound or PermissionDenied if it cannot be
// opened, InvalidArgument if it is a directory. The file is closed with the last copy of the
// source.
absl::StatusOr<ByteSource> OpenByteFile(const std::string& path);

}  // namespace vedette::inline v0

#endif  // VEDETTE_IO_BYTES_H_
