// Command-line options of the sub-commands: one table per command gives the parser and the help.
#ifndef VEDETTE_LIB_CLI_OPTIONS_H_
#define VEDETTE_LIB_CLI_OPTIONS_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace vedette::inline v0::cli {

enum class OptionKind : uint8_t {
  kFlag,    // takes no value
  kValue,   // takes one value; the last one counts
  kRepeat,  // takes one value each time it is given
  kWords,   // takes every word up to the next option
};

struct OptionSpec {
  std::string_view name;  // without the dashes
  char letter;            // short form; 0 for none
  OptionKind kind;
  std::string_view value_name;  // how the help calls the value
  std::string_view help;
  std::string_view choices = {};  // the only values allowed, joined by '|'
};

// Of every command that may print in colours.
inline constexpr OptionSpec kColorOption = {"color",
                                            0,
                                            OptionKind::kValue,
                                            "WHEN",
                                            "auto, always or never. NO_COLOR is respected.",
                                            "auto|always|never"};

struct CommandSpec {
  std::string_view name;       // "detect"; "rules list"
  std::string_view arguments;  // of the usage line: "PATH..."
  std::string_view summary;    // one line
  std::string_view description;
  std::string_view examples;  // one a line
  std::vector<OptionSpec> options;
  size_t max_arguments = 0;
};

// What was given. Value type.
class Options {
 public:
  bool Has(std::string_view name) const { return values_.contains(name); }
  // The last value of the option, or `fallback`.
  std::string_view Value(std::string_view name, std::string_view fallback = {}) const;
  // All values of the option, in order.
  const std::vector<std::string>& Values(std::string_view name) const;
  // All values, each cut at its commas, without empty parts.
  std::vector<std::string> SplitValues(std::string_view name) const;
  // The value as a whole number; `fallback` if not given, InvalidArgument if it is none.
  absl::StatusOr<uint64_t> Number(std::string_view name, uint64_t fallback) const;
  // The value as a duration in nanoseconds: a number and ns, us, ms, s, m, h, d or w.
  absl::StatusOr<int64_t> Duration(std::string_view name, int64_t fallback) const;
  // The value in bytes: a number, or one with K, M or G (powers of 1,024).
  absl::StatusOr<uint64_t> Bytes(std::string_view name, uint64_t fallback) const;
  // Words that belong to no option.
  const std::vector<std::string>& arguments() const { return arguments_; }

 private:
  friend class OptionParser;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> arguments_;
};

// Understands `--name value`, `--name=value`, `-x value`, `-xvalue` and `--` (no options after it).
// `--help` and `-h` are known to every command. InvalidArgument for anything else, with the nearest
// name as a suggestion.
absl::StatusOr<Options> ParseOptions(const CommandSpec& command,
                                     std::span<const std::string> words);

// The page that `--help` prints.
std::string HelpText(const CommandSpec& command, size_t width);

// The name nearest to `word` if it is near enough to be a slip of the fingers, else empty.
std::string ClosestName(std::string_view word, std::span<const std::string_view> names);
// " (did you mean 'x'?)", or nothing.
std::string DidYouMean(std::string_view word, std::span<const std::string_view> names);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_OPTIONS_H_
