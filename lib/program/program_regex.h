// A regular expression of a program, compiled when it is first needed.
#ifndef VEDETTE_LIB_PROGRAM_PROGRAM_REGEX_H_
#define VEDETTE_LIB_PROGRAM_PROGRAM_REGEX_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "re2/re2.h"

namespace vedette::inline v0 {

// Thread-safe.
class ProgramRegex {
 public:
  // One that is compiled, and ok.
  explicit ProgramRegex(std::unique_ptr<const RE2> compiled);
  // One that will compile with these options: RE2 has parsed it, and BoundOf it fits FitsWithin.
  ProgramRegex(std::string pattern, const RE2::Options& options);
  ProgramRegex(const ProgramRegex&) = delete;
  ProgramRegex& operator=(const ProgramRegex&) = delete;

  const std::string& pattern() const { return pattern_; }
  const RE2::Options& options() const { return options_; }

  // Compiles it if need be.
  operator const RE2&() const {  // NOLINT: stands for what it holds
    const RE2* const ready = ready_.load(std::memory_order_acquire);
    return ready != nullptr ? *ready : Compile();
  }
  bool compiled() const { return ready_.load(std::memory_order_relaxed) != nullptr; }
  // Of what is compiled.
  size_t memory_bytes() const;

  // Bytes that compiling takes.
  static int64_t BytesOf(const RE2& regex);
  // At least as much for any pattern that parses, without compiling it; kNoBound where only that
  // would tell.
  static int64_t BoundOf(std::string_view pattern);
  static constexpr int64_t kNoBound = INT64_MAX;
  // Whether RE2 certainly compiles what is so bounded within its `max_mem`.
  static bool FitsWithin(int64_t bound, int64_t max_mem);

 private:
  const RE2& Compile() const;

  const std::string pattern_;
  const RE2::Options options_;
  mutable std::mutex compiling_;
  mutable std::unique_ptr<const RE2> compiled_;
  mutable std::atomic<const RE2*> ready_{nullptr};  // *compiled_
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_PROGRAM_REGEX_H_
