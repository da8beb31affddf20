// Programs as bytes: compiled in one place, run in others that link no parser.
#ifndef VEDETTE_SAVED_PROGRAM_H_
#define VEDETTE_SAVED_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "vedette/function.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

// The form that this version writes. A library reads every form of its major number: of a later
// minor one it passes over the sections that it does not know.
inline constexpr uint16_t kSavedProgramMajor = 2;
inline constexpr uint16_t kSavedProgramMinor = 0;

// The program as bytes that LoadProgram reads on any machine: the same bytes for the same rules,
// sources and log source table. Functions and aggregates of the host are saved by name, not by what
// they do.
std::string SaveProgram(const Program& program);

// The program that was saved: equal fingerprints, detections and explanations. `functions` holds,
// spelled as they were when it was saved, the host functions and aggregates that rules may call;
// it need not outlive the call.
//
// `bytes` may come from anywhere: every number, index and length is checked, and whatever they say,
// loading takes time linear in them and memory of at most a few dozen times their size. `bytes` are
// not needed after the call, and may be a mapped file. Regular expressions are parsed now, so that
// one which this RE2 does not know is an error. Those that certainly can be compiled later, in at
// most 64 MiB, are compiled when an event first needs them, by one thread; the others now, in at
// most 64 MiB. The checksum finds accidents; it does not prove where the bytes are from. Errors
// name what is wrong:
//   InvalidArgument     no saved program, or one that contradicts itself
//   DataLoss            cut off, or the checksum does not fit
//   FailedPrecondition  of another major form; a rule calls what the host lacks, or what takes
//                       another number of arguments
//   ResourceExhausted   regular expressions beyond 64 MiB; a log source table with more than 65,000
//                       values, 65,536 renamings and settings, or 2^24 prefixes times values
// Conditions nested deeper than 256 levels are refused, too.
absl::StatusOr<std::shared_ptr<const Program>> LoadProgram(
    std::string_view bytes, const FunctionRegistry* functions = nullptr);

}  // namespace vedette::inline v0

#endif  // VEDETTE_SAVED_PROGRAM_H_
