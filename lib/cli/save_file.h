// Writing files as a whole.
#ifndef VEDETTE_LIB_CLI_SAVE_FILE_H_
#define VEDETTE_LIB_CLI_SAVE_FILE_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace vedette::inline v0::cli {

// Takes bytes for the file, in order.
using FileWriter = std::function<absl::Status(std::string_view bytes)>;

// Writes what `write` gives to a file beside `path`, and then puts that in its place: a crash, or
// an error of `write`, leaves the old one.
absl::Status SaveFile(const std::string& path,
                      const std::function<absl::Status(const FileWriter&)>& write);
absl::Status SaveFile(const std::string& path, std::string_view bytes);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_SAVE_FILE_H_
