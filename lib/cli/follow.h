// Reading a file while it grows.
#ifndef VEDETTE_LIB_CLI_FOLLOW_H_
#define VEDETTE_LIB_CLI_FOLLOW_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "vedette/io/bytes.h"

namespace vedette::inline v0::cli {

// The bytes of the file from its beginning, and those that are appended, as they come. When its
// name stands for another file (rotation) the old one is read to its end and then the new one; when
// it became shorter (truncation) it is read from its beginning. A line that was left unfinished
// then is ended. `before_wait` is called before each pause. The source ends when the user
// interrupts. InvalidArgument for EVTX, which is written in place; else errors of opening the file.
absl::StatusOr<ByteSource> FollowFile(const std::string& path, std::function<void()> before_wait);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_FOLLOW_H_
